//! The files of a mail: which are kept with the message, which are left out, which are withheld.

use std::borrow::Cow;
use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Case;
use crate::demande::FileRef;
use crate::demande::decide::Scene;
use crate::demande::notice::{Order, Reader, What};
use crate::demande::rights::Refusal;
use crate::mail::letter::Attachment;
use crate::mail::scrub;
use crate::store::audit::{self, NewLine};
use crate::store::inbox::{Settlement, State};
use crate::store::objects::{self, Image, NewFile};
use crate::store::{StoreError, Tx, outbox};

/// Largest file, and largest files of one message together, in octets (domain.md §7).
const ONE: usize = 20 << 20;
const ALL: usize = 25 << 20;
const TOO_LARGE: &str = "too large";
const TOO_MUCH: &str = "too much";
/// One of our own mails, which shows its reader's address.
const OURS: &str = "our own mail";

/// The files of a message.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Those that stay with it.
    pub(super) kept: Vec<FileRef>,
    /// Why others do not, each reason once.
    pub(super) withheld: BTreeSet<&'static str>,
}

/// Keeps the files that belong to the message: repeated signature logos are left out, dangerous ones withheld.
///
/// # Errors
/// [`StoreError::Temporary`] for files that a scanner should have looked at and has not: nothing unscanned is served.
pub(super) async fn keep(case: &Case<'_>, tx: &mut Tx, scene: &Scene) -> Result<Files, StoreError> {
    let attachments = &case.mail.letter.attachments;
    if case.office.scanner.is_some() && !case.mail.scanned && !attachments.is_empty() {
        return Err(StoreError::Temporary("its files are not scanned yet".to_owned()));
    }
    let (mut files, mut room) = (Files::default(), ALL);
    for attachment in attachments {
        if let Some(reason) = withheld(attachment, &mut room) {
            files.withheld.insert(reason);
        } else if !is_logo(case, tx, attachment).await? {
            files.kept.push(keep_one(case, tx, scene, attachment).await?);
        }
    }
    Ok(files)
}

impl Case<'_> {
    /// A mail that held nothing but files that are withheld.
    pub(super) async fn refuse_files(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        reader: Reader,
        withheld: &BTreeSet<&'static str>,
    ) -> Result<Settlement, StoreError> {
        let number = scene.demande.number;
        let orders: Vec<_> = withheld.iter().map(|reason| (None, self.withheld(&reader, reason))).collect();
        outbox::post(tx, &self.office.clock, Some(number), Some(self.id), &orders).await?;
        Ok(Settlement { demande: Some(number), ..self.settled(State::Refused, "fichier_refuse") })
    }

    pub(super) fn withheld(&self, reader: &Reader, reason: &str) -> Order {
        self.order(reader.clone(), What::Refus(Refusal::FichierRefuse { reason: reason.to_owned() }))
    }

    pub(super) async fn audit_withheld(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        withheld: &BTreeSet<&'static str>,
    ) -> Result<(), StoreError> {
        if withheld.is_empty() {
            return Ok(());
        }
        let detail =
            serde_json::json!({ "inbox": self.id, "reasons": withheld, "viruses": self.mail.infected });
        let (at, demande) = (self.office.clock.now(), Some(scene.demande.number));
        audit::append(
            tx,
            &NewLine { at, who: "relais", door: "mail", what: "fichier_retenu", demande, detail },
        )
        .await
    }
}

fn withheld(attachment: &Attachment, room: &mut usize) -> Option<&'static str> {
    if attachment.withheld.is_some() {
        return attachment.withheld;
    }
    if attachment.size > ONE {
        return Some(TOO_LARGE);
    }
    if is_ours(attachment) {
        return Some(OURS);
    }
    match room.checked_sub(attachment.size) {
        Some(left) => *room = left,
        None => return Some(TOO_MUCH),
    }
    None
}

/// One of our mails as a file: its Reply-To is that of one reader, and it may quote a note.
fn is_ours(attachment: &Attachment) -> bool {
    let compressed =
        ["image/", "audio/", "video/", "font/"].iter().any(|top| attachment.kind.starts_with(top));
    !compressed && scrub::carries_token(&attachment.bytes)
}

/// A signature's logo: it looks like one, or this sender's mails already carried the same inline image.
async fn is_logo(case: &Case<'_>, tx: &mut Tx, attachment: &Attachment) -> Result<bool, StoreError> {
    if attachment.logo {
        return Ok(true);
    }
    if !attachment.inline || !attachment.kind.starts_with("image/") {
        return Ok(false);
    }
    let sender = case.mail.trust.from.as_deref().unwrap_or_default();
    let digest = HEXLOWER.encode(&Sha256::digest(&attachment.bytes));
    let image = Image { sender, sha256: &digest, source: case.id, at: case.office.clock.now() };
    objects::logo_seen(tx, image).await
}

async fn keep_one(
    case: &Case<'_>,
    tx: &mut Tx,
    scene: &Scene,
    attachment: &Attachment,
) -> Result<FileRef, StoreError> {
    let name = shown_name(&attachment.name);
    let file = NewFile {
        demande: scene.demande.number,
        name: &name,
        kind: &attachment.kind,
        bytes: &attachment.bytes,
    };
    objects::keep_file(tx, &case.office.clock, file).await
}

/// A name without an address of ours; its extension stays.
fn shown_name(name: &str) -> Cow<'_, str> {
    match (scrub::text(name), name.rsplit_once('.')) {
        (Cow::Owned(scrubbed), Some((_, extension))) if !scrubbed.ends_with(extension) => {
            Cow::Owned(format!("{scrubbed}.{extension}"))
        }
        (scrubbed, _) => scrubbed,
    }
}

/// What was said and its files, as one fingerprint: the same mail by two ways is one message.
pub(super) fn fingerprint(said: &str, attachments: &[Attachment]) -> String {
    let mut digest = Sha256::new();
    digest.update(said.trim().as_bytes());
    for attachment in attachments {
        digest.update([0]);
        digest.update(Sha256::digest(&attachment.bytes));
    }
    HEXLOWER.encode(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: usize) -> Attachment {
        Attachment {
            name: name.to_owned(),
            kind: "image/png".to_owned(),
            declared: String::new(),
            size,
            inline: false,
            content_id: None,
            bytes: Vec::new(),
            logo: false,
            withheld: None,
            text: None,
        }
    }

    #[test]
    fn twenty_megabytes_a_file_and_twenty_five_a_message() {
        let mut room = ALL;
        assert_eq!(withheld(&file("a", ONE + 1), &mut room), Some(TOO_LARGE));
        assert_eq!(withheld(&file("b", ONE), &mut room), None, "a refused one takes no room");
        assert_eq!(withheld(&file("c", ALL - ONE + 1), &mut room), Some(TOO_MUCH));
        assert_eq!(withheld(&file("d", ALL - ONE), &mut room), None, "a smaller one still fits");
        assert_eq!(withheld(&file("e", 1), &mut room), Some(TOO_MUCH));
        assert_eq!(withheld(&file("f", 0), &mut room), None);
    }

    #[test]
    fn a_name_keeps_its_extension() {
        let token = "yjny2ydncuktnkck7h3sav7qy5745dd4uufzqx2fwy";
        let name = format!("Re_ reponse+{token}@demandes.example.pdf");
        assert_eq!(shown_name(&name), "Re_ [adresse masquée].pdf");
        assert_eq!(shown_name("bail.pdf"), "bail.pdf");
    }
}
