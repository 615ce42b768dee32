//! The command line: one file per sub-command, each a function from its arguments to an exit code.
//!
//! Results go to standard output, errors to standard error with what to do about them.

mod audit;
mod bench;
mod config;
mod demande;
mod demo;
mod doctor;
pub mod extract;
mod failure;
mod held;
mod inbox;
pub mod lmtp;
mod log;
pub mod office;
mod outbox;
mod people;
mod pipe;
pub mod serve;
mod tokens;
mod trace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
pub use demande::create as create_demande;
pub use failure::{Exit, Failure};

/// What every command returns.
pub type Outcome = Result<Exit, Failure>;

/// relais: answer the demandes of Administration+ from a mailbox.
#[derive(Debug, Parser)]
#[command(name = "relais", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// Configuration file [default: ./deploy.toml when it is there, else the shipped one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Overrides one setting, as section.key=value; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    sets: Vec<String>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  relais demo                                     the whole road on an empty machine
  relais serve --set lmtp.listen=127.0.0.1:2424   the daemon
  relais people import people.csv                 accounts, from a CSV
  relais trace 1234                               where is the mail of demande 1234?

Exit codes: 0 ok, 1 negative answer, 64 usage, 65 data, 69 unavailable, 75 try again, 78 configuration";

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon: takes mails, decides, sends notices
    #[command(after_help = "Example:\n  relais --config /etc/relais/deploy.toml serve")]
    Serve,
    /// Prints what a mail says, as relais understands it
    #[command(
        after_help = "Examples:\n  relais extract mail.eml\n  relais extract --explain mail.eml\n  find . -name '*.eml' | relais extract --json --batch"
    )]
    Extract(extract::Extract),
    /// Shows the whole road on an empty machine, with invented people and real mails
    #[command(
        after_help = "Example:\n  relais demo --keep     leaves the daemon running, to send a reply of one's own"
    )]
    Demo(demo::Demo),
    /// Takes one mail on standard input, for an alias or a filter
    #[command(after_help = "Example:\n  demandes: \"|/usr/bin/relais pipe\"     in /etc/aliases")]
    Pipe(pipe::Pipe),
    /// Says what is missing, in order, and what to do about it
    #[command(after_help = "Example:\n  relais doctor")]
    Doctor(people::Format),
    /// Accounts and groups
    #[command(subcommand)]
    People(people::People),
    /// Keys and revocation of reply addresses
    #[command(subcommand)]
    Tokens(tokens::Tokens),
    /// Demandes
    #[command(subcommand)]
    Demande(demande::Demande),
    /// What arrived
    #[command(subcommand)]
    Inbox(inbox::Inbox),
    /// What leaves
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Where is my mail? Every hop of a demande, a mail or an address
    #[command(
        after_help = "Examples:\n  relais trace 12\n  relais trace lea.martin@caf54.example\n  relais trace '<id@host>'"
    )]
    Trace(trace::Follow),
    /// Who did what, when, by which door
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Load, and figures
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Mails that wait for somebody's word
    #[command(subcommand)]
    Held(held::Held),
}

/// Reads the command line and runs what it asks for.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(sets_first(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.run() {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("relais: {failure}");
            failure.exit.into()
        }
    }
}

/// The same arguments with every `--set` in front: clap keeps those of the innermost command only, and
/// `relais --set a=1 serve --set b=2` would lose the first.
fn sets_first(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let mut first: Vec<OsString> = args.next().into_iter().collect();
    let mut others = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--" {
            others.push(arg);
            others.extend(args.by_ref());
        } else if arg == "--set" {
            first.push(arg);
            first.extend(args.next());
        } else if arg.as_encoded_bytes().starts_with(b"--set=") {
            first.push(arg);
        } else {
            others.push(arg);
        }
    }
    first.append(&mut others);
    first
}

/// Help and version are answers, anything else is a usage error (EX_USAGE).
fn usage(error: &clap::Error) -> ExitCode {
    let answer = !error.use_stderr();
    // A closed pipe on the other side is no reason to fail.
    drop(error.print());
    if answer { Exit::Ok.into() } else { Exit::Usage.into() }
}

impl Cli {
    fn run(self) -> Outcome {
        if let Command::Extract(args) = &self.command {
            return extract::run(args, &self.load_config()?.mail.domain);
        }
        let config = match self.command {
            // The demo touches nothing of this machine's own relais.
            Command::Demo(_) => Config::load_shipped(&["log.level=error".to_owned()])?,
            _ => self.load_config()?,
        };
        log::start(&self.log(&config))?;
        // One TLS provider for the whole process, whatever a dependency may bring.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let runtime = tokio::runtime::Runtime::new()
            .map_err(|error| Failure::new(Exit::Unavailable, format!("the runtime cannot start: {error}")))?;
        runtime.block_on(self.command.run(&config))
    }

    /// The daemon logs as the configuration says; a command only what goes wrong, so that its answer stands out.
    fn log(&self, config: &Config) -> crate::config::Log {
        let mut log = config.log.clone();
        if !matches!(self.command, Command::Serve) {
            "error".clone_into(&mut log.level);
        }
        log
    }

    /// The configuration the global options ask for.
    fn load_config(&self) -> Result<Config, Failure> {
        let here = PathBuf::from("deploy.toml");
        let file = self.config.clone().or_else(|| here.is_file().then_some(here));
        Ok(Config::load(file.as_deref(), &self.sets)?)
    }
}

impl Command {
    async fn run(&self, config: &Config) -> Outcome {
        match self {
            Command::Serve => serve::run(config).await,
            Command::Extract(extract) => extract::run(extract, &config.mail.domain),
            Command::Demo(demo) => demo::run(demo).await,
            Command::Pipe(pipe) => pipe::run(config, pipe).await,
            Command::Doctor(format) => doctor::run(config, *format).await,
            Command::People(people) => people::run(config, people).await,
            Command::Tokens(tokens) => tokens::run(config, tokens).await,
            Command::Demande(demande) => demande::run(config, demande).await,
            Command::Held(held) => held::run(config, held).await,
            Command::Inbox(inbox) => inbox::run(config, inbox).await,
            Command::Outbox(outbox) => outbox::run(config, outbox).await,
            Command::Trace(follow) => trace::run(config, follow).await,
            Command::Audit(audit) => audit::run(config, audit).await,
            Command::Config(config::ConfigCommand::Check) => config::check(config),
            Command::Bench(bench) => bench::run(config, bench).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn settings_may_stand_anywhere() {
        let args = ["relais", "--set", "a.b=1", "serve", "--set=c.d=2", "--", "--set", "e"];
        let moved = sets_first(args.into_iter().map(OsString::from));
        assert_eq!(moved, ["relais", "--set", "a.b=1", "--set=c.d=2", "serve", "--", "--set", "e"]);
    }

    #[test]
    fn every_command_is_well_formed_and_has_an_example() {
        let mut cli = Cli::command();
        cli.clone().debug_assert();
        cli.build();
        let mut all = vec![cli];
        while let Some(command) = all.pop() {
            let below: Vec<_> =
                command.get_subcommands().filter(|c| c.get_name() != "help").cloned().collect();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(!below.is_empty() || help.contains("relais "), "{}: no example", command.get_name());
            all.extend(below);
        }
    }
}
