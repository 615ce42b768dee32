//! The notice of a question: the held mail is read again, so that no copy of its text lies in the outbox.

use super::super::act::cleaned;
use super::super::{Office, mail};
use crate::demande::Kind;
use crate::demande::confirmation::{Asked, Kind as Question};
use crate::demande::decide::Scene;
use crate::demande::notice::{EntryView, Facts, Notice, compose_question};
use crate::mail::token::Purpose;
use crate::mail::{letter, scrub};
use crate::receive::Envelope;
use crate::store::StoreError;
use crate::store::confirmations::{self, State};
use crate::store::inbox::{self, Detail};
use crate::store::outbox::Leased;

/// The question, with the held mail as it would be posted; `None` when it is answered, over, or its mail gone.
pub(super) async fn notice(
    office: &Office,
    row: &Leased,
    scene: &Scene,
    asked: Asked,
) -> Result<Option<Notice>, StoreError> {
    let now = office.clock.now();
    let mut tx = office.db.read().await?;
    let question = confirmations::find(&mut tx, asked.id).await?;
    let Some(question) = question.filter(|q| q.state == State::Open && q.expires_at > now) else {
        return Ok(None);
    };
    let detail = inbox::show(&mut tx, question.inbox).await?;
    drop(tx);
    let held = detail.and_then(|detail| held(office, scene, question.kind, detail));
    Ok(held.and_then(|held| compose_question(scene, &row.order, held, Facts { now })))
}

/// The held mail as an entry. Its author is the address it says to be from; where two programs could read two, none.
fn held(office: &Office, scene: &Scene, kind: Question, detail: Detail) -> Option<EntryView> {
    let letter = letter::read(&detail.raw?, &office.settings.limits).ok()?;
    let envelope: Envelope = serde_json::from_value(detail.row.envelope).ok()?;
    let tokens = mail::tokens(office, &envelope, &letter);
    let note = tokens.carried.iter().any(|carried| carried.token.purpose == Purpose::Note);
    let files = letter.attachments.iter().filter(|file| !file.logo && file.withheld.is_none());
    let files = files.map(|file| (scrub::text(&file.name).into_owned(), file.bytes.len() as u64)).collect();
    let from = letter.from.first().map(|from| from.address.clone()).unwrap_or_default();
    let author = match (kind, from.is_empty()) {
        (Question::Liberer, true) => "quelqu’un".to_owned(),
        _ => from,
    };
    // As it would be posted: a stranger's mail may quote another reader's address, or a note.
    let said = cleaned(mail::reply(office, &letter), scene, note).said;
    Some(EntryView {
        n: 0,
        kind: Kind::Texte,
        author,
        side: None,
        note,
        text: said,
        signed: String::new(),
        files,
        at: detail.row.received_at,
    })
}
