//! The packet codec, seen from outside.
//!
//! 1. `strategies`: random legal packets, and random mischief.
//! 2. `round_trip`: what is printed reads back as the same, at both levels.
//! 3. `total`: anything at all is read without a panic, and without harm.
//! 4. `frames`: every raw frame in `fixtures/frames`, each a case with a name.
//! 5. `assembler`, `compose`, `flaws`: attachments; texts to send; packets wrong on purpose.
//! 6. `differential`: the same texts given to socketioxide's own parser.

mod assembler;
mod compose;
mod differential;
mod flaws;
mod frames;
mod round_trip;
mod strategies;
mod total;
