//! What carries a notice: the addresses, ids and dates that the outbox row gives to a mail.

use uuid::Uuid;

use crate::demande::Millis;

/// All that a mail needs beside its words. Everything comes from the outbox row, so that a retry is byte-equal.
#[derive(Debug, Clone)]
pub struct Carriage {
    /// Id of the outbox row; the MIME boundaries are made of it.
    pub outbox_id: Uuid,
    /// The row's time: the Date header.
    pub now: Millis,
    /// Minutes east of UTC of the reader's territoire at `now`.
    pub offset_minutes: i32,
    /// With or without `<` `>`.
    pub message_id: String,
    /// Oldest first, our token's last.
    pub references: Vec<String>,
    /// The message answered.
    pub in_reply_to: Option<String>,
    /// `reponse+TOKEN@domain`, personal to the reader.
    pub reply_to: String,
    /// `sondage+TOKEN@domain`: where the buttons of the archiving question write.
    pub survey_to: String,
    /// Domain of the gateway.
    pub domain: String,
    /// Local part of From: "notification".
    pub sender_local: String,
    /// The support's address, in every footer.
    pub support: String,
    /// `https://…` (one-click) or `mailto:…` for List-Unsubscribe, where the notice may be refused.
    pub unsubscribe: Option<String>,
    /// The line above which one answers, as `mail` recognises it.
    pub marker: &'static str,
    /// The token, for the weakest carrier (attribute `data-relais-jeton`).
    pub token: String,
    /// Files sent along.
    pub files: Vec<FileBytes>,
}

/// A file sent along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBytes {
    /// Its name.
    pub name: String,
    /// Its MIME type, told by its bytes.
    pub kind: String,
    /// Its content.
    pub bytes: Vec<u8>,
}
