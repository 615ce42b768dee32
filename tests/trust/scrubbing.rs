//! Nobody is shown somebody else's reply address, nor, across sides, his mail address (mail.md §6, domain.md §6).

use relais::mail::token;
use relais::store::inbox::State;

use super::house::{CAF, House, KARIM, LEA, Mail, NADIA, OMAR, PAUL, Sent};

/// The tokens in a text, in either case; a break anywhere does not hide one.
fn tokens(text: &str) -> Vec<String> {
    let flat: String =
        text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect();
    let is = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
    // Words put together make a long run too, but one without a digit.
    let long = |run: &&str| run.len() >= token::TOKEN_CHARS && run.contains(|c: char| c.is_ascii_digit());
    let runs = flat.split(|c| !is(c)).filter(long);
    runs.map(|run| run[run.len() - token::TOKEN_CHARS..].to_owned()).collect()
}

/// Every token that a mail shows is one made for its reader.
fn own_tokens_only(house: &House) {
    let mut owner = std::collections::BTreeMap::new();
    for mail in house.all() {
        for token in tokens(&mail.reply_to()) {
            owner.insert(token, mail.to.clone());
        }
    }
    assert!(owner.len() > 4, "{owner:?}");
    for mail in house.all() {
        for token in tokens(&mail.whole) {
            assert!(
                owner.get(&token).is_none_or(|to| *to == mail.to),
                "{} in a mail to {}",
                owner[&token],
                mail.to
            );
        }
    }
}

/// A notice as clients quote it.
fn quoted(notice: &Sent) -> String {
    let lines: Vec<String> = notice.text.lines().map(|line| format!("> {line}")).collect();
    format!(
        "Le mar. 24 nov. 2026 à 10:00, Administration+ <{}> a écrit :\n{}",
        notice.reply_to(),
        lines.join("\n")
    )
}

#[tokio::test]
async fn no_reply_address_passes_from_one_reader_to_another() {
    let house = House::open().await;
    let first = house.to(LEA)[0].clone();
    let address = first.reply_to();
    let (head, tail) = address.split_at(30);
    let text = format!(
        "Écrivez-moi à {address},\nou à {},\nou à {head}=\n{tail},\nou à {head}\n{tail}\n\
         ou mailto:{}?subject=x\nou \u{200b}{head}\u{200b}{tail}.\n\n{}\n\n-- \nLéa Martin\n{address}",
        address.to_uppercase(),
        address.replace('+', "%2B"),
        quoted(&first)
    );
    let row = house.receives(&Mail::new(LEA, &address, &text)).await;
    assert_eq!(row.state, State::Done, "{row:?}");
    own_tokens_only(&house);
    let shown = house.last_to(NADIA);
    assert!(shown.text.contains("Écrivez-moi à [adresse masquée]"), "{}", shown.text);
    let entry = house.last_entry().await;
    for part in [&entry.text, &entry.quoted, &entry.signature] {
        assert_eq!(tokens(part), Vec::<String>::new(), "{part}");
    }
    assert!(!entry.quoted.contains("Répondez au-dessus"), "{}", entry.quoted);
}

#[tokio::test]
async fn html_links_and_attributes_of_ours_are_scrubbed() {
    let house = House::open().await;
    let first = house.to(KARIM)[0].clone();
    let parsed = mail_parser::MessageParser::new().parse(first.raw.as_bytes()).unwrap();
    let page = parsed.body_html(0).unwrap().into_owned();
    let link = format!("<a href=\"mailto:{}?subject=x\">{}</a>", first.reply_to(), first.reply_to());
    let html =
        format!("<html><body><p>Bonjour, écrivez à {link}</p><blockquote>{page}</blockquote></body></html>");
    let content = format!("Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n").into_bytes();
    house.receives(&Mail { content, ..Mail::new(KARIM, &first.reply_to(), "") }).await;
    assert!(house.last_to(NADIA).text.contains("Bonjour"));
    own_tokens_only(&house);
}

#[tokio::test]
async fn an_attached_mail_of_ours_is_kept_back_and_its_sender_told() {
    let house = House::open().await;
    let first = house.to(LEA)[0].clone();
    let wide: Vec<u8> = first.raw.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let subject = format!("Re_ {}.txt", first.reply_to());
    let mail = Mail::new(LEA, &first.reply_to(), "Voir le message joint.").with(&[
        ("message.eml", "message/rfc822", first.raw.as_bytes()),
        ("message.msg", "application/vnd.ms-outlook", &wide),
        ("bail.pdf", "application/pdf", b"%PDF-1.7 un bail"),
        (&subject, "text/plain", b"texte"),
    ]);
    house.receives(&mail).await;
    let shown = house.last_to(NADIA);
    assert_eq!(shown.files, ["bail.pdf", "Re_ [adresse masquée].txt"]);
    assert!(house.last_to(LEA).text.contains("votre adresse de réponse"), "{}", house.last_to(LEA).text);
    own_tokens_only(&house);
}

#[tokio::test]
async fn quoted_headers_do_not_show_the_other_side() {
    let house = House::open().await;
    let text = format!(
        "Bonjour, mon adresse directe est lea@perso.example.\n\n-----Message d’origine-----\nDe : Nadia Benali <{NADIA}>\n\
         Envoyé : mardi 24 novembre 2026 10:00\nÀ : Léa Martin <{LEA}>\nCc : {OMAR}; {CAF}\nObjet : RSA\n\n\
         Bonjour, écrivez à {NADIA}."
    );
    house.receives(&Mail::new(LEA, &house.address_of(LEA), &text)).await;
    let entry = house.last_entry().await;
    assert!(entry.text.contains("lea@perso.example"), "what she typed stays: {}", entry.text);
    assert!(entry.quoted.contains("Nadia Benali"), "{entry:?}");
    for address in [NADIA, OMAR, LEA, CAF] {
        assert!(!entry.quoted.contains(address), "{address}: {}", entry.quoted);
    }
}

#[tokio::test]
async fn no_mail_names_the_address_of_another_reader() {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "Il manque le bail.")).await;
    house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), "Le voici.")).await;
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), "!note\nVu.")).await;
    let everybody = [NADIA, OMAR, LEA, KARIM, PAUL, CAF];
    for mail in house.all() {
        for address in everybody.iter().filter(|address| **address != mail.to) {
            assert!(!mail.whole.contains(*address), "{address} in a mail to {}", mail.to);
        }
    }
}
