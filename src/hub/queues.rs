//! What the flaws that make calls wait for one another keep: commands that are not sent yet, outcomes that are held back, and
//! sockets that are not in their rooms yet. All of it is empty in a hub without those flaws.

use std::collections::BTreeSet;
use std::time::Duration;

use super::calls::CallNo;
use super::core::Hub;
use super::io::{ConnId, Output, Token};
use super::variant::Flaw;
use crate::contract::control::Reply;
use crate::contract::user::UserId;

/// How long a flaw lets a socket wait for its room.
const JOINS_AFTER: Duration = Duration::from_secs(1);

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// Commands of calls that wait for earlier ones, oldest first.
    unsent: Vec<(CallNo, UserId, Vec<Output>)>,
    /// Who asked, in order, and the outcome that is held back.
    order: Vec<(Token, UserId, Option<Reply>)>,
    /// Sockets that will be in their rooms by and by.
    joining: Vec<(Duration, ConnId)>,
}

impl Hub {
    /// Sends a call's commands, or keeps them until it is their turn.
    pub(super) fn send(&mut self, call: CallNo, user: &UserId, commands: Vec<Output>, out: &mut Vec<Output>) {
        if self.has_to_wait(call, user) {
            self.queues.unsent.push((call, user.clone(), commands));
        } else {
            out.extend(commands);
        }
    }

    /// Whether a flaw has a call wait for the end of an earlier one.
    fn has_to_wait(&self, call: CallNo, user: &UserId) -> bool {
        let earlier = |user| self.calls.of(user).first().is_some_and(|first| *first < call);
        (self.flawed(Flaw::OneAtATime) && earlier(Some(user))) || (self.flawed(Flaw::OneInAll) && earlier(None))
    }

    /// Notes who asked, for outcomes that are handed over in order.
    pub(super) fn line_up(&mut self, token: Token, user: &UserId) {
        if self.flawed(Flaw::InOrder) {
            self.queues.order.push((token, user.clone(), None));
        }
    }

    /// Forgets who asked: it has gone.
    pub(super) fn drop_out(&mut self, token: Token) {
        self.queues.order.retain(|(waiting, ..)| *waiting != token);
    }

    /// Lets a socket into its room later.
    pub(super) fn join_later(&mut self, now: Duration, conn: ConnId) {
        self.queues.joining.push((now + JOINS_AFTER, conn));
    }

    /// Lets the sockets into their rooms whose time has come.
    pub(super) fn let_in(&mut self, now: Duration) {
        while let Some((_, conn)) = self.queues.joining.first().copied().filter(|(at, _)| *at <= now) {
            self.queues.joining.remove(0);
            self.join(conn);
        }
    }

    /// Sends the commands whose turn has come, and hands over the outcomes, of those in `out` from `from` on and of those held
    /// back, that no earlier call of their user is waited for.
    pub(super) fn let_go(&mut self, from: usize, out: &mut Vec<Output>) {
        for (call, user, commands) in std::mem::take(&mut self.queues.unsent) {
            if self.calls.is_open(call) {
                self.send(call, &user, commands, out);
            }
        }
        if self.queues.order.is_empty() {
            return;
        }
        for output in out.split_off(from) {
            match output {
                Output::Reply { token, reply } => {
                    match self.queues.order.iter_mut().find(|(waiting, ..)| *waiting == token) {
                        Some((_, _, held)) => *held = Some(reply),
                        None => out.push(Output::Reply { token, reply }),
                    }
                }
                other => out.push(other),
            }
        }
        let mut waited_for = BTreeSet::new();
        for (token, user, held) in std::mem::take(&mut self.queues.order) {
            match held {
                Some(reply) if !waited_for.contains(&user) => out.push(Output::Reply { token, reply }),
                held => {
                    waited_for.insert(user.clone());
                    self.queues.order.push((token, user, held));
                }
            }
        }
    }
}
