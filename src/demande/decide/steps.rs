//! What each command does: the rights first, then the entry, then the receipt.

use super::draft::Draft;
use crate::demande::command::{Command, Utile, is_mere_thanks};
use crate::demande::notice::What;
use crate::demande::rights::{Act, Refusal, Standing, allowed, state_allows};
use crate::demande::{Etat, Kind, Side};

/// Takes every step that the speech asks for; one refusal refuses the whole, so that nothing is half done.
pub(super) fn take(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let said = draft.said;
    let prose = said.speech.prose.trim();
    if let Some(answer) = survey_answer(draft, prose) {
        return archive(draft, Some(answer), "");
    }
    let mut text = prose;
    for spoken in &said.speech.commands {
        if !matches!(spoken.command, Command::Oui | Command::Non) {
            step(draft, &spoken.command, std::mem::take(&mut text))?;
        }
    }
    let silent = said.speech.commands.is_empty();
    if silent || !text.is_empty() || loose_yes_or_no(draft) { message(draft) } else { Ok(()) }
}

/// OUI, NON or NSP in answer to the archiving question.
fn survey_answer(draft: &Draft<'_>, prose: &str) -> Option<Utile> {
    if !draft.said.answers_survey {
        return None;
    }
    match draft.said.speech.commands.first().map(|spoken| &spoken.command) {
        Some(Command::Oui) => Some(Utile::Oui),
        Some(Command::Non) => Some(Utile::Non),
        Some(Command::Archiver(Some(answer))) => Some(*answer),
        Some(_) => None,
        None => {
            let word = prose.trim_end_matches(['.', '!']).to_lowercase();
            matches!(word.as_str(), "nsp" | "je ne sais pas").then_some(Utile::Nsp)
        }
    }
}

/// A "oui" that answers no question of ours is a text like another.
fn loose_yes_or_no(draft: &Draft<'_>) -> bool {
    draft.said.speech.commands.iter().any(|spoken| matches!(spoken.command, Command::Oui | Command::Non))
}

fn step(draft: &mut Draft<'_>, command: &Command, text: &str) -> Result<(), Refusal> {
    let name = command.as_json_name();
    match command {
        Command::Repondre(answer) => write(draft, Kind::Texte, &joined(answer, text)),
        Command::Vu => vu(draft, text),
        Command::PriseEnCharge => act(draft, Act::Instruire, name, (Kind::PriseEnCharge, text)),
        Command::Laisser => let_go(draft, text),
        Command::MauvaisInterlocuteur { transmettre: None } => {
            let kind = if others_are_left(draft) { Kind::MauvaisInterlocuteur } else { Kind::PlusPersonne };
            act(draft, Act::Instruire, name, (kind, text))
        }
        Command::Traitee => act(draft, Act::Traiter, name, (Kind::Traitee, text)),
        Command::NonPertinente(procedure) => {
            let text = joined(procedure.as_deref().unwrap_or_default(), text);
            act(draft, Act::Instruire, name, (Kind::NonPertinente, &text))
        }
        Command::Note(note) => act(draft, Act::Noter, name, (Kind::Note, &joined(note, text))),
        Command::Archiver(answer) => archive(draft, *answer, text),
        Command::Rouvrir => act(draft, Act::Rouvrir, name, (Kind::Reouverture, text)),
        Command::Annuler => undo(draft),
        Command::Suivre | Command::NePlusSuivre => {
            draft.follow(*command == Command::Suivre);
            draft.receipt(name, None);
            Ok(())
        }
        Command::Etat | Command::Aide => {
            draft.answer(if *command == Command::Etat { What::Etat } else { What::Aide });
            Ok(())
        }
        _ => Err(Refusal::PasIci { command: name.to_owned() }),
    }
}

fn joined(first: &str, second: &str) -> String {
    [first.trim(), second.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Rights by the table, then by the state the actor knows of.
fn check(draft: &Draft<'_>, act: Act, command: &str) -> Result<(), Refusal> {
    if !allowed(draft.actor().standing, act) {
        return Err(Refusal::PasLeDroit { command: command.to_owned() });
    }
    state_allows(act, draft.scene.demande.etat(draft.side(), draft.now))
}

/// An act with its text, and its receipt.
fn act(draft: &mut Draft<'_>, act: Act, command: &str, (kind, text): (Kind, &str)) -> Result<(), Refusal> {
    check(draft, act, command)?;
    signed(draft)?;
    if kind == Kind::Note && text.is_empty() && draft.said.files.is_empty() {
        return Err(Refusal::Vide);
    }
    let appended = draft.append(kind, text, false);
    draft.receipt(command, Some(appended));
    Ok(())
}

/// A plain message: a note when it answers a note, a reopening when the author writes to an archived demande.
fn message(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let said = draft.said;
    let words: Vec<&str> = said.speech.commands.iter().map(|spoken| spoken.raw.as_str()).collect();
    let text = if loose_yes_or_no(draft) {
        joined(&words.join("\n"), &said.speech.prose)
    } else {
        said.speech.prose.trim().to_owned()
    };
    if text.is_empty() && said.files.is_empty() {
        return Err(Refusal::Vide);
    }
    if said.answers_note && draft.side() == Side::Instructeurs {
        return act(draft, Act::Noter, "note", (Kind::Note, &text));
    }
    write(draft, Kind::Texte, &text)
}

fn write(draft: &mut Draft<'_>, kind: Kind, text: &str) -> Result<(), Refusal> {
    check(draft, Act::Repondre, "repondre")?;
    signed(draft)?;
    if text.is_empty() && draft.said.files.is_empty() {
        return Err(Refusal::Vide);
    }
    let archived = draft.scene.demande.etat(draft.side(), draft.now) == Etat::Archivee;
    let thanks = is_mere_thanks(text) && draft.said.files.is_empty();
    if archived && draft.actor().standing == Standing::Auteur && !thanks {
        draft.append(Kind::Reouverture, text, true);
        return Ok(());
    }
    let appended = draft.append(kind, text, true);
    if archived {
        draft.receipt_archived(appended);
    }
    Ok(())
}

/// Several people write from a shared account: a message must name who did (domain.md §1).
fn signed(draft: &Draft<'_>) -> Result<(), Refusal> {
    let shared = draft.actor().shared || draft.actor().standing == Standing::Bal;
    let signature = !draft.said.signature.trim().is_empty();
    if !shared || signature || ends_with_a_name(&draft.said.speech.prose) {
        return Ok(());
    }
    Err(Refusal::SignatureManquante)
}

/// The last line is two to five words, two of them at least with a capital, and no sentence.
fn ends_with_a_name(text: &str) -> bool {
    let Some(line) = text.lines().rev().map(str::trim).find(|line| !line.is_empty()) else { return false };
    let words: Vec<&str> = line.split_whitespace().collect();
    let capitals = words.iter().filter(|word| word.starts_with(char::is_uppercase)).count();
    (2..=5).contains(&words.len()) && capitals >= 2 && !line.ends_with(['.', '!', '?', ':', ';', ','])
}

fn vu(draft: &mut Draft<'_>, text: &str) -> Result<(), Refusal> {
    check(draft, Act::Vu, "vu")?;
    draft.append(Kind::Vu, "", true);
    if text.is_empty() { Ok(()) } else { write(draft, Kind::Texte, text) }
}

/// "Je laisse": by who took it in charge last.
fn let_go(draft: &mut Draft<'_>, text: &str) -> Result<(), Refusal> {
    let author = &draft.actor().author;
    let took = draft.last_act().is_some_and(|entry| entry.kind == Kind::PriseEnCharge);
    if !took || (author.person.is_none() && author.group.is_none()) {
        return Err(Refusal::PasLeDroit { command: "laisser".to_owned() });
    }
    act(draft, Act::Instruire, "laisser", (Kind::Laisser, text))
}

/// True when another instructeur of the demande has not said "pas moi" last.
fn others_are_left(draft: &Draft<'_>) -> bool {
    let demande = &draft.scene.demande;
    let declined = |person| {
        let last = demande.entries.iter().rfind(|entry| {
            entry.withdrawn_at.is_none() && entry.author.person == Some(person) && entry.kind.changes_state()
        });
        last.is_some_and(|entry| matches!(entry.kind, Kind::MauvaisInterlocuteur | Kind::PlusPersonne))
    };
    let enabled = |person| draft.scene.people.get(&person).is_some_and(|p| !p.disabled);
    demande
        .participants
        .iter()
        .filter(|p| p.side == Side::Instructeurs && p.left_at.is_none())
        .filter(|p| Some(p.person) != draft.actor().author.person && enabled(p.person))
        .any(|p| !declined(p.person))
}

/// Archives, or only counts the answer when it is archived already; the answer goes to statistics alone.
fn archive(draft: &mut Draft<'_>, answer: Option<Utile>, text: &str) -> Result<(), Refusal> {
    if let Some(answer) = answer {
        draft.count_usefulness(answer.as_str());
    }
    let archived = draft.scene.demande.etat(draft.side(), draft.now) == Etat::Archivee;
    if archived && answer.is_some() && allowed(draft.actor().standing, Act::Archiver) {
        draft.receipt("archiver", None);
        return Ok(());
    }
    act(draft, Act::Archiver, "archiver", (Kind::Archivage, text))
}

/// Withdraws the actor's last act while its undo window is open.
fn undo(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let Some(entry) = draft.last_act() else { return Err(Refusal::RienAAnnuler) };
    if !entry.is_pending(draft.now) {
        return Err(Refusal::TropTard);
    }
    draft.withdraw(entry.n);
    draft.receipt("annuler", None);
    Ok(())
}
