//! `relais extract`: what a mail says, as relais understands it, for support staff and for tests. Reads files,
//! changes nothing, knows no database: no token is verified here.

mod fixture;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{Exit, Failure, Outcome};
use crate::demande::command::{Door, Speech, Trouble, WORDS};
use crate::mail::letter::{Bounce, Letter, Limits};
use crate::mail::reading::{self, Known, Reading};
use crate::render::MARKER;

/// Arguments of `relais extract`.
#[derive(Debug, Args)]
pub struct Extract {
    /// One JSON object per mail and line
    #[arg(long)]
    json: bool,
    /// Reads the paths from standard input, one per line
    #[arg(long)]
    batch: bool,
    /// Says which rule cut where and why
    #[arg(long)]
    explain: bool,
    /// Writes an anonymised pair NAME.eml and NAME.json into DIR [default: the current folder]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = ".")]
    fixture: Option<PathBuf>,
    /// Mails, as .eml files
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    files: Vec<PathBuf>,
}

/// Prints what each mail says.
///
/// # Errors
/// Standard input or output that cannot be used. A mail that cannot be read is told, and makes the exit code 1.
pub fn run(args: &Extract, domain: &str) -> Outcome {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut exit = Exit::Ok;
    let mut one = |path: &Path| -> Result<(), Failure> {
        if !print(args, domain, path, &mut out)? {
            exit = Exit::No;
        }
        Ok(())
    };
    args.files.iter().try_for_each(|path| one(path))?;
    if args.batch {
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(|error| Failure::new(Exit::Data, format!("standard input: {error}")))?;
            if !line.trim().is_empty() {
                one(Path::new(line.trim_end_matches('\r')))?;
            }
        }
    }
    out.flush().map_err(|error| output(&error))?;
    Ok(exit)
}

fn output(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Unavailable, format!("standard output: {error}"))
}

/// One mail; false when it cannot be read.
fn print(args: &Extract, domain: &str, path: &Path, out: &mut impl Write) -> Result<bool, Failure> {
    let limits = Limits { display: false, ..Limits::default() };
    let known = Known { marker: MARKER, domain, sent: None };
    let read = std::fs::read(path)
        .map_err(|error| error.to_string())
        .and_then(|raw| reading::read(&raw, &limits, known).map_err(|error| error.to_string()));
    let written = match &read {
        Err(error) if args.json => {
            writeln!(out, "{}", json!({ "path": path.to_string_lossy(), "error": error }))
        }
        Err(error) => {
            eprintln!("relais: {}: {error}", path.display());
            Ok(())
        }
        Ok(reading) if args.json => writeln!(out, "{}", as_json(path, reading, args.explain)),
        Ok(reading) => as_text(path, reading, args, out),
    };
    written.map_err(|error| output(&error))?;
    if let (Some(folder), Ok(reading)) = (&args.fixture, &read) {
        fixture::write(folder, path, reading)?;
    }
    Ok(read.is_ok())
}

/// What is said, and the orders in it. A machine gives none.
fn speech(letter: &Letter, reading: &Reading) -> Speech {
    if letter.machine.is_some() {
        return Speech { prose: reading.reply.said.clone(), ..Speech::default() };
    }
    reading::speech_in(letter, &reading.reply, Door::Mail, action(letter).as_deref())
}

/// The action of a button in one of the recipients: `traitee+TOKEN@…`.
fn action(letter: &Letter) -> Option<String> {
    let recipients = letter.to.iter().chain(&letter.cc).map(|m| m.address.as_str());
    recipients.chain(letter.delivered_to.iter().map(String::as_str)).find_map(|address| {
        let (action, _) = address.split_once('@')?.0.split_once('+')?;
        let action = action.to_lowercase();
        let known =
            |name: &str| action == name || action.strip_prefix(name).is_some_and(|r| r.starts_with('-'));
        WORDS.iter().any(|word| known(word.name) || known(&word.name.replace('_', "-"))).then_some(action)
    })
}

/// The object that issue 2 describes; with `explain` also the cuts, the rule that found a machine, and what is asked.
fn as_json(path: &Path, reading: &Reading, explain: bool) -> Value {
    let (letter, reply) = (&reading.letter, &reading.reply);
    let speech = speech(letter, reading);
    let commands = speech.commands.iter().map(|spoken| {
        let name = spoken.command.as_json_name();
        json!({ "name": name, "argument": spoken.command.argument(), "source": spoken.source.as_str() })
    });
    let files = letter.attachments.iter().filter(|file| !file.logo);
    let files = files.map(
        |file| json!({ "name": file.name, "type": file.kind, "size": file.size, "inline": file.inline }),
    );
    let mut object = json!({
        "path": path.to_string_lossy(),
        "subject": letter.subject,
        "from": letter.from.first().map(|from| &from.address),
        "reply": reply.said,
        "quoted": reply.quoted,
        "signature": reply.signature,
        "automatic": letter.machine.as_ref().map(|machine| machine.kind.as_str()),
        "commands": commands.collect::<Vec<_>>(),
        "attachments": files.collect::<Vec<_>>(),
    });
    if let (true, Some(fields)) = (explain, object.as_object_mut()) {
        let cuts = reply.cuts.iter().map(|cut| json!({ "rule": cut.rule, "line": cut.line, "why": cut.why }));
        fields.insert("cuts".to_owned(), cuts.collect());
        let machine = letter.machine.as_ref();
        fields.insert("machine_rule".to_owned(), json!(machine.map(|machine| machine.rule)));
        fields.insert("until".to_owned(), json!(machine.and_then(|machine| machine.until_date.as_ref())));
        fields.insert("bounce".to_owned(), json!(machine.and_then(|m| m.bounce.as_ref()).map(as_bounce)));
        fields.insert("asked".to_owned(), json!(speech.trouble.as_ref().map(asked)));
    }
    object
}

/// Whom a delivery report names.
fn as_bounce(bounce: &Bounce) -> Value {
    json!({ "recipient": bounce.recipient, "status": bounce.status, "permanent": bounce.permanent })
}

/// The question that the sender would get.
fn asked(trouble: &Trouble) -> Value {
    match trouble {
        Trouble::Unknown { word, nearest } => json!({ "unknown": word, "nearest": nearest }),
        Trouble::Contradictory { first, second } => json!({ "contradictory": [first, second] }),
        Trouble::NoteLooking => json!("note"),
    }
}

/// For people: what was said alone, or everything with `explain`.
fn as_text(path: &Path, reading: &Reading, args: &Extract, out: &mut impl Write) -> std::io::Result<()> {
    if args.files.len() > 1 || args.batch {
        writeln!(out, "=== {}", path.display())?;
    }
    writeln!(out, "{}", reading.reply.said)?;
    if !args.explain {
        return Ok(());
    }
    let speech = speech(&reading.letter, reading);
    if let Some(machine) = &reading.letter.machine {
        writeln!(out, "--- a machine wrote it: {} ({})", machine.kind.as_str(), machine.rule)?;
    }
    for spoken in &speech.commands {
        let argument = spoken.command.argument().map(|a| format!(" {a:?}")).unwrap_or_default();
        writeln!(
            out,
            "--- command: {}{argument}, from the {}",
            spoken.command.as_json_name(),
            spoken.source.as_str()
        )?;
    }
    if let Some(trouble) = &speech.trouble {
        writeln!(out, "--- asked about: {}", asked(trouble))?;
    }
    for cut in &reading.reply.cuts {
        writeln!(out, "--- line {}: {} ({})", cut.line, cut.rule, cut.why)?;
    }
    for (name, part) in [("signature", &reading.reply.signature), ("quoted", &reading.reply.quoted)] {
        if !part.is_empty() {
            writeln!(out, "--- {name}\n{part}")?;
        }
    }
    Ok(())
}
