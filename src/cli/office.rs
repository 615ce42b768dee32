//! From the configuration to what the work needs: database, keys, judge, courier.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use super::{Exit, Failure};
use crate::config::{Config, Starttls};
use crate::demande::decide::Rules;
use crate::mail::letter::Limits;
use crate::mail::token::Addressing;
use crate::mail::verdict::{self, Dns, Judge};
use crate::send::{Courier, courier};
use crate::store::{Db, Role};
use crate::work::{Keys, Office, Scanner, Settings};

/// Most DNS answers kept.
const DNS_CACHE: u64 = 10_000;

/// Opens the database, the keys and the judge that the configuration names. The data folder is made at need, for its
/// owner only.
pub async fn open(config: &Config, role: Role) -> Result<Office, Failure> {
    make_folder(&config.data.dir)?;
    let clock = config.clock();
    let db = Db::open(&config.database_url()?, role).await?;
    let keys = Keys::open(&config.tokens.key_file, clock.now())
        .map_err(|error| Failure::new(Exit::Config, format!("tokens.key_file: {error}")))?;
    Ok(Office {
        db,
        keys,
        addressing: addressing(config),
        judge: judge(config)?,
        scanner: scanner(config)?,
        settings: settings(config),
        kept: Notify::new(),
        posted: Notify::new(),
        clock,
    })
}

fn scanner(config: &Config) -> Result<Option<Scanner>, Failure> {
    Scanner::parse(&config.scan.clamd, config.scan.timeout.get())
        .map_err(|problem| Failure::new(Exit::Config, format!("configuration: scan.clamd: {problem}")))
}

/// How this configuration writes addresses.
pub fn addressing(config: &Config) -> Addressing {
    Addressing {
        separator: config.mail.separator.chars().next().unwrap_or('+'),
        ..Addressing::new(config.mail.domain.clone())
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        name: uuid::Uuid::new_v4().to_string(),
        rules: Rules { undo_window: config.undo.window.as_millis() },
        limits: Limits { display: false, ..Limits::default() },
        batch: config.work.batch,
        lease: config.work.lease.as_millis(),
        poll: config.work.poll.get(),
        give_up: config.outbound.give_up.as_millis(),
        validity_months: config.tokens.validity_months,
        sender: config.mail.sender.clone(),
        support: config.support.address.clone(),
    }
}

/// Who tells how far a From is proved.
pub fn judge(config: &Config) -> Result<Judge, Failure> {
    let trust = &config.trust;
    let dns = match config.dns.resolver.as_str() {
        "" => Dns::System,
        "off" => Dns::Off,
        address => Dns::At(resolver(address)?),
    };
    let settings = verdict::Settings {
        host: config.mail.domain.clone(),
        authserv_id: Some(trust.authserv_id.clone()).filter(|id| !id.is_empty()),
        unsigned_domains: trust.unsigned_domains.to_vec(),
        public_suffixes: trust.extra_suffixes.to_vec(),
        trusted_sealers: trust.sealers.to_vec(),
        dns,
        dns_timeout: config.dns.timeout.get(),
        dns_cache: DNS_CACHE,
    };
    Judge::new(settings).map_err(|error| Failure::new(Exit::Config, format!("configuration: {error}")))
}

fn resolver(address: &str) -> Result<SocketAddr, Failure> {
    let with_port = if address.parse::<std::net::IpAddr>().is_ok() {
        format!("{address}:53")
    } else {
        address.to_owned()
    };
    with_port.parse().map_err(|_| {
        Failure::new(Exit::Config, "configuration: dns.resolver: must be an address and a port such as 127.0.0.1:53, \"off\", or empty")
    })
}

/// The courier that `outbound.url` names.
pub fn courier_of(config: &Config) -> Result<Arc<dyn Courier>, Failure> {
    courier(&outbound_url(config)?, &config.mail.domain)
        .map_err(|error| Failure::new(Exit::Config, format!("configuration: outbound.url: {error}")))
}

/// `outbound.url` with the folder made absolute, or with the password and the STARTTLS setting put in.
fn outbound_url(config: &Config) -> Result<String, Failure> {
    if let Some(folder) = config.outbound_folder() {
        make_folder(&folder)?;
        let folder = folder.canonicalize().unwrap_or(folder);
        return Ok(format!("folder:{}", folder.display()));
    }
    let wrong = |problem: &str| Failure::new(Exit::Config, format!("configuration: outbound.url: {problem}"));
    let mut url = url::Url::parse(&config.outbound.url).map_err(|error| wrong(&error.to_string()))?;
    if let Some(password) = config.outbound_password()? {
        url.set_password(Some(password.reveal())).map_err(|()| wrong("cannot hold a password"))?;
    }
    if url.scheme() == "smtp" && url.query().is_none() {
        let starttls = match config.outbound.starttls {
            Starttls::Opportunistic => "opportunistic",
            Starttls::Required => "required",
            Starttls::None => "none",
        };
        url.set_query(Some(&format!("starttls={starttls}")));
    }
    Ok(url.into())
}

/// Makes a folder that only its owner may read.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        Failure::new(
            Exit::Config,
            format!("configuration: data.dir: {} cannot be made ({error})", path.display()),
        )
    })
}
