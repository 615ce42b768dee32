//! Attachments: what they are by their bytes, what they may be called, which are only decoration, which are dangerous.

use super::head::Head;
use super::tree::Part;
use super::{Limits, danger, images, names};

/// A file of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// NFKC, without path and tricks, at most 200 characters.
    pub name: String,
    /// Media type by the bytes; what the sender declared when they do not tell.
    pub kind: String,
    /// Media type that the sender declared, lower case, possibly empty.
    pub declared: String,
    /// Bytes, decoded.
    pub size: usize,
    /// Meant to be seen with the text.
    pub inline: bool,
    /// Without `<>`.
    pub content_id: Option<String>,
    /// Decoded; empty when `withheld` says that it was too large to keep.
    pub bytes: Vec<u8>,
    /// A signature's image, as far as one mail can tell: small, or shown only in a signature or quotation.
    pub logo: bool,
    /// Why it must not be passed on, if so: "executable", "encrypted archive", "too large".
    pub withheld: Option<&'static str>,
    /// The readable text of an attached mail (`message/rfc822`).
    pub text: Option<String>,
}

impl std::fmt::Debug for Attachment {
    /// Without the bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("size", &self.size)
            .field("inline", &self.inline)
            .field("logo", &self.logo)
            .field("withheld", &self.withheld)
            .finish_non_exhaustive()
    }
}

/// Whether a leaf that is not the body is a file, and not the machinery of signatures and reports.
pub(super) fn is_file(part: &Part<'_>) -> bool {
    let machinery = matches!(
        (part.kind.top.as_str(), part.kind.sub.as_str()),
        ("application", "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature" | "pgp-encrypted")
            | ("text", "x-amp-html" | "rfc822-headers" | "vnd.google.email-reaction+json")
            | (
                "message",
                "delivery-status" | "disposition-notification" | "feedback-report" | "global-delivery-status"
            )
    );
    // A calendar that is the mail itself; a multipart too deep to be read.
    let unnamed = part.file_name().is_none() && part.disposition.top != "attachment";
    let structure = part.kind.top == "multipart" || (unnamed && part.kind.is("text", "calendar"));
    let empty_text =
        part.kind.top == "text" && part.file_name().is_none() && part.body.trim_ascii().is_empty();
    !machinery && !structure && !empty_text
}

/// The file in a part. `images` are those that the HTML shows, and whether in a signature or quotation; `number` names
/// the nameless; `room` is what may still be kept.
pub(super) fn attachment(
    part: &Part<'_>,
    images: &[(String, bool)],
    number: usize,
    room: &mut usize,
) -> Attachment {
    let declared = part.kind.essence();
    let content_id = part.content_id();
    let bytes = part.decoded().into_owned();
    let mut file = from_bytes(part.file_name().unwrap_or_default(), bytes, number, room);
    let shown = images.iter().filter(|(cid, _)| Some(cid) == content_id.as_ref());
    let places: Vec<bool> = shown.map(|(_, foreign)| *foreign).collect();
    file.inline = part.disposition.top == "inline" || !places.is_empty();
    file.logo = images::is_logo(&file, &places);
    if part.kind.top == "message" && part.kind.sub == "rfc822" {
        attached_mail(&mut file, part.file_name());
    }
    if file.kind == UNKNOWN && !declared.is_empty() {
        file.kind.clone_from(&declared);
    }
    file.declared = declared;
    file.content_id = content_id;
    file
}

const UNKNOWN: &str = "application/octet-stream";

/// A file of which only bytes and a name are known.
pub(super) fn from_bytes(name: &str, bytes: Vec<u8>, number: usize, room: &mut usize) -> Attachment {
    let size = bytes.len();
    let found = infer::get(&bytes);
    let extension = found.map_or("bin", |t| t.extension());
    let name = names::clean(name, &format!("piece-jointe-{number}.{extension}"));
    let fits = size <= *room;
    *room = room.saturating_sub(size);
    let withheld = if fits { danger::reason(&name, &bytes) } else { Some("too large") };
    Attachment {
        kind: found.map_or(UNKNOWN, |t| t.mime_type()).to_owned(),
        name,
        declared: String::new(),
        size,
        inline: false,
        content_id: None,
        bytes: if fits { bytes } else { Vec::new() },
        logo: false,
        withheld,
        text: None,
    }
}

/// A forwarded mail: named by its subject, readable without opening it.
fn attached_mail(file: &mut Attachment, given: Option<&str>) {
    "message/rfc822".clone_into(&mut file.kind);
    let (head, _) = Head::read(&file.bytes, 0, &mut 64_000);
    let subject = head.decoded("subject");
    if given.is_none() && !subject.is_empty() {
        file.name = names::clean(&format!("{subject}.eml"), "message.eml");
    }
    file.text = readable(&file.bytes);
}

/// The text of an attached mail. Mails attached to it are not read: once is linear.
fn readable(raw: &[u8]) -> Option<String> {
    let limits = Limits { parts: 50, depth: 8, decoded_bytes: 0, display: false, ..Limits::default() };
    let parts = super::tree::read(raw, &limits);
    let text = super::content::text_only(&parts, &limits);
    (!text.trim().is_empty()).then_some(text)
}
