#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hubproof_fuzz::run("load_report", data));
