//! Hostile values in every field of a mail and of the people's list: no sink takes them for more than text.

use relais::store::inbox::State;

use super::house::{House, LEA, MINUTE, Mail, NADIA, Sent};

/// What each sink would take for more than text, written as one word so that it is found again: `XSS` marks it.
const HOSTILE: &[&str] = &[
    "<script>alert('XSS')</script>",
    "\"><img src=x onerror=alert('XSS')>",
    "</td></tr></table><h1>XSS</h1>",
    "<!-- XSS --><a href=\"javascript:XSS\">XSS</a>",
    "{{ n.token }}{% for x in XSS %}{% endfor %}",
    "=cmd|' /C calc'!A0 XSS",
    "\u{1b}[31mXSS\u{1b}]0;XSS\u{7}",
    "\u{202e}txt.XSS\u{2066}\u{200f}",
    "X\u{0}S\u{8}S",
    "%0d%0aBcc: xss@mechant.example XSS",
    "\u{fffe}\u{feff}XSS\u{e0041}",
];

/// The names of tags and of event attributes in a page, counted.
fn tags(html: &str) -> std::collections::BTreeMap<String, usize> {
    let mut tags = std::collections::BTreeMap::new();
    for token in html5gum::Tokenizer::new(html).flatten() {
        if let html5gum::Token::StartTag(tag) = token {
            *tags.entry(String::from_utf8_lossy(&tag.name).into_owned()).or_default() += 1;
            for (name, value) in &tag.attributes {
                let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
                assert!(!name.starts_with("on"), "{name}={value}");
                assert!(!value.trim_start().to_lowercase().starts_with("javascript:"), "{name}={value}");
            }
        }
    }
    tags
}

fn html(sent: &Sent) -> String {
    let parsed = mail_parser::MessageParser::new().parse(sent.raw.as_bytes()).unwrap();
    parsed.body_html(0).unwrap().into_owned()
}

/// Names of the header fields of a mail.
fn fields(sent: &Sent) -> Vec<String> {
    let head = sent.raw.split("\r\n\r\n").next().unwrap();
    head.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

/// A mail that says that, from somebody whose name, and with a file whose name, say it too.
fn hostile(house: &House, text: &str) -> Mail {
    let encoded = data_encoding::BASE64.encode(text.as_bytes());
    let name = format!("=?utf-8?B?{encoded}?=");
    let mut mail = Mail::new(LEA, &house.address_of(LEA), &format!("Bonjour {text}"))
        .with(&[(&format!("{name}.pdf"), "application/pdf", b"%PDF-1.7")])
        .field(&format!("Subject: {name}"));
    mail.from = LEA.to_owned();
    mail
}

#[tokio::test]
async fn what_a_mail_says_stays_text_in_every_part_of_what_leaves() {
    let house = House::open().await;
    house.receives(&hostile(&house, "XSS")).await;
    let plain = house.last_to(NADIA);
    let (expected_tags, expected_fields) = (tags(&html(&plain)), fields(&plain));
    for text in HOSTILE {
        house.receives(&hostile(&house, text)).await;
        let sent = house.last_to(NADIA);
        assert!(sent.text.contains("Bonjour"), "{text:?}: {}", sent.text);
        let grown = tags(&html(&sent));
        // Quoted under the line, the message before makes more of the same elements, never another.
        assert!(
            grown.keys().eq(expected_tags.keys()) || is_subset(&grown, &expected_tags),
            "{text:?}: {grown:?}"
        );
        assert_eq!(grown.get("script"), None);
        assert_eq!(grown.get("img"), expected_tags.get("img"), "{text:?}");
        assert_eq!(fields(&sent), expected_fields, "{text:?}");
        for c in sent.text.chars().chain(html(&sent).chars()).chain(sent.subject.chars()) {
            let harmless =
                (!c.is_control() || c == '\n' || c == '\r') && !('\u{202a}'..='\u{202e}').contains(&c);
            assert!(harmless, "{text:?}: {c:?} left");
        }
        assert_eq!(sent.subject, plain.subject, "the subject of a mail names nothing");
        assert!(
            sent.files.iter().all(|name| !name.contains(['<', '>', '"', '/', '\u{202e}', '\0'])),
            "{sent:?}"
        );
        let address = house.address_of(LEA);
        assert!(!sent.whole.contains(&address), "no template ran: {text:?}");
    }
}

fn is_subset(
    tags: &std::collections::BTreeMap<String, usize>,
    of: &std::collections::BTreeMap<String, usize>,
) -> bool {
    let quoting = ["blockquote", "hr", "h2", "p", "br", "span"];
    tags.keys().all(|tag| of.contains_key(tag) || quoting.contains(&tag.as_str()))
}

#[tokio::test]
async fn names_sujets_and_infos_stay_text_too() {
    for text in HOSTILE {
        let house = House::open().await;
        let before = tags(&html(&house.to(LEA)[0]));
        let quoted = text.replace('\'', "''").replace('\0', "");
        house
            .execute(&format!(
                "UPDATE demandes SET sujet = '{quoted}', description = '{quoted}', structure_name = '{quoted}',
                 infos = json_object('Nom de famille', '{quoted}', '{quoted}', '{quoted}');
                 UPDATE groupes SET name = name || '{quoted}';
                 UPDATE people SET last_name = '{quoted}' WHERE first_name IN ('Nadia', 'Léa')"
            ))
            .await;
        house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
        house.works_later(11 * MINUTE).await;
        house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), "Merci, mais non.")).await;
        for sent in house.all() {
            let page = html(&sent);
            let tags = tags(&page);
            assert_eq!(tags.get("script").or(tags.get("img")), None, "{text:?}");
            assert_eq!(tags.get("h1"), before.get("h1"), "{text:?}");
            let parsed = mail_parser::MessageParser::new().parse(sent.raw.as_bytes()).unwrap();
            assert!(parsed.bcc().is_none() && parsed.from().unwrap().iter().count() == 1, "{text:?}");
            assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some(sent.to.as_str()), "{text:?}");
            let head = sent.raw.split("\r\n\r\n").next().unwrap();
            assert!(head.is_ascii() && !head.contains('\u{1b}'), "{head}");
        }
        assert!(house.last_to(LEA).text.contains("Merci, mais non."));
    }
}

#[tokio::test]
async fn a_long_text_and_broken_bytes_are_text_like_another() {
    let house = House::open().await;
    let mut mail = Mail::new(LEA, &house.address_of(LEA), "");
    let start = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour \xed\xa0\x80\xff\xc0\x80 ";
    mail.content = [&start[..], &b"mot ".repeat(60_000), b"fin\r\n"].concat();
    assert_eq!(house.receives(&mail).await.state, State::Done);
    let sent = house.last_to(NADIA);
    assert!(sent.text.contains("Bonjour") && sent.text.trim_end().contains("fin"), "{}", sent.text.len());
}
