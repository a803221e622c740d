//! A machine that hears for others hears what it would hear for itself.
//!
//! Needs libpocketsphinx, and models and speech of `BELLHOP_SHARED` (default: `shared` beside the
//! project); where one is missing the test says so and passes.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::free_address;

fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BELLHOP_SHARED").map_or(beside, PathBuf::from);
    let is_there = shared.join("models/sphinx-en-8k").is_dir() && shared.join("speech").is_dir();
    if !is_there {
        eprintln!("SKIPPED 1 test: no shared/models/sphinx-en-8k or shared/speech");
    }
    is_there.then_some(shared)
}

struct EarServer(Child);

impl Drop for EarServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `bellhop ear-server` over the shared models; gives its address for clients.
fn ear_server(shared: &Path, folder: &Path) -> (EarServer, String) {
    let address = free_address();
    let models = shared.join("models");
    let config = format!("[speech]\nmodels = [\"{}\"]\n", models.display());
    std::fs::write(folder.join("bellhop.toml"), config).expect("written");
    let server = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["ear-server", "--token-env", "BELLHOP_EAR_KEY"])
        .args(["--listen", &address.to_string(), "--config"])
        .arg(folder.join("bellhop.toml"))
        .env("BELLHOP_EAR_KEY", "sesame")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).expect("a log"))
        .spawn();
    let server = EarServer(server.expect("the ear server starts"));
    let until = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(address).is_err() {
        assert!(Instant::now() < until, "the ear server does not listen");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    (server, format!("ws://{address}/"))
}

/// What `bellhop eval asr` counts as right among the digits.
fn right(shared: &Path, engine: &[&str]) -> String {
    let speech = shared.join("speech");
    let done = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["eval", "asr", "--corpus", "fsdd", "--manifest"])
        .arg(speech.join("manifest.csv"))
        .arg("--grammar")
        .arg(speech.join("grammar-en-digits.jsgf"))
        .arg("--models")
        .arg(shared.join("models"))
        .args(engine)
        .env("BELLHOP_EAR_KEY", "sesame")
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    let error = String::from_utf8_lossy(&done.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("right"));
    let line = line.unwrap_or_else(|| panic!("{told}{error}"));
    // What follows is time and processor.
    line.split(';').next().unwrap_or_default().to_owned()
}

#[test]
fn another_machine_hears_what_this_one_would() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, url) = ear_server(&shared, folder.path());
    let here = right(&shared, &[]);
    assert_eq!(
        right(&shared, &["--engine", "remote", "--remote", &url]),
        here
    );
}
