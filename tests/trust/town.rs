//! A small town: Nadia, aidante at a France Services, asks; Léa (CAF, which has a shared mailbox) and Karim (CPAM)
//! answer. A postman brings mails to the inbox; a bag catches what leaves.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use futures::future::BoxFuture;
use relais::clock::Clock;
use relais::demande::comptes::{ImportedGroup, ImportedPerson};
use relais::demande::decide::{self, Rules, Scene};
use relais::demande::{Part, Participant, Person, Side};
use relais::mail::letter::{Limits, read};
use relais::mail::token::Addressing;
use relais::mail::verdict::{self, Dns, Judge};
use relais::receive::{Door, Envelope, Peer};
use relais::send::{Courier, Outcome, Parcel};
use relais::store::demandes::{self, NewDemande};
use relais::store::inbox::{self, Arrival, Row};
use relais::store::people;
use relais::store::{Db, Role, audit, outbox};
use relais::work::{self, Keys, Office, Settings};
use tokio::sync::Notify;
use uuid::Uuid;

/// 24 November 2026, 10 in the morning in Paris.
pub(crate) const MORNING: i64 = 1_795_510_800_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) const NADIA: &str = "nadia.benali@mairie-valbrume.example";
pub(crate) const LEA: &str = "lea.martin@caf54.example";
pub(crate) const KARIM: &str = "karim.haddad@cpam54.example";
pub(crate) const BAL: &str = "contact@caf54.example";
pub(crate) const STRANGER: &str = "marc.temoin@ailleurs.example";

pub(crate) struct Town {
    pub(crate) office: Office,
    pub(crate) bag: Bag,
    pub(crate) demande: u32,
    _folder: tempfile::TempDir,
}

/// The courier of the tests: takes everything, or answers what it is told to.
#[derive(Default)]
pub(crate) struct Bag {
    sent: Mutex<Vec<Sent>>,
    pub(crate) refuses: Mutex<BTreeMap<String, Outcome>>,
}

/// A mail that left.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) envelope_from: String,
    pub(crate) raw: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Courier for Bag {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome> {
        if let Some(outcome) = self.refuses.lock().unwrap().get(&parcel.to) {
            let outcome = outcome.clone();
            return Box::pin(async move { outcome });
        }
        let letter = read(&parcel.bytes, &Limits::default()).unwrap();
        self.sent.lock().unwrap().push(Sent {
            to: parcel.to.clone(),
            envelope_from: parcel.from.clone(),
            raw: String::from_utf8_lossy(&parcel.bytes).replace("\r\n ", " ").replace("\r\n\t", " "),
            subject: letter.subject.clone(),
            text: letter.body.text,
        });
        Box::pin(async { Outcome::Delivered { answer: "250 ok".to_owned() } })
    }
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> String {
        let field = format!("{}:", name.to_lowercase());
        let line = self.raw.lines().find(|line| line.to_lowercase().starts_with(&field));
        line.map(|line| line[field.len()..].trim().to_owned()).unwrap_or_default()
    }

    /// The bare address in Reply-To.
    pub(crate) fn reply_to(&self) -> String {
        let value = self.header("reply-to");
        let bare = value.rsplit_once('<').map_or(value.as_str(), |(_, address)| address);
        bare.trim_end_matches('>').to_owned()
    }
}

/// A mail on its way to relais.
#[derive(Clone)]
pub(crate) struct Mail {
    from: String,
    to: String,
    text: String,
    proved: bool,
    fields: String,
    sender: Option<String>,
    message_id: Option<&'static str>,
}

impl Mail {
    pub(crate) fn new(from: &str, to: &str, text: &str) -> Self {
        let (from, to, text) = (from.to_owned(), to.to_owned(), text.to_owned());
        Mail {
            sender: Some(from.clone()),
            from,
            to,
            text,
            proved: true,
            fields: String::new(),
            message_id: None,
        }
    }

    /// Nothing proves its From.
    pub(crate) fn unproved(self) -> Self {
        Mail { proved: false, ..self }
    }

    pub(crate) fn field(self, line: &str) -> Self {
        Mail { fields: format!("{}{line}\r\n", self.fields), ..self }
    }

    /// With a Message-ID of its own choice.
    pub(crate) fn called(self, message_id: &'static str) -> Self {
        Mail { message_id: Some(message_id), ..self }
    }

    /// With the null sender of reports.
    pub(crate) fn null_sender(self) -> Self {
        Mail { sender: None, ..self }
    }

    fn bytes(&self, id: Uuid) -> Vec<u8> {
        let domain = self.from.split('@').nth(1).unwrap_or_default();
        let results = if self.proved {
            format!("dkim=pass header.d={domain}; dmarc=pass header.from={domain}")
        } else {
            "none".to_owned()
        };
        format!(
            "Authentication-Results: mx.demandes.example; {results}\r\nFrom: <{}>\r\nTo: {}\r\n\
             Subject: Re: votre message\r\nMessage-ID: <{}>\r\n{}MIME-Version: 1.0\r\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            self.from,
            self.to,
            self.message_id.map_or_else(|| format!("{}@client.example", id.simple()), ToOwned::to_owned),
            self.fields,
            self.text.replace('\n', "\r\n"),
        )
        .into_bytes()
    }
}

impl Town {
    /// The town with one demande open, its first notices delivered.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::scripted(MORNING);
        let url = format!("sqlite:{}", folder.path().join("relais.db").display());
        let db = Db::open(&url, Role::Daemon).await.unwrap();
        let keys = Keys::open(&folder.path().join("cle"), MORNING).unwrap();
        let office = Office {
            scanner: None,
            db,
            keys,
            addressing: Addressing::new("demandes.example"),
            judge: judge(),
            settings: settings(),
            kept: Notify::new(),
            posted: Notify::new(),
            clock,
        };
        let mut town = Town { office, bag: Bag::default(), demande: 0, _folder: folder };
        town.open().await;
        town
    }

    async fn open(&mut self) {
        let mut tx = self.office.db.begin().await.unwrap();
        people::import(&mut tx, &cast(), MORNING).await.unwrap();
        let mut of = Vec::new();
        for address in [NADIA, LEA, KARIM] {
            of.push(people::by_address(&mut tx, address).await.unwrap().unwrap());
        }
        let groups = [of[1].groups[0], of[2].groups[0]];
        self.demande = demandes::create(&mut tx, &demande(&of, &groups)).await.unwrap();
        let scene = demandes::scene(&mut tx, self.demande).await.unwrap().unwrap();
        let orders = decide::open(&scene, MORNING);
        outbox::post(&mut tx, &self.office.clock, Some(self.demande), None, &orders).await.unwrap();
        tx.commit().await.unwrap();
        self.works().await;
    }

    /// Brings a mail and has everything worked; its row in the inbox.
    pub(crate) async fn receives(&self, mail: &Mail) -> Row {
        let id = self.keeps(mail).await;
        self.works().await;
        self.row(id).await
    }

    /// Brings a mail, and leaves it unworked.
    pub(crate) async fn keeps(&self, mail: &Mail) -> Uuid {
        let envelope = Envelope {
            sender: mail.sender.clone(),
            recipients: vec![mail.to.clone()],
            peer: Peer { ip: None, helo: String::new(), door: Door::Lmtp, tls: false, trusted: true },
        };
        let (clock, envelope) = (&self.office.clock, serde_json::to_value(&envelope).unwrap());
        self.office.clock.advance(1);
        let arrival = Arrival::letter(envelope, mail.bytes(clock.new_id()), clock.now());
        inbox::keep(&self.office.db, clock, arrival).await.unwrap().id
    }

    /// Everything that can be done now is done.
    pub(crate) async fn works(&self) {
        loop {
            let arrivals = work::inbox::work_once(&self.office).await.unwrap();
            let ended = work::held::sweep(&self.office).await.unwrap();
            let notices = work::outbox::work_once(&self.office, &self.bag).await.unwrap();
            if arrivals + ended + notices == 0 {
                return;
            }
        }
    }

    /// Time passes.
    pub(crate) async fn later(&self, by: i64) {
        self.office.clock.advance(by);
        self.works().await;
    }

    pub(crate) async fn row(&self, id: Uuid) -> Row {
        inbox::show(&mut self.office.db.read().await.unwrap(), id).await.unwrap().unwrap().row
    }

    pub(crate) async fn scene(&self) -> Scene {
        let mut tx = self.office.db.read().await.unwrap();
        demandes::scene(&mut tx, self.demande).await.unwrap().unwrap()
    }

    /// The texts of the thread, oldest first.
    pub(crate) async fn thread(&self) -> Vec<String> {
        let scene = self.scene().await;
        let told = |e: &relais::demande::Entry| format!("{} {}: {}", e.kind.code(), e.author.name, e.text);
        scene.demande.entries.iter().map(told).collect()
    }

    pub(crate) async fn person(&self, address: &str) -> Person {
        let mut tx = self.office.db.read().await.unwrap();
        people::by_address(&mut tx, address).await.unwrap().unwrap()
    }

    /// What was done to the demande, from the audit.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let mut tx = self.office.db.read().await.unwrap();
        let lines = audit::of_demande(&mut tx, self.demande).await.unwrap();
        lines.iter().map(|line| format!("{} {} {}", line.who, line.door, line.what)).collect()
    }

    /// Takes what left since the last time.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.bag.sent.lock().unwrap())
    }

    /// The one mail that left to that address.
    pub(crate) fn one_to(&self, address: &str) -> Sent {
        let all = self.sent();
        let to: Vec<_> = all.iter().filter(|sent| sent.to == address).collect();
        assert_eq!(to.len(), 1, "to {address}: {all:#?}");
        to[0].clone()
    }

    /// The reply address that this person got for the demande.
    pub(crate) fn reply_address(&self, address: &str) -> String {
        self.one_to(address).reply_to()
    }
}

fn judge() -> Judge {
    Judge::new(verdict::Settings {
        host: "demandes.example".to_owned(),
        authserv_id: Some("mx.demandes.example".to_owned()),
        unsigned_domains: Vec::new(),
        public_suffixes: Vec::new(),
        trusted_sealers: Vec::new(),
        dns: Dns::Off,
        dns_timeout: Duration::from_secs(1),
        dns_cache: 16,
    })
    .unwrap()
}

fn settings() -> Settings {
    Settings {
        name: "test".to_owned(),
        rules: Rules { undo_window: 10 * MINUTE },
        limits: Limits { display: false, ..Limits::default() },
        batch: 32,
        lease: 5 * MINUTE,
        poll: Duration::from_millis(10),
        give_up: 5 * DAY,
        validity_months: 18,
        sender: "notification".to_owned(),
        support: "support@demandes.example".to_owned(),
    }
}

fn cast() -> [ImportedPerson; 3] {
    let person = |first: &str, last: &str, address: &str, group: (&str, &str, Option<&str>)| ImportedPerson {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        address: address.to_owned(),
        groups: vec![ImportedGroup {
            name: group.0.to_owned(),
            organisme: group.1.to_owned(),
            territoires: vec!["54".to_owned()],
            bal: group.2.map(ToOwned::to_owned),
        }],
        ..ImportedPerson::default()
    };
    let mut nadia = person("Nadia", "Benali", NADIA, ("France Services Valbrume", "MFS", None));
    let mut lea = person("Léa", "Martin", LEA, ("CAF 54", "CAF", Some(BAL)));
    let mut karim = person("Karim", "Haddad", KARIM, ("CPAM 54", "CPAM", None));
    (nadia.aidant, lea.instructeur, karim.instructeur) = (true, true, true);
    [nadia, lea, karim]
}

fn demande(of: &[Person], groups: &[relais::demande::GroupId]) -> NewDemande {
    let part = |person: &Person, side, role| Participant {
        person: person.id,
        side,
        role,
        joined_at: MORNING,
        left_at: None,
        follows: true,
    };
    NewDemande {
        sujet: "Droits suspendus depuis mars".to_owned(),
        description: "Deux courriers sans réponse.".to_owned(),
        infos: BTreeMap::new(),
        territoire: "54".to_owned(),
        structure: Some((of[0].groups[0], "France Services Valbrume".to_owned())),
        author: of[0].id,
        mandat: None,
        created_at: MORNING,
        participants: vec![
            part(&of[0], Side::Auteur, Part::Auteur),
            part(&of[1], Side::Instructeurs, Part::Instructeur),
            part(&of[2], Side::Instructeurs, Part::Instructeur),
        ],
        groups: groups.to_vec(),
    }
}

/// Whom these mails went to, in order of address.
pub(crate) fn addresses(sent: &[Sent]) -> Vec<&str> {
    let mut to: Vec<_> = sent.iter().map(|sent| sent.to.as_str()).collect();
    to.sort_unstable();
    to
}
