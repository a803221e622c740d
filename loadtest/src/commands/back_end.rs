//! `loadtest back-end`: serves the answers of a plan's `backend.yaml` over HTTP.

use super::Outcome;
use crate::back_end::{BackEnd, Reply};
use crate::cli::BackEndArgs;
use crate::report::tell;
use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// The longest line of a request's head, and the longest body.
const LINE_MAX: u64 = 8 * 1024;
const BODY_MAX: usize = 64 * 1024;
/// The most lines of a head.
const LINES_MAX: usize = 100;
/// So long a request may take to arrive.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// Listens until it is told to end.
pub async fn serve(args: &BackEndArgs) -> Outcome {
    let text = fs::read_to_string(&args.answers)
        .map_err(|error| format!("{}: {error}", args.answers.display()))?;
    let back_end = BackEnd::read(&text);
    let back_end = back_end.map_err(|error| format!("{}: {error}", args.answers.display()))?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| format!("{}: {error}", args.listen))?;
    tell(format_args!(
        "the back end listens on http://{}",
        listener.local_addr()?
    ));
    tokio::select! {
        () = answer_requests(listener, Arc::new(back_end)) => {}
        ended = tokio::signal::ctrl_c() => ended?,
    }
    Ok(true)
}

/// Takes one connection a request, for ever.
pub(super) async fn answer_requests(listener: TcpListener, back_end: Arc<BackEnd>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let back_end = Arc::clone(&back_end);
                tokio::spawn(async move {
                    // Who breaks off is no trouble of ours.
                    let _ = answer_one(stream, &back_end).await;
                });
            }
            // Out of file handles, say: the next may fare better.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer_one(mut stream: TcpStream, back_end: &BackEnd) -> io::Result<()> {
    let asked = timeout(REQUEST_WITHIN, read_request(&mut stream)).await??;
    let reply = back_end.answer(&asked.method, &asked.target, &asked.body);
    // The rule's own path: what callers gave stays out of what is printed.
    let rule = reply.rule.as_deref();
    let told = match reply.breaks_off {
        true => "not a word".to_owned(),
        false => reply.status.to_string(),
    };
    tell(format_args!(
        "            back end: {} {} → {told}",
        asked.method,
        rule.unwrap_or("(no rule of backend.yaml fits)"),
    ));
    sleep(reply.after).await;
    if reply.breaks_off {
        return stream.shutdown().await;
    }
    let Reply { status, body, .. } = reply;
    let answer = format!(
        "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

struct Asked {
    method: String,
    target: String,
    body: Vec<u8>,
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let first = read_line(&mut reader).await?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut length = 0;
    for _ in 0..LINES_MAX {
        let line = read_line(&mut reader).await?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value
                .trim()
                .parse()
                .map_err(|_| io::ErrorKind::InvalidData)?;
        }
    }
    if length > BODY_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    Ok(Asked {
        method: method.to_owned(),
        target: target.to_owned(),
        body,
    })
}

async fn read_line(reader: &mut BufReader<&mut TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    reader.take(LINE_MAX).read_line(&mut line).await?;
    match line.strip_suffix("\r\n") {
        Some(text) => Ok(text.to_owned()),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exchange(request: &[u8]) -> String {
        let rules = "- { post: \"/a/{b}\", when: { c: 1 }, answer: { d: \"{b}\" } }\n\
                     - { get: /gone, breaks_off: true }";
        let back_end = Arc::new(BackEnd::read(rules).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = tokio::spawn(answer_requests(listener, back_end));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).await.unwrap();
        service.abort();
        told
    }

    #[tokio::test]
    async fn a_request_is_answered_over_http() {
        let told =
            exchange(b"POST /a/x HTTP/1.1\r\nHost: y\r\ncontent-length: 7\r\n\r\n{\"c\":1}").await;
        assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
        assert!(told.ends_with("\r\n\r\n{\"d\":\"x\"}"), "{told}");
    }

    #[tokio::test]
    async fn what_is_no_request_and_what_breaks_off_get_no_answer() {
        for request in [
            &b"\x00\x01"[..],
            b"POST\r\n\r\n",
            b"POST /a/x HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            b"POST /a/x HTTP/1.1\r\nContent-Length: 7\r\n\r\n{",
            b"GET /gone HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(exchange(request).await, "");
        }
    }
}
