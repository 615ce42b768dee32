//! The stage: a daemon in a temporary folder, the postman who plays mails into it, and the eye that reads the store.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use uuid::Uuid;

use super::cast::{self, Fixture};
use super::telling::Telling;
use crate::cli::lmtp::{Answer, Client};
use crate::cli::serve::Daemon;
use crate::cli::{Exit, Failure, demande, people as people_command};
use crate::config::Config;
use crate::demande::decide::Scene;
use crate::demande::{Millis, Side};
use crate::mail::letter::{self, Limits};
use crate::store::{demandes, inbox, outbox, people};

/// How long one step may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
/// The story begins on Tuesday 12 May 2026 at 14:00 in Paris.
const BEGINS: Millis = 1_778_587_200_000;

/// Everything the story is played with.
pub(super) struct Stage {
    pub(super) telling: Telling,
    pub(super) number: u32,
    daemon: Daemon,
    folder: TempDir,
    now: Millis,
    client: Client,
    seen: BTreeSet<Uuid>,
}

/// A mail that left since the last look.
pub(super) struct Sent {
    pub(super) to: String,
    pub(super) what: &'static str,
    pub(super) path: String,
}

impl Stage {
    /// Starts the daemon, imports the cast and opens the demande.
    pub(super) async fn open(telling: Telling) -> Result<Self, Failure> {
        let unusable = |error: std::io::Error| Failure::new(Exit::Unavailable, format!("demo: {error}"));
        let folder = tempfile::Builder::new().prefix("relais-demo-").tempdir().map_err(unusable)?;
        let clock = folder.path().join("horloge");
        std::fs::write(&clock, BEGINS.to_string()).map_err(unusable)?;
        let config = Config::load_shipped(&settings(folder.path(), &clock))?;
        let daemon = Daemon::start(&config).await?;
        people_command::import_bytes(&daemon.office, cast::PEOPLE).await?;
        let number = demande::create(&daemon.office, cast::DEMANDE).await?;
        daemon.office.posted.notify_one();
        let address = daemon.lmtp.as_deref().unwrap_or_default().parse();
        let address = address.map_err(|_| Failure::new(Exit::Unavailable, "demo: no LMTP address"))?;
        let client = Client::connect(address).await.map_err(unusable)?;
        Ok(Stage { telling, number, daemon, folder, now: BEGINS, client, seen: BTreeSet::new() })
    }

    /// The story's clock, "14:03".
    pub(super) fn time(&self) -> String {
        let minutes = self.now / 60_000 + crate::demande::delays::paris_offset(self.now);
        format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
    }

    /// Moves the daemon's clock.
    pub(super) fn advance(&mut self, minutes: Millis) -> Result<(), Failure> {
        self.now += minutes * 60_000;
        let clock = self.folder.path().join("horloge");
        std::fs::write(clock, self.now.to_string())
            .map_err(|e| Failure::new(Exit::Unavailable, format!("demo: {e}")))
    }

    /// Plays a fixture as the reply to the last mail that `reader` got; the SMTP answer.
    pub(super) async fn plays(&mut self, fixture: Fixture, reader: &str) -> Result<Answer, Failure> {
        let reply_to = self.reply_address(reader).await?;
        let token = reply_to.split(['+', '@']).nth(1).unwrap_or_default().to_owned();
        let mail = filled(fixture, &reply_to, &token, self.number);
        self.telling.said(&shown(&mail));
        self.hand_over("expediteur@agents.example", &reply_to, &mail).await
    }

    /// Plays a fixture that has no token, to our public address.
    pub(super) async fn plays_without_token(&mut self, fixture: Fixture) -> Result<Answer, Failure> {
        let mail = filled(fixture, "", "", self.number);
        self.telling.said(&shown(&mail));
        let to = format!("notification@{}", self.daemon.office.addressing.domain);
        self.hand_over("expediteur@ailleurs.example", &to, &mail).await
    }

    async fn hand_over(&mut self, sender: &str, to: &str, mail: &[u8]) -> Result<Answer, Failure> {
        let answers = self.client.send(sender, &[to], mail).await;
        let answers = answers.map_err(|e| Failure::new(Exit::Unavailable, format!("demo: LMTP: {e}")))?;
        self.settle().await?;
        answers.into_iter().next().ok_or_else(|| Failure::new(Exit::Unavailable, "demo: LMTP gave no answer"))
    }

    /// Waits until nothing is left to decide nor due to send.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        let office = &self.daemon.office;
        let waiting = async {
            loop {
                let mut tx = office.db.read().await?;
                let (arrivals, notices) = (inbox::counts(&mut tx).await?, outbox::counts(&mut tx).await?);
                drop(tx);
                let due = notices.oldest_due.is_some_and(|at| at <= self.now);
                if arrivals.new == 0 && notices.leased == 0 && !due {
                    return Ok::<(), Failure>(());
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let patience = tokio::time::timeout(PATIENCE, waiting).await;
        patience.map_err(|_| Failure::new(Exit::Unavailable, "demo: the daemon did not come to rest"))?
    }

    /// The Reply-To of the last mail to that address.
    pub(super) async fn reply_address(&self, reader: &str) -> Result<String, Failure> {
        let missing = || Failure::new(Exit::No, format!("demo: no mail left for {reader}"));
        let rows = self.rows().await?;
        let key = self.key_of(reader).await?;
        let row = rows.iter().find(|row| row.to_key == key && row.path.is_some()).ok_or_else(missing)?;
        let mail = std::fs::read(row.path.as_deref().unwrap_or_default()).map_err(|_| missing())?;
        let text = String::from_utf8_lossy(&mail);
        let header = text.lines().find_map(|line| line.strip_prefix("Reply-To:")).ok_or_else(missing)?;
        Ok(header.trim().trim_matches(['<', '>']).to_owned())
    }

    async fn key_of(&self, reader: &str) -> Result<String, Failure> {
        let person = people::by_address(&mut self.daemon.office.db.read().await?, reader).await?;
        Ok(person.map_or_else(|| reader.to_owned(), |person| format!("person:{}", person.id.0)))
    }

    /// The outbox of the demande, the latest first.
    async fn rows(&self) -> Result<Vec<outbox::Row>, Failure> {
        let filter = outbox::Filter { demande: Some(self.number), limit: 200, ..outbox::Filter::default() };
        Ok(outbox::list(&mut self.daemon.office.db.read().await?, filter).await?)
    }

    /// The mails that left since the last look.
    pub(super) async fn new_mails(&mut self) -> Result<Vec<Sent>, Failure> {
        let scene = self.scene().await?;
        let mut sent = Vec::new();
        for row in self.rows().await?.iter().rev() {
            if let Some(path) = row.path.clone().filter(|_| !self.seen.contains(&row.id)) {
                self.seen.insert(row.id);
                sent.push(Sent { to: reader(&scene, &row.order.to), what: row.order.what.code(), path });
            }
        }
        Ok(sent)
    }

    pub(super) async fn scene(&self) -> Result<Scene, Failure> {
        let scene = demandes::scene(&mut self.daemon.office.db.read().await?, self.number).await?;
        scene.ok_or_else(|| Failure::new(Exit::No, "demo: the demande is gone"))
    }

    /// The words for the state: the author's, her colleague's, an instructeur's.
    pub(super) async fn labels(&self) -> Result<[&'static str; 3], Failure> {
        let demande = self.scene().await?.demande;
        let (auteur, instructeurs) =
            (demande.etat(Side::Auteur, self.now), demande.etat(Side::Instructeurs, self.now));
        Ok([auteur.label(true), auteur.label(false), instructeurs.label(false)])
    }

    /// What the entry of that rank says.
    pub(super) async fn text_of(&self, n: u32) -> Result<String, Failure> {
        Ok(self.scene().await?.demande.entry(n).map(|entry| entry.text.clone()).unwrap_or_default())
    }

    /// The last arrival, as the operator sees it.
    pub(super) async fn last_arrival(&self) -> Result<inbox::Row, Failure> {
        let filter = inbox::Filter { state: None, limit: 1 };
        let rows = inbox::list(&mut self.daemon.office.db.read().await?, filter).await?;
        rows.into_iter().next().ok_or_else(|| Failure::new(Exit::No, "demo: the inbox is empty"))
    }

    /// What to type to answer oneself, for `--keep`.
    pub(super) async fn how_to_reply(&self) -> Result<String, Failure> {
        let reply_to = self.reply_address(cast::LEA).await?;
        let lmtp = self.daemon.lmtp.clone().unwrap_or_default();
        let folder = self.folder.path().display();
        Ok(format!(
            "\nLe démon tourne encore (LMTP {lmtp}, dossier {folder}). Répondez vous-même, comme Léa Martin :\n\n\
             \x20 swaks --protocol LMTP --server {lmtp} --from {lea} --to {reply_to} \\\n\
             \x20   --add-header 'Authentication-Results: mx.demandes.example; dkim=pass header.d=caf54.example' \\\n\
             \x20   --body '!traitée'\n\n\
             Les mails partent dans {folder}/sortie. Ctrl-C arrête.",
            lea = cast::LEA,
        ))
    }

    /// Stops the daemon and removes the folder.
    pub(super) async fn close(self) {
        drop(self.client);
        self.daemon.stop().await;
    }

    /// Leaves the folder as it is.
    pub(super) fn leave(self) -> PathBuf {
        self.folder.keep()
    }
}

fn settings(folder: &Path, clock: &Path) -> Vec<String> {
    vec![
        format!("data.dir={}", folder.display()),
        format!("clock.file={}", clock.display()),
        "lmtp.listen=127.0.0.1:0".to_owned(),
        "dns.resolver=off".to_owned(),
        "work.poll=50ms".to_owned(),
        "log.level=warn".to_owned(),
    ]
}

/// The placeholders of mailbox-fixtures/README.md, filled in.
fn filled(fixture: Fixture, reply_to: &str, token: &str, number: u32) -> Vec<u8> {
    let text = String::from_utf8_lossy(fixture.bytes);
    let text =
        text.replace("reponse+jeton@demandes.example", reply_to).replace("jeton@", &format!("{token}@"));
    text.replace("=231234", &format!("=23{number}")).replace("#1234", &format!("#{number}")).into_bytes()
}

/// The readable text of a mail, before relais cuts it.
fn shown(mail: &[u8]) -> String {
    letter::read(mail, &Limits::default()).map(|letter| letter.body.text).unwrap_or_default()
}

fn reader(scene: &Scene, to: &crate::demande::notice::Reader) -> String {
    use crate::demande::notice::Reader;
    match to {
        Reader::Person(id) => scene.people.get(id).map(crate::demande::Person::name).unwrap_or_default(),
        Reader::Group(id) => {
            scene.groups.get(id).map(|group| format!("boîte de {}", group.name)).unwrap_or_default()
        }
        Reader::Address(address) => address.clone(),
    }
}
