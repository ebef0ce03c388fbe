//! Virtual time at a pace that people can follow.

use std::time::Duration;

use tokio::time::sleep;

use crate::stage::driver::NextOccurrence;
use crate::stage::{Driver, Effect, Pings, Setting};
use crate::vinted::Vinted;

/// A driver in virtual time that lets real time pass as well, so many times as fast.
pub struct Paced {
    inner: Box<dyn Driver>,
    speed: f64,
    /// How far real time has followed.
    reached: Duration,
}

impl std::fmt::Debug for Paced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paced").field("speed", &self.speed).field("reached", &self.reached).finish_non_exhaustive()
    }
}

impl Paced {
    /// The same driver, `speed` virtual seconds in a real one. Needs a tokio runtime.
    #[must_use]
    pub fn new(inner: Box<dyn Driver>, speed: f64) -> Self {
        Self { inner, speed, reached: Duration::ZERO }
    }
}

impl Driver for Paced {
    fn setting(&self) -> Setting {
        self.inner.setting()
    }

    fn now(&self) -> Duration {
        self.inner.now()
    }

    fn perform(&mut self, effect: Effect) {
        self.inner.perform(effect);
    }

    fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
        Box::pin(async move {
            let occurrence = self.inner.next(until).await;
            let passed = self.inner.now().saturating_sub(self.reached);
            if !passed.is_zero() {
                self.reached += passed;
                sleep(passed.div_f64(self.speed)).await;
            }
            occurrence
        })
    }

    fn lateness(&self, since: Duration) -> Duration {
        self.inner.lateness(since)
    }

    fn set_pings(&mut self, documented: Pings) -> Option<Pings> {
        self.inner.set_pings(documented)
    }

    fn set_limit(&mut self, max_bytes: usize) -> bool {
        self.inner.set_limit(max_bytes)
    }

    fn at_vinted(&mut self, act: &mut dyn FnMut(&mut Vinted)) {
        self.inner.at_vinted(act);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Occurrence;

    /// A driver in which nothing happens but that time comes.
    struct Idle(Duration);

    impl Driver for Idle {
        fn setting(&self) -> Setting {
            unreachable!("nobody asks")
        }

        fn now(&self) -> Duration {
            self.0
        }

        fn perform(&mut self, _: Effect) {}

        fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
            self.0 = until;
            Box::pin(std::future::ready(Occurrence::Reached))
        }

        fn lateness(&self, _: Duration) -> Duration {
            Duration::ZERO
        }

        fn at_vinted(&mut self, _: &mut dyn FnMut(&mut Vinted)) {}
    }

    #[tokio::test(start_paused = true)]
    async fn real_time_follows_virtual_time_at_its_speed() {
        let start = tokio::time::Instant::now();
        let mut paced = Paced::new(Box::new(Idle(Duration::ZERO)), 10.0);
        for until in [0, 60, 300] {
            paced.next(Duration::from_secs(until)).await;
        }
        assert_eq!((paced.now(), start.elapsed()), (Duration::from_secs(300), Duration::from_secs(30)));
    }
}
