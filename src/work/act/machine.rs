//! What no person wrote: it acts on nothing and is never answered.

use super::{About, Case, trace};
use crate::demande::admission::Alignment;
use crate::demande::decide;
use crate::mail::letter::{Machine, MachineKind};
use crate::store::inbox::{Settlement, State};
use crate::store::{StoreError, Tx, demandes};
use crate::work::mail::Who;

impl Case<'_> {
    /// A machine's mail acts on nothing; an absence is shown on its demande.
    pub(super) async fn note_machine(
        &self,
        tx: &mut Tx,
        about: &About<'_>,
        machine: Machine,
    ) -> Result<Settlement, StoreError> {
        let kind = machine.kind.as_str();
        let mut settlement = self.settled(State::Ignored, kind);
        settlement.demande = about.scene.as_ref().map(|scene| scene.demande.number);
        settlement.trace = trace::machine(self.mail, about, kind);
        if let Some(bounce) = &machine.bounce {
            self.bounced(tx, bounce, &mut settlement).await?;
        }
        let absent = machine.kind == MachineKind::Vacation && self.mail.trust.alignment == Alignment::Pass;
        if let (true, Some(scene), Who::Person(person)) = (absent, &about.scene, &self.mail.who)
            && scene.demande.participant(person.id).is_some()
        {
            let until = machine.until.unwrap_or_default();
            if decide::knows_absence(scene, person.id, &until, self.office.clock.now()) {
                return Ok(settlement);
            }
            let decision = decide::absence(scene, person, until, self.id, self.office.clock.now());
            settlement.entry = decision.entries.first().map(|entry| entry.n);
            demandes::record(tx, scene.demande.number, &decision, self.office.clock.now()).await?;
        }
        Ok(settlement)
    }
}
