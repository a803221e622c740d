//! A WebSocket connection, greeted.

use crate::address::{Address, Connector};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use http::uri::Scheme;
use http::{HeaderValue, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tower_service::Service;

/// A connection that was greeted.
pub type Socket = WebSocketStream<TokioIo<<Connector as Service<Uri>>::Response>>;

/// Why there is no connection. The words name the address at most.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GreetingError {
    /// Nobody answers there, or the way is broken.
    #[error("{0}")]
    Unreachable(String),
    /// A web server answers, with this status.
    #[error("the greeting is answered with status {0}")]
    Status(StatusCode),
    /// Whoever answers does not agree about the subprotocol.
    #[error("the service does not agree about the WebSocket subprotocol")]
    Subprotocol,
    /// Whoever answers speaks another protocol.
    #[error("what answers is no WebSocket service")]
    NotWebSocket,
}

/// Connects and greets. Messages of more than `message_max` bytes will break the connection.
///
/// There is no deadline here: the caller has one.
///
/// # Errors
/// Why there is no connection.
pub async fn connect(
    address: &Address,
    subprotocol: Option<&'static str>,
    message_max: usize,
) -> Result<Socket, GreetingError> {
    let mut connector = address.connector.clone();
    let stream = connector.call(as_http(&address.uri)).await;
    // The connector's words name the address and nothing else.
    let stream =
        stream.map_err(|error| GreetingError::Unreachable(format!("cannot connect: {error}")))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(message_max))
        .max_frame_size(Some(message_max))
        .read_buffer_size(4 * 1_024)
        .write_buffer_size(0);
    let request = request(address, subprotocol)?;
    let greeting =
        tokio_tungstenite::client_async_with_config(request, TokioIo::new(stream), Some(config));
    match greeting.await {
        Ok((socket, _)) => Ok(socket),
        Err(WsError::Http(response)) => Err(GreetingError::Status(response.status())),
        Err(WsError::Io(error)) => {
            Err(GreetingError::Unreachable(format!("cannot greet: {error}")))
        }
        Err(WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(
            SubProtocolError::NoSubProtocol
            | SubProtocolError::InvalidSubProtocol
            | SubProtocolError::ServerSentSubProtocolNoneRequested,
        ))) => Err(GreetingError::Subprotocol),
        Err(_) => Err(GreetingError::NotWebSocket),
    }
}

fn request(
    address: &Address,
    subprotocol: Option<&'static str>,
) -> Result<Request<()>, GreetingError> {
    let request = (&address.uri).into_client_request();
    let mut request = request.map_err(|_| GreetingError::Status(StatusCode::BAD_REQUEST))?;
    let headers = request.headers_mut();
    if let Some(value) = &address.authorization {
        headers.insert(AUTHORIZATION, value.clone());
    }
    if let Some(name) = subprotocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(name));
    }
    Ok(request)
}

/// The connector knows the schemes of HTTP alone.
fn as_http(uri: &Uri) -> Uri {
    let mut parts = uri.clone().into_parts();
    let is_secure = uri.scheme_str() == Some("wss");
    parts.scheme = Some(if is_secure {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    });
    Uri::from_parts(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector;
    use rustls::RootCertStore;
    use std::sync::Arc;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;

    /// Greets over TLS with a certificate of its own.
    async fn secure_service() -> (Uri, RootCertStore) {
        let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let signed = signed.expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(signed.cert.der().clone()).expect("a root");
        let key = signed
            .signing_key
            .serialize_der()
            .try_into()
            .expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], key);
        let acceptor = TlsAcceptor::from(Arc::new(config.expect("a server")));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let url = format!("wss://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _socket = tokio_tungstenite::accept_async(stream).await;
                    }
                });
            }
        });
        (url.parse().expect("a url"), roots)
    }

    #[tokio::test]
    async fn tls_is_spoken_with_whom_the_system_trusts_and_nobody_else() {
        let (uri, roots) = secure_service().await;
        let dial = async |trusted: RootCertStore| {
            let address = Address {
                uri: uri.clone(),
                authorization: None,
                connector: connector(trusted),
            };
            connect(&address, None, 1_024).await.map(drop)
        };
        assert_eq!(dial(roots).await, Ok(()));
        let refused = dial(RootCertStore::empty()).await.expect_err("a stranger");
        assert!(matches!(refused, GreetingError::Unreachable(_)));
    }

    #[tokio::test]
    async fn a_service_that_knows_no_subprotocol_says_so() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let url = format!("ws://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = tokio_tungstenite::accept_async(stream).await;
            }
        });
        let address = Address::new(&url, ["ws", "wss"], "", None).expect("an address");
        let outcome = connect(&address, Some("binary"), 1_024).await.map(drop);
        assert_eq!(outcome, Err(GreetingError::Subprotocol));
        assert_eq!(connect(&address, None, 1_024).await.map(drop), Ok(()));
    }
}
