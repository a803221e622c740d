//! A `bellhop serve` of our own, on free loopback ports.

use crate::process::Group;
use crate::usage::Running;
use crate::workshop::Workshop;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to be ready: it may have prompts to synthesise.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How often it is asked.
const ASK: Duration = Duration::from_millis(100);
/// UDP ports for media, below those the system hands out by itself.
const MEDIA_PORTS: (u16, u16) = (20_000, 29_998);

/// Whether the server listens to callers or only answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ear {
    /// It understands speech.
    Open,
    /// It answers, speaks and records: enough for calls that say nothing.
    Deaf,
}

/// What a server is to do.
#[derive(Clone, Debug)]
pub struct Service {
    /// How it listens.
    pub ear: Ear,
    /// The folder of its plans.
    pub plans: PathBuf,
    /// The plan that answers every call no other row fits.
    pub plan: String,
    /// What stands in the configuration beside: agents, queues, rows of the route table.
    pub more: String,
}

impl Service {
    /// The demo's plan.
    pub fn front_desk(workshop: &Workshop, ear: Ear) -> Self {
        Self {
            ear,
            plans: workshop.root().join("dialplans"),
            plan: "front-desk".to_owned(),
            more: String::new(),
        }
    }
}

/// A running server; it ends with this.
#[derive(Debug)]
pub struct Server {
    group: Group,
    /// Where it takes calls.
    pub sip: SocketAddr,
    /// Where it serves HTTP.
    pub http: SocketAddr,
    /// Its archive.
    pub archive: PathBuf,
    /// What it logged.
    pub log: PathBuf,
}

impl Server {
    /// Starts a server that keeps everything in `folder`, and waits until it is ready.
    pub fn start(workshop: &Workshop, folder: &Path, service: &Service) -> Result<Self, String> {
        let (sip, http) = (free_udp()?, free_tcp()?);
        let config = folder.join("bellhop.toml");
        let log = folder.join("server.log");
        let problem = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::write(&config, settings(workshop, sip, http, service)).map_err(problem)?;
        let out = File::create(&log).map_err(problem)?;
        let errors = out.try_clone().map_err(problem)?;
        let mut command = workshop.program("bellhop");
        command.arg("serve").arg("--config").arg(&config);
        let group = Group::start_writing_to(&command, Stdio::from(out), Stdio::from(errors))?;
        let mut server = Self {
            group,
            sip,
            http,
            archive: folder.join("archive"),
            log,
        };
        server.wait_until_ready(http)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, http: SocketAddr) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            if let Some(status) = self.group.ended()? {
                return Err(self.with_log(&format!("the server ended with {status}")));
            }
            if is_ready(http) {
                return Ok(());
            }
            thread::sleep(ASK);
        }
        Err(self.with_log(&format!("the server was not ready within {READY_WITHIN:?}")))
    }

    /// The server as Linux sees it.
    pub fn running(&self) -> Result<Running, String> {
        Running::in_group(self.group.id(), "bellhop")
    }

    /// Has it drain and end; it must end well.
    pub fn stop(mut self) -> Result<(), String> {
        let status = self.group.stop()?;
        match status.success() {
            true => Ok(()),
            false => Err(self.with_log(&format!("the server ended with {status}"))),
        }
    }

    /// Returns when the server has ended by itself.
    pub fn wait(mut self) -> Result<(), String> {
        while self.group.ended()?.is_none() {
            thread::sleep(ASK);
        }
        Ok(())
    }

    fn with_log(&self, what: &str) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n  ");
        format!("{what}; {} ends:\n  {last}", self.log.display())
    }
}

/// Whether the server takes calls: it answers 200 on `/readyz`.
fn is_ready(http: SocketAddr) -> bool {
    let asked = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&http, ASK)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.1 200")
    };
    asked().unwrap_or(false)
}

/// A free address for SIP; somebody may take it before the server does, and then
/// the server says so.
pub fn free_udp() -> Result<SocketAddr, String> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|socket| socket.local_addr())
        .map_err(|error| format!("no UDP port on loopback: {error}"))
}

/// A free address for TCP; see [`free_udp`].
pub fn free_tcp() -> Result<SocketAddr, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| format!("no TCP port on loopback: {error}"))
}

fn settings(workshop: &Workshop, sip: SocketAddr, http: SocketAddr, service: &Service) -> String {
    let Service {
        ear,
        plans,
        plan,
        more,
    } = service;
    let recognizer = match ear {
        Ear::Open => "sphinx",
        Ear::Deaf => "none",
    };
    let mut models = vec![PathBuf::from("/usr/share/pocketsphinx/model")];
    let shared = workshop.shared().join("models");
    if shared.is_dir() {
        models.insert(0, shared);
    }
    let (first, last) = MEDIA_PORTS;
    format!(
        "[sip]\nlisten = \"{sip}\"\n\n\
         [http]\nlisten = \"{http}\"\n\n\
         [media]\nports = {{ first = {first}, last = {last} }}\n\n\
         [plans]\ndir = {plans:?}\n\n\
         [speech]\nrecognizer = \"{recognizer}\"\nmodels = {models:?}\n\n\
         [voice]\ncache = \"voice\"\n\n\
         [archive]\ndir = \"archive\"\n\n\
         [drain]\nlimit_s = 5\n\n\
         [[trunk]]\nname = \"local\"\nallow = [\"127.0.0.0/8\"]\ncalls = 400\n\n\
         {more}[[route]]\nplan = \"{plan}\"\n"
    )
}
