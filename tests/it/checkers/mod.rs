//! The checkers, each judged by itself on small runs written by hand.
//!
//! 1. `stream`: a run as it is written here, and what has to be found in it.
//! 2. one file of cases per area: `corr`, `flight` (calls in flight together), `time`, `clock` (a clock that is advanced), `err`,
//!    `iso`, `life`, `limits` and `outage` (of LIFE the largest messages, and what breaks), `job`, `job_runs`, `queue`, `perf`, `log`.
//! 3. `coverage`: every case is found as it says, and no judge lacks its cases.
//! 4. `innocent`: runs that look odd and in which nothing is broken.

mod clock;
mod corr;
mod coverage;
mod err;
mod flight;
mod hardening;
mod innocent;
mod iso;
mod job;
mod job_runs;
mod life;
mod limits;
mod log;
mod outage;
mod perf;
mod queue;
mod stream;
mod time;
