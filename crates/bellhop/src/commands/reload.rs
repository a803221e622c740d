//! `bellhop reload`: a running server reads its plans again.

use crate::config::Config;
use crate::serve::HttpClient;
use anyhow::{Context, bail};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// New prompts may have to be made before the plans are swapped.
const DEADLINE: Duration = Duration::from_secs(600);
/// Problems of this many bytes are shown at most.
const ANSWER_MAX: usize = 1 << 20;

/// Asks the server of this configuration; fails with the problems when it refuses.
pub fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::read(path)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (status, said) = runtime.block_on(ask(at_home(config.http.listen)))?;
    match status {
        StatusCode::OK => print!("{said}"),
        StatusCode::UNPROCESSABLE_ENTITY => {
            eprint!("refused, the plans of before go on:\n{said}");
            return Ok(ExitCode::FAILURE);
        }
        _ => bail!("the server answers {status}: {said}"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn ask(server: SocketAddr) -> anyhow::Result<(StatusCode, String)> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("http://{server}/reload"))
        .body(Full::new(Bytes::new()))?;
    let sent = HttpClient::new().send(request, DEADLINE, ANSWER_MAX).await;
    let reply = sent.map_err(|failure| anyhow::anyhow!("{failure:?}"));
    let reply = reply.with_context(|| {
        format!("no server answers at {server}, which is http.listen of the configuration")
    })?;
    Ok((
        reply.status,
        String::from_utf8_lossy(&reply.body).into_owned(),
    ))
}

/// Where a server that listens here is reached from this machine.
fn at_home(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_reached_over_loopback() {
        for (listen, home) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.7:9", "192.0.2.7:9"),
        ] {
            let listen = listen.parse().expect("an address");
            assert_eq!(at_home(listen).to_string(), home);
        }
    }
}
