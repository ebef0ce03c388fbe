//! What the packets of a load cost: commands read, responses composed, pings answered, each with the allocations that it makes.
//!
//! `cargo bench --bench codec`
//!
//! The figures are for one packet, and in packets and bytes a second. Allocations are counted before anything is timed; the counter
//! stays while it is timed and adds a few nanoseconds to each.

#![expect(clippy::print_stdout, reason = "allocations are no figure that the benchmark's own report has")]

use std::borrow::Cow;
use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use hubproof::contract::message::{COMMAND_EVENT, PluginCommand, PluginResponse, RESPONSE_EVENT};
use hubproof::wire::engine::Packet as EnginePacket;
use hubproof::wire::socket::{Frame, Packet};
use hubproof::wire::{Incoming, compose};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

/// How much is in a command's payload or a response's data, beside the nonce.
const SIZES: [(&str, usize); 3] = [("small", 0), ("2 KiB", 2 << 10), ("100 KiB", 100 << 10)];

const ID: &str = "req_1_1736438400000_5432";
const NONCE: &str = "12345678901234567890";

/// A command as a plugin needs it: its id and its nonce, in place.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    request_id: Cow<'a, str>,
    #[serde(borrow)]
    payload: Nonce<'a>,
}

#[derive(Deserialize)]
struct Nonce<'a> {
    #[serde(borrow)]
    nonce: Cow<'a, str>,
}

fn content(size: usize) -> serde_json::Value {
    if size == 0 { json!({"nonce": NONCE}) } else { json!({"nonce": NONCE, "pad": "x".repeat(size)}) }
}

/// A command of this size as a WebSocket text.
fn command(size: usize) -> String {
    let command = PluginCommand { request_id: ID.to_owned(), action: "VINTED_SYNC".to_owned(), payload: content(size) };
    compose::event(COMMAND_EVENT, &command, None).expect("JSON")
}

/// An answer of this size.
fn response(size: usize) -> PluginResponse {
    PluginResponse { request_id: Some(ID.into()), success: Some(true.into()), data: Some(content(size)), error: None }
}

/// Measures one thing that is done to `bytes` of text, after it has told how often it allocates.
fn measure<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: usize, mut work: impl FnMut() -> T) {
    let counted = allocation_counter::measure(|| {
        black_box(work());
    });
    println!("{name}: {} allocations, {} bytes of them", counted.count_total, counted.bytes_total);
    group.throughput(Throughput::ElementsAndBytes { elements: 1, bytes: bytes as u64 });
    group.bench_function(name, |bencher| bencher.iter(&mut work));
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for (size, bytes) in SIZES {
        let text = command(bytes);
        let text = text.as_str();
        measure(&mut group, &format!("{size} command, Engine.IO"), text.len(), || EnginePacket::parse(black_box(text)));
        measure(&mut group, &format!("{size} command, Socket.IO frame"), text.len(), || {
            Incoming::read(black_box(text)).is_ok()
        });
        measure(&mut group, &format!("{size} command, its name"), text.len(), || {
            frame(black_box(text)).event::<IgnoredAny>().is_ok()
        });
        measure(&mut group, &format!("{size} command, id and nonce in place"), text.len(), || {
            let (_, (asked,)) = frame(black_box(text)).event::<(Asked<'_>,)>().expect("a command");
            asked.request_id.len() + asked.payload.nonce.len()
        });
        measure(&mut group, &format!("{size} command, as a JSON tree"), text.len(), || {
            Packet::parse(black_box(&text[1..])).is_ok()
        });
    }
    group.finish();
}

fn frame(text: &str) -> Frame<'_> {
    match Incoming::read(text) {
        Ok(Incoming::Socket(frame)) => frame,
        other => panic!("{other:?} is no frame"),
    }
}

fn composing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compose");
    for (size, bytes) in SIZES {
        let response = response(bytes);
        let text = compose::event(RESPONSE_EVENT, &response, None).expect("JSON");
        measure(&mut group, &format!("{size} response"), text.len(), || {
            compose::event(RESPONSE_EVENT, black_box(&response), None)
        });
    }
    group.finish();
}

fn beating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("heartbeat");
    measure(&mut group, "ping read, pong composed", 1, || match Incoming::read(black_box("2")) {
        Ok(Incoming::Engine(EnginePacket::Ping(data))) => EnginePacket::Pong(data).to_text(),
        other => panic!("{other:?} is no ping"),
    });
    group.finish();
}

criterion_group!(benches, reading, composing, beating);
criterion_main!(benches);
