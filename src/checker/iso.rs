//! ISO: users are kept apart.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::err::NotConnected;
use super::picture::{Asks, Call, Command, Picture, Presence, Socket};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::control::ErrorKind;
use crate::contract::guarantee::Area;
use crate::contract::message::COMMAND_EVENT;
use crate::contract::text;
use crate::contract::user::UserId;
use crate::event::{CallId, Ended, Event, EventNo, SocketId, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Iso, number));
    vec![
        Box::new(ProofOfUser { tally: tally(1), unproven: Vec::new() }),
        Box::new(OwnSockets { tally: tally(2), others: |_, _| true }),
        Box::new(OwnSockets { tally: tally(3), others: alike }),
        Box::new(EverySocket(tally(4))),
        Box::new(NotConnected { tally: tally(5), presence: Presence::Gone }),
        Box::new(NewSocket(tally(6))),
        Box::new(NoSpoofing(tally(7))),
        Box::new(OddUsers { tally: tally(8), odd: Vec::new(), by_text: Vec::new() }),
        Box::new(OddAuth { tally: tally(9), odd: Vec::new() }),
        Box::new(OncePerSocket(tally(10))),
        Box::new(JoinedAtOnce { tally: tally(11), connected: BTreeMap::new(), reached: BTreeMap::new() }),
    ]
}

/// ISO-1: a connection without proof of a user is refused. That what is there is no user id is ISO-8's matter, and that auth is
/// no object ISO-9's.
struct ProofOfUser {
    tally: Tally,
    unproven: Vec<(SocketId, EventNo)>,
}

impl Checker for ProofOfUser {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, _picture: &Picture) {
        match &event.what {
            What::Connecting { socket, user: None, auth, .. }
                if auth.as_ref().is_none_or(|auth| auth.is_object() && auth.get("user_id").is_none()) =>
            {
                self.unproven.push((*socket, event.no));
            }
            What::Connected { socket, .. } => {
                if let Some((_, opened)) = self.unproven.iter().find(|(unproven, _)| unproven == socket) {
                    self.tally.broken(&[*opened, event.no], "a refusal", "the hub accepted the connection");
                }
            }
            What::Refused { socket, .. } if self.unproven.iter().any(|(unproven, _)| unproven == socket) => {
                self.tally.held();
            }
            _ => {}
        }
    }
}

/// ISO-8: odd user ids are refused, and the text of a number names the same user as the number.
struct OddUsers {
    tally: Tally,
    /// Connections with odd user ids.
    odd: Vec<(SocketId, EventNo)>,
    /// Connections that name their user by the text of a number, and that were there when a call to that user began.
    by_text: Vec<(CallId, SocketId)>,
}

/// Whether a `user_id` names nobody, whatever a hub takes for ids: 0, a fraction, an empty text, and what is neither a number
/// nor a text.
fn is_odd(id: &Value) -> bool {
    match id {
        Value::Number(number) => number.as_f64().is_some_and(|number| number == 0.0 || number.fract() != 0.0),
        Value::String(text) => text.is_empty(),
        _ => true,
    }
}

impl Checker for OddUsers {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Connecting { socket, auth: Some(auth), .. } if auth.get("user_id").is_some_and(is_odd) => {
                self.odd.push((*socket, event.no));
            }
            What::Connected { socket, .. } => {
                if let Some((_, opened)) = self.odd.iter().find(|(odd, _)| odd == socket) {
                    self.tally.broken(&[*opened, event.no], "a refusal", "the hub accepted the connection");
                }
            }
            What::Refused { socket, .. } if self.odd.iter().any(|(odd, _)| odd == socket) => self.tally.held(),
            What::CallStarted { call, user, .. } => {
                let by_text = picture.open_sockets(user).filter(|(_, socket)| socket.by_text);
                self.by_text.extend(by_text.map(|(socket, _)| (*call, socket)));
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (id, socket) in &self.by_text {
            let Some((call, end)) = picture.calls.get(id).and_then(|call| Some((call, call.end.as_ref()?))) else {
                continue;
            };
            let given_up = matches!(end.how, Ended::Cancelled) || settlement::refused(&end.how);
            if given_up || call.odd_timeout.is_some() || !stayed(picture, call, *socket) {
                continue;
            }
            let reached = call.commands.iter().any(|command| command.socket == *socket);
            self.tally.check(reached, &[call.started, end.no], || {
                let expected = format!("the command of {id} at the socket whose auth names user \"{}\"", call.user);
                (expected, settlement::in_words(&end.how))
            });
        }
    }
}

/// How soon auth that is no object has to be refused.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// ISO-9: auth that is no object is refused promptly.
struct OddAuth {
    tally: Tally,
    /// Connections with such auth: where and when they were opened.
    odd: Vec<(SocketId, EventNo, Duration)>,
}

impl Checker for OddAuth {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let (socket, lateness, answer) = match &event.what {
            What::Connecting { socket, auth: Some(auth), .. } if !auth.is_object() => {
                return self.odd.push((*socket, event.no, event.at));
            }
            What::Connected { socket, .. } => (socket, Duration::ZERO, "the hub accepted the connection"),
            What::Refused { socket, lateness, .. } => (socket, *lateness, "a refusal"),
            What::Unanswered { socket, lateness, .. } => (socket, *lateness, "no answer"),
            _ => return,
        };
        let Some((_, opened, at)) = self.odd.iter().find(|(odd, ..)| odd == socket).copied() else { return };
        let took = event.at.saturating_sub(at);
        let (allowed, refused) = (REFUSED_WITHIN + picture.facts.tolerance, matches!(event.what, What::Refused { .. }));
        if refused && took <= allowed {
            self.tally.held();
        } else if !matches!(event.what, What::Connected { .. }) && took <= allowed + lateness {
            self.tally.untold(format!("the harness itself was up to {lateness:.1?} late"));
        } else {
            let got = format!("{answer} after {took:.1?}");
            self.tally.broken(&[opened, event.no], format!("a refusal within {REFUSED_WITHIN:.1?}"), got);
        }
    }
}

/// ISO-2 and ISO-3: a command reaches only sockets of its user, also where ids share digits.
struct OwnSockets {
    tally: Tally,
    /// Which other users matter.
    others: fn(&UserId, &UserId) -> bool,
}

/// Ids of which one contains the other.
fn alike(a: &UserId, b: &UserId) -> bool {
    a.as_str().contains(b.as_str()) || b.as_str().contains(a.as_str())
}

impl Checker for OwnSockets {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Received { user: Some(user), name, call: Some(call), .. } = &event.what else {
            return;
        };
        let Some(call) = picture.calls.get(call).filter(|_| name == COMMAND_EVENT) else {
            return;
        };
        if *user != call.user {
            if (self.others)(&call.user, user) {
                let expected = format!("the command at sockets of user {} only", call.user);
                self.tally.broken(&[call.started, event.no], expected, format!("a plugin of user {user} received it"));
            }
            return;
        }
        let bystanders =
            picture.sockets.values().filter(|socket| socket.open).filter_map(|socket| socket.user.as_ref());
        if bystanders.into_iter().any(|other| *other != call.user && (self.others)(&call.user, other)) {
            self.tally.held();
        }
    }
}

/// ISO-4: every socket of the user gets the command.
struct EverySocket(Tally);

impl Checker for EverySocket {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, _event: &Event, _picture: &Picture) {}

    fn finish(&mut self, picture: &Picture) {
        for (id, call) in &picture.calls {
            let Some(end) = &call.end else { continue };
            let audience: Vec<_> = call.audience.iter().filter(|socket| stayed(picture, call, **socket)).collect();
            // A command that could not be sent at all is no matter of who got it.
            if audience.len() < 2 || call.commands.is_empty() {
                continue;
            }
            let reached = |socket| call.commands.iter().any(|command| command.socket == socket);
            let missed: Vec<_> = audience.iter().filter(|socket| !reached(***socket)).collect();
            self.0.check(missed.is_empty(), &[call.started, end.no], || {
                let expected = format!("the command of {id} at each of the user's {} sockets", audience.len());
                (expected, format!("{} of them did not get it", missed.len()))
            });
        }
    }
}

/// Whether a socket was there for the whole of a call, and long enough after it for its command to have come.
pub(super) fn stayed(picture: &Picture, call: &Call, socket: SocketId) -> bool {
    let lost = picture.sockets.get(&socket).and_then(Socket::lost);
    let needed_until = call.end.as_ref().map(|end| end.at + picture.facts.tolerance);
    lost.is_none_or(|(_, at)| needed_until.is_some_and(|until| at > until))
}

/// ISO-6: after a reconnect commands reach the new socket.
struct NewSocket(Tally);

impl Checker for NewSocket {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn finish(&mut self, picture: &Picture) {
        for (id, call) in &picture.calls {
            let (Some(end), false) = (&call.end, matches!(call.asks, Asks::NextJob)) else { continue };
            let earlier = picture.sockets.values().any(|socket| {
                socket.user.as_ref() == Some(&call.user) && socket.gone.is_some_and(|(no, ..)| no < call.started)
            });
            let there: Vec<_> = call.audience.iter().filter(|socket| stayed(picture, call, **socket)).collect();
            let given_up = matches!(end.how, Ended::Cancelled) || settlement::refused(&end.how);
            if !earlier || there.is_empty() || given_up {
                continue;
            }
            let reached = there.iter().all(|socket| call.commands.iter().any(|command| command.socket == **socket));
            self.0.check(reached, &[call.started, end.no], || {
                (format!("the command of {id} at the user's new socket"), settlement::in_words(&end.how))
            });
        }
    }
}

/// ISO-7: an answer from another user's socket settles nothing.
struct NoSpoofing(Tally);

impl Checker for NoSpoofing {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let settler = ended.settler;
        if let Settler::Foreign(answer) = settler
            && answer.user.as_ref() != Some(&call.user)
        {
            let expected = format!("an answer from a socket of user {} only", call.user);
            let got = format!("{id} ended with {}, sent from another user's socket", settlement::in_words(&end.how));
            return self.0.broken(&[answer.no, end.no], expected, got);
        }
        let spoofed = picture.answers.iter().any(|answer| {
            answer.no > call.started
                && answer.user.as_ref() != Some(&call.user)
                && answer.request_id.as_deref().is_some_and(|id| call.has_id(id))
        });
        if spoofed {
            self.0.held();
        }
    }
}

/// ISO-10: a `request_id` is sent to each socket once.
struct OncePerSocket(Tally);

impl Checker for OncePerSocket {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Received { socket, name, call: Some(_), .. } = &event.what else {
            return;
        };
        if name != COMMAND_EVENT {
            return;
        }
        let mut seen =
            picture.calls.values().flat_map(|call| &call.commands).filter(|command| command.socket == *socket);
        let Some(this) = seen.clone().find(|command| command.no == event.no) else {
            return;
        };
        let twin = |command: &&Command| command.no < this.no && command.request_id == this.request_id;
        // That a draw comes again after its call has ended is the harness's own doing, if it fed it.
        let fed = this.request_id.as_ref().is_some_and(|id| picture.fed.contains(id));
        let over = |no: EventNo| {
            let call = picture.calls.values().find(|call| call.commands.iter().any(|command| command.no == no));
            call.and_then(|call| call.end.as_ref()).is_some_and(|end| end.no < this.no)
        };
        let before = seen.find(|command| twin(command) && !(fed && over(command.no)));
        let witness: Vec<EventNo> = before.map(|command| command.no).into_iter().chain([this.no]).collect();
        self.0.check(before.is_none(), &witness, || {
            let id = this.request_id.as_deref().unwrap_or_default();
            (format!("{id} once at each socket"), "it came again".to_owned())
        });
    }
}

/// ISO-11: a socket that has got its CONNECT reply is in its room. Judged until its first command has come, and only where no
/// socket of the user got the command: that one of several did not is ISO-4's matter.
struct JoinedAtOnce {
    tally: Tally,
    /// Where each socket got its CONNECT reply.
    connected: BTreeMap<SocketId, EventNo>,
    /// Where the first command came to each socket.
    reached: BTreeMap<SocketId, EventNo>,
}

impl Checker for JoinedAtOnce {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Connected { socket, .. } => {
                self.connected.insert(*socket, event.no);
            }
            What::Received { socket, name, call: Some(call), .. } if name == COMMAND_EVENT => {
                let sent_there = picture.calls.get(call).is_some_and(|call| call.audience.contains(socket));
                if sent_there && !self.reached.contains_key(socket) {
                    self.reached.insert(*socket, event.no);
                    self.tally.held();
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (id, call) in &picture.calls {
            let Some(end) = &call.end else { continue };
            if picture.own_commands(call).next().is_some() || !(denied(call) || lost(picture, *id, call)) {
                continue;
            }
            let untried = |socket: &&SocketId| {
                let reached = self.reached.get(socket);
                stayed(picture, call, **socket) && reached.is_none_or(|reached| *reached > call.started)
            };
            let socket = call.audience.iter().find(untried);
            if let Some(connected) = socket.and_then(|socket| self.connected.get(socket)) {
                let expected = format!("the command of {id} at the socket that was connected before");
                self.tally.broken(&[*connected, call.started, end.no], expected, settlement::in_words(&end.how));
            }
        }
    }
}

/// Whether a call failed because its user was said to have no socket.
fn denied(call: &Call) -> bool {
    let kind = match call.end.as_ref().map(|end| &end.how) {
        Some(Ended::Error(error)) => Some(error.kind),
        _ => None,
    };
    let text = text::not_connected(&call.user);
    kind == Some(ErrorKind::NotConnected) || call.failure().is_some_and(|failure| failure.contains(&text))
}

/// Whether a call timed out with nothing in flight beside it that it may have waited for (CORR-9), and so late that its command
/// must have come by then.
fn lost(picture: &Picture, id: CallId, call: &Call) -> bool {
    let long = call.end.as_ref().is_some_and(|end| end.elapsed > picture.facts.tolerance + end.lateness);
    let timed_out = long && call.failure().and_then(text::timeout_in).is_some();
    let beside = |(other, seen): (&CallId, &Call)| {
        let over = |no: EventNo| seen.end.as_ref().is_some_and(|end| end.no < no);
        let not_begun = call.end.as_ref().is_some_and(|end| seen.started > end.no);
        *other != id && !over(call.started) && !not_begun
    };
    timed_out && matches!(call.asks, Asks::Command { .. }) && !picture.calls.iter().any(beside)
}
