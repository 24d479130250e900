#![no_main]
#[path = "../reader.rs"]
#[allow(dead_code)]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::pickle(bytes));
