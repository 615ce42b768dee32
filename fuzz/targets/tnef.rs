//! Outlook's winmail.dat.
#![no_main]

libfuzzer_sys::fuzz_target!(|tnef: &[u8]| {
    relais_fuzz::read(&relais_fuzz::file("application/ms-tnef; name=winmail.dat", tnef));
});
