//! The line that each mail leaves in the audit: who, by which proof, what; never a text.

use super::Case;
use crate::demande::admission::Alignment;
use crate::demande::decide::{Incoming, NewEntry};
use crate::store::audit::{self, NewLine};
use crate::store::inbox::{Settlement, State};
use crate::store::{StoreError, Tx};
use crate::work::mail::Who;

impl Case<'_> {
    /// A refusal or a held mail is a line of the audit too: who, if he is proved, and why; no text.
    pub(super) async fn audit_unposted(
        &self,
        tx: &mut Tx,
        settlement: &Settlement,
    ) -> Result<(), StoreError> {
        let what = match settlement.state {
            State::Refused => "refus",
            State::Held => "retenu",
            _ => return Ok(()),
        };
        let proved = self.mail.trust.alignment == Alignment::Pass;
        let who = match &self.mail.who {
            Who::Person(person) if proved => format!("person:{}", person.id.0),
            Who::Bal(group, _) if proved => format!("group:{}", group.id.0),
            _ => "?".to_owned(),
        };
        let detail = serde_json::json!({
            "inbox": self.id, "reason": settlement.reason, "via": self.mail.trust.via,
            "alignment": self.mail.trust.alignment, "forged": self.mail.tokens.forged,
        });
        let at = self.office.clock.now();
        let line = NewLine { at, who: &who, door: "mail", what, demande: settlement.demande, detail };
        audit::append(tx, &line).await
    }

    pub(super) async fn audit(
        &self,
        tx: &mut Tx,
        said: &Incoming,
        settlement: &Settlement,
        entries: &[NewEntry],
    ) -> Result<(), StoreError> {
        let author = &said.actor.author;
        let who = match (author.person, author.group) {
            (Some(person), _) => format!("person:{}", person.0),
            (None, Some(group)) => format!("group:{}", group.0),
            (None, None) => "?".to_owned(),
        };
        let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.code()).collect();
        let what = if kinds.is_empty() { "parole".to_owned() } else { kinds.join("+") };
        let detail =
            serde_json::json!({ "inbox": self.id, "entry": settlement.entry, "via": self.mail.trust.via });
        let at = self.office.clock.now();
        let line = NewLine { at, who: &who, door: "mail", what: &what, demande: settlement.demande, detail };
        audit::append(tx, &line).await
    }
}
