//! One demande on the whole road: Nadia and Omar (a France Services, which has a mailbox) ask; Léa and Karim (CAF 54,
//! which has one too) and Paul (CPAM 54) answer. Mails are put into the inbox; a bag catches what leaves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use futures::future::BoxFuture;
use relais::cli::office;
use relais::config::Config;
use relais::demande::comptes::{ImportedGroup, ImportedPerson};
use relais::demande::decide::{self, Scene};
use relais::demande::{Entry, GroupId, Part, Participant, Person, Side};
use relais::mail::letter::{Limits, read};
use relais::receive::{Door, Envelope, Peer};
use relais::send::{Courier, Outcome, Parcel};
use relais::store::demandes::{self, NewDemande};
use relais::store::inbox::{self, Arrival, Row};
use relais::store::people;
use relais::store::{Role, Tx, outbox};
use relais::work::{self, Office};
use uuid::Uuid;

/// 24 November 2026, 10 in the morning in Paris.
const MORNING: i64 = 1_795_510_800_000;
pub(crate) const MINUTE: i64 = 60_000;

pub(crate) const NADIA: &str = "nadia.benali@valbrume.example";
pub(crate) const OMAR: &str = "omar.petit@valbrume.example";
pub(crate) const ACCUEIL: &str = "accueil@valbrume.example";
pub(crate) const LEA: &str = "lea.martin@caf54.example";
pub(crate) const KARIM: &str = "karim.haddad@caf54.example";
pub(crate) const CAF: &str = "contact@caf54.example";
pub(crate) const PAUL: &str = "paul.girard@cpam54.example";

pub(crate) struct House {
    pub(crate) office: Office,
    pub(crate) demande: u32,
    bag: Bag,
    clock: PathBuf,
    now: Mutex<i64>,
    _folder: tempfile::TempDir,
}

#[derive(Default)]
struct Bag(Mutex<Vec<Sent>>);

/// A mail that left.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) to: String,
    /// Head unfolded; every part as it was encoded.
    pub(crate) raw: String,
    pub(crate) subject: String,
    /// Text part, decoded.
    pub(crate) text: String,
    /// Everything that can be read in it: head, text, HTML, names and bytes of files.
    pub(crate) whole: String,
    /// Names of its files.
    pub(crate) files: Vec<String>,
}

impl Courier for Bag {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome> {
        let sent = Sent::of(parcel);
        self.0.lock().unwrap().push(sent);
        Box::pin(async { Outcome::Delivered { answer: "250 ok".to_owned() } })
    }
}

impl Sent {
    fn of(parcel: &Parcel) -> Self {
        let letter = read(&parcel.bytes, &Limits::default()).unwrap();
        let raw = String::from_utf8_lossy(&parcel.bytes).replace("\r\n ", " ").replace("\r\n\t", " ");
        let parsed = mail_parser::MessageParser::new().parse(&parcel.bytes).unwrap();
        let html = parsed.body_html(0).unwrap_or_default().into_owned();
        let text = parsed.body_text(0).unwrap_or_default().into_owned();
        let head = raw.split("\r\n\r\n").next().unwrap_or_default();
        let mut whole = [head, &parcel.from, &letter.subject, &text, &html].join("\n");
        for file in &letter.attachments {
            whole.extend(["\n", &file.name, "\n", &String::from_utf8_lossy(&file.bytes)]);
        }
        let files = letter.attachments.iter().map(|file| file.name.clone()).collect();
        Sent { to: parcel.to.clone(), subject: letter.subject, text, whole, files, raw }
    }

    /// The bare address in Reply-To.
    pub(crate) fn reply_to(&self) -> String {
        let line = self.raw.lines().find(|line| line.starts_with("Reply-To:")).unwrap();
        line["Reply-To:".len()..].trim().trim_matches(['<', '>']).to_owned()
    }
}

/// A mail whose From is proved, as text until it is put into the inbox.
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) fields: String,
    pub(crate) content: Vec<u8>,
}

impl Mail {
    pub(crate) fn new(from: &str, to: &str, text: &str) -> Self {
        let text =
            format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n", text.replace('\n', "\r\n"));
        Mail { from: from.to_owned(), to: to.to_owned(), fields: String::new(), content: text.into_bytes() }
    }

    pub(crate) fn field(mut self, line: &str) -> Self {
        self.fields += line;
        self.fields += "\r\n";
        self
    }

    /// With files beside its text: name, declared type, bytes.
    pub(crate) fn with(self, files: &[(&str, &str, &[u8])]) -> Self {
        use std::fmt::Write;
        let mut content = "Content-Type: multipart/mixed; boundary=xxx\r\n\r\n--xxx\r\n".to_owned();
        content += &String::from_utf8(self.content).unwrap();
        for (name, kind, bytes) in files {
            let encoded = data_encoding::BASE64.encode(bytes);
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
            write!(
                content,
                "--xxx\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
                lines.join("\r\n")
            )
            .unwrap();
        }
        Mail { content: (content + "--xxx--\r\n").into_bytes(), ..self }
    }

    fn bytes(&self, id: Uuid) -> Vec<u8> {
        let domain = self.from.split('@').nth(1).unwrap_or_default();
        let subject = if self.fields.contains("Subject:") { "" } else { "Subject: Re: votre message\r\n" };
        let head = format!(
            "Authentication-Results: mx.demandes.example; dkim=pass header.d={domain}\r\nFrom: <{}>\r\nTo: {}\r\n\
             {subject}Message-ID: <{}@client.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\
             MIME-Version: 1.0\r\n{}",
            self.from,
            self.to,
            id.simple(),
            self.fields
        );
        [head.as_bytes(), &self.content].concat()
    }
}

impl House {
    /// The demande is open, its first notices delivered.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// The same with further settings.
    pub(crate) async fn open_with(sets: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, MORNING.to_string()).unwrap();
        let own = [
            format!("data.dir={}", folder.path().join("data").display()),
            format!("clock.file={}", clock.display()),
            "dns.resolver=off".to_owned(),
        ];
        let sets: Vec<String> = own.into_iter().chain(sets.iter().map(ToString::to_string)).collect();
        let config = Config::load(None, &sets).unwrap();
        let office = office::open(&config, Role::Daemon).await.unwrap();
        let mut house = House {
            office,
            demande: 0,
            bag: Bag::default(),
            clock,
            now: Mutex::new(MORNING),
            _folder: folder,
        };
        house.begin().await;
        house
    }

    async fn begin(&mut self) {
        let mut tx = self.office.db.begin().await.unwrap();
        people::import(&mut tx, &cast(), MORNING).await.unwrap();
        let new = new_demande(&mut tx).await;
        self.demande = demandes::create(&mut tx, &new).await.unwrap();
        let scene = demandes::scene(&mut tx, self.demande).await.unwrap().unwrap();
        let orders = decide::open(&scene, MORNING);
        outbox::post(&mut tx, &self.office.clock, Some(self.demande), None, &orders).await.unwrap();
        tx.commit().await.unwrap();
        self.works().await;
    }

    /// Has a mail kept and everything worked; its row in the inbox.
    pub(crate) async fn receives(&self, mail: &Mail) -> Row {
        let id = self.keeps(mail).await;
        self.works().await;
        self.row(id).await
    }

    /// Has a mail kept.
    pub(crate) async fn keeps(&self, mail: &Mail) -> Uuid {
        self.later(1);
        let envelope = Envelope {
            sender: Some(mail.from.clone()),
            recipients: vec![mail.to.clone()],
            peer: Peer { ip: None, helo: String::new(), door: Door::Lmtp, tls: false, trusted: true },
        };
        let clock = &self.office.clock;
        let bytes = mail.bytes(clock.new_id());
        let arrival = Arrival::letter(serde_json::to_value(&envelope).unwrap(), bytes, clock.now());
        inbox::keep(&self.office.db, clock, arrival).await.unwrap().id
    }

    /// Everything that can be done now is done.
    pub(crate) async fn works(&self) {
        loop {
            let arrivals = work::inbox::work_once(&self.office).await.unwrap();
            let notices = work::outbox::work_once(&self.office, &self.bag).await.unwrap();
            if arrivals + notices == 0 {
                return;
            }
        }
    }

    /// Time passes.
    pub(crate) fn later(&self, by: i64) {
        let mut now = self.now.lock().unwrap();
        *now += by;
        std::fs::write(&self.clock, now.to_string()).unwrap();
    }

    /// Time passes, and what it brings is done.
    pub(crate) async fn works_later(&self, by: i64) {
        self.later(by);
        self.works().await;
    }

    pub(crate) async fn row(&self, id: Uuid) -> Row {
        inbox::show(&mut self.office.db.read().await.unwrap(), id).await.unwrap().unwrap().row
    }

    pub(crate) async fn scene(&self) -> Scene {
        demandes::scene(&mut self.office.db.read().await.unwrap(), self.demande).await.unwrap().unwrap()
    }

    pub(crate) async fn last_entry(&self) -> Entry {
        self.scene().await.demande.entries.last().unwrap().clone()
    }

    /// Somebody's account, to change it.
    pub(crate) async fn person(&self, address: &str) -> Person {
        people::by_address(&mut self.office.db.read().await.unwrap(), address).await.unwrap().unwrap()
    }

    /// Runs a statement beside the store.
    pub(crate) async fn execute(&self, statement: &str) {
        use sqlx::Connection;
        let path = self.clock.with_file_name("data").join("relais.sqlite");
        let mut connection =
            sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Everything that left so far to that address, oldest first.
    pub(crate) fn to(&self, address: &str) -> Vec<Sent> {
        self.bag.0.lock().unwrap().iter().filter(|sent| sent.to == address).cloned().collect()
    }

    /// Everything that left so far.
    pub(crate) fn all(&self) -> Vec<Sent> {
        self.bag.0.lock().unwrap().clone()
    }

    /// The last mail that left to that address.
    pub(crate) fn last_to(&self, address: &str) -> Sent {
        self.to(address).pop().unwrap_or_else(|| panic!("nothing left to {address}"))
    }

    /// The reply address of somebody who was written to, or would be: a person's public one.
    pub(crate) async fn address_of_reader(&self, address: &str) -> String {
        use relais::mail::token::{Purpose, Token};
        let holder = relais::demande::admission::Holder::Person(self.person(address).await.id);
        let token =
            Token { demande: self.demande, holder, purpose: Purpose::Repondre, generation: 0, expires: None };
        self.office.addressing.reply(&self.office.keys.ring().mint(&token))
    }

    /// The reply address of that person's first notice: his public one.
    pub(crate) fn address_of(&self, address: &str) -> String {
        self.to(address).first().unwrap_or_else(|| panic!("nothing left to {address}")).reply_to()
    }
}

fn cast() -> Vec<ImportedPerson> {
    let groups = [
        ("France Services Valbrume", "MFS", Some(ACCUEIL)),
        ("CAF 54", "CAF", Some(CAF)),
        ("CPAM 54", "CPAM", None),
    ];
    let people = [
        ("Nadia Benali", NADIA, 0),
        ("Omar Petit", OMAR, 0),
        ("Léa Martin", LEA, 1),
        ("Karim Haddad", KARIM, 1),
        ("Paul Girard", PAUL, 2),
    ];
    let person = |(name, address, group): (&str, &str, usize)| {
        let (first, last) = name.split_once(' ').unwrap();
        let (group_name, organisme, bal) = groups[group];
        ImportedPerson {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            address: address.to_owned(),
            groups: vec![ImportedGroup {
                name: group_name.to_owned(),
                organisme: organisme.to_owned(),
                territoires: vec!["54".to_owned()],
                bal: bal.map(ToOwned::to_owned),
            }],
            aidant: group == 0,
            instructeur: group > 0,
            ..ImportedPerson::default()
        }
    };
    people.into_iter().map(person).collect()
}

async fn new_demande(tx: &mut Tx) -> NewDemande {
    let mut people = BTreeMap::new();
    for address in [NADIA, OMAR, LEA, KARIM, PAUL] {
        people.insert(address, people::by_address(tx, address).await.unwrap().unwrap());
    }
    let part = |address: &str, role| Participant {
        person: people[address].id,
        side: if matches!(role, Part::Auteur | Part::Aidant) { Side::Auteur } else { Side::Instructeurs },
        role,
        joined_at: MORNING,
        left_at: None,
        follows: true,
    };
    let group = |address: &str| -> GroupId { people[address].groups[0] };
    NewDemande {
        sujet: "Droits suspendus depuis mars".to_owned(),
        description: "Deux courriers sans réponse.".to_owned(),
        infos: BTreeMap::from([("Nom de famille".to_owned(), "Zorglub".to_owned())]),
        territoire: "54".to_owned(),
        structure: Some((group(NADIA), "France Services Valbrume".to_owned())),
        author: people[NADIA].id,
        mandat: None,
        created_at: MORNING,
        participants: vec![
            part(NADIA, Part::Auteur),
            part(OMAR, Part::Aidant),
            part(LEA, Part::Instructeur),
            part(KARIM, Part::Instructeur),
            part(PAUL, Part::Instructeur),
        ],
        // That of the aidants too: its mailbox must never get a note.
        groups: vec![group(LEA), group(PAUL), group(NADIA)],
    }
}
