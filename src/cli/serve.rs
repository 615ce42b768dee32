//! `relais serve`: the listeners and the loops, until told to stop.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Exit, Failure, Outcome, office};
use crate::config::{Config, Listen};
use crate::receive::smtp::{Dialect, Limits, Listener, Settings, Timeouts, serve};
use crate::store::{Role, inbox as inbox_store, outbox as outbox_store};
use crate::work::{self, Office, Porter};

/// A daemon that runs: where it listens, and how to stop it.
pub struct Daemon {
    /// What it works with.
    pub office: Arc<Office>,
    /// Address of the LMTP listener, with its real port.
    pub lmtp: Option<String>,
    /// Address of the SMTP listener.
    pub smtp: Option<String>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// Runs the daemon until SIGTERM or SIGINT; a second one ends it at once.
pub async fn run(config: &Config) -> Outcome {
    let daemon = Daemon::start(config).await?;
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|e| Failure::new(Exit::Unavailable, e.to_string()))?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(|e| Failure::new(Exit::Unavailable, e.to_string()))?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: what is in hand is finished first; a second signal stops at once");
    tokio::select! {
        () = daemon.stop() => Ok(Exit::Ok),
        _ = terminate.recv() => Ok(Exit::TryAgain),
        _ = interrupt.recv() => Ok(Exit::TryAgain),
    }
}

impl Daemon {
    /// Opens everything, binds the listeners and starts the loops.
    pub async fn start(config: &Config) -> Result<Self, Failure> {
        let office = Arc::new(office::open(config, Role::Daemon).await?);
        let courier = office::courier_of(config)?;
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let lmtp = listen(config, "lmtp.listen", config.lmtp.listen, Dialect::Lmtp).await?;
        let smtp = listen(config, "smtp.listen", config.smtp.listen, Dialect::Smtp).await?;
        let addresses = [&lmtp, &smtp].map(|bound| bound.as_ref().map(|(_, address, _)| address.clone()));
        for (listener, address, settings) in [lmtp, smtp].into_iter().flatten() {
            tracing::info!(address, protocol = settings.dialect.name(), "listening");
            let porter = Arc::new(Porter(Arc::clone(&office)));
            tasks.spawn(serve(listener, Arc::new(settings), porter.clone(), porter, stop.clone()));
        }
        for _ in 0..config.work.workers {
            tasks.spawn(work::inbox::run(Arc::clone(&office), stop.clone()));
            tasks.spawn(work::outbox::run(Arc::clone(&office), Arc::clone(&courier), stop.clone()));
        }
        tasks.spawn(work::held::run(Arc::clone(&office), stop.clone()));
        let [lmtp, smtp] = addresses;
        write_ports(&config.data.dir, lmtp.as_deref(), smtp.as_deref())?;
        Ok(Daemon { office, lmtp, smtp, stop, tasks })
    }

    /// Stops softly: no new connection, what is in hand is finished, leases are given back.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        let (db, name) = (&self.office.db, &self.office.settings.name);
        for released in [inbox_store::release(db, name).await, outbox_store::release(db, name).await] {
            if let Err(error) = released {
                tracing::warn!(%error, "leases are left to end by themselves");
            }
        }
        db.close().await;
        tracing::info!("stopped");
    }
}

async fn listen(
    config: &Config,
    key: &str,
    listen: Listen,
    dialect: Dialect,
) -> Result<Option<(Listener, String, Settings)>, Failure> {
    let Some(address) = listen.address() else { return Ok(None) };
    let taken = |error: std::io::Error| {
        Failure::new(
            Exit::Config,
            format!(
                "configuration: {key}: cannot listen on {address} ({error}); is another daemon running there?"
            ),
        )
    };
    let listener = Listener::bind(&address.to_string()).await.map_err(taken)?;
    let bound = listener.address().map_err(taken)?;
    let limits = Limits {
        message: config.mail.max_size,
        recipients: config.limits.recipients,
        connections: config.limits.connections,
        ..Limits::default()
    };
    let timeouts = Timeouts { command: config.limits.idle.get(), ..Timeouts::default() };
    let trusted = config.trust.peers.iter().map(|ip| (*ip).into()).collect();
    let settings =
        Settings { limits, timeouts, trusted, ..Settings::new(dialect, config.mail.domain.clone()) };
    Ok(Some((listener, bound, settings)))
}

/// `ports.json` in the data folder: the real ports, for whoever asked for port 0.
fn write_ports(folder: &Path, lmtp: Option<&str>, smtp: Option<&str>) -> Result<(), Failure> {
    let port = |address: Option<&str>| address.and_then(|a| a.rsplit_once(':')?.1.parse::<u16>().ok());
    let ports = serde_json::json!({ "lmtp": port(lmtp), "smtp": port(smtp) });
    let (path, part) = (folder.join("ports.json"), folder.join("ports.json.part"));
    let written = std::fs::write(&part, format!("{ports}\n")).and_then(|()| std::fs::rename(&part, &path));
    written.map_err(|e| {
        Failure::new(
            Exit::Config,
            format!("configuration: data.dir: {} cannot be written ({e})", path.display()),
        )
    })
}
