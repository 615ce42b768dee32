//! The invented cast of the samples: Nadia asks, Karim and Sophie answer, about the RSA of Jeanne Brun.

use crate::demande::notice::{Action, DemandeView, EntryView, HelpLine, ReaderView};
use crate::demande::people::Level;
use crate::demande::{Kind, Millis, Part, Side};

/// 12 May 2026, 14:03 in Paris.
pub(super) const AT: Millis = 1_778_587_380_000;
pub(super) const MINUTE: Millis = 60_000;
pub(super) const NADIA: &str = "Nadia Benali (France Services de Valbrume)";
pub(super) const KARIM: &str = "Karim Haddad (CAF 54)";
pub(super) const SOPHIE: &str = "Sophie Marchal (CPAM 54)";

pub(super) fn person(name: &str, address: &str, side: Side, part: Part, level: Level) -> ReaderView {
    ReaderView { name: Some(name.into()), address: address.into(), side: Some(side), part: Some(part), level }
}

pub(super) fn karim(level: Level) -> ReaderView {
    person("Karim Haddad", "karim.haddad@caf54.example", Side::Instructeurs, Part::Instructeur, level)
}

pub(super) fn sophie() -> ReaderView {
    person(
        "Sophie Marchal",
        "sophie.marchal@cpam54.example",
        Side::Instructeurs,
        Part::Instructeur,
        Level::Integral,
    )
}

pub(super) fn nadia() -> ReaderView {
    person("Nadia Benali", "nadia.benali@valbrume.example", Side::Auteur, Part::Auteur, Level::Integral)
}

pub(super) fn paul() -> ReaderView {
    person("Paul Girard", "paul.girard@valbrume.example", Side::Auteur, Part::Aidant, Level::Integral)
}

pub(super) fn bal() -> ReaderView {
    ReaderView {
        name: Some("CAF 54".into()),
        address: "demandes@caf54.example".into(),
        side: Some(Side::Instructeurs),
        part: None,
        level: Level::Masque,
    }
}

pub(super) fn demande() -> DemandeView {
    let infos = [
        ("Prénom", "Jeanne"),
        ("Nom de famille", "Brun"),
        ("Date de naissance", "14/02/1987"),
        ("Identifiant CAF", "1234567"),
        ("Adresse postale", "3, rue du Moulin, 54000 Valbrume"),
    ];
    DemandeView {
        number: 1234,
        sujet: "Dossier RSA bloqué".into(),
        description: "Bonjour,\n\nMadame B. ne reçoit plus son RSA depuis le mois de février. Elle a bien envoyé sa \
             déclaration trimestrielle le 3 mars, mais son espace personnel affiche toujours « en cours \
             d’étude ».\n\nManque-t-il une pièce au dossier ?\nUn acompte est-il possible en attendant ?\n\nMerci \
             d’avance,\nNadia Benali"
            .into(),
        infos: infos.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        etat: "En cours",
        territoire: "54".into(),
        structure: Some("France Services de Valbrume".into()),
        author: "Nadia Benali".into(),
        groups: vec!["CAF 54".into(), "CPAM 54".into()],
        created_at: AT,
    }
}

pub(super) fn entry(n: u32, kind: Kind, author: &str, text: &str) -> EntryView {
    let side = if author == NADIA { Side::Auteur } else { Side::Instructeurs };
    EntryView {
        n,
        kind,
        author: author.into(),
        side: Some(side),
        note: kind == Kind::Note,
        text: text.into(),
        signed: String::new(),
        files: Vec::new(),
        at: AT + Millis::from(n) * 47 * MINUTE,
    }
}

pub(super) fn first() -> EntryView {
    entry(
        2,
        Kind::Texte,
        NADIA,
        "J’ajoute que Madame B. a deux enfants à charge et que son loyer est dû le 5 du mois.",
    )
}

pub(super) fn answer() -> EntryView {
    let text =
        "Bonjour,\n\nIl manque la page 2 du bail. Pouvez-vous la joindre ?\n\nCordialement,\nKarim Haddad";
    entry(3, Kind::Texte, KARIM, text)
}

pub(super) fn question() -> EntryView {
    let text =
        "Bonjour,\n\nVoici la page 2 du bail. Un acompte reste-t-il possible ?\n\nMerci beaucoup,\nNadia";
    let files = vec![("bail-page-2.pdf".into(), 248_112), ("IMG_2041.jpeg".into(), 1_849_000)];
    EntryView { files, ..entry(7, Kind::Texte, NADIA, text) }
}

pub(super) fn shared() -> EntryView {
    let signed = "Sophie Marchal\nService des droits, CPAM 54".into();
    EntryView { signed, ..entry(7, Kind::Texte, "CPAM 54", "Le dossier est complet de notre côté.") }
}

pub(super) fn files_alone() -> EntryView {
    EntryView { text: String::new(), ..question() }
}

pub(super) fn procedure() -> EntryView {
    let text = "Le formulaire de déclaration est ouvert sur caf.example, rubrique « Mes démarches ».";
    entry(6, Kind::NonPertinente, KARIM, text)
}

pub(super) fn reopened() -> EntryView {
    entry(11, Kind::Reouverture, NADIA, "Le virement annoncé n’est pas arrivé.")
}

pub(super) fn note() -> EntryView {
    entry(
        8,
        Kind::Note,
        SOPHIE,
        "À vérifier avant de répondre : le dossier a été muté de la Meuse en janvier.",
    )
}

/// A mail that waits for a word, as it would be posted.
pub(super) fn held(from: &str) -> EntryView {
    let text = "Bonjour,\n\nLa page 2 du bail est bien arrivée, le dossier repart.\n\nCordialement";
    let files = vec![("bail-page-2.pdf".into(), 248_112)];
    EntryView { side: None, files, ..entry(0, Kind::Texte, from, text) }
}

pub(super) fn gateway(kind: Kind) -> EntryView {
    EntryView { side: None, ..entry(10, kind, "Administration+", "") }
}

pub(super) fn help() -> Vec<HelpLine> {
    let lines = [
        ("PRENDRE", "Vous vous occupez de la demande ; l’aidant en est prévenu."),
        ("TRAITÉE", "La demande est traitée ; votre texte sur les lignes suivantes est transmis."),
        ("PAS MOI", "Vous n’êtes pas le bon interlocuteur."),
        ("!note", "La suite n’est lue que par les instructeurs."),
        ("ANNULER", "Retire votre dernière action, pendant dix minutes."),
    ];
    lines.map(|(word, sentence)| HelpLine { word: word.into(), sentence: sentence.into() }).into()
}

pub(super) const fn action(
    command: &'static str,
    body: &'static str,
    label: &'static str,
    word: &'static str,
    survey: bool,
) -> Action {
    Action { command, body, label, word, survey }
}

pub(super) const fn prendre() -> Action {
    action("prise_en_charge", "!prendre", "Je m’en occupe", "PRENDRE", false)
}

pub(super) const fn traitee() -> Action {
    action("traitee", "!traitée", "Marquer traitée", "TRAITÉE", false)
}

pub(super) const fn pas_moi() -> Action {
    action("mauvais_interlocuteur", "!pas moi", "Mauvais interlocuteur", "PAS MOI", false)
}

pub(super) fn survey() -> Vec<Action> {
    vec![
        action("archiver", "OUI", "Archiver : utile", "CLORE OUI", true),
        action("archiver", "NSP", "Archiver : je ne sais pas", "CLORE NSP", true),
        action("archiver", "NON", "Archiver : pas utile", "CLORE NON", true),
    ]
}
