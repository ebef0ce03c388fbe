//! Panics stay audible: the runner silences those of the whole process while it runs, and for good if it is broken off.

use std::panic::{self, PanicHookInfo};
use std::sync::OnceLock;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// What was done with a panic before the first run.
static BEFORE: OnceLock<Hook> = OnceLock::new();

/// Has panics told as they were before the first run.
pub(super) fn heard() {
    BEFORE.get_or_init(panic::take_hook);
    panic::set_hook(Box::new(|panic| BEFORE.get().into_iter().for_each(|before| before(panic))));
}

/// The same once it is dropped.
pub(super) struct HeardAfterwards;

impl Drop for HeardAfterwards {
    fn drop(&mut self) {
        // A thread that panics may not change what is done with panics.
        if !std::thread::panicking() {
            heard();
        }
    }
}
