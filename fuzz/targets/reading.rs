//! Bytes to letter, to reply, to commands: the whole road.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    let letter = relais_fuzz::read(raw);
    // LF and CRLF agree. (A CR that is text, or a boundary of bytes that are no text, may tell them apart.)
    let Some(letter) = letter.filter(|_| raw.is_ascii() && !raw.contains(&b'\r')) else { return };
    let mut crlf = Vec::with_capacity(raw.len() + 64);
    for &byte in raw {
        if byte == b'\n' {
            crlf.push(b'\r');
        }
        crlf.push(byte);
    }
    let other = relais_fuzz::read(&crlf).expect("with CRLF it cannot be read");
    assert_eq!(letter.body, other.body, "LF and CRLF differ");
});
