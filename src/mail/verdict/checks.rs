//! Our own checks, by mail-auth: DKIM, SPF, ARC of trusted sealers, DMARC. Each bounded in time and in questions.
//!
//! Knows the resolver and what each result means for an author. Does not conclude. mail-auth reads the machine's clock
//! itself for the expiry of signatures.

mod arc;
mod resolver;

use std::future::Future;
use std::time::Duration;

use mail_auth::dkim::Signature;
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, DnsError, Error, MessageAuthenticator,
};
use mail_auth::{SpfOutput, SpfResult};

use super::author::Author;
use super::domain::ascii;
use super::head::Head;
use super::{Fact, Judge, Method, Outcome, PeerFacts, signature};

pub(super) use resolver::resolver;

/// Signatures verified: those that speak for From, and a few others for people to read.
const MAX_OURS: usize = 5;
const MAX_OTHERS: usize = 3;

/// One mail under examination.
struct Case<'c> {
    judge: &'c Judge,
    dns: &'c MessageAuthenticator,
    head: &'c Head<'c>,
    author: &'c Author,
}

/// All the facts about this author that the DNS helps to establish.
pub(super) async fn run(
    judge: &Judge,
    dns: &MessageAuthenticator,
    head: &Head<'_>,
    author: &Author,
    facts: &PeerFacts<'_>,
) -> Vec<Fact> {
    // Strict: a signature with l= is put aside, and no body is hashed once more for each of them.
    let message = AuthenticatedMessage::from_parsed(head.message(), head.raw, true);
    let case = Case { judge, dns, head, author };
    let (ours, others) = case.signers(&message);
    let (mine, rest, spf, sealed) =
        tokio::join!(case.dkim(&ours), case.dkim(&others), case.spf(facts), arc::check(&case, &message));
    let mut found = case.unusable(&message);
    found.extend(mine.into_iter().chain(rest).chain(spf).chain(sealed));
    // Where SPF cannot be judged, DMARC cannot say that a mail is not proved: no question is asked for nothing.
    if facts.client.is_some() || found.iter().any(|fact| fact.aligned && fact.outcome == Outcome::Pass) {
        let dmarc = case.dmarc(&message, &found).await;
        found.push(dmarc);
    }
    found
}

impl Case<'_> {
    fn aligned(&self, domain: &str) -> bool {
        self.judge.suffixes.aligned(domain, &self.author.domain)
    }

    fn fact(&self, method: Method, outcome: Outcome, domain: &str) -> Fact {
        Fact { aligned: self.aligned(domain), ..Fact::new(method, outcome).about(domain) }
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        // Cut by the caller's share, whatever the resolver still waits for.
        tokio::time::timeout(self.limit(), work).await.ok()
    }

    fn limit(&self) -> Duration {
        self.judge.settings.dns_timeout
    }

    /// The mail with only the signatures that speak for From, and with only some of the others: a stranger's server
    /// that never answers must not keep ours from being verified.
    fn signers<'x>(
        &self,
        message: &AuthenticatedMessage<'x>,
    ) -> (AuthenticatedMessage<'x>, AuthenticatedMessage<'x>) {
        let (mut ours, mut others) = (message.clone(), message.clone());
        ours.dkim_headers.retain(|header| self.aligned(&header.header.d));
        others.dkim_headers.retain(|header| !self.aligned(&header.header.d));
        ours.dkim_headers.truncate(MAX_OURS);
        others.dkim_headers.truncate(MAX_OTHERS);
        // The errors are told once, by `unusable`.
        ours.errors.clear();
        others.errors.clear();
        (ours, others)
    }

    async fn dkim(&self, message: &AuthenticatedMessage<'_>) -> Vec<Fact> {
        let too_long = |signature: &Signature| signature.h.len() > signature::MAX_SIGNED;
        let mut message = message.clone();
        message.dkim_headers.retain(|header| !too_long(&header.header));
        let Some(first) = message.dkim_headers.first() else { return Vec::new() };
        match self.in_time(self.dns.verify_dkim(&message)).await {
            Some(outputs) => outputs.iter().filter_map(|output| self.dkim_fact(output)).collect(),
            None => {
                vec![self.fact(Method::Dkim, Outcome::Temporary, &first.header.d).noted("no answer in time")]
            }
        }
    }

    fn dkim_fact(&self, output: &DkimOutput<'_>) -> Option<Fact> {
        let signature = output.signature()?;
        let (outcome, note) = match output.result() {
            DkimResult::Pass => match signature::weakness(signature, self.head) {
                None => (Outcome::Pass, None),
                Some(why) => (Outcome::Permanent, Some(why.to_owned())),
            },
            // A body that was changed is "neutral" for mail-auth: for us it is a contradiction.
            DkimResult::Neutral(error) | DkimResult::Fail(error) => (Outcome::Fail, Some(error.to_string())),
            DkimResult::PermError(error) => (Outcome::Permanent, Some(reason(error))),
            DkimResult::TempError(_) => (Outcome::Temporary, Some("no answer from the DNS".to_owned())),
            DkimResult::None => return None,
        };
        Some(Fact { note, ..self.fact(Method::Dkim, outcome, &signature.d) })
    }

    /// Signatures that are not even verified.
    fn unusable(&self, message: &AuthenticatedMessage<'_>) -> Vec<Fact> {
        let errors = message.errors.iter().filter(|error| error.name.eq_ignore_ascii_case(b"DKIM-Signature"));
        let unread = errors.take(MAX_OTHERS).map(|error| match Signature::parse(error.value) {
            Ok(weak) => self.weak(&weak),
            Err(cause) => Fact::new(Method::Dkim, Outcome::Permanent).noted(cause.to_string()),
        });
        let long = message.dkim_headers.iter().map(|header| &header.header);
        let long = long.filter(|signature| signature.h.len() > signature::MAX_SIGNED).take(MAX_OTHERS);
        unread.chain(long.map(|signature| self.weak(signature))).collect()
    }

    fn weak(&self, signature: &Signature) -> Fact {
        let why = signature::weakness(signature, self.head).unwrap_or("cannot be used");
        self.fact(Method::Dkim, Outcome::Permanent, &signature.d).noted(why)
    }

    async fn spf(&self, facts: &PeerFacts<'_>) -> Option<Fact> {
        let client = facts.client?.to_canonical();
        let Some((local, domain)) = facts.mail_from.and_then(|sender| sender.rsplit_once('@')) else {
            return Some(Fact::new(Method::Spf, Outcome::None).noted("null sender"));
        };
        let sender = format!("{local}@{}", ascii(domain));
        let asked = SpfParameters::verify_mail_from(client, facts.helo, &self.judge.settings.host, &sender);
        let outcome = match self.in_time(self.dns.verify_spf(asked)).await.as_ref().map(SpfOutput::result) {
            Some(SpfResult::Pass) => Outcome::Pass,
            Some(SpfResult::Fail) => Outcome::Fail,
            Some(SpfResult::SoftFail) => Outcome::Softfail,
            Some(SpfResult::Neutral) => Outcome::Neutral,
            Some(SpfResult::PermError) => Outcome::Permanent,
            Some(SpfResult::None) => Outcome::None,
            Some(SpfResult::TempError) | None => Outcome::Temporary,
        };
        Some(self.fact(Method::Spf, outcome, domain))
    }

    /// DMARC never makes a pass of its own: alignment was judged on our suffixes. It says that an author who
    /// publishes a policy is not proved.
    async fn dmarc(&self, message: &AuthenticatedMessage<'_>, found: &[Fact]) -> Fact {
        let any = |outcome| found.iter().any(|fact| fact.aligned && fact.outcome == outcome);
        let nothing = SpfOutput::new(String::new());
        let asked = DmarcParameters::new(message, &[], "", &nothing);
        let mut fact = self.fact(Method::Dmarc, Outcome::None, &self.author.domain);
        let Some(answer) = self.in_time(self.dns.verify_dmarc(asked)).await else {
            return Fact { outcome: Outcome::Temporary, aligned: false, ..fact };
        };
        if matches!(answer.dkim_result(), DmarcResult::TempError(_)) {
            return Fact { outcome: Outcome::Temporary, aligned: false, ..fact };
        }
        if answer.dmarc_record().is_none() {
            return fact;
        }
        fact.note = Some(format!("p={}", policy(answer.policy())));
        fact.outcome = match (any(Outcome::Pass), any(Outcome::Temporary)) {
            (true, _) => Outcome::Pass,
            (false, true) => Outcome::None,
            (false, false) => Outcome::Fail,
        };
        fact
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::None | Policy::Unspecified => "none",
        Policy::Quarantine => "quarantine",
        Policy::Reject => "reject",
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Dns(DnsError::RecordNotFound(_) | DnsError::InvalidRecordType) => {
            "no key in the DNS".to_owned()
        }
        other => other.to_string(),
    }
}
