//! `relais demo`: the whole road on an empty machine, told as it happens.
//!
//! A real daemon in a temporary folder, on a free loopback port, with a clock that the demo moves; an invented cast; real
//! mails of `mailbox-fixtures` through LMTP. Every step says what it expects and fails the demo when it comes out otherwise.

mod cast;
mod stage;
mod story;
mod telling;

use std::io::IsTerminal;

use clap::Args;

use super::{Exit, Failure, Outcome};
use stage::Stage;
use telling::Telling;

/// Options of the demo.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Leaves everything and the daemon running, and prints how to send a reply of one's own
    #[arg(long)]
    keep: bool,
    /// Colours: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
}

/// Plays the story; the exit code is 0 only if every step came out as told.
pub(super) async fn run(demo: &Demo) -> Outcome {
    let telling = Telling::new(match demo.color {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    });
    let mut stage = Stage::open(telling).await?;
    let told = story::play(&mut stage).await;
    match (told, demo.keep) {
        (Ok(()), true) => keep(stage).await,
        (Ok(()), false) => {
            stage.telling.end("Chaque étape s’est passée comme annoncé.");
            stage.close().await;
            Ok(Exit::Ok)
        }
        (Err(failure), _) => {
            let folder = stage.leave();
            Err(Failure::new(Exit::No, format!("{failure}\nEverything is left in {}", folder.display())))
        }
    }
}

/// Says how to send one's own reply, and waits for Ctrl-C.
async fn keep(stage: Stage) -> Outcome {
    println!("{}", stage.how_to_reply().await?);
    tokio::signal::ctrl_c().await.map_err(|error| Failure::new(Exit::Unavailable, error.to_string()))?;
    let folder = stage.leave();
    eprintln!("Tout reste dans {}", folder.display());
    Ok(Exit::Ok)
}
