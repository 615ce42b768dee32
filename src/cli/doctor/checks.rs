//! The checks of `relais doctor`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Finding, Health};
use crate::cli::office;
use crate::config::Config;
use crate::demande::Millis;
use crate::mail::token::Keyring;
use crate::mail::verdict::answers;
use crate::store::{Db, Role, inbox, outbox};

const PATIENCE: Duration = Duration::from_secs(5);
/// Before this date, 1 January 2026, a clock is wrong.
const EARLIEST: Millis = 1_767_225_600_000;

fn ok(thing: &'static str, told: impl Into<String>) -> Finding {
    Finding { health: Health::Ok, thing, told: told.into() }
}

fn warn(thing: &'static str, told: impl Into<String>) -> Finding {
    Finding { health: Health::Warn, thing, told: told.into() }
}

fn fail(thing: &'static str, told: impl Into<String>) -> Finding {
    Finding { health: Health::Fail, thing, told: told.into() }
}

/// Rights of a path beyond its owner's.
fn open_to_others(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

pub(super) fn data_folder(config: &Config) -> Finding {
    let (thing, path) = ("data", &config.data.dir);
    if let Err(failure) = office::make_folder(path) {
        return fail(thing, format!("{failure}; make it, owned by relais' user, or set data.dir"));
    }
    match tempfile::tempfile_in(path) {
        Err(error) => {
            fail(thing, format!("{} cannot be written ({error}); give it to relais' user", path.display()))
        }
        Ok(_) => match open_to_others(path) {
            Some(mode) => {
                fail(thing, format!("{} may be read by others ({mode:o}); chmod 700 it", path.display()))
            }
            None => ok(thing, path.display().to_string()),
        },
    }
}

pub(super) fn keys(config: &Config) -> Finding {
    let (thing, path) = ("keys", &config.tokens.key_file);
    if !path.exists() {
        return warn(
            thing,
            format!("{} is made at first start; keep a copy of it apart from the backups", path.display()),
        );
    }
    match Keyring::load(path) {
        Ok(keys) => ok(thing, format!("{} key(s) in {}", keys.ages().len(), path.display())),
        Err(error) => fail(thing, error.to_string()),
    }
}

pub(super) async fn database(config: &Config) -> Finding {
    let thing = "database";
    let url = match config.database_url() {
        Ok(url) => url,
        Err(error) => return fail(thing, error.to_string()),
    };
    let counted = async {
        let db = Db::open(&url, Role::Command).await?;
        let mut tx = db.begin().await?;
        let (arrivals, notices) = (inbox::counts(&mut tx).await?, outbox::counts(&mut tx).await?);
        tx.rollback().await?;
        Ok::<_, crate::store::StoreError>((arrivals, notices))
    };
    match counted.await {
        Ok((arrivals, notices)) if arrivals.dead + notices.dead > 0 => warn(
            thing,
            format!(
                "{} dead arrivals and {} dead notices: `relais inbox list --state dead`, `relais outbox list --state dead`",
                arrivals.dead, notices.dead
            ),
        ),
        Ok((arrivals, notices)) => ok(
            thing,
            format!(
                "writable; {} to decide, {} held, {} to send",
                arrivals.new, arrivals.held, notices.waiting
            ),
        ),
        Err(error) => fail(thing, format!("{error}; check database.url and that the server runs")),
    }
}

pub(super) async fn daemon(config: &Config) -> Finding {
    let thing = "daemon";
    let ports = std::fs::read_to_string(config.data.dir.join("ports.json")).unwrap_or_default();
    let port =
        serde_json::from_str::<serde_json::Value>(&ports).ok().and_then(|ports| ports["lmtp"].as_u64());
    let Some(port) = port else {
        return warn(thing, "none started here yet: `relais serve`");
    };
    match greeting(&format!("127.0.0.1:{port}")).await {
        Ok(_) => ok(thing, format!("answers by LMTP on port {port}")),
        Err(_) => {
            warn(thing, format!("nobody answers on port {port}, where the last one listened: `relais serve`"))
        }
    }
}

pub(super) async fn dns(config: &Config) -> Finding {
    let thing = "dns";
    if config.dns.resolver == "off" {
        return ok(thing, "off: only the named relay's word counts");
    }
    let judge = match office::judge(config) {
        Ok(judge) => judge,
        Err(failure) => return fail(thing, failure.to_string()),
    };
    let started = tokio::time::Instant::now();
    match timeout(PATIENCE, answers(&judge, &config.mail.domain)).await {
        Ok(true) => ok(thing, format!("answers in {} ms", started.elapsed().as_millis())),
        Ok(false) | Err(_) => fail(
            thing,
            "no answer: mails that no relay vouches for would be put off; set dns.resolver, or \"off\" when the relay verifies",
        ),
    }
}

pub(super) async fn relay(config: &Config) -> Finding {
    let thing = "outbound";
    if let Err(failure) = office::courier_of(config) {
        return fail(thing, failure.to_string());
    }
    if let Some(folder) = config.outbound_folder() {
        return warn(
            thing,
            format!("mails are written into {}; set outbound.url to send them", folder.display()),
        );
    }
    let Ok(url) = url::Url::parse(&config.outbound.url) else { return fail(thing, "outbound.url is no URL") };
    let port = url.port().unwrap_or(if url.scheme() == "smtps" { 465 } else { 25 });
    let address = format!("{}:{port}", url.host_str().unwrap_or_default());
    if url.scheme() == "smtps" {
        return match timeout(PATIENCE, TcpStream::connect(&address)).await {
            Ok(Ok(_)) => ok(thing, format!("{address} takes connections")),
            _ => fail(thing, format!("{address} cannot be reached; check outbound.url and the firewall")),
        };
    }
    match greeting(&address).await {
        Ok(line) if line.starts_with("220") => ok(thing, format!("{address} answers: {}", line.trim_end())),
        Ok(line) => fail(thing, format!("{address} does not greet as a relay: {}", line.trim_end())),
        Err(error) => {
            fail(thing, format!("{address} cannot be reached ({error}); check outbound.url and the firewall"))
        }
    }
}

/// The first line of an SMTP or LMTP server.
async fn greeting(address: &str) -> std::io::Result<String> {
    let talk = async {
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        stream.write_all(b"QUIT\r\n").await?;
        Ok(line)
    };
    timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

pub(super) fn clock(config: &Config) -> Finding {
    let now = config.clock().now();
    match config.clock.file.as_str() {
        "" if now < EARLIEST => fail("clock", "the machine's clock is before 2026; start its time service"),
        "" => ok("clock", "the machine's"),
        file => warn("clock", format!("scripted by {file}: for tests only")),
    }
}

pub(super) fn addresses(config: &Config) -> Finding {
    let shipped = |text: &str| text.ends_with(".example");
    if shipped(&config.mail.domain) || shipped(&config.support.address) || shipped(&config.trust.authserv_id)
    {
        return warn(
            "addresses",
            "mail.domain, support.address or trust.authserv_id are still the shipped examples",
        );
    }
    ok("addresses", format!("mails for {}, help at {}", config.mail.domain, config.support.address))
}
