//! A delivery report: tied to the mail it is about by our envelope sender or by our ledger, and believed only when it
//! names a recipient that we wrote to (mail.md §3). Anybody can write one: what it does is undone by one mail of the
//! person it names.

use super::Case;
use crate::demande::admission::Holder;
use crate::demande::decide::Reach;
use crate::mail::report::Bounce;
use crate::mail::token::Purpose;
use crate::store::inbox::Settlement;
use crate::store::{StoreError, Tx, outbox};
use crate::work::unreached::{self, Unreached};

impl Case<'_> {
    /// Notes who was not reached, if the report can be believed; the settlement's reason says what came of it.
    pub(super) async fn bounced(
        &self,
        tx: &mut Tx,
        bounce: &Bounce,
        settlement: &mut Settlement,
    ) -> Result<(), StoreError> {
        let Some((demande, holder)) = self.returned(tx, bounce).await? else {
            return Ok(because(settlement, "bounce: of no mail of ours"));
        };
        settlement.demande = Some(demande);
        let address = unreached::address(tx, holder).await?.unwrap_or_default();
        if address.is_empty() || !bounce.recipient.eq_ignore_ascii_case(&address) {
            return Ok(because(settlement, "bounce: names a recipient we did not write to"));
        }
        let code = bounce.status.as_deref();
        let reach = Reach::reported(bounce.permanent, bounce.given_up, code);
        let (source, code) = (Some(self.id), code.unwrap_or_default());
        let it = Unreached { demande, holder, address: &address, code, reach, source };
        settlement.entry = unreached::tell(tx, &self.office.clock, &it).await?;
        because(
            settlement,
            match reach {
                Reach::Nothing => "bounce: tried again by their server",
                Reach::Missed => "bounce: not delivered",
                Reach::Gone => "bounce: its address is suspended",
            },
        );
        Ok(())
    }

    /// The demande and the person of the mail that came back. Where both tell, token and ledger must agree.
    async fn returned(&self, tx: &mut Tx, bounce: &Bounce) -> Result<Option<(u32, Holder)>, StoreError> {
        let carried = self.mail.tokens.carried.iter().find(|c| c.token.purpose == Purpose::Retour);
        let token = carried.map(|carried| (carried.token.demande, carried.token.holder));
        let ledger = outbox::by_message_id(tx, bounce.original_message_id.as_slice()).await?;
        let ledger = ledger.and_then(|row| Some((row.demande?, unreached::holder(&row.order.to)?)));
        match (token, ledger) {
            (Some(token), Some(ledger)) if token != ledger => Ok(None),
            (Some((demande, holder)), _) | (None, Some((demande, holder))) => {
                let key = outbox::to_key(&super::held::reader(holder));
                Ok(outbox::wrote_to(tx, demande, &key).await?.then_some((demande, holder)))
            }
            (None, None) => Ok(None),
        }
    }
}

fn because(settlement: &mut Settlement, reason: &str) {
    settlement.reason = Some(reason.to_owned());
}
