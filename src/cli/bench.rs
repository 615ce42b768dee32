//! `relais bench`: load on a running daemon, and what it took.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::json;
use tokio::task::JoinSet;

use super::lmtp::Client;
use super::people::Format;
use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::demande::admission::Holder;
use crate::mail::token::{Month, Purpose, Token};
use crate::store::{Role, people};

/// Benchmarks.
#[derive(Debug, Subcommand)]
pub(super) enum Bench {
    /// Sends replies by LMTP over several connections; messages a second and latencies
    #[command(
        after_help = "Example:\n  relais bench lmtp --demande 1 --person lea.martin@caf54.example -n 10000 -c 16"
    )]
    Lmtp(Lmtp),
}

/// What is sent, and where.
#[derive(Debug, Args)]
pub(super) struct Lmtp {
    /// The daemon's LMTP address [default: the port in ports.json]
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: Option<SocketAddr>,
    /// The demande that the replies are for
    #[arg(long)]
    demande: u32,
    /// The account that replies
    #[arg(long, value_name = "ADDRESS")]
    person: String,
    /// How many replies
    #[arg(short, default_value_t = 1000)]
    n: usize,
    /// Over how many connections
    #[arg(short, default_value_t = 16)]
    c: usize,
    /// Bytes of one mail, about
    #[arg(long, default_value_t = 6 * 1024)]
    size: usize,
    #[command(flatten)]
    format: Format,
}

/// Runs one of them.
pub(super) async fn run(config: &Config, bench: &Bench) -> Outcome {
    let Bench::Lmtp(lmtp) = bench;
    let reply = Reply::for_(config, lmtp).await?;
    let to = match lmtp.to {
        Some(to) => to,
        None => port_of(config)?,
    };
    let started = Instant::now();
    let mut connections = JoinSet::new();
    for lane in 0..lmtp.c.max(1) {
        let share = lmtp.n / lmtp.c.max(1) + usize::from(lane < lmtp.n % lmtp.c.max(1));
        connections.spawn(send(to, reply.clone(), lane, share));
    }
    let mut latencies = Vec::with_capacity(lmtp.n);
    while let Some(lane) = connections.join_next().await {
        let lane = lane.map_err(|error| Failure::new(Exit::Unavailable, error.to_string()))?;
        latencies
            .extend(lane.map_err(|error| Failure::new(Exit::Unavailable, format!("LMTP {to}: {error}")))?);
    }
    report(lmtp, started.elapsed(), latencies);
    Ok(Exit::Ok)
}

/// The mail that is sent over and over, each time with its own Message-ID and text.
#[derive(Clone)]
struct Reply {
    from: String,
    to: String,
    head: String,
    body: String,
}

impl Reply {
    async fn for_(config: &Config, lmtp: &Lmtp) -> Result<Self, Failure> {
        let office = office::open(config, Role::Command).await?;
        let unknown = || {
            Failure::new(Exit::No, "no such demande or account; `relais demande list`, `relais people list`")
        };
        let mut tx = office.db.read().await?;
        let person = people::by_address(&mut tx, &lmtp.person).await?.ok_or_else(unknown)?;
        let holder = Holder::Person(person.id);
        let generations = people::generations(&mut tx, lmtp.demande, holder).await?.ok_or_else(unknown)?;
        let generation = generations.for_token();
        let expires = Some(Month::of(office.clock.now()).plus(1));
        let token = Token { demande: lmtp.demande, holder, purpose: Purpose::Repondre, generation, expires };
        let to = office.addressing.reply(&office.keys.ring().mint(&token));
        let domain = person.address.rsplit('@').next().unwrap_or_default();
        let head = format!(
            "Authentication-Results: {}; dkim=pass header.d={domain}\r\nFrom: <{from}>\r\nTo: <{to}>\r\n\
             Subject: Re: banc d'essai\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n",
            config.trust.authserv_id,
            from = person.address,
        );
        let line = "Le dossier avance, voici une ligne de plus pour faire le poids.\r\n";
        Ok(Reply {
            from: person.address,
            to,
            head,
            body: line.repeat(lmtp.size.saturating_sub(512) / line.len() + 1),
        })
    }

    fn mail(&self, lane: usize, rank: usize, run: u32) -> String {
        format!(
            "{}Message-ID: <{run}.{lane}.{rank}@banc.example>\r\n\r\nRéponse {rank} de la voie {lane}.\r\n\r\n{}",
            self.head, self.body
        )
    }
}

fn port_of(config: &Config) -> Result<SocketAddr, Failure> {
    let missing = || {
        Failure::new(
            Exit::Unavailable,
            "no daemon's ports.json in data.dir; start `relais serve` or give --to",
        )
    };
    let text = std::fs::read_to_string(config.data.dir.join("ports.json")).map_err(|_| missing())?;
    let ports: serde_json::Value = serde_json::from_str(&text).map_err(|_| missing())?;
    let port = ports["lmtp"].as_u64().and_then(|port| u16::try_from(port).ok()).ok_or_else(missing)?;
    Ok(SocketAddr::from(([127, 0, 0, 1], port)))
}

async fn send(to: SocketAddr, reply: Reply, lane: usize, share: usize) -> std::io::Result<Vec<Duration>> {
    let mut client = Client::connect(to).await?;
    let mut latencies = Vec::with_capacity(share);
    let run = std::process::id();
    for rank in 0..share {
        let mail = reply.mail(lane, rank, run);
        let started = Instant::now();
        let answers = client.send(&reply.from, &[&reply.to], mail.as_bytes()).await?;
        latencies.push(started.elapsed());
        if let Some(refused) = answers.iter().find(|answer| !answer.is_positive()) {
            return Err(std::io::Error::other(format!("{} {}", refused.code, refused.text)));
        }
    }
    Ok(latencies)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark stay far below 2^52")]
fn report(lmtp: &Lmtp, took: Duration, mut latencies: Vec<Duration>) {
    latencies.sort_unstable();
    let at = |quantile: usize| {
        let rank = (latencies.len() * quantile / 1000).min(latencies.len().saturating_sub(1));
        latencies.get(rank).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    };
    let rate = latencies.len() as f64 / took.as_secs_f64();
    if lmtp.format.json {
        let latency = json!({ "p50": at(500), "p90": at(900), "p99": at(990), "max": at(1000) });
        println!(
            "{}",
            json!({ "messages": latencies.len(), "connections": lmtp.c, "per_second": rate, "latency_ms": latency })
        );
    } else {
        println!(
            "{} messages over {} connections in {:.2} s: {rate:.0} messages/s",
            latencies.len(),
            lmtp.c,
            took.as_secs_f64()
        );
        println!(
            "latency in ms: p50 {:.2}, p90 {:.2}, p99 {:.2}, max {:.2}",
            at(500),
            at(900),
            at(990),
            at(1000)
        );
    }
}
