//! Where a mail stops: over a cap, the same words again, or an answer too many.

use uuid::Uuid;

use super::{About, Case, acts, files};
use crate::demande::admission::Admission;
use crate::demande::command::{Door, read_all};
use crate::demande::notice::Reader;
use crate::mail::reply::Reply;
use crate::store::confirmations::{self, State as Asking};
use crate::store::inbox::{self, Settlement, State, TOLD};
use crate::store::{StoreError, Tx, outbox};
use crate::work::frein::{self, Again, Passing};
use crate::work::mail;

impl Case<'_> {
    /// What it says, read once.
    pub(super) fn reply(&self) -> &Reply {
        self.reply.get_or_init(|| mail::reply(self.office, &self.mail.letter))
    }

    /// One number for who says what on which demande.
    pub(super) fn said(&self, about: &About<'_>) -> Uuid {
        self.said_on(about.scene.as_ref().map(|scene| scene.demande.number))
    }

    fn said_on(&self, demande: Option<u32>) -> Uuid {
        let sender = self.mail.trust.from.as_deref().unwrap_or_default();
        let words = files::fingerprint(&self.reply().said, &self.mail.letter.attachments);
        inbox::fingerprint(&[sender, &demande.unwrap_or(0).to_string(), &words])
    }

    /// Held without an answer when it is over a cap, unless the operator let it through.
    pub(super) async fn braked(
        &self,
        tx: &mut Tx,
        about: &About<'_>,
        admission: Admission,
    ) -> Result<Option<Settlement>, StoreError> {
        if matches!(admission, Admission::Refuse | Admission::Later) || about.release.is_some() {
            return Ok(None);
        }
        let passing = Passing {
            id: self.id,
            sender: self.mail.trust.from.as_deref().or(self.mail.envelope.sender.as_deref()),
            demande: about.scene.as_ref().map(|scene| scene.demande.number),
            admitted: acts(admission),
        };
        let Some(reason) = frein::over(tx, self.office, passing).await? else { return Ok(None) };
        if self.let_through(tx).await? {
            return Ok(None);
        }
        tracing::warn!(inbox = %self.id, demande = passing.demande, reason, "held");
        Ok(Some(self.held(about, reason)))
    }

    async fn let_through(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let question = confirmations::of_inbox(tx, self.id).await?;
        Ok(question.is_some_and(|question| question.state == Asking::Yes))
    }

    /// The same person said the same on the same demande too often today: two machines that answer each other end here.
    /// Commands alone are a person's, and may be repeated.
    pub(super) async fn repeats(&self, tx: &mut Tx, about: &About<'_>) -> Result<bool, StoreError> {
        let cap = self.office.settings.caps.repeats_1d;
        let times = frein::said_today(tx, self.office, (self.said(about), self.id)).await?;
        if cap == 0 || times < cap {
            return Ok(false);
        }
        let speech = read_all(&self.reply().said, Door::Mail, None, None);
        let order = !speech.commands.is_empty() && speech.prose.trim().is_empty();
        Ok(!order && !self.let_through(tx).await?)
    }

    /// True when a refusal must not be told: the same words were just refused for the same reason, or its reader was
    /// refused enough. It may be a machine that does not say so.
    pub(super) async fn told_enough(
        &self,
        tx: &mut Tx,
        refused: &Settlement,
        reader: &Reader,
    ) -> Result<bool, StoreError> {
        let reason = refused.reason.as_deref().unwrap_or_default();
        let again = Again { said: self.said_on(refused.demande), id: self.id, reason };
        Ok(frein::just_refused(tx, self.office, again).await?
            || frein::refused_enough(tx, self.office, &outbox::to_key(reader)).await?)
    }
}

/// The same end, told to nobody.
pub(super) fn silent(settlement: Settlement) -> Settlement {
    debug_assert_eq!(settlement.state, State::Refused);
    let reason = settlement.reason.map(|reason| format!("{reason}{TOLD}"));
    Settlement { reason, ..settlement }
}
