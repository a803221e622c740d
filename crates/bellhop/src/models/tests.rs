//! Fetching from a small local server that is good, breaks off, is wrong, or has nothing.

use super::fetch::FetchError;
use super::{Fetcher, Source};
use http::StatusCode;
use speech::{Catalogue, CataloguedModel};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// SHA-256 of `abcdefghij`.
const SHA256: &str = "72399361da6a7754fec986dca5b7cbaf1c810a28ded4abaf56b2106d06cb78b0";
const CONTENT: &str = "abcdefghij";

/// Answers the first request with the first answer, and so on; the last one again and again.
/// What was asked is kept.
async fn server(answers: Vec<String>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let number = {
                let mut kept = kept.lock().expect("kept");
                kept.push(String::from_utf8_lossy(&head).into_owned());
                kept.len() - 1
            };
            let answer = &answers[number.min(answers.len() - 1)];
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, asked)
}

/// An answer that claims so many bytes, whatever its body has.
fn answer(status: &str, length: usize, more: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n{body}"
    )
}

fn whole() -> String {
    answer("200 OK", CONTENT.len(), "", CONTENT)
}

fn model(address: SocketAddr) -> CataloguedModel {
    let text = format!(
        "[[model]]\nname = \"m\"\nengine = \"sphinx\"\nlanguages = [\"en\"]\npurpose = \"p\"\n\
         licence = \"MIT\"\nbase = \"http://{address}/base/\"\n\
         [[model.file]]\nname = \"f\"\nbytes = 10\nsha256 = \"{SHA256}\"\n"
    );
    Catalogue::read(&text)
        .expect("a catalogue")
        .models
        .remove(0)
}

fn patient(source: Source) -> Fetcher {
    Fetcher::new(source).with_patience(Duration::from_secs(20), Duration::from_millis(1))
}

async fn fetched(answers: Vec<String>, models: &Path) -> (Result<bool, FetchError>, Vec<String>) {
    let (address, asked) = server(answers).await;
    let model = model(address);
    let outcome = patient(Source::Published)
        .fetch(&model, &model.files[0], models)
        .await;
    let asked = asked.lock().expect("asked").clone();
    (outcome, asked)
}

fn content(models: &Path) -> Option<String> {
    std::fs::read_to_string(models.join("m/f")).ok()
}

fn part(models: &Path) -> Option<String> {
    std::fs::read_to_string(models.join("m/f.part")).ok()
}

#[tokio::test]
async fn a_file_comes_once_and_is_not_asked_for_again() {
    let models = tempfile::tempdir().expect("a folder");
    let (outcome, asked) = fetched(vec![whole()], models.path()).await;
    assert!(outcome.expect("fetched"));
    assert!(asked[0].starts_with("GET /base/f HTTP/1.1"), "{}", asked[0]);
    assert_eq!(content(models.path()).as_deref(), Some(CONTENT));
    assert_eq!(part(models.path()), None);
    let (outcome, asked) = fetched(vec![whole()], models.path()).await;
    assert!(!outcome.expect("there"));
    assert!(asked.is_empty());
}

#[tokio::test]
async fn a_file_that_breaks_off_goes_on_where_it_ended() {
    let models = tempfile::tempdir().expect("a folder");
    let first = answer("200 OK", 10, "", "abcd");
    let rest = answer(
        "206 Partial Content",
        6,
        "Content-Range: bytes 4-9/10\r\n",
        "efghij",
    );
    let (outcome, asked) = fetched(vec![first, rest], models.path()).await;
    assert!(outcome.expect("fetched"));
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].to_lowercase().contains("range: bytes=4-"),
        "{}",
        asked[1]
    );
    assert_eq!(content(models.path()).as_deref(), Some(CONTENT));
}

#[tokio::test]
async fn what_an_earlier_run_left_is_gone_on_with_and_a_server_that_cannot_sends_all() {
    let models = tempfile::tempdir().expect("a folder");
    let gone = answer("404 Not Found", 0, "", "");
    let (outcome, _) = fetched(
        vec![answer("200 OK", 10, "", "abcdef"), gone],
        models.path(),
    )
    .await;
    assert!(matches!(
        outcome,
        Err(FetchError::Status {
            status: StatusCode::NOT_FOUND,
            ..
        })
    ));
    assert_eq!(part(models.path()).as_deref(), Some("abcdef"));
    assert_eq!(content(models.path()), None);
    let (outcome, asked) = fetched(vec![whole()], models.path()).await;
    assert!(outcome.expect("fetched"));
    assert!(asked[0].to_lowercase().contains("range: bytes=6-"));
    assert_eq!(content(models.path()).as_deref(), Some(CONTENT));
}

#[tokio::test]
async fn wrong_bytes_get_no_name_and_leave_nothing_behind() {
    let models = tempfile::tempdir().expect("a folder");
    let (outcome, _) = fetched(vec![answer("200 OK", 10, "", "abcdefghiX")], models.path()).await;
    assert!(
        matches!(outcome, Err(FetchError::Wrong { .. })),
        "{outcome:?}"
    );
    assert_eq!((content(models.path()), part(models.path())), (None, None));
    // A server without end is left at the first byte too many.
    let (outcome, _) = fetched(vec![answer("200 OK", 99, "", "abcdefghijk")], models.path()).await;
    let told = outcome.expect_err("too large").to_string();
    assert!(told.contains("larger"), "{told}");
}

#[tokio::test]
async fn a_good_file_stays_when_its_successor_does_not_come() {
    let models = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(models.path().join("m")).expect("made");
    std::fs::write(models.path().join("m/f"), "older").expect("written");
    let (outcome, _) = fetched(vec![answer("403 Forbidden", 0, "", "")], models.path()).await;
    assert!(outcome.is_err());
    assert_eq!(content(models.path()).as_deref(), Some("older"));
}

#[tokio::test]
async fn redirections_are_followed_but_not_for_ever() {
    let models = tempfile::tempdir().expect("a folder");
    let away = answer("302 Found", 0, "Location: /elsewhere?x=1\r\n", "");
    let (outcome, asked) = fetched(vec![away.clone(), whole()], models.path()).await;
    assert!(outcome.expect("fetched"));
    assert!(asked[1].starts_with("GET /elsewhere?x=1 "), "{}", asked[1]);
    let empty = tempfile::tempdir().expect("a folder");
    let (outcome, _) = fetched(vec![away], empty.path()).await;
    assert!(
        outcome
            .expect_err("no end")
            .to_string()
            .contains("on and on")
    );
}

#[tokio::test]
async fn a_mirror_and_a_folder_hold_the_files_by_model() {
    let models = tempfile::tempdir().expect("a folder");
    let (address, asked) = server(vec![whole()]).await;
    let model = model(address);
    let mirror = patient(Source::Mirror(format!("http://{address}/mirror/")));
    assert!(
        mirror
            .fetch(&model, &model.files[0], models.path())
            .await
            .expect("fetched")
    );
    assert!(asked.lock().expect("asked")[0].starts_with("GET /mirror/m/f "));
    let copy = tempfile::tempdir().expect("a folder");
    let folder = patient(Source::Folder(models.path().to_owned()));
    assert!(
        folder
            .fetch(&model, &model.files[0], copy.path())
            .await
            .expect("copied")
    );
    assert_eq!(content(copy.path()).as_deref(), Some(CONTENT));
    std::fs::write(models.path().join("m/f"), "wrong bytes").expect("written");
    let other = tempfile::tempdir().expect("a folder");
    assert!(
        folder
            .fetch(&model, &model.files[0], other.path())
            .await
            .is_err()
    );
    assert_eq!(content(other.path()), None);
}
