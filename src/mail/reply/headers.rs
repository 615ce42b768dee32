//! The header blocks that clients put above a quoted or forwarded mail (`De : … Envoyé : … À : … Objet : …`), and
//! the separator lines before them. A list that a person wrote with such labels ("De : 01/01/2026 À : 31/03/2026")
//! has neither an address nor a moment, and is none.

use super::fold::{fold_into, has_address, has_date, has_time};
use super::page::Page;

/// What a header label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    To,
    Sent,
    /// "Date :" alone is a weaker sign than "Envoyé :": people write it too.
    Date,
    Subject,
    Copy,
    Other,
}

/// Labels by folded spelling: French, English, German, Spanish, Italian, Portuguese, Dutch, Polish, Arabic, Nordic.
#[rustfmt::skip]
fn label_of(word: &str) -> Option<Label> {
    Some(match word {
        "de" | "from" | "von" | "da" | "van" | "od" | "expediteur" | "emetteur" | "de la part de" | "sender" | "fran" | "fra" | "من" => Label::From,
        "a" | "to" | "an" | "para" | "aan" | "do" | "pour" | "destinataire" | "destinataires" | "destinataire(s)" | "till" | "til" | "إلى" | "الى" => Label::To,
        "envoye" | "envoye le" | "date d'envoi" | "sent" | "gesendet" | "enviado" | "enviado el" | "enviado em" | "inviato" | "verzonden"
        | "wyslano" | "wyslane" | "data wyslania" | "skickat" | "sendt" | "message du" | "recu le" | "تم الإرسال" | "أرسلت" => Label::Sent,
        "date" | "datum" | "data" | "fecha" | "التاريخ" | "تاريخ" => Label::Date,
        "objet" | "sujet" | "subject" | "betreff" | "asunto" | "oggetto" | "assunto" | "onderwerp" | "temat" | "amne" | "emne" | "الموضوع" => Label::Subject,
        "cc" | "cci" | "bcc" | "copie" | "copies" | "copie a" | "copie cachee" | "kopie" | "kopia" | "dw" | "cco" | "نسخة" => Label::Copy,
        "importance" | "priorite" | "pieces jointes" | "piece jointe" | "pieces jointes " | "attachments" | "reply-to" | "repondre a" | "organisation" | "categories"
        | "wichtigkeit" | "prioridad" | "priority" | "sensibilite" | "envoye par" | "anlagen" | "message-id" | "liste-id" | "resent-from" => Label::Other,
        _ => return None,
    })
}

/// The label a folded line starts with, and what follows its colon.
fn label(folded: &str) -> Option<(Label, &str)> {
    let line = folded.trim_start_matches(['*', '_', '|', ' ', '\u{2022}']);
    let head = line.get(..super::fold::floor_boundary(line, 40))?;
    let colon = head.find(':')?;
    let word = line[..colon].trim_end_matches(['*', '_', ' ']);
    let value = line[colon + 1..].trim_matches(['*', '_', '|', ' ']);
    label_of(word).map(|label| (label, value))
}

/// A block of header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// One past its last line.
    pub(super) end: usize,
    /// It names our mail domain or our service.
    pub(super) ours: bool,
}

/// How far a block may reach, in lines, and how many lines a long list of recipients may take.
const REACH: usize = 40;
const FOLDED_VALUE: usize = 12;

/// What the lines of a block have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    /// The sender has an address.
    FromAddress,
    /// The "sender" is a date or a number.
    FromIsNoName,
    /// A date with an hour.
    Moment,
    /// The date starts with a weekday, as clients write it.
    Weekday,
    /// An address, anybody's.
    Address,
    /// Our domain or service.
    Ours,
}

/// What has been seen of a block so far.
#[derive(Default)]
struct Seen {
    labels: [bool; 7],
    facts: [bool; 6],
    last: Option<Label>,
    last_empty: bool,
}

impl Seen {
    fn take(&mut self, label: Label, value: &str, ours: impl Fn(&str) -> bool) {
        self.labels[label as usize] = true;
        let address = has_address(value);
        self.note(Fact::Address, address);
        self.note(Fact::Ours, ours(value));
        if label == Label::From {
            let no_name = has_date(value) || !value.is_empty() && !value.chars().any(char::is_alphabetic);
            self.note(Fact::FromAddress, address);
            self.note(Fact::FromIsNoName, !address && no_name);
        }
        if matches!(label, Label::Sent | Label::Date) {
            self.note(Fact::Moment, has_date(value) && has_time(value));
            self.note(Fact::Weekday, starts_with_weekday(value));
        }
        // Outlook goes on below: "De : X [mailto:x@b] De la part de", then the name.
        let unfinished =
            ["de la part de", "on behalf of", "im auftrag von"].iter().any(|w| value.ends_with(w));
        (self.last, self.last_empty) = (Some(label), value.is_empty() || unfinished);
    }

    fn note(&mut self, fact: Fact, seen: bool) {
        self.facts[fact as usize] |= seen;
    }

    fn is(&self, fact: Fact) -> bool {
        self.facts[fact as usize]
    }

    /// A line without a label: the rest of a long value, or the value of a label that stood alone.
    fn continues(&mut self, folded: &str, ours: impl Fn(&str) -> bool) -> bool {
        let Some(last) = self.last else { return false };
        let several = has_address(folded) || folded.contains(';') || folded.ends_with(',');
        let listed = matches!(last, Label::To | Label::Copy) && several;
        let wrapped = last == Label::From && has_address(folded) && folded.starts_with(['<', '[']);
        if self.last_empty || listed || wrapped {
            self.take(last, folded, ours);
            return true;
        }
        false
    }

    fn has(&self, label: Label) -> bool {
        self.labels[label as usize]
    }

    fn distinct(&self) -> usize {
        let sent = self.has(Label::Sent) || self.has(Label::Date);
        let rest = [Label::From, Label::To, Label::Subject, Label::Copy];
        usize::from(sent) + rest.iter().filter(|l| self.has(**l)).count()
    }

    /// Enough of a header: after a separator a telling label or two; else a sender with an address or a moment.
    fn believable(&self, after_separator: bool) -> bool {
        let n = self.distinct();
        if after_separator {
            return n >= 2 || n == 1 && self.is(Fact::Address);
        }
        if !self.has(Label::From) || self.is(Fact::FromIsNoName) {
            return false;
        }
        let sent = self.has(Label::Sent) && self.is(Fact::Moment);
        let dated = self.is(Fact::Moment) && (self.is(Fact::Weekday) || self.is(Fact::Address));
        n >= 3 && (self.is(Fact::FromAddress) || sent || dated)
            || n == 2 && self.is(Fact::FromAddress) && self.is(Fact::Moment)
    }
}

fn starts_with_weekday(value: &str) -> bool {
    const DAYS: [&str; 22] = [
        "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
        "die", "mit", "don", "vie", "gio", "seg", "qua", "son",
    ];
    DAYS.iter().any(|d| value.starts_with(d))
}

/// The header block that starts at line `i`, if one does.
pub(super) fn block(
    page: &Page<'_>,
    i: usize,
    after_separator: bool,
    ours: &dyn Fn(&str) -> bool,
    folded: &mut String,
) -> Option<Block> {
    page.fold(i, folded);
    label(folded)?;
    if let Some(end) = one_line(folded) {
        return Some(Block { end: i + end, ours: ours(folded) });
    }
    let (mut seen, mut end, mut loose) = (Seen::default(), i, 0);
    for j in i..page.len().min(i + REACH) {
        if page.blank(j) {
            if j + 1 < page.len() && page.blank(j + 1) {
                break;
            }
            continue;
        }
        if j > i {
            page.fold(j, folded);
        }
        if let Some((label, value)) = label(folded) {
            if seen.has(label) && label != Label::Other {
                break;
            }
            seen.take(label, value, ours);
            (end, loose) = (j + 1, 0);
        } else if (j == end || seen.last_empty) && loose < FOLDED_VALUE && seen.continues(folded, ours) {
            (end, loose) = (j + 1, loose + 1);
        } else {
            break;
        }
    }
    seen.believable(after_separator).then_some(Block { end, ours: seen.is(Fact::Ours) })
}

/// A whole block flattened on one line by a converter: "De : X <a@b> Envoyé : mardi … À : … Objet : …".
fn one_line(folded: &str) -> Option<usize> {
    const LATER: [&str; 8] =
        ["envoye :", "envoye:", "sent:", "objet :", "objet:", "subject:", "date :", "date:"];
    let (Label::From, value) = label(folded)? else { return None };
    let found = LATER.iter().filter(|l| value.contains(**l)).count();
    (found >= 2 && has_address(value)).then_some(1)
}

/// The header of Notes 8, written as a table and flattened: the sender with an address, the moment alone on its line,
/// then "A", "cc" and "Objet" each above its value.
pub(super) fn column(page: &Page<'_>, i: usize, folded: &mut String) -> Option<usize> {
    page.fold(i, folded);
    if !has_address(folded) || folded.len() > 200 {
        return None;
    }
    let moment = page.next_text(i + 1).filter(|n| n - i <= 2)?;
    page.fold(moment, folded);
    if folded.len() > 40 || !has_date(folded) || !has_time(folded) {
        return None;
    }
    let (mut to, mut subject) = (false, None);
    for j in (moment + 1..page.len().min(moment + 16)).filter(|&j| !page.blank(j)) {
        page.fold(j, folded);
        match label_of(folded.trim_end_matches([' ', ':'])) {
            Some(Label::To) => to = true,
            Some(Label::Subject) if to => {
                subject = Some(page.next_text(j + 1).filter(|n| n - j <= 2).map_or(j + 1, |n| n + 1));
                break;
            }
            _ if !to => return None,
            _ => {}
        }
    }
    subject
}

/// What a separator line announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// "-----Message d’origine-----": what follows was answered.
    Original,
    /// "---------- Message transféré ---------": what follows is passed on.
    Forward,
    /// A bare rule of `_`, `-` or `=`: says nothing by itself.
    Rule,
}

#[rustfmt::skip]
const ORIGINAL: [&str; 28] = [
    "message d'origine", "message original", "mail original", "mail d'origine", "message initial", "courriel original", "courriel d'origine", "e-mail d'origine", "e-mail original",
    "message precedent", "original message", "original e-mail", "original email", "original mail", "reply message", "original appointment",
    "ursprungliche nachricht", "urspr. nachricht", "originalnachricht", "originalmeldung", "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht",
    "wiadomosc oryginalna", "oryginalna wiadomosc", "الرسالة الأصلية", "rendez-vous d'origine",
];
#[rustfmt::skip]
const FORWARD: [&str; 18] = [
    "message transfere", "forwarded message", "message reexpedie", "debut du message transfere", "debut du message reexpedie", "begin forwarded message", "mail transfere", "courriel transfere",
    "weitergeleitete nachricht", "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht", "przekazana wiadomosc", "wiadomosc przekazana",
    "transfere par", "reachemine par", "forwarded by",
];

/// The separator that a folded line is, and whether dashes dress it (a bare "Message d’origine" needs a header
/// right after it to count).
pub(super) fn separator(folded: &str) -> Option<(Separator, bool)> {
    let core =
        folded.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '~' | '#' | ' ' | ':' | '>' | '<'));
    let dress = folded.bytes().take_while(|b| matches!(b, b'-' | b'_' | b'=' | b'*' | b'~')).count();
    if core.is_empty() {
        return (dress >= 5).then_some((Separator::Rule, true));
    }
    if !(10..=90).contains(&core.len()) {
        return None;
    }
    if ORIGINAL.contains(&core) {
        return Some((Separator::Original, dress >= 2));
    }
    let forward = FORWARD
        .iter()
        .any(|w| core == *w || core.starts_with(w) && (dress >= 2 || core.len() <= w.len() + 2));
    if !forward && dress >= 3 && folded.ends_with("---") {
        // "----- Répondre au message -----" and what else webmails say there: the header under it decides.
        return Some((Separator::Rule, true));
    }
    forward.then_some((Separator::Forward, dress >= 2 || folded.ends_with(':')))
}

/// A line that could start a block or be a separator: the cheap question asked of every line.
pub(super) fn worth_a_look(bare: &str) -> bool {
    let bytes = &bare.as_bytes()[..bare.len().min(48)];
    match bytes.first() {
        Some(b'-' | b'_' | b'=' | b'*' | b'~' | b'#') => true,
        Some(b'M' | b'm' | b'O' | b'o' | b'F' | b'f') if bytes.len() < 40 => true,
        _ => bytes.contains(&b':'),
    }
}

/// Appends the folded value of line `i`, for callers that look at a block's words.
pub(super) fn fold_lines(page: &Page<'_>, lines: std::ops::Range<usize>, out: &mut String) {
    out.clear();
    for i in lines {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        fold_into(page.bare(i), out);
    }
}
