//! The log: one line per event on standard error, for people or as JSON. Ids, never personal data.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::{Exit, Failure};
use crate::config::{Log, LogFormat};

/// Starts logging as the configuration asks; a second call changes nothing.
pub(super) fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| {
        Failure::new(
            Exit::Config,
            format!("configuration: log.level: {error}; \"info\" or \"info,relais=debug\""),
        )
    })?;
    let colours = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Text => builder.with_target(false).try_init(),
    };
    // Already started: by the demo, or by a test.
    drop(started);
    Ok(())
}
