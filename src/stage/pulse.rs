//! Pings and pongs, as far as scenarios have to do with them: plugins that are late with their pongs, and targets that are
//! given the time to miss one (LIFE-4).

use std::collections::BTreeMap;
use std::time::Duration;

use super::cast::Standing;
use super::director::Stage;
use super::driver::Effect;
use super::halt::Halt;
use super::manners::Pings;
use crate::contract::control::Capability;
use crate::contract::need::Need;
use crate::contract::user::UserId;
use crate::event::{PluginId, SocketId, What};

/// The longest ping interval and timeout, together, that a run waits for in real time.
const LONGEST: Duration = Duration::from_secs(5);

/// How pongs are late, and how the target pings.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// How it pings, in documented time.
    pub(super) documented: Option<Pings>,
    /// How it really does, where it does what it is told.
    real: Option<Pings>,
    /// How much later than its ping each socket sends a pong.
    slow: BTreeMap<SocketId, Duration>,
    /// Pongs that wait, by when they are sent.
    pongs: BTreeMap<(Duration, u64), (SocketId, String)>,
    held_back: u64,
}

impl Pulse {
    /// When the next pong is to be sent that waits.
    pub(super) fn next_pong(&self) -> Option<Duration> {
        self.pongs.first_key_value().map(|((at, _), _)| *at)
    }
}

impl Stage {
    /// Has the target ping like this, in documented time; one that does as it likes is taken as it is. Before anything connects.
    pub fn set_pings(&mut self, documented: Pings) {
        self.pulse.real = self.driver.set_pings(documented);
        self.pulse.documented = Some(documented);
    }

    /// Lets a plugin answer pings on its connection so much later, in documented time.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it is not connected or nobody said how the target pings, [`Halt::Needs`] if pings are too slow to be
    /// waited for.
    pub fn slow_pongs(&mut self, plugin: PluginId, later: Duration) -> Result<(), Halt> {
        let (documented, real) = self.pings()?;
        let socket = self.players.get(plugin.0).and_then(|player| player.socket);
        let socket = socket.filter(|socket| self.standing(*socket) == Some(Standing::Open));
        let socket = socket.ok_or_else(|| Halt::Trouble(format!("{plugin} is not connected")))?;
        let share = later.as_secs_f64() / documented.timeout.as_secs_f64();
        self.pulse.slow.insert(socket, real.timeout.mul_f64(share));
        let now = self.driver.now();
        self.record.step(now, What::Slowed { plugin, socket });
        Ok(())
    }

    /// Lets the target's ping interval and timeout pass, and has it count a user's sockets.
    ///
    /// # Errors
    /// [`Halt::Needs`] if it cannot count, or pings are too slow to be waited for; [`Halt::Unmet`] if the count stays another;
    /// [`Halt::Trouble`] if it does not answer.
    pub async fn pulse_seen(&mut self, user: &UserId, wanted: u64) -> Result<(), Halt> {
        self.need(Capability::Connections)?;
        let (documented, real) = self.pings()?;
        let since = self.driver.now();
        let until = since + real.patience();
        while self.driver.now() < until {
            self.advance(until).await;
        }
        self.record.pass(documented.patience());
        let count = self.count_sockets(user, wanted).await?;
        let (now, lateness) = (self.driver.now(), self.driver.lateness(since));
        self.record.step(now, What::PulseSeen { user: user.clone(), count, lateness });
        if count == wanted {
            return Ok(());
        }
        Err(Halt::unmet(format!("{wanted} sockets of user {user}"), format!("the target counts {count}")))
    }

    /// How the target pings: as documented, and in real time.
    fn pings(&self) -> Result<(Pings, Pings), Halt> {
        let unsaid = || Halt::Trouble("the scenario does not say how the hub pings".to_owned());
        let documented = self.pulse.documented.ok_or_else(unsaid)?;
        let told = || {
            let handshake = self.sockets.values().find_map(|record| record.session.handshake())?;
            let millis = Duration::from_millis;
            let pings =
                Pings { interval: millis(handshake.ping_interval_ms), timeout: millis(handshake.ping_timeout_ms) };
            Some(pings).filter(|pings| pings.patience() <= LONGEST)
        };
        let real = self.pulse.real.or_else(told).ok_or(Halt::Needs(Need::QuickPings))?;
        Ok((documented, real))
    }

    /// Keeps a pong for later, where its plugin is late with them; else gives the frame back to be sent.
    pub(super) fn pong_for_later(&mut self, socket: SocketId, frame: String) -> Option<String> {
        let Some(later) = self.pulse.slow.get(&socket).filter(|_| frame.starts_with('3')) else {
            return Some(frame);
        };
        let at = self.driver.now() + *later;
        self.pulse.pongs.insert((at, self.pulse.held_back), (socket, frame));
        self.pulse.held_back += 1;
        None
    }

    /// Sends the pongs whose time has come.
    pub(super) fn send_pongs(&mut self) {
        let now = self.driver.now();
        while let Some(entry) = self.pulse.pongs.first_entry().filter(|entry| entry.key().0 <= now) {
            let (socket, frame) = entry.remove();
            if self.standing(socket) == Some(Standing::Open) {
                self.perform(Effect::Transmit(socket, frame));
            }
        }
    }
}
