//! A relay in front of a hub: it sees which transports are used, counts pings, and can be shut as a network that fails.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A ping of Engine.IO in a WebSocket frame of a server: final, text, one byte, `2`.
const PING: &[u8] = &[0x81, 0x01, b'2'];

/// Longer than any request line of Socket.IO.
const LONGEST_LINE: usize = 2048;

/// A relay to one hub. It ends with this value.
#[derive(Debug)]
pub(crate) struct Tap {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    pings: watch::Receiver<usize>,
    shut: watch::Sender<bool>,
    listening: AbortHandle,
}

impl Tap {
    /// A relay to the hub at this address.
    pub(crate) async fn new(hub: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (counted, pings) = watch::channel(0);
        let shut = watch::Sender::new(false);
        let (seen, open, counted) = (Arc::clone(&requests), shut.subscribe(), Arc::new(counted));
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*open.borrow() {
                    tokio::spawn(relay(client, hub, Arc::clone(&seen), Arc::clone(&counted), open.clone()));
                }
            }
        });
        Self { address, requests, pings, shut, listening: listening.abort_handle() }
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The query strings of all requests for Socket.IO, in their order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("the requests").clone()
    }

    /// How many of them were for this transport.
    pub(crate) fn count(&self, transport: &str) -> usize {
        let parameter = format!("transport={transport}");
        self.requests().iter().filter(|query| query.split('&').any(|part| part == parameter)).count()
    }

    /// Waits until the hub has sent so many pings over WebSockets in all.
    pub(crate) async fn pinged(&mut self, times: usize) {
        self.pings.wait_for(|pings| *pings >= times).await.expect("a relay");
    }

    /// Breaks every connection off, and takes none any more.
    pub(crate) fn shut(&self) {
        self.shut.send_replace(true);
    }

    /// Takes connections again.
    pub(crate) fn open(&self) {
        self.shut.send_replace(false);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.listening.abort();
        self.shut();
    }
}

async fn relay(
    client: TcpStream,
    hub: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    pings: Arc<watch::Sender<usize>>,
    mut shut: watch::Receiver<bool>,
) {
    let Ok(hub) = TcpStream::connect(hub).await else { return };
    client.set_nodelay(true).ok();
    hub.set_nodelay(true).ok();
    let (client_reads, client_writes) = client.into_split();
    let (hub_reads, hub_writes) = hub.into_split();
    let mut line = Vec::new();
    let note = move |bytes: &[u8]| note_requests(&mut line, bytes, &requests);
    let mut last = Vec::new();
    let count = move |bytes: &[u8]| {
        last.extend_from_slice(bytes);
        let found = last.windows(PING.len()).filter(|window| *window == PING).count();
        last.drain(..last.len().saturating_sub(PING.len() - 1));
        pings.send_modify(|pings| *pings += found);
    };
    let both = async { tokio::join!(copy(client_reads, hub_writes, note), copy(hub_reads, client_writes, count)) };
    tokio::select! {
        _ = both => {}
        _ = shut.wait_for(|shut| *shut) => {}
    }
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut see: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut buffer).await {
        see(&buffer[..read]);
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}

/// Notes the query strings of requests; `line` is what may yet become one.
fn note_requests(line: &mut Vec<u8>, bytes: &[u8], requests: &Mutex<Vec<String>>) {
    line.extend_from_slice(bytes);
    let text = String::from_utf8_lossy(line).into_owned();
    let mut rest = text.as_str();
    while let Some((_, query)) = rest.split_once(" /socket.io/?") {
        let Some((query, after)) = query.split_once(" HTTP/1.1\r\n") else { break };
        requests.lock().expect("the requests").push(query.to_owned());
        rest = after;
    }
    let mut kept = rest.as_bytes().to_vec();
    kept.drain(..kept.len().saturating_sub(LONGEST_LINE));
    *line = kept;
}
