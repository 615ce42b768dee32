//! Signed and encrypted mails: what is inside is read, nothing is verified or decrypted here.

use super::cms::{self, Opaque};
use super::tree::Part;
use crate::mail::body::Body;

/// How the mail was protected by its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protection {
    /// Not at all, or only on the way.
    #[default]
    Clear,
    /// S/MIME, signature beside the text.
    SmimeSigned,
    /// S/MIME, the text inside the signature: unwrapped.
    SmimeOpaque,
    /// PGP/MIME or inline PGP.
    PgpSigned,
    /// To a key that we do not have: the text cannot be read.
    Encrypted,
}

/// What the structure says.
pub(super) fn of(parts: &[Part<'_>]) -> Protection {
    let Some(root) = parts.first() else { return Protection::Clear };
    if parts.iter().any(|p| p.kind.is("multipart", "encrypted")) {
        return Protection::Encrypted;
    }
    if let Some(signed) = parts.iter().find(|p| p.kind.is("multipart", "signed")) {
        let protocol = signed.kind.param("protocol").unwrap_or_default().to_ascii_lowercase();
        let pgp = protocol.contains("pgp") || parts.iter().any(|p| p.kind.is("application", "pgp-signature"));
        return if pgp { Protection::PgpSigned } else { Protection::SmimeSigned };
    }
    let sealed = is_opaque(root) && matches!(cms::open(&root.decoded()), Some(Opaque::Enveloped));
    if sealed { Protection::Encrypted } else { Protection::Clear }
}

fn is_opaque(part: &Part<'_>) -> bool {
    let named = part.file_name().is_some_and(|n| n.to_ascii_lowercase().ends_with(".p7m"));
    part.kind.top == "application"
        && (matches!(part.kind.sub.as_str(), "pkcs7-mime" | "x-pkcs7-mime") || named)
}

/// The mail inside an opaque signature, when that is all the mail holds (a list's footer beside it does not matter).
pub(super) fn unwrap(parts: &[Part<'_>]) -> Option<Vec<u8>> {
    let root = parts.first()?;
    let opaque = if root.multipart {
        let first = root.children.first().and_then(|child| parts.get(*child))?;
        (root.kind.sub == "mixed").then_some(first)?
    } else {
        root
    };
    if !is_opaque(opaque) {
        return None;
    }
    match cms::open(&opaque.decoded()) {
        Some(Opaque::Signed(inside)) => Some(inside),
        _ => None,
    }
}

/// PGP in the text itself: the armour goes (RFC 9580 §7), or the mail is encrypted.
pub(super) fn inline(body: &mut Body) -> Option<Protection> {
    const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
    const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
    let text = body.text.trim_start();
    if text.starts_with("-----BEGIN PGP MESSAGE-----") {
        return Some(Protection::Encrypted);
    }
    let inside = text.strip_prefix(SIGNED)?;
    let (_, inside) = inside.split_once("\n\n")?;
    let (said, after) = inside.split_once(SIGNATURE)?;
    let after = after.split_once("-----END PGP SIGNATURE-----").map_or("", |(_, rest)| rest.trim_start());
    let mut plain = String::with_capacity(text.len());
    for line in said.lines() {
        plain.push_str(line.strip_prefix("- ").unwrap_or(line));
        plain.push('\n');
    }
    plain.push_str(after);
    *body = Body { text: plain, spans: Vec::new() };
    Some(Protection::PgpSigned)
}
