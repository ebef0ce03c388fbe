//! A run against a hub in this process.

use std::future::pending;
use std::path::PathBuf;

use hubproof::figures::{LoadReport, Second};
use hubproof::hub::{HubConfig, Variant};
use hubproof::live::{HubServer, ServeOptions};
use hubproof::load::machine::Prepared;
use hubproof::load::profile::raw::Raw;
use hubproof::load::profile::{Profile, Sources};
use hubproof::load::run::{RunError, Setup, run};
use hubproof::load::target::{Remote, Target};
use hubproof::report::load::LoadListener;

/// A profile from its text.
pub(super) fn profile(text: &str) -> Profile {
    let sources = Sources::text("small", "small.toml", text.to_owned()).expect("TOML");
    sources.profile(Raw::default()).expect("a profile")
}

/// Does something after each second.
pub(super) struct EachSecond<F>(pub(super) F);

impl<F: FnMut(&LoadReport, &Second)> LoadListener for EachSecond<F> {
    fn begins(&mut self, _: &LoadReport) {}

    fn second(&mut self, report: &LoadReport, second: &Second) {
        (self.0)(report, second);
    }

    fn ends(&mut self, _: &LoadReport) {}
}

/// A hub; of a variant, if one is named.
pub(super) fn hub(variant: Option<&str>) -> HubServer {
    let flaws = variant.map(|name| Variant::named(name).expect("a variant").flaws()).unwrap_or_default();
    HubServer::start(HubConfig { flaws, ..HubConfig::default() }, ServeOptions::default()).expect("a hub")
}

/// A run at this address, with the control API there.
pub(super) fn setup(profile: Profile, url: &str, control: Option<&str>) -> Setup {
    let remote = Remote {
        url: url.to_owned(),
        socket_path: "/socket.io/".to_owned(),
        control: control.map(str::to_owned),
        token: None,
        headers: Vec::new(),
    };
    Setup {
        profile,
        target: Target::Remote(remote),
        prepared: Prepared { sources: Vec::new(), askers: 500 },
        command: "hubproof load".to_owned(),
        program: PathBuf::from("hubproof"),
    }
}

/// Runs to the end.
pub(super) async fn report(setup: Setup) -> Result<LoadReport, RunError> {
    run(setup, &mut EachSecond(|_: &LoadReport, _: &Second| ()), pending()).await
}

/// Runs a profile against a hub, of a variant if one is named.
pub(super) async fn ran(text: &str, variant: Option<&str>) -> LoadReport {
    let hub = hub(variant);
    let setup = setup(profile(text), &hub.url(), Some(&hub.control_url()));
    report(setup).await.expect("a run")
}

/// The guarantees that a run found broken.
pub(super) fn broken(report: &LoadReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.guarantee.as_str()).collect()
}
