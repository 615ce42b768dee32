//! ARC (RFC 8617): the word of a server before ours, when it is one that we trust.
//!
//! Knows which of the chain's results may be believed: those of trusted sealers with none but trusted ones after them,
//! for only the last one's signature still covers the body.

use mail_auth::arc::Set;
use mail_auth::{ArcOutput, AuthenticatedMessage, DkimResult};

use super::Case;
use crate::mail::verdict::domain::{ascii, lists};
use crate::mail::verdict::{Fact, Method, Outcome, results, signature};

/// Longest chain that is followed; the RFC allows 50, each a question to the DNS.
const MAX_SETS: usize = 10;

/// What the trusted end of the chain says about the author; None without a chain that ends in trust.
pub(super) async fn check(case: &Case<'_>, message: &AuthenticatedMessage<'_>) -> Option<Fact> {
    let last = message.as_headers.last()?;
    let sealer = ascii(&last.header.d);
    let fact = Fact::new(Method::Arc, Outcome::None).about(&sealer);
    if !is_trusted(case, &sealer) {
        return Some(fact.noted("sealer not trusted"));
    }
    let signed = message.ams_headers.iter().map(|header| header.header.h.len()).max().unwrap_or(0);
    if message.as_headers.len() > MAX_SETS || signed > signature::MAX_SIGNED {
        return Some(Fact { outcome: Outcome::Permanent, ..fact }.noted("chain too long"));
    }
    let Some(chain) = case.in_time(case.dns.verify_arc(message)).await else {
        return Some(Fact { outcome: Outcome::Temporary, aligned: true, ..fact }.noted("no answer in time"));
    };
    Some(match chain.result() {
        DkimResult::Pass => passed(case, &chain, fact),
        DkimResult::TempError(_) => {
            Fact { outcome: Outcome::Temporary, aligned: true, ..fact }.noted("no answer from the DNS")
        }
        DkimResult::Neutral(error) | DkimResult::Fail(error) | DkimResult::PermError(error) => {
            Fact { outcome: Outcome::Fail, ..fact }.noted(error.to_string())
        }
        DkimResult::None => fact,
    })
}

fn is_trusted(case: &Case<'_>, domain: &str) -> bool {
    lists(&case.judge.settings.trusted_sealers, domain)
}

fn passed(case: &Case<'_>, chain: &ArcOutput<'_>, fact: Fact) -> Fact {
    let last = chain.sets().last();
    if let Some(why) = last.and_then(|set| signature::uncovered(&set.signature.header.h, case.head)) {
        return Fact { outcome: Outcome::Permanent, ..fact }.noted(why);
    }
    let trusted = |set: &&Set<'_>| {
        [&set.seal.header.d, &set.signature.header.d]
            .into_iter()
            .all(|domain| is_trusted(case, &ascii(domain)))
    };
    let aligned = chain.sets().iter().rev().take_while(trusted).any(|set| vouches(case, set));
    Fact { outcome: Outcome::Pass, aligned, ..fact }
}

/// True when the results in this set prove the author.
fn vouches(case: &Case<'_>, set: &Set<'_>) -> bool {
    let value = String::from_utf8_lossy(set.results.value);
    // The instance comes first (RFC 8617 §4.1.1); what follows is an Authentication-Results.
    let results = value.split_once(';').and_then(|(_, results)| results::parse(results));
    let facts = results.map(|results| {
        signature::distrust_partial(results.facts(case.author, &case.judge.suffixes), case.head)
    });
    facts.is_some_and(|facts| facts.iter().any(|fact| fact.aligned && fact.outcome == Outcome::Pass))
}
