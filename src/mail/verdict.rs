//! Who vouches for the From of a mail: our relay's word (RFC 8601), or our own SPF, DKIM, DMARC and ARC checks.
//!
//! Knows mail.md §2's alignment: a pass on From's organisational domain, one From, one address. Does not know who that
//! From is, nor what he may do (`demande::admission`). DNS is the only await; its resolver is given by [`Settings`].

mod author;
mod checks;
mod domain;
mod head;
mod results;
mod signature;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mail_auth::MessageAuthenticator;
use serde::{Deserialize, Serialize};

use crate::demande::admission::Alignment;
use author::Author;
use domain::Suffixes;
use head::Head;

/// What stands behind the From of a mail. Kept with the mail and shown by `relais inbox show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// What the decision table goes by.
    pub alignment: Alignment,
    /// The one address of the one From, in lower case, its domain in ASCII; None when there is not exactly one. It is
    /// the only address that may identify the sender: the alignment was judged on it.
    pub from: Option<String>,
    /// What decided.
    pub via: Via,
    /// All that was found, for people to read.
    pub facts: Vec<Fact>,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The topmost Authentication-Results of our relay.
    AuthenticationResults,
    /// A DKIM signature, checked by us.
    Dkim,
    /// The client's address, checked by us.
    Spf,
    /// DMARC, checked by us: only ever for a failure, a pass being that of DKIM or SPF.
    Dmarc,
    /// The word of a trusted ARC sealer.
    Arc,
    /// The domain is listed in `trust.unsigned_domains` and came from a trusted peer.
    UnsignedDomain,
    /// The From header itself.
    From,
    /// Nothing did.
    Nothing,
}

/// One result, as short as RFC 8601 would write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which check.
    pub method: Method,
    /// How it came out.
    pub outcome: Outcome,
    /// The domain it is about: the signer's, the envelope sender's, From's, the sealer's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub domain: Option<String>,
    /// That domain speaks for From's.
    pub aligned: bool,
    /// Why, in a few words of English.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// A way to prove a From.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// RFC 7208, on the envelope sender.
    Spf,
    /// RFC 6376.
    Dkim,
    /// RFC 9989.
    Dmarc,
    /// RFC 8617.
    Arc,
    /// The From header has one address.
    From,
}

/// The results of RFC 8601 §2.7, those of all methods together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Proved.
    Pass,
    /// Contradicted.
    Fail,
    /// SPF's "probably not".
    Softfail,
    /// Nothing said, or not understood.
    Neutral,
    /// Nothing published, or nothing signed.
    None,
    /// A DNS answer is missing.
    Temporary,
    /// What is published cannot be used.
    Permanent,
}

/// Where the answers of DNS come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    /// Nowhere: only our relay's word counts.
    Off,
    /// The machine's resolvers (`/etc/resolv.conf`).
    System,
    /// That one (`dns.resolver`), by UDP, and by TCP when an answer is too long.
    At(SocketAddr),
}

/// What the operator decided (`[trust]` and `[dns]` of deploy.toml).
#[derive(Debug, Clone)]
pub struct Settings {
    /// Our own name, for the macros of SPF.
    pub host: String,
    /// The authserv-id that our relay writes in its Authentication-Results; None: no relay's word is taken.
    pub authserv_id: Option<String>,
    /// Domains whose mail is known to be unsigned: believed from a trusted peer when nothing contradicts.
    pub unsigned_domains: Vec<String>,
    /// Suffixes shared by organisations that do not speak for each other, besides the Public Suffix List.
    pub public_suffixes: Vec<String>,
    /// Signing domains whose ARC seal, and so whose Authentication-Results, is believed.
    pub trusted_sealers: Vec<String>,
    /// The resolver.
    pub dns: Dns,
    /// How long each of the checks may take, all its questions together; then it is temporary.
    pub dns_timeout: Duration,
    /// Most answers kept, each for its own time to live.
    pub dns_cache: u64,
}

/// What the transport knows about a mail. A file import knows nothing: `PeerFacts::default()`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PeerFacts<'a> {
    /// The address from which the mail entered our network, None where nobody told: never a relay's own.
    pub client: Option<IpAddr>,
    /// What that client called itself.
    pub helo: &'a str,
    /// The envelope sender, None for the null sender.
    pub mail_from: Option<&'a str>,
    /// The host that speaks to us is one of ours: its Authentication-Results may be believed.
    pub trusted_peer: bool,
}

/// Why there is no judge.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// `/etc/resolv.conf` cannot be used.
    #[error(
        "dns.resolver is not set and the machine's resolvers cannot be read: {0}; set dns.resolver to an address and port, such as \"127.0.0.1:53\""
    )]
    System(String),
    /// The resolver could not be made.
    #[error("dns.resolver: {0}")]
    Resolver(String),
}

/// Judges mails. One for the whole daemon: it holds the cache.
pub struct Judge {
    settings: Settings,
    suffixes: Suffixes,
    dns: Option<MessageAuthenticator>,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Judge {
    /// A judge by these settings. Fails when the resolver cannot be made; asks it nothing yet.
    pub fn new(settings: Settings) -> Result<Self, JudgeError> {
        let dns = checks::resolver(&settings)?;
        let suffixes = Suffixes::new(&settings.public_suffixes);
        Ok(Judge { settings, suffixes, dns })
    }
}

/// True when the resolver answers at all, be it that there is nothing of that name: for `relais doctor`.
pub async fn answers(judge: &Judge, domain: &str) -> bool {
    let Some(dns) = &judge.dns else { return false };
    match dns.txt_raw_lookup(domain).await {
        Ok(_) => true,
        Err(error) => matches!(error, mail_auth::Error::Dns(mail_auth::DnsError::RecordNotFound(_))),
    }
}

/// What stands behind the From of this mail.
pub async fn judge(judge: &Judge, raw: &[u8], facts: &PeerFacts<'_>) -> Trust {
    let head = Head::read(raw);
    let author = match author::read(&head) {
        Ok(author) => author,
        Err(note) => return Trust::without_author(note),
    };
    let mut trust = evidence(judge, &head, &author, facts).await;
    let listed = domain::lists(&judge.settings.unsigned_domains, &author.domain);
    if trust.alignment == Alignment::None && facts.trusted_peer && listed {
        (trust.alignment, trust.via) = (Alignment::Pass, Via::UnsignedDomain);
    }
    trust
}

/// Our relay's word if it gave one, unless it lacked a DNS answer that we may get; else our own checks.
async fn evidence(judge: &Judge, head: &Head<'_>, author: &Author, facts: &PeerFacts<'_>) -> Trust {
    let relay = judge.settings.authserv_id.as_deref().filter(|_| facts.trusted_peer);
    let word = relay.and_then(|id| results::topmost(head, id)).map(|word| {
        let found = signature::distrust_partial(word.facts(author, &judge.suffixes), head);
        Trust::from_word(author, found)
    });
    match (word, &judge.dns) {
        (Some(word), Some(_)) if word.alignment != Alignment::Temporary => word,
        (Some(word), None) => word,
        (_, Some(dns)) => {
            Trust::conclude(author, Box::pin(checks::run(judge, dns, head, author, facts)).await)
        }
        (None, None) => Trust::conclude(author, Vec::new()),
    }
}

impl Trust {
    /// True when an aligned signature passes and nothing tells that the mail came from its author's own servers.
    pub fn rests_on_a_signature(&self) -> bool {
        let passes = |method| {
            self.facts
                .iter()
                .any(|fact| fact.method == method && fact.aligned && fact.outcome == Outcome::Pass)
        };
        !passes(Method::Spf) && (passes(Method::Dkim) || passes(Method::Dmarc))
    }

    fn without_author(note: &str) -> Self {
        let note = Some(note.to_owned());
        let fact = Fact { method: Method::From, outcome: Outcome::Fail, domain: None, aligned: false, note };
        Trust { alignment: Alignment::Fail, from: None, via: Via::From, facts: vec![fact] }
    }

    fn from_word(author: &Author, facts: Vec<Fact>) -> Self {
        let mut trust = Trust::conclude(author, facts);
        trust.via = Via::AuthenticationResults;
        trust
    }

    /// Any aligned pass decides; then what is missing, for it might have been one; then what failed.
    fn conclude(author: &Author, facts: Vec<Fact>) -> Self {
        let first = |wanted: fn(&Fact) -> bool| facts.iter().find(|fact| fact.aligned && wanted(fact));
        let (alignment, decided) = if let Some(fact) = first(|fact| fact.outcome == Outcome::Pass) {
            (Alignment::Pass, Some(fact))
        } else if let Some(fact) = first(|fact| fact.outcome == Outcome::Temporary) {
            (Alignment::Temporary, Some(fact))
        } else if let Some(fact) = first(Fact::contradicts) {
            (Alignment::Fail, Some(fact))
        } else {
            (Alignment::None, None)
        };
        let via = decided.map_or(Via::Nothing, |fact| fact.method.into());
        Trust { alignment, from: Some(author.address.clone()), via, facts }
    }
}

impl Fact {
    fn new(method: Method, outcome: Outcome) -> Self {
        Fact { method, outcome, domain: None, aligned: false, note: None }
    }

    /// About that domain. A stranger wrote it: what cannot be a domain is not kept, and aligns with nothing.
    fn about(mut self, domain: &str) -> Self {
        self.domain = Some(domain::ascii(domain)).filter(|domain| domain::is_plain(domain));
        self
    }

    fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// A domain that signs says something by every result but these; SPF and DMARC only when they say no.
    fn contradicts(&self) -> bool {
        match self.method {
            Method::Dkim => !matches!(self.outcome, Outcome::Pass | Outcome::None | Outcome::Temporary),
            Method::Spf | Method::Dmarc => self.outcome == Outcome::Fail,
            Method::Arc | Method::From => false,
        }
    }
}

impl From<Method> for Via {
    fn from(method: Method) -> Self {
        match method {
            Method::Spf => Via::Spf,
            Method::Dkim => Via::Dkim,
            Method::Dmarc => Via::Dmarc,
            Method::Arc => Via::Arc,
            Method::From => Via::From,
        }
    }
}
