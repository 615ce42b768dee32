//! The kinds of values that settings have: durations, addresses, lists, secrets.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de::Error};

use super::ConfigError;

/// A duration: "10m", "1h 30m", "500ms", or a number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration(std::time::Duration);

impl Duration {
    /// In milliseconds, as the store counts time.
    pub fn as_millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }

    /// For timers.
    pub fn get(self) -> std::time::Duration {
        self.0
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::Integer(seconds) => format!("{seconds}s"),
            toml::Value::String(text) if text.bytes().all(|b| b.is_ascii_digit()) => format!("{text}s"),
            toml::Value::String(text) => text,
            other => {
                return Err(D::Error::custom(format!("expected a duration, found {}", other.type_str())));
            }
        };
        let parsed = humantime::parse_duration(&text).map_err(|e| {
            D::Error::custom(format!(
                "expected a duration such as \"10m\", \"30s\" or a number of seconds ({e})"
            ))
        })?;
        Ok(Duration(parsed))
    }
}

/// An address to listen on, "127.0.0.1:2424"; empty for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(Option<SocketAddr>);

impl Listen {
    /// The address, unless it is off.
    pub fn address(self) -> Option<SocketAddr> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "" | "off" => Ok(Listen(None)),
            text => {
                text.replace("localhost:", "127.0.0.1:").parse().map(|at| Listen(Some(at))).map_err(|_| {
                    D::Error::custom(
                        "expected an address and a port such as \"127.0.0.1:2424\", or \"\" for none",
                    )
                })
            }
        }
    }
}

/// A list, or one text with commas (as the environment gives it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(Vec<T>);

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a list of texts, or one text with commas")]
        enum Form {
            Text(String),
            List(Vec<String>),
        }
        let items = match Form::deserialize(deserializer)? {
            Form::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            Form::List(items) => items,
        };
        let items = items.iter().filter(|item| !item.is_empty());
        items
            .map(|item| item.parse().map_err(|e| D::Error::custom(format!("{item:?} is not one: {e}"))))
            .collect::<Result<_, _>>()
            .map(List)
    }
}

/// A secret read from a file; never shown.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The secret itself, to hand over to who checks it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first line of that file; `None` when no file is named.
    pub fn from_file(key: &str, base: &Path, file: &str) -> Result<Option<Self>, ConfigError> {
        if file.is_empty() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(base.join(file)).map_err(|e| {
            ConfigError::new(key, format!("{file} cannot be read ({e}); check its path and rights"))
        })?;
        match text.lines().next().map(str::trim) {
            None | Some("") => Err(ConfigError::new(key, format!("{file} is empty; write the secret in it"))),
            Some(line) => Ok(Some(Secret(line.to_owned()))),
        }
    }
}

/// `scheme://user@host` with the password put in; characters that a URL cannot hold are percent-encoded.
pub(super) fn with_password(url: &str, password: &Secret) -> String {
    let encoded: String = password
        .reveal()
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    match url.split_once('@') {
        Some((user, host)) => format!("{user}:{encoded}@{host}"),
        None => url.to_owned(),
    }
}
