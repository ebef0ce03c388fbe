//! Hubs that are broken on purpose. A [`Flaw`] is one hook in the core; a [`Variant`] is a hub with a name and its flaws.
//!
//! A variant proves that the harness sees the difference: each names the guarantees that it breaks, and a run of the
//! scenarios against it has to report just that.

use std::collections::BTreeSet;

use crate::contract::guarantee::Area::{Corr, Err, Iso, Job, Life, Log, Perf, Time};
use crate::contract::guarantee::GuaranteeId;

/// One way of being wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// Request ids are drawn without a look at those in flight; the later call takes the id over.
    IdsUnchecked,
    /// Request ids have another form.
    IdForm,
    /// A key of the payload is lost.
    PayloadKeyDropped,
    /// A response settles the user's oldest call, whatever its id.
    OldestSettled,
    /// When a user has 50 calls in flight, the id of the latest is handed out again.
    IdRepeatedUnderLoad,
    /// Numbers of the payload are sent as texts.
    PayloadNumberAsText,
    /// Letters beyond ASCII in the data become question marks.
    UnicodeMangled,
    /// Large integers in the data are rounded to thousands.
    LargeIntegerRounded,
    /// The caller's data is not the plugin's.
    DataChanged,
    /// A duplicate of a response settles the user's next call.
    DuplicateSettlesNext,
    /// A late response settles the user's oldest call.
    LateSettlesNext,
    /// A response with an unknown id closes its socket.
    StrayCloses,
    /// A call's command is sent only when the user's earlier calls have ended.
    OneAtATime,
    /// A call's command is sent only when all earlier calls have ended, whoever's.
    OneInAll,
    /// A call's outcome is handed over only when the user's earlier calls have ended.
    InOrder,
    /// When a call times out, so do all others of its user.
    TimeoutShared,
    /// The deadline of a new call becomes that of the user's earlier ones.
    TimeoutReplaced,
    /// Responses are ignored when half of their call's time has passed.
    SecondHalfIgnored,
    /// A timeout's text lacks the number.
    TimeoutWithoutNumber,
    /// Calls time out when 90 % of their time have passed.
    TimeoutEarly,
    /// Calls time out when 150 % of their time have passed.
    TimeoutLate,
    /// Every call waits for as long as the first one did.
    TimeoutGlobal,
    /// A call that timed out stays pending.
    NotCleanedUp,
    /// A call that did not succeed stays pending.
    CleanedUpOnSuccessOnly,
    /// One call more is counted than is pending.
    PendingMiscounted,
    /// A user without a socket is noticed only when the call times out.
    NotConnectedUnnoticed,
    /// A user without a socket is said to have none only when the call would time out.
    NotConnectedLate,
    /// The plugin's error text is replaced.
    ErrorTextReplaced,
    /// The plugin's error text loses the blanks around it.
    ErrorTextTrimmed,
    /// The plugin's error text is put into another language.
    ErrorTextTranslated,
    /// A failure without a text fails with the text of a null.
    MissingErrorNull,
    /// A failure without a text fails with an empty text.
    MissingErrorEmpty,
    /// A response without `success` is a success.
    AbsentSuccess,
    /// A connection that names no user is accepted.
    AnybodyConnects,
    /// A call whose user's last socket has left waits for twice its timeout.
    LeftBehind,
    /// Without a pending job there is a result all the same.
    JobFromNowhere,
    /// The text of a null, and an empty text, are shown as they are.
    NullErrorShown,
    /// `success` is true when a scripting language would call it true.
    TruthySuccess,
    /// HTTP status and body of a failure are dropped.
    StatusDropped,
    /// Commands go to every socket of every user.
    Broadcast,
    /// Commands go to every user whose id begins with the user's.
    RoomByPrefix,
    /// Commands go to the user's oldest socket alone.
    OneSocketOnly,
    /// A user whose sockets have all gone still counts as connected.
    GhostRoom,
    /// A socket that leaves while another one of its user's is there stays in the room.
    OldSocketKept,
    /// A socket that connects after an earlier one of its user's gets no commands.
    NewSocketNotJoined,
    /// A user's calls fail as soon as any of its sockets leaves.
    AnyLeavingFails,
    /// A socket is in its room only a second after its CONNECT was answered.
    JoinedLate,
    /// Answers of other users are taken.
    AnyUserAnswers,
    /// A user's last socket may leave without its calls failing.
    LeavingUnnoticed,
    /// Each command is emitted twice.
    EmittedTwice,
    /// A failed response fails every call of that user.
    FailureSpreads,
    /// A failed job is reported as completed.
    FailureCompletes,
    /// The result of a job has no duration.
    NoDuration,
    /// The job's error text is lost.
    JobErrorLost,
    /// The job's command lacks the shop.
    ShopDropped,
    /// The least urgent job comes first.
    PriorityInverted,
    /// Of equally urgent jobs the youngest comes first.
    AgeIgnored,
    /// A job that fails is tried again for ever.
    RetriedForEver,
    /// A job that fails is tried once more only.
    RetriedOnce,
    /// A job that no handler takes fails with another text.
    UnknownActionUnnamed,
    /// Processing takes any user's job.
    AnybodysJob,
    /// Nobody who comes or goes leaves a line in the log.
    ConnectionsUnlogged,
    /// No ignored response leaves a line in the log.
    IgnoredUnlogged,
    /// No timeout leaves a line in the log.
    TimeoutsUnlogged,
    /// No failure leaves a line in the log.
    FailuresUnlogged,
    /// No line of the log names a request id.
    LogWithoutRequestId,
    /// A job that runs is taken by the next processor as well.
    RunTwice,
    /// A job that is cancelled while it runs goes on, and ends as if it were not.
    CancelForgotten,
    /// A sync that broke off with an error of the marketplace's is a success.
    PartialTakenForWhole,
    /// A job's result shows its action in capitals.
    ActionCodeWrong,
    /// A job never expires.
    NeverExpires,
    /// A job expires after half an hour.
    ExpiresEarly,
    /// Every action has the same default timeout.
    OneDefault,
    /// The counts of a sync are not the plugin's.
    SyncMiscounted,
    /// The duration of a job is half of what it took.
    DurationHalved,
    /// A client that answers no ping is kept.
    SilentKept,
    /// A client that takes a quarter of the ping timeout for its pong is dropped.
    SlowPongDropped,
    /// Every call fails as soon as any socket leaves, whoever's.
    LeavingFailsAll,
    /// A response over the limit is dropped without a word.
    LargeResponseLost,
    /// A response over the limit fails its call without the reason.
    LargeResponseUnnamed,
    /// A command over the limit is sent.
    LargeCommandSent,
    /// A command over the limit is refused without its size and the limit.
    LargeCommandUnnamed,
    /// Once many sockets were lost, those that a user has lost still count when the user is back.
    GhostsAfterStorm,
    /// Calls in flight are left alone when the hub shuts down.
    ShutdownHangs,
    /// Calls stay pending once there were many.
    PendingGrows,
    /// After a malformed response every later one on its socket is ignored.
    DeafAfterMalformed,
    /// A success whose data is null or absent is a failure.
    NullDataFails,
    /// An error that is an object is shown as a browser's script shows it.
    ErrorOpaque,
    /// An error that is no text is shown as a script's own notation has it.
    ErrorScripted,
    /// A number and the text of its digits name two users.
    TextIdsApart,
    /// Whatever a scripting language calls true names a user.
    OddUsers,
    /// No refusal is ever sent.
    RefusalLost,
    /// Auth that is no object is never answered.
    OddAuthHangs,
    /// A call whose caller has gone stays pending.
    AbandonedKept,
    /// A timeout of zero or less is none at all.
    ZeroTimeoutForEver,
    /// Any number is taken for a timeout.
    TimeoutUnchecked,
}

/// A hub that is broken in a known way.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The name that `--variant` takes.
    pub name: &'static str,
    /// What it does wrong, in words.
    pub what: &'static str,
    /// Its flaws.
    pub flaws: &'static [Flaw],
    /// The guarantees that it breaks, the one it is meant to break first.
    pub breaks: &'static [GuaranteeId],
    /// Where that can be seen.
    pub seen: Seen,
}

/// Where a run can see what a variant breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// In virtual time only. On real sockets documented durations shrink, so that some of what it breaks is too close to see, or
    /// is seen together with other things, as luck has it.
    Sim,
    /// On real sockets only.
    Live,
    /// In both.
    Both,
}

impl Seen {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sim => "sim",
            Self::Live => "live",
            Self::Both => "both",
        }
    }
}

impl Variant {
    /// The variant of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        VARIANTS.iter().find(|variant| variant.name == name)
    }

    /// The same variant, seen only there.
    #[must_use]
    pub const fn seen_in(self, seen: Seen) -> Self {
        Self { seen, ..self }
    }

    /// Its flaws as a hub takes them.
    #[must_use]
    pub fn flaws(&self) -> BTreeSet<Flaw> {
        self.flaws.iter().copied().collect()
    }
}

const fn id(area: crate::contract::guarantee::Area, number: u8) -> GuaranteeId {
    GuaranteeId::new(area, number)
}

const fn variant(
    name: &'static str,
    what: &'static str,
    flaws: &'static [Flaw],
    breaks: &'static [GuaranteeId],
) -> Variant {
    Variant { name, what, flaws, breaks, seen: Seen::Both }
}

/// Every variant, by the guarantee that it is meant to break.
#[rustfmt::skip]
pub const VARIANTS: &[Variant] = &[
    variant(
        "as-documented",
        "follows the contract document's code to the letter",
        &[
            Flaw::IdsUnchecked, Flaw::TruthySuccess, Flaw::NullErrorShown, Flaw::StatusDropped, Flaw::AnyUserAnswers, Flaw::LeavingUnnoticed,
            Flaw::ErrorScripted, Flaw::OddUsers, Flaw::OddAuthHangs, Flaw::TimeoutUnchecked, Flaw::LargeCommandSent, Flaw::LargeResponseLost, Flaw::CancelForgotten, Flaw::ShutdownHangs,
        ],
        &[
            id(Corr, 3), id(Corr, 4), id(Corr, 5), id(Iso, 10), id(Err, 7), id(Err, 8), id(Err, 10), id(Err, 11), id(Iso, 7), id(Iso, 8), id(Iso, 9),
            id(Life, 2), id(Life, 6), id(Life, 7), id(Life, 9), id(Job, 12), id(Time, 9),
        ],
    ),
    variant("payload-key-dropped", "loses a key of the payload", &[Flaw::PayloadKeyDropped], &[id(Corr, 1), id(Job, 2)]),
    variant("payload-number-as-text", "sends numbers of the payload as texts", &[Flaw::PayloadNumberAsText], &[id(Corr, 1), id(Job, 2)]).seen_in(Seen::Sim),
    variant("id-form", "makes request ids of another form", &[Flaw::IdForm], &[id(Corr, 2)]),
    variant("id-reused", "hands out request ids that are in flight", &[Flaw::IdsUnchecked], &[id(Corr, 3), id(Corr, 4), id(Corr, 5), id(Iso, 10)]),
    variant("id-repeated-under-load", "hands out an id that is in flight when a user has 50 calls in flight", &[Flaw::IdRepeatedUnderLoad], &[id(Corr, 3), id(Corr, 4), id(Corr, 5), id(Iso, 10)]),
    variant("oldest-settled", "settles the user's oldest call, whatever id the response carries", &[Flaw::OldestSettled], &[id(Corr, 4), id(Corr, 5), id(Corr, 7), id(Time, 4), id(Corr, 11), id(Time, 8), id(Life, 6)]),
    variant("data-changed", "hands the caller other data than the plugin sent", &[Flaw::DataChanged], &[id(Corr, 6), id(Job, 5), id(Err, 9)]),
    variant("unicode-mangled", "hands the caller question marks for letters beyond ASCII", &[Flaw::UnicodeMangled], &[id(Corr, 6)]),
    variant("large-integer-rounded", "rounds large integers in the data", &[Flaw::LargeIntegerRounded], &[id(Corr, 6)]),
    variant("duplicate-settles-next", "lets a duplicate response settle the user's next call", &[Flaw::DuplicateSettlesNext], &[id(Corr, 7)]),
    variant("stray-closes", "closes the socket on a response with an unknown id", &[Flaw::StrayCloses], &[id(Corr, 8), id(Corr, 7), id(Time, 4), id(Corr, 11), id(Time, 8)]),
    variant("deaf-after-malformed", "ignores a socket from its first malformed response on", &[Flaw::DeafAfterMalformed], &[id(Corr, 11)]),
    variant("one-at-a-time", "sends a command only when the user's earlier calls have ended", &[Flaw::OneAtATime], &[id(Corr, 9), id(Corr, 10)]).seen_in(Seen::Sim),
    variant("one-in-all", "sends a command only when all earlier calls have ended", &[Flaw::OneInAll], &[id(Corr, 9), id(Corr, 10)]).seen_in(Seen::Sim),
    variant("in-order", "hands a user's outcomes over in the order of its calls", &[Flaw::InOrder], &[id(Corr, 10), id(Time, 2), id(Time, 3), id(Life, 7), id(Life, 6)]).seen_in(Seen::Sim),
    variant("timeout-without-number", "says that a call timed out, but not after how long", &[Flaw::TimeoutWithoutNumber], &[id(Time, 1)]),
    variant("timeout-early", "times out 10 % early", &[Flaw::TimeoutEarly], &[id(Time, 2), id(Time, 7)]),
    variant("timeout-late", "times out 50 % late", &[Flaw::TimeoutLate], &[id(Time, 2), id(Time, 7)]).seen_in(Seen::Sim),
    variant("timeout-shared", "times all calls of a user out together", &[Flaw::TimeoutShared], &[id(Time, 3), id(Time, 2)]),
    variant("timeout-replaced", "gives a user's earlier calls the deadline of the newest", &[Flaw::TimeoutReplaced], &[id(Time, 3), id(Time, 2)]),
    variant("timeout-global", "lets every call wait for as long as the first one", &[Flaw::TimeoutGlobal], &[id(Time, 3), id(Time, 2)]),
    variant("late-settles-next", "lets a late response settle another call of the user", &[Flaw::LateSettlesNext], &[id(Time, 4), id(Corr, 7), id(Corr, 11), id(Time, 8)]),
    variant("not-cleaned-up", "keeps a call pending after its timeout", &[Flaw::NotCleanedUp], &[id(Time, 5), id(Perf, 3)]),
    variant("cleaned-up-on-success-only", "keeps a call pending unless it succeeds", &[Flaw::CleanedUpOnSuccessOnly], &[id(Time, 5), id(Perf, 3)]),
    variant("pending-miscounted", "counts one call more than is pending", &[Flaw::PendingMiscounted], &[id(Time, 5), id(Perf, 3), id(Time, 8)]),
    variant("second-half-ignored", "ignores responses in the second half of a call's time", &[Flaw::SecondHalfIgnored], &[id(Time, 6), id(Corr, 4)]),
    variant("one-default", "gives every action the same timeout", &[Flaw::OneDefault], &[id(Time, 7)]),
    variant("abandoned-kept", "keeps a call pending whose caller has gone", &[Flaw::AbandonedKept], &[id(Time, 8)]).seen_in(Seen::Sim),
    variant("zero-timeout-for-ever", "takes a timeout of zero or less for none at all", &[Flaw::ZeroTimeoutForEver], &[id(Time, 9)]),
    variant("timeout-unchecked", "takes any number for a timeout", &[Flaw::TimeoutUnchecked], &[id(Time, 9)]),
    variant("not-connected-unnoticed", "notices only at the timeout that a user has no socket", &[Flaw::NotConnectedUnnoticed], &[id(Err, 1), id(Iso, 5), id(Job, 4)]),
    variant("not-connected-late", "says only at the timeout that a user has no socket", &[Flaw::NotConnectedLate], &[id(Err, 1), id(Iso, 5), id(Job, 4)]),
    variant("error-text-replaced", "replaces the plugin's error text", &[Flaw::ErrorTextReplaced], &[id(Err, 2), id(Err, 5), id(Err, 3), id(Err, 8), id(Job, 4), id(Err, 10)]),
    variant("error-text-trimmed", "takes the blanks around the plugin's error text away", &[Flaw::ErrorTextTrimmed], &[id(Err, 2)]),
    variant("error-text-translated", "translates the plugin's error text", &[Flaw::ErrorTextTranslated], &[id(Err, 2), id(Job, 4)]),
    variant("missing-error-null", "fails with the text of a null where the plugin gave none", &[Flaw::MissingErrorNull], &[id(Err, 3)]),
    variant("missing-error-empty", "fails with an empty text where the plugin gave none", &[Flaw::MissingErrorEmpty], &[id(Err, 3)]),
    variant("absent-success", "takes a response that does not speak of success for one", &[Flaw::AbsentSuccess], &[id(Err, 4)]),
    variant("failure-spreads", "fails every call of a user when one fails", &[Flaw::FailureSpreads], &[id(Err, 6), id(Err, 2)]),
    variant("truthy-success", "takes truthy values for success", &[Flaw::TruthySuccess], &[id(Err, 7)]),
    variant("null-error-shown", "shows the text of a null as the error", &[Flaw::NullErrorShown], &[id(Err, 8)]),
    variant("null-data-fails", "takes a success without data for a failure", &[Flaw::NullDataFails], &[id(Err, 9)]),
    variant("error-opaque", "shows an error that is an object as [object Object]", &[Flaw::ErrorOpaque], &[id(Err, 10)]),
    variant("error-scripted", "shows an error that is no text in the notation of a script", &[Flaw::ErrorScripted], &[id(Err, 10)]),
    variant("status-dropped", "drops status and body of a failed marketplace call", &[Flaw::StatusDropped], &[id(Err, 11)]),
    variant("text-ids-apart", "takes 1 and \"1\" for two users", &[Flaw::TextIdsApart], &[id(Iso, 8)]),
    variant("odd-users", "accepts user ids that are neither a number nor a text", &[Flaw::OddUsers], &[id(Iso, 8)]),
    variant("refusal-lost", "never answers a connection that it refuses", &[Flaw::RefusalLost], &[id(Iso, 1), id(Iso, 8), id(Iso, 9)]),
    variant("odd-auth-hangs", "never answers auth that is no object", &[Flaw::OddAuthHangs], &[id(Iso, 9)]),
    variant("anybody-connects", "accepts connections that name no user", &[Flaw::AnybodyConnects], &[id(Iso, 1)]).seen_in(Seen::Sim),
    variant("broadcast", "sends every command to everybody", &[Flaw::Broadcast], &[id(Iso, 2), id(Iso, 3), id(Err, 1), id(Iso, 5)]),
    variant("room-by-prefix", "takes users whose ids begin alike for one", &[Flaw::RoomByPrefix], &[id(Iso, 3), id(Iso, 2), id(Iso, 5)]),
    variant("one-socket-only", "sends a command to one socket of its user only", &[Flaw::OneSocketOnly], &[id(Iso, 4), id(Iso, 6), id(Iso, 8)]),
    variant("ghost-room", "takes a user for connected whose sockets have all gone", &[Flaw::GhostRoom], &[id(Iso, 5), id(Life, 2)]),
    variant("old-socket-kept", "keeps a socket that left in its room while another one is there", &[Flaw::OldSocketKept], &[id(Iso, 5), id(Life, 2)]).seen_in(Seen::Sim),
    variant("new-socket-not-joined", "sends no commands to a socket that came after an earlier one", &[Flaw::NewSocketNotJoined], &[id(Iso, 6), id(Iso, 11)]),
    variant("any-user-answers", "takes an answer from another user's socket", &[Flaw::AnyUserAnswers], &[id(Iso, 7)]),
    variant("emitted-twice", "emits each command twice", &[Flaw::EmittedTwice], &[id(Iso, 10)]),
    variant("joined-late", "lets a socket into its room a second after the CONNECT reply", &[Flaw::JoinedLate], &[id(Iso, 11), id(Iso, 6), id(Iso, 8)]),
    variant("leaving-unnoticed", "does not notice that a user's last socket left", &[Flaw::LeavingUnnoticed], &[id(Life, 2)]),
    variant("left-behind", "lets calls of users who left wait for twice their timeouts", &[Flaw::LeftBehind], &[id(Life, 1), id(Life, 2), id(Life, 4)]),
    variant("silent-kept", "keeps a client for ever that answers no ping", &[Flaw::SilentKept], &[id(Life, 4)]),
    variant("slow-pong-dropped", "takes a client for gone whose pong takes a quarter of the ping timeout", &[Flaw::SlowPongDropped], &[id(Life, 4)]),
    variant("leaving-fails-all", "fails every call, whoever's, when any socket leaves", &[Flaw::LeavingFailsAll], &[id(Life, 5), id(Life, 3)]),
    variant("large-response-lost", "drops a response over the limit without a word", &[Flaw::LargeResponseLost], &[id(Life, 6)]),
    variant("large-response-unnamed", "fails a call whose response is over the limit, and does not say why", &[Flaw::LargeResponseUnnamed], &[id(Life, 6)]),
    variant("large-command-sent", "sends commands over the limit", &[Flaw::LargeCommandSent], &[id(Life, 7)]),
    variant("large-command-unnamed", "refuses a command over the limit and does not name the sizes", &[Flaw::LargeCommandUnnamed], &[id(Life, 7)]),
    variant("ghosts-after-storm", "counts the sockets that users have lost, once they are back and many were lost", &[Flaw::GhostsAfterStorm], &[id(Life, 8)]),
    variant("shutdown-hangs", "leaves calls in flight alone when it shuts down", &[Flaw::ShutdownHangs], &[id(Life, 9)]),
    variant("pending-grows", "keeps calls pending once there were many", &[Flaw::PendingGrows], &[id(Perf, 3), id(Time, 5)]),
    variant("any-leaving-fails", "fails a user's calls when any of its sockets leaves", &[Flaw::AnyLeavingFails], &[id(Life, 3)]),
    variant("action-code-wrong", "shows another action than the job's in its result", &[Flaw::ActionCodeWrong], &[id(Job, 1)]),
    variant("no-duration", "leaves the duration out of a job's result", &[Flaw::NoDuration], &[id(Job, 1)]),
    variant("shop-dropped", "leaves the shop out of a job's command", &[Flaw::ShopDropped], &[id(Job, 2)]),
    variant("failure-completes", "reports a failed job as completed", &[Flaw::FailureCompletes], &[id(Job, 3), id(Job, 9), id(Job, 13)]),
    variant("job-error-lost", "loses the text of a job's failure", &[Flaw::JobErrorLost], &[id(Job, 4), id(Err, 5), id(Job, 9)]),
    variant("priority-inverted", "runs the least urgent job first", &[Flaw::PriorityInverted], &[id(Job, 6)]),
    variant("age-ignored", "runs the youngest of equally urgent jobs first", &[Flaw::AgeIgnored], &[id(Job, 6)]),
    variant("retried-for-ever", "tries a job that fails again for ever", &[Flaw::RetriedForEver], &[id(Job, 7)]),
    variant("retried-once", "tries a job that fails once more only", &[Flaw::RetriedOnce], &[id(Job, 7)]),
    variant("unknown-action-unnamed", "does not say which action is unknown", &[Flaw::UnknownActionUnnamed], &[id(Job, 9)]),
    variant("never-expires", "keeps jobs for ever", &[Flaw::NeverExpires], &[id(Job, 10)]),
    variant("expires-early", "lets jobs expire after half an hour", &[Flaw::ExpiresEarly], &[id(Job, 10)]),
    variant("job-run-twice", "lets a second processor run a job that runs already", &[Flaw::RunTwice], &[id(Job, 11)]),
    variant("cancel-forgotten", "lets a job that was cancelled go on and end as if it were not", &[Flaw::CancelForgotten], &[id(Job, 12)]),
    variant("partial-taken-for-whole", "takes a sync that Vinted broke off for a success", &[Flaw::PartialTakenForWhole], &[id(Job, 13), id(Job, 3)]),
    variant("anybodys-job", "runs another user's job", &[Flaw::AnybodysJob], &[id(Job, 14)]),
    variant("job-from-nowhere", "makes up a result where no job is pending", &[Flaw::JobFromNowhere], &[id(Job, 8), id(Job, 1)]),
    variant("duration-halved", "reports half of the time that a job took", &[Flaw::DurationHalved], &[id(Perf, 2)]).seen_in(Seen::Sim),
    variant("connections-unlogged", "logs no connection", &[Flaw::ConnectionsUnlogged], &[id(Log, 1)]),
    variant("ignored-unlogged", "logs no response that it ignores", &[Flaw::IgnoredUnlogged], &[id(Log, 1)]),
    variant("timeouts-unlogged", "logs no timeout", &[Flaw::TimeoutsUnlogged], &[id(Log, 1)]),
    variant("failures-unlogged", "logs no failure", &[Flaw::FailuresUnlogged], &[id(Log, 1)]),
    variant("log-without-request-id", "names no request id in its log", &[Flaw::LogWithoutRequestId], &[id(Log, 1)]),
    variant("sync-miscounted", "reports other counts than the plugin did", &[Flaw::SyncMiscounted], &[id(Job, 5)]),
];
