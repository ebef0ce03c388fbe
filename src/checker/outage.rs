//! LIFE-4, LIFE-5, LIFE-8 and LIFE-9: connections that fall silent, break or come back all at once, and the hub's own end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::picture::{Asks, Picture, Socket};
use super::settlement::{self, Settler};
use super::time::in_time;
use super::verdict::Tally;
use super::{Checker, EndedCall};
use crate::contract::text;
use crate::contract::user::UserId;
use crate::event::{By, Ended, Event, EventNo, SocketId, What};

/// LIFE-4: a silent peer is gone after the ping interval and timeout, one that is merely slow stays.
pub(super) struct Silence {
    pub(super) tally: Tally,
    /// Where each plugin was told to be slow, and where the hub dropped it.
    pub(super) slow: BTreeMap<SocketId, (EventNo, Option<EventNo>)>,
}

impl Checker for Silence {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Slowed { socket, .. } => {
                self.slow.insert(*socket, (event.no, None));
            }
            What::Gone { socket, by, .. } if by.is_hub() => {
                if let Some((_, dropped)) = self.slow.get_mut(socket) {
                    *dropped = Some(event.no);
                }
            }
            What::PulseSeen { user, count, lateness } => self.judge(event, picture, (user, *count), *lateness),
            _ => {}
        }
    }
}

impl Silence {
    fn judge(&mut self, event: &Event, picture: &Picture, (user, count): (&UserId, u64), lateness: Duration) {
        let of_user =
            |socket: &SocketId| picture.sockets.get(socket).is_some_and(|seen| seen.user.as_ref() == Some(user));
        let slow: Vec<_> = self.slow.iter().filter(|(socket, _)| of_user(socket)).map(|(_, seen)| *seen).collect();
        let frozen = picture.sockets.values().filter(|socket| socket.user.as_ref() == Some(user));
        let frozen = frozen.filter_map(|socket| socket.frozen).map(|(no, _)| no).max();
        if slow.is_empty() && frozen.is_none() {
            return;
        }
        let open = picture.open_sockets(user).count() as u64;
        let dropped = slow.iter().find_map(|(since, dropped)| Some((*since, (*dropped)?)));
        if let Some((since, dropped)) = dropped {
            // Its pong may have been later than it was told to be.
            if lateness > picture.facts.tolerance {
                return self.tally.untold(format!("the harness itself was up to {lateness:.1?} late"));
            }
            let expected = "a plugin whose pong is slow, but in time, to stay";
            return self.tally.broken(&[since, dropped], expected, "the hub ended its connection");
        }
        let witness: Vec<EventNo> = frozen.into_iter().chain([event.no]).collect();
        if count >= open {
            self.tally.check(count == open, &witness, || {
                let expected = format!("{open} sockets of user {user}, without the one that is silent");
                (expected, format!("the hub counts {count}"))
            });
        } else {
            // The end of a connection is on its way.
            self.tally
                .untold(format!("the hub counts {count} sockets of user {user}, and {open} were not seen to end"));
        }
    }
}

/// LIFE-5: a connection that breaks, or never becomes one, harms nobody else.
pub(super) struct Unharmed(pub(super) Tally);

impl Checker for Unharmed {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Gone { socket, by: By::Hub, .. } = &event.what else { return };
        let Some(Socket { user: Some(user), .. }) = picture.sockets.get(socket) else { return };
        let just_before = |(no, at, whose): &&(EventNo, Duration, Option<UserId>)| {
            *no < event.no && event.at <= *at + picture.facts.tolerance && whose.as_ref() != Some(user)
        };
        if let Some((fault, ..)) = picture.disturbances.iter().find(just_before) {
            let expected = format!("the connection of user {user} to stay");
            self.0.broken(&[*fault, event.no], expected, "the hub ended it");
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let meanwhile = |(no, _, whose): &&(EventNo, Duration, Option<UserId>)| {
            call.started < *no && *no < end.no && whose.as_ref() != Some(&call.user)
        };
        let Some((fault, ..)) = picture.disturbances.iter().find(meanwhile) else { return };
        let by_itself = matches!(end.how, Ended::Cancelled)
            || settlement::refused(&end.how)
            || picture.left_since(call)
            || matches!(call.asks, Asks::NextJob);
        match ended.settler {
            Settler::Own(_) => self.0.held(),
            Settler::Hub | Settler::Unexplained
                if !by_itself && call.failure().is_some_and(|failure| text::timeout_in(failure).is_none()) =>
            {
                let expected = format!("{id} to go on while the connection of somebody else breaks");
                self.0.broken(&[*fault, end.no], expected, settlement::in_words(&end.how));
            }
            _ => {}
        }
    }
}

/// LIFE-8: who has come back is there once.
pub(super) struct BackOnce(pub(super) Tally);

impl Checker for BackOnce {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        // A count of none is asked for when a run ends, and its plugins leave unseen.
        let What::SocketsSeen { user, count } = &event.what else { return };
        let of_user = || picture.sockets.values().filter(|socket| socket.user.as_ref() == Some(user));
        let unsure = of_user().any(|socket| socket.gone.is_none() && (socket.frozen.is_some() || !socket.answered));
        let open = picture.open_sockets(user).count() as u64;
        if *count == 0 || unsure || open == 0 || !of_user().any(|socket| socket.gone.is_some()) {
            return;
        }
        self.0.check(*count == open, &[event.no], || {
            (format!("{open} sockets of user {user}, who is back"), format!("the hub counts {count}"))
        });
    }
}

/// LIFE-9: when the hub shuts down every call in flight fails promptly, and connections end with a goodbye.
pub(super) struct TakesLeave(pub(super) Tally);

impl Checker for TakesLeave {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let Some((down, _)) = picture.down else { return };
        match &event.what {
            What::Gone { by: By::Hub, .. } => self.0.held(),
            What::Gone { by: By::HubAbruptly, .. } => {
                self.0.broken(&[down, event.no], "a goodbye before the connection ends", "it was cut off");
            }
            What::CallOverdue { call, elapsed, .. } => {
                let in_flight = picture.calls.get(call).is_some_and(|seen| seen.started < down);
                if in_flight {
                    let got = format!("no end {elapsed:.1?} after it began");
                    self.0.broken(&[down, event.no], format!("{call} to fail as the hub shuts down"), got);
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some((down, at)) = picture.down.filter(|(no, _)| call.started < *no && *no < end.no) else { return };
        // What was answered before may end as it was answered, and nobody waits for what was given up.
        let answered = picture.answers_to(id).any(|answer| answer.no < end.no);
        if answered || matches!(end.how, Ended::Cancelled) {
            return;
        }
        let took = end.at.saturating_sub(at);
        let texts = || {
            let got = format!("{} {took:.1?} after that", settlement::in_words(&end.how));
            (format!("{id} to fail as soon as the hub is told to shut down"), got)
        };
        // A call that runs into its timeout in that instant shows neither one thing nor the other.
        let by_timeout = call.failure().and_then(text::timeout_in).is_some();
        match in_time(picture, took, end.lateness) {
            Some(true) if by_timeout => {}
            Some(kept) => self.0.check(kept && call.failure().is_some(), &[down, end.no], texts),
            None => self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
        }
    }
}
