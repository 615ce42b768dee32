//! What a DKIM signature covers: the whole body, and every From and Subject that a reader may show.
//!
//! Knows the two tricks on a mail that was once rightly signed (RFC 6376 §8.2 and §8.15): a longer body under `l=`, a
//! second Subject above the signed one. Does not verify signatures.

use mail_auth::common::crypto::Algorithm;
use mail_auth::dkim::Signature;
use mail_parser::HeaderName;

use super::domain::ascii;
use super::head::Head;
use super::{Fact, Method, Outcome};

/// Most header names a signature may list: verifying costs their number times that of the fields.
pub(super) const MAX_SIGNED: usize = 128;

/// Why a signature with this list of fields does not bind what people read; None when it does.
pub(super) fn uncovered(signed: &[String], head: &Head<'_>) -> Option<&'static str> {
    if signed.len() > MAX_SIGNED {
        return Some("lists too many fields");
    }
    let covers = |name: &HeaderName<'_>, text: &str| {
        let listed = signed.iter().filter(|signed| signed.trim().eq_ignore_ascii_case(text)).count();
        let mut present = 0;
        // `Subject :` or `Sub ject:` is a Subject for our reader, and is none for the signature.
        let plain = head.named(name).all(|field| {
            present += 1;
            field.raw_name.eq_ignore_ascii_case(text.as_bytes())
        });
        plain && present <= listed
    };
    if !covers(&HeaderName::From, "From") {
        Some("does not sign From")
    } else if !covers(&HeaderName::Subject, "Subject") {
        Some("does not sign every Subject")
    } else if [HeaderName::ContentType, HeaderName::ContentTransferEncoding]
        .iter()
        .any(|name| twice(name, head))
    {
        Some("two fields say what the body is")
    } else {
        None
    }
}

/// Many signers leave Content-Type unsigned, so one cannot ask that it be; but a second one is an attack.
fn twice(name: &HeaderName<'_>, head: &Head<'_>) -> bool {
    head.named(name).nth(1).is_some()
}

/// Why this signature proves nothing even when it verifies.
pub(super) fn weakness(signature: &Signature, head: &Head<'_>) -> Option<&'static str> {
    if signature.l != 0 {
        Some("l= leaves a part of the body unsigned")
    } else if signature.a == Algorithm::RsaSha1 {
        Some("SHA-1 (RFC 8301)")
    } else {
        uncovered(&signature.h, head)
    }
}

/// A relay that says `dkim=pass` may not have looked at this: a pass by a domain one of whose signatures here is weak
/// counts for nothing. Signatures that the relay has removed cannot be looked at, and its word stands.
pub(super) fn distrust_partial(mut facts: Vec<Fact>, head: &Head<'_>) -> Vec<Fact> {
    let is_pass = |fact: &Fact| fact.method == Method::Dkim && fact.outcome == Outcome::Pass && fact.aligned;
    if !facts.iter().any(is_pass) {
        return facts;
    }
    let mut weak = Vec::new();
    for field in head.named(&HeaderName::DkimSignature) {
        if let Ok(signature) = Signature::parse(field.raw_value) {
            weak.extend(weakness(&signature, head).map(|why| (ascii(&signature.d), why)));
        }
    }
    let mut found = false;
    for fact in facts.iter_mut().filter(|fact| is_pass(fact)) {
        let domain = fact.domain.clone().unwrap_or_default();
        if let Some((_, why)) = weak.iter().find(|(signer, _)| ends_at_dot(&domain, signer)) {
            (fact.outcome, fact.note, found) = (Outcome::Permanent, Some((*why).to_owned()), true);
        }
    }
    if found
        && !facts
            .iter()
            .any(|fact| fact.aligned && fact.outcome == Outcome::Pass && fact.method != Method::Dmarc)
    {
        for fact in
            facts.iter_mut().filter(|fact| fact.method == Method::Dmarc && fact.outcome == Outcome::Pass)
        {
            (fact.aligned, fact.note) = (false, Some("rests on a signature that covers too little".into()));
        }
    }
    facts
}

/// `header.i` may name a sub-domain of the signer's.
fn ends_at_dot(domain: &str, signer: &str) -> bool {
    domain == signer || domain.strip_suffix(signer).is_some_and(|front| front.ends_with('.'))
}
