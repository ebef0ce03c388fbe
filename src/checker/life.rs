//! LIFE: the life of a connection.

use std::collections::BTreeMap;
use std::time::Duration;

use super::limits::{LargeCommand, LargeResponse};
use super::outage::{BackOnce, Silence, TakesLeave, Unharmed};
use super::picture::{Call, Picture};
use super::settlement::{self, Settler};
use super::time::in_time;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::contract::text;
use crate::event::{CallId, Ended, Event, EventNo, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Life, number));
    vec![
        Box::new(EndsInTime(tally(1))),
        Box::new(FailsFast(tally(2))),
        Box::new(OtherSocketAnswers(tally(3))),
        Box::new(Silence { tally: tally(4), slow: BTreeMap::new() }),
        Box::new(Unharmed(tally(5))),
        Box::new(LargeResponse { tally: tally(6), seen: Vec::new() }),
        Box::new(LargeCommand(tally(7))),
        Box::new(BackOnce(tally(8))),
        Box::new(TakesLeave(tally(9))),
    ]
}

/// Where and when the last socket of a call's user left before anybody answered; `None` if that did not happen. `until` is
/// where the call ended or was overdue.
fn left(picture: &Picture, id: CallId, call: &Call, until: EventNo) -> Option<(EventNo, Duration)> {
    let answered = picture.answers_to(id).any(|answer| answer.no < until);
    let back = picture.open_sockets(&call.user).next().is_some();
    let cancelled = call.end.as_ref().is_some_and(|end| matches!(end.how, Ended::Cancelled));
    // What a hub that shuts down owes its calls is LIFE-9's matter.
    if answered || back || call.commands.is_empty() || cancelled || picture.down.is_some() {
        return None;
    }
    let of_user = picture.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
    let last = of_user.filter_map(|socket| socket.gone).map(|(no, at, _)| (no, at)).max()?;
    (last.0 > call.started).then_some(last)
}

/// A call whose user's last socket has left, where it ended or was overdue.
struct Abandoned<'a> {
    call: &'a Call,
    /// Where and when the socket left.
    gone: (EventNo, Duration),
    /// How long the call had taken.
    elapsed: Duration,
    /// The harness's worst lateness meanwhile.
    lateness: Duration,
    /// What became of the call, in words.
    became: String,
}

fn abandoned<'a>(event: &Event, picture: &'a Picture) -> Option<Abandoned<'a>> {
    let (id, elapsed, lateness) = match &event.what {
        What::CallEnded { call, elapsed, lateness, .. } | What::CallOverdue { call, elapsed, lateness } => {
            (*call, *elapsed, *lateness)
        }
        _ => return None,
    };
    let call = picture.calls.get(&id)?;
    let gone = left(picture, id, call, event.no)?;
    let became = call.end.as_ref().map_or_else(|| "no end".to_owned(), |end| settlement::in_words(&end.how));
    Some(Abandoned { call, gone, elapsed, lateness, became })
}

/// LIFE-1: a call whose plugin disconnects ends at its timeout at the latest.
struct EndsInTime(Tally);

impl Checker for EndsInTime {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let Some(Abandoned { call, gone: (no, _), elapsed, lateness, became }) = abandoned(event, picture) else {
            return;
        };
        let Some(timeout) = picture.timeout_of(call) else { return };
        let runs_out = picture.runs_out(call, Duration::from_secs_f64(timeout.asked_s));
        let over = (call.at + elapsed).saturating_sub(runs_out);
        match in_time(picture, over, lateness) {
            // A call that has not ended yet will be judged when it does.
            Some(true) if call.end.is_none() => {}
            Some(kept) => self.0.check(kept, &[call.started, no, event.no], || {
                (
                    format!("an end at the timeout of {} s at the latest", timeout.asked_s),
                    format!("{became} after {elapsed:.1?}"),
                )
            }),
            None => self.0.untold(format!("the harness itself was up to {lateness:.1?} late")),
        }
    }
}

/// LIFE-2: a call fails at once when its user's last socket leaves.
struct FailsFast(Tally);

impl Checker for FailsFast {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let Some(Abandoned { call, gone: (no, at), lateness, became, .. }) = abandoned(event, picture) else {
            return;
        };
        // A socket whose plugin has frozen is still there to the hub, which may well wait for it.
        if picture.has_frozen(&call.user) {
            return;
        }
        let grace = picture.facts.grace;
        let took = event.at.saturating_sub(at + grace);
        // Within the grace period a call may as well run into its timeout. Without one, a call that times out in the instant in
        // which its plugin leaves shows neither one thing nor the other.
        let by_timeout = call.failure().and_then(text::timeout_in).is_some();
        match in_time(picture, took, lateness) {
            Some(true) if call.end.is_none() || by_timeout && grace.is_zero() => {}
            Some(kept) => self.0.check(kept, &[no, event.no], || {
                let expected = "a failure as soon as the user's last socket has left".to_owned();
                let waited = if by_timeout { "it waited for its timeout" } else { became.as_str() };
                (expected, format!("{waited}, {took:.1?} after that"))
            }),
            None => self.0.untold(format!("the harness itself was up to {lateness:.1?} late")),
        }
    }
}

/// LIFE-3: while another socket of the user is there, the answer may come from it.
struct OtherSocketAnswers(Tally);

impl Checker for OtherSocketAnswers {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { call, end, .. } = *ended;
        let left = call.commands.iter().find_map(|command| {
            let gone = picture.sockets.get(&command.socket)?.gone?;
            (gone.0 > command.no && gone.0 < end.no).then_some(gone.0)
        });
        let Some(left) = left else { return };
        // Another one had the command too, and is still there.
        let open: Vec<_> = picture.open_sockets(&call.user).map(|(socket, _)| socket).collect();
        let other = call.commands.iter().any(|command| command.no < left && open.contains(&command.socket));
        match ended.settler {
            Settler::Own(_) if other => self.0.held(),
            // Its own timeout is what a call may always run into, and some ends have nothing to do with sockets.
            Settler::Hub | Settler::Unexplained
                if other
                    && call.failure().is_some_and(|text| text::timeout_in(text).is_none())
                    && !settlement::refused(&end.how) =>
            {
                let expected = "the call to go on while the user has another socket";
                self.0.broken(&[left, end.no], expected, settlement::in_words(&end.how));
            }
            _ => {}
        }
    }
}
