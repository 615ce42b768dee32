//! The grammar, as people write it.

use super::*;

fn mail(said: &str) -> Speech {
    read_all(said, Door::Mail, None, None)
}

fn names(speech: &Speech) -> Vec<&'static str> {
    speech.commands.iter().map(|s| s.command.as_json_name()).collect()
}

#[test]
fn every_row_builds_its_command() {
    for word in WORDS {
        for spelling in word.words.iter().filter(|w| **w != "?") {
            let speech = mail(&format!("!{spelling}"));
            assert_eq!(names(&speech), [word.name], "!{spelling}");
            assert!(speech.trouble.is_none());
            let alone = mail(spelling);
            assert_eq!(!alone.commands.is_empty(), word.alone == Alone::Yes, "{spelling}");
        }
        assert_eq!(names(&read_all("", Door::Mail, None, Some(word.name))), [word.name]);
    }
}

#[test]
fn alone_words_as_people_write_them() {
    for (line, name) in [
        ("Traité", "traitee"),
        ("TRAITEE.", "traitee"),
        ("*Traitée*", "traitee"),
        ("**traitée** !", "traitee"),
        ("traite\u{301}e", "traitee"),
        ("\u{a0}Traitée\u{a0}!", "traitee"),
        ("Fait", "traitee"),
        ("Traité 👍", "traitee"),
        ("Je m’en occupe.", "prise_en_charge"),
        ("je m'en occupe", "prise_en_charge"),
        ("En cours", "prise_en_charge"),
        ("prise-en-charge", "prise_en_charge"),
        ("Pas moi", "mauvais_interlocuteur"),
        ("Vu.", "vu"),
        ("?", "aide"),
        ("AIDE", "aide"),
        ("clore oui", "archiver"),
        ("Archiver", "archiver"),
        ("annuler", "annuler"),
        ("ne plus suivre", "ne_plus_suivre"),
        ("Mes demandes", "mes_demandes"),
        ("#traitée", "traitee"),
        ("/traitee", "traitee"),
        ("!c’est traité", "traitee"),
        ("« TRAITÉE »", "traitee"),
    ] {
        assert_eq!(names(&mail(line)), [name], "{line}");
    }
}

#[test]
fn sentences_are_no_commands() {
    for line in [
        "La demande n’est pas traitée",
        "c’est traité",
        "Traité ?",
        "Fait :",
        "En cours de traitement",
        "/!\\ Attention",
        "#1234 : le dossier est complet",
        "! traitée",
        "# Traitée",
        "pas moi CAF 77",
        "Oui",
        "Non",
        "note de frais",
        "Vu avec ma collègue",
        "> traitée",
        "5/traitée",
        "infos",
        "liste",
        "modérateur",
    ] {
        let speech = mail(line);
        assert!(speech.commands.is_empty(), "{line}: {speech:?}");
        assert_eq!(speech.prose, line);
        assert!(!matches!(speech.trouble, Some(Trouble::Unknown { .. })), "{line}");
    }
}

#[test]
fn first_line_or_last_before_the_closing() {
    let first = mail("!traitée\n\nLe dossier est complet.");
    assert_eq!((names(&first), first.prose.as_str()), (vec!["traitee"], "Le dossier est complet."));
    let last = mail("Le dossier est complet.\n\ntraitée\n\nCordialement,\nLéa Martin");
    assert_eq!(
        (names(&last), last.prose.as_str()),
        (vec!["traitee"], "Le dossier est complet.\n\nCordialement,\nLéa Martin")
    );
    let greeted = mail("Bonjour,\n\nTraité.\n\nBonne journée");
    assert_eq!(names(&greeted), ["traitee"]);
    let middle = mail(
        "Bonjour,\n\nVoici l’état :\n\ntraitée\n\nest le mot que vous attendez de moi ici, pas le mien.",
    );
    assert!(middle.commands.is_empty());
}

#[test]
fn arguments() {
    let note = mail("!note Voir avec la CPAM\net rappeler demain");
    assert_eq!(note.commands[0].command, Command::Note("Voir avec la CPAM\net rappeler demain".to_owned()));
    assert_eq!(note.prose, "");
    assert_eq!(mail("/note : Voir").commands[0].command, Command::Note("Voir".to_owned()));
    assert_eq!(mail("Texte secret\n\n!note").commands[0].command, Command::Note("Texte secret".to_owned()));
    assert_eq!(mail("Texte secret\n\n!note").prose, "");
    assert_eq!(
        mail("!pas-moi CPAM 77").commands[0].command,
        Command::MauvaisInterlocuteur { transmettre: Some("CPAM 77".to_owned()) }
    );
    assert_eq!(
        mail("!inviter lea.martin@caf.example").commands[0].command.argument().as_deref(),
        Some("lea.martin@caf.example")
    );
    assert_eq!(
        mail("!non pertinente : prendre rendez-vous").commands[0].command,
        Command::NonPertinente(Some("prendre rendez-vous".to_owned()))
    );
    assert_eq!(mail("clore je ne sais pas").commands[0].command, Command::Archiver(Some(Utile::Nsp)));
    let text = mail("!traitée : le courrier est parti\nBonne journée");
    assert_eq!(
        (names(&text), text.prose.as_str()),
        (vec!["traitee"], "le courrier est parti\n\nBonne journée")
    );
    assert_eq!(
        mail("!Corriger La date est le 3.").commands[0].command,
        Command::Corriger("La date est le 3.".to_owned())
    );
}

#[test]
fn what_is_asked_about() {
    let Some(Trouble::Unknown { word, nearest }) = mail("!traiter\nLe texte").trouble else {
        panic!("no trouble")
    };
    assert_eq!((word.as_str(), nearest), ("traiter", Some("traitée")));
    assert!(matches!(
        mail("!vu que le dossier est incomplet").trouble,
        Some(Trouble::Unknown { nearest: Some("vu"), .. })
    ));
    assert!(matches!(mail("#urgent").trouble, Some(Trouble::Unknown { nearest: None, .. })));
    for note in [
        "Note interne : ne pas dire",
        "note : voir la CPAM",
        "! note voir la CPAM",
        "[Note interne] x",
        "Note\nx",
        "*Note interne :* x",
        "À usage interne : x",
    ] {
        assert_eq!(mail(note).trouble, Some(Trouble::NoteLooking), "{note}");
    }
    assert_eq!(
        mail("Bonjour\nUn\n!note deux\nTrois est une ligne bien plus longue que le reste").trouble,
        Some(Trouble::NoteLooking)
    );
    assert!(matches!(
        mail("!traitée\n\nNon, pardon.\n\n!pas moi").trouble,
        Some(Trouble::Contradictory { first: "traitee", second: "mauvais_interlocuteur" })
    ));
    assert!(mail("!traitée\n\ntraité").trouble.is_none());
    assert_eq!(mail("!traitée\n\ntraité").commands.len(), 1);
}

#[test]
fn subject_and_address() {
    let subject = |s: &str| read_all("", Door::Mail, Some(s), None);
    assert_eq!(names(&subject("TRAITÉE")), ["traitee"]);
    assert_eq!(names(&subject("[A+ #1234] Traitée")), ["traitee"]);
    for no in [
        "Re: traitée",
        "RE : [A+ #1234] traitée",
        "[A+ #1234] RSA",
        "La demande est traitée",
        "[Bug] traitée",
        "!note secret",
    ] {
        assert!(subject(no).commands.is_empty(), "{no}");
    }
    assert!(subject("#urgent").trouble.is_none());
    let both = read_all("Le texte", Door::Mail, Some("[A+ #1] traitée"), Some("traitee"));
    assert_eq!(
        (names(&both), both.commands[0].source, both.prose.as_str()),
        (vec!["traitee"], Source::Address, "Le texte")
    );
    assert_eq!(
        read_all("", Door::Mail, None, Some("archiver-oui")).commands[0].command,
        Command::Archiver(Some(Utile::Oui))
    );
    assert!(matches!(
        read_all("!pas moi", Door::Mail, None, Some("traitee")).trouble,
        Some(Trouble::Contradictory { .. })
    ));
}

#[test]
fn answers_count_where_a_question_was_asked() {
    assert_eq!(names(&read_all("OUI\n\nMerci", Door::Question, None, None)), ["oui"]);
    assert_eq!(names(&read_all("Non.", Door::Question, None, None)), ["non"]);
    assert!(read_all("Oui mais plus tard", Door::Question, None, None).commands.is_empty());
}

#[test]
fn context_gives_no_orders() {
    let text = "traitée\nOui, le dossier est complet et je vous en remercie beaucoup.";
    let theirs = std::slice::from_ref(&(0..7));
    let said = Said { text, others: theirs };
    assert!(read_all(said, Door::Mail, None, None).commands.is_empty());
}

#[test]
fn mere_thanks() {
    for yes in [
        "Merci",
        "merci !",
        "Bien reçu, merci.",
        "Bonjour,\n\nMerci beaucoup.\n\nBonne journée,\nLéa",
        "Ok merci",
        "Merci et bonne journée",
        "Merci pour votre retour rapide",
        "Parfait, merci beaucoup !",
    ] {
        assert!(is_mere_thanks(yes), "{yes}");
    }
    for no in [
        "",
        "Merci de traiter le dossier",
        "Merci, mais il manque une pièce",
        "Bonjour",
        "Cordialement",
        "Merci. L’usager a reçu un refus.",
    ] {
        assert!(!is_mere_thanks(no), "{no}");
    }
}
