//! deploy.toml, the environment and `--set` become a [`Config`]; an error names its key and the remedy.
//!
//! The shipped deploy.toml is compiled in: it is the only list of settings and of their defaults.

mod values;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

pub use values::{Duration, List, Listen, Secret};

/// The shipped file: every key with its default.
pub const DEFAULTS: &str = include_str!("../deploy.toml");

/// Every setting; field by field what deploy.toml says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is described in deploy.toml, which is compiled in")]
pub struct Config {
    pub data: Data,
    pub database: Database,
    pub mail: Mail,
    pub lmtp: Door,
    pub smtp: Door,
    pub limits: Limits,
    pub outbound: Outbound,
    pub undo: Undo,
    pub trust: Trust,
    pub tokens: Tokens,
    pub dns: Dns,
    pub scan: Scan,
    pub clock: ClockFile,
    pub support: Support,
    pub work: Work,
    pub log: Log,
    /// The folder that relative paths start from.
    #[serde(skip)]
    pub base: PathBuf,
    /// The same as a table, for `relais config check`.
    #[serde(skip)]
    pub values: Table,
}

/// Declares the sections: plain data, described in deploy.toml.
macro_rules! sections {
    ($($name:ident { $($field:ident: $kind:ty),+ $(,)? })+) => { $(
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "each field is described in deploy.toml, which is compiled in")]
        pub struct $name { $(pub $field: $kind),+ }
    )+ };
}

sections! {
    Data { dir: PathBuf }
    Database { url: String, password_file: String }
    Mail { domain: String, separator: String, sender: String, max_size: usize }
    Door { listen: Listen }
    Limits { connections: usize, recipients: usize, idle: Duration }
    Outbound { url: String, password_file: String, starttls: Starttls, timeout: Duration, give_up: Duration }
    Undo { window: Duration }
    Trust { authserv_id: String, unsigned_domains: List<String>, peers: List<IpAddr>, extra_suffixes: List<String>, sealers: List<String> }
    Tokens { key_file: PathBuf, validity_months: u8 }
    Dns { resolver: String, timeout: Duration }
    Scan { clamd: String, timeout: Duration }
    ClockFile { file: String }
    Support { address: String }
    Work { batch: u32, workers: usize, lease: Duration, poll: Duration }
    Log { format: LogFormat, level: String }
}

/// STARTTLS with the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Starttls {
    /// Used when offered.
    Opportunistic,
    /// No delivery without it.
    Required,
    /// Never.
    None,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line per event.
    Text,
    /// One JSON object per event.
    Json,
}

/// Why a configuration cannot be used: the key, what is wrong, and the remedy, in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct ConfigError {
    /// `section.key`, or the file's name.
    pub key: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl ConfigError {
    /// An error about that key.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        ConfigError { key: key.into(), problem: problem.into() }
    }
}

impl Config {
    /// Reads `file` (the shipped defaults alone when `None`), then the environment's `RELAIS__SECTION__KEY`, then
    /// the `section.key=value` of `sets`; the last one wins.
    pub fn load(file: Option<&Path>, sets: &[String]) -> Result<Self, ConfigError> {
        let mut table = parse("deploy.toml (shipped)", DEFAULTS)?;
        if let Some(path) = file {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| {
                ConfigError::new(&name, format!("cannot be read ({e}); check --config and its rights"))
            })?;
            merge(&mut table, parse(&name, &text)?);
        }
        for (key, value) in environment().chain(sets.iter().map(|set| split_set(set))) {
            let value = value.ok_or_else(|| ConfigError::new(&key, "give it as section.key=value"))?;
            assign(&mut table, &key, &value)?;
        }
        let base = file.and_then(Path::parent).map_or_else(PathBuf::new, Path::to_owned);
        Config::from_table(table, base)?.checked()
    }

    /// The shipped defaults and these `section.key=value`, without the environment: for the demo and the tests.
    pub fn load_shipped(sets: &[String]) -> Result<Self, ConfigError> {
        let mut table = parse("deploy.toml (shipped)", DEFAULTS)?;
        for (key, value) in sets.iter().map(|set| split_set(set)) {
            let value = value.ok_or_else(|| ConfigError::new(&key, "give it as section.key=value"))?;
            assign(&mut table, &key, &value)?;
        }
        Config::from_table(table, PathBuf::new())?.checked()
    }

    fn from_table(table: Table, base: PathBuf) -> Result<Self, ConfigError> {
        let mut config: Config =
            serde_path_to_error::deserialize(Value::Table(table.clone())).map_err(|e| {
                let key = e.path().to_string();
                ConfigError::new(
                    key,
                    format!("{}; `relais config check` lists every key", one_line(&e.inner().to_string())),
                )
            })?;
        config.base = base;
        config.values = table;
        config.data.dir = config.base.join(&config.data.dir);
        config.tokens.key_file = config.data.dir.join(&config.tokens.key_file);
        Ok(config)
    }

    /// What types cannot tell.
    fn checked(self) -> Result<Self, ConfigError> {
        let wrong = |key, problem: &str| Err(ConfigError::new(key, problem));
        if self.mail.domain.is_empty()
            || !self.mail.domain.is_ascii()
            || self.mail.domain.contains(['@', ' '])
        {
            return wrong("mail.domain", "must be a domain name such as demandes.example");
        }
        if self.mail.separator.chars().count() != 1 {
            return wrong("mail.separator", "must be one character, \"+\" or \"-\" for most mail servers");
        }
        if self.work.batch == 0 || self.work.workers == 0 {
            return wrong("work", "batch and workers must be 1 or more");
        }
        if !["folder:", "smtp://", "smtps://"].iter().any(|scheme| self.outbound.url.starts_with(scheme)) {
            return wrong("outbound.url", "must be folder:PATH, smtp://host:port or smtps://host:port");
        }
        Ok(self)
    }

    /// The database's URL: the SQLite file of the data folder when none is set, the password file applied.
    pub fn database_url(&self) -> Result<String, ConfigError> {
        if self.database.url.is_empty() {
            return Ok(format!("sqlite:{}", self.data.dir.join("relais.sqlite").display()));
        }
        match Secret::from_file("database.password_file", &self.base, &self.database.password_file)? {
            None => Ok(self.database.url.clone()),
            Some(password) => Ok(values::with_password(&self.database.url, &password)),
        }
    }

    /// The relay's password, if a file holds one.
    pub fn outbound_password(&self) -> Result<Option<Secret>, ConfigError> {
        Secret::from_file("outbound.password_file", &self.base, &self.outbound.password_file)
    }

    /// The folder that mails leave into, when `outbound.url` names one.
    pub fn outbound_folder(&self) -> Option<PathBuf> {
        self.outbound.url.strip_prefix("folder:").map(|path| self.data.dir.join(path))
    }

    /// The clock that `clock.file` asks for.
    pub fn clock(&self) -> crate::clock::Clock {
        match self.clock.file.as_str() {
            "" => crate::clock::Clock::System,
            path => crate::clock::Clock::File(self.base.join(path)),
        }
    }
}

fn parse(name: &str, text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|e: toml::de::Error| ConfigError::new(name, one_line(&e.to_string())))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `RELAIS__SECTION__KEY=value` of the environment, as `section.key`.
fn environment() -> impl Iterator<Item = (String, Option<String>)> {
    std::env::vars().filter_map(|(name, value)| {
        let key = name.strip_prefix("RELAIS__")?.to_ascii_lowercase().replace("__", ".");
        Some((key, Some(value)))
    })
}

fn split_set(set: &str) -> (String, Option<String>) {
    match set.split_once('=') {
        Some((key, value)) => (key.trim().to_owned(), Some(value.trim().to_owned())),
        None => (set.to_owned(), None),
    }
}

fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Sets `section.key`: the value keeps the type of the default when it can (`0`, `true`, `["a"]`), else it is text.
fn assign(table: &mut Table, key: &str, value: &str) -> Result<(), ConfigError> {
    let (section, name) =
        key.split_once('.').ok_or_else(|| ConfigError::new(key, "give it as section.key=value"))?;
    let Some(Value::Table(section)) = table.get_mut(section) else {
        return Err(ConfigError::new(key, "there is no such section; `relais config check` lists every key"));
    };
    let text = matches!(section.get(name), Some(Value::String(_)));
    let parsed = format!("x = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("x"));
    let value =
        parsed.filter(|parsed| !text || parsed.is_str()).unwrap_or_else(|| Value::String(value.to_owned()));
    section.insert(name.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(sets: &[&str]) -> Result<Config, ConfigError> {
        Config::load(None, &sets.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_shipped_file_is_whole() {
        let config = load(&[]).unwrap();
        assert_eq!(config.undo.window.as_millis(), 600_000);
        assert_eq!(config.trust.peers.len(), 2);
        assert!(config.database_url().unwrap().starts_with("sqlite:data/"));
    }

    #[test]
    fn every_key_may_be_set_as_people_write_it() {
        let config = load(&[
            "undo.window=0",
            "trust.unsigned_domains=caf54.example, cpam54.example",
            "lmtp.listen=127.0.0.1:0",
            "smtp.listen=",
            "mail.max_size=1000",
            "support.address=aide@demandes.example",
        ])
        .unwrap();
        assert_eq!(config.undo.window.as_millis(), 0);
        assert_eq!(*config.trust.unsigned_domains, ["caf54.example", "cpam54.example"]);
        assert_eq!(config.lmtp.listen.address().unwrap().port(), 0);
        assert!(config.smtp.listen.address().is_none());
        assert_eq!(config.mail.max_size, 1000);
    }

    #[test]
    fn an_error_names_its_key() {
        for (set, key) in [
            ("undo.windw=3s", "undo"),
            ("mail.max_size=big", "mail.max_size"),
            ("undo.window=soon", "undo.window"),
            ("nowhere.key=1", "nowhere.key"),
            ("lmtp.listen=here", "lmtp.listen"),
            ("outbound.url=ftp://x", "outbound.url"),
            ("mail.domain=", "mail.domain"),
            ("undo", "undo"),
        ] {
            let error = load(&[set]).unwrap_err();
            assert!(error.key.starts_with(key), "{set}: {error}");
            assert!(!error.to_string().contains('\n'));
        }
    }
}
