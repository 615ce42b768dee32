//! How a token is written into our addresses and Message-IDs (mail.md §1), and how one of these is read back.
//!
//! Knows our domain and what relays and clients do to addresses. Does not open tokens, nor know where in a mail they
//! stand: see [`super::reading`].

use uuid::Uuid;

use super::reading::{Candidate, Carrier};
use super::{TOKEN_CHARS, has_form};

/// The word in front of an address that only replies.
pub(super) const REPLY: &str = "reponse";
/// The word in front of our envelope sender: short, for SRS and BATV lengthen it.
pub(super) const RETURN: &str = "retour";

/// How our addresses are written (`mail.domain`, `mail.separator`, `mail.catch_all`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressing {
    /// Our domain, without `@`.
    pub domain: String,
    /// Between the word and the token: `+` unless the relay in front knows another.
    pub separator: char,
    /// Where no relay knows sub-addressing: `TOKEN@word.domain`, all of these sub-domains being ours.
    pub catch_all: bool,
}

impl Addressing {
    /// Sub-addressing with `+`, the default.
    pub fn new(domain: impl Into<String>) -> Self {
        Addressing { domain: domain.into(), separator: '+', catch_all: false }
    }

    /// The Reply-To of a notice: `reponse+TOKEN@domain`.
    pub fn reply(&self, token: &str) -> String {
        self.action(REPLY, token)
    }

    /// The target of a button, `traitee+TOKEN@domain`. `word` is one of `demande::command`'s: letters and hyphens, at
    /// most 21, so that the local part keeps within 64 octets (RFC 5321 §4.5.3.1.1).
    pub fn action(&self, word: &str, token: &str) -> String {
        if self.catch_all {
            format!("{token}@{word}.{}", self.domain)
        } else {
            format!("{word}{}{token}@{}", self.separator, self.domain)
        }
    }

    /// Our envelope sender to one recipient of one demande, the same for all its mails: `retour+TOKEN@domain`.
    pub fn bounce(&self, token: &str) -> String {
        self.action(RETURN, token)
    }

    /// True when that address has the form of one with a token; whether a key made it is not asked.
    pub fn carries_token(&self, address: &str) -> bool {
        self.read(address, Carrier::Envelope).is_some_and(|candidate| candidate.ours)
    }

    /// The Message-ID of an outbox row, with its brackets; it carries the token too, for the client that keeps only
    /// In-Reply-To.
    pub fn message_id(&self, outbox: Uuid, token: &str) -> String {
        format!("<{}.{token}@{}>", outbox.simple(), self.domain)
    }

    /// The entry of References that names the thread of one recipient, with its brackets: `<TOKEN@domain>`.
    pub fn thread_root(&self, token: &str) -> String {
        format!("<{token}@{}>", self.domain)
    }

    fn is_ours(&self, domain: &str) -> bool {
        let at = domain.len().wrapping_sub(self.domain.len());
        domain.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(&self.domain))
            && (at == 0 || domain.as_bytes().get(at.wrapping_sub(1)) == Some(&b'.'))
    }

    /// What `text` carries: the address or Message-ID of a token, at whatever domain (a relay may have changed it).
    /// `domain` is None for a Message-ID's, whose word is no action.
    pub(super) fn read<'t>(&self, text: &'t str, carrier: Carrier) -> Option<Candidate<'t>> {
        let (local, domain) = text.rsplit_once('@')?;
        let start = local.len().checked_sub(TOKEN_CHARS)?;
        let (front, token) = (local.get(..start)?, local.get(start..)?);
        let word = front.strip_suffix([self.separator, '+', '.']).or_else(|| {
            // A client that does not decode its mailto: (mail.md §6).
            front.strip_suffix("%2B").or_else(|| front.strip_suffix("%2b"))
        });
        if !has_form(token) || (word.is_none() && !front.is_empty()) {
            return None;
        }
        let sub_domain =
            || domain.split_once('.').map(|(word, _)| word).filter(|_| domain.len() > self.domain.len());
        let word = word.or_else(sub_domain).filter(|_| carrier.is_address());
        Some(Candidate { token, carrier, word, ours: self.is_ours(domain) })
    }
}
