//! The header fields of a mail, as the parser that reads its content sees them, and as the octets they are.
//!
//! Knows only where a field begins and ends. One parser for the verdict and for the words: two would let a mail show
//! one From to each.

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
    excessive: bool,
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
        let complete = stream.parse_headers(&MessageParser::new(), &mut headers);
        let excessive = headers.len() > MAX_FIELDS || (!complete && raw.len() > MAX_HEAD);
        let body = u32::try_from(stream.offset()).unwrap_or(u32::MAX);
        let part = MessagePart { headers, offset_body: body, ..MessagePart::default() };
        Head { raw, message: Message { parts: vec![part], ..Message::default() }, excessive }
    }

    /// The fields and where the body begins, for mail-auth; it must not look at anything else of it.
    pub(super) fn message(&self) -> &Message<'x> {
        &self.message
    }

    /// A mail whose checking would cost more than any honest one's.
    pub(super) fn is_excessive(&self) -> bool {
        self.excessive
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
