//! One mail inside the transaction of its batch: who may be writing, what he says, what follows, all recorded.

mod audit;
mod bounce;
mod brake;
mod files;
mod machine;
mod question;
mod refusal;
mod sender;
mod speech;
mod trace;
mod words;

use std::sync::OnceLock;

use uuid::Uuid;

use super::Office;
use super::keys::generation;
use super::mail::{Mail, Who};
use super::{held, unreached};
use crate::demande::admission::{Admission, Alignment, Holder, Release, TokenClaim, admit};
use crate::demande::confirmation::Kind as Question;
use crate::demande::decide::{self, Scene};
use crate::demande::notice::{Order, Reader, What};
use crate::demande::rights::Refusal;
use crate::mail::letter::{Machine, Protection};
use crate::mail::reply::Reply;
use crate::mail::token::{Carried, Found};
use crate::store::confirmations::Line;
use crate::store::inbox::{Settlement, State};
use crate::store::{StoreError, Tx, demandes, outbox, people};
use files::Files;

pub(super) use words::cleaned;

/// What a mail is about, once its tokens were checked against the store.
struct About<'m> {
    claim: TokenClaim,
    carried: Option<&'m Carried>,
    scene: Option<Scene>,
    /// It answers a note's notice, by a Message-ID whose token opens no more.
    of_a_note: bool,
    /// Numbers of the demandes that one transaction is addressed to, when there are several.
    several: Vec<u32>,
    /// Somebody answered for it since it was held.
    release: Option<Release>,
}

/// One arrival at work.
pub(super) struct Case<'a> {
    pub(super) office: &'a Office,
    pub(super) id: Uuid,
    pub(super) mail: &'a Mail,
    /// What it says, once somebody asked.
    reply: OnceLock<Reply>,
}

/// Its sender is let act.
fn acts(admission: Admission) -> bool {
    matches!(admission, Admission::Person { .. } | Admission::Group(_) | Admission::Transmit(_))
}

/// Acts on one mail; its settlement says what became of it.
pub(super) async fn act(
    office: &Office,
    tx: &mut Tx,
    id: Uuid,
    mail: &Mail,
) -> Result<Settlement, StoreError> {
    let case = Case { office, id, mail, reply: OnceLock::new() };
    let mut settlement = case.work(tx).await?;
    case.audit_unposted(tx, &settlement).await?;
    settlement.message_id.clone_from(&mail.letter.message_id);
    settlement.sender.clone_from(&mail.trust.from);
    Ok(settlement)
}

impl Case<'_> {
    async fn work(&self, tx: &mut Tx) -> Result<Settlement, StoreError> {
        let own = self.mail.letter.message_id.as_slice();
        if outbox::by_message_id(tx, own).await?.is_some() {
            return Ok(self.settled(State::Ignored, "one of our own mails came back"));
        }
        let machine = self.machine();
        if machine.is_none() && self.mail.trust.alignment == Alignment::Pass {
            self.resume(tx).await?;
        }
        if let (Some(carried), None) = (&self.mail.question, &machine) {
            let settlement = self.answer(tx, carried).await?;
            return Ok(Settlement { trace: trace::answer(self.mail, carried.token.demande), ..settlement });
        }
        let mut about = self.about(tx).await?;
        if let Some(machine) = machine {
            return self.note_machine(tx, &about, machine).await;
        }
        let sender = sender::of(&self.mail.who, &about);
        let admission = admit(about.claim, sender, self.alignment(&about), about.scene.is_some());
        let (admission, release) = self.released(tx, &about, (sender, admission)).await?;
        about.release = release;
        let mut settlement = match self.braked(tx, &about, admission).await? {
            Some(settlement) => settlement,
            None => self.admitted(tx, &about, admission).await?,
        };
        settlement.admitted = acts(admission);
        settlement.said = self.reply.get().map(|_| self.said(&about));
        settlement.trace = trace::of(self.mail, &about, admission, &settlement.trace);
        Ok(settlement)
    }

    /// He writes, so he is there: his address gets our mails again.
    async fn resume(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let (who, address) = match &self.mail.who {
            Who::Person(person) => (format!("person:{}", person.id.0), &person.address),
            Who::Bal(group, _) => {
                (format!("group:{}", group.id.0), group.bal.as_ref().unwrap_or(&group.name))
            }
            Who::Unknown => return Ok(()),
        };
        unreached::resume(tx, &self.office.clock, (&who, address)).await
    }

    fn settled(&self, state: State, reason: &str) -> Settlement {
        Settlement { reason: Some(reason.to_owned()), ..Settlement::new(state, self.office.clock.now()) }
    }

    /// "vacation", "bounce"…: a machine wrote it, by its own words or by its null sender.
    fn machine(&self) -> Option<Machine> {
        self.mail.letter.machine_given(self.mail.envelope.sender.is_none())
    }

    /// A signed mail may be sent again to another reply address: when the token stands in the envelope alone and only a
    /// signature proves the From, the signature does not prove where the mail was meant to go (mail.md §1).
    fn alignment(&self, about: &About<'_>) -> Alignment {
        let trust = &self.mail.trust;
        let elsewhere = about.carried.is_some_and(|carried| !carried.corroborated);
        if trust.alignment == Alignment::Pass && elsewhere && trust.rests_on_a_signature() {
            return Alignment::None;
        }
        trust.alignment
    }

    /// Which demande, by a token that works; else by a Message-ID of ours in In-Reply-To.
    async fn about(&self, tx: &mut Tx) -> Result<About<'_>, StoreError> {
        let tokens = &self.mail.tokens;
        let mut alive = Vec::new();
        for carried in &tokens.carried {
            let now = people::generations(tx, carried.token.demande, carried.token.holder).await?;
            alive.push((carried.token, now.is_some() && generation(now) == carried.token.generation));
        }
        let found = tokens.choose(|token| alive.iter().any(|(known, works)| known == token && *works));
        let (claim, carried, several) = match found {
            Found::Valid(carried) => (TokenClaim::Valid(carried.token.holder), Some(carried), Vec::new()),
            Found::Dead(carried) => (TokenClaim::Dead(carried.token.holder), Some(carried), Vec::new()),
            Found::Several(numbers) => (TokenClaim::None, None, numbers),
            Found::Nothing => (TokenClaim::None, None, Vec::new()),
        };
        let answered = match carried {
            None if several.is_empty() => outbox::by_message_id(tx, &self.mail.letter.in_reply_to).await?,
            _ => None,
        };
        let of_a_note = answered.as_ref().is_some_and(|row| matches!(row.order.what, What::Note(_)));
        let number = carried.map(|carried| carried.token.demande).or(answered.and_then(|row| row.demande));
        let scene = match number {
            Some(number) => self.scene(tx, number).await?,
            None => None,
        };
        Ok(About { claim, carried, scene, of_a_note, several, release: None })
    }

    /// The demande, with who writes: he may not take part yet, and his groups tell whom his message is for.
    async fn scene(&self, tx: &mut Tx, number: u32) -> Result<Option<Scene>, StoreError> {
        let mut scene = demandes::scene(tx, number).await?;
        if let (Some(scene), Who::Person(person) | Who::Bal(_, Some(person))) = (&mut scene, &self.mail.who) {
            demandes::bring(tx, scene, &[person.id]).await?;
        }
        Ok(scene)
    }

    async fn admitted(
        &self,
        tx: &mut Tx,
        about: &About<'_>,
        admission: Admission,
    ) -> Result<Settlement, StoreError> {
        match admission {
            Admission::Person { .. } | Admission::Group(_) | Admission::Transmit(_) => match &about.scene {
                Some(scene) => self.speak(tx, about, scene, admission).await,
                None => Ok(self.settled(State::Refused, "the demande it names does not exist")),
            },
            Admission::Help(id) if !about.several.is_empty() => {
                self.refuse(tx, Reader::Person(id), Refusal::SansDemande { open: about.several.clone() })
                    .await
            }
            Admission::Help(id) => {
                let open = demandes::open_of(tx, id).await?;
                self.refuse(tx, Reader::Person(id), Refusal::SansDemande { open }).await
            }
            Admission::DeadToken(id) => self.refuse(tx, Reader::Person(id), Refusal::AdressePerimee).await,
            Admission::Disabled(id) => self.disabled(tx, id).await,
            Admission::Confirm(id) => {
                let reason = "its From is not proved; its owner must confirm";
                self.ask(tx, about, (Question::Confirmer, Holder::Person(id)), reason).await
            }
            Admission::Ask(holder) => {
                self.ask(tx, about, (Question::Liberer, holder), "a good token in another's hands").await
            }
            Admission::Held => Ok(self.held(about, "no row of the admission table")),
            Admission::Refuse => Ok(self.settled(State::Refused, "nobody who may write here")),
            Admission::Later => Err(StoreError::Temporary("a DNS answer is missing".to_owned())),
        }
    }

    fn held(&self, about: &About<'_>, reason: &str) -> Settlement {
        Settlement {
            demande: about.carried.map(|carried| carried.token.demande),
            ..self.settled(State::Held, reason)
        }
    }

    /// Held, and asked about when it is about a demande that is there.
    async fn ask(
        &self,
        tx: &mut Tx,
        about: &About<'_>,
        (kind, holder): (Question, Holder),
        reason: &str,
    ) -> Result<Settlement, StoreError> {
        match &about.scene {
            Some(scene) => {
                let line = Line { kind, demande: scene.demande.number, holder };
                self.hold_and_ask(tx, line, reason).await
            }
            None => Ok(self.held(about, reason)),
        }
    }

    /// He speaks, and what follows is recorded and told.
    async fn speak(
        &self,
        tx: &mut Tx,
        about: &About<'_>,
        scene: &Scene,
        admission: Admission,
    ) -> Result<Settlement, StoreError> {
        let actor = sender::actor(scene, admission, &self.mail.who);
        let Some(reader) = actor.reader() else { return Ok(self.held(about, "nobody to answer to")) };
        if self.mail.letter.protection == Protection::Encrypted {
            return self.refuse_in(tx, scene, reader, Refusal::Chiffre).await;
        }
        if self.repeats(tx, about).await? {
            return Ok(self.held(about, "cap: the same words, again and again"));
        }
        let reply = self.words(about, scene);
        if !self.claims(tx, &reply).await? {
            return Ok(self.settled(State::Done, "the same message was already posted"));
        }
        let Files { kept, withheld } = files::keep(self, tx, scene).await?;
        self.audit_withheld(tx, scene, &withheld).await?;
        let said = self.incoming(about, actor, reply, kept);
        let decided = decide::decide(scene, &said, self.office.settings.rules, self.office.clock.now());
        match decided {
            Ok(mut decision) => {
                if about.release.is_some() {
                    self.acknowledge(reader, &mut decision);
                }
                self.record(tx, scene, &said, decision, withheld).await
            }
            Err(Refusal::Vide) if !withheld.is_empty() => {
                self.refuse_files(tx, scene, reader, &withheld).await
            }
            Err(refusal) => {
                let refused = self.refuse_in(tx, scene, reader, refusal).await?;
                Ok(Settlement { trace: trace::commands(&said.speech, said.answers_survey), ..refused })
            }
        }
    }

    fn order(&self, to: Reader, what: What) -> Order {
        Order { to, what, brief: false, not_before: self.office.clock.now() }
    }
}
