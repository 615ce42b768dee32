//! What an admitted mail says, as the decision wants it, and what follows recorded.

use std::collections::BTreeSet;

use super::question::receipt;
use super::{About, Case, files, trace};
use crate::demande::admission::Release;
use crate::demande::command::Door;
use crate::demande::confirmation;
use crate::demande::decide::{Actor, Decision, Incoming, Scene};
use crate::demande::notice::{Order, Reader, What};
use crate::demande::{Channel, FileRef};
use crate::mail::reading;
use crate::mail::reply::Reply;
use crate::mail::token::Purpose;
use crate::store::inbox::{Posting, Settlement, State};
use crate::store::{StoreError, Tx, demandes, inbox, outbox};

impl Case<'_> {
    /// False when the same person already posted the same words and files under the same Message-ID: a mail that
    /// arrived twice by two ways is one message (mail.md §1).
    pub(super) async fn claims(&self, tx: &mut Tx, reply: &Reply) -> Result<bool, StoreError> {
        let letter = &self.mail.letter;
        let Some(message_id) = &letter.message_id else { return Ok(true) };
        let sender = self.mail.trust.from.as_deref().unwrap_or_default();
        let said_hash = &files::fingerprint(&reply.said, &letter.attachments);
        inbox::claim_posting(tx, Posting { sender, message_id, said_hash }).await
    }

    pub(super) fn incoming(
        &self,
        about: &About<'_>,
        actor: Actor,
        reply: Reply,
        files: Vec<FileRef>,
    ) -> Incoming {
        let survey = about.carried.is_some_and(|carried| carried.token.purpose == Purpose::Sondage);
        let action = about.carried.and_then(|carried| carried.action.as_deref()).filter(|_| !survey);
        if let Some(Release::Transmitted(_)) = about.release {
            return self.transmitted(actor, &reply.said, files, self.answers_note(about));
        }
        let door = if survey { Door::Question } else { Door::Mail };
        Incoming {
            speech: reading::speech_in(&self.mail.letter, &reply, door, action),
            actor,
            quoted: reply.quoted,
            signature: reply.signature,
            files,
            channel: Channel::Mail,
            source: Some(self.id),
            answers_note: self.answers_note(about),
            answers_survey: survey,
        }
    }

    /// He said OUI, or the operator did for him: he is told what came of it, unless the act has its own receipt.
    pub(super) fn acknowledge(&self, reader: Reader, decision: &mut Decision) {
        let told = |(_, order): &(Option<u32>, Order)| matches!(order.what, What::Recu(_));
        if !decision.orders.iter().any(told) {
            let n = decision.entries.first().map(|entry| entry.n);
            decision.orders.push((None, self.order(reader, What::Recu(receipt("oui", n)))));
        }
    }

    /// A stranger's words in the name of who publishes them: no command, no history, and not his signature, which
    /// would name him to the others.
    fn transmitted(&self, actor: Actor, said: &str, files: Vec<FileRef>, answers_note: bool) -> Incoming {
        Incoming {
            speech: confirmation::transmitted(said, &files),
            quoted: String::new(),
            signature: actor.author.name.clone(),
            actor,
            files,
            channel: Channel::Mail,
            source: Some(self.id),
            answers_note,
            answers_survey: false,
        }
    }

    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        said: &Incoming,
        decision: Decision,
        withheld: BTreeSet<&'static str>,
    ) -> Result<Settlement, StoreError> {
        let number = scene.demande.number;
        demandes::record(tx, number, &decision, self.office.clock.now()).await?;
        outbox::cancel_caused_by(tx, number, &decision.withdraw).await?;
        let mut orders = decision.orders;
        if let Some(reader) = said.actor.reader() {
            orders.extend(withheld.iter().map(|reason| (None, self.withheld(&reader, reason))));
        }
        outbox::post(tx, &self.office.clock, Some(number), Some(self.id), &orders).await?;
        let mut settlement = Settlement::new(State::Done, self.office.clock.now());
        settlement.demande = Some(number);
        settlement.entry = decision.entries.first().map(|entry| entry.n);
        settlement.person = said.actor.author.person;
        settlement.sealed = decision.usefulness.is_some();
        settlement.trace = trace::commands(&said.speech, settlement.sealed);
        self.audit(tx, said, &settlement, &decision.entries).await?;
        Ok(settlement)
    }
}
