//! Filters that hold a mail until its sender proves something (Mailinblack, Vade, `BoxTrapper`).
//!
//! A person can write of robots, links and mails that wait; all of it together, about "votre message", nobody does.

use std::sync::LazyLock;

use regex::Regex;

use super::phrases::{Words, strip_tags};
use super::{Machine, MachineKind};

const NAMES: &[&str] = &[
    "mailinblack",
    "vade retro",
    "vaderetro",
    "vadesecure",
    "vade secure",
    "boxtrapper",
    "spamarrest",
    "altospam",
    "mailcleaner",
    "filtre anti",
];

const TITLES: &[&str] = &[
    "authentification requise",
    "authentification de votre",
    "demande d'authentification",
    "demande de validation",
    "votre message est en attente",
    "votre e-mail est en attente",
    "merci de vous authentifier",
    "veuillez confirmer votre",
    "message bloqué",
];

const PROOFS: &[&str] = &[
    "robot",
    "captcha",
    "authentif",
    "vous identifier",
    "humain",
    "human",
    "valider votre",
    "valider mon",
    "valide mon",
    "confirmer votre",
    "confirm your",
    "verify",
];

/// A challenge, by its words.
pub(super) fn judge(words: &Words<'_>) -> Option<Machine> {
    let start = words.start();
    let subject = words.subject();
    let says = |list: &[&str]| list.iter().any(|word| start.contains(word));
    let asked = says(&["cliqu", "click", "lien ", "link", "bouton", "http"]);
    let waits = waits(&start);
    let proof = says(PROOFS);
    let named = says(NAMES) || says(&["antispam", "anti-spam"]);
    let titled = TITLES.iter().any(|title| strip_tags(&subject).starts_with(title));
    let told = (waits && (proof || named)) || ((named || titled) && (waits || proof));
    (asked && told).then(|| Machine::new(MachineKind::Challenge, "challenge"))
}

/// The sender's own mail waits for him.
fn waits(start: &str) -> bool {
    static WAITS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let mail = r"(?:message|mail|e-?mail|courriel|courrier)";
        let purpose = format!(
            r"(?:pour|afin) que (?:votre|ce) {mail}[^.\n]{{0,80}}(?:remis|délivr|distribu|parvien|livr|accept|reçu|achemin)"
        );
        let held =
            format!(r"votre {mail}[^.\n]{{0,40}}(?:en attente|en quarantaine|bloqué|retenu|mis de côté)");
        let promised =
            format!(r"votre {mail}[^.\n]{{0,20}}sera (?:alors |ensuite )?(?:délivr|remis|distribu|libér)");
        let english = r"your (?:message|e-?mail)[^.\n]{0,60}(?:be delivered|held|quarantine|waiting|pending)";
        Regex::new(&format!("{purpose}|{held}|{promised}|{english}")).ok()
    });
    WAITS.as_ref().is_some_and(|regex| regex.is_match(start))
}
