//! Where a swarm connects to: names looked up, and addresses tried, once.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::super::address::{BadAddress, Base};

/// Where a swarm connects to.
#[derive(Debug, Clone)]
pub struct Reach {
    pub(super) hub: SocketAddr,
    pub(super) request: Vec<u8>,
    pub(super) control: Option<Control>,
}

/// Where it asks.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) address: SocketAddr,
    pub(super) base: Base,
    pub(super) token: Option<String>,
}

/// Why there is nowhere to connect to.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// An address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// A header is none.
    #[error("header {0:?} cannot be sent: {1}")]
    Header(String, String),
    /// Nobody is there.
    #[error("cannot connect to {url}: {why}; is the target running there?")]
    Nobody {
        /// The address as it was given.
        url: String,
        /// In words.
        why: String,
    },
}

impl Reach {
    /// Looks the addresses up, and tries them: the hub's, the path of Socket.IO there with headers of the handshake, and that of
    /// the control API with its token. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn find(
        hub: &str,
        socket_path: &str,
        headers: &[(String, String)],
        control: Option<(&str, Option<&str>)>,
        within: Duration,
    ) -> Result<Self, Unreachable> {
        let base: Base = hub.parse()?;
        let path = format!("/{}/", socket_path.trim_matches('/')).replace("//", "/");
        let target = base.path_to(&format!("{path}?EIO=4&transport=websocket"));
        let mut request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
            base.authority()
        )
        .into_bytes();
        for (name, value) in headers {
            let wrong = |why: String| Unreachable::Header(name.clone(), why);
            let known = HeaderName::try_from(name).map_err(|error| wrong(error.to_string()))?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| wrong(error.to_string()))?;
            request.extend_from_slice(known.as_str().as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"Sec-WebSocket-Key: ");
        let address = tried(&base, hub, within).await?;
        let control = match control {
            None => None,
            Some((url, token)) => {
                let base: Base = url.parse()?;
                if let Some(token) = token {
                    let wrong = |error: hyper::header::InvalidHeaderValue| {
                        Unreachable::Header("authorization".to_owned(), error.to_string())
                    };
                    HeaderValue::from_str(token).map_err(wrong)?;
                }
                let address = tried(&base, url, within).await?;
                Some(Control { address, base, token: token.map(str::to_owned) })
            }
        };
        Ok(Self { hub: address, request, control })
    }

    /// Where plugins connect to.
    #[must_use]
    pub fn hub(&self) -> SocketAddr {
        self.hub
    }
}

/// The first address of a name that takes a connection.
async fn tried(base: &Base, url: &str, within: Duration) -> Result<SocketAddr, Unreachable> {
    let nobody = |why: String| Unreachable::Nobody { url: url.to_owned(), why };
    let addresses = timeout(within, lookup_host(base.destination())).await;
    let addresses = addresses.map_err(|_| nobody(format!("its name is not found within {within:?}")))?;
    let mut last = "the name has no address".to_owned();
    for address in addresses.map_err(|error| nobody(error.to_string()))? {
        match timeout(within, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(address),
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => last = format!("no answer within {within:?}"),
        }
    }
    Err(nobody(last))
}
