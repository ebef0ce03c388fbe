//! Connections that can be cut all at once. The Socket.IO library keeps WebSockets in tasks of its own and has no way to
//! end those that never connected or were refused; their transport has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::super::net::{Acceptor, Stream};

/// How long to wait when the system has no more files to give.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// Accepts connections until it is dropped.
pub(super) struct Gate {
    acceptor: Acceptor,
    cut: watch::Receiver<bool>,
}

impl Gate {
    /// A gate whose connections end when `cut` becomes true or its sender is dropped.
    pub(super) fn new(acceptor: Acceptor, cut: watch::Receiver<bool>) -> Self {
        Self { acceptor, cut }
    }
}

impl Listener for Gate {
    type Io = Passage;
    type Addr = ();

    async fn accept(&mut self) -> (Passage, ()) {
        loop {
            match self.acceptor.accept().await {
                Ok(stream) => return (Passage::new(stream, &self.cut), ()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(_) => tokio::time::sleep(OUT_OF_FILES).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

type Cut = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection that ends when the gate is cut: for its reader as if the peer had gone, for its writer with an error.
pub(super) struct Passage {
    stream: Stream,
    source: watch::Receiver<bool>,
    /// Reader and writer are two tasks, so each has a wait of its own; the writer only while it is held up.
    reading: Cut,
    writing: Option<Cut>,
    is_cut: bool,
}

impl Passage {
    fn new(stream: Stream, source: &watch::Receiver<bool>) -> Self {
        Self { stream, source: source.clone(), reading: cut(source), writing: None, is_cut: false }
    }

    /// What a write came to: when it is held up, the cut ends it.
    fn held_up<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.writing = None;
            return result;
        }
        let source = &self.source;
        let wait = self.writing.get_or_insert_with(|| cut(source));
        if wait.as_mut().poll(cx).is_ready() {
            self.is_cut = true;
            self.writing = None;
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Poll::Pending
    }
}

fn cut(source: &watch::Receiver<bool>) -> Cut {
    let mut source = source.clone();
    Box::pin(async move {
        // A sender that is gone cuts as well.
        source.wait_for(|cut| *cut).await.ok();
    })
}

impl AsyncRead for Passage {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_cut {
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_pending() && this.reading.as_mut().poll(cx).is_ready() {
            this.is_cut = true;
            return Poll::Ready(Ok(()));
        }
        read
    }
}

impl AsyncWrite for Passage {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.held_up(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.held_up(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
