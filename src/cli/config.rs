//! `relais config check`: is the configuration whole, and what does it change?

use clap::Subcommand;
use toml::{Table, Value};

use super::{Exit, Outcome};
use crate::config::{Config, DEFAULTS};

/// The configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Reads everything and lists the keys that differ from the shipped file
    #[command(after_help = "Example:\n  relais --config /etc/relais/deploy.toml config check")]
    Check,
}

/// Checks it. It was read already: an error would have ended the command with exit code 78.
pub(super) fn check(config: &Config) -> Outcome {
    config.database_url()?;
    config.outbound_password()?;
    let shipped: Table = DEFAULTS.parse().unwrap_or_default();
    for (section, keys) in &shipped {
        let Value::Table(keys) = keys else { continue };
        for (key, default) in keys {
            let value = config.values.get(section).and_then(|section| section.get(key));
            if let Some(value) = value.filter(|value| *value != default) {
                println!("{section}.{key} = {value}  (shipped: {default})");
            }
        }
    }
    println!("ok");
    Ok(Exit::Ok)
}
