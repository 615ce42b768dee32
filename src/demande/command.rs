//! The words people write (placeholder until the `reply` branch lands).
#![expect(missing_docs, reason = "placeholder")]

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Utile {
    Oui,
    Non,
    Nsp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Repondre,
    Vu,
    PriseEnCharge,
    Laisser,
    MauvaisInterlocuteur { transmettre: Option<String> },
    Traitee,
    NonPertinente(Option<String>),
    Note(String),
    Inviter(String),
    Moderateur,
    Archiver(Option<Utile>),
    Rouvrir,
    Annuler,
    Corriger(String),
    Suivre,
    NePlusSuivre,
    Etat,
    Historique,
    Infos,
    MesDemandes,
    Chercher(String),
    Liste,
    Notifications(String),
    Silence(String),
    Absent(String),
    Support(String),
    Aide,
    Oui,
    Non,
}

impl Command {
    pub fn as_json_name(&self) -> &'static str {
        "x"
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Text,
    Subject,
    Address,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub command: Command,
    pub source: Source,
    pub raw: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    Unknown { word: String, nearest: Option<&'static str> },
    Contradictory { words: Vec<String> },
    NoteLooking,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Speech {
    pub commands: Vec<Spoken>,
    pub prose: String,
    pub trouble: Option<Trouble>,
}

pub fn is_mere_thanks(prose: &str) -> bool {
    matches!(prose.trim().to_lowercase().as_str(), "merci" | "merci." | "bien reçu, merci")
}
