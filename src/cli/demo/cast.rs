//! The invented cast, the demande, and the mails of `mailbox-fixtures` that are played.

/// The cast, as an operator would import it.
pub(super) const PEOPLE: &[u8] = include_bytes!("../../../docs/people.csv");
/// The demande, as an operator would create it.
pub(super) const DEMANDE: &str = include_str!("../../../docs/demande.toml");

pub(super) const NADIA: &str = "nadia.benali@valbrume.example";
pub(super) const LEA: &str = "lea.martin@caf54.example";
pub(super) const KARIM: &str = "karim.haddad@caf54.example";
pub(super) const PAUL: &str = "paul.girard@cpam54.example";

/// A mail that is played: its fixture, its bytes, and the client it comes from.
#[derive(Clone, Copy)]
pub(super) struct Fixture {
    pub(super) name: &'static str,
    pub(super) client: &'static str,
    pub(super) bytes: &'static [u8],
}

macro_rules! fixtures {
    ($($id:ident = $name:literal from $client:literal;)+) => { $(
        pub(super) const $id: Fixture = Fixture {
            name: $name,
            client: $client,
            bytes: include_bytes!(concat!("../../../mailbox-fixtures/", $name)),
        };
    )+ };
}

fixtures! {
    TAKES_CHARGE = "commands/je-m-en-occupe.eml" from "Gmail";
    ANSWERS = "replies/apple-mail-fr.eml" from "Apple Mail";
    NOTES = "commands/note-une-ligne.eml" from "Outlook";
    STRANGER_WITH_TOKEN = "auth/transfere-a-un-inconnu.eml" from "Thunderbird";
    STRANGER = "auth/inconnu-sans-jeton.eml" from "un webmail";
    ABSENT = "machines/absence-outlook-fr.eml" from "Outlook, en son absence";
    HANDLES = "commands/traite-iphone.eml" from "iPhone";
    HANDLES_AGAIN = "commands/traitee-premiere-ligne-texte.eml" from "Outlook";
    UNDOES = "commands/annuler-iphone.eml" from "iPhone";
    ARCHIVES = "commands/archiver-oui.eml" from "Thunderbird";
}
