//! The header fields of a mail, as the parser that reads its content sees them, and as the octets they are.
//!
//! Knows only where a field begins and ends. A head that two programs could read differently is at fault: the relay
//! before us, the verdict and `letter` would else each judge a mail of their own.

use mail_parser::parsers::MessageStream;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart};

/// More fields than any honest mail has, and longer: such a mail is not checked, and so is not proved.
const MAX_FIELDS: usize = 2000;
const MAX_HEAD: usize = 512 * 1024;

/// The fields, first to last.
pub(super) struct Head<'x> {
    pub(super) raw: &'x [u8],
    /// A message of one part without content.
    message: Message<'x>,
    fault: Option<&'static str>,
}

/// A field as it stands.
pub(super) struct Field<'h, 'x> {
    pub(super) name: &'h HeaderName<'x>,
    pub(super) value: &'h HeaderValue<'x>,
    /// The octets before the colon.
    pub(super) raw_name: &'x [u8],
    /// The octets after the colon, to the end of the line included.
    pub(super) raw_value: &'x [u8],
}

impl<'x> Head<'x> {
    pub(super) fn read(raw: &'x [u8]) -> Self {
        let start = raw.get(..MAX_HEAD).unwrap_or(raw);
        let (mut stream, mut headers) = (MessageStream::new(start), Vec::new());
        stream.parse_headers(&MessageParser::new(), &mut headers);
        let body = u32::try_from(stream.offset()).unwrap_or(u32::MAX);
        let fault = match end_of_head(start) {
            _ if headers.len() > MAX_FIELDS => Some("too many header fields"),
            None if raw.len() > start.len() => Some("too many header fields"),
            Some(end) if end == stream.offset() => None,
            _ => Some("the header block is malformed"),
        };
        let part = MessagePart { headers, offset_body: body, ..MessagePart::default() };
        Head { raw, message: Message { parts: vec![part], ..Message::default() }, fault }
    }

    /// The fields and where the body begins, for mail-auth; it must not look at anything else of it.
    pub(super) fn message(&self) -> &Message<'x> {
        &self.message
    }

    /// Why nothing in this head may be believed: checking it would cost more than any honest one, or others may read
    /// it differently.
    pub(super) fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    fn fields(&self) -> impl Iterator<Item = Field<'_, 'x>> {
        self.message.root_part().headers.iter().filter_map(|header| {
            let (name, start, end) = (header.offset_field, header.offset_start, header.offset_end);
            Some(Field {
                name: &header.name,
                value: &header.value,
                raw_name: self.raw.get(name as usize..(start as usize).checked_sub(1)?)?,
                raw_value: self.raw.get(start as usize..end as usize)?,
            })
        })
    }

    pub(super) fn named(&self, name: &HeaderName<'_>) -> impl Iterator<Item = Field<'_, 'x>> {
        self.fields().filter(move |field| field.name == name)
    }
}

/// Where the body begins, by a grammar that leaves no choice (RFC 5322 §2.2 and §3.6.8, no obsolete folding); None for
/// a head that is not written by it.
fn end_of_head(raw: &[u8]) -> Option<usize> {
    let (mut at, mut in_field) = (0, false);
    loop {
        let end = memchr::memchr(b'\n', raw.get(at..)?)? + at + 1;
        let line = raw.get(at..end - 1)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Some(end);
        }
        // The first line that a local delivery agent writes above a mail.
        let separator = at == 0 && line.starts_with(b"From ");
        // Below that line a fold is no field's: some readers skip its blanks and find one.
        let folded = in_field && matches!(line.first(), Some(b' ' | b'\t'));
        let plain = !line.contains(&b'\r') && !line.contains(&0);
        if !plain || !(is_field(line) || separator || (folded && !line.trim_ascii().is_empty())) {
            return None;
        }
        in_field |= !separator || is_field(line);
        at = end;
    }
}

/// A name of printable ASCII without spaces, then a colon; obsolete blanks between the two are let through, for From
/// and Subject are checked for them.
fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().take(200).position(|b| *b == b':') else { return false };
    let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
    !name.is_empty() && !name.starts_with(b"--") && name.iter().all(u8::is_ascii_graphic)
}
