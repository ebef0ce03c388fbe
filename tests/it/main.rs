//! Everything that is tested through the library's doors, in one program.

mod features;
mod support;
mod variants;
mod wire;
