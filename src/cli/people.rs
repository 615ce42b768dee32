//! `relais people`: accounts and groups, from a CSV and by address.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::demande::comptes::{self, Import, ImportedGroup};
use crate::demande::{Person, reference};
use crate::store::Role;
use crate::store::audit::{self, NewLine};
use crate::store::people::{self, ImportReport};
use crate::work::Office;

/// Accounts and groups.
#[derive(Debug, Subcommand)]
pub(super) enum People {
    /// Creates and updates accounts and groups from a CSV; a file with an error changes nothing
    #[command(after_help = "Example:\n  relais people import docs/people.csv --dry-run")]
    Import {
        /// The file: `;`, `,` or tab between columns; header names without case or accents
        file: PathBuf,
        /// Says what the file holds and changes nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Lists the accounts
    #[command(after_help = "Example:\n  relais people list --json")]
    List(Format),
    #[command(after_help = "Example:\n  relais people disable lea.martin@caf54.example")]
    /// Disables an account: it has no right at all any more
    Disable {
        /// Its address
        address: String,
    },
    /// Enables an account again
    #[command(after_help = "Example:\n  relais people enable lea.martin@caf54.example")]
    Enable {
        /// Its address
        address: String,
    },
}

/// How results are written.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Format {
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &People) -> Outcome {
    match command {
        People::Import { file, dry_run } => import(config, file, *dry_run).await,
        People::List(format) => list(config, *format).await,
        People::Disable { address } => disable(config, address, true).await,
        People::Enable { address } => disable(config, address, false).await,
    }
}

async fn import(config: &Config, file: &Path, dry_run: bool) -> Outcome {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::Data, format!("{} cannot be read: {error}", file.display()))
    };
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let import = read(&file.display().to_string(), &bytes)?;
    for header in &import.ignored {
        eprintln!("{}: the column {header:?} is not known and was left alone", file.display());
    }
    if dry_run {
        println!(
            "{} accounts, {} groups on their own; nothing was changed",
            import.people.len(),
            import.groups.len()
        );
        return Ok(Exit::Ok);
    }
    let office = office::open(config, Role::Command).await?;
    let report = apply(&office, &import).await?;
    println!(
        "{} accounts created, {} updated, {} groups created",
        report.created, report.updated, report.groups_created
    );
    Ok(Exit::Ok)
}

/// Imports a CSV that is already in memory: for the demo and the tests.
pub(super) async fn import_bytes(office: &Office, bytes: &[u8]) -> Result<ImportReport, Failure> {
    apply(office, &read("people.csv", bytes)?).await
}

fn read(name: &str, bytes: &[u8]) -> Result<Import, Failure> {
    let mut import = comptes::read(bytes).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(|error| format!("{name}: {error}")).collect();
        Failure::new(Exit::Data, format!("{}\nnothing was changed", lines.join("\n")))
    })?;
    for group in import.people.iter_mut().flat_map(|person| &mut person.groups).chain(&mut import.groups) {
        name_organisme(name, group);
    }
    Ok(import)
}

/// Organismes go by their id; an empty one is the first word of the group's name, if that names one.
fn name_organisme(file: &str, group: &mut ImportedGroup) {
    let first_word = group.name.split_whitespace().next().unwrap_or_default();
    let asked = if group.organisme.is_empty() { first_word } else { &group.organisme };
    match reference::organisme(asked) {
        Some(organisme) => organisme.id.clone_into(&mut group.organisme),
        None if group.organisme.is_empty() => {}
        None => {
            eprintln!("{file}: the organisme of group {:?} is not in the list; kept as written", group.name);
        }
    }
}

async fn apply(office: &Office, import: &Import) -> Result<ImportReport, Failure> {
    let now = office.clock.now();
    let mut tx = office.db.begin().await?;
    people::import_groups(&mut tx, &import.groups, now).await?;
    let report = people::import(&mut tx, &import.people, now).await?;
    let detail = json!({ "created": report.created, "updated": report.updated });
    let line =
        NewLine { at: now, who: "operator", door: "commande", what: "people import", demande: None, detail };
    audit::append(&mut tx, &line).await?;
    tx.commit().await?;
    Ok(report)
}

async fn list(config: &Config, format: Format) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    let mut tx = office.db.read().await?;
    let (everybody, groups) = (people::list(&mut tx).await?, people::list_groups(&mut tx).await?);
    let names = |person: &Person| -> Vec<String> {
        let of = |id| groups.iter().find(|group| group.id == id).map(|group| group.name.clone());
        person.groups.iter().filter_map(|id| of(*id)).collect()
    };
    if format.json {
        let rows: Vec<_> = everybody.iter().map(|person| as_json(person, &names(person))).collect();
        println!("{}", serde_json::Value::from(rows));
        return Ok(Exit::Ok);
    }
    for person in &everybody {
        let state = if person.disabled { "disabled" } else { role(person) };
        println!("{:<40} {:<30} {state:<12} {}", person.address, person.name(), names(person).join(", "));
    }
    Ok(Exit::Ok)
}

fn as_json(person: &Person, groups: &[String]) -> serde_json::Value {
    json!({
        "id": person.id, "name": person.name(), "address": person.address, "qualite": person.qualite,
        "roles": person.roles, "groups": groups, "shared": person.shared, "disabled": person.disabled,
    })
}

fn role(person: &Person) -> &'static str {
    match (person.roles.responsable, person.roles.instructeur) {
        (true, _) => "responsable",
        (_, true) => "instructeur",
        _ => "aidant",
    }
}

async fn disable(config: &Config, address: &str, disabled: bool) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    let (now, what) = (office.clock.now(), if disabled { "people disable" } else { "people enable" });
    let mut tx = office.db.begin().await?;
    let Some(person) = people::by_address(&mut tx, address).await? else {
        eprintln!("no account has this address; `relais people list` lists them");
        return Ok(Exit::No);
    };
    people::disable(&mut tx, address, disabled, now).await?;
    let line = NewLine {
        at: now,
        who: "operator",
        door: "commande",
        what,
        demande: None,
        detail: json!({ "person": person.id }),
    };
    audit::append(&mut tx, &line).await?;
    tx.commit().await?;
    println!("{} is {}", person.address, if disabled { "disabled" } else { "enabled" });
    Ok(Exit::Ok)
}
