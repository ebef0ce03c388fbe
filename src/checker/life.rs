//! LIFE: the life of a connection.

use std::time::Duration;

use super::picture::{Call, End, Picture};
use super::settlement::{self, Settler};
use super::time::prompt;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::contract::text;
use crate::event::{CallId, Ended, EventNo};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Life, number));
    vec![Box::new(EndsInTime(tally(1))), Box::new(FailsFast(tally(2))), Box::new(OtherSocketAnswers(tally(3)))]
}

/// Where and when the last socket of a call's user left before anybody answered; `None` if that did not happen.
fn left(picture: &Picture, id: CallId, call: &Call, end: &End) -> Option<(EventNo, Duration)> {
    let answered = picture.answers_to(id).any(|answer| answer.no < end.no);
    let back = picture.open_sockets(&call.user).next().is_some();
    if answered || back || call.commands.is_empty() || matches!(end.how, Ended::Cancelled) {
        return None;
    }
    let of_user = picture.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
    let last = of_user.filter_map(|socket| socket.gone).map(|(no, at, _)| (no, at)).max()?;
    (last.0 > call.started).then_some(last)
}

/// LIFE-1: a call whose plugin disconnects ends at its timeout at the latest.
struct EndsInTime(Tally);

impl Checker for EndsInTime {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(((no, _), timeout)) = left(picture, id, call, end).zip(picture.timeout_of(call)) else {
            return;
        };
        let over = end.elapsed.saturating_sub(Duration::from_secs_f64(timeout.asked_s));
        match prompt(picture, over, end) {
            Some(kept) => self.0.check(kept, &[call.started, no, end.no], || {
                (
                    format!("an end at the timeout of {} s at the latest", timeout.asked_s),
                    format!("it took {:.1?}", end.elapsed),
                )
            }),
            None => self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
        }
    }
}

/// LIFE-2: a call fails at once when its user's last socket leaves.
struct FailsFast(Tally);

impl Checker for FailsFast {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some((no, at)) = left(picture, id, call, end) else {
            return;
        };
        let witness = [no, end.no];
        let expected = || "a failure as soon as the user's last socket has left".to_owned();
        // Within the grace period a call may as well run into its timeout.
        let in_grace = end.at <= at + picture.facts.grace;
        if call.failure().and_then(text::timeout_in).is_some() && !in_grace {
            return self.0.broken(&witness, expected(), "it waited for its timeout");
        }
        let took = end.at.saturating_sub(at + picture.facts.grace);
        match prompt(picture, took, end) {
            Some(kept) => self
                .0
                .check(kept, &witness, || (expected(), format!("{} after {took:.1?}", settlement::in_words(&end.how)))),
            None => self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
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
            Settler::Hub | Settler::Unexplained if other && call.failure().is_some() => {
                // Its own timeout is what a call may always run into.
                if call.failure().and_then(text::timeout_in).is_none() {
                    let expected = "the call to go on while the user has another socket";
                    self.0.broken(&[left, end.no], expected, settlement::in_words(&end.how));
                }
            }
            _ => {}
        }
    }
}
