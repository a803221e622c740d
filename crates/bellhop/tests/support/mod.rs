//! The built server under test, and a caller made of two sockets.
#![allow(dead_code)] // each test file uses its part

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A server with a folder of its own.
pub struct Server {
    process: Child,
    pub folder: tempfile::TempDir,
    pub sip: SocketAddr,
    pub http: SocketAddr,
}

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

impl Server {
    /// Starts a server in a new folder.
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), "none")
    }

    /// Starts a server over what an earlier one left in a folder.
    pub fn start_in(folder: tempfile::TempDir, recognizer: &str) -> Self {
        let plans = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dialplans");
        Self::start_with(folder, recognizer, Path::new(plans), "front-desk", "")
    }

    /// Starts a server that answers every call with one plan; `more` is added to its
    /// configuration.
    pub fn start_with(
        folder: tempfile::TempDir,
        recognizer: &str,
        plans: &Path,
        plan: &str,
        more: &str,
    ) -> Self {
        let (sip, http) = (free_address(), free_tcp_address());
        let plans = plans.display();
        let first = 30_000 + sip.port() % 20_000;
        let config = format!(
            "[sip]\nlisten = \"{sip}\"\n[http]\nlisten = \"{http}\"\n\
             [media]\nports = {{ first = {first}, last = {last} }}\n\
             [plans]\ndir = \"{plans}\"\n[speech]\nrecognizer = \"{recognizer}\"\n\
             [voice]\ncache = \"{voice}\"\n[archive]\ndir = \"archive\"\n[drain]\nlimit_s = 1\n\
             [[trunk]]\nname = \"test\"\nallow = [\"127.0.0.0/8\"]\n\
             [[route]]\nplan = \"{plan}\"\n{more}",
            last = first + 200,
            voice = concat!(env!("CARGO_TARGET_TMPDIR"), "/voice"),
        );
        std::fs::write(folder.path().join("bellhop.toml"), config).expect("written");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let process = Command::new(env!("CARGO_BIN_EXE_bellhop"))
            .args(["serve", "--config"])
            .arg(folder.path().join("bellhop.toml"))
            .env("BELLHOP_LOG", "debug")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let server = Self {
            process,
            folder,
            sip,
            http,
        };
        server.wait_until("ready", || {
            server.get("/readyz").starts_with("HTTP/1.1 200")
        });
        server
    }

    /// Waits for something to become true; fails the test with the log if it does not.
    pub fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(
                began.elapsed() < PATIENCE,
                "never {what}; the log:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The whole answer to a GET; empty when nobody answers.
    pub fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        if let Ok(mut stream) = TcpStream::connect(self.http) {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            if stream.write_all(request.as_bytes()).is_ok() {
                let _ = stream.read_to_string(&mut answer);
            }
        }
        answer
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The nice values of the server's threads of this name (proc(5), `/proc/pid/stat`).
    pub fn nice_of(&self, thread: &str) -> Vec<i32> {
        let tasks = format!("/proc/{}/task", self.process.id());
        let mut nice = Vec::new();
        for task in std::fs::read_dir(tasks).expect("threads").flatten() {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            let (name, rest) = stat.rsplit_once(") ").unwrap_or_default();
            if name.ends_with(&format!("({thread}")) {
                let value: Option<i32> = rest.split(' ').nth(16).and_then(|it| it.parse().ok());
                nice.extend(value);
            }
        }
        nice
    }

    pub fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let pid = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .arg(pid)
                .status()
                .expect("kill")
                .success()
        );
    }

    /// SIGKILL; gives the folder back.
    pub fn kill(mut self) -> tempfile::TempDir {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
        std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"))
    }

    /// Waits for the server's end.
    pub fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a child") {
                return status;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "the server does not end:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn free_address() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address")
}

/// The same for TCP, whose ports are others.
fn free_tcp_address() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address")
}

/// Runs the program with these arguments; its output and status.
pub fn bellhop(arguments: &[&str], folder: &Path) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (said.into_owned(), output.status.success())
}

/// A caller made of two sockets.
pub struct Caller {
    sip: UdpSocket,
    rtp: UdpSocket,
    server: SocketAddr,
    media: SocketAddr,
    number: String,
    to: String,
    call_id: String,
    sent: u32,
}

impl Caller {
    /// Places a call from a number and acknowledges the answer.
    pub fn call(server: &Server, number: &str) -> Self {
        let (sip, rtp) = (local_socket(), local_socket());
        let call_id = format!("test-{}", rtp.local_addr().expect("an address").port());
        let mut caller = Self {
            sip,
            rtp,
            server: server.sip,
            media: server.sip,
            number: number.to_owned(),
            to: "<sip:front-desk@127.0.0.1>".to_owned(),
            call_id,
            sent: 0,
        };
        let port = caller.rtp.local_addr().expect("an address").port();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        );
        caller.send("INVITE", 1, &sdp);
        let answer = caller.answer();
        caller.to = header(&answer, "To: ").expect("a To").to_owned();
        let at = answer.find("m=audio ").expect("an answer in SDP") + "m=audio ".len();
        let media = answer[at..]
            .split(' ')
            .next()
            .and_then(|port| port.parse().ok());
        caller.media.set_port(media.expect("a port"));
        caller.send("ACK", 1, "");
        caller
    }

    /// Sends sound (a quiet hiss) and takes what comes for some time; the packets that came.
    pub fn stay(&mut self, time: Duration) -> usize {
        let began = Instant::now();
        let mut buffer = [0; 2_048];
        let mut heard = 0;
        while began.elapsed() < time {
            self.sent += 1;
            let mut packet = vec![0x80, 0];
            packet.extend(
                u16::try_from(self.sent & 0xffff)
                    .expect("masked")
                    .to_be_bytes(),
            );
            packet.extend((self.sent * 160).to_be_bytes());
            packet.extend(7_u32.to_be_bytes());
            packet.extend((0..160_u32).map(|i| {
                if (i * 7 + self.sent).is_multiple_of(3) {
                    0x7e
                } else {
                    0xfe
                }
            }));
            self.rtp.send_to(&packet, self.media).expect("sent");
            std::thread::sleep(Duration::from_millis(20));
            while self.rtp.recv_from(&mut buffer).is_ok() {
                heard += 1;
            }
        }
        heard
    }

    /// Sends one packet of a pure tone, and takes one packet if there is any: its sound.
    pub fn hum(&mut self, freq_hz: f64) -> Option<Vec<u8>> {
        self.sent += 1;
        let packet = rtp(0, self.sent, &tone(freq_hz, self.sent));
        self.rtp.send_to(&packet, self.media).expect("sent");
        sound(&self.rtp)
    }

    /// Says something, 8,000 samples a second, in real time.
    pub fn say(&mut self, samples: &[i16]) {
        let mut buffer = [0; 2_048];
        for part in samples.chunks_exact(160) {
            self.sent += 1;
            let codes: Vec<u8> = part
                .iter()
                .map(|it| dsp::g711::linear_to_ulaw(*it))
                .collect();
            let packet = rtp(0, self.sent, &codes);
            self.rtp.send_to(&packet, self.media).expect("sent");
            std::thread::sleep(Duration::from_millis(20));
            while self.rtp.recv_from(&mut buffer).is_ok() {}
        }
    }

    /// Presses a key: three packets of one telephone event, the last with its end (RFC 4733).
    pub fn press(&mut self, event: u8) {
        self.sent += 1;
        for (number, end) in [(0, 0), (1, 0x80), (2, 0x80)] {
            let mut packet = rtp(101, self.sent + number, &[event, 10 | end, 0x03, 0x20]);
            packet[4..8].copy_from_slice(&(self.sent * 160).to_be_bytes());
            self.rtp.send_to(&packet, self.media).expect("sent");
        }
        self.sent += 12;
    }

    /// Hangs up and waits for the answer.
    pub fn hang_up(self) {
        self.send("BYE", 2, "");
        assert!(self.answer().starts_with("SIP/2.0 200"));
    }

    /// Waits for the server's BYE and answers it.
    pub fn expect_bye(&self) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(request) = self.receive().filter(|text| text.starts_with("BYE")) {
                let mut ok = "SIP/2.0 200 OK\r\n".to_owned();
                for line in request.lines().skip(1).take_while(|line| !line.is_empty()) {
                    if ["Via", "From", "To", "Call-ID", "CSeq"]
                        .iter()
                        .any(|n| line.starts_with(n))
                    {
                        ok += &format!("{line}\r\n");
                    }
                }
                ok += "Content-Length: 0\r\n\r\n";
                self.sip.send_to(ok.as_bytes(), self.server).expect("sent");
                return;
            }
        }
        panic!("no BYE came");
    }

    fn send(&self, method: &str, cseq: u32, sdp: &str) {
        let local = self.sip.local_addr().expect("an address");
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let message = format!(
            "{method} sip:front-desk@{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {local};branch=z9hG4bK-{call}-{method};rport\r\n\
             From: <sip:{number}@127.0.0.1>;tag=caller\r\nTo: {to}\r\nCall-ID: {call}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:{number}@{local}>\r\nMax-Forwards: 70\r\n\
             {kind}Content-Length: {length}\r\n\r\n{sdp}",
            server = self.server,
            call = self.call_id,
            number = self.number,
            to = self.to,
            length = sdp.len(),
        );
        self.sip
            .send_to(message.as_bytes(), self.server)
            .expect("sent");
    }

    /// The next final response.
    fn answer(&self) -> String {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let text = self.receive().unwrap_or_default();
            if text.starts_with("SIP/2.0 ") && !text.starts_with("SIP/2.0 1") {
                return text;
            }
        }
        panic!("no answer came");
    }

    fn receive(&self) -> Option<String> {
        let mut buffer = [0; 8_192];
        self.sip
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a timeout");
        let (length, _) = self.sip.recv_from(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }
}

/// A person's telephone, made of two sockets.
pub struct Agent {
    sip: UdpSocket,
    rtp: UdpSocket,
    server: SocketAddr,
    media: SocketAddr,
    invite: String,
    sent: u32,
}

impl Agent {
    /// A telephone that nobody rings yet.
    pub fn new() -> Self {
        let (sip, rtp) = (local_socket(), local_socket());
        let nobody = rtp.local_addr().expect("an address");
        Self {
            sip,
            rtp,
            server: nobody,
            media: nobody,
            invite: String::new(),
            sent: 0,
        }
    }

    /// Where it is rung.
    pub fn address(&self) -> String {
        format!("sip:agent@{}", self.sip.local_addr().expect("an address"))
    }

    /// The INVITE or CANCEL that comes next, whatever comes before it.
    pub fn expect(&mut self, method: &str) -> String {
        let began = Instant::now();
        let mut buffer = [0; 8_192];
        let wait = Some(Duration::from_millis(200));
        self.sip.set_read_timeout(wait).expect("a timeout");
        while began.elapsed() < PATIENCE {
            let Ok((length, from)) = self.sip.recv_from(&mut buffer) else {
                continue;
            };
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(method) {
                self.server = from;
                if method == "INVITE" {
                    self.invite.clone_from(&text);
                    let at = text.find("m=audio ").expect("an offer") + "m=audio ".len();
                    let port = text[at..]
                        .split(' ')
                        .next()
                        .and_then(|port| port.parse().ok());
                    self.media = SocketAddr::new(from.ip(), port.expect("a port"));
                }
                return text;
            }
        }
        panic!("no {method} came");
    }

    /// Answers a request; `sdp` takes an offer.
    pub fn respond(&self, request: &str, status: &str, takes_offer: bool) {
        let local = self.sip.local_addr().expect("an address");
        let mut response = format!("SIP/2.0 {status}\r\n");
        for line in request.lines().skip(1).take_while(|line| !line.is_empty()) {
            if line.starts_with("To:") && !line.contains(";tag=") {
                response += &format!("{line};tag=agent\r\n");
            } else if ["Via:", "From:", "To:", "Call-ID:", "CSeq:"]
                .iter()
                .any(|name| line.starts_with(name))
            {
                response += &format!("{line}\r\n");
            }
        }
        let port = self.rtp.local_addr().expect("an address").port();
        let sdp = match takes_offer {
            true => format!(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                 m=audio {port} RTP/AVP 0\r\n"
            ),
            false => String::new(),
        };
        response += &format!("Contact: <sip:agent@{local}>\r\n");
        if takes_offer {
            response += "Content-Type: application/sdp\r\n";
        }
        response += &format!("Content-Length: {}\r\n\r\n{sdp}", sdp.len());
        let sent = self.sip.send_to(response.as_bytes(), self.server);
        sent.expect("sent");
    }

    /// Rings, and answers.
    pub fn answer(&mut self) -> String {
        let invite = self.expect("INVITE");
        self.respond(&invite, "180 Ringing", false);
        self.respond(&invite, "200 OK", true);
        self.expect("ACK");
        invite
    }

    /// Hangs up an answered call.
    pub fn hang_up(&self) {
        let header = |name: &str| header(&self.invite, name).expect("a header").to_owned();
        let local = self.sip.local_addr().expect("an address");
        let contact = header("Contact: ");
        let target = contact.trim_matches(['<', '>']);
        let bye = format!(
            "BYE {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK-agent-bye;rport\r\n\
             From: {to};tag=agent\r\nTo: {from}\r\nCall-ID: {call}\r\nCSeq: 1 BYE\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            to = header("To: "),
            from = header("From: "),
            call = header("Call-ID: "),
        );
        self.sip.send_to(bye.as_bytes(), self.server).expect("sent");
    }

    /// As [`Caller::hum`].
    pub fn hum(&mut self, freq_hz: f64) -> Option<Vec<u8>> {
        self.sent += 1;
        let packet = rtp(0, self.sent, &tone(freq_hz, self.sent));
        self.rtp.send_to(&packet, self.media).expect("sent");
        sound(&self.rtp)
    }
}

/// An RTP packet (RFC 3550 §5.1).
fn rtp(payload_type: u8, number: u32, payload: &[u8]) -> Vec<u8> {
    let sequence = u16::try_from(number & 0xffff).expect("masked");
    let mut packet = vec![0x80, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend((number * 160).to_be_bytes());
    packet.extend(7_u32.to_be_bytes());
    packet.extend(payload);
    packet
}

/// 20 ms of a tone in µ-law, the part of that number.
fn tone(freq_hz: f64, number: u32) -> Vec<u8> {
    (0..160_u32)
        .map(|i| {
            let seconds = f64::from(number * 160 + i) / 8_000.0;
            let level = 8_000.0 * (std::f64::consts::TAU * freq_hz * seconds).sin();
            dsp::g711::linear_to_ulaw(level as i16)
        })
        .collect()
}

/// The sound of the packet that waits, if one does.
fn sound(socket: &UdpSocket) -> Option<Vec<u8>> {
    let mut buffer = [0; 2_048];
    let (length, _) = socket.recv_from(&mut buffer).ok()?;
    buffer.get(12..length).map(<[u8]>::to_vec)
}

fn local_socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket
        .set_read_timeout(Some(Duration::from_millis(1)))
        .expect("a timeout");
    socket
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.lines().find_map(|line| line.strip_prefix(name))
}
