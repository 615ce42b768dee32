//! The files of a mail: which are kept with the message, which are left out, which are withheld.

use sha2::{Digest, Sha256};

use super::Case;
use crate::demande::FileRef;
use crate::demande::decide::Scene;
use crate::mail::letter::Attachment;
use crate::store::objects::{self, Image, NewFile};
use crate::store::{StoreError, Tx};

/// Keeps the files that belong to the message: repeated signature logos are left out, dangerous ones withheld. Returns
/// them, and the reason why one was withheld.
pub(super) async fn keep(
    case: &Case<'_>,
    tx: &mut Tx,
    scene: &Scene,
) -> Result<(Vec<FileRef>, Option<String>), StoreError> {
    let (mut kept, mut withheld) = (Vec::new(), None);
    for attachment in &case.mail.letter.attachments {
        if let Some(reason) = attachment.withheld {
            withheld = Some(reason.to_owned());
        } else if !is_logo(case, tx, attachment).await? {
            kept.push(keep_one(case, tx, scene, attachment).await?);
        }
    }
    Ok((kept, withheld))
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
    let digest = hex(&Sha256::digest(&attachment.bytes));
    let image = Image { sender, sha256: &digest, source: case.id, at: case.office.clock.now() };
    objects::logo_seen(tx, image).await
}

async fn keep_one(
    case: &Case<'_>,
    tx: &mut Tx,
    scene: &Scene,
    attachment: &Attachment,
) -> Result<FileRef, StoreError> {
    let file = NewFile {
        demande: scene.demande.number,
        name: &attachment.name,
        kind: &attachment.kind,
        bytes: &attachment.bytes,
    };
    objects::keep_file(tx, &case.office.clock, file).await
}

/// What was said and its files, as one fingerprint: the same mail by two ways is one message.
pub(super) fn fingerprint(said: &str, attachments: &[Attachment]) -> String {
    let mut digest = Sha256::new();
    digest.update(said.trim().as_bytes());
    for attachment in attachments {
        digest.update([0]);
        digest.update(Sha256::digest(&attachment.bytes));
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        hex
    })
}
