//! How long `hubproof check` takes as a whole, from the start of the process to its end: every scenario against the built-in
//! hub, over real sockets and in virtual time.
//!
//! `cargo bench --bench check`

use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

fn check(options: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .arg("check")
        .args(options)
        .stdout(Stdio::null())
        .status()
        .expect("hubproof runs");
    assert!(status.success(), "hubproof check {options:?} ended with {status}");
}

fn whole_runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10).measurement_time(Duration::from_secs(30));
    group.bench_function("live", |bencher| bencher.iter(|| check(&[])));
    group.bench_function("sim", |bencher| bencher.iter(|| check(&["--sim"])));
    group.finish();
}

criterion_group!(benches, whole_runs);
criterion_main!(benches);
