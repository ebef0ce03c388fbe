//! Real backends of other makers under `hubproof check`. They need what `ci/test` installs, so `cargo test` leaves them out:
//! `HUBPROOF_PYTHON=target/venv/bin/python cargo test --test peers`.

mod python;
mod table;
