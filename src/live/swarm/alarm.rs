//! Wakes the swarm at a moment, to the microsecond where the system can: its poll counts in milliseconds.

use std::io;
use std::time::{Duration, Instant};

use mio::{Poll, Token};

/// Polls take whole milliseconds: what is nearer than this is waited for by the alarm.
const POLL_UNIT: Duration = Duration::from_millis(1);

#[cfg(target_os = "linux")]
mod clock {
    use std::io;
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::time::Duration;

    use mio::unix::SourceFd;
    use mio::{Interest, Poll, Token};
    use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
    use rustix::time::{timerfd_create, timerfd_settime};

    /// A timer of the system's that polls can wait for.
    #[derive(Debug)]
    pub(super) struct Clock(OwnedFd);

    impl Clock {
        pub(super) fn new(poll: &Poll, token: Token) -> io::Result<Self> {
            let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            poll.registry().register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
            Ok(Self(timer))
        }

        /// Sets it; setting it again is all that is needed when it has rung.
        pub(super) fn set(&self, after: Duration) -> bool {
            let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
            // Nothing at all would switch it off.
            let after = after.max(Duration::from_nanos(1));
            let Ok(at) = Timespec::try_from(after) else { return false };
            let once = Itimerspec { it_interval: zero, it_value: at };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once).is_ok()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod clock {
    use std::io;
    use std::time::Duration;

    use mio::{Poll, Token};

    /// There is none: polls wait in whole milliseconds.
    #[derive(Debug)]
    pub(super) struct Clock;

    impl Clock {
        #[expect(clippy::unnecessary_wraps, reason = "elsewhere the system may refuse")]
        pub(super) fn new(_: &Poll, _: Token) -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn set(&self, _: Duration) -> bool {
            false
        }
    }
}

/// The alarm of a swarm.
#[derive(Debug)]
pub(super) struct Alarm {
    clock: clock::Clock,
    /// For when it is set.
    at: Option<Instant>,
}

impl Alarm {
    pub(super) fn new(poll: &Poll, token: Token) -> io::Result<Self> {
        Ok(Self { clock: clock::Clock::new(poll, token)?, at: None })
    }

    /// How long a poll may wait that has to end at `until`; the alarm ends it where a poll cannot be as exact.
    pub(super) fn patience(&mut self, now: Instant, until: Option<Instant>) -> Option<Duration> {
        let until = until?;
        let wait = until.saturating_duration_since(now);
        if wait.is_zero() {
            return Some(Duration::ZERO);
        }
        if self.at == Some(until) || self.clock.set(wait) {
            self.at = Some(until);
            // The alarm rings first; the poll's own limit is for the case that it does not.
            return Some(wait + POLL_UNIT * 2);
        }
        Some(wait)
    }

    /// It rings only once.
    pub(super) fn rang(&mut self) {
        self.at = None;
    }
}
