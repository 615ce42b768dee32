//! Transfer encodings, charsets, format=flowed. The first three bytes choose them, the rest is the body.
#![no_main]

const ENCODINGS: [&str; 6] = ["8bit", "quoted-printable", "base64", "x-uuencode", "\"Base64\"", ""];
const CHARSETS: [&str; 10] = [
    "utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-7", "iso-2022-jp", "utf-16", "gb18030", "shift_jis", "?",
];
const FORMATS: [&str; 4] = ["", "; format=flowed", "; format=flowed; delsp=yes", "; format=fixed"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some(([encoding, charset, format], body)) = input.split_first_chunk() else { return };
    let fields = format!(
        "Content-Type: text/plain; charset={}{}\nContent-Transfer-Encoding: {}\n",
        pick(&CHARSETS, *charset),
        pick(&FORMATS, *format),
        pick(&ENCODINGS, *encoding),
    );
    relais_fuzz::read(&relais_fuzz::letter_of(&fields, body));
});

fn pick(from: &[&'static str], byte: u8) -> &'static str {
    from[usize::from(byte) % from.len()]
}
