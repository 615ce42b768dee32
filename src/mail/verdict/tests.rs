//! Each rule of alignment with its mail.

use super::*;

#[path = "../../../tests/dns/mod.rs"]
mod dns;
mod own;
mod word;

fn settings() -> Settings {
    Settings {
        host: "mx.relais.example".into(),
        authserv_id: Some("mx.relais.example".into()),
        unsigned_domains: vec!["interne.example".into()],
        public_suffixes: vec!["gouv.example".into()],
        trusted_sealers: vec!["sealer.example".into()],
        dns: Dns::Off,
        dns_timeout: Duration::from_millis(600),
        dns_cache: 128,
    }
}

/// A mail from our relay.
fn ours() -> PeerFacts<'static> {
    PeerFacts { trusted_peer: true, ..PeerFacts::default() }
}
