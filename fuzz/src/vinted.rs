//! The marketplace.

use std::sync::LazyLock;
use std::time::Duration;

use hubproof::contract::marketplace::{Body, MarketRequest};
use hubproof::contract::multipart as form;
use hubproof::contract::percent;
use hubproof::vinted::profile::ProfileError;
use hubproof::vinted::{Answer, Mapping, Profile, Settings, Vinted, mapping as mappings, office::OFFICE};

use super::{assert_within, position};

const FILE: &str = "a.file";

/// So many listings and sales in all are tried out; a profile may have more, which takes its time.
const MOST: usize = 500;

/// A profile in TOML: an error points into the text, and the marketplace can be set up with it.
pub(crate) fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Profile::read(text, FILE) {
        Ok(profile) => {
            let stock: usize = profile.members.iter().map(|one| one.listings.0 + one.sold.0 + one.purchased.0).sum();
            if stock <= MOST {
                try_out(Settings { seed: 1, profile, mappings: Vec::new() });
            }
        }
        Err(ProfileError::Wrong { place, .. }) => assert_within(text, position(&place, FILE)),
        Err(other) => panic!("{other}"),
    }
}

/// Stubs in JSON: an error points into the text, and the marketplace can answer with them.
pub(crate) fn mapping(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match mappings::read(text, FILE) {
        Ok(mappings) => try_out(with(mappings)),
        Err(error) => {
            let said = error.to_string();
            let (place, _) = said.split_once(": ").expect("a place and what is wrong");
            let (line, column) = position(place, FILE);
            // Column 0 is the line feed before the line.
            assert_within(text, (line, column.map(|column| column.max(1))));
        }
    }
}

fn with(mappings: Vec<Mapping>) -> Settings {
    Settings { seed: 1, profile: Profile::default(), mappings }
}

fn try_out(settings: Settings) {
    let mut vinted = Vinted::new(settings);
    let page = |number: &str| [("page", number.to_owned()), ("per_page", "2".to_owned())];
    let requests = [
        MarketRequest::get("/api/v2/wardrobe/1/items", &page("1")),
        MarketRequest::get("/api/v2/wardrobe/1/items", &page("2")),
        MarketRequest::get("/api/v2/inbox", &page("1")),
        MarketRequest::post("/api/v2/item_upload/items", serde_json::json!({"item": {}})),
    ];
    for (second, request) in (0..).zip(requests) {
        check(&vinted.handle(Duration::from_secs(second), &request.from_session("1", "req_1_1_1000")));
    }
}

/// Whatever was asked, the answer is one that HTTP can carry.
fn check(answer: &Answer) {
    let response = &answer.response;
    assert!((200..600).contains(&response.status), "{response:?}");
    for (name, value) in &response.headers {
        assert!(!name.is_empty() && !name.contains(['\r', '\n', ':']), "{name:?}");
        assert!(!value.contains(['\r', '\n']), "{value:?}");
    }
}

/// A marketplace with one member who has something of everything.
static STOCKED: LazyLock<Vinted> = LazyLock::new(|| {
    let profile = "[[members]]\nid = 1\nlistings = 3\nsold = 2\npurchased = 2\n";
    let profile = Profile::read(profile, FILE).expect("a profile");
    Vinted::new(Settings { seed: 1, profile, mappings: Mapping::built_in() })
});

/// HTTP requests with a byte 255 between them: `METHOD target`, headers, an empty line, the body, lines ended by line feeds.
/// A refused request changes nothing, but for rules that a request before it may have set.
pub(crate) fn marketplace(data: &[u8]) {
    let mut vinted = STOCKED.clone();
    let mut ruled = false;
    for (second, request) in (0..).zip(data.split(|byte| *byte == 255).filter_map(request)) {
        ruled |= request.path.starts_with(OFFICE);
        let before = vinted.ledger.written();
        let answer = vinted.handle(Duration::from_secs(second), &request);
        check(&answer);
        let changed = vinted.ledger.written() != before;
        assert!(ruled || !changed || answer.response.status < 400, "{request:?} was refused and did something");
    }
}

fn request(data: &[u8]) -> Option<MarketRequest> {
    let (head, body) = split(data, b"\n\n").unwrap_or((data, &[]));
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = MarketRequest::new(method, percent::decode(path)?, Body::read(body));
    request.query = percent::query(query);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.with_header(&name.to_ascii_lowercase(), value);
    }
    if request.header("cookie").is_none() {
        request = request.from_session("1", "req_1_1_1000");
    }
    Some(request)
}

/// A content type in the first line, and a form behind it: composed and read again its parts are the same.
pub(crate) fn multipart(data: &[u8]) {
    let Some((content_type, bytes)) = split(data, b"\n") else { return };
    let Ok(content_type) = std::str::from_utf8(content_type) else { return };
    if let Some(parts) = form::parse(content_type, bytes) {
        let (content_type, bytes) = form::compose(&parts);
        assert_eq!(form::parse(&content_type, &bytes), Some(parts));
    }
}

/// What stands before and behind the first `mark`.
fn split<'a>(data: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = data.windows(mark.len()).position(|window| window == mark)?;
    Some((&data[..at], &data[at + mark.len()..]))
}
