//! The header fields of a mail, as the parser that reads its content sees them, and as the octets they are.
//!
//! Knows only where a field begins and ends. One parser for the verdict and for the words: two would let a mail show
//! one From to each.

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};

/// More fields than any mail has: beyond, nothing is checked, and so nothing is proved.
pub(super) const MAX_FIELDS: usize = 2000;

/// The fields, first to last.
pub(super) struct Head<'x> {
    pub(super) raw: &'x [u8],
    parsed: Option<Message<'x>>,
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
        let parsed = MessageParser::new().parse_headers(raw);
        // A mail of which nothing is a header has no part at all.
        Head { raw, parsed: parsed.filter(|message| !message.parts.is_empty()) }
    }

    pub(super) fn parsed(&self) -> Option<&Message<'x>> {
        self.parsed.as_ref().filter(|message| message.root_part().headers.len() <= MAX_FIELDS)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = Field<'_, 'x>> {
        let headers = self.parsed.iter().flat_map(|message| message.root_part().headers.iter());
        headers.filter_map(|header| {
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
