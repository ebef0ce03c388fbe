//! Connections that can be cut all at once, and that take turns. The Socket.IO library keeps WebSockets in tasks of its own and
//! has no way to end those that never connected or were refused; their transport has. Nor does it keep one that sends without
//! pause from being read without pause: many small frames come with one read, so here it is bytes that are counted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::super::net::{Acceptor, Stream};

/// How long to wait when the system has no more files to give.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// Bytes that a connection may have read before the others have their turn.
const TURN: usize = 16 << 10;

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
    /// What it has read in its turn.
    taken: usize,
}

impl Passage {
    fn new(stream: Stream, source: &watch::Receiver<bool>) -> Self {
        Self { stream, source: source.clone(), reading: cut(source), writing: None, is_cut: false, taken: 0 }
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
        if this.taken >= TURN {
            this.taken = 0;
            this.is_cut = this.reading.as_mut().poll(cx).is_ready();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut (&mut this.stream).take(TURN as u64)).poll_read(cx, buf);
        let count = buf.filled().len() - before;
        // Who waits has no turn that could end.
        this.taken = if read.is_pending() { 0 } else { this.taken + count };
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

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::super::super::net::pipes;
    use super::*;
    use crate::live::address::Base;

    /// A passage and what its peer writes to.
    async fn passage(cut: &watch::Receiver<bool>) -> (Passage, Stream) {
        let (dialer, mut acceptor) = pipes();
        let base: Base = "http://127.0.0.1:1".parse().unwrap();
        let peer = dialer.dial(&base).await.unwrap();
        (Passage::new(acceptor.accept().await.unwrap(), cut), peer)
    }

    #[tokio::test]
    async fn a_connection_that_has_always_more_to_read_waits_after_its_turn() {
        let (_cut, source) = watch::channel(false);
        let (mut passage, mut peer) = passage(&source).await;
        let sent: Vec<u8> = (0..=250).cycle().take(3 * TURN).collect();
        peer.write_all(&sent).await.unwrap();
        let (mut got, mut turns) = (Vec::new(), Vec::new());
        let mut begun = 0;
        while got.len() < sent.len() {
            let mut buffer = vec![0; 1_000];
            let read = std::future::poll_fn(|cx| {
                let mut part = ReadBuf::new(&mut buffer);
                let read = Pin::new(&mut passage).poll_read(cx, &mut part);
                Poll::Ready(read.map(|read| read.map(|()| part.filled().len())))
            });
            match read.await {
                Poll::Ready(count) => got.extend_from_slice(&buffer[..count.unwrap()]),
                Poll::Pending => {
                    turns.push(got.len() - begun);
                    begun = got.len();
                    // It has asked to be polled again: nobody else would wake it.
                    tokio::task::yield_now().await;
                }
            }
        }
        assert_eq!(got, sent, "every byte came, in its order");
        assert_eq!(turns.len(), 2, "{turns:?}");
        assert!(turns.iter().all(|bytes| (TURN..TURN + 1_000).contains(bytes)), "{turns:?}");
    }

    #[tokio::test]
    async fn a_connection_that_waits_its_turn_comes_to_its_end() {
        let (cut, source) = watch::channel(false);
        let (mut passage, mut peer) = passage(&source).await;
        peer.write_all(&vec![7; 2 * TURN]).await.unwrap();
        drop(peer);
        let mut got = Vec::new();
        passage.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, vec![7; 2 * TURN]);
        drop(cut);
    }
}
