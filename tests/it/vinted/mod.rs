//! The fake Vinted as a model: requests in, answers out.
//!
//! 1. `support`: a marketplace and who asks it.
//! 2. `listings`: publishing, changing, deleting, photos, and the bodies that are refused. `sales`: orders and what follows.
//! 3. `faults`: rules, profiles, latency, sessions, politeness. `books`: the ledger, the journal, and both over HTTP.

mod books;
mod faults;
mod listings;
mod sales;
mod support;
