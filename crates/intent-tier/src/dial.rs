//! How a service is reached: TCP, with TLS over it where the address wants it.

use crate::tier::IntentTierError;
use call_model::Private;
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// Where a service is, and what opens its door.
pub(crate) struct Address {
    pub uri: Uri,
    pub authorization: Option<HeaderValue>,
    pub connector: Connector,
}

impl Address {
    /// Checks an address whose scheme is one of two: plain, or with TLS.
    pub fn new(
        url: &str,
        [plain, secure]: [&str; 2],
        expected: &'static str,
        key: Option<&Private<String>>,
    ) -> Result<Self, IntentTierError> {
        let fault = |why: &str| IntentTierError::Address {
            why: why.to_owned(),
            expected,
        };
        let uri: Uri = url.parse().map_err(|_| fault("it is no URL"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if uri.host().is_none_or(str::is_empty) {
            return Err(fault("it names no host"));
        }
        if scheme != plain && scheme != secure {
            return Err(fault("its scheme is not known here"));
        }
        let trusted = match scheme == secure {
            true => system_roots()?,
            false => RootCertStore::empty(),
        };
        Ok(Self {
            uri,
            authorization: key.map(bearer).transpose()?,
            connector: connector(trusted),
        })
    }
}

fn bearer(key: &Private<String>) -> Result<HeaderValue, IntentTierError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", key.reveal()))
        .map_err(|_| IntentTierError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Who the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
fn system_roots() -> Result<RootCertStore, IntentTierError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(IntentTierError::NoRoots);
    }
    Ok(roots)
}

fn connector(trusted: RootCertStore) -> Connector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the usual versions of TLS")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    // Pieces are small and each is waited for.
    tcp.set_nodelay(true);
    HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::IntentFailure;
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
            crate::line::connect(&address).await.map(drop)
        };
        assert_eq!(dial(roots).await, Ok(()));
        let refused = dial(RootCertStore::empty()).await.expect_err("a stranger");
        assert_eq!(refused.why, IntentFailure::Unreachable);
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_told_with_its_remedy() {
        let problem = |url: &str| {
            let error = Address::new(url, ["ws", "wss"], "ws:// or wss://", None).err();
            error.expect("an error").to_string()
        };
        for url in ["", "localhost:80 x", "http://localhost/", "ws://", "/path"] {
            assert!(problem(url).contains("ws:// or wss://"), "{url}");
        }
        assert!(problem("http://localhost/").contains("scheme"));
    }

    #[test]
    fn a_key_that_is_no_header_value_is_refused_without_showing_it() {
        let key = Private::new("se\ncret".to_owned());
        let address = Address::new("ws://localhost/", ["ws", "wss"], "", Some(&key));
        let error = address.err().expect("an error").to_string();
        assert!(error.contains("key_env") && !error.contains("cret"));
    }
}
