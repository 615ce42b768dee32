//! Refusals: each told to who can act on it, not twice for the same words, never to a machine.

use super::brake::silent;
use super::{Case, trace};
use crate::demande::PersonId;
use crate::demande::decide::Scene;
use crate::demande::delays::paris_date;
use crate::demande::notice::{Reader, What};
use crate::demande::rights::Refusal;
use crate::store::inbox::{Settlement, State};
use crate::store::{StoreError, Tx, outbox};
use crate::work::mail::Who;

impl Case<'_> {
    pub(super) async fn refuse_in(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        reader: Reader,
        refusal: Refusal,
    ) -> Result<Settlement, StoreError> {
        let mut settlement = self.settled(State::Refused, &trace::refusal(&refusal));
        settlement.demande = Some(scene.demande.number);
        if self.told_enough(tx, &settlement, &reader).await? {
            return Ok(silent(settlement));
        }
        // A participant no more is answered without the demande, which he may not read.
        let within = refusal != Refusal::PlusParticipant;
        let number = within.then_some(scene.demande.number);
        let order = (None, self.order(reader, What::Refus(refusal)));
        outbox::post(tx, &self.office.clock, number, Some(self.id), &[order]).await?;
        Ok(settlement)
    }

    pub(super) async fn refuse(
        &self,
        tx: &mut Tx,
        reader: Reader,
        refusal: Refusal,
    ) -> Result<Settlement, StoreError> {
        let settlement = self.settled(State::Refused, &trace::refusal(&refusal));
        if self.told_enough(tx, &settlement, &reader).await? {
            return Ok(silent(settlement));
        }
        let order = (None, self.order(reader, What::Refus(refusal)));
        outbox::post(tx, &self.office.clock, None, Some(self.id), &[order]).await?;
        Ok(settlement)
    }

    /// A disabled account is told so at its own address, at most once a day.
    pub(super) async fn disabled(&self, tx: &mut Tx, id: PersonId) -> Result<Settlement, StoreError> {
        let Who::Person(person) = &self.mail.who else {
            return Ok(self.settled(State::Refused, "a disabled account"));
        };
        debug_assert_eq!(person.id, id);
        let today = paris_date(self.office.clock.now()).to_string();
        if outbox::explained_today(tx, &person.address, &today).await? {
            return Ok(self.settled(State::Refused, "a disabled account, told already today"));
        }
        self.refuse(tx, Reader::Address(person.address.clone()), Refusal::CompteDesactive).await
    }
}
