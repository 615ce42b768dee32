//! What every notice must hold to: its words (snapshots), its page, its bytes.

mod hostile;
mod page;
mod wire;

use std::collections::BTreeSet;

use super::*;
use crate::demande::notice::What;
use crate::demande::people::Level;

fn rendered(notice: &Notice) -> RenderedMail {
    mail(notice, &sample_carriage()).expect("renders")
}

fn sample(name: &str) -> Notice {
    samples().into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no sample {name}")).1
}

/// The notice as `compose` would cut it for that level.
fn at_level(mut notice: Notice, level: Level) -> Notice {
    notice.reader.level = level;
    if level != Level::Lien {
        return notice;
    }
    if let Some(demande) = &mut notice.demande {
        demande.sujet.clear();
        demande.description.clear();
        demande.infos.clear();
    }
    for entry in notice.entry.iter_mut().chain(&mut notice.previous) {
        entry.text.clear();
        entry.signed.clear();
        entry.files.clear();
    }
    notice
}

/// Subject, From and the text part, as a snapshot shows them.
fn letter(notice: &Notice) -> String {
    let mail = rendered(notice);
    format!("From: {}\nSubject: {}\n\n{}", mail.from_name, mail.subject, mail.text)
}

/// With `RELAIS_LOOK=DIR`, every sample's HTML and text are written there, to be looked at in a browser.
#[test]
fn every_sample_renders_at_every_level() {
    let look = std::env::var_os("RELAIS_LOOK").map(std::path::PathBuf::from);
    for (name, notice) in samples() {
        for level in [Level::Integral, Level::Masque, Level::Lien] {
            let mail = rendered(&at_level(notice.clone(), level));
            assert!(mail.subject.starts_with("[A+"), "{name}: {}", mail.subject);
            assert!(mail.text.starts_with("Répondez au-dessus de cette ligne\n\n"), "{name}:\n{}", mail.text);
            assert!(mail.text.contains("support@demandes.example"), "{name}");
            assert!(!mail.text.contains("\n\n\n") && !mail.text.contains(" \n"), "{name}:\n{}", mail.text);
            if let Some(folder) = &look {
                std::fs::create_dir_all(folder).unwrap();
                std::fs::write(folder.join(format!("{name}-{}.html", level.code())), &mail.html).unwrap();
            }
        }
    }
}

#[test]
fn every_notice_has_its_row_its_folder_and_a_sample() {
    let rows: BTreeSet<_> = CODES.iter().map(ToString::to_string).collect();
    let sampled: BTreeSet<_> = samples().iter().map(|(_, notice)| notice.what.code().to_owned()).collect();
    assert_eq!(rows, sampled);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/mail");
    let folders: BTreeSet<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|file| file.unwrap())
        .filter(|file| file.file_type().unwrap().is_dir() && file.file_name() != "parts")
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    assert_eq!(rows, folders);
    assert_eq!(CODES.len(), 18, "a variant of What without template?");
}

#[test]
fn the_words_are_those_that_were_read_again() {
    let (mut receipts, mut refusals) = (String::new(), String::new());
    for (name, notice) in samples() {
        match notice.what {
            What::Recu(_) => receipts.extend(["═══ ", &name, "\n", &letter(&notice), "\n"]),
            What::Refus(_) => refusals.extend(["═══ ", &name, "\n", &letter(&notice), "\n"]),
            _ => insta::assert_snapshot!(name, letter(&notice)),
        }
    }
    insta::assert_snapshot!("recus", receipts);
    insta::assert_snapshot!("refus", refusals);
}

#[test]
fn the_first_lines_say_who_asks_what() {
    let mail = rendered(&sample("nouvelle_demande"));
    let lines: Vec<_> = mail.text.lines().skip(2).take(3).collect();
    assert_eq!(
        lines,
        [
            "Nadia Benali (France Services de Valbrume) demande votre aide.",
            "Dossier RSA bloqué",
            "Demande n°\u{a0}1234 · Nouvelle · Meurthe-et-Moselle"
        ]
    );
}

#[test]
fn the_subject_is_the_same_all_along() {
    let subjects: BTreeSet<_> = samples()
        .iter()
        .filter(|(_, notice)| notice.demande.is_some() && !matches!(notice.what, What::Refus(_)))
        .map(|(_, notice)| rendered(notice).subject)
        .collect();
    assert_eq!(subjects.into_iter().collect::<Vec<_>>(), ["[A+ #1234] Dossier RSA bloqué"]);
}

#[test]
fn a_level_lien_tells_the_number_and_no_text() {
    for (name, notice) in samples() {
        let mail = rendered(&at_level(notice, Level::Lien));
        let all = [mail.subject.as_str(), &mail.text, &mail.html].join("\n");
        for secret in ["RSA bloqué", "Jeanne", "Brun", "14/02/1987", "acompte", "page 2", "RSA vendredi"] {
            assert!(!all.contains(secret), "{name} tells {secret}");
        }
    }
    let mail = rendered(&at_level(sample("nouveau_message"), Level::Lien));
    assert_eq!(mail.subject, "[A+ #1234]");
    assert!(mail.text.contains("Le texte n’est pas repris"), "{}", mail.text);
    assert!(mail.html.contains("Le texte n’est pas repris"));
}

#[test]
fn a_shut_door_names_the_number_only() {
    for name in ["refus_effacee", "refus_plus_participant"] {
        let mail = rendered(&sample(name));
        let all = [mail.subject.as_str(), &mail.text, &mail.html].join("\n");
        assert!(all.contains("1234"), "{name}");
        for secret in ["RSA", "En cours", "Meurthe", "participez à la demande"] {
            assert!(!all.contains(secret), "{name} tells {secret}");
        }
    }
}

#[test]
fn a_brief_notice_is_one_sentence() {
    let mail = rendered(&sample("prise_en_charge_bref"));
    assert!(mail.text.lines().count() < 14 && !mail.html.contains("mailto:reponse"), "{}", mail.text);
}

#[test]
fn a_note_says_at_its_top_that_the_answer_is_a_note() {
    let mail = rendered(&sample("note"));
    let at = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    let warning = "Votre réponse sera elle aussi une note";
    assert!(at(&mail.text, warning) < at(&mail.text, "Sophie Marchal"));
    let body = &mail.html[at(&mail.html, "</p>")..];
    assert!(at(body, warning) < at(body, "Sophie Marchal"));
}

#[test]
fn from_names_who_wrote_and_receipts_come_from_the_house() {
    assert_eq!(rendered(&sample("traitee")).from_name, "Karim Haddad (CAF 54) via Administration+");
    assert_eq!(
        rendered(&sample("nouvelle_demande")).from_name,
        "Nadia Benali (France Services de Valbrume) via Administration+"
    );
    for (name, notice) in samples() {
        let house = matches!(
            notice.what,
            What::Recu(_)
                | What::ActeAnnule(_)
                | What::Refus(_)
                | What::Aide
                | What::Etat
                | What::Confirmer(_)
                | What::Liberer(_)
                | What::NonRemis(_)
        ) || name == "archivee_passerelle";
        assert_eq!(rendered(&notice).from_name == "Administration+", house, "{name}");
    }
}

#[test]
fn a_long_text_has_its_buttons_first_and_is_whole() {
    let mut notice = sample("nouveau_message");
    let entry = notice.entry.as_mut().unwrap();
    entry.text = "une ligne de texte\n".repeat(1_000) + "la fin";
    let mail = rendered(&notice);
    assert!(mail.html.find("mailto:reponse").unwrap() < mail.html.find("une ligne de texte<br>").unwrap());
    assert!(mail.html.contains("la fin") && mail.text.contains("la fin"));
    notice.previous[0].text = "ancien ".repeat(1_000);
    let mail = rendered(&notice);
    assert!(mail.text.contains("[la suite est dans un message précédent]"));
}

#[test]
fn a_notice_without_its_entry_is_refused() {
    let notice = Notice { entry: None, ..sample("traitee") };
    let error = mail(&notice, &sample_carriage()).unwrap_err();
    assert_eq!(error.to_string(), "the notice traitee has no entry");
}
