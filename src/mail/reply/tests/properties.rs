//! What must hold for any text at all, tried on shuffled pieces of real mails and on noise.

use super::*;
use crate::demande::command::{Door, read_all};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "",
    "",
    "",
    " ",
    "\u{feff}",
    "Bonjour,",
    "La demande est traitée, vous pouvez clore.",
    "traitée",
    "!traitée",
    "!note secret",
    "Oui",
    "Merci",
    "Cordialement,",
    "Bonne journée",
    "Jean DUPONT",
    "Léa",
    "CAF de Melun",
    "Conseiller",
    "Tél. 01 23 45 67 89",
    "06 12 34 56 78",
    "12 rue des Lilas",
    "77000 MELUN",
    "jean@caf.example",
    "-- ",
    "--",
    "-----",
    "________________________________",
    "Envoyé de mon iPhone",
    "Obtenir Outlook pour iOS",
    "> cité",
    "> traitée",
    ">> plus cité",
    ">",
    "> -- ",
    "> Le 12/05/2026 à 14:03, X <a@b.fr> a écrit :",
    "Le 12/05/2026 à 14:03, Administration+ a écrit :",
    "Le mar. 12 mai 2026 à 14:03, X <",
    "a@b.fr> a écrit :",
    "Il a écrit :",
    "Voici :",
    "De : Administration+ <r@aplus.example>",
    "De : X <a@b.fr>",
    "De : 01/01/2026",
    "À : Y <y@z.fr>",
    "Envoyé : mardi 12 mai 2026 14:03",
    "Date : 12/05/2026",
    "Objet : RSA",
    "Cc :",
    "-----Message d'origine-----",
    "---------- Message transféré ---------",
    "-- Répondez au-dessus de cette ligne --",
    "[EXTERNE]",
    "PS : à demain",
    "Ce message et ses pièces jointes sont confidentiels, merci de le détruire si vous l'avez reçu par erreur.",
    "Pensez à l'environnement avant d'imprimer ce mail",
    "Une phrase un peu longue, que rien ne distingue d'une autre, et qui finit ici.",
    ">>> X <a@b.fr> 12/05/2026 14:03 >>>",
    "* * *",
    "voir ci-dessous",
];

fn shuffled() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.join("\n"))
}

/// The visible lines of a text, sorted: what must be found again in the parts.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !fold::is_blank(l)).collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_cover_the_body(text in shuffled()) {
        let reply = said(&text);
        prop_assert!(reply.context.iter().all(|range| reply.said.get(range.clone()).is_some()), "{:?}", reply);
        let together = [reply.said, reply.quoted, reply.signature].join("\n");
        prop_assert_eq!(lines(&together), lines(&text));
    }

    #[test]
    fn a_second_pass_changes_nothing(text in shuffled()) {
        let once = said(&text).said;
        let twice = said(&once);
        prop_assert_eq!(&twice.said, &once, "{:?}", twice.cuts);
    }

    #[test]
    fn line_ends_do_not_matter(text in shuffled()) {
        prop_assert_eq!(said(&text), said(&text.replace('\n', "\r\n")));
    }

    #[test]
    fn quoted_text_gives_no_orders(text in shuffled()) {
        let quoted: String = text.split('\n').flat_map(|l| ["> ", l, "\n"]).collect();
        for text in [format!("Le 12/05/2026 à 14:03, X <a@b.fr> a écrit :\n{quoted}"), format!("Bonjour et bonne lecture à vous.\n\n{quoted}\nUne réponse en une phrase.\n\n{quoted}")] {
            let reply = said(&text);
            prop_assert!(read_all(&reply, Door::Mail, None, None).commands.is_empty(), "{:?}", reply);
        }
    }

    #[test]
    fn noise_never_panics(text in "\\PC{0,300}", marker in "\\PC{0,20}", subject in "\\PC{0,30}") {
        let evidence = Evidence { marker: &marker, subject: Some(&subject), sender_name: Some(&subject), sent: Some(&marker), ..Evidence::default() };
        let body = Body { text: text.clone(), spans: Vec::new() };
        let reply = extract(&body, &evidence);
        let _ = read_all(&reply, Door::Question, Some(&subject), Some(&marker));
        prop_assert!(reply.said.len() + reply.quoted.len() + reply.signature.len() <= text.len() + 3);
    }
}
