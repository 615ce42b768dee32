//! A reader who was not reached: what our relay refused, or an address that is suspended.

use super::super::Office;
use super::super::unreached::{self, Unreached};
use crate::demande::decide::Reach;
use crate::store::StoreError;
use crate::store::outbox::{Leased, Outcome};
use crate::store::suspensions::Suspension;

/// What is known of it.
pub(super) struct Miss {
    address: String,
    code: String,
    reach: Reach,
}

impl Miss {
    /// From the way a delivery ended: our relay's refusal is the same event as a bounce.
    pub(super) fn of(settled: &Outcome, address: String) -> Option<Self> {
        let Outcome::Dead { answer: Some(answer) } = settled else { return None };
        let (reach, code) = Reach::answered(answer);
        (reach != Reach::Nothing).then(|| Miss { address, code: code.to_owned(), reach })
    }

    /// The mail was not even tried.
    pub(super) fn suspended(suspension: Suspension) -> Self {
        Miss { address: suspension.address, code: suspension.code, reach: Reach::Missed }
    }

    /// Told on the demande before the row is settled: after a crash between the two, it is not told again.
    pub(super) async fn tell(&self, office: &Office, row: &Leased) -> Result<(), StoreError> {
        let (Some(demande), Some(holder)) = (row.demande, unreached::holder(&row.order.to)) else {
            return Ok(());
        };
        let (address, code, reach) = (self.address.as_str(), self.code.as_str(), self.reach);
        let mut tx = office.db.begin().await?;
        let it = Unreached { demande, holder, address, code, reach, source: None };
        unreached::tell(&mut tx, &office.clock, &it).await?;
        tx.commit().await
    }
}
