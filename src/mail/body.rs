//! The text of a mail, and what its HTML structure already told about it.
//!
//! `letter` fills it (from a text part or from HTML), `reply` cuts it. Neither needs to know how the other works.

use std::ops::Range;

/// The readable text of a mail, LF line ends, with what its structure says of some of its lines.
///
/// `spans` is sorted by start, every range starts and ends on a line boundary of `text`; it is empty for plain
/// text, where only the words can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Decoded text, lines ended by `\n`, no `\r`.
    pub text: String,
    /// What the HTML structure said of some lines.
    pub spans: Vec<Span>,
}

/// A run of whole lines of [`Body::text`] and what the structure says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Byte range of whole lines.
    pub range: Range<usize>,
    /// What it is.
    pub kind: SpanKind,
    /// Which structure told (for `relais extract --explain`): `gmail_quote`, `divRplyFwdMsg`…
    pub rule: &'static str,
}

/// What a structure of a mail client marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Lines inside a quotation (blockquote type=cite, `gmail_quote`…). Text may follow or stand between two.
    Quoted,
    /// The line that introduces a quotation ("Le … a écrit :", `moz-cite-prefix`, `gmail_attr`).
    Attribution,
    /// From here on, everything is the earlier conversation (Outlook's `divRplyFwdMsg` or border-top block).
    History,
    /// A signature block (`gmail_signature`, `moz-signature`, Outlook's `Signature`).
    Signature,
    /// Our own marker ("Répondez au-dessus de cette ligne", or its `data-relais` attribute).
    Marker,
    /// A banner added by a filter on the way (`[EXTERNE]`, antivirus).
    Banner,
}
