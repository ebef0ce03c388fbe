//! The command line, as its users meet it: what goes to stdout and stderr, exit codes, signals.
//!
//! 1. `support`: the program as a child process under a deadline, a hub, and servers that are no proper target.
//! 2. `usage`: command lines that are wrong; `filters`: what is chosen; `settings`: the environment and colours.
//! 3. `results`: what a check prints and writes; `broken`: what it says of a hub that breaks its promises.
//!    `features`, `behaviours`: those of the user's own; `marketplace`: their steps at Vinted; `json`: what is told to programs;
//!    `running`: how much is run, and again.
//! 4. `start`: hubs that a check starts itself; `targets`: hubs that cannot be tested; `token`: hubs that want one; `partial`:
//!    hubs that lack capabilities; `midway`: hubs that go wrong in the middle of a check.
//! 5. `conformance`: the protocols' own cases; `hub`: the reference hub as a program; `vinted`: the fake Vinted as one;
//!    `plugin`: plugins at any hub; `call`: one call; `variants`: hubs that are broken on purpose; `scenario`: one scenario;
//!    `load`: hubs under load;
//!    `endings`: interruptions, targets that go away,
//!    readers that do.

mod behaviours;
mod broken;
mod call;
mod conformance;
mod endings;
mod features;
mod filters;
mod hub;
mod json;
mod load;
mod marketplace;
mod midway;
mod partial;
mod plugin;
mod results;
mod running;
mod scenario;
mod settings;
mod start;
mod support;
mod targets;
mod token;
mod usage;
mod variants;
mod vinted;
