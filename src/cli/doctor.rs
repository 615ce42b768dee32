//! `relais doctor`: what is missing, in order, each with what to do about it.

mod checks;

use serde_json::{Value, json};

use super::people::Format;
use super::{Exit, Outcome};
use crate::config::Config;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    /// Fine.
    Ok,
    /// Works, but look at it.
    Warn,
    /// Does not work.
    Fail,
}

impl Health {
    fn word(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Warn => "warn",
            Health::Fail => "fail",
        }
    }
}

/// One line: a thing, how it is, and the remedy.
#[derive(Debug)]
struct Finding {
    health: Health,
    thing: &'static str,
    told: String,
}

/// Looks at everything; exit code 1 when something does not work.
pub(super) async fn run(config: &Config, format: Format) -> Outcome {
    let findings = [
        checks::data_folder(config),
        checks::keys(config),
        checks::database(config).await,
        checks::daemon(config).await,
        checks::dns(config).await,
        checks::relay(config).await,
        checks::clock(config),
        checks::addresses(config),
    ];
    if format.json {
        let row = |f: &Finding| json!({ "health": f.health.word(), "thing": f.thing, "told": f.told });
        println!("{}", findings.iter().map(row).collect::<Value>());
    } else {
        for finding in &findings {
            println!("{:<5} {:<12} {}", finding.health.word(), finding.thing, finding.told);
        }
    }
    let failed = findings.iter().any(|finding| finding.health == Health::Fail);
    Ok(if failed { Exit::No } else { Exit::Ok })
}
