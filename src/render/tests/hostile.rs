//! Text from people stays text: in HTML, in headers, in links, in a terminal.

use mail_parser::MessageParser;

use super::*;

const EVIL: &str =
    "\"<script>alert(1)</script>\r\nBcc: evil@x.example\u{0}\u{202e}{{ n.token }}</td></table><!--'";

fn poisoned(mut notice: Notice, text: &str) -> Notice {
    notice.reader.name = notice.reader.name.map(|_| text.to_owned());
    if let Some(demande) = &mut notice.demande {
        demande.sujet = text.to_owned();
        demande.description = text.to_owned();
        demande.territoire = text.to_owned();
        demande.structure = Some(text.to_owned());
        demande.author = text.to_owned();
        demande.groups = vec![text.to_owned(); 2];
        demande.infos = vec![(text.to_owned(), text.to_owned())];
    }
    for entry in notice.entry.iter_mut().chain(&mut notice.previous) {
        entry.author = text.to_owned();
        entry.text = text.to_owned();
        entry.signed = text.to_owned();
        entry.files = vec![(text.to_owned(), 12)];
    }
    for line in &mut notice.help {
        line.word = text.to_owned();
        line.sentence = text.to_owned();
    }
    match &mut notice.what {
        What::Recu(receipt) => receipt.told = vec![text.to_owned(); 2],
        What::Refus(Refusal::MotInconnu { word, nearest }) => {
            (*word, *nearest) = (text.to_owned(), Some(text.to_owned()));
        }
        What::Refus(Refusal::Contradiction { words }) => *words = vec![text.to_owned(); 2],
        What::Refus(Refusal::FichierRefuse { reason }) => text.clone_into(reason),
        What::Refus(Refusal::PasIci { command } | Refusal::PasLeDroit { command }) => {
            text.clone_into(command);
        }
        _ => {}
    }
    notice
}

#[test]
fn nothing_is_injected_anywhere() {
    for (name, notice) in samples() {
        let mail = rendered(&poisoned(notice, EVIL));
        assert!(!mail.html.contains("<script"), "{name}:\n{}", mail.html);
        let tables = |tag: &str| mail.html.matches(tag).count();
        assert_eq!(tables("<table"), tables("</table"), "{name}");
        let tricks = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
        assert!(!tricks(&mail.html) && !tricks(&mail.text) && !tricks(&mail.subject), "{name}");
        assert!(!mail.subject.contains('\n') && !mail.from_name.contains('\n'), "{name}");
        let bytes = mime(&mail, &sample_carriage()).unwrap();
        let message = MessageParser::new().parse(&bytes).unwrap();
        assert!(message.bcc().is_none() && message.header("Bcc").is_none(), "{name}");
        assert_eq!(message.to().unwrap().iter().count(), 1, "{name}");
        assert_eq!(message.from().unwrap().iter().count(), 1, "{name}");
        assert_eq!(message.parts.len(), 3, "{name}");
    }
}

#[test]
fn ten_thousand_characters_fit_everywhere() {
    for text in ["é".repeat(10_000), "mot ".repeat(2_500), "𝄞\n".repeat(5_000)] {
        for (name, notice) in samples().into_iter().step_by(5) {
            let mail = rendered(&poisoned(notice, &text));
            assert!(mail.subject.chars().count() < 240, "{name}");
            let bytes = mime(&mail, &sample_carriage()).unwrap();
            super::wire::lines_are_short(&name, &bytes);
        }
    }
}

#[test]
fn an_address_that_would_add_another_is_refused() {
    for evil in ["a@b.example, c@d.example", "a@b.example>\r\nBcc: x@y.example", "sans-arobase", "a@b@c", ""]
    {
        let mut notice = sample("traitee");
        evil.clone_into(&mut notice.reader.address);
        let error = mime(&rendered(&notice), &sample_carriage()).unwrap_err();
        assert!(matches!(error, RenderError::Address("To")), "{evil}: {error}");
        assert!(!error.to_string().contains('@'), "no address in an error");
    }
}

#[test]
fn ids_and_types_and_file_names_cannot_break_out() {
    let evil = "a>\r\nX-Evil: 1";
    let carriage = Carriage {
        message_id: evil.into(),
        references: vec![evil.into()],
        in_reply_to: Some(evil.into()),
        unsubscribe: Some("https://x.example/>,<mailto:y@z.example>\r\nX-Evil: 1".into()),
        files: vec![FileBytes {
            name: evil.into(),
            kind: "text/html\r\nX-Evil: 1".into(),
            bytes: b"x".into(),
        }],
        ..sample_carriage()
    };
    let bytes = mime(&rendered(&sample("traitee")), &carriage).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.contains("\nX-Evil"), "{text}");
    let message = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(message.header_raw("List-Unsubscribe").map(|h| h.matches('<').count()), Some(1));
}
