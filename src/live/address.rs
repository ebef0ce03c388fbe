//! What users name as a target.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use hyper::Uri;

/// The base address of a server: `http://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    host: String,
    port: u16,
    /// Without a slash at the end; empty for none.
    path: String,
}

/// An address that hubproof cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is no address at all.
    #[error("'{0}' is no address: write it as http://host:port or http://host:port/path")]
    Malformed(String),
    /// It needs TLS.
    #[error("'{0}' needs TLS, which this build of hubproof does not support: use the target's http:// address")]
    Tls(String),
    /// It has parts that a base address has not.
    #[error("'{0}' has a query or a user name, which a base address cannot have: write it as http://host:port/path")]
    Surplus(String),
}

impl FromStr for Base {
    type Err = BadAddress;

    /// Reads `http://…` or `ws://…`; the port is 80 if none is named.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let malformed = || BadAddress::Malformed(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| malformed())?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some("https" | "wss") => return Err(BadAddress::Tls(text.to_owned())),
            _ => return Err(malformed()),
        }
        let authority = uri.authority().ok_or_else(malformed)?;
        if uri.query().is_some() || authority.as_str().contains('@') {
            return Err(BadAddress::Surplus(text.to_owned()));
        }
        let host = authority.host();
        let named_port = authority.as_str().len() > host.len();
        let port = authority.port_u16().or((!named_port).then_some(80)).ok_or_else(malformed)?;
        if host.is_empty() {
            return Err(malformed());
        }
        Ok(Self { host: host.to_owned(), port, path: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Base {
    /// The server at this address, without a path.
    pub(super) fn at(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        Self { host, port: address.port(), path: String::new() }
    }

    /// The same server, further down. `path` begins with a slash.
    pub(super) fn below(&self, path: &str) -> Self {
        Self { path: self.path_to(path), ..self.clone() }
    }

    /// Host and port, as the `Host` header has them.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Host and port to connect to.
    pub(super) fn destination(&self) -> (&str, u16) {
        // An IPv6 address stands in brackets only where a port may follow.
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }

    /// The path of something below the base address. `below` begins with a slash.
    pub(super) fn path_to(&self, below: &str) -> String {
        format!("{}{below}", self.path)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown() {
        for (text, shown) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://localhost", "http://localhost:80"),
            ("ws://localhost:1/a/b/", "http://localhost:1/a/b"),
            ("http://[::1]:9/", "http://[::1]:9"),
        ] {
            assert_eq!(text.parse::<Base>().unwrap().to_string(), shown);
        }
        let six: Base = "http://[::1]:9".parse().unwrap();
        assert_eq!(six.destination(), ("::1", 9));
        assert_eq!(six.path_to("/x"), "/x");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_reason() {
        let error = |text: &str| text.parse::<Base>().unwrap_err();
        assert_eq!(error("https://hub.example"), BadAddress::Tls("https://hub.example".to_owned()));
        assert!(error("wss://hub.example").to_string().contains("TLS"));
        for text in ["", "localhost:8000", "ftp://a", "http://", "http://a:b", "http://a:99999"] {
            assert_eq!(error(text), BadAddress::Malformed(text.to_owned()), "{text}");
        }
        assert!(matches!(error("http://a/?x=1"), BadAddress::Surplus(_)));
        assert!(matches!(error("http://me:secret@a/"), BadAddress::Surplus(_)));
    }
}
