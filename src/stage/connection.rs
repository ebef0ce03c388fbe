//! Connections of plugins: how they begin, are disrupted, and begin again.

use std::time::Duration;

use super::cast::{SocketRecord, Standing};
use super::director::Stage;
use super::driver::Effect;
use super::halt::Halt;
use crate::contract::user::UserId;
use crate::event::{By, EventNo, PluginId, SocketId, What};
use crate::plugin::{Due, How, Session};

/// How long an answer to auth that is no object is waited for, at the least: a few times what ISO-9 allows.
const ODD_AUTH: Duration = Duration::from_secs(3);

impl Stage {
    /// Connects a plugin and waits for the hub's answer; whether it was accepted.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the target cannot be reached, [`Halt::Unmet`] if it does not answer.
    pub async fn connect(&mut self, plugin: PluginId) -> Result<bool, Halt> {
        let Some(socket) = self.begin(plugin, None) else {
            return Err(Halt::Trouble(format!("there is no {plugin}")));
        };
        self.answer_to(socket).await
    }

    /// Waits until a plugin that has left by itself is connected again.
    ///
    /// # Errors
    /// As [`Stage::connect`]; [`Halt::Unmet`] as well if it does not come back.
    pub async fn returned(&mut self, plugin: PluginId) -> Result<bool, Halt> {
        let connection = |stage: &Self| stage.players.get(plugin.0).and_then(|player| player.socket);
        let lost =
            |stage: &Self| connection(stage).is_none_or(|socket| stage.standing(socket) == Some(Standing::Frozen));
        self.wait(Duration::ZERO, |stage| !lost(stage)).await;
        let Some(socket) = connection(self).filter(|_| !lost(self)) else {
            return Err(Halt::Unmet { expected: format!("{plugin} to connect again"), got: "it did not".to_owned() });
        };
        let accepted = self.answer_to(socket).await?;
        if let Some(last) = self.sockets.get(&socket).map(|record| record.last) {
            self.record.reach(last);
        }
        Ok(accepted)
    }

    /// Waits for the hub's answer to a new connection: whether it was accepted.
    async fn answer_to(&mut self, socket: SocketId) -> Result<bool, Halt> {
        let answered = |stage: &Self| stage.standing(socket) != Some(Standing::Opening);
        // A refusal of auth that is no object has to come at once, or it is not waited for (ISO-9).
        let odd = self.sockets.get(&socket).and_then(|record| self.players.get(record.plugin.0));
        if odd.and_then(|player| player.auth.as_ref()).is_some_and(|auth| !auth.is_object()) {
            let until = self.driver.now() + ODD_AUTH.max(self.setting.facts.tolerance * 4);
            while !answered(self) && self.driver.now() < until {
                self.advance(until).await;
            }
        } else {
            self.wait(Duration::ZERO, answered).await;
        }
        match self.standing(socket) {
            Some(Standing::Open | Standing::Frozen) => Ok(true),
            Some(Standing::Refused) => Ok(false),
            Some(Standing::Unreachable(why)) => Err(Halt::Trouble(why)),
            Some(Standing::Closed) => Err(Halt::unmet("an answer to CONNECT", "the hub closed the connection")),
            _ => {
                if let Some((plugin, opened)) = self.sockets.get(&socket).map(|record| (record.plugin, record.opened)) {
                    let lateness = self.lateness_since(opened);
                    let what = What::Unanswered { plugin, socket, lateness };
                    self.record.follow(self.driver.now(), opened, Duration::ZERO, what);
                }
                Err(Halt::unmet("an answer to CONNECT", "none came"))
            }
        }
    }

    /// The worst lateness of the harness itself since an event.
    pub(super) fn lateness_since(&self, no: EventNo) -> Duration {
        self.record.get(no).map_or(Duration::ZERO, |event| self.driver.lateness(event.at))
    }

    pub(super) fn standing(&self, socket: SocketId) -> Option<Standing> {
        self.sockets.get(&socket).map(|record| record.standing.clone())
    }

    /// Opens a connection of a plugin: as a step, or by itself as it follows from a cause.
    fn begin(&mut self, plugin: PluginId, cause: Option<(EventNo, Due)>) -> Option<SocketId> {
        let auth = self.players.get(plugin.0)?.auth.clone();
        let user = auth.as_ref().and_then(|auth| UserId::from_value(auth.get("user_id")?).ok());
        self.drop_ended_sockets(plugin);
        let socket = SocketId(self.next_socket);
        self.next_socket += 1;
        let connecting = What::Connecting { plugin, socket, user: user.clone(), auth: auth.clone() };
        let now = self.driver.now();
        let opened = match cause {
            Some((cause, due)) => self.record.follow(now, cause, due, connecting),
            None => self.record.step(now, connecting),
        };
        let record = SocketRecord {
            plugin,
            user,
            session: Session::new(auth),
            standing: Standing::Opening,
            opened,
            last: opened,
            gone: None,
            frozen: None,
            dismissed: false,
        };
        self.sockets.insert(socket, record);
        self.players[plugin.0].socket = Some(socket);
        self.solo_opens(socket);
        self.perform(Effect::Open(socket));
        Some(socket)
    }

    /// Closes a plugin's connection, as a closed tab does; what it had planned is forgotten.
    pub fn disconnect(&mut self, plugin: PluginId) {
        let Some(socket) = self.players.get_mut(plugin.0).and_then(|player| {
            player.plugin.forget();
            player.socket.take()
        }) else {
            return;
        };
        self.perform(Effect::Close(socket));
        let gone = self.record.step(self.driver.now(), What::Gone { plugin, socket, by: By::Plugin });
        if let Some(record) = self.sockets.get_mut(&socket) {
            record.standing = Standing::Closed;
            record.gone = Some(gone);
        }
    }

    /// Disrupts a plugin's connection now, whatever its behaviour; it connects again `back_after` that in documented time, if at all.
    pub fn lose(&mut self, plugin: PluginId, how: How, back_after: Option<Duration>) {
        self.disrupt(plugin, None, how, back_after);
    }

    /// Disrupts a plugin's connection, if it has one: as a step, or by itself as it follows from a cause.
    pub(super) fn disrupt(
        &mut self,
        plugin: PluginId,
        cause: Option<(EventNo, Due)>,
        how: How,
        back_after: Option<Duration>,
    ) {
        let Some(socket) = self.players.get(plugin.0).and_then(|player| player.socket) else { return };
        if self.standing(socket) != Some(Standing::Open) {
            return;
        }
        let (effect, what, standing) = match how {
            How::Close => (Effect::Close(socket), What::Gone { plugin, socket, by: By::Plugin }, Standing::Closed),
            How::Reset => (Effect::Reset(socket), What::Gone { plugin, socket, by: By::Reset }, Standing::Closed),
            How::MidFrame => {
                (Effect::MidFrame(socket), What::Gone { plugin, socket, by: By::MidFrame }, Standing::Closed)
            }
            How::Freeze => (Effect::Freeze(socket), What::Frozen { plugin, socket }, Standing::Frozen),
        };
        self.perform(effect);
        let now = self.driver.now();
        let no = match cause {
            Some((cause, due)) => self.record.follow(now, cause, due, what),
            None => self.record.step(now, what),
        };
        if let Some(record) = self.sockets.get_mut(&socket) {
            record.gone = (standing == Standing::Closed).then_some(no);
            record.frozen = (standing == Standing::Frozen).then_some(no);
            record.standing = standing;
        }
        let player = &mut self.players[plugin.0];
        if how != How::Freeze {
            player.socket = None;
        }
        match back_after {
            Some(after) => player.plugin.comes_back(now, no, after),
            None => player.plugin.forget(),
        }
    }

    /// Connects a plugin again, unless it is connected.
    pub(super) fn come_back(&mut self, plugin: PluginId, cause: EventNo, due: Due) {
        let socket = self.players.get(plugin.0).and_then(|player| player.socket);
        let standing = socket.and_then(|socket| self.standing(socket));
        if matches!(standing, None | Some(Standing::Frozen | Standing::Closed | Standing::Unreachable(_))) {
            self.begin(plugin, Some((cause, due)));
        }
    }
}
