//! `relais demande`: create, show, list.

mod show;

pub(super) use show::rfc3339;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::people::Format;
use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::demande::creation::{self, Draft, Named, Ready};
use crate::demande::decide;
use crate::store::audit::{self, NewLine};
use crate::store::demandes::{self, Filter, NewDemande};
use crate::store::{Role, StoreError, Tx, outbox, people};
use crate::work::Office;

/// Demandes.
#[derive(Debug, Subcommand)]
pub(super) enum Demande {
    /// Opens a demande from a file, and tells its readers
    #[command(after_help = "Example:\n  relais demande create --file docs/demande.toml")]
    Create {
        /// The file; docs/demande.toml is a sample
        #[arg(long)]
        file: PathBuf,
        #[command(flatten)]
        format: Format,
    },
    /// Shows one demande: its state, its thread, the notices it caused
    #[command(after_help = "Example:\n  relais demande show 12 --json")]
    Show {
        /// Its number
        number: u32,
        #[command(flatten)]
        format: Format,
    },
    /// Lists demandes, the latest first
    #[command(after_help = "Example:\n  relais demande list --open")]
    List(List),
}

/// Which demandes are listed.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Open ones only
    #[arg(long, conflicts_with = "closed")]
    open: bool,
    /// Archived ones only
    #[arg(long)]
    closed: bool,
    /// At most that many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &Demande) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    match command {
        Demande::Create { file, format } => from_file(&office, file, *format).await,
        Demande::Show { number, format } => show::run(&office, *number, *format).await,
        Demande::List(which) => list(&office, which).await,
    }
}

async fn from_file(office: &Office, file: &Path, format: Format) -> Outcome {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(Exit::Data, format!("{name} cannot be read: {error}")))?;
    let number = create(office, &text).await.map_err(|failure| failure.about(&name.to_string()))?;
    if format.json {
        println!("{}", json!({ "number": number }));
    } else {
        println!("demande {number}");
    }
    Ok(Exit::Ok)
}

/// Opens the demande that a TOML text describes; its number. Nothing is kept of one that has an error.
pub async fn create(office: &Office, text: &str) -> Result<u32, Failure> {
    let draft: Draft = toml::from_str(text)
        .map_err(|error| Failure::new(Exit::Data, error.to_string().trim().to_owned()))?;
    let now = office.clock.now();
    let mut tx = office.db.begin().await?;
    let named = named(&mut tx, &draft).await?;
    let ready = creation::check(&draft, &named, now).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Data, lines.join("\n"))
    })?;
    if ready.sujet_is_personal {
        eprintln!("sujet: seems to hold personal data; mails show it with … in its place");
    }
    let number = record(office, &mut tx, ready).await?;
    tx.commit().await?;
    office.posted.notify_one();
    Ok(number)
}

/// The people and groups that a draft names.
async fn named(tx: &mut Tx, draft: &Draft) -> Result<Named, StoreError> {
    let mut named = Named { author: people::by_address(tx, draft.auteur.trim()).await?, ..Named::default() };
    if let Some(structure) = &draft.structure {
        named.structure = people::group_named(tx, structure.trim()).await?;
    }
    for name in &draft.groupes {
        named.groups.push(people::group_named(tx, name.trim()).await?);
    }
    for address in &draft.collegues {
        named.colleagues.push(people::by_address(tx, address.trim()).await?);
    }
    let ids: Vec<_> = named.groups.iter().flatten().map(|group| group.id).collect();
    named.instructeurs = people::instructeurs_of(tx, &ids).await?.into_keys().collect();
    Ok(named)
}

/// The demande, its notices and its audit line, in the caller's transaction.
async fn record(office: &Office, tx: &mut Tx, ready: Ready) -> Result<u32, Failure> {
    let now = office.clock.now();
    let author = ready.author;
    let new = NewDemande {
        sujet: ready.sujet,
        description: ready.description,
        infos: ready.infos,
        territoire: ready.territoire,
        structure: ready.structure,
        author,
        mandat: Some(ready.mandat),
        created_at: now,
        participants: ready.participants,
        groups: ready.groups,
    };
    let number = demandes::create(tx, &new).await?;
    let missing = || Failure::new(Exit::Unavailable, "the demande that was just created cannot be read back");
    let scene = demandes::scene(tx, number).await?.ok_or_else(missing)?;
    outbox::post(tx, &office.clock, Some(number), None, &decide::open(&scene, now)).await?;
    let detail = json!({ "author": author });
    let line = NewLine {
        at: now,
        who: "operator",
        door: "commande",
        what: "creation",
        demande: Some(number),
        detail,
    };
    audit::append(tx, &line).await?;
    Ok(number)
}

async fn list(office: &Office, which: &List) -> Outcome {
    let closed = if which.open { Some(false) } else { which.closed.then_some(true) };
    let filter = Filter { closed, limit: which.limit, ..Filter::default() };
    let mut tx = office.db.read().await?;
    let numbers: Vec<u32> = demandes::list(&mut tx, filter).await?.iter().map(|row| row.number).collect();
    let mut scenes = demandes::scenes(&mut tx, &numbers).await?;
    scenes.sort_by_key(|scene| std::cmp::Reverse(scene.demande.number));
    if which.format.json {
        let rows: Vec<_> = scenes.iter().map(|scene| show::summary(scene, office.clock.now())).collect();
        println!("{}", serde_json::Value::from(rows));
        return Ok(Exit::Ok);
    }
    for scene in &scenes {
        let demande = &scene.demande;
        let late = if demande.en_souffrance(office.clock.now()) { "  en souffrance" } else { "" };
        println!(
            "#{:<7} {:<10} {:<5} {}{late}",
            demande.number,
            demande.etat_complet().label(false),
            demande.territoire,
            demande.sujet
        );
    }
    Ok(Exit::Ok)
}
