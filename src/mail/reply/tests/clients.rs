//! Every everyday text above every client's way of quoting: what was said must come out exactly.

use super::*;

/// What people write, on its own, that must survive whole above any quotation.
const TEXTS: &[&str] = &[
    "Bonjour,\n\nLa demande est traitée, vous pouvez clore.\n\nBonne journée",
    "Oui.",
    "!traitée\n\nLe dossier est complet.",
    "Bonjour,\nObjet : demande de RSA\nDe plus, il manque une pièce.\nÀ bientôt.",
    "Bonjour,\n\nPièces reçues :\n-----\nCNI\nRIB\n-----\nIl manque l'avis d'imposition.",
    "Bonjour,\n\nDe : 01/01/2026\nÀ : 31/03/2026\nObjet : période de droits\nMontant : 300 €\n\nMerci de confirmer.",
    "Le dossier que l'usager a écrit :\n- carte d'identité\n- justificatif de domicile\n\nest incomplet.",
    "Bonjour,\n\nVous pouvez joindre l'usager au 06 12 34 56 78 ou au 12 rue des Lilas, 77000 Melun.\n\nCordialement,\nLéa MARTIN",
    "Bonjour,\n\nVoici ses coordonnées :\nM. Paul DURAND\n12 rue des Lilas\n77000 Melun\n06 12 34 56 78\n\nCordialement",
    "Le 12/05/2026 à 14h03, Mme Durand nous a écrit qu'elle avait déménagé.\n\nMerci de vérifier.",
    "Envoyé de mon service ce matin, le courrier arrivera demain.",
    "Bonjour,\n\nIl manque :\n> la carte d'identité\n> un RIB\n\nMerci d'avance",
    "Bonjour,\n\nCordialement veut dire que je clos ?\n\nMerci\n\nPS : son numéro est le 06 12 34 56 78.",
    "Date : 12/05/2026 à 14h00\nLieu : CAF de Melun\nObjet : rendez-vous avec l'usager\n\nPouvez-vous confirmer ?",
    "Bonjour,\n\nde 9h à 12h : accueil\nà 14h : rendez-vous\n\nCordialement,\n\nJean DUPONT",
    "Message du service : le dossier est clos.\n\nBien à vous",
    "*Important* : le dossier n° 123456 est à compléter avant le 12/06/2026.\n\n1. CNI\n2. RIB\n\nMerci",
    "Bonjour,\n\nL'usager (paul.durand@mail.example) a écrit :\n« Je n'ai rien reçu. »\n\nQu'en pensez-vous ?",
    "Ce message est confidentiel, merci de ne pas le transmettre à l'usager.\n\nBonne soirée",
    "ok",
    "Bonjour Léa,\n\nJe transfère à ma collègue.\n\nCordialement,\n\nPaul",
];

/// How clients quote, and what they add.
const TAILS: &[(&str, &str)] = &[
    (
        "gmail",
        "Le mar. 12 mai 2026 à 14:03, Léa Martin via Administration+ <notification@aplus.example> a\nécrit :\n\n> Une demande\n>\n> Cordialement\n",
    ),
    (
        "gmail wrapped",
        "Le mar. 12 mai 2026 à 14:03, \"Léa Martin (CAF 77) via Administration+\" <\nnotification@aplus.example> a écrit :\n\n> Une demande\n",
    ),
    (
        "gmail en",
        "On Tue, May 12, 2026 at 2:03 PM Administration+ <notification@aplus.example>\nwrote:\n\n> Une demande\n",
    ),
    ("apple", "> Le 12 mai 2026 à 14:03, Administration+ <r@aplus.example> a écrit :\n> \n> Une demande\n"),
    (
        "iphone",
        "Envoyé de mon iPhone\n\n> Le 12 mai 2026 à 14:03, Administration+ <r@aplus.example> a écrit :\n> \n> \u{feff}\n> Une demande\n",
    ),
    (
        "outlook",
        "De : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : DUPONT Jean <jean.dupont@caf.example>\nObjet : [A+ #12] RSA\n\nUne demande\nDe plus\n",
    ),
    (
        "outlook no address",
        "De : MARTIN Léa\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : DUPONT Jean\nObjet : RE: [A+ #12] RSA\n\nUne demande\n",
    ),
    (
        "outlook many recipients",
        "De : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : A <a@caf.example>; B <b@caf.example>;\nC <c@caf.example>; D <d@caf.example>\nCc : E <e@caf.example>\nObjet : RSA\nImportance : Haute\n\nUne demande\n",
    ),
    (
        "outlook origine",
        "-----Message d’origine-----\nDe : Administration+ [mailto:r@aplus.example]\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : DUPONT Jean\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook web",
        "________________________________\nDe : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : DUPONT Jean <j@caf.example>\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook ios",
        "Obtenir Outlook pour iOS<https://aka.ms/o0ukef>\n________________________________\nDe : Administration+ <r@aplus.example>\nEnvoyé : Tuesday, May 12, 2026 2:03:00 PM\nÀ : DUPONT Jean <j@caf.example>\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook ios new",
        "Envoyé à partir de Outlook pour iOS\n________________________________\nDe : Administration+ <r@aplus.example>\nEnvoyé : mardi, mai 12, 2026 2:03 PM\nÀ : DUPONT Jean <j@caf.example>\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook mac",
        "De : Administration+ <r@aplus.example>\nDate : mardi, 12 mai 2026 à 14:03\nÀ : DUPONT Jean <j@caf.example>\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook blank lines",
        "De : Administration+ <r@aplus.example>\n\nEnvoyé : mardi 12 mai 2026 14:03\n\nÀ : DUPONT Jean\n\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "outlook one line",
        "De : Administration+ <r@aplus.example> Envoyé : mardi 12 mai 2026 14:03 À : DUPONT Jean Objet : RSA\n\nUne demande\n",
    ),
    (
        "outlook windows mail",
        "Provenance : Courrier pour Windows 10\n\nDe : Administration+\nEnvoyé le :mardi 12 mai 2026 14:03\nÀ : j@caf.example\nObjet :RSA\n\nUne demande\n",
    ),
    ("thunderbird", "Le 12/05/2026 à 14:03, Administration+ a écrit :\n> Une demande\n> suite\n"),
    (
        "thunderbird sig",
        "Le 12/05/2026 à 14:03, Administration+ a écrit :\n> Une demande\n\n-- \nJean DUPONT\nCAF\n01 23 45 67 89\n",
    ),
    (
        "zimbra",
        "----- Mail original -----\nDe: \"Administration+\" <r@aplus.example>\nÀ: \"jean dupont\" <j@caf.example>\nEnvoyé: Mardi 12 Mai 2026 14:03:11\nObjet: RSA\n\nUne demande\n",
    ),
    (
        "zimbra web",
        "De: \"Administration+\" <r@aplus.example>\nÀ: \"jean dupont\" <j@caf.example>\nEnvoyé: Mardi 12 Mai 2026 14:03:11\nObjet: RSA\n\nUne demande\n",
    ),
    ("zimbra >", "Le 12 Mai 26, à 14:03, Administration+ <r@aplus.example> a écrit :\n\n> Une demande\n"),
    ("roundcube", "Le 12-05-2026 14:03, Administration+ a écrit :\n> Une demande\n"),
    ("roundcube2", "Le 2026-05-12 14:03, Administration+ a écrit :\n\n> Une demande\n"),
    (
        "sogo",
        "Le Mardi, 12 Mai 2026 14:03 CEST, Administration+ <r@aplus.example> a écrit: \n \nUne demande\n",
    ),
    ("bluemind", "Le 12/05/2026 à 14:03, Administration+ <r@aplus.example> a écrit :\n\nUne demande\n"),
    (
        "orange",
        "> Message du 12/05/26 14:03\n> De : \"Administration+\" <r@aplus.example>\n> A : j@orange.example\n> Copie à : \n> Objet : RSA\n> \n> Une demande\n",
    ),
    (
        "orange new",
        "envoyé : 12 mai 2026 à 14:03\nde : Administration+ <r@aplus.example>\nà : j@orange.example\nobjet : RSA\n\nUne demande\n",
    ),
    (
        "sfr",
        "========================================\nMessage du : 12/05/2026 14:03\nDe : \"Administration+\" <r@aplus.example>\nA : j@sfr.example\nCopie à :\nSujet : RSA\n\nUne demande\n",
    ),
    (
        "laposte",
        "De : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 à 14:03\nÀ : j@laposte.example\nObjet : RSA\n> Une demande\n",
    ),
    (
        "yahoo",
        "    Le mardi 12 mai 2026 à 14:03:11 UTC+2, Administration+ <r@aplus.example> a écrit :  \n \n Une demande\nsuite\n",
    ),
    (
        "yahoo android",
        "Envoyé depuis Yahoo Mail pour Android \n \n  Le mar., mai 12, 2026 à 14:03, Administration+<r@aplus.example> a écrit :   Une demande\n",
    ),
    (
        "proton",
        "Envoyé avec la messagerie sécurisée Proton Mail.\n\nLe mardi 12 mai 2026 à 14:03, Administration+ <r@aplus.example> a écrit :\n\n> Une demande\n",
    ),
    (
        "proton old",
        "Sent with Proton Mail secure email.\n\n------- Original Message -------\nLe mardi 12 mai 2026 à 14:03, Administration+ <r@aplus.example> a écrit :\n\n\n> Une demande\n",
    ),
    (
        "notes",
        "De :    Administration+ <r@aplus.example>\nA :     Jean DUPONT/CAF77/CNAF@CNAF\nDate :  12/05/2026 14:03\nObjet : RSA\n\n\nUne demande\n",
    ),
    (
        "notes pour",
        "Expéditeur : Administration+ <r@aplus.example>\nPour : Jean DUPONT/CAF77\nDate : 12/05/2026 14:03\nObjet : RSA\n\nUne demande\n",
    ),
    ("m2", "Le 12/05/2026 à 14:03, > Administration+ (par Internet) a écrit :\n> Une demande\n"),
    (
        "m2 original",
        "-------- Message original --------\n*Sujet: *RSA\n*De : *\"> Administration+ (par Internet)\" <r@aplus.example>\n*Pour : *Jean DUPONT <j@caf.example>\n*Date : *12/05/2026 14:03\n\nUne demande\n",
    ),
    (
        "samsung",
        "Envoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\nDe : Administration+ <r@aplus.example>\nDate : 12/05/2026 14:03 (GMT+01:00)\nÀ : j@caf.example\nObjet : RSA\n\nUne demande\n",
    ),
    (
        "k9",
        "Le 12 mai 2026 14:03:11 GMT+02:00, Administration+ <r@aplus.example> a écrit :\n>Une demande\n>suite\n\n-- \nEnvoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
    ),
    (
        "k9 sig above",
        "-- \nEnvoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.\n\nLe 12 mai 2026 14:03:11 GMT+02:00, Administration+ <r@aplus.example> a écrit :\n>Une demande\n",
    ),
    (
        "other webmail",
        "----- Répondre au message -----\nDe : \"Administration+\" <r@aplus.example>\nPour : <j@caf.example>\nObjet : RSA\n\nUne demande\n",
    ),
    ("rainloop", "12 mai 2026 14:03 \"Administration+\" <r@aplus.example> a écrit:\n> Une demande\n"),
    ("horde", "Administration+ <r@aplus.example> a écrit :\n\n> Une demande\n"),
    ("groupwise", ">>> Administration+ <r@aplus.example> 12/05/2026 14:03 >>>\nUne demande\nsuite\n"),
    ("marker", "-- Répondez au-dessus de cette ligne --\n\nUne demande\n"),
    (
        "marker in outlook",
        "De : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : X\n\n-- Répondez au-dessus de cette ligne --\n\nUne demande\n",
    ),
    (
        "german",
        "Am Di., 12. Mai 2026 um 14:03 Uhr schrieb Administration+ <r@aplus.example>:\n\n> Une demande\n",
    ),
    (
        "german outlook",
        "Von: Administration+ <r@aplus.example>\nGesendet: Dienstag, 12. Mai 2026 14:03\nAn: DUPONT Jean\nBetreff: RSA\n\nUne demande\n",
    ),
    (
        "spanish outlook",
        "De: Administration+ <r@aplus.example>\nEnviado el: martes, 12 de mayo de 2026 14:03\nPara: DUPONT Jean\nAsunto: RSA\n\nUne demande\n",
    ),
    (
        "arabic",
        "في الثلاثاء، 12 مايو 2026 في 2:03 م تمت كتابة ما يلي بواسطة \u{202a}Administration+\u{202c}\u{200f} <\u{202a}r@aplus.example\u{202c}\u{200f}>:\u{202c}\n\n> Une demande\n",
    ),
    (
        "disclaimer",
        "Ce message et ses pièces jointes sont confidentiels et établis à l'intention exclusive de leurs destinataires.\nSi vous recevez ce message par erreur, merci de le détruire.\n\nLe 12/05/2026 à 14:03, Administration+ a écrit :\n> Une demande\n",
    ),
    (
        "avast",
        "Le 12/05/2026 à 14:03, Administration+ a écrit :\n> Une demande\n\n\n-- \nCet e-mail a été vérifié par le logiciel antivirus d'Avast.\nwww.avast.com",
    ),
    (
        "print",
        "P Pensez à l'environnement avant d'imprimer cet e-mail.\n\nDe : Administration+ <r@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : DUPONT Jean\nObjet : RSA\n\nUne demande\n",
    ),
];

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_said_comes_out_exactly() {
    let mut wrong = Vec::new();
    for (name, tail) in TAILS {
        for text in TEXTS {
            let reply = said(&format!("{text}\n\n{tail}"));
            if squeezed(&reply.said) != squeezed(text) {
                wrong.push(format!(
                    "{name}:\n--- wrote\n{text}\n--- said\n{}\n--- cuts {:?}",
                    reply.said, reply.cuts
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        TAILS.len() * TEXTS.len(),
        wrong.join("\n=======\n")
    );
}

#[test]
fn a_text_alone_is_left_whole() {
    for text in TEXTS {
        let reply = said(text);
        assert_eq!(squeezed(&reply.said), squeezed(text), "{:?}", reply.cuts);
    }
}
