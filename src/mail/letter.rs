//! A raw mail becomes a [`Letter`]: who, what, with which files, and whether a person wrote it.
//!
//! Pure: bytes in, values out; linear in the size of the mail, bounded by [`Limits`]. Damage is read past as far as
//! there is sense in it. Does not know which words are the person's and which are quoted: that is `reply`.

mod charset;
mod choose;
mod cms;
mod content;
mod danger;
mod files;
mod flowed;
pub(crate) mod head;
mod html;
mod images;
mod names;
mod protect;
mod tnef;
mod transfer;
pub(crate) mod tree;
mod words;

use std::borrow::Cow;

pub use self::files::Attachment;
pub use self::protect::Protection;
pub use super::report::{Bounce, Machine, MachineKind};

use self::head::Head;
use super::body::Body;
use super::report;

/// What a mail may cost. Beyond, less is read; nothing is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// MIME parts read; the rest is left alone. Default 2 000.
    pub parts: usize,
    /// Nested multiparts. Default 24.
    pub depth: usize,
    /// Bytes of header fields kept, of all parts together. Default 256 KiB.
    pub headers_bytes: usize,
    /// Bytes of attachments kept, decoded. Default 64 MiB.
    pub decoded_bytes: usize,
    /// Whether to make [`Letter::html`], which costs more than all the rest. Default true.
    pub display: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { parts: 2000, depth: 24, headers_bytes: 256 << 10, decoded_bytes: 64 << 20, display: true }
    }
}

/// Why no letter could be made of the bytes; for the dead letter, without personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No byte but white space.
    #[error("the mail is empty")]
    Empty,
    /// Not one header field at its beginning (RFC 5322 §3.6 wants at least From and Date).
    #[error("the mail has no header field at its beginning")]
    NoHeader,
}

/// An address with the name that its writer gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Decoded, one line.
    pub name: Option<String>,
    /// As written; compare without case.
    pub address: String,
}

/// A mail, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Every address of every From header, in order.
    pub from: Vec<Mailbox>,
    /// More than one is an attack: exactly one address is required of who writes.
    pub from_headers: usize,
    /// The Sender header; identifies nobody.
    pub sender: Option<Mailbox>,
    /// Every To address.
    pub to: Vec<Mailbox>,
    /// Every Cc address.
    pub cc: Vec<Mailbox>,
    /// Addresses of Delivered-To, X-Original-To, X-Forwarded-To, Envelope-To, in that order.
    pub delivered_to: Vec<String>,
    /// Decoded, one line.
    pub subject: String,
    /// Without `<>`.
    pub message_id: Option<String>,
    /// Without `<>`.
    pub in_reply_to: Vec<String>,
    /// Without `<>`, oldest first.
    pub references: Vec<String>,
    /// Milliseconds since the Unix epoch, as the sender says.
    pub date: Option<i64>,
    /// Raw values, unfolded, topmost first.
    pub authentication_results: Vec<String>,
    /// The readable text.
    pub body: Body,
    /// Values of our own `data-relais…` attributes found in its HTML: the weakest carrier of a token.
    pub relais: Vec<String>,
    /// Sanitised for display: nothing active, nothing loaded from elsewhere, images only as `cid:`.
    pub html: Option<String>,
    /// Files, in the order of the mail.
    pub attachments: Vec<Attachment>,
    /// `None`: a person wrote it. See [`Letter::machine_given`] for what the envelope adds.
    pub machine: Option<Machine>,
    /// Signed, encrypted, or neither; signatures are not verified here.
    pub protection: Protection,
}

impl Letter {
    /// Machine or person, now that the envelope is known: nobody writes with a null sender (RFC 5321 §4.5.5).
    pub fn machine_given(&self, null_sender: bool) -> Option<Machine> {
        match &self.machine {
            Some(machine) => Some(machine.clone()),
            None if null_sender => Some(report::without_sender(self)),
            None => None,
        }
    }
}

/// Reads a mail.
///
/// # Errors
/// [`Unreadable`] when there is nothing to read; damaged mails are read as far as possible.
pub fn read(raw: &[u8], limits: &Limits) -> Result<Letter, Unreadable> {
    let raw = line_feeds(raw);
    let start = raw.iter().position(|b| !b.is_ascii_whitespace()).ok_or(Unreadable::Empty)?;
    let parts = tree::read(&raw[start..], limits);
    let head =
        parts.first().map(|part| &part.head).filter(|head| !head.is_empty()).ok_or(Unreadable::NoHeader)?;
    let content = content::gather(&parts, limits);
    let mut letter = envelope(head);
    letter.machine = report::judge(&report::Evidence {
        head,
        parts: &parts,
        subject: &letter.subject,
        text: &content.body.text,
        from: &letter.from,
        threaded: !letter.in_reply_to.is_empty() || !letter.references.is_empty(),
    });
    letter.body = content.body;
    letter.relais = content.relais;
    letter.html = content.html;
    letter.attachments = content.attachments;
    letter.protection = content.protection;
    Ok(letter)
}

/// What the header fields say.
fn envelope(head: &Head<'_>) -> Letter {
    let delivered = ["delivered-to", "x-original-to", "x-forwarded-to", "envelope-to"];
    let delivered_to = delivered.iter().flat_map(|name| head.mailboxes(name)).map(|m| m.address);
    Letter {
        from: head.mailboxes("from"),
        from_headers: head.count_from(),
        sender: head.mailboxes("sender").into_iter().next(),
        to: head.mailboxes("to"),
        cc: head.mailboxes("cc"),
        delivered_to: delivered_to.collect(),
        subject: head.decoded("subject"),
        message_id: head.ids("message-id").into_iter().next(),
        in_reply_to: head.ids("in-reply-to"),
        references: head.ids("references"),
        date: head.date(),
        authentication_results: head.all("authentication-results").map(head::unfold).collect(),
        body: Body::default(),
        relais: Vec::new(),
        html: None,
        attachments: Vec::new(),
        machine: None,
        protection: Protection::Clear,
    }
}

/// A mail whose lines end with CR alone (seen from very old gateways) is read as if they ended with LF.
fn line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', raw).is_some() || memchr::memchr(b'\r', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
