//! `relais tokens`: the keys of the reply addresses, and their revocation.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::demande::admission::Holder;
use crate::mail::token::{Keyring, KeyringError};
use crate::store::audit::{self, NewLine};
use crate::store::{Role, people};
use crate::work::Office;

/// Reply addresses.
#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Makes a new key; addresses made with the old ones go on working
    #[command(after_help = "Example:\n  relais tokens rotate")]
    Rotate,
    /// Ends reply addresses: of one account, of one demande, or all
    #[command(after_help = "Example:\n  relais tokens revoke --person lea.martin@caf54.example")]
    Revoke(Revoke),
}

/// Whose addresses end.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Revoke {
    /// Those of this account
    #[arg(long, value_name = "ADDRESS")]
    person: Option<String>,
    /// Those of this demande
    #[arg(long, value_name = "NUMBER")]
    demande: Option<u32>,
    /// All: every key so far is dropped (a key that leaked)
    #[arg(long)]
    all: bool,
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &Tokens) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    match command {
        Tokens::Rotate => {
            change_keys(config, &office, false).await?;
            println!("a new key signs from now on; a running daemon reads it by itself");
            Ok(Exit::Ok)
        }
        Tokens::Revoke(Revoke { all: true, .. }) => {
            change_keys(config, &office, true).await?;
            println!("every reply address sent so far is dead; people get a new one with their next mail");
            Ok(Exit::Ok)
        }
        Tokens::Revoke(Revoke { person: Some(address), .. }) => revoke_person(&office, address).await,
        Tokens::Revoke(Revoke { demande: Some(number), .. }) => revoke_demande(&office, *number).await,
        Tokens::Revoke(_) => Err(Failure::new(Exit::Usage, "say whose: --person, --demande or --all")),
    }
}

async fn change_keys(config: &Config, office: &Office, drop_old: bool) -> Result<(), Failure> {
    let path = &config.tokens.key_file;
    let now = office.clock.now();
    let changed = || -> Result<(), KeyringError> {
        let mut keys = Keyring::load_or_create(path, now)?;
        keys.rotate(now)?;
        if drop_old {
            keys.drop_retired();
        }
        keys.save(path)
    };
    changed().map_err(|error| Failure::new(Exit::Config, format!("tokens.key_file: {error}")))?;
    note(office, if drop_old { "tokens revoke all" } else { "tokens rotate" }, None, json!({})).await
}

async fn revoke_person(office: &Office, address: &str) -> Outcome {
    let mut tx = office.db.begin().await?;
    let Some(person) = people::by_address(&mut tx, address).await? else {
        eprintln!("no account has this address; `relais people list` lists them");
        return Ok(Exit::No);
    };
    people::revoke_holder(&mut tx, Holder::Person(person.id)).await?;
    tx.commit().await?;
    note(office, "tokens revoke person", None, json!({ "person": person.id })).await?;
    println!("every reply address of {} is dead; the next mail brings a new one", person.address);
    Ok(Exit::Ok)
}

async fn revoke_demande(office: &Office, number: u32) -> Outcome {
    let mut tx = office.db.begin().await?;
    if !people::revoke_demande(&mut tx, number).await? {
        eprintln!("there is no demande {number}; `relais demande list` lists them");
        return Ok(Exit::No);
    }
    tx.commit().await?;
    note(office, "tokens revoke demande", Some(number), json!({})).await?;
    println!("every reply address of demande {number} is dead; the next mail brings a new one");
    Ok(Exit::Ok)
}

async fn note(
    office: &Office,
    what: &str,
    demande: Option<u32>,
    detail: serde_json::Value,
) -> Result<(), Failure> {
    let mut tx = office.db.begin().await?;
    let at = office.clock.now();
    audit::append(&mut tx, &NewLine { at, who: "operator", door: "commande", what, demande, detail }).await?;
    Ok(tx.commit().await?)
}
