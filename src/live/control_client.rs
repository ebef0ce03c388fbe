//! The control API from the outside.

use std::time::Duration;

use super::address::{BadAddress, Base};
use super::http::{Ask, Http};
use super::net::Dialer;
use super::tasks::Tasks;
use crate::contract::control::{Reply, Request};
use crate::stage::Trouble;

/// A client of a target's control API.
#[derive(Debug)]
pub(super) struct ControlClient(Http);

impl ControlClient {
    pub(super) fn new(
        base: Base,
        dialer: Dialer,
        token: Option<String>,
        connect_within: Duration,
        tasks: Tasks,
    ) -> Self {
        Self(Http::new(base, dialer, token, connect_within, tasks))
    }

    /// Asks, and waits for the answer for as long as it takes. Dropping the future cancels the request (TIME-8).
    pub(super) async fn ask(&self, request: &Request) -> Result<Reply, Trouble> {
        let (method, target, body) = request.to_http();
        let body = body.map(|body| body.to_string().into_bytes());
        let (method, repeatable) = (method.name().to_owned(), request.is_repeatable());
        let ask = Ask { method, target, headers: Vec::new(), body, repeatable };
        match self.0.exchange(&ask).await {
            Ok(answer) => Ok(Reply::from_http(request, answer.status, &answer.body)?),
            Err(error) => Err(Trouble::Unreachable(format!(
                "{} {}: {error}; is the control API served there?",
                ask.method,
                self.0.url(&ask.target)
            ))),
        }
    }
}

/// How long a [`Caller`] waits for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(8);

/// A client of a target's control API for single requests, without a run around it.
#[derive(Debug)]
pub struct Caller(ControlClient);

impl Caller {
    /// A client of the control API at this address, which may want a token.
    ///
    /// # Errors
    /// [`BadAddress`] if it is no address.
    pub fn of(control: &str, token: Option<String>) -> Result<Self, BadAddress> {
        Ok(Self(ControlClient::new(control.parse()?, Dialer::Tcp, token, CONNECT_WITHIN, Tasks::default())))
    }

    /// Asks, and waits for the answer for as long as it takes. Dropping the future cancels the request (TIME-8). Needs a tokio
    /// runtime.
    ///
    /// # Errors
    /// [`Trouble`] if there is nobody, or the answer is none of the control API's.
    pub async fn ask(&self, request: &Request) -> Result<Reply, Trouble> {
        self.0.ask(request).await
    }
}
