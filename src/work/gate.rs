//! The gate: what is let in while the sender's server still listens, so that a refusal is its own to tell and no mail
//! of ours ever answers a forged address (no backscatter).

use std::sync::Arc;

use futures::future::BoxFuture;

use super::Office;
use super::mail::{self, Mail, Stop, Who};
use crate::demande::admission::{Admission, Alignment, Sender, TokenClaim, admit};
use crate::mail::letter;
use crate::receive::{Envelope, Gate, KeepError, Keeper, Kept, Verdict};
use crate::store::inbox::{self, Arrival};

/// Told to everybody who may not write here, whoever he is and whatever his token was.
const REFUSED: &str = "Cette adresse ne recoit que les reponses aux demandes Administration+. \
    Repondez au dernier message recu, depuis l'adresse qui l'a recu.\n\
    This address only takes replies to Administration+ requests, sent from the address that received them.";
const NOT_OURS: &str = "Adresse inconnue ici. / No such address here.";
const LATER: &str = "Verification momentanement impossible, nouvel essai plus tard. / Cannot verify for now, try again later.";
/// Words that need no token behind them.
const OPEN_WORDS: [&str; 5] = ["nouvelle", "postmaster", "abuse", "support", "aide"];

/// The gate and the keeper of a daemon.
#[derive(Debug, Clone)]
pub struct Porter(pub Arc<Office>);

impl Gate for Porter {
    fn recipient<'a>(&'a self, _envelope: &'a Envelope, recipient: &'a str) -> BoxFuture<'a, Verdict> {
        let ours = self.is_ours(recipient);
        Box::pin(async move { if ours { Verdict::Accept } else { refuse("5.1.1", NOT_OURS) } })
    }

    fn message<'a>(&'a self, envelope: &'a Envelope, bytes: &'a [u8]) -> BoxFuture<'a, Verdict> {
        Box::pin(self.judge(envelope, bytes))
    }
}

impl Porter {
    /// At our domain (or a sub-domain that carries the word), with a token or a word we know.
    fn is_ours(&self, recipient: &str) -> bool {
        let office = &self.0;
        let Some((local, domain)) = recipient.rsplit_once('@') else {
            return recipient.eq_ignore_ascii_case("postmaster");
        };
        if !domain.eq_ignore_ascii_case(&office.addressing.domain) {
            return office.addressing.catch_all && office.addressing.carries_token(recipient);
        }
        let local = local.to_ascii_lowercase();
        let word = local.split(office.addressing.separator).next().unwrap_or_default();
        office.addressing.carries_token(recipient)
            || OPEN_WORDS.contains(&word)
            || word == office.settings.sender
    }

    /// A mail with one of our tokens is let in and worked later; without one, only a proved known sender is.
    async fn judge(&self, envelope: &Envelope, bytes: &[u8]) -> Verdict {
        let office = &self.0;
        let Ok(letter) = letter::read(bytes, &office.settings.limits) else {
            // Kept as a dead letter, with its reason: better than a bounce that nobody understands.
            return Verdict::Accept;
        };
        if is_postmaster(envelope) || !mail::tokens(office, envelope, &letter).carried.is_empty() {
            return Verdict::Accept;
        }
        match mail::read(office, envelope.clone(), bytes).await {
            Ok(mail) => without_token(&mail),
            Err(Stop::Unreadable(_)) => Verdict::Accept,
            Err(Stop::Store(_) | Stop::Scan(_)) => {
                Verdict::Later { enhanced: "4.3.0", text: LATER.to_owned() }
            }
        }
    }
}

/// RFC 5321 §4.5.1 and RFC 2142: these two are always taken.
fn is_postmaster(envelope: &Envelope) -> bool {
    let words = ["postmaster", "abuse"];
    envelope.recipients.iter().any(|to| {
        let local = to.split('@').next().unwrap_or_default();
        words.iter().any(|word| local.eq_ignore_ascii_case(word))
    })
}

/// The rows of the admission table that need no demande.
fn without_token(mail: &Mail) -> Verdict {
    let sender = match &mail.who {
        Who::Person(person) if person.disabled => Sender::Disabled(person.id),
        Who::Person(person) => Sender::Person { id: person.id, participates: false, in_group: false },
        Who::Bal(..) | Who::Unknown => Sender::Unknown,
    };
    if sender == Sender::Unknown
        && mail.trust.alignment == Alignment::Temporary
        && matches!(mail.who, Who::Bal(..))
    {
        return Verdict::Later { enhanced: "4.7.0", text: LATER.to_owned() };
    }
    match admit(TokenClaim::None, sender, mail.trust.alignment, false) {
        Admission::Refuse => refuse("5.7.1", REFUSED),
        Admission::Later => Verdict::Later { enhanced: "4.7.0", text: LATER.to_owned() },
        _ => Verdict::Accept,
    }
}

fn refuse(enhanced: &'static str, text: &str) -> Verdict {
    Verdict::Refuse { code: 550, enhanced, text: text.to_owned() }
}

impl Keeper for Porter {
    fn keep(&self, envelope: Envelope, bytes: Vec<u8>) -> BoxFuture<'_, Result<Kept, KeepError>> {
        Box::pin(async move {
            let office = &self.0;
            let envelope =
                serde_json::to_value(&envelope).map_err(|e| KeepError::Unavailable(e.to_string()))?;
            let arrival = Arrival::letter(envelope, bytes, office.clock.now());
            let kept = inbox::keep(&office.db, &office.clock, arrival).await;
            let kept = kept.map_err(|error| KeepError::Unavailable(error.to_string()))?;
            office.kept.notify_one();
            let id = kept.id.to_string();
            tracing::info!(inbox = %id, seen = kept.seen, "kept");
            Ok(if kept.seen { Kept::Seen(id) } else { Kept::New(id) })
        })
    }
}
