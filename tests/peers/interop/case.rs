//! Cases as data: what every library has to do, and how it went.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::thread;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Something that has to be seen with every library. `S` is what a case has to work with.
pub(crate) struct Case<S> {
    /// A few words.
    pub(crate) name: &'static str,
    /// What has to be observed.
    pub(crate) observed: &'static str,
    /// Observes it, and panics if it is not so.
    pub(crate) run: for<'a> fn(&'a mut S) -> LocalBoxFuture<'a, ()>,
}

/// What a library does not offer: the name of a case, and the reason.
pub(crate) type Lacks = &'static [(&'static str, &'static str)];

/// How a case went.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// As it has to.
    Kept,
    /// The library offers nothing of the kind: why.
    NotOffered(&'static str),
    /// Not as it has to: what was wrong.
    Failed(String),
}

/// Names of cases, in their order, and how they went.
pub(crate) type Outcomes = Vec<(String, Outcome)>;

/// How every case went with one library.
#[derive(Debug, Clone)]
pub(crate) struct Results {
    /// The library and its version.
    pub(crate) library: String,
    /// How it went.
    pub(crate) outcomes: Outcomes,
}

/// Runs every case, but for those that the library does not offer.
pub(crate) async fn run_all<S>(cases: &'static [Case<S>], lacks: Lacks, stage: &mut S) -> Outcomes {
    for (name, _) in lacks {
        assert!(cases.iter().any(|case| case.name == *name), "{name:?} is no case");
    }
    let mut outcomes = Vec::new();
    for case in cases {
        let outcome = match lacks.iter().find(|(name, _)| *name == case.name) {
            Some((_, reason)) => Outcome::NotOffered(reason),
            None => match AssertUnwindSafe((case.run)(stage)).catch_unwind().await {
                Ok(()) => Outcome::Kept,
                Err(panic) => Outcome::Failed(message(panic.as_ref())),
            },
        };
        outcomes.push((case.name.to_owned(), outcome));
    }
    outcomes
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// Something that several tests need and that is done once; if it panics, each of them does.
pub(crate) struct Once<T>(LazyLock<Result<T, String>>);

impl<T: Send + 'static> Once<T> {
    pub(crate) const fn new(work: fn() -> Result<T, String>) -> Self {
        Self(LazyLock::new(work))
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().unwrap_or_else(|why| panic!("{why}"))
    }
}

/// What comes of each work, all at once, each in a thread of its own; the first panic if there is one.
pub(crate) fn at_once<I: Sync, T: Send + 'static>(
    works: &'static [I],
    work: fn(&'static I) -> T,
) -> Result<Vec<T>, String> {
    let threads: Vec<_> = works.iter().map(|one| thread::spawn(move || work(one))).collect();
    threads.into_iter().map(|thread| thread.join().map_err(|panic| message(panic.as_ref()))).collect()
}

/// Fails with everything that went wrong.
pub(crate) fn assert_all_kept<'a>(results: impl Iterator<Item = &'a Results>) {
    let mut wrong = String::new();
    for Results { library, outcomes } in results {
        for (name, outcome) in outcomes {
            if let Outcome::Failed(what) = outcome {
                writeln!(wrong, "{library}: {name}: {what}").expect("a text takes everything");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
