//! Questions about held mails: asked once each, and what their answer does (mail.md §2).
//!
//! An answer acts without alignment: it comes to an address that only the registered mailbox was told, once, for 72
//! hours. It must still say to be from who was asked.

use super::Case;
use super::sender::speaks_for;
use crate::demande::Millis;
use crate::demande::admission::{Admission, Alignment, Holder, Release, Sender, admit, released};
use crate::demande::command::{Door, read_all};
use crate::demande::confirmation::{Answer, Asked, HELD_AT_MOST, Kind};
use crate::demande::notice::{Receipt, What};
use crate::demande::rights::Refusal;
use crate::mail::token::{Carried, Purpose};
use crate::store::confirmations::{self, Ending, Held, Line, Question, State as Asking};
use crate::store::inbox::{self, Settlement, State};
use crate::store::{StoreError, Tx, outbox, people};
use crate::work::keys::generation;
use crate::work::{held, mail};

impl Case<'_> {
    /// Holds the mail, in line for a question to that person or group.
    pub(super) async fn hold_and_ask(
        &self,
        tx: &mut Tx,
        line: Line,
        reason: &str,
    ) -> Result<Settlement, StoreError> {
        let at = self.office.clock.now();
        let Line { kind, demande, holder } = line;
        let held = Held { inbox: self.id, kind, demande, holder, at, expires_at: at + HELD_AT_MOST };
        confirmations::hold(tx, held::number(&self.office.clock), &held).await?;
        held::ask_next(tx, &self.office.clock, line).await?;
        Ok(Settlement { demande: Some(demande), ..self.settled(State::Held, reason) })
    }

    /// The admission of a mail that was held once and that somebody answered for since. A check of the DNS that hangs
    /// today does not matter then: the answer is the proof.
    pub(super) async fn released(
        &self,
        tx: &mut Tx,
        about: &super::About<'_>,
        (sender, admission): (Sender, Admission),
    ) -> Result<(Admission, Option<Release>), StoreError> {
        if !matches!(admission, Admission::Confirm(_) | Admission::Ask(_) | Admission::Later) {
            return Ok((admission, None));
        }
        let question = confirmations::of_inbox(tx, self.id).await?;
        let Some(question) = question.filter(|question| question.state == Asking::Yes) else {
            return Ok((admission, None));
        };
        let release = match (question.kind, question.holder) {
            (Kind::Confirmer, Some(Holder::Person(id))) => Release::Confirmed(id),
            (Kind::Liberer, Some(holder)) => Release::Transmitted(holder),
            _ => return Ok((admission, None)),
        };
        let unproved = admit(about.claim, sender, Alignment::None, about.scene.is_some());
        Ok((released(unproved, release), Some(release)))
    }

    /// An answer to a question of ours. To whom it does not concern, and to a machine, nothing is said.
    pub(super) async fn answer(&self, tx: &mut Tx, carried: &Carried) -> Result<Settlement, StoreError> {
        let nothing = "answers no question of ours";
        let Some(question) = confirmations::find(tx, carried.token.demande).await? else {
            return Ok(self.settled(State::Refused, nothing));
        };
        let Some(line) = question.line().filter(|line| fits(*line, carried)) else {
            return Ok(self.settled(State::Refused, nothing));
        };
        let now = people::generations(tx, line.demande, line.holder).await?;
        if now.is_none() || generation(now) != carried.token.generation {
            return Ok(self.settled(State::Refused, nothing));
        }
        if !speaks_for(&self.mail.who, line.holder) {
            return Ok(self.settled(State::Refused, "answers a question that another was asked"));
        }
        let settlement = self.answered(tx, &question, line).await?;
        Ok(Settlement { demande: Some(line.demande), ..settlement })
    }

    async fn answered(&self, tx: &mut Tx, question: &Question, line: Line) -> Result<Settlement, StoreError> {
        let now = self.office.clock.now();
        match question.state {
            Asking::Open if question.expires_at > now => {}
            Asking::Open | Asking::Expired => return self.too_late(tx, question, line).await,
            _ => return Ok(self.settled(State::Ignored, "answers a question that is answered")),
        }
        let said = mail::reply(self.office, &self.mail.letter).said;
        match Answer::of(&read_all(&said, Door::Question, None, None)) {
            Answer::Oui => self.yes(tx, question, line, now).await,
            Answer::Non => self.no(tx, question, line, now).await,
            Answer::Unclear => self.unclear(tx, question, line).await,
        }
    }

    /// OUI: the held mail is worked again, by the same road, as if it had been proved.
    async fn yes(
        &self,
        tx: &mut Tx,
        question: &Question,
        line: Line,
        at: Millis,
    ) -> Result<Settlement, StoreError> {
        let by = outbox::to_key(&held::reader(line.holder));
        confirmations::end(tx, question.id, Ending { state: Asking::Yes, by: &by, at }).await?;
        inbox::replay_in(tx, question.inbox).await?;
        self.resume(tx).await?;
        held::note(tx, (&by, "mail", "retenu: oui"), question.inbox, (line.demande, at)).await?;
        held::ask_next(tx, &self.office.clock, line).await?;
        Ok(self.settled(State::Done, "OUI to a question"))
    }

    /// NON: the held mail ends; who said so gets a receipt.
    async fn no(
        &self,
        tx: &mut Tx,
        question: &Question,
        line: Line,
        at: Millis,
    ) -> Result<Settlement, StoreError> {
        let by = outbox::to_key(&held::reader(line.holder));
        confirmations::end(tx, question.id, Ending { state: Asking::No, by: &by, at }).await?;
        inbox::end_held(tx, question.inbox, State::Refused, "held: NON was said to it", at).await?;
        held::note(tx, (&by, "mail", "retenu: non"), question.inbox, (line.demande, at)).await?;
        self.tell(tx, line, What::Recu(receipt("non", None))).await?;
        held::ask_next(tx, &self.office.clock, line).await?;
        Ok(self.settled(State::Done, "NON to a question"))
    }

    /// Neither OUI nor NON: the question is repeated, once, to the address it went to.
    async fn unclear(&self, tx: &mut Tx, question: &Question, line: Line) -> Result<Settlement, StoreError> {
        if confirmations::explain_once(tx, question.id).await? {
            let again = Asked { id: question.id, again: true };
            held::ask(tx, &self.office.clock, line, (question.inbox, again)).await?;
        }
        Ok(self.settled(State::Refused, "neither OUI nor NON to a question"))
    }

    async fn too_late(&self, tx: &mut Tx, question: &Question, line: Line) -> Result<Settlement, StoreError> {
        if confirmations::explain_once(tx, question.id).await? {
            self.tell(tx, line, What::Refus(Refusal::QuestionPerimee)).await?;
        }
        Ok(self.settled(State::Refused, "answers a question that is over"))
    }

    async fn tell(&self, tx: &mut Tx, line: Line, what: What) -> Result<(), StoreError> {
        let order = self.order(held::reader(line.holder), what);
        let (clock, source) = (&self.office.clock, Some(self.id));
        outbox::post(tx, clock, Some(line.demande), source, &[(None, order)]).await.map(drop)
    }
}

/// The token is of that question: same purpose, same holder.
fn fits(line: Line, carried: &Carried) -> bool {
    let purpose = match line.kind {
        Kind::Confirmer => Purpose::Confirmer,
        Kind::Liberer => Purpose::Liberer,
        Kind::Plafond => return false,
    };
    carried.token.purpose == purpose && carried.token.holder == line.holder
}

/// The receipt of an answer.
pub(super) fn receipt(command: &str, n: Option<u32>) -> Receipt {
    let command = command.to_owned();
    Receipt { command, n, told: Vec::new(), undo_until: None, survey: false, archived: false }
}
