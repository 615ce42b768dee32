//! Whoever the verdict lets pass as the sender is whom the letter shows: one From, read alike by both.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use futures::FutureExt as _;
use relais_fuzz::demande::admission::Alignment;
use relais_fuzz::mail::letter::{self, Limits};
use relais_fuzz::mail::verdict::{Dns, Judge, PeerFacts, Settings, judge};

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    Judge::new(Settings {
        host: "mx.relais.example".into(),
        authserv_id: Some("mx.relais.example".into()),
        unsigned_domains: vec!["interne.example".into()],
        public_suffixes: vec!["gouv.example".into()],
        trusted_sealers: vec!["sealer.example".into()],
        dns: Dns::Off,
        dns_timeout: Duration::from_millis(600),
        dns_cache: 128,
    })
    .expect("a judge without DNS")
});

libfuzzer_sys::fuzz_target!(|mail: &[u8]| {
    let facts = PeerFacts { trusted_peer: true, ..PeerFacts::default() };
    let trust = judge(&JUDGE, mail, &facts).now_or_never().expect("without DNS there is nothing to wait for");
    let Some(from) = trust.from else {
        assert_ne!(trust.alignment, Alignment::Pass, "a pass for nobody");
        return;
    };
    let letter = letter::read(mail, &Limits { display: false, ..Limits::default() }).expect("judged, not read");
    let read: Vec<String> = letter.from.iter().map(|from| from.address.to_lowercase()).collect();
    assert_eq!(letter.from_headers, 1, "several From");
    let same = |address: &str| address.split('@').next() == from.split('@').next();
    // The verdict writes an international domain in ASCII.
    assert!(read == [from.clone()] || (read.len() == 1 && !read[0].is_ascii() && same(&read[0])), "{read:?} {from:?}");
});
