//! A letter to relais: a fixture with its placeholders filled, or a plain mail of a few lines.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Mail;

/// The bytes of a fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("mailbox-fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A mail as the postman carries it.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) envelope_from: Option<String>,
    pub(crate) envelope_to: String,
    pub(crate) from: String,
    /// `None`: our relay says that nothing proves the From.
    pub(crate) signed_by: Option<String>,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) in_reply_to: String,
    pub(crate) references: String,
    pub(crate) headers: String,
    pub(crate) body: String,
    /// The whole mail, where a fixture wrote it.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Letter {
    /// A plain mail from an address whose domain signs it.
    pub(crate) fn new(from: &str, to: &str, body: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let domain = from.rsplit('@').next().unwrap_or_default().to_owned();
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Letter {
            envelope_from: Some(from.to_owned()),
            envelope_to: to.to_owned(),
            from: from.to_owned(),
            message_id: format!("<essai-{n}@{domain}>"),
            signed_by: Some(domain),
            to: to.to_owned(),
            subject: "Re: votre message".to_owned(),
            in_reply_to: String::new(),
            references: String::new(),
            headers: "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
                .to_owned(),
            body: body.to_owned(),
            raw: None,
        }
    }

    /// As an answer to that mail, threaded as clients do.
    pub(crate) fn in_answer_to(mut self, mail: &Mail) -> Self {
        self.in_reply_to = format!("In-Reply-To: <{}>\r\n", mail.message_id);
        self.references = format!("References: <{}>\r\n", mail.message_id);
        self
    }

    /// The placeholders of mailbox-fixtures/README.md, filled in with the reply address of that mail.
    pub(crate) fn filled(name: &str, mail: &Mail, number: u32) -> Self {
        Self::filled_with(name, &mail.reply_to, &mail.token(), number)
    }

    pub(crate) fn filled_with(name: &str, reply_to: &str, token: &str, number: u32) -> Self {
        let text = latin1(&fixture(name));
        let text =
            text.replace("reponse+jeton@demandes.example", reply_to).replace("jeton@", &format!("{token}@"));
        let text = text.replace("=231234", &format!("=23{number}")).replace("#1234", &format!("#{number}"));
        let header = |field: &str| text.lines().find_map(|line| line.strip_prefix(field)).map(address_in);
        let envelope_from =
            header("Return-Path:").or_else(|| header("From:")).filter(|from| !from.is_empty());
        let from = header("From:").unwrap_or_default();
        let to = header("To:").filter(|to| to.contains('@')).unwrap_or_else(|| reply_to.to_owned());
        let raw = Some(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect());
        Letter { envelope_from, raw, ..Letter::new(&from, &to, "") }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let verdict = match &self.signed_by {
            Some(domain) => format!("dkim=pass header.d={domain}"),
            None => "dkim=none; spf=none".to_owned(),
        };
        let body = self.body.replace("\r\n", "\n").replace('\n', "\r\n");
        format!(
            "Authentication-Results: mx.demandes.example; {verdict}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\n\
             Date: Tue, 12 May 2026 14:25:01 +0200\r\nMessage-ID: {}\r\n{}{}MIME-Version: 1.0\r\n{}\r\n{body}\r\n",
            self.from, self.to, self.subject, self.message_id, self.in_reply_to, self.references, self.headers,
        )
        .into_bytes()
    }
}

/// One character a byte: fixtures are not all UTF-8, and must come out byte for byte.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// `a@b` of `Name <a@b>`; empty for the null sender.
fn address_in(value: &str) -> String {
    let value = value.trim();
    let inside = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(value, |(address, _)| address).to_owned()
}
