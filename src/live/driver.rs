//! The stage's driver for live runs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::address::{BadAddress, Base};
use super::control_client::ControlClient;
use super::hub_server::{HubServer, Log, ServeOptions};
use super::listen::ServeError;
use super::marketplace::{MarketClient, VintedOptions, VintedServer};
use super::monitor::Monitor;
use super::net::Dialer;
use super::plugin_client::{Endpoint, Order, SOCKET_IO_PATH, orders};
use super::started::TargetLog;
use super::tasks::Tasks;
use crate::contract::control::Request;
use crate::contract::marketplace::{Headers, MarketRequest, MarketResponse};
use crate::event::{Facts, SocketId, Stranger};
use crate::hub::{HubConfig, LogLevel, LogLine};
use crate::stage::driver::NextOccurrence;
use crate::stage::{AskNo, Driver, Effect, FetchNo, Occurrence, Pings, ServerManners, Setting, Trouble};
use crate::vinted::Vinted;

/// How late something may be and still count as in time, with a hub in this process.
pub const OWN_TOLERANCE: Duration = Duration::from_millis(250);

/// The same with a target elsewhere.
pub const REMOTE_TOLERANCE: Duration = Duration::from_millis(500);

/// The same with a hub in pipes, under a paused clock: timers are as precise as this.
pub const PIPES_TOLERANCE: Duration = Duration::from_millis(1);

/// How long to wait for what has to come, with a hub in this process.
pub const OWN_PATIENCE: Duration = Duration::from_secs(5);

/// The same with a target elsewhere.
pub const REMOTE_PATIENCE: Duration = Duration::from_secs(10);

/// How often the harness has its turn between the caller and its plugin, there and back: the caller's request, the plugin's
/// frame, its answer, and the reply.
const HOPS: u32 = 4;

/// Real seconds for a documented one of the built-in hub's pings, at the least: 25 and 20 seconds become 2.25 together.
const SHORTEST_PINGS: f64 = 0.05;

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

/// Plugins alone, at a hub elsewhere that somebody else drives.
#[derive(Debug, Clone, PartialEq)]
pub struct Alone {
    /// Where its Socket.IO server is: `http://host:port`, with a path if it is not at the root.
    pub url: String,
    /// The path of Socket.IO below that.
    pub socket_io_path: String,
    /// Headers of the WebSocket handshake, beside those that it needs.
    pub headers: Headers,
    /// Where the fake Vinted is that commands are carried out at, if there is one.
    pub vinted: Option<String>,
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
    /// Where plugins are alone there is none.
    control: Option<Arc<ControlClient>>,
    asks: BTreeMap<AskNo, AbortHandle>,
    market: Arc<Market>,
    /// The hub of this run and how it is set up, if it has one of its own.
    hub: Option<(HubServer, HubConfig)>,
    /// Whether the target was told to shut down.
    down: bool,
    /// Who begins the target anew after that, if somebody does: told by `true`.
    restarts: Option<Rc<Cell<bool>>>,
}

/// Where the target is and how it is reached.
struct Way<'a> {
    dialer: Dialer,
    base: Base,
    /// The path of Socket.IO below that.
    path: &'a str,
    headers: Headers,
    control: Option<(Base, Option<String>)>,
}

/// The marketplace of a run.
#[derive(Debug)]
struct Market {
    model: Arc<Mutex<Vinted>>,
    start: Instant,
    scale: f64,
    /// Whether the model is asked itself, and never served.
    in_memory: bool,
    /// One that is served elsewhere, which is asked instead.
    elsewhere: Option<MarketClient>,
    /// Served when it is first asked, since most runs never do.
    served: OnceCell<(VintedServer, MarketClient)>,
}

impl LiveDriver {
    /// A driver with a hub of its own on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`ServeError`] if the system has no port to give.
    pub fn own_hub(config: HubConfig, scale: f64) -> Result<Self, ServeError> {
        let seed = config.seed;
        let channel = unbounded_channel();
        let log = told_as_occurrence(&channel.0);
        let hub = HubServer::start(config.clone(), ServeOptions { log, ..ServeOptions::default() })?;
        let facts = Facts { scale, tolerance: OWN_TOLERANCE, grace: Duration::ZERO, log: true, limit: None };
        let setting = Setting { facts, patience: OWN_PATIENCE, seed, own_hub: true, may_shut_down: true };
        Ok(Self::with_hub(setting, (hub, config), Dialer::Tcp, channel))
    }

    /// A driver with a hub of its own that is reached through pipes in memory and has no port, for a runtime of one thread
    /// whose clock was paused when it began: the whole of both programs at the documented durations, without waiting for
    /// them. The marketplace is asked without HTTP, since its server knows no clock but the wall's. The same run gives the
    /// same events, times included.
    #[must_use]
    pub fn piped(config: HubConfig) -> Self {
        let channel = unbounded_channel();
        let seed = config.seed;
        let (hub, dialer) = HubServer::piped(config.clone(), ServerManners::default(), told_as_occurrence(&channel.0));
        let facts = Facts { scale: 1.0, tolerance: PIPES_TOLERANCE, grace: Duration::ZERO, log: true, limit: None };
        Self::with_hub(
            Setting { facts, patience: OWN_PATIENCE, seed, own_hub: true, may_shut_down: true },
            (hub, config),
            dialer,
            channel,
        )
    }

    fn with_hub(setting: Setting, (hub, config): (HubServer, HubConfig), dialer: Dialer, channel: Channel) -> Self {
        let mut driver = Self::new(setting, way_to(&hub, dialer), channel);
        driver.hub = Some((hub, config));
        driver.market.model().reseed(setting.seed);
        driver
    }

    /// A driver for a target elsewhere. Whether it is there shows when it is first asked.
    ///
    /// # Errors
    /// [`BadAddress`] if an address is none.
    pub fn remote(remote: Remote) -> Result<Self, BadAddress> {
        let facts =
            Facts { scale: remote.scale, tolerance: REMOTE_TOLERANCE, grace: Duration::ZERO, log: false, limit: None };
        let setting =
            Setting { facts, patience: REMOTE_PATIENCE, seed: remote.seed, own_hub: false, may_shut_down: false };
        let path = remote.socket_io_path.as_deref().unwrap_or(SOCKET_IO_PATH);
        let (base, control) = (remote.url.parse()?, remote.control.parse()?);
        let control = Some((control, remote.token));
        let way = Way { dialer: Dialer::Tcp, base, path, headers: Headers::new(), control };
        Ok(Self::new(setting, way, unbounded_channel()))
    }

    /// A driver for plugins alone, at full length. Whether their hub is there shows when they connect.
    ///
    /// # Errors
    /// [`BadAddress`] if an address is none.
    pub fn alone(alone: Alone) -> Result<Self, BadAddress> {
        let facts = Facts { scale: 1.0, tolerance: REMOTE_TOLERANCE, grace: Duration::ZERO, log: false, limit: None };
        let setting =
            Setting { facts, patience: REMOTE_PATIENCE, seed: alone.seed, own_hub: false, may_shut_down: false };
        let (base, vinted) = (alone.url.parse()?, alone.vinted.map(|url| url.parse()).transpose()?);
        let way = Way { dialer: Dialer::Tcp, base, path: &alone.socket_io_path, headers: alone.headers, control: None };
        let mut driver = Self::new(setting, way, unbounded_channel());
        if let Some(market) = Arc::get_mut(&mut driver.market) {
            market.elsewhere = vinted.map(|vinted| MarketClient::new(vinted, driver.tasks.clone()));
        }
        Ok(driver)
    }

    /// Lets the run shut the target down: `told` becomes true then, and whoever holds it has to begin the target anew.
    pub fn may_shut_down(&mut self, told: Rc<Cell<bool>>) {
        self.setting.may_shut_down = true;
        self.restarts = Some(told);
    }

    /// Takes what the target writes from here on, which is its log.
    pub fn hear(&mut self, log: &TargetLog) {
        self.setting.facts.log = true;
        log.follow(self.told.clone());
    }

    /// The hub of this run, if it has one of its own.
    #[must_use]
    pub fn hub(&self) -> Option<&HubServer> {
        self.hub.as_ref().map(|(hub, _)| hub)
    }

    /// Puts another hub in the place of this run's own, which nobody has connected to yet.
    fn replace_hub(&mut self, manners: ServerManners) -> Option<()> {
        let (_, config) = self.hub.take()?;
        let log = told_as_occurrence(&self.told);
        let (hub, dialer) = if self.market.in_memory {
            HubServer::piped(config.clone(), manners, log)
        } else {
            let options = ServeOptions { manners, log, ..ServeOptions::default() };
            (HubServer::start(config.clone(), options).ok()?, Dialer::Tcp)
        };
        let Way { dialer, base, path, headers, control } = way_to(&hub, dialer);
        let within = self.connect_within();
        self.endpoint = Endpoint::new(base, dialer.clone(), path, headers, within);
        self.control = control
            .map(|(control, token)| Arc::new(ControlClient::new(control, dialer, token, within, self.tasks.clone())));
        self.hub = Some((hub, config));
        Some(())
    }

    /// How long a connection may take: less than patience, so that the reason is known when that ends.
    fn connect_within(&self) -> Duration {
        self.setting.patience.mul_f64(0.8)
    }

    /// Lets a stranger open a connection, which stays half open until the run is over.
    fn intrude(&self, stranger: Stranger) {
        let (endpoint, told) = (self.endpoint.clone(), self.told.clone());
        self.tasks.spawn(async move {
            let opened = endpoint.intrude(stranger).await;
            let (held, result) = match opened {
                Ok(stream) => (Some(stream), Ok(())),
                Err(why) => (None, Err(why)),
            };
            told.send(Occurrence::Intruded(result)).ok();
            if held.is_some() {
                std::future::pending::<()>().await;
            }
        });
    }

    fn new(setting: Setting, way: Way<'_>, (told, occurrences): Channel) -> Self {
        let Way { dialer, base, path, headers, control } = way;
        let in_memory = dialer.is_in_memory();
        let start = Instant::now();
        let tasks = Tasks::default();
        let monitor = Arc::new(if in_memory || control.is_none() { Monitor::told(start) } else { Monitor::new(start) });
        // Nobody asks how late a plugin alone is.
        if !in_memory && control.is_some() {
            let watching = Arc::clone(&monitor);
            tasks.spawn(async move { watching.watch().await });
        }
        // Before patience ends, so that the reason is known by then.
        let connect_within = setting.patience.mul_f64(0.8);
        Self {
            setting,
            start,
            monitor,
            told,
            occurrences,
            endpoint: Endpoint::new(base, dialer.clone(), path, headers, connect_within),
            sockets: BTreeMap::new(),
            control: control.map(|(control, token)| {
                Arc::new(ControlClient::new(control, dialer, token, connect_within, tasks.clone()))
            }),
            asks: BTreeMap::new(),
            market: Arc::new(Market {
                model: Arc::default(),
                start,
                scale: setting.facts.scale,
                in_memory,
                elsewhere: None,
                served: OnceCell::new(),
            }),
            tasks,
            hub: None,
            down: false,
            restarts: None,
        }
    }

    fn open(&mut self, socket: SocketId) {
        let (sender, orders) = orders();
        self.sockets.insert(socket, sender);
        let run = self.endpoint.clone().run(socket, orders, self.told.clone());
        self.tasks.spawn(run);
    }

    fn ask(&mut self, ask: AskNo, request: Request) {
        let (control, told) = (self.control.clone(), self.told.clone());
        let task = self.tasks.spawn(async move {
            let reply = match control {
                Some(control) => control.ask(&request).await,
                None => Err(Trouble::Unreachable("plugins alone have no control API to ask".to_owned())),
            };
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
            Occurrence::Closed(socket) | Occurrence::Severed(socket) | Occurrence::Unreachable(socket, _) => {
                self.sockets.remove(socket);
            }
            Occurrence::Replied(ask, _) => {
                self.asks.remove(ask);
            }
            _ => {}
        }
    }
}

/// Both ends of what a driver is told.
type Channel = (UnboundedSender<Occurrence>, UnboundedReceiver<Occurrence>);

/// A log whose lines are occurrences of a run, but for those of single commands.
fn told_as_occurrence(told: &UnboundedSender<Occurrence>) -> Log {
    let told = told.clone();
    Arc::new(move |line: &LogLine| {
        if line.level > LogLevel::Debug {
            // A run that has ended hears no more.
            told.send(Occurrence::Logged(line.to_string())).ok();
        }
    })
}

impl Market {
    async fn ask(&self, request: &MarketRequest, tasks: Tasks) -> Option<MarketResponse> {
        if let Some(elsewhere) = &self.elsewhere {
            return elsewhere.ask(request).await;
        }
        if self.in_memory {
            let now = self.start.elapsed().div_f64(self.scale);
            let seen = self.model().handle(now, request).seen();
            if let Some(response) = &seen {
                sleep(response.took.mul_f64(self.scale)).await;
            }
            return seen;
        }
        let serve = || async {
            let options = VintedOptions { scale: self.scale, ..VintedOptions::default() };
            let server = VintedServer::start(Arc::clone(&self.model), options).await?;
            let client = MarketClient::new(Base::at(server.address()), tasks);
            Ok::<_, ServeError>((server, client))
        };
        let (_, client) = self.served.get_or_try_init(serve).await.ok()?;
        client.ask(request).await
    }

    fn model(&self) -> MutexGuard<'_, Vinted> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
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
            Effect::TransmitBinary(socket, bytes) => {
                if let Some(orders) = self.sockets.get(&socket) {
                    orders.send(Order::SendBinary(bytes)).ok();
                }
            }
            Effect::Reset(socket) => {
                if let Some(orders) = self.sockets.remove(&socket) {
                    orders.send(Order::Reset).ok();
                }
            }
            Effect::MidFrame(socket) => {
                if let Some(orders) = self.sockets.remove(&socket) {
                    orders.send(Order::MidFrame).ok();
                }
            }
            Effect::Intrude(stranger) => self.intrude(stranger),
            Effect::Freeze(socket) => {
                if let Some(orders) = self.sockets.get(&socket) {
                    orders.send(Order::Freeze).ok();
                }
            }
            Effect::Close(socket) => {
                self.sockets.remove(&socket);
            }
            Effect::Ask(ask, request) => {
                if request == Request::Shutdown {
                    self.down = true;
                    if let Some(told) = &self.restarts {
                        told.set(true);
                    }
                }
                self.ask(ask, request);
            }
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
            let deadline = self.start.checked_add(until);
            tokio::select! {
                biased;
                // The driver holds a sender, so the channel never ends.
                Some(occurrence) = self.occurrences.recv() => {
                    self.note(&occurrence);
                    match occurrence {
                        // How a connection ends matters where the target takes its leave.
                        Occurrence::Severed(socket) if !self.down => Occurrence::Closed(socket),
                        occurrence => occurrence,
                    }
                }
                () = at(deadline) => {
                    if !overdue {
                        self.monitor.happened(until);
                    }
                    Occurrence::Reached
                }
            }
        })
    }

    fn lateness(&self, since: Duration) -> Duration {
        // Each hop may have been as late as the worst that was seen.
        self.monitor.since(since) * HOPS
    }

    fn set_pings(&mut self, documented: Pings) -> Option<Pings> {
        // What shrinks may not become so short that a busy machine seems to be silent.
        let real = documented.scaled(self.setting.facts.scale.max(SHORTEST_PINGS));
        self.replace_hub(ServerManners::default().with_pings(real))?;
        Some(real)
    }

    fn set_limit(&mut self, max_bytes: usize) -> bool {
        let Some((_, config)) = &mut self.hub else { return false };
        config.max_bytes = max_bytes;
        self.replace_hub(ServerManners::default()).is_some()
    }

    fn at_vinted(&mut self, act: &mut dyn FnMut(&mut Vinted)) {
        act(&mut self.market.model());
    }
}

/// The way to a hub of our own.
fn way_to(hub: &HubServer, dialer: Dialer) -> Way<'static> {
    let base = Base::at(hub.address());
    let control = base.below(crate::contract::control::BASE_PATH);
    Way { dialer, base, path: SOCKET_IO_PATH, headers: Headers::new(), control: Some((control, None)) }
}

/// Waits until a moment; for ever where the clock does not reach so far.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

impl Drop for LiveDriver {
    fn drop(&mut self) {
        self.tasks.end();
    }
}
