//! S/MIME, opaque: the mail inside a CMS envelope.
#![no_main]

libfuzzer_sys::fuzz_target!(|cms: &[u8]| {
    relais_fuzz::read(&relais_fuzz::file("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", cms));
});
