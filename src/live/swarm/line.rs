//! One TCP connection that never waits: what the system does not take is kept, and what is not whole yet as well.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, ipproto, socket_with, sockopt};

/// A connection, and what is on its way in either direction. Both buffers are empty while nothing is, and hold no memory then.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) stream: TcpStream,
    unsent: Vec<u8>,
    unread: Vec<u8>,
}

impl Line {
    /// Begins to connect, from this address of the machine if one is named.
    pub(super) fn connect(to: SocketAddr, from: Option<IpAddr>) -> io::Result<Self> {
        let stream = match from {
            None => TcpStream::connect(to)?,
            Some(from) => connect_from(from, to)?,
        };
        Ok(Self { stream, unsent: Vec::new(), unread: Vec::new() })
    }

    /// Whether the connection is there; `false` while it is under way. One that is there sends at once what it is given.
    pub(super) fn is_open(&self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                // A connection that cannot have it is slower, and works.
                self.stream.set_nodelay(true).ok();
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends, or keeps what cannot be sent now: whether all of it has gone to the system.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.flush();
        }
        let mut sent = 0;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.unsent.extend_from_slice(rest);
                    return Ok(false);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Keeps this for when the connection is there.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    /// Sends what was kept: whether all of it has gone to the system.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        if self.unsent.is_empty() {
            return Ok(true);
        }
        let kept = std::mem::take(&mut self.unsent);
        self.send(&kept)
    }

    /// Reads into the front of `room`: how much; nothing if there is nothing now. 0 is the end.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.stream.read(room) {
                Ok(count) => return Ok(Some(count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What was read before and was not whole, with this behind it; nothing if there was nothing.
    pub(super) fn joined(&mut self, fresh: &[u8]) -> Option<Vec<u8>> {
        if self.unread.is_empty() {
            return None;
        }
        let mut all = std::mem::take(&mut self.unread);
        all.extend_from_slice(fresh);
        Some(all)
    }

    /// Keeps what is not whole yet.
    pub(super) fn put_back(&mut self, rest: &[u8]) {
        self.unread.extend_from_slice(rest);
    }

    /// As [`Line::put_back`], for what [`Line::joined`] gave, of which the first `used` bytes are done with.
    pub(super) fn put_back_joined(&mut self, mut all: Vec<u8>, used: usize) {
        if used < all.len() {
            all.drain(..used);
            self.unread = all;
        }
    }

    /// What was read and is not whole.
    pub(super) fn has_rest(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Lets the connection be reset when it is dropped, instead of ended in order.
    pub(super) fn reset(&self) {
        // A connection that is gone already has nothing to reset.
        sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO)).ok();
    }

    /// Says to the other side that nothing more comes.
    pub(super) fn hang_up(&self) {
        self.stream.shutdown(Shutdown::Write).ok();
    }

    /// Gives the system less room for what comes in, so that a slow reader holds its sender up.
    pub(super) fn narrow(&self, bytes: usize) {
        sockopt::set_socket_recv_buffer_size(&self.stream, bytes).ok();
    }
}

/// Begins to connect from an address of the machine; the system chooses the port.
fn connect_from(from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    bind(&socket, &SocketAddr::new(from, 0))?;
    match connect(&socket, &to) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(TcpStream::from_std(socket.into()))
}
