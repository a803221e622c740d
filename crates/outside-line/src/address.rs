//! Where a service is, and what opens its door.

use call_model::Private;
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Connects over TCP, with TLS where the scheme is `https`.
pub type Connector = HttpsConnector<HttpConnector>;

/// Where a service is, and what opens its door.
pub struct Address {
    /// The address as it was given.
    pub uri: Uri,
    /// Sent as `Authorization` with every request.
    pub authorization: Option<HeaderValue>,
    /// Makes its connections.
    pub connector: Connector,
}

/// Why an address cannot be used; the operator's to mend. It shows neither address nor key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// It is none that can be asked.
    #[error("{why}; give one that begins with {expected}")]
    Unusable {
        /// What is wrong with it.
        why: &'static str,
        /// How it may begin.
        expected: &'static str,
    },
    /// The key cannot be sent.
    #[error("the key holds characters that no HTTP header may have")]
    Key,
    /// TLS is wanted and nobody is trusted.
    #[error(
        "TLS is wanted, but this system trusts no certificate authority; install \
         ca-certificates, or name a file in SSL_CERT_FILE"
    )]
    NoRoots,
}

impl Address {
    /// Checks an address whose scheme is one of two: plain, or with TLS. The key is sent as a
    /// bearer token.
    ///
    /// # Errors
    /// What the operator has to mend.
    pub fn new(
        url: &str,
        [plain, secure]: [&str; 2],
        expected: &'static str,
        key: Option<&Private<String>>,
    ) -> Result<Self, AddressError> {
        let fault = |why| AddressError::Unusable { why, expected };
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

fn bearer(key: &Private<String>) -> Result<HeaderValue, AddressError> {
    let value = HeaderValue::try_from(format!("Bearer {}", key.reveal()));
    let mut value = value.map_err(|_| AddressError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Who the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
///
/// # Errors
/// [`AddressError::NoRoots`]: it trusts nobody.
pub fn system_roots() -> Result<RootCertStore, AddressError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(AddressError::NoRoots);
    }
    Ok(roots)
}

/// A connector that trusts these authorities.
pub fn connector(trusted: RootCertStore) -> Connector {
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
        let error = address.err().expect("an error");
        assert_eq!(error, AddressError::Key);
        assert!(!error.to_string().contains("cret"));
    }
}
