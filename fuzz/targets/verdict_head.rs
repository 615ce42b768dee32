//! Whoever the verdict may let pass as the sender is whom the letter shows: one From, read alike by both.
#![no_main]

use relais_fuzz::mail::letter::{self, Limits};
use relais_fuzz::mail::verdict::author;

libfuzzer_sys::fuzz_target!(|mail: &[u8]| {
    let Some(from) = author(mail) else { return };
    let letter = letter::read(mail, &Limits { display: false, ..Limits::default() }).expect("judged, not read");
    assert_eq!(letter.from_headers, 1, "several From");
    let read: Vec<String> = letter.from.iter().map(|from| from.address.to_lowercase()).collect();
    let [read] = read.as_slice() else { panic!("{} addresses, the verdict has {from:?}", read.len()) };
    // The verdict writes an international domain in ASCII.
    let local = |address: &str| address.rsplit_once('@').map(|(local, _)| local.to_owned());
    assert!(*read == from || (!read.is_ascii() && local(read) == local(&from)), "{read:?} is not {from:?}");
});
