//! Reads the orders out of a message (mail.md §5). A command is a line alone: the first (after a greeting) or the
//! last before the closing; or the address; or the subject that a button wrote. Anything in between is text.

use super::phrases::{fold, is_closing, is_greeting};
use super::{Alone, Argument, Command, Door, Source, Speech, Spoken, Trouble, Utile, WORDS, Word};
use std::ops::Range;
use std::sync::LazyLock;

/// What was said, with the lines in it that are somebody else's (kept as context, passed on): those give no orders.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The text.
    pub text: &'a str,
    /// Byte ranges of `text` that are not the speaker's words, sorted.
    pub others: &'a [Range<usize>],
}

impl<'a> From<&'a str> for Said<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, others: &[] }
    }
}

impl<'a> From<&'a String> for Said<'a> {
    fn from(text: &'a String) -> Self {
        Self { text, others: &[] }
    }
}

/// Reads a whole message: its text, its subject (only when a button wrote it: a command and nothing else, no "Re:"),
/// the action in its address.
pub fn read_all<'a>(
    said: impl Into<Said<'a>>,
    door: Door,
    subject: Option<&str>,
    address_action: Option<&str>,
) -> Speech {
    let mut speech = Speech::default();
    Lines::of(said.into()).read(door, &mut speech);
    if let Some(action) = address_action {
        speech.hear(by_name(action, door), Source::Address, action);
    }
    if let Some(subject) = subject {
        speech.hear(in_subject(subject, door), Source::Subject, subject);
    }
    speech.trouble = speech.trouble.take().or_else(|| contradiction(&speech.commands));
    speech
}

impl Speech {
    fn hear(&mut self, command: Option<Command>, source: Source, raw: &str) {
        let Some(command) = command else { return };
        if self.commands.iter().all(|s| s.command != command) {
            self.commands.push(Spoken { command, source, raw: raw.trim().to_owned() });
        }
    }
}

/// The lines of a text that count.
struct Lines<'a> {
    text: &'a str,
    /// The speaker's lines with something on them.
    own: Vec<Range<usize>>,
}

impl<'a> Lines<'a> {
    fn of(said: Said<'a>) -> Self {
        let mut others = said.others.iter().peekable();
        let (mut own, mut start) = (Vec::new(), 0);
        for line in said.text.split('\n') {
            let range = start..start + line.len();
            start = range.end + 1;
            while others.next_if(|o| o.end <= range.start).is_some() {}
            let theirs = others.peek().is_some_and(|o| o.start <= range.start);
            let shown = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
            if !theirs && !shown.is_empty() && !shown.starts_with('>') {
                own.push(range);
            }
        }
        Self { text: said.text, own }
    }

    fn line(&self, n: usize) -> &'a str {
        &self.text[self.own[n].clone()]
    }

    /// Reads the first and the last line; what they are not stays in the prose.
    fn read(&self, door: Door, speech: &mut Speech) {
        let first = self.first();
        let last = self.last().filter(|l| Some(*l) != first);
        let mut cuts: Vec<Range<usize>> = Vec::new();
        let mut added = String::new();
        let end = self.own.len().checked_sub(1).filter(|e| Some(*e) != first && Some(*e) != last);
        for n in [first, last, end].into_iter().flatten() {
            let line = self.line(n);
            match read_line(line, door) {
                Reading::Text => {}
                Reading::NoteLooking if Some(n) == first && (self.own.len() > 1 || line.trim().len() > 6) => {
                    speech.trouble = Some(Trouble::NoteLooking);
                }
                Reading::NoteLooking => {}
                Reading::Unknown(trouble) => speech.trouble = speech.trouble.take().or(Some(trouble)),
                Reading::Command(command, rest) => {
                    let (command, taken) = self.with_text(command, n, rest, &mut added);
                    speech.hear(Some(command), Source::Text, line);
                    cuts.push(taken);
                    if cuts[0].end >= self.text.len() {
                        break;
                    }
                }
            }
        }
        if speech.trouble.is_none() && self.hides_a_note(&cuts) {
            speech.trouble = Some(Trouble::NoteLooking);
        }
        speech.prose = without(self.text, &cuts, &added);
    }

    /// Gives a command the text it takes; says which bytes are no prose any more.
    fn with_text(
        &self,
        command: Command,
        n: usize,
        rest: &str,
        added: &mut String,
    ) -> (Command, Range<usize>) {
        let line = self.own[n].clone();
        let Some(Argument::Text(_)) = command.word().map(|w| w.argument) else {
            if !rest.is_empty() {
                added.push_str(rest);
            }
            return (command, line);
        };
        let below = self.text.get(line.end..).unwrap_or_default().trim();
        let above = self.text[..line.start].trim();
        let greeting = n > 0 || above.is_empty();
        if rest.is_empty() && (below.is_empty() || n > 0 && self.only_closes_after(n)) && greeting {
            return (take_text(&command, self.text[..line.start].trim().to_owned()), 0..self.text.len());
        }
        let text = [rest, below].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>().join("\n");
        let from = if (0..n).all(|k| is_greeting(self.line(k))) { 0 } else { line.start };
        (take_text(&command, text), from..self.text.len())
    }

    fn only_closes_after(&self, n: usize) -> bool {
        n + 1 < self.own.len() && is_closing(self.line(n + 1)) && self.own.len() - n <= 5
    }

    /// The first line that is no greeting.
    fn first(&self) -> Option<usize> {
        let greeted = usize::from(self.own.len() > 1 && is_greeting(self.line(0)));
        (greeted < self.own.len()).then_some(greeted)
    }

    /// The last line before the closing and the name under it.
    fn last(&self) -> Option<usize> {
        let n = self.own.len();
        let mut from = n;
        for k in (n.saturating_sub(6)..n).rev() {
            let line = self.line(k);
            if is_closing(line) {
                from = k;
            } else if line.split_whitespace().count() > 5 {
                break;
            }
        }
        from.checked_sub(1)
    }

    /// A line in the middle that says "!note": posted as it is, the aidant would read it.
    fn hides_a_note(&self, cuts: &[Range<usize>]) -> bool {
        self.own.iter().filter(|r| cuts.iter().all(|c| !c.contains(&r.start))).any(|r| {
            let line = strip_marks(&self.text[r.clone()]);
            let mut chars = line.chars();
            chars.next().is_some_and(is_prefix) && {
                let rest = chars.as_str();
                let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                word.eq_ignore_ascii_case("note")
            }
        })
    }
}

/// The text without some ranges (sorted or not, at most two), with what a command line said besides.
fn without(text: &str, cuts: &[Range<usize>], added: &str) -> String {
    let mut cuts: Vec<_> = cuts.to_vec();
    cuts.sort_by_key(|c| c.start);
    let (mut out, mut at) = (added.to_owned(), 0);
    for cut in cuts {
        append(&mut out, text.get(at..cut.start).unwrap_or_default());
        at = at.max(cut.end);
    }
    append(&mut out, text.get(at..).unwrap_or_default());
    out
}

fn append(out: &mut String, piece: &str) {
    let piece = piece.trim();
    if !piece.is_empty() {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(piece);
    }
}

/// Whether a line taken alone is an order by mail: `reply` must not take it for a part of a signature.
pub fn is_order(line: &str) -> bool {
    let text = strip_marks(line);
    if text.starts_with(is_prefix) {
        return text.len() <= 200
            && !matches!(read_line(text, Door::Mail), Reading::Text | Reading::NoteLooking);
    }
    text.len() <= 48 && text.split_whitespace().nth(5).is_none() && alone(text, Door::Mail).is_some()
}

/// What one line is.
enum Reading<'l> {
    Text,
    /// A command, and what the line says after it when the command itself takes nothing.
    Command(Command, &'l str),
    Unknown(Trouble),
    NoteLooking,
}

const LONGEST: usize = 2_000;

fn read_line(line: &str, door: Door) -> Reading<'_> {
    let line = strip_marks(line);
    let mut chars = line.chars();
    let prefixed = chars.next().is_some_and(is_prefix) && chars.next().is_some_and(char::is_alphabetic);
    if prefixed {
        return read_prefixed(line.get(line.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default());
    }
    if looks_like_a_note(line) {
        return Reading::NoteLooking;
    }
    match alone(line, door) {
        Some(command) => Reading::Command(command, ""),
        None => Reading::Text,
    }
}

fn is_prefix(c: char) -> bool {
    matches!(c, '!' | '/' | '#' | '！')
}

/// Without the bold, quotes and white space around.
fn strip_marks(line: &str) -> &str {
    line.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | '`' | '«' | '»' | '"' | '“' | '”' | '\u{feff}' | '\u{200b}')
    })
}

/// A word without prefix: the whole line, punctuation and emoji at its end aside. "Fait :" opens a list and
/// "Traité ?" asks: neither is one.
fn alone(line: &str, door: Door) -> Option<Command> {
    if line.len() > 60 {
        return None;
    }
    let folded = fold(line);
    if folded == "?" {
        return Some(Command::Aide);
    }
    let text = folded.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?' && c != ':');
    if let Some(answer) = answer(text, door) {
        return Some(answer);
    }
    let (word, rest) = lookup(text)?;
    let here = word.alone == Alone::Yes || word.alone == Alone::InRooms && door == Door::Room;
    let bare = rest.is_empty()
        || matches!(word.argument, Argument::Choice(c) if c.contains(&rest) || rest == "je ne sais pas")
        || word.alone == Alone::InRooms;
    if !here || !bare {
        return None;
    }
    build(word, rest)
}

/// OUI and NON count only where a question was asked.
fn answer(folded: &str, door: Door) -> Option<Command> {
    if door != Door::Question {
        return None;
    }
    match folded {
        "oui" => Some(Command::Oui),
        "non" => Some(Command::Non),
        "nsp" | "je ne sais pas" => Some(Command::Archiver(Some(Utile::Nsp))),
        _ => None,
    }
}

/// The known spellings, folded, the longest first.
static SPELLINGS: LazyLock<Vec<(String, &'static Word, &'static str)>> = LazyLock::new(|| {
    let mut all: Vec<_> = WORDS.iter().flat_map(|w| w.words.iter().map(move |s| (fold(s), w, *s))).collect();
    all.sort_by_key(|(folded, ..)| std::cmp::Reverse(folded.len()));
    all
});

/// The word that a folded text starts with, and the rest.
fn lookup(folded: &str) -> Option<(&'static Word, &str)> {
    SPELLINGS.iter().find_map(|(spelling, word, _)| {
        let rest = folded.strip_prefix(spelling.as_str())?;
        (!rest.starts_with(char::is_alphanumeric)).then_some((*word, rest.trim_start()))
    })
}

/// After a prefix: a word, and its argument as it was written.
fn read_prefixed(line: &str) -> Reading<'_> {
    let folded = fold(&line[..super::grammar::floor(line, LONGEST)]);
    let folded = folded.strip_prefix("c'est ").unwrap_or(&folded);
    let Some((word, rest)) = lookup(folded) else {
        // "/dossiers/2026/1234" is a path.
        let first = line.split_whitespace().next().unwrap_or_default();
        return if first.contains(['/', '\\', '@']) { Reading::Text } else { unknown(line) };
    };
    let written = written_rest(line, word);
    let rest_is_mark = rest.chars().all(|c| !c.is_alphanumeric());
    match word.argument {
        Argument::None | Argument::TextBelow if rest_is_mark => known(word, "", ""),
        Argument::TextBelow if rest.starts_with([':', ',', '.', '!', ';']) => known(word, "", written),
        Argument::None | Argument::TextBelow => unknown(line),
        Argument::Choice(choices) => {
            let choice = rest.trim_matches(|c: char| !c.is_alphanumeric());
            if choice.is_empty() || choices.contains(&choice) || choice == "je ne sais pas" {
                known(word, choice, "")
            } else {
                unknown(line)
            }
        }
        Argument::Text(_) => known(word, "", written),
        Argument::Optional(_) | Argument::Line(_) => known(word, if rest_is_mark { "" } else { written }, ""),
    }
}

fn known<'l>(word: &'static Word, argument: &str, rest: &'l str) -> Reading<'l> {
    build(word, argument).map_or(Reading::Text, |command| Reading::Command(command, rest))
}

/// What stands after the word on the line, as it was written: as many words further as the spelling has.
fn written_rest<'l>(line: &'l str, word: &Word) -> &'l str {
    let mut best = "";
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if at > 80 {
            break;
        }
        if c.is_alphanumeric() {
            continue;
        }
        let head = fold(&line[..at]);
        let head = head.strip_prefix("c'est ").unwrap_or(&head);
        if word.words.iter().any(|w| fold(w) == head) {
            best = &line[at..];
        }
    }
    best.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, ':' | ',' | '-' | '–' | '—' | '>' | '→' | '=' | ';' | '*' | '_' | '.' | '!')
    })
    .trim()
}

/// The largest index ≤ `at` on a character boundary.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

fn unknown(line: &str) -> Reading<'_> {
    let word: String = line.chars().take(60).collect::<String>().trim().to_owned();
    let nearest = nearest(&fold(&word));
    Reading::Unknown(Trouble::Unknown { word, nearest })
}

/// The known word that looks most like the start of `folded`: at most one wrong letter in three.
fn nearest(folded: &str) -> Option<&'static str> {
    let words: Vec<&str> = folded.split(' ').collect();
    SPELLINGS
        .iter()
        .filter(|(spelling, ..)| spelling.len() > 1)
        .filter_map(|(spelling, _, shown)| {
            let count = spelling.split(' ').count().min(words.len());
            let head = words[..count].join(" ");
            let head = head.trim_matches(|c: char| !c.is_alphanumeric());
            let distance = strsim::damerau_levenshtein(head, spelling);
            (distance <= spelling.chars().count().div_ceil(3)).then_some((distance, *shown))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, shown)| shown)
}

/// "Note interne : …" without prefix, or with a space after it.
fn looks_like_a_note(line: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: [&str; 16] = [
        "note interne", "note privee", "note reservee", "note aux instructeurs", "note pour les instructeurs", "note instructeur", "note confidentielle", "note entre instructeurs", "en interne", "message interne", "commentaire interne", "remarque interne", "usage interne", "a usage interne", "interne :", "interne uniquement",
    ];
    let folded = fold(&line[..floor(line, 120)]);
    let text = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    if let Some(rest) = text.strip_prefix("note") {
        let rest = rest.trim_start();
        let spaced = folded.starts_with(['!', '/', '#']);
        return rest.is_empty()
            || rest.starts_with([':', ']', ')'])
            || spaced && !text.starts_with("notes") && text.len() > 4 && text.as_bytes()[4] == b' '
            || STARTS.iter().any(|s| text.starts_with(s));
    }
    STARTS.iter().any(|s| {
        text.strip_prefix(s).is_some_and(|r| !s.contains("en interne") || r.trim_start().starts_with(':'))
    })
}

/// The action in an address, or the JSON name: no prefix needed, hyphens and underscores are spaces.
fn by_name(action: &str, door: Door) -> Option<Command> {
    let folded = fold(&action.replace('_', " "));
    if let Some(answer) = answer(&folded, Door::Question) {
        return Some(answer).filter(|_| door == Door::Question || folded.len() == 3);
    }
    let named = WORDS.iter().filter_map(|w| {
        let rest = folded.strip_prefix(&w.name.replace('_', " "))?;
        (!rest.starts_with(char::is_alphanumeric)).then_some((w, rest.trim_start()))
    });
    let (word, rest) = named.max_by_key(|(w, _)| w.name.len()).or_else(|| lookup(&folded))?;
    match word.argument {
        Argument::Choice(choices) => {
            (rest.is_empty() || choices.contains(&rest)).then(|| build(word, rest))?
        }
        _ => rest.is_empty().then(|| build(word, ""))?,
    }
}

/// A subject that is a command and nothing else, after "[A+ #1234]"; never an answer's or a forward's subject.
fn in_subject(subject: &str, door: Door) -> Option<Command> {
    let mut text = subject.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (tag, after) = rest.split_once(']')?;
        let tag = fold(tag);
        if !tag.starts_with("a+") && !tag.starts_with('#') {
            return None;
        }
        text = after.trim();
    }
    match read_line(text, door) {
        Reading::Command(command, "")
            if !matches!(command.word().map(|w| w.argument), Some(Argument::Text(_))) =>
        {
            Some(command)
        }
        _ => None,
    }
}

fn take_text(command: &Command, text: String) -> Command {
    match command {
        Command::Repondre(_) => Command::Repondre(text),
        Command::Note(_) => Command::Note(text),
        Command::Corriger(_) => Command::Corriger(text),
        Command::Support(_) => Command::Support(text),
        other => other.clone(),
    }
}

/// The command of a row of the table.
fn build(word: &Word, argument: &str) -> Option<Command> {
    let text = argument.to_owned();
    let optional = Some(argument.to_owned()).filter(|a| !a.is_empty());
    Some(match word.name {
        "repondre" => Command::Repondre(text),
        "vu" => Command::Vu,
        "prise_en_charge" => Command::PriseEnCharge,
        "laisser" => Command::Laisser,
        "mauvais_interlocuteur" => Command::MauvaisInterlocuteur { transmettre: optional },
        "traitee" => Command::Traitee,
        "non_pertinente" => Command::NonPertinente(optional),
        "note" => Command::Note(text),
        "inviter" => Command::Inviter(text),
        "moderateur" => Command::Moderateur,
        "archiver" => Command::Archiver(utile(argument)),
        "rouvrir" => Command::Rouvrir,
        "annuler" => Command::Annuler,
        "corriger" => Command::Corriger(text),
        "suivre" => Command::Suivre,
        "ne_plus_suivre" => Command::NePlusSuivre,
        "etat" => Command::Etat,
        "historique" => Command::Historique,
        "infos" => Command::Infos,
        "mes_demandes" => Command::MesDemandes,
        "chercher" => Command::Chercher(text),
        "liste" => Command::Liste,
        "notifications" => Command::Notifications(text),
        "silence" => Command::Silence(text),
        "absent" => Command::Absent(text),
        "support" => Command::Support(text),
        "aide" => Command::Aide,
        _ => return None,
    })
}

fn utile(choice: &str) -> Option<Utile> {
    match choice {
        "oui" => Some(Utile::Oui),
        "non" => Some(Utile::Non),
        "nsp" | "je ne sais pas" => Some(Utile::Nsp),
        _ => None,
    }
}

/// Two acts on the state that cannot both be meant.
fn contradiction(commands: &[Spoken]) -> Option<Trouble> {
    const STATE: [&str; 8] = [
        "prise_en_charge",
        "laisser",
        "mauvais_interlocuteur",
        "traitee",
        "non_pertinente",
        "archiver",
        "rouvrir",
        "annuler",
    ];
    const PAIRS: [(&str, &str); 2] = [("suivre", "ne_plus_suivre"), ("oui", "non")];
    let names: Vec<&'static str> = commands.iter().map(|s| s.command.as_json_name()).collect();
    for (k, &first) in names.iter().enumerate() {
        for &second in &names[k + 1..] {
            let states = STATE.contains(&first) && STATE.contains(&second);
            let pair = PAIRS.iter().any(|(a, b)| (first, second) == (*a, *b) || (second, first) == (*a, *b));
            if states || pair {
                return Some(Trouble::Contradictory { first, second });
            }
        }
    }
    None
}
