//! An HTML body: its text, its spans, and what is shown of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|html: &[u8]| {
    relais_fuzz::read(&relais_fuzz::letter_of("Content-Type: text/html; charset=utf-8\n", html));
});
