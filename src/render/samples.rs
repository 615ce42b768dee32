//! One notice of each sort, from an invented cast: what tests snapshot, what one looks at, what benches render.

mod cast;

use uuid::Uuid;

use super::Carriage;
use crate::demande::confirmation::Asked;
use crate::demande::notice::{DemandeView, EntryView, Notice, ReaderView, Receipt, What};
use crate::demande::people::Level;
use crate::demande::rights::Refusal;
use crate::demande::{Kind, Part, Side};
use cast::{
    AT, KARIM, MINUTE, NADIA, SOPHIE, action, answer, bal, demande, entry, files_alone, first, gateway, held,
    help, karim, nadia, note, pas_moi, paul, prendre, procedure, question, reopened, shared, sophie, survey,
    traitee,
};

/// A carriage for the samples.
pub fn carriage() -> Carriage {
    Carriage {
        outbox_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
        now: AT,
        offset_minutes: 120,
        message_id: "01900000-0000-7000-8000-000000000001@demandes.example".into(),
        references: vec!["demande-1234@demandes.example".into(), "k7f3q2@demandes.example".into()],
        in_reply_to: Some("demande-1234@demandes.example".into()),
        reply_to: "reponse+k7f3q2m5x4c6v8b2n7a3s5d9f4g6h2j8w5e7r3t6y4@demandes.example".into(),
        survey_to: "sondage+p2w8e5r7t3y6u4i9a5s2d7f8g3h6j4k9z7x5c2v8b6@demandes.example".into(),
        private: false,
        domain: "demandes.example".into(),
        sender_local: "notification".into(),
        support: "support@demandes.example".into(),
        unsubscribe: None,
        marker: super::MARKER,
        token: "k7f3q2m5x4c6v8b2n7a3s5d9f4g6h2j8w5e7r3t6y4".into(),
        files: Vec::new(),
    }
}

/// Every notice at least once, with a name of its own: every refusal, every receipt, the brief ones, the readers that
/// get another wording.
pub fn samples() -> Vec<(String, Notice)> {
    let mut all: Vec<(String, Notice)> =
        told().into_iter().chain(questions()).map(|(name, notice)| (name.to_owned(), notice)).collect();
    all.extend(receipts());
    all.extend(refusals());
    all
}

fn told() -> Vec<(&'static str, Notice)> {
    let traitee = entry(
        9,
        Kind::Traitee,
        KARIM,
        "Le dossier est débloqué : Madame B. recevra son RSA vendredi 15 mai.",
    );
    let prise = entry(4, Kind::PriseEnCharge, KARIM, "");
    vec![
        ("nouvelle_demande", opened(karim(Level::Integral))),
        ("nouvelle_demande_bal", opened(bal())),
        ("nouvelle_demande_collegue", opened(paul())),
        ("nouveau_message", about(What::NouveauMessage(7), karim(Level::Integral), question())),
        ("nouveau_message_reponse", about(What::NouveauMessage(7), nadia(), answer())),
        ("nouveau_message_partage", about(What::NouveauMessage(7), nadia(), shared())),
        ("nouveau_message_fichiers", about(What::NouveauMessage(7), karim(Level::Integral), files_alone())),
        ("prise_en_charge", about(What::PriseEnCharge(4), nadia(), prise.clone())),
        ("prise_en_charge_bref", brief(about(What::PriseEnCharge(4), karim(Level::Integral), prise))),
        ("laissee", about(What::Laissee(5), karim(Level::Integral), entry(5, Kind::Laisser, SOPHIE, ""))),
        ("mauvais_interlocuteur", wrong(Kind::MauvaisInterlocuteur, karim(Level::Integral))),
        ("mauvais_interlocuteur_auteur", wrong(Kind::PlusPersonne, nadia())),
        ("traitee", about(What::Traitee(9), nadia(), traitee.clone())),
        ("traitee_autre", about(What::Traitee(9), sophie(), traitee)),
        ("non_pertinente", about(What::NonPertinente(6), nadia(), procedure())),
        (
            "archivee",
            about(What::Archivee(10), karim(Level::Integral), entry(10, Kind::Archivage, NADIA, "")),
        ),
        ("archivee_passerelle", about(What::Archivee(10), nadia(), gateway(Kind::Archivage))),
        ("rouverte", about(What::Rouverte(11), karim(Level::Integral), reopened())),
        ("note", about(What::Note(8), karim(Level::Integral), note())),
        (
            "acte_annule",
            about(
                What::ActeAnnule(9),
                karim(Level::Integral),
                entry(9, Kind::Traitee, KARIM, "Droits rouverts."),
            ),
        ),
        (
            "aide",
            Notice {
                help: help(),
                actions: Vec::new(),
                entry: None,
                previous: Vec::new(),
                ..base(What::Aide, karim(Level::Integral))
            },
        ),
        ("non_remis", about(What::NonRemis(12), nadia(), entry(12, Kind::NonRemis, SOPHIE, ""))),
        ("etat", Notice { previous: vec![answer(), question()], ..base(What::Etat, karim(Level::Integral)) }),
    ]
}

fn questions() -> Vec<(&'static str, Notice)> {
    vec![
        (
            "confirmer",
            asked(What::Confirmer(Asked { id: 7, again: false }), held("karim.haddad@caf54.example")),
        ),
        (
            "confirmer_encore",
            asked(What::Confirmer(Asked { id: 7, again: true }), held("karim.haddad@caf54.example")),
        ),
        ("liberer", asked(What::Liberer(Asked { id: 8, again: false }), held("h.morel@ailleurs.example"))),
        (
            "liberer_note",
            asked(
                What::Liberer(Asked { id: 8, again: false }),
                EntryView { note: true, ..held("h.morel@ailleurs.example") },
            ),
        ),
    ]
}

/// A question about a held mail.
fn asked(what: What, held: EntryView) -> Notice {
    let actions = vec![
        action("oui", "OUI", "Oui, publier", "OUI", false),
        action("non", "NON", "Non, ne pas publier", "NON", false),
    ];
    Notice { actions, previous: Vec::new(), entry: Some(held), ..base(what, karim(Level::Integral)) }
}

fn receipts() -> Vec<(String, Notice)> {
    const COMMANDS: [&str; 18] = [
        "oui",
        "non",
        "repondre",
        "vu",
        "prise_en_charge",
        "laisser",
        "mauvais_interlocuteur",
        "traitee",
        "non_pertinente",
        "note",
        "inviter",
        "moderateur",
        "archiver",
        "rouvrir",
        "annuler",
        "corriger",
        "suivre",
        "ne_plus_suivre",
    ];
    let mut all: Vec<_> =
        COMMANDS.iter().map(|command| (format!("recu_{command}"), receipt(command))).collect();
    let mut late = receipt("repondre");
    if let What::Recu(receipt) = &mut late.what {
        receipt.archived = true;
    }
    all.push(("recu_archivee".to_owned(), late));
    all
}

fn receipt(command: &str) -> Notice {
    let waits = crate::demande::Kind::from_code(command).is_some_and(Kind::changes_state);
    let waits = waits || matches!(command, "archiver" | "rouvrir");
    let silent = matches!(command, "oui" | "non" | "vu" | "annuler" | "suivre" | "ne_plus_suivre");
    let archive = command == "archiver";
    let receipt = Receipt {
        command: command.to_owned(),
        n: (command == "traitee").then_some(9),
        told: if silent { Vec::new() } else { vec![NADIA.into(), SOPHIE.into(), "CPAM 54".into()] },
        undo_until: waits.then_some(AT + 10 * MINUTE),
        survey: archive,
        archived: false,
    };
    let reader = if archive { nadia() } else { karim(Level::Integral) };
    let entry = (command == "traitee").then(|| entry(9, Kind::Traitee, KARIM, "Le dossier est débloqué."));
    let mut notice = Notice { entry, previous: Vec::new(), ..base(What::Recu(receipt), reader) };
    notice.actions = match (archive, waits) {
        (true, _) => survey(),
        (_, true) => vec![action("annuler", "!annuler", "Annuler mon action", "ANNULER", false)],
        _ => Vec::new(),
    };
    notice
}

fn refusals() -> Vec<(String, Notice)> {
    let word = |word: &str, nearest: Option<&str>| Refusal::MotInconnu {
        word: word.into(),
        nearest: nearest.map(Into::into),
    };
    let all = [
        ("vide", Refusal::Vide),
        ("pas_le_droit", Refusal::PasLeDroit { command: "archiver".into() }),
        ("pas_le_droit_autre", Refusal::PasLeDroit { command: "prise_en_charge".into() }),
        ("rien_a_annuler", Refusal::RienAAnnuler),
        ("trop_tard", Refusal::TropTard),
        ("deja_archivee", Refusal::DejaArchivee),
        ("pas_archivee", Refusal::PasArchivee),
        ("effacee", Refusal::Effacee { at: AT }),
        ("plus_participant", Refusal::PlusParticipant),
        ("compte_desactive", Refusal::CompteDesactive),
        ("adresse_perimee", Refusal::AdressePerimee),
        ("mot_inconnu", word("!traiter", Some("traitée"))),
        ("mot_inconnu_seul", word("!bonjour", None)),
        ("contradiction", Refusal::Contradiction { words: vec!["traitée".into(), "pas moi".into()] }),
        ("note_douteuse", Refusal::NoteDouteuse),
        ("pas_ici", Refusal::PasIci { command: "inviter".into() }),
        ("fichier_refuse", Refusal::FichierRefuse { reason: "encrypted archive".into() }),
        ("fichier_lourd", Refusal::FichierRefuse { reason: "too large".into() }),
        ("fichier_autre", Refusal::FichierRefuse { reason: "Le format n’est pas reconnu.".into() }),
        ("signature_manquante", Refusal::SignatureManquante),
        ("chiffre", Refusal::Chiffre),
        ("sans_demande", Refusal::SansDemande { open: vec![1234, 1198, 1170] }),
        ("question_perimee", Refusal::QuestionPerimee),
        ("sans_demande_ouverte", Refusal::SansDemande { open: Vec::new() }),
    ];
    all.into_iter().map(|(name, refusal)| (format!("refus_{name}"), refused(refusal))).collect()
}

fn refused(refusal: Refusal) -> Notice {
    let nowhere = matches!(
        refusal,
        Refusal::SansDemande { .. } | Refusal::CompteDesactive | Refusal::AdressePerimee | Refusal::Chiffre
    );
    let mut notice = base(What::Refus(refusal), karim(Level::Integral));
    notice.previous = Vec::new();
    notice.actions = Vec::new();
    if nowhere {
        notice.demande = None;
    }
    notice
}

fn base(what: What, reader: ReaderView) -> Notice {
    let actions = match (&what, reader.side, reader.part) {
        (What::Traitee(_), Some(Side::Auteur), Some(_)) => survey(),
        (What::NouvelleDemande, Some(Side::Instructeurs), _) => vec![prendre(), traitee(), pas_moi()],
        (What::Traitee(_) | What::Archivee(_), ..) => Vec::new(),
        (_, Some(Side::Instructeurs), _) => vec![traitee(), pas_moi()],
        _ => Vec::new(),
    };
    let etat = match &what {
        What::NouvelleDemande => "Nouvelle",
        What::Traitee(_) if reader.part == Some(Part::Auteur) => "À archiver",
        What::Traitee(_) => "Traitée",
        What::Archivee(_) => "Archivée",
        _ => "En cours",
    };
    Notice {
        what,
        brief: false,
        demande: Some(DemandeView { etat, ..demande() }),
        entry: None,
        previous: vec![answer(), first()],
        actions,
        help: Vec::new(),
        reader,
        at: AT,
    }
}

fn opened(reader: ReaderView) -> Notice {
    let mut notice = Notice { previous: Vec::new(), ..base(What::NouvelleDemande, reader) };
    if notice.reader.level == Level::Masque
        && let Some(demande) = &mut notice.demande
    {
        for (key, value) in &mut demande.infos {
            match key.as_str() {
                "Identifiant CAF" => "••••••567".clone_into(value),
                "Date de naissance" => "••/••/1987".clone_into(value),
                _ => {}
            }
        }
    }
    notice
}

fn about(what: What, reader: ReaderView, entry: EntryView) -> Notice {
    Notice { entry: Some(entry), ..base(what, reader) }
}

fn brief(notice: Notice) -> Notice {
    Notice { brief: true, ..notice }
}

fn wrong(kind: Kind, reader: ReaderView) -> Notice {
    about(What::MauvaisInterlocuteur(5), reader, entry(5, kind, SOPHIE, "Ce dossier relève de la CAF."))
}
