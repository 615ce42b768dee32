//! The bytes: parsed back by `mail_parser`, equal at each retry, within the limits of SMTP and of Gmail.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};

use super::*;

pub(super) fn lines_are_short(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("ASCII");
    assert!(text.is_ascii(), "{name}: 8-bit octets");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{name}: bare CR or LF");
    let longest = text.split("\r\n").map(str::len).max().unwrap_or(0);
    assert!(longest <= 998, "{name}: a line of {longest}");
}

#[test]
fn every_sample_is_a_small_mail_of_two_parts() {
    for (name, notice) in samples() {
        let mail = rendered(&notice);
        let bytes = mime(&mail, &sample_carriage()).unwrap();
        lines_are_short(&name, &bytes);
        assert!(bytes.len() < 102_000, "{name}: {} octets", bytes.len());
        let message = MessageParser::new().parse(&bytes).unwrap();
        assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), mail.text, "{name}");
        assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n"), mail.html, "{name}");
        assert_eq!(message.subject().unwrap(), mail.subject, "{name}");
    }
}

#[test]
fn headers_thread_and_tell_what_we_are() {
    let bytes = mime(&rendered(&sample("nouveau_message_reponse")), &sample_carriage()).unwrap();
    let message = MessageParser::new().parse(&bytes).unwrap();
    let from = message.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Karim Haddad (CAF 54) via Administration+"));
    assert_eq!(from.address(), Some("notification@demandes.example"));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Nadia Benali"), Some("nadia.benali@valbrume.example")));
    assert_eq!(
        message.reply_to().unwrap().first().unwrap().address(),
        Some(sample_carriage().reply_to.as_str())
    );
    assert_eq!(message.message_id(), Some("01900000-0000-7000-8000-000000000001@demandes.example"));
    assert_eq!(message.in_reply_to().as_text(), Some("demande-1234@demandes.example"));
    let HeaderValue::TextList(references) = message.references() else { panic!("no list") };
    assert_eq!(references.as_slice(), ["demande-1234@demandes.example", "k7f3q2@demandes.example"]);
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-05-12T14:03:00+02:00");
    let raw = |name: &'static str| message.header_raw(name).map(str::trim);
    assert_eq!(raw("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(raw("X-Auto-Response-Suppress"), Some("DR, RN, NRN, AutoReply"));
    assert_eq!(raw("Content-Language"), Some("fr"));
    assert_eq!(raw("MIME-Version"), Some("1.0"));
    assert_eq!((raw("Precedence"), raw("List-Unsubscribe")), (None, None));
}

#[test]
fn a_stranger_and_a_name_with_quotes_are_addressed() {
    let mut notice = sample("refus_sans_demande");
    notice.reader.name = None;
    let bytes = mime(&rendered(&notice), &sample_carriage()).unwrap();
    let message = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(message.to().unwrap().first().unwrap().name(), None);
    notice.reader.name = Some("Jean \"le grand\", \\ Dupont-Éluard".into());
    let bytes = mime(&rendered(&notice), &sample_carriage()).unwrap();
    let message = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(message.to().unwrap().first().unwrap().name(), Some("Jean \"le grand\", \\ Dupont-Éluard"));
}

#[test]
fn one_click_unsubscribe_where_it_may_be_refused() {
    let carriage =
        Carriage { unsubscribe: Some("https://demandes.example/d/x7".into()), ..sample_carriage() };
    let bytes = mime(&rendered(&sample("traitee")), &carriage).unwrap();
    let message = MessageParser::new().parse(&bytes).unwrap();
    let raw = |name: &'static str| message.header_raw(name).map(str::trim);
    assert_eq!(raw("List-Unsubscribe"), Some("<https://demandes.example/d/x7>"));
    assert_eq!(raw("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
}

#[test]
fn files_arrive_as_they_were() {
    let files = [
        ("bail, page 2 (été).pdf", "application/pdf", (0..=255).cycle().take(10_000).collect::<Vec<u8>>()),
        ("notes.csv", "text/csv", b"a;b\n1;2\r\n\n.\n--relais\nfin sans retour".to_vec()),
        ("message.eml", "message/rfc822", b"Subject: x\r\n\r\ny".to_vec()),
    ];
    let carriage = Carriage {
        files: files
            .iter()
            .map(|(name, kind, bytes)| FileBytes {
                name: (*name).into(),
                kind: (*kind).into(),
                bytes: bytes.clone(),
            })
            .collect(),
        ..sample_carriage()
    };
    let bytes = mime(&rendered(&sample("nouveau_message")), &carriage).unwrap();
    lines_are_short("files", &bytes);
    let message = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(message.attachment_count(), 3);
    for ((name, _, content), part) in files.iter().zip(message.attachments()) {
        assert_eq!(part.attachment_name(), Some(*name));
        assert_eq!(part.contents(), content.as_slice(), "{name}");
    }
    assert!(message.body_text(0).is_some() && message.body_html(0).is_some());
}

#[test]
fn the_same_row_gives_the_same_bytes() {
    let carriage = Carriage {
        files: vec![FileBytes { name: "a.pdf".into(), kind: "application/pdf".into(), bytes: vec![1, 2] }],
        ..sample_carriage()
    };
    for (name, notice) in samples() {
        let once = mime(&mail(&notice, &carriage).unwrap(), &carriage).unwrap();
        let twice = mime(&mail(&notice, &carriage).unwrap(), &carriage.clone()).unwrap();
        assert!(once == twice, "{name}");
        let other = Carriage { outbox_id: uuid::Uuid::from_u128(7), ..carriage.clone() };
        assert!(mime(&mail(&notice, &other).unwrap(), &other).unwrap() != once, "{name}: boundary");
    }
}

/// Our mail quoted by a client that writes no attribution line at all: our marker is enough to tell our words from
/// the person's, in the text part, in the HTML, and in HTML whose attributes were lost.
#[test]
fn an_answer_is_read_without_our_words() {
    use crate::mail::{letter, reply};
    const SAID: &str = "Bien reçu, merci.";
    let token = sample_carriage().token;
    for (name, notice) in samples() {
        let mail = rendered(&notice);
        let quoted = mail.text.lines().fold(String::new(), |all, line| all + "> " + line + "\n");
        let body = &mail.html[mail.html.find("<body").unwrap()..mail.html.find("</body>").unwrap()];
        let page = format!("<html><body><div>{SAID}</div><br><div>{body}</div></body></html>");
        let bare = page.replace("data-relais", "data-x");
        let answers = [("plain", format!("{SAID}\n\n{quoted}")), ("html", page), ("html", bare)];
        for (i, (kind, content)) in answers.into_iter().enumerate() {
            let raw =
                format!("From: k@caf54.example\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{content}");
            let letter = letter::read(raw.as_bytes(), &letter::Limits::default()).unwrap();
            let evidence = reply::Evidence { marker: MARKER, ..reply::Evidence::default() };
            let said = reply::extract(&letter.body, &evidence).said;
            assert_eq!(said.trim(), SAID, "{name}, form {i}");
            assert_eq!(letter.relais.contains(&token), i == 1, "{name}, form {i}");
        }
    }
}
