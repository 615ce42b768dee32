//! `relais pipe`: one mail on standard input, from an alias, procmail or a filter; sysexits codes.

use std::sync::Arc;

use clap::Args;

use super::{Exit, Outcome, office};
use crate::config::Config;
use crate::receive::pipe::{self, Call};
use crate::store::Role;
use crate::work::Porter;

/// The envelope; what is not given is taken from the variables that Postfix sets (`SENDER`, `ORIGINAL_RECIPIENT`,
/// `RECIPIENT`, `EXTENSION`).
#[derive(Debug, Args)]
pub(super) struct Pipe {
    /// Envelope sender; `<>` for a report
    #[arg(short = 'f', long = "from", value_name = "SENDER")]
    sender: Option<String>,
    /// Envelope recipients
    recipients: Vec<String>,
}

/// Keeps the mail; the code tells the caller what to do with it.
pub(super) async fn run(config: &Config, pipe: &Pipe) -> Outcome {
    // A mail server bounces on "configuration error": what an operator can mend is to be tried again.
    let office = office::open(config, Role::Command).await.map_err(|failure| failure.with(Exit::TryAgain))?;
    let porter = Porter(Arc::new(office));
    let call = Call { sender: pipe.sender.clone(), recipients: pipe.recipients.clone() };
    let call = call.complete(|name| std::env::var(name).ok());
    let ending = pipe::run(tokio::io::stdin(), call, config.mail.max_size, &porter, &porter).await;
    if !ending.text.is_empty() {
        eprintln!("{}", ending.text);
    }
    Ok(match ending.exit {
        pipe::Exit::Ok => Exit::Ok,
        pipe::Exit::Usage => Exit::Usage,
        pipe::Exit::Data => Exit::Data,
        pipe::Exit::TryAgain => Exit::TryAgain,
    })
}
