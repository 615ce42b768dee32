use proptest::prelude::*;

use super::*;

const TOKEN: &str = "yjny2ydncuktnkck7h3sav7qy5745dd4uufzqx2fwy";
const MARKER: &str = "Répondez au-dessus de cette ligne";

/// No piece of the token that could be put together again is left.
fn clean(text: &str) -> bool {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    !(0..=TOKEN.len() - 12).any(|at| letters.to_lowercase().contains(&TOKEN[at..at + 12]))
}

#[test]
fn every_form_of_our_addresses_goes() {
    let (head, tail) = TOKEN.split_at(20);
    let hex = "0190a1b2c3d4e5f60718293a4b5c6d7e";
    for form in [
        format!("reponse+{TOKEN}@demandes.example"),
        format!("Reponse+{}@Demandes.Example", TOKEN.to_uppercase()),
        format!("traitee+{TOKEN}@autre-domaine.example"),
        format!("ne-plus-suivre-{TOKEN}@demandes.example"),
        format!("{TOKEN}@reponse.demandes.example"),
        format!("reponse%2B{TOKEN}@demandes.example"),
        format!("reponse%252b{TOKEN}%2540demandes.example"),
        format!("reponse=2B{TOKEN}=40demandes.example"),
        format!("<mailto:reponse%2B{TOKEN}@demandes.example?subject=Re%3A%20x&body=%21trait%C3%A9e%0D%0A>"),
        format!(
            "https://eur01.safelinks.example/?url=mailto%3Areponse%252B{TOKEN}%40demandes.example&data=05"
        ),
        format!("<{hex}.{TOKEN}@demandes.example>"),
        format!("<{TOKEN}@demandes.example>"),
        format!("reponse+{head}\n{tail}@demandes.example"),
        format!("> reponse+{head}\r\n> {tail}@demandes.example"),
        format!("> > reponse+\n> > {TOKEN}\n> > @demandes.example"),
        format!("reponse+{head}=\n{tail}@demandes.example"),
        format!("reponse+{head}=\r\n{tail}@demandes.example"),
        format!("reponse+{head}\u{200b}{tail}@demandes.example"),
        format!("re\u{ad}ponse+{head}\u{feff}{tail}@demandes.example"),
        format!("reponse {TOKEN}@demandes.example"),
        format!("reponse+{TOKEN}"),
        format!("data-relais-jeton=\"{TOKEN}\""),
        format!("jeton {TOKEN}, vu"),
        format!("[reponse+{TOKEN}@demandes.example](mailto:reponse+{TOKEN}@demandes.example)"),
        TOKEN.chars().flat_map(|c| [c, '\u{200b}']).collect::<String>() + "@demandes.example",
        TOKEN.chars().flat_map(|c| [c, '\n', '>', ' ']).collect::<String>() + "@demandes.example",
    ] {
        let whole = format!("Avant,\n{form}\naprès.");
        let scrubbed = text(&whole);
        assert!(clean(&scrubbed), "{form}\n{scrubbed}");
        assert!(scrubbed.starts_with("Avant,\n") && scrubbed.ends_with("après."), "{scrubbed}");
        assert!(scrubbed.contains(MASKED), "{scrubbed}");
    }
}

#[test]
fn what_people_write_stays() {
    for kept in [
        "Écrivez à contact@caf54.example ou lea.martin+rsa@caf54.example.",
        "Anticonstitutionnellement, https://www.service-public.example/particuliers/vosdroits/F12345",
        "IBAN FR76 3000 6000 0112 3456 7890 189, dossier 2026-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ligne\nligne\nligne@exemple.example",
        "a = b\n=\nc",
        "",
    ] {
        assert_eq!(text(kept), kept);
    }
}

#[test]
fn the_neighbours_of_an_address_stay() {
    let whole = format!("mot\n{TOKEN}@demandes.example.\nMerci");
    assert_eq!(text(&whole), format!("mot\n{MASKED}.\nMerci"));
    let whole = format!("De : « Léa via Administration+ » <reponse+{TOKEN}@demandes.example>, le 3");
    assert_eq!(text(&whole), format!("De : « Léa via Administration+ » <{MASKED}>, le 3"));
}

#[test]
fn a_reply_keeps_what_the_person_typed_and_hides_who_was_quoted() {
    let quoted = format!(
        "> {MARKER}\nLe mar. 24 nov. 2026 à 10:00, Léa Martin\n<lea.martin@caf54.example> a écrit :\n\
         > De : Nadia Benali [mailto:nadia@valbrume.example]\n> Envoyé : mardi\n> À : karim@caf54.example;\n\
         >  paul@cpam54.example\n>\n> Le bailleur est joignable à bailleur@hlm.example.\n\
         > Copie à Lea.Martin@caf54.example comme convenu\n> ____ {} ____\n",
        MARKER.to_uppercase()
    );
    let said = format!("Voir lea.martin@caf54.example\nreponse+{TOKEN}@d.example\n{MARKER}\n> cité\nfin");
    let cited = said.find("> cité").unwrap();
    let before = Reply {
        context: std::iter::once(cited..cited + "> cité\n".len()).collect(),
        said,
        quoted,
        signature: format!("Léa\nreponse+{TOKEN}@d.example"),
        cuts: Vec::new(),
    };
    let after = reply(before, MARKER, &["lea.martin@caf54.example"]);
    assert_eq!(after.said, format!("Voir lea.martin@caf54.example\n{MASKED}\n> cité\nfin"));
    assert_eq!(&after.said[after.context[0].clone()], "> cité\n");
    assert_eq!(after.signature, format!("Léa\n{MASKED}"));
    for gone in ["lea.martin", "nadia@", "karim@", "paul@", "Répondez", "RÉPONDEZ", "Lea.Martin"] {
        assert!(!after.quoted.contains(gone), "{gone}\n{}", after.quoted);
    }
    assert!(after.quoted.contains("bailleur@hlm.example"), "{}", after.quoted);
    assert!(after.quoted.contains("Nadia Benali"), "names stay");
}

#[test]
fn a_mail_of_ours_is_known_in_a_file() {
    let mail = format!("Message-ID: <0190a1b2c3d4e5f60718293a4b5c6d7e.{TOKEN}@demandes.example>\r\n\r\nx");
    assert!(carries_token(mail.as_bytes()));
    let wide: Vec<u8> = mail.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(carries_token(&wide), "a .msg");
    assert!(!carries_token(b"%PDF-1.7 jean@exemple.example"));
    assert!(!carries_token(b""));
}

#[test]
fn ten_megabytes_take_no_time_to_speak_of() {
    let line = "> mot mot mot mot reponse+ mot@mot.example mot\n".repeat(200_000);
    assert_eq!(text(&line), line.as_str());
    let glued = "a\n".repeat(500_000);
    assert_eq!(text(&glued), glued.as_str());
}

proptest! {
    #[test]
    fn no_text_breaks_it_and_twice_is_once(words in proptest::collection::vec(pieces(), 0..30)) {
        let whole: String = words.concat();
        let once = text(&whole).into_owned();
        prop_assert_eq!(text(&once), once.as_str());
        let parts = Reply { said: whole.clone(), quoted: whole, context: Vec::new(), ..Reply::default() };
        let parts = reply(parts, MARKER, &["a@b.example"]);
        prop_assert!(parts.said.len() < 10_000);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(TOKEN.to_owned()),
        Just(format!("reponse+{TOKEN}@d.example")),
        Just("\n> ".to_owned()),
        Just("=\n".to_owned()),
        Just("@".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("%2B".to_owned()),
        Just("De : a@b.example\n".to_owned()),
        Just(format!("{MARKER}\n")),
        "[a-z2-7é+.<> \n]{0,20}",
    ]
}
