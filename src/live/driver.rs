//! The stage's driver for live runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::address::{BadAddress, Base};
use super::control_client::ControlClient;
use super::hub_server::{HubServer, ServeOptions};
use super::listen::ServeError;
use super::marketplace::{MarketClient, VintedServer};
use super::monitor::Monitor;
use super::plugin_client::{Endpoint, Order, SOCKET_IO_PATH, orders};
use super::tasks::Tasks;
use crate::contract::control::Request;
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::event::{Facts, SocketId};
use crate::hub::HubConfig;
use crate::stage::driver::NextOccurrence;
use crate::stage::{AskNo, Driver, Effect, FetchNo, Occurrence, Setting};
use crate::vinted::Vinted;

/// How late something may be and still count as in time, with a hub in this process.
pub const OWN_TOLERANCE: Duration = Duration::from_millis(250);

/// The same with a target elsewhere.
pub const REMOTE_TOLERANCE: Duration = Duration::from_millis(500);

/// How long to wait for what has to come, with a hub in this process.
pub const OWN_PATIENCE: Duration = Duration::from_secs(5);

/// The same with a target elsewhere.
pub const REMOTE_PATIENCE: Duration = Duration::from_secs(10);

/// A target elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// Where its Socket.IO server is: `http://host:port`, with a path if it is not at the root.
    pub url: String,
    /// The path of Socket.IO below that, `/socket.io/` if `None`.
    pub socket_io_path: Option<String>,
    /// Base address of its control API.
    pub control: String,
    /// What its control API wants as `Authorization: Bearer …`, if anything.
    pub token: Option<String>,
    /// Real seconds for a documented second that the harness chose.
    pub scale: f64,
    /// The seed of what plugins draw.
    pub seed: u64,
}

/// Real sockets and the wall clock. Needs a tokio runtime for as long as it lives; dropping it ends everything that it
/// started.
#[derive(Debug)]
pub struct LiveDriver {
    setting: Setting,
    start: Instant,
    monitor: Arc<Monitor>,
    tasks: Tasks,
    told: UnboundedSender<Occurrence>,
    occurrences: UnboundedReceiver<Occurrence>,
    endpoint: Endpoint,
    /// What takes the frames of each open socket.
    sockets: BTreeMap<SocketId, UnboundedSender<Order>>,
    control: Arc<ControlClient>,
    asks: BTreeMap<AskNo, AbortHandle>,
    market: Arc<Market>,
    /// The hub of this run, if it has one of its own.
    hub: Option<HubServer>,
}

/// The marketplace of a run: served when it is first asked, since most runs never do.
#[derive(Debug, Default)]
struct Market {
    model: Arc<Mutex<Vinted>>,
    served: OnceCell<(VintedServer, MarketClient)>,
}

impl LiveDriver {
    /// A driver with a hub of its own on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`ServeError`] if the system has no port to give.
    pub fn own_hub(config: HubConfig, scale: f64) -> Result<Self, ServeError> {
        let seed = config.seed;
        let hub = HubServer::start(config, ServeOptions::default())?;
        let facts = Facts { scale, tolerance: OWN_TOLERANCE, grace: Duration::ZERO };
        let setting = Setting { facts, patience: OWN_PATIENCE, seed };
        let base = Base::at(hub.address());
        let control = base.below(crate::contract::control::BASE_PATH);
        let mut driver = Self::new(setting, base, SOCKET_IO_PATH, control, None);
        driver.hub = Some(hub);
        Ok(driver)
    }

    /// A driver for a target elsewhere. Whether it is there shows when it is first asked.
    ///
    /// # Errors
    /// [`BadAddress`] if an address is none.
    pub fn remote(remote: Remote) -> Result<Self, BadAddress> {
        let facts = Facts { scale: remote.scale, tolerance: REMOTE_TOLERANCE, grace: Duration::ZERO };
        let setting = Setting { facts, patience: REMOTE_PATIENCE, seed: remote.seed };
        let path = remote.socket_io_path.as_deref().unwrap_or(SOCKET_IO_PATH);
        Ok(Self::new(setting, remote.url.parse()?, path, remote.control.parse()?, remote.token))
    }

    /// The hub of this run, if it has one of its own.
    #[must_use]
    pub fn hub(&self) -> Option<&HubServer> {
        self.hub.as_ref()
    }

    fn new(setting: Setting, base: Base, path: &str, control: Base, token: Option<String>) -> Self {
        let start = Instant::now();
        let tasks = Tasks::default();
        let monitor = Arc::new(Monitor::new(start));
        let watching = Arc::clone(&monitor);
        tasks.spawn(async move { watching.watch().await });
        let (told, occurrences) = unbounded_channel();
        // Before patience ends, so that the reason is known by then.
        let connect_within = setting.patience.mul_f64(0.8);
        Self {
            setting,
            start,
            monitor,
            told,
            occurrences,
            endpoint: Endpoint::new(base, path, connect_within),
            sockets: BTreeMap::new(),
            control: Arc::new(ControlClient::new(control, token, connect_within, tasks.clone())),
            asks: BTreeMap::new(),
            market: Arc::default(),
            tasks,
            hub: None,
        }
    }

    fn open(&mut self, socket: SocketId) {
        let (sender, orders) = orders();
        self.sockets.insert(socket, sender);
        let run = self.endpoint.clone().run(socket, orders, self.told.clone());
        self.tasks.spawn(run);
    }

    fn ask(&mut self, ask: AskNo, request: Request) {
        let (control, told) = (Arc::clone(&self.control), self.told.clone());
        let task = self.tasks.spawn(async move {
            let reply = control.ask(&request).await;
            told.send(Occurrence::Replied(ask, reply)).ok();
        });
        self.asks.insert(ask, task);
    }

    fn fetch(&self, fetch: FetchNo, request: MarketRequest) {
        let (market, tasks, told) = (Arc::clone(&self.market), self.tasks.clone(), self.told.clone());
        self.tasks.spawn(async move {
            let response = market.ask(&request, tasks).await;
            told.send(Occurrence::Fetched(fetch, response)).ok();
        });
    }

    /// Lets go of what has ended.
    fn note(&mut self, occurrence: &Occurrence) {
        match occurrence {
            Occurrence::Closed(socket) | Occurrence::Unreachable(socket, _) => {
                self.sockets.remove(socket);
            }
            Occurrence::Replied(ask, _) => {
                self.asks.remove(ask);
            }
            _ => {}
        }
    }
}

impl Market {
    async fn ask(&self, request: &MarketRequest, tasks: Tasks) -> Option<MarketResponse> {
        let serve = || async {
            let server = VintedServer::start(Arc::clone(&self.model)).await?;
            let client = MarketClient::new(Base::at(server.address()), tasks);
            Ok::<_, ServeError>((server, client))
        };
        let (_, client) = self.served.get_or_try_init(serve).await.ok()?;
        client.ask(request).await
    }
}

impl Driver for LiveDriver {
    fn setting(&self) -> Setting {
        self.setting
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open(socket) => self.open(socket),
            Effect::Transmit(socket, frame) => {
                if let Some(orders) = self.sockets.get(&socket) {
                    // A socket that has just ended takes none; its end is on its way.
                    orders.send(Order::Send(frame)).ok();
                }
            }
            Effect::Reset(socket) => {
                if let Some(orders) = self.sockets.remove(&socket) {
                    orders.send(Order::Reset).ok();
                }
            }
            Effect::Freeze(socket) => {
                if let Some(orders) = self.sockets.get(&socket) {
                    orders.send(Order::Freeze).ok();
                }
            }
            Effect::Close(socket) => {
                self.sockets.remove(&socket);
            }
            Effect::Ask(ask, request) => self.ask(ask, request),
            Effect::GiveUp(ask) => {
                if let Some(task) = self.asks.remove(&ask) {
                    task.abort();
                }
            }
            Effect::Fetch(fetch, request) => self.fetch(fetch, request),
        }
    }

    fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
        Box::pin(async move {
            let overdue = until <= self.now();
            let deadline = self.start + until;
            tokio::select! {
                biased;
                // The driver holds a sender, so the channel never ends.
                Some(occurrence) = self.occurrences.recv() => {
                    self.note(&occurrence);
                    occurrence
                }
                () = sleep_until(deadline) => {
                    if !overdue {
                        self.monitor.happened(until);
                    }
                    Occurrence::Reached
                }
            }
        })
    }

    fn lateness(&self, since: Duration) -> Duration {
        self.monitor.since(since)
    }

    fn stock(&mut self, shop: u64, listings: usize) {
        let mut model = self.market.model.lock().unwrap_or_else(PoisonError::into_inner);
        model.wardrobes.stock(shop, listings);
    }
}

impl Drop for LiveDriver {
    fn drop(&mut self) {
        self.tasks.end();
    }
}
