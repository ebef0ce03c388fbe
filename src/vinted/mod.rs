//! The fake marketplace as a model: request in, answer out. Drivers serve it; it does no IO, and knows no clock.
//!
//! - [`endpoint`]: which requests it knows.
//! - `market`, `listing`, `sales`, `members`: what is there; `upload`: what changes it, and which bodies are valid.
//!   `paging`, `money`, `calendar`: what their answers are made of.
//! - [`rule`]: which requests get something else than the ordinary answer; [`profile`]: rules and all other settings.
//! - [`mapping`]: stubs written by hand, in WireMock's format.
//! - [`ledger`]: which request id caused which side effect; [`journal`]: what was asked; [`politeness`]: how.
//! - [`office`]: all of that over HTTP.
//! - `draw`: chance from the seed; [`seconds`]: durations in settings.
//!
//! Bodies come from `fixtures/vinted/bodies`, profiles from `scenarios/vinted`.

mod bodies;
mod calendar;
mod draw;
pub mod endpoint;
pub mod journal;
pub mod ledger;
mod listing;
pub mod mapping;
mod market;
mod members;
mod money;
pub mod office;
mod paging;
pub mod politeness;
pub mod profile;
pub mod rule;
mod sales;
pub mod seconds;
mod upload;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

pub use endpoint::Endpoint;
pub use ledger::SideEffect;
pub use mapping::Mapping;
pub use profile::Profile;
pub use rule::Rule;

use crate::contract::marketplace::{Body, MarketRequest, MarketResponse, REQUEST_ID};
use draw::Draws;
use journal::Journal;
use ledger::Ledger;
use market::Market;
use paging::Page;
use politeness::Politeness;
use rule::{BodySpec, Connection, Effect};

/// Listings on a page when the request names no `per_page`.
const PER_PAGE: usize = 96;

/// Whose session it is when it names nobody and the profile has no members.
const ANYBODY: u64 = 1;

/// Pieces of a body that comes little by little.
const PIECES: u32 = 10;

/// How the marketplace is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of what is drawn.
    pub seed: u64,
    /// How it behaves, and what is there.
    pub profile: Profile,
    /// Stubs that come before the endpoints.
    pub mappings: Vec<Mapping>,
}

impl Default for Settings {
    /// An empty marketplace that works, with the built-in mappings.
    fn default() -> Self {
        Self { seed: 1, profile: Profile::default(), mappings: Mapping::built_in() }
    }
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The response.
    pub response: MarketResponse,
    /// How it reaches the client, if at all.
    pub delivery: Delivery,
}

/// How a response reaches the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delivery {
    /// As it should.
    #[default]
    Whole,
    /// Not at all: the connection is reset.
    Reset,
    /// Half of its body, then the connection is closed.
    Truncated,
    /// Little by little.
    Drip {
        /// In this time, beside what the response takes.
        over: Duration,
        /// In so many pieces.
        pieces: u32,
    },
}

impl Answer {
    /// What the client has of it in the end; `None` if that is no response.
    #[must_use]
    pub fn seen(self) -> Option<MarketResponse> {
        let Self { mut response, delivery } = self;
        match delivery {
            Delivery::Whole => Some(response),
            Delivery::Reset | Delivery::Truncated => None,
            Delivery::Drip { over, .. } => {
                response.took += over;
                response.latest = response.latest.map(|latest| latest + over);
                Some(response)
            }
        }
    }
}

/// The marketplace with everything that is in it.
#[derive(Debug, Clone)]
pub struct Vinted {
    settings: Settings,
    market: Market,
    rules: Vec<(Rule, u64)>,
    draws: Draws,
    /// Sessions that have expired.
    expired: BTreeSet<String>,
    /// Which side effects there were.
    pub ledger: Ledger,
    /// What was asked.
    pub journal: Journal,
    /// Whether that was polite, if the profile wants it watched.
    pub politeness: Politeness,
}

impl Default for Vinted {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Vinted {
    /// A marketplace that is set up like this.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let mut market = Market::default();
        for resident in &settings.profile.members {
            if let Some(login) = &resident.login {
                market.member(resident.id).login.clone_from(login);
            }
            market.stock(resident.id, resident.listings.0);
            sales::stock(&mut market, resident.id, resident.sold.0, resident.purchased.0);
        }
        Self {
            market,
            rules: settings.profile.rules.iter().map(|rule| (rule.clone(), 0)).collect(),
            draws: Draws::new(settings.seed),
            expired: BTreeSet::new(),
            ledger: Ledger::default(),
            journal: Journal::default(),
            politeness: Politeness::default(),
            settings,
        }
    }

    /// Makes everything as it was in the beginning.
    pub fn reset(&mut self) {
        *self = Self::new(self.settings.clone());
    }

    /// The same marketplace, begun anew with another seed.
    pub fn reseed(&mut self, seed: u64) {
        self.settings.seed = seed;
        self.reset();
    }

    /// The same marketplace, begun anew with another profile.
    pub fn behave_as(&mut self, profile: Profile) {
        self.settings.profile = profile;
        self.reset();
    }

    /// Gives a shop this many listings, instead of those it had.
    pub fn stock(&mut self, shop: u64, listings: usize) {
        self.market.stock(shop, listings);
    }

    /// Gives a member further sales and purchases, each with a conversation.
    pub fn stock_sales(&mut self, member: u64, sold: usize, purchased: usize) {
        sales::stock(&mut self.market, member, sold, purchased);
    }

    /// How many listings a shop has.
    #[must_use]
    pub fn listings_of(&self, shop: u64) -> usize {
        self.market.members.get(&shop).map_or(0, |member| member.wardrobe.len())
    }

    /// Adds a rule, which comes before all others.
    pub fn add_rule(&mut self, rule: Rule) {
        self.rules.insert(0, (rule, 0));
    }

    /// Answers one request that comes at `now`, which is documented time since the marketplace began.
    pub fn handle(&mut self, now: Duration, request: &MarketRequest) -> Answer {
        if let Some(response) = self.office(request) {
            return Answer { response, delivery: Delivery::Whole };
        }
        let endpoint = Endpoint::of(&request.method, &request.path);
        let impolite = self.impolite(now, request);
        let rule = if impolite.is_some() {
            None
        } else {
            self.rule(endpoint.as_ref().map(|(endpoint, _)| *endpoint), request)
        };
        let effect = rule.map(|rule| self.rules[rule].0.gets.clone()).unwrap_or_default();
        let (mut answer, nearest) = match impolite {
            Some(response) => (Answer { response, delivery: Delivery::Whole }, None),
            None => self.answer(now, endpoint, request, &effect),
        };
        if effect.ends_session
            && let Some(session) = request.session()
        {
            self.expired.insert(session.to_owned());
        }
        let latency = self.latency(request);
        let status = match answer.delivery {
            // An answer that is lost takes no time, since nothing tells its client how long it should have taken.
            Delivery::Reset | Delivery::Truncated => {
                answer.response.took = Duration::ZERO;
                answer.response.latest = None;
                None
            }
            Delivery::Whole | Delivery::Drip { .. } => {
                answer.response.took += effect.latency_s.0;
                answer.response.latest = self.settings.profile.latency.map(|span| answer.response.took + span.max.0);
                answer.response.took += latency;
                Some(answer.response.status)
            }
        };
        self.journal.note(now, request, status, rule.map(|rule| rule + 1), nearest);
        answer
    }

    /// Watches how polite a request is; its refusal, if that is enforced.
    fn impolite(&mut self, now: Duration, request: &MarketRequest) -> Option<MarketResponse> {
        let manners = self.settings.profile.politeness?;
        let breach = self.politeness.call(now, request.session().unwrap_or_default(), &manners)?;
        let wait = breach.too_early_by.as_secs_f64().ceil().max(1.0);
        let refusal = || bodies::failure(429, false).with_header("retry-after", format!("{wait}"));
        manners.enforced.then(refusal)
    }

    /// Counts a request for every rule that concerns it, and returns the first whose turn has come.
    fn rule(&mut self, endpoint: Option<Endpoint>, request: &MarketRequest) -> Option<usize> {
        let mut first = None;
        for (place, (rule, count)) in self.rules.iter_mut().enumerate() {
            if !rule.concerns(endpoint, request) {
                continue;
            }
            *count += 1;
            let (place_text, target) = (place.to_string(), request.target());
            let mut draw = || self.draws.next(&["rule", &place_text, &request.method, &target]);
            let by_chance = rule.chance.is_none_or(|chance| draw() < chance);
            if first.is_none() && by_chance && rule.turn.has_come(*count) {
                first = Some(place);
            }
        }
        first
    }

    fn latency(&mut self, request: &MarketRequest) -> Duration {
        let Some(latency) = self.settings.profile.latency else {
            return Duration::ZERO;
        };
        let (min, max) = (latency.min.0, latency.max.0);
        let drawn =
            self.draws.next(&["latency", &request.method, &request.target(), request.session().unwrap_or_default()]);
        // Whole milliseconds read well, and survive a header.
        let seconds = min.as_secs_f64() + drawn * max.saturating_sub(min).as_secs_f64();
        Duration::from_secs_f64((seconds * 1000.0).round() / 1000.0)
    }

    /// The answer under a rule's effect, and the nearest endpoint if there was nothing for the request.
    fn answer(
        &mut self,
        now: Duration,
        endpoint: Option<(Endpoint, Vec<&str>)>,
        request: &MarketRequest,
        effect: &Effect,
    ) -> (Answer, Option<String>) {
        let fails = effect.status.is_some() && !effect.processed || effect.connection == Some(Connection::ResetBefore);
        let (mut answer, nearest) = if fails {
            let status = effect.status.map_or(503, |status| status.0);
            let page = effect.body == Some(BodySpec::Html);
            (Answer { response: bodies::failure(status, page), delivery: Delivery::Whole }, None)
        } else {
            self.ordinary(now, endpoint, request)
        };
        if let Some(status) = effect.status.filter(|_| !fails) {
            answer.response = bodies::failure(status.0, effect.body == Some(BodySpec::Html));
        }
        answer.response = changed(answer.response, effect);
        match effect.connection {
            Some(Connection::ResetBefore | Connection::ResetAfter) => answer.delivery = Delivery::Reset,
            Some(Connection::Truncated) => answer.delivery = Delivery::Truncated,
            Some(Connection::Drip(over)) => answer.delivery = Delivery::Drip { over: over.0, pieces: PIECES },
            None => {}
        }
        (answer, nearest)
    }

    /// The answer without rules, and the nearest endpoint if there was nothing for the request.
    fn ordinary(
        &mut self,
        now: Duration,
        endpoint: Option<(Endpoint, Vec<&str>)>,
        request: &MarketRequest,
    ) -> (Answer, Option<String>) {
        if let Some((response, delivery)) = mapping::answer(&self.settings.mappings, request) {
            return (Answer { response, delivery }, None);
        }
        let response = match (endpoint, self.member(request)) {
            (None, _) => {
                let nearest = endpoint::nearest(&request.method, &request.path);
                let refusal = bodies::not_found().with_header("x-hubproof-nearest", nearest.as_str());
                return (whole(refusal), Some(nearest));
            }
            (Some(_), None) => bodies::failure(401, false),
            (Some((endpoint, segments)), Some(member)) => {
                let (response, effect) = self.carry_out(endpoint, &segments, member, request);
                if let Some((effect, thing)) = effect {
                    self.ledger.write(now, request.header(REQUEST_ID), member, effect, thing);
                }
                response
            }
        };
        (whole(response), None)
    }

    /// Whose session it is: the member whose id it is, else the first of all; `None` without a session that is valid.
    fn member(&self, request: &MarketRequest) -> Option<u64> {
        let session = request.session().filter(|session| !self.expired.contains(*session))?;
        let first = || self.settings.profile.members.first().map_or(ANYBODY, |member| member.id);
        Some(session.parse().unwrap_or_else(|_| first()))
    }

    fn carry_out(
        &mut self,
        endpoint: Endpoint,
        segments: &[&str],
        member: u64,
        request: &MarketRequest,
    ) -> upload::Done {
        let market = &mut self.market;
        let id = segments.first().copied().unwrap_or_default();
        let found = match endpoint {
            Endpoint::Create => return upload::create(market, member, request),
            Endpoint::Update => return upload::update(market, member, id, request),
            Endpoint::Delete => return upload::delete(market, member, id),
            Endpoint::Photo => return upload::upload_photo(market, member, request),
            Endpoint::Wardrobe => id.parse().ok().and_then(|shop| wardrobe(market, shop, member, request)),
            Endpoint::Item => {
                let own = |listing: &&listing::Listing| listing.member == member;
                let listing = id.parse().ok().and_then(|id: u64| market.listings.get(&id)).filter(own);
                listing.map(|listing| json!({"item": listing.detail()}))
            }
            Endpoint::Orders => Some(sales::orders(market, member, request)),
            Endpoint::Transaction => sales::transaction(market, member, id),
            Endpoint::Invoices => {
                let month = segments.get(1).copied().unwrap_or_default();
                sales::invoices(market, member, (id, month), request)
            }
            Endpoint::Inbox => Some(sales::inbox(market, member, request)),
            Endpoint::Conversation => sales::conversation(market, member, id),
            Endpoint::CurrentUser => Some(members::current(market, member)),
            Endpoint::Users => Some(members::search(market, request)),
        };
        (found.map_or_else(bodies::not_found, |body| MarketResponse::json(200, body)), None)
    }
}

const fn whole(response: MarketResponse) -> Answer {
    Answer { response, delivery: Delivery::Whole }
}

/// `GET /wardrobe/{shop_id}/items`; `None` if there is no such shop. A member's own is always there.
fn wardrobe(market: &Market, shop: u64, member: u64, request: &MarketRequest) -> Option<Value> {
    let owner = market.members.get(&shop);
    if owner.is_none() && shop != member {
        return None;
    }
    let (page, login) = (Page::of(request, PER_PAGE), market.login(shop));
    let ids = owner.into_iter().flat_map(|owner| &owner.wardrobe);
    let listings = page.cut(ids).filter_map(|id| market.listings.get(id));
    let items: Vec<Value> = listings.map(|listing| listing.in_wardrobe(&login)).collect();
    let entries = owner.map_or(0, |owner| owner.wardrobe.len());
    Some(json!({"items": items, "pagination": page.pagination(entries)}))
}

/// A response with what a rule changes of it.
fn changed(mut response: MarketResponse, effect: &Effect) -> MarketResponse {
    match &effect.body {
        None | Some(BodySpec::Html) => {}
        Some(BodySpec::Cut) => {
            let kind = response.content_type().map(str::to_owned);
            let bytes: Cow<'_, [u8]> = response.body.bytes();
            response.body = Body::Raw(bytes[..bytes.len() / 2].to_vec());
            if let Some(kind) = kind {
                response = response.with_header("content-type", kind);
            }
        }
        Some(BodySpec::Json(value)) => response = MarketResponse::json(response.status, value.clone()),
        Some(BodySpec::Text(text)) => {
            response = MarketResponse::new(response.status, Body::read(text.as_bytes()))
                .with_header("content-type", "text/plain; charset=utf-8");
        }
        Some(BodySpec::Fixture(name)) => response = bodies::file(response.status, &name.0).unwrap_or(response),
    }
    if let Some(seconds) = effect.retry_after_s {
        response = response.with_header("retry-after", seconds.to_string());
    }
    for (name, value) in &effect.headers {
        response = response.with_header(&name.0, value.0.as_str());
    }
    match &effect.content_type {
        Some(kind) => response.with_header("content-type", kind.0.as_str()),
        None => response,
    }
}
