//! The language of the stories: a cast, the demande they talk about, a postman, the mails that left, a clock.
//!
//! Everything between the gate and the courier is the real road, on a real database; only the network and the clock
//! are the test's.

mod base;
mod letter;
mod mail;
mod postbag;
mod villager;

use std::sync::{Arc, Mutex};

use relais::config::Config;
use relais::demande::decide::Scene;
use relais::demande::{Entry, Side, comptes};
use relais::store::{Role, audit, demandes, inbox, people};
use relais::work::{self, Office};
use relais::{cli, clock::Clock};

pub(crate) use base::Backend;
pub(crate) use letter::Letter;
pub(crate) use mail::Mail;
pub(crate) use postbag::{Postbag, Script};
pub(crate) use villager::Answer;

/// Tuesday 12 May 2026, 14:00 in Paris.
const BEGINS: i64 = 1_778_587_200_000;
const PEOPLE: &[u8] = include_bytes!("../../docs/people.csv");
const DEMANDE: &str = include_str!("../../docs/demande.toml");
/// More rounds than any story needs: a road that never comes to rest fails.
const ROUNDS: usize = 50;

/// A fresh database, a daemon's office, six people and one demande of which everybody was told.
pub(crate) struct Village {
    pub(crate) office: Arc<Office>,
    pub(crate) number: u32,
    pub(crate) postbag: Postbag,
    /// How many mails of the bag [`Village::told`] has shown.
    seen: Mutex<usize>,
    base: base::Base,
}

impl Village {
    pub(crate) async fn new(backend: Backend) -> Self {
        let base = base::Base::fresh(backend).await;
        let office = Arc::new(base.office(Clock::scripted(BEGINS)).await);
        let cast = comptes::read(PEOPLE).unwrap();
        let mut tx = office.db.begin().await.unwrap();
        people::import(&mut tx, &cast.people, BEGINS).await.unwrap();
        tx.commit().await.unwrap();
        let number = cli::create_demande(&office, DEMANDE).await.unwrap();
        let village = Village { office, number, postbag: Postbag::default(), seen: Mutex::new(0), base };
        village.works().await;
        village.told();
        village
    }

    /// Two daemons on one PostgreSQL; an SQLite database takes one, so there it is two workers of it.
    pub(crate) async fn two_daemons(&self) -> [Arc<Office>; 2] {
        let other = match self.base.backend() {
            Backend::Postgres => Arc::new(self.base.office(self.office.clock.clone()).await),
            Backend::Sqlite => Arc::clone(&self.office),
        };
        [Arc::clone(&self.office), other]
    }

    /// Somebody who came after the demande was opened; his address.
    pub(crate) async fn hires(
        &self,
        first: &str,
        last: &str,
        address: &'static str,
        group: &str,
    ) -> &'static str {
        let csv = format!(
            "Prénom;Nom;Email;Groupe;Organisme;Territoires;Instructeur\n\
             {first};{last};{address};{group};CAF;54;oui\n"
        );
        let import = comptes::read(csv.as_bytes()).unwrap();
        let mut tx = self.office.db.begin().await.unwrap();
        people::import(&mut tx, &import.people, self.office.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        address
    }

    /// The author is not told of her own demande: a first answer of Paul’s gives her a mail to answer.
    pub(crate) async fn nadia_has_a_mail(&self) {
        self.paul().writes("Nous n’avons rien de notre côté.").await.done();
    }

    /// The loops, until nothing is left to decide nor due to be sent.
    pub(crate) async fn works(&self) {
        for _ in 0..ROUNDS {
            let decided = work::inbox::work_once(&self.office).await.unwrap();
            let sent = work::outbox::work_once(&self.office, &self.postbag).await.unwrap();
            if decided + sent == 0 {
                return;
            }
        }
        panic!("the road does not come to rest");
    }

    /// Time passes, and what waited for it is done.
    pub(crate) async fn advance(&self, minutes: i64) {
        self.office.clock.advance(minutes * 60_000);
        self.works().await;
    }

    pub(crate) async fn scene(&self) -> Scene {
        demandes::scene(&mut self.office.db.read().await.unwrap(), self.number).await.unwrap().unwrap()
    }

    /// Every entry, withdrawn ones included.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.scene().await.demande.entries
    }

    /// The kinds, "texte" or "traitee", of the entries that were not withdrawn.
    pub(crate) async fn thread(&self) -> Vec<&'static str> {
        let entries = self.entries().await;
        entries.iter().filter(|entry| entry.withdrawn_at.is_none()).map(|entry| entry.kind.code()).collect()
    }

    /// The last entry.
    pub(crate) async fn last(&self) -> Entry {
        self.entries().await.pop().expect("an entry")
    }

    /// The word for the state as the author reads it, and as the instructeurs do.
    pub(crate) async fn etat(&self) -> [&'static str; 2] {
        let demande = self.scene().await.demande;
        let now = self.office.clock.now();
        [demande.etat(Side::Auteur, now).label(true), demande.etat(Side::Instructeurs, now).label(false)]
    }

    /// Who got which mail since the last look: `nadia: nouveau_message`, sorted.
    pub(crate) fn told(&self) -> Vec<String> {
        let mails = self.postbag.mails();
        let mut seen = self.seen.lock().unwrap();
        let mut told: Vec<String> = mails[*seen..].iter().map(Mail::short).collect();
        *seen = mails.len();
        told.sort();
        told
    }

    /// Every mail that the author's side ever got.
    pub(crate) fn mails_of_the_authors_side(&self) -> Vec<Mail> {
        self.postbag.mails().into_iter().filter(|mail| mail.to.ends_with("@valbrume.example")).collect()
    }

    /// Every mail that anybody else ever got.
    pub(crate) fn mails_of_everybody_but(&self, address: &str) -> Vec<Mail> {
        self.postbag.mails().into_iter().filter(|mail| mail.to != address).collect()
    }

    /// The raw bytes of an arrival, as the operator may see them.
    pub(crate) async fn raw(&self, id: uuid::Uuid) -> Option<Vec<u8>> {
        let mut tx = self.office.db.read().await.unwrap();
        inbox::show(&mut tx, id).await.unwrap().unwrap().raw
    }

    /// The one number that a query answers.
    pub(crate) fn count(&self, query: &str) -> i64 {
        self.base.count(query)
    }

    /// The inbox, the latest first.
    pub(crate) async fn inbox(&self) -> Vec<inbox::Row> {
        let filter = inbox::Filter { state: None, limit: 200 };
        inbox::list(&mut self.office.db.read().await.unwrap(), filter).await.unwrap()
    }

    /// The audit of the demande, as text.
    pub(crate) async fn audit(&self) -> String {
        let lines = audit::of_demande(&mut self.office.db.read().await.unwrap(), self.number).await.unwrap();
        format!("{lines:?}")
    }

    pub(crate) fn path_of_the_keys(&self) -> std::path::PathBuf {
        self.base.keys()
    }
}

/// The configuration of a village's daemon.
fn config(folder: &std::path::Path, url: &str) -> Config {
    Config::load_shipped(&[
        format!("data.dir={}", folder.display()),
        format!("tokens.key_file={}", folder.join("jetons.cle").display()),
        format!("database.url={url}"),
        "trust.authserv_id=mx.demandes.example".to_owned(),
        "undo.window=10m".to_owned(),
        "dns.resolver=off".to_owned(),
    ])
    .unwrap()
}

async fn open(folder: &std::path::Path, url: &str, role: Role) -> Office {
    cli::office::open(&config(folder, url), role).await.unwrap()
}

impl Drop for Village {
    /// Both boxes are empty at the end of every story.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.base.assert_at_rest(self.office.clock.now());
        }
    }
}
