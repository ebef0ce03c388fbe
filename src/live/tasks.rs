//! Background work that ends with its owner.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::{AbortHandle, JoinSet};

/// Tasks that can be ended all at once. Clones are the same group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<Group>>);

#[derive(Debug, Default)]
struct Group {
    running: JoinSet<()>,
    ended: bool,
}

impl Tasks {
    /// Starts a task; in a group that has ended it is ended at once.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut group = self.lock();
        // What has finished is let go of here, so that a long run does not pile it up.
        while group.running.try_join_next().is_some() {}
        let task = group.running.spawn(work);
        if group.ended {
            task.abort();
        }
        task
    }

    /// Ends every task, and those that are still to be started.
    pub(super) fn end(&self) {
        let mut group = self.lock();
        group.ended = true;
        group.running.abort_all();
    }

    fn lock(&self) -> MutexGuard<'_, Group> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
