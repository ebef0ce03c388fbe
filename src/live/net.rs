//! What connections are made of: TCP, or pipes in memory. Clients dial, a server accepts, and nothing above tells them apart.
//!
//! A clock that is paused jumps to the next timer whenever nothing else is to be done, also while bytes are on their way
//! through the system. Through a pipe they take no time, so a run over pipes can have such a clock.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::address::Base;

/// Bytes that a pipe holds in each direction before its writer has to wait.
const PIPE: usize = 64 << 10;

/// How a client gets a connection.
#[derive(Debug, Clone)]
pub(super) enum Dialer {
    /// To the address that is asked for.
    Tcp,
    /// To the one server at the other end, whatever the address.
    Pipes(UnboundedSender<DuplexStream>),
}

/// Where a server gets its connections from.
#[derive(Debug)]
pub(super) enum Acceptor {
    /// From a port.
    Tcp(TcpListener),
    /// From the dialers that belong to it.
    Pipes(UnboundedReceiver<DuplexStream>),
}

/// One end of a connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Pipe(DuplexStream),
}

/// A server's side and a clients' side that have each other and nobody else.
pub(super) fn pipes() -> (Dialer, Acceptor) {
    let (dialer, acceptor) = unbounded_channel();
    (Dialer::Pipes(dialer), Acceptor::Pipes(acceptor))
}

impl Dialer {
    /// Connects to a server.
    pub(super) async fn dial(&self, base: &Base) -> io::Result<Stream> {
        match self {
            Self::Tcp => {
                let stream = TcpStream::connect(base.destination()).await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Self::Pipes(server) => {
                let (ours, theirs) = duplex(PIPE);
                server.send(theirs).map_err(|_| io::ErrorKind::ConnectionRefused)?;
                Ok(Stream::Pipe(ours))
            }
        }
    }

    /// Whether everything that it reaches is in this process's memory.
    pub(super) fn is_in_memory(&self) -> bool {
        matches!(self, Self::Pipes(_))
    }
}

impl Acceptor {
    /// Waits for the next connection.
    pub(super) async fn accept(&mut self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // A connection that cannot have it is slower, and works.
                stream.set_nodelay(true).ok();
                Ok(Stream::Tcp(stream))
            }
            Self::Pipes(dialed) => match dialed.recv().await {
                Some(stream) => Ok(Stream::Pipe(stream)),
                // Nobody is left who could dial.
                None => std::future::pending().await,
            },
        }
    }
}

impl Stream {
    /// Lets the connection be reset when it is dropped, instead of ended in order. A pipe just ends.
    pub(super) fn set_zero_linger(&self) {
        if let Self::Tcp(stream) = self {
            // A connection that is gone already has nothing to reset.
            stream.set_zero_linger().ok();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Pipe(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Pipe(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Pipe(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Pipe(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Pipe(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Pipe(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
