//! The reference hub as a server: Socket.IO and the control API on one port.
//!
//! - `machine`: the state machine behind one lock, its clock, its sockets and askers.
//! - `sockets`: socketioxide on one side, the machine on the other, with notes on what the library does by itself.
//! - `control`: the control API over HTTP.
//! - `gate`: connections that can be cut all at once.
//! - [`echo`]: a server that only echoes, on the same library.

mod control;
pub mod echo;
mod gate;
mod machine;
mod sockets;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use socketioxide::SocketIo;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use self::gate::Gate;
use self::machine::Machine;
use super::listen::{ServeError, listen};
use super::net::{Acceptor, Dialer, pipes};
use crate::contract::control::{BASE_PATH, Reply, Request};
use crate::hub::{HubConfig, LogLine};
use crate::stage::ServerManners;

/// Takes the hub's log lines, one by one and in order. The hub waits for it: it should not take long, and must not come
/// back to the [`HubServer`].
pub type Log = Arc<dyn Fn(&LogLine) + Send + Sync>;

/// How long an orderly stop waits for clients to take their goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How a hub is served.
#[derive(Clone)]
pub struct ServeOptions {
    /// Where to listen; port 0 for one that is free.
    pub listen: SocketAddr,
    /// What control requests have to carry as `Authorization: Bearer …`; needed on any address but loopback.
    pub control_token: Option<String>,
    /// The time zero of request ids, in milliseconds since 1970; `None` for the wall clock's.
    pub epoch_ms: Option<u64>,
    /// Timers of the Socket.IO side.
    pub manners: ServerManners,
    /// Where log lines go.
    pub log: Log,
}

impl Default for ServeOptions {
    /// Loopback on a free port, without a token, log lines dropped.
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            control_token: None,
            epoch_ms: None,
            manners: ServerManners::default(),
            log: Arc::new(|_| ()),
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("listen", &self.listen)
            .field("control_token", &self.control_token.as_ref().map(|_| "…"))
            .field("epoch_ms", &self.epoch_ms)
            .field("manners", &self.manners)
            .finish_non_exhaustive()
    }
}

/// A hub that is being served. Dropping it ends it at once; [`shutdown`](Self::shutdown) ends it in order.
pub struct HubServer {
    address: SocketAddr,
    machine: Arc<Machine>,
    stopped: watch::Receiver<bool>,
    cut: watch::Sender<bool>,
    tasks: [AbortHandle; 2],
}

impl fmt::Debug for HubServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl HubServer {
    /// Starts to serve. Needs a tokio runtime; the address can be connected to when this returns. The time zero of
    /// request ids is that of `options`, not that of `config`.
    ///
    /// # Errors
    /// [`ServeError`] if the address cannot be had, or is open to other machines and no token is set.
    pub fn start(mut config: HubConfig, options: ServeOptions) -> Result<Self, ServeError> {
        let wanted = options.listen;
        if options.control_token.is_none() && !wanted.ip().is_loopback() {
            return Err(ServeError::TokenNeeded(wanted));
        }
        let listener = listen(wanted)?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address: wanted, error })?;
        config.epoch_ms = options.epoch_ms.unwrap_or_else(wall_clock_ms);
        Ok(Self::serve(config, options, address, Acceptor::Tcp(listener)))
    }

    /// Serves a hub that has no port: only the dialer reaches it. The time zero of request ids is that of `config`.
    pub(super) fn piped(config: HubConfig, manners: ServerManners, log: Log) -> (Self, Dialer) {
        let (dialer, acceptor) = pipes();
        let options = ServeOptions { manners, log, ..ServeOptions::default() };
        let nowhere = options.listen;
        (Self::serve(config, options, nowhere, acceptor), dialer)
    }

    fn serve(config: HubConfig, options: ServeOptions, address: SocketAddr, acceptor: Acceptor) -> Self {
        let ServeOptions { control_token: token, manners, log, .. } = options;
        let max_bytes = config.max_bytes;
        let manners = manners.with_flaws(&config.flaws);
        let machine = Arc::new(Machine::new(config, log));
        let (layer, io) = sockets::layer(&machine, &manners, max_bytes);
        let router = control::router(Arc::clone(&machine), token, manners).layer(layer).layer(sockets::for_any_page());
        let cut = watch::Sender::new(false);
        let (done, stopped) = watch::channel(false);
        let clock = Arc::clone(&machine);
        let clock = tokio::spawn(async move { clock.keep_time().await });
        let serving = serve(acceptor, router, io, machine.stopping(), cut.clone(), done);
        let tasks = [clock.abort_handle(), tokio::spawn(serving).abort_handle()];
        Self { address, machine, stopped, cut, tasks }
    }

    /// Where it listens; port 0 if it has none.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that Socket.IO clients connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base address of the control API.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("{}{BASE_PATH}", self.url())
    }

    /// Asks as the control API does, but without HTTP: the reply, `None` if the server was dropped before it. Dropping the
    /// future cancels the call (TIME-8).
    pub async fn ask(&self, request: Request) -> Option<Reply> {
        self.machine.ask(request).await
    }

    /// Waits until the hub has stopped in order, by [`shutdown`](Self::shutdown) or by the control API.
    pub async fn stopped(&self) {
        // The sender is gone only when it has stopped.
        self.stopped.clone().wait_for(|stopped| *stopped).await.ok();
    }

    /// Stops in order (LIFE-9): calls in flight fail, sockets are closed, nobody is accepted any more. Harmless if it has
    /// stopped already.
    pub async fn shutdown(&self) {
        if !*self.machine.stopping().borrow() {
            self.ask(Request::Shutdown).await;
        }
        self.stopped().await;
    }
}

impl Drop for HubServer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        self.cut.send_replace(true);
        self.machine.forget();
    }
}

/// Serves until the hub shuts down, then takes leave of everybody, and says when that is done.
async fn serve(
    acceptor: Acceptor,
    router: axum::Router,
    io: SocketIo,
    stopping: watch::Receiver<bool>,
    cut: watch::Sender<bool>,
    done: watch::Sender<bool>,
) {
    let until_stopping = |mut stopping: watch::Receiver<bool>| async move {
        stopping.wait_for(|stopping| *stopping).await.ok();
    };
    let gate = Gate::new(acceptor, cut.subscribe());
    let serving = axum::serve(gate, router).with_graceful_shutdown(until_stopping(stopping.clone()));
    let closing = async {
        until_stopping(stopping.clone()).await;
        io.close().await;
    };
    let overtime = async {
        until_stopping(stopping.clone()).await;
        tokio::time::sleep(GOODBYE).await;
    };
    tokio::select! {
        _ = async { tokio::join!(serving.into_future(), closing) } => {}
        () = overtime => {}
    }
    // Sockets that the library no longer counts, and clients that do not take their goodbye.
    cut.send_replace(true);
    done.send_replace(true);
}

fn wall_clock_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}
