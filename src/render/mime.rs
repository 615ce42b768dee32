//! The bytes of a mail: headers and MIME parts, by `mail_builder`, made of nothing but the outbox row.

use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;
use time::format_description::well_known::Rfc2822;

use super::{Carriage, RenderError, RenderedMail, clean, french};

/// The mail as it goes to a relay: CRLF line ends, no line over 998 octets, the same bytes for the same input.
///
/// # Errors
/// [`RenderError::Address`] when an address holds what would end it or add another.
pub fn mime(mail: &RenderedMail, carriage: &Carriage) -> Result<Vec<u8>, RenderError> {
    let sender = format!("{}@{}", carriage.sender_local, carriage.domain);
    let from = address("From", Some(&mail.from_name), &sender)?;
    let to = address("To", mail.to_name.as_deref(), &mail.to)?;
    let reply_to = address("Reply-To", None, &carriage.reply_to)?;
    let mut builder = MessageBuilder::new()
        .header("Date", Raw::new(date(carriage)))
        .from(from)
        .to(to)
        .reply_to(reply_to)
        .header("Subject", Text::new(clean::line(&mail.subject)))
        .header("Message-ID", MessageId::new(id(&carriage.message_id)));
    if let Some(parent) = &carriage.in_reply_to {
        builder = builder.in_reply_to(MessageId::new(id(parent)));
    }
    if !carriage.references.is_empty() {
        builder = builder.references(MessageId::new_list(carriage.references.iter().map(|one| id(one))));
    }
    for (name, value) in automatic(carriage) {
        builder = builder.header(name, value);
    }
    let mut bytes = Vec::new();
    builder.body(body(mail, carriage)).serialize(&mut bytes);
    Ok(bytes)
}

/// RFC 3834 for those who follow it, Microsoft's header for Exchange: "All" would also suppress the bounces and
/// absences that we need. No Precedence: it lowers delivery and says nothing more.
fn automatic(carriage: &Carriage) -> Vec<(&'static str, HeaderType<'_>)> {
    let mut headers: Vec<(&'static str, HeaderType<'_>)> = vec![
        ("Auto-Submitted", Raw::new("auto-generated").into()),
        ("X-Auto-Response-Suppress", Raw::new("DR, RN, NRN, AutoReply").into()),
        ("Content-Language", Raw::new("fr").into()),
    ];
    if let Some(link) = &carriage.unsubscribe {
        let link: String =
            link.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',')).collect();
        if link.starts_with("https:") {
            headers.push(("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click").into()));
        }
        headers.push(("List-Unsubscribe", Raw::new(format!("<{link}>")).into()));
    }
    headers
}

/// Boundaries come from the outbox id: unguessable by who wrote the text, equal at each retry.
fn body<'a>(mail: &'a RenderedMail, carriage: &'a Carriage) -> MimePart<'a> {
    let boundary = |part: &str| format!("relais-{part}-{}", carriage.outbox_id.simple());
    let multipart = |kind: &'static str, part| ContentType::new(kind).attribute("boundary", boundary(part));
    let alternative = MimePart::new(
        multipart("multipart/alternative", "alt"),
        vec![MimePart::new("text/plain", mail.text.as_str()), MimePart::new("text/html", mail.html.as_str())],
    );
    if carriage.files.is_empty() {
        return alternative;
    }
    let files = carriage.files.iter().map(|file| {
        MimePart::new(ContentType::new(kind(&file.kind)), file.bytes.as_slice())
            .attachment(clean::line(&file.name))
    });
    MimePart::new(
        multipart("multipart/mixed", "mix"),
        std::iter::once(alternative).chain(files).collect::<Vec<_>>(),
    )
}

fn address<'a>(header: &'static str, name: Option<&'a str>, email: &str) -> Result<Address<'a>, RenderError> {
    let plain = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '<' | '>' | ',' | ';' | ':' | '"' | '(' | ')' | '[' | ']' | '\\')
    };
    let well_formed =
        email.split_once('@').is_some_and(|(l, d)| !l.is_empty() && !d.is_empty() && !d.contains('@'));
    if !well_formed || !email.chars().all(plain) {
        return Err(RenderError::Address(header));
    }
    Ok(Address::new_address(name.map(clean::line), email.to_owned()))
}

/// A Message-ID without its brackets, nor anything that would end it.
fn id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect()
}

/// `type/subtype` of plain characters, else a stream of bytes.
fn kind(kind: &str) -> String {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+'))
    };
    match kind.split_once('/') {
        Some((top, sub)) if plain(top) && plain(sub) && top != "multipart" && top != "message" => {
            kind.to_owned()
        }
        _ => "application/octet-stream".to_owned(),
    }
}

fn date(carriage: &Carriage) -> String {
    let date = french::local(carriage.now, carriage.offset_minutes).format(&Rfc2822);
    date.unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 +0000".to_owned())
}
