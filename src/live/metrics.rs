//! A page of figures for programs that ask every few seconds: `GET /metrics`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::task::JoinHandle;

use super::listen::{ServeError, listen};

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl MetricsServer {
    /// Serves what `text` gives at the time, as this type, on `/metrics` and `/`. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub fn start(
        address: SocketAddr,
        content_type: &'static str,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Self, ServeError> {
        let listener = listen(address)?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address, error })?;
        let text = Arc::new(text);
        let page = move || {
            let text = Arc::clone(&text);
            async move { ([(CONTENT_TYPE, content_type)], text()) }
        };
        let router = Router::new().route("/metrics", get(page.clone())).route("/", get(page));
        let serving = tokio::spawn(async move {
            // It goes on accepting whatever happens to single connections.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, serving })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
