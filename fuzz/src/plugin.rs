//! The plugin: what it hears, and what it is told to do.

use std::time::Duration;

use hubproof::event::EventNo;
use hubproof::plugin::{Behaviour, Draws, Moment, Notice, Plugin, Session, reading};
use hubproof::wire::Incoming;
use serde_json::{Value, json};

use super::assert_within;

/// Text frames in lines, behind a line with the auth payload (JSON, or nothing): what a session says can be read, an event
/// that it tells reads the same when it is said again, and a handshake stays known.
pub(crate) fn session(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut frames = text.split('\n');
    let mut session = Session::new(frames.next().and_then(|auth| serde_json::from_str(auth).ok()));
    for frame in frames {
        let known = session.handshake().is_some();
        let (said, notice) = session.text(frame);
        assert!(session.handshake().is_some() || !known);
        if let Some(said) = said {
            assert!(Incoming::read(&said).is_ok(), "{said:?} is no frame");
        }
        match notice {
            Some(Notice::Unreadable(error)) => assert!(error.offset().is_none_or(|at| at <= frame.len()), "{error}"),
            Some(Notice::Event { name, args }) => {
                let said = Session::event(&name, &args).expect("JSON can be said");
                assert_eq!(session.text(&said), (None, Some(Notice::Event { name, args })));
            }
            _ => {}
        }
    }
}

/// A behaviour in TOML: an error points into the text, what is read is the same as JSON, and a plugin can follow it.
pub(crate) fn behaviour(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match reading::read(text) {
        Ok(behaviour) => {
            let json = serde_json::to_string(&behaviour).expect("a behaviour is JSON");
            assert_eq!(
                serde_json::from_str::<Behaviour>(&json).map_err(|error| error.to_string()),
                Ok(behaviour.clone())
            );
            follow(behaviour);
        }
        Err(error) => assert_within(text, (error.line, Some(error.column))),
    }
}

/// How often a plugin may have its turn: behind this it plans without end, which a behaviour cannot say.
const TURNS: usize = 1_000;

/// Three commands come to a plugin, their calls end, and it comes back.
fn follow(behaviour: Behaviour) {
    let mut plugin = Plugin::new(behaviour, 1.0, Draws::new(1, 0));
    let mut out = Vec::new();
    let moment = |no, now| Moment { no: EventNo(no), due: now, drawn: false, now };
    for (no, action) in ["VINTED_SYNC", "VINTED_PUBLISH", "VINTED_DELETE"].into_iter().enumerate() {
        let command: Value =
            json!({"request_id": format!("req_1_1_{no}"), "action": action, "payload": {"shop_id": 1}});
        plugin.command(moment(no, Duration::ZERO), no, &command, &mut out);
    }
    let end = Duration::from_secs(600);
    for no in 0..3 {
        plugin.call_ended(EventNo(no), moment(3 + no, end), &mut out);
    }
    plugin.connected(moment(6, end), &mut out);
    let mut turns = 0;
    while let Some(deadline) = plugin.next_deadline() {
        plugin.tick(deadline, &mut out);
        turns += 1;
        assert!(turns < TURNS, "it plans without end");
    }
}
