//! Words that only machines write, French first, then English. Each list is small on purpose: what a person could have
//! written does not belong here.

use std::sync::LazyLock;

use regex::Regex;

use super::{Machine, MachineKind};

/// What can be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) subject: &'a str,
    pub(super) text: &'a str,
}

impl Words<'_> {
    /// Lower case, no-break spaces and typographic apostrophes made plain.
    pub(super) fn subject(&self) -> String {
        plain(self.subject)
    }

    /// The beginning of what is not quoted, at most 3 000 bytes.
    pub(super) fn start(&self) -> String {
        let mut start = String::new();
        for line in self.text.lines().filter(|line| !line.trim().is_empty()).take(40) {
            let line = line.trim();
            let quoted = line.starts_with('>') || line.starts_with("-----") || line.starts_with("_____");
            let attribution = line.ends_with(':') && (line.contains("écrit") || line.contains("wrote"));
            if quoted || attribution || start.len() > 3000 {
                break;
            }
            start.extend(line.chars().take(1000));
            start.push('\n');
        }
        plain(&start)
    }
}

pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let lower = lower.replace(['\u{a0}', '\u{202f}'], " ").replace(['’', '‘', '´', '`'], "'");
    lower.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What sort of automatic mail this is, when it is already known to be one.
pub(super) fn judge_automatic(words: &Words<'_>) -> Option<Machine> {
    super::challenge::judge(words)
        .or_else(|| receipt_subject(words))
        .or_else(|| absence_subject(words))
        .or_else(|| absence_text(words))
        .or_else(|| calendar_subject(words, false))
}

/// Subjects of vacation programs. A person's "Re: …" never begins so.
pub(super) fn absence_subject(words: &Words<'_>) -> Option<Machine> {
    const STARTS: &[&str] = &[
        "réponse automatique",
        "reponse automatique",
        "réponse d'absence",
        "message d'absence",
        "message automatique d'absence",
        "notification d'absence",
        "avis d'absence",
        "absence du bureau",
        "absent du bureau",
        "absente du bureau",
        "absent(e) du bureau",
        "en dehors du bureau",
        "hors du bureau",
        "répondeur automatique",
        "automatic reply",
        "auto reply",
        "auto-reply",
        "autoreply",
        "automatic response",
        "out of office",
        "out of the office",
        "vacation reply",
        "abwesenheitsnotiz",
        "abwesenheit",
        "automatische antwort",
        "automatisch antwoord",
        "respuesta automática",
        "risposta automatica",
        "resposta automática",
        "odpowiedź automatyczna",
        "fuera de la oficina",
        "réponse auto",
        "message d'indisponibilité",
        "en mon absence",
    ];
    // Words that a person also puts in a subject: the text must say it in the first person.
    const DOUBTFUL: &[&str] = &[
        "absence",
        "absent",
        "congés",
        "en congé",
        "je suis absent",
        "je suis en congé",
        "indisponible",
        "ooo",
    ];
    let subject = words.subject();
    let subject = strip_tags(&subject);
    let begins = STARTS.iter().any(|start| subject.starts_with(start));
    // "Auto: Re: …" (Gmail groups, Lotus Notes); "[Réponse automatique]", "Re: … (réponse automatique)".
    let auto = subject.starts_with("auto:") || subject.starts_with("auto :");
    let named = subject.contains("[réponse automatique]") || subject.ends_with("(réponse automatique)");
    let doubtful = DOUBTFUL.iter().any(|start| subject.starts_with(start)) && says_absent(words);
    (begins || auto || named || doubtful).then(|| Machine::new(MachineKind::Vacation, "absence subject"))
}

/// "Je suis absent du bureau": the first person, within the first lines.
fn says_absent(words: &Words<'_>) -> bool {
    static SELF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let french = r"je (?:suis|serai) (?:actuellement |momentanément )?(?:absente?|en congés?|indisponible|hors du bureau)";
        let english =
            r"i(?:'m| am| will be) (?:currently )?(?:out of (?:the )?office|on (?:annual )?leave|away)";
        Regex::new(&format!("{french}|{english}")).ok()
    });
    let start = words.start();
    SELF.as_ref().is_some_and(|regex| regex.is_match(&start))
}

/// `[EXTERNE] …` in front of the real subject.
pub(super) fn strip_tags(subject: &str) -> &str {
    let mut subject = subject.trim();
    while let Some((tag, rest)) = subject.strip_prefix('[').and_then(|s| s.split_once(']')) {
        if tag.contains("automatique") {
            break;
        }
        subject = rest.trim_start();
    }
    subject
}

/// Words of an absence; only where it is known that a machine wrote them.
fn absence_text(words: &Words<'_>) -> Option<Machine> {
    const SIGNS: &[&str] = &[
        "absent",
        "en congé",
        "congés",
        "de retour le",
        "hors du bureau",
        "en déplacement",
        "en télétravail",
        "arrêt maladie",
        "indisponible",
        "out of office",
        "out of the office",
        "on leave",
        "on vacation",
        "annual leave",
        "away from",
    ];
    let start = words.start();
    SIGNS.iter().any(|sign| start.contains(sign)).then(|| Machine::new(MachineKind::Vacation, "absence text"))
}

/// The mail says of itself that it is automatic. "J’ai reçu un message automatique" does not.
pub(super) fn says_automatic(words: &Words<'_>) -> Option<Machine> {
    static SELF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let french = r"(?:ceci est|il s'agit d'|ce (?:mail|message|courriel|courrier électronique|e-mail) (?:est|constitue|vous est envoyé)) ?(?:une?|en)? ?(?:réponse|message|mail|courriel|e-mail)? ?(?:envoyée?|générée?|transmise?)? ?(?:de façon |de manière )?automati(?:que|quement)";
        let english = r"this is an? (?:automatic|automated|auto-generated|auto)[ -](?:reply|response|message|e-?mail|answer)";
        Regex::new(&format!("{french}|{english}")).ok()
    });
    let start = words.start();
    let regex = SELF.as_ref()?;
    if !regex.is_match(&start) {
        return None;
    }
    let kind = absence_text(words).map_or(MachineKind::Other, |m| m.kind);
    Some(Machine::new(kind, "says that it is automatic"))
}

/// Read receipts without their structure: "Lu : …", and a body that is one or says nothing.
pub(super) fn receipt_subject(words: &Words<'_>) -> Option<Machine> {
    const STARTS: &[&str] = &[
        "lu :",
        "lu:",
        "non lu :",
        "non lu:",
        "read:",
        "not read:",
        "accusé de lecture",
        "accusé de réception (lu)",
        "confirmation de lecture",
        "read receipt",
        "return receipt",
        "avis de lecture",
        "supprimé :",
        "remis :",
        "remis:",
        "relayé :",
        "delivered:",
        "relayed:",
    ];
    const TEXTS: &[&str] = &[
        "a été lu",
        "a été affiché",
        "was read on",
        "has been read",
        "was displayed",
        "has been displayed",
        "accusé de réception",
        "a été supprimé sans",
        "was deleted without",
        "votre message",
        "your message",
        "remis à",
    ];
    let subject = words.subject();
    let subject = strip_tags(&subject);
    if !STARTS.iter().any(|start| subject.starts_with(start)) {
        return None;
    }
    let start = words.start();
    let says = start.trim().len() < 30 || TEXTS.iter().any(|text| start.contains(text));
    says.then(|| Machine::new(MachineKind::Receipt, "receipt subject"))
}

/// Answers to invitations without their calendar part.
pub(super) fn calendar_subject(words: &Words<'_>, threaded: bool) -> Option<Machine> {
    const STARTS: &[&str] = &[
        "accepté :",
        "accepté:",
        "acceptée :",
        "refusé :",
        "refusé:",
        "provisoire :",
        "provisoire:",
        "accepted:",
        "declined:",
        "tentative:",
        "tentatively accepted:",
        "canceled:",
        "cancelled:",
        "annulé :",
        "annulé:",
        "accepted :",
        "declined :",
        "nouvelle heure proposée",
        "new time proposed",
        "invitation acceptée",
    ];
    let subject = words.subject();
    let subject = strip_tags(&subject);
    if !STARTS.iter().any(|start| subject.starts_with(start)) {
        return None;
    }
    let start = words.start();
    let says = [
        "a accepté",
        "a refusé",
        "has accepted",
        "has declined",
        "quand :",
        "when:",
        "réunion",
        "invitation",
    ];
    let empty = start.trim().len() < 30;
    (empty || (!threaded && says.iter().any(|s| start.contains(s))))
        .then(|| Machine::new(MachineKind::Calendar, "calendar subject"))
}

/// "Rappel du message : …" with Outlook's sentence, or nothing.
pub(super) fn recall(words: &Words<'_>) -> Option<Machine> {
    const STARTS: &[&str] = &[
        "rappel du message",
        "rappel de message",
        "rappel de courrier",
        "échec du rappel",
        "réussite du rappel",
        "rapport de rappel de message",
        "message recall",
        "recall:",
    ];
    const SAYS: &[&str] = &[
        "souhaite rappeler",
        "voudrait rappeler",
        "aimerait rappeler",
        "désire rappeler",
        "would like to recall",
        "wants to recall",
        "rappel du message",
        "message recall",
        "être rappelé",
    ];
    let subject = words.subject();
    let start = words.start();
    let subject = STARTS.iter().any(|s| strip_tags(&subject).starts_with(s));
    let says = SAYS.iter().any(|s| start.contains(s)) && start.len() < 600;
    // Newer Outlook: "Rappel : Re: …" above that one sentence.
    let alone = start.trim().lines().count() == 1 && words.subject().starts_with("rappel") && says;
    (alone || (subject && (says || start.trim().len() < 30)))
        .then(|| Machine::new(MachineKind::Recall, "recall"))
}

/// "👍 Jeanne a réagi à votre message", alone on the first lines.
pub(super) fn reaction(words: &Words<'_>) -> Option<Machine> {
    static REACTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let verbs = r"(?:a réagi (?:à|avec|par)|a aimé votre|a réagi|reacted (?:to|with|via)|liked your)";
        let tail = r"(?:.{0,60}(?:message|mail|courriel|courrier|e-mail|gmail|outlook))?";
        Regex::new(&format!(r"^\W*[\w .,'()-]{{0,80}}{verbs}{tail}[^.\n]{{0,80}}[.:]?\s*$")).ok()
    });
    let start = words.start();
    let first = start.lines().find(|line| line.chars().any(char::is_alphabetic))?;
    let short = start.lines().count() <= 6 && start.len() < 500;
    let found = short && first.len() < 250 && REACTED.as_ref()?.is_match(first);
    let about_mail = ["message", "mail", "courriel", "gmail"].iter().any(|w| first.contains(w));
    (found && about_mail).then(|| Machine::new(MachineKind::Reaction, "reaction sentence"))
}
