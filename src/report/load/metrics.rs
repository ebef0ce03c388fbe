//! The OpenMetrics text of a run under way, for whoever asks.

use std::sync::{Arc, Mutex, PoisonError};

use super::{LoadListener, openmetrics};
use crate::figures::{LoadReport, Second};

/// The text as of the latest second. Clones share it: one listens, the other is handed to the server.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Mutex<String>>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Mutex::new("# EOF\n".to_owned())))
    }
}

impl Metrics {
    /// No figures yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text as of now.
    pub fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, report: &LoadReport) {
        let text = openmetrics::text(report);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

impl LoadListener for Metrics {
    fn begins(&mut self, report: &LoadReport) {
        self.set(report);
    }

    fn second(&mut self, report: &LoadReport, _: &Second) {
        self.set(report);
    }

    fn ends(&mut self, report: &LoadReport) {
        self.set(report);
    }
}
