//! Exit codes (sysexits.h), and the failures that end a command.

use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::store::StoreError;

/// Exit codes, as sysexits.h names them, so that a mail server that starts `relais pipe` understands them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or a positive answer.
    Ok = 0,
    /// A negative answer: not found, a check that failed.
    No = 1,
    /// Wrong arguments (EX_USAGE).
    Usage = 64,
    /// Wrong input (EX_DATAERR).
    Data = 65,
    /// A service is missing (EX_UNAVAILABLE).
    Unavailable = 69,
    /// Try again later (EX_TEMPFAIL).
    TryAgain = 75,
    /// Wrong configuration (EX_CONFIG).
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// What ended a command: one sentence for who ran it, and its exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with that sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into() }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn with(self, exit: Exit) -> Self {
        Failure { exit, ..self }
    }

    /// The same, each line preceded by what it is about.
    #[must_use]
    pub fn about(self, name: &str) -> Self {
        let lines: Vec<String> = self.message.lines().map(|line| format!("{name}: {line}")).collect();
        Failure { message: lines.join("\n"), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Failure::new(Exit::Config, format!("configuration: {error}"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Url(_) | StoreError::AnotherDaemon(_) => Exit::Config,
            StoreError::Temporary(_) => Exit::TryAgain,
            _ => Exit::Unavailable,
        };
        Failure::new(exit, format!("database: {error}"))
    }
}
