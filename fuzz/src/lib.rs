//! The readers of relais, and what must hold for any bytes.
//!
//! Their sources are compiled here, not the whole crate: instrumented, the database, TLS and DNS would cost some minutes of
//! every fuzz build, and no target reaches them. Two names of those crates are still needed, and stand below.

extern crate self as mail_auth;
extern crate self as rustls;

#[path = "../../src/demande/mod.rs"]
pub mod demande;
#[path = "../../src/receive/mod.rs"]
pub mod receive;

pub mod safe;

/// `src/mail` without the keys of tokens, and of the verdict only who the author is.
#[path = "../../src/mail"]
pub mod mail {
    pub mod body;
    pub mod letter;
    pub mod reading;
    pub mod reply;
    pub mod report;

    /// The author as the verdict reads him.
    #[allow(dead_code, reason = "the rest of it judges")]
    pub mod verdict {
        mod author;
        mod domain;
        mod head;

        /// The one address that may identify the sender.
        pub fn author(mail: &[u8]) -> Option<String> {
            author::read(&head::Head::read(mail)).ok().map(|author| author.address)
        }
    }
}

/// `mail_auth::common`, as far as the verdict needs it to tell an author.
pub mod common {
    /// What `mail-auth` 0.13 does.
    pub fn to_a_label(domain: &str) -> std::borrow::Cow<'_, str> {
        let label = (!domain.is_ascii()).then(|| idna::domain_to_ascii(domain).ok()).flatten();
        label.map_or(domain.into(), Into::into)
    }
}

/// `rustls::ServerConfig`: no session is given one, for a handshake is not its work.
#[derive(Debug)]
pub struct ServerConfig;

use crate::demande::command::{Door, read_all};
use crate::mail::body::Body;
use crate::mail::letter::{self, Letter, Limits};
use crate::mail::reading::{Known, reply_in, speech_in};
use crate::mail::reply::{Evidence, Reply, extract};

/// A marker as our templates write it.
pub const MARKER: &str = "-- Répondez au-dessus de cette ligne --";

/// What relais would know of the mail that is answered.
pub fn known() -> Known<'static> {
    Known {
        marker: MARKER,
        domain: "aplus.example",
        sent: Some("Vous avez une nouvelle demande.\nUn usager attend depuis trois mois une réponse."),
    }
}

/// A mail of one part from a person: `fields` are its MIME fields, LF after each.
pub fn letter_of(fields: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("From: Jean <jean@caf.example>\nTo: reponse@aplus.example\n{fields}\n");
    [head.as_bytes(), content].concat()
}

/// The same with one file in base64, so that the mutations reach its decoder unharmed.
pub fn file(media_type: &str, content: &[u8]) -> Vec<u8> {
    let fields = format!("Content-Type: {media_type}\nContent-Transfer-Encoding: base64\n");
    letter_of(&fields, data_encoding::BASE64.encode(content).as_bytes())
}

/// Reads a mail to the end, and asserts what holds for every letter.
pub fn read(raw: &[u8]) -> Option<Letter> {
    let letter = letter::read(raw, &Limits::default()).ok()?;
    body_is_sound(&letter.body);
    let reply = reply_in(&letter, known());
    let _ = speech_in(&letter, &reply, Door::Mail, None);
    let _ = speech_in(&letter, &reply, Door::Question, Some("traitee"));
    nothing_is_lost(&letter.body);
    quotes_give_no_orders(&letter.body.text);
    for line in letter.attachments.iter().map(|file| &file.name).chain([&letter.subject]) {
        assert!(!line.contains(char::is_control), "a name or subject of several lines: {line:?}");
    }
    if let Some(html) = &letter.html {
        safe::assert_safe(html);
    }
    Some(letter)
}

/// LF line ends, and spans that are whole lines in order.
pub fn body_is_sound(body: &Body) {
    let text = &body.text;
    assert!(!text.contains('\r'), "a CR in the text");
    assert!(body.spans.is_sorted_by_key(|span| span.range.start), "spans out of order");
    let edge = |at: usize| at == 0 || at == text.len() || text.as_bytes().get(at - 1) == Some(&b'\n');
    for span in &body.spans {
        assert!(span.range.start <= span.range.end, "a span turned round");
        assert!(edge(span.range.start) && edge(span.range.end), "a span cuts a line");
    }
}

/// Said, quoted and signature together hold every visible character of the body.
fn nothing_is_lost(body: &Body) {
    let reply = extract(body, &Evidence { marker: MARKER, domain: "aplus.example", ..Evidence::default() });
    let parts = [&reply.said, &reply.quoted, &reply.signature].map(String::as_str).concat();
    assert_eq!(visible(&parts), visible(&body.text), "characters were lost or made");
    contexts_are_sound(&reply);
}

fn contexts_are_sound(reply: &Reply) {
    assert!(reply.context.iter().all(|range| reply.said.get(range.clone()).is_some()), "a context cuts");
}

/// How often each visible character stands there.
fn visible(text: &str) -> std::collections::BTreeMap<char, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars().filter(|c| !is_blank(*c)) {
        *counts.entry(c).or_default() += 1;
    }
    counts
}

/// White space, control characters, and marks that take no room.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whatever the text, quoted whole it orders nothing.
fn quotes_give_no_orders(text: &str) {
    let quoted: String = text.split('\n').flat_map(|line| ["> ", line, "\n"]).collect();
    let text = format!("Le 12/05/2026 à 14:03, X <a@b.fr> a écrit :\n{quoted}");
    let reply = extract(&Body { text, spans: Vec::new() }, &Evidence::default());
    let speech = read_all(&reply, Door::Mail, None, None);
    assert!(speech.commands.is_empty(), "an order from a quotation: {:?}", speech.commands);
}
