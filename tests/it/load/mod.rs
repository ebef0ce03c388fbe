//! Load runs against hubs in this process, small ones: every count is right, and every one can be wrong.
//!
//! 1. `rig`: a run against a hub, and what it comes to.
//! 2. `counts`: what is counted where all is well, and what plugins do that is not.
//! 3. `flaws`: hubs that are broken on purpose, and what finds them.
//! 4. `targets`: targets that refuse, go away, say nothing, or say nonsense.

mod counts;
mod flaws;
mod rig;
mod targets;
