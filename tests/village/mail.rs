//! A mail of ours as its reader has it: headers, texts, files, buttons.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) subject: String,
    /// The plain text.
    pub(crate) text: String,
    pub(crate) html: String,
    /// Names of the files.
    pub(crate) files: Vec<String>,
    pub(crate) message_id: String,
    pub(crate) reply_to: String,
}

/// Where a button writes to, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Button {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Mail {
    pub(crate) fn read(to: &str, bytes: &[u8]) -> Self {
        let parsed = MessageParser::default().parse(bytes).expect("a mail that can be parsed");
        let reply_to = match parsed.header("Reply-To") {
            Some(HeaderValue::Address(address)) => address.first().and_then(|a| a.address.as_deref()),
            _ => None,
        };
        Mail {
            to: to.to_owned(),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).unwrap_or_default().into_owned(),
            html: parsed.body_html(0).unwrap_or_default().into_owned(),
            files: parsed
                .attachments()
                .filter_map(|part| part.attachment_name())
                .map(str::to_owned)
                .collect(),
            message_id: parsed.message_id().unwrap_or_default().to_owned(),
            reply_to: reply_to.unwrap_or_default().to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    /// `nadia`: for lists of who was told.
    pub(crate) fn short(&self) -> String {
        self.to.split(['.', '@']).next().unwrap_or_default().to_owned()
    }

    /// The token in its reply address.
    pub(crate) fn token(&self) -> String {
        self.reply_to.split(['+', '@']).nth(1).unwrap_or_default().to_owned()
    }

    /// True when the plain text holds these words, however its lines are broken.
    pub(crate) fn says(&self, words: &str) -> bool {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        flat(&self.text).contains(&flat(words))
    }

    /// Everything in it, decoded or not: where something must not be found.
    pub(crate) fn everything(&self) -> String {
        format!("{}\n{}\n{}\n{}", String::from_utf8_lossy(&self.bytes), self.subject, self.text, self.html)
    }

    /// The button of that label.
    pub(crate) fn button(&self, label: &str) -> Button {
        let html = self.html.replace(['\u{a0}', '\u{202f}'], " ");
        let links = html.split("href=\"mailto:").skip(1);
        let found = links
            .filter_map(|link| link.split_once('"'))
            .find(|(_, rest)| rest.split("</a>").next().is_some_and(|inner| plain(inner).contains(label)));
        let (link, _) = found.unwrap_or_else(|| panic!("no button « {label} » in {html}"));
        let url =
            Url::parse(&format!("mailto:{}", link.replace("&amp;", "&").replace("&#38;", "&"))).unwrap();
        let field =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let to = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy().into_owned();
        Button { to, subject: field("subject").unwrap_or_default(), body: field("body").unwrap_or_default() }
    }
}

/// The text of a piece of HTML, good enough for a label.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut inside = true;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
