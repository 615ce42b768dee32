//! A demande to be, checked against the rules of domain.md §7 before anything is kept.
//!
//! Knows what is typed and what is wrong with it, field by field. Does not know where it was typed, nor the store.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::decide::Scene;
use super::{Group, GroupId, Mandat, Millis, Part, Participant, Person, PersonId, Side, masque, reference};

/// Longest sujet, in characters.
pub const SUJET_MAX: usize = 150;
/// Longest first name, name and birth date, in characters.
pub const USAGER_MAX: usize = 30;
/// Longest value of another info, in characters.
pub const INFO_MAX: usize = 200;

/// A demande as it is typed: the fields of `docs/demande.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Address of the aidant who asks.
    pub auteur: String,
    /// Name of the group in whose name he asks; none: in his own.
    pub structure: Option<String>,
    /// Code of the territoire.
    pub territoire: String,
    /// Names of the groups asked.
    pub groupes: Vec<String>,
    /// Subject.
    pub sujet: String,
    /// What is asked.
    #[serde(default)]
    pub description: String,
    /// The citizen.
    #[serde(default)]
    pub usager: Usager,
    /// Free keys: "Identifiant CAF", "Numéro fiscal"…
    #[serde(default)]
    pub infos: BTreeMap<String, String>,
    /// The citizen's authorisation.
    pub mandat: DraftMandat,
    /// Addresses of the colleagues who follow it too.
    #[serde(default)]
    pub collegues: Vec<String>,
}

/// The citizen, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usager {
    /// Prénom.
    #[serde(default)]
    pub prenom: String,
    /// Nom de famille.
    #[serde(default)]
    pub nom: String,
    /// Free text: a year alone is fine.
    #[serde(default)]
    pub date_naissance: String,
}

/// The mandat, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftMandat {
    /// papier, sms or telephone.
    #[serde(rename = "type")]
    pub kind: String,
    /// Date and hour, free text.
    #[serde(default)]
    pub date: String,
    /// "J’atteste avoir recueilli l’autorisation de l’usager."
    #[serde(default)]
    pub atteste: bool,
}

/// What the store knows of the people and groups that a draft names.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// The author, if the address is an account's.
    pub author: Option<Person>,
    /// The structure, by its name.
    pub structure: Option<Group>,
    /// The groups asked, in the order of the draft.
    pub groups: Vec<Option<Group>>,
    /// The colleagues, in the order of the draft.
    pub colleagues: Vec<Option<Person>>,
    /// Active instructeurs of the groups asked.
    pub instructeurs: Vec<PersonId>,
}

/// Something wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The field, as in `docs/demande.toml`.
    pub field: String,
    /// What is wrong and what is expected; never the value.
    pub problem: &'static str,
}

/// A demande that may be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Subject.
    pub sujet: String,
    /// Description.
    pub description: String,
    /// "Prénom", "Nom de famille", "Date de naissance" and the free keys; empty ones are left out.
    pub infos: BTreeMap<String, String>,
    /// Code of the territoire.
    pub territoire: String,
    /// The structure with its name frozen.
    pub structure: Option<(GroupId, String)>,
    /// The author.
    pub author: PersonId,
    /// The mandat.
    pub mandat: Mandat,
    /// Author, colleagues, instructeurs.
    pub participants: Vec<Participant>,
    /// The groups asked.
    pub groups: Vec<GroupId>,
    /// The sujet seems to hold personal data: to be questioned.
    pub sujet_is_personal: bool,
}

/// Checks a draft; every error at once.
pub fn check(draft: &Draft, named: &Named, now: Millis) -> Result<Ready, Vec<FieldError>> {
    let mut errors = Errors::default();
    texts(draft, &mut errors);
    let territoire = reference::territoire(draft.territoire.trim());
    errors.unless(territoire.is_some(), "territoire", "expected a code such as 54, 2A or 974");
    let author = named.author.as_ref().filter(|person| !person.disabled);
    errors.unless(author.is_some(), "auteur", "no active account has this address");
    errors.unless(
        author.is_none_or(|a| a.roles.aidant),
        "auteur",
        "this account may not open demandes: it is no aidant",
    );
    let groups = groups(named, &mut errors);
    let structure = structure(draft, named, &mut errors);
    let colleagues = colleagues(named, &mut errors);
    let mandat = mandat(&draft.mandat, &mut errors);
    let (Some(author), Some(territoire), true) = (author, territoire, errors.0.is_empty()) else {
        return Err(errors.0);
    };
    let infos = infos(draft);
    Ok(Ready {
        sujet_is_personal: masque::sujet(draft.sujet.trim(), &infos) != draft.sujet.trim(),
        sujet: draft.sujet.trim().to_owned(),
        description: draft.description.trim().to_owned(),
        territoire: territoire.code.to_owned(),
        structure,
        author: author.id,
        mandat,
        participants: participants(author.id, &colleagues, &named.instructeurs, now),
        groups,
        infos,
    })
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn unless(&mut self, fine: bool, field: impl Into<String>, problem: &'static str) {
        if !fine {
            self.0.push(FieldError { field: field.into(), problem });
        }
    }
}

fn texts(draft: &Draft, errors: &mut Errors) {
    let sujet = draft.sujet.trim();
    errors.unless(!sujet.is_empty(), "sujet", "is empty");
    errors.unless(sujet.chars().count() <= SUJET_MAX, "sujet", "is longer than 150 characters");
    errors.unless(!sujet.contains(['\n', '\r']), "sujet", "must be one line");
    let usager = [
        ("prenom", &draft.usager.prenom),
        ("nom", &draft.usager.nom),
        ("date_naissance", &draft.usager.date_naissance),
    ];
    for (field, value) in usager {
        let fits = value.chars().count() <= USAGER_MAX;
        errors.unless(fits, format!("usager.{field}"), "is longer than 30 characters");
    }
    for (key, value) in &draft.infos {
        errors.unless(
            value.chars().count() <= INFO_MAX,
            format!("infos.{key}"),
            "is longer than 200 characters",
        );
    }
}

fn groups(named: &Named, errors: &mut Errors) -> Vec<GroupId> {
    errors.unless(!named.groups.is_empty(), "groupes", "at least one group must be asked");
    for (rank, group) in named.groups.iter().enumerate() {
        errors.unless(group.is_some(), format!("groupes[{rank}]"), "no group has this name");
    }
    let mut ids: Vec<GroupId> = Vec::new();
    for group in named.groups.iter().flatten() {
        if !ids.contains(&group.id) {
            ids.push(group.id);
        }
    }
    ids
}

fn structure(draft: &Draft, named: &Named, errors: &mut Errors) -> Option<(GroupId, String)> {
    let asked = draft.structure.as_deref().is_some_and(|name| !name.trim().is_empty());
    errors.unless(!asked || named.structure.is_some(), "structure", "no group has this name");
    named.structure.as_ref().map(|group| (group.id, group.name.clone()))
}

fn colleagues(named: &Named, errors: &mut Errors) -> Vec<PersonId> {
    for (rank, person) in named.colleagues.iter().enumerate() {
        let known = person.as_ref().is_some_and(|person| !person.disabled);
        errors.unless(known, format!("collegues[{rank}]"), "no active account has this address");
    }
    named.colleagues.iter().flatten().map(|person| person.id).collect()
}

fn mandat(mandat: &DraftMandat, errors: &mut Errors) -> Mandat {
    let kind = mandat.kind.trim().to_lowercase().replace('é', "e");
    let known = ["papier", "sms", "telephone"].contains(&kind.as_str());
    errors.unless(known, "mandat.type", "expected papier, sms or telephone");
    errors.unless(
        mandat.atteste,
        "mandat.atteste",
        "must be true: the aidant attests having the usager's authorisation",
    );
    Mandat { kind, date: mandat.date.trim().to_owned(), atteste: mandat.atteste }
}

fn infos(draft: &Draft) -> BTreeMap<String, String> {
    let usager = [
        ("Prénom", &draft.usager.prenom),
        ("Nom de famille", &draft.usager.nom),
        ("Date de naissance", &draft.usager.date_naissance),
    ];
    let usager = usager.into_iter().map(|(key, value)| (key.to_owned(), value));
    let free = draft.infos.iter().map(|(key, value)| (key.trim().to_owned(), value));
    let filled = free.chain(usager).filter(|(_, value)| !value.trim().is_empty());
    filled.map(|(key, value)| (key, value.trim().to_owned())).collect()
}

/// Each person once: the author first, then his colleagues, then the instructeurs.
fn participants(
    author: PersonId,
    colleagues: &[PersonId],
    instructeurs: &[PersonId],
    now: Millis,
) -> Vec<Participant> {
    let colleagues = colleagues.iter().map(|id| (*id, Side::Auteur, Part::Aidant));
    let instructeurs = instructeurs.iter().map(|id| (*id, Side::Instructeurs, Part::Instructeur));
    let all = std::iter::once((author, Side::Auteur, Part::Auteur)).chain(colleagues).chain(instructeurs);
    let mut participants: Vec<Participant> = Vec::new();
    for (person, side, role) in all {
        if !participants.iter().any(|known| known.person == person) {
            participants.push(Participant {
                person,
                side,
                role,
                joined_at: now,
                left_at: None,
                follows: true,
            });
        }
    }
    participants
}

/// The names of those who will be told of a new demande, for who created it.
pub fn told(scene: &Scene) -> Vec<String> {
    use super::notice::{Reader, opened};
    let name = |reader: Reader| match reader {
        Reader::Person(id) => scene.people.get(&id).map(Person::name),
        Reader::Group(id) => scene.groups.get(&id).map(|group| group.name.clone()),
        Reader::Address(_) => None,
    };
    opened(scene).into_iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demande::Roles;
    use crate::demande::people::Level;

    fn person(id: u32) -> Person {
        Person {
            id: PersonId(id),
            first_name: "P".to_owned(),
            last_name: id.to_string(),
            qualite: None,
            address: format!("p{id}@agents.example"),
            phone: None,
            roles: Roles { aidant: true, ..Roles::default() },
            groups: Vec::new(),
            shared: false,
            disabled: false,
        }
    }

    fn caf() -> Group {
        Group {
            id: GroupId(1),
            name: "CAF 54".to_owned(),
            organisme: "CAF".to_owned(),
            aidant_side: false,
            territoires: vec!["54".to_owned()],
            bal: None,
            level: Level::Masque,
        }
    }

    fn named() -> Named {
        Named {
            author: Some(person(1)),
            structure: None,
            groups: vec![Some(caf())],
            colleagues: vec![Some(person(2))],
            instructeurs: vec![PersonId(3), PersonId(2)],
        }
    }

    fn sample() -> Draft {
        toml::from_str(include_str!("../../docs/demande.toml")).unwrap()
    }

    #[test]
    fn the_sample_of_the_docs_may_be_created() {
        let mut named = named();
        named.structure = Some(caf());
        let ready = check(&sample(), &named, 5).unwrap();
        assert_eq!(ready.infos["Nom de famille"], "Exemple");
        assert_eq!(ready.infos["Identifiant CAF"], "1234567A");
        let parts: Vec<_> = ready.participants.iter().map(|p| (p.person.0, p.role)).collect();
        assert_eq!(parts, [(1, Part::Auteur), (2, Part::Aidant), (3, Part::Instructeur)]);
        assert!(!ready.sujet_is_personal);
    }

    #[test]
    fn every_error_is_told_at_once_beside_its_field() {
        let draft = Draft {
            territoire: "20".to_owned(),
            sujet: "x".repeat(151),
            infos: [("Numéro fiscal".to_owned(), "9".repeat(201))].into(),
            usager: Usager { prenom: "y".repeat(31), ..Usager::default() },
            structure: Some("Nulle part".to_owned()),
            ..Draft::default()
        };
        let named = Named { groups: vec![None], colleagues: vec![None], ..Named::default() };
        let errors = check(&draft, &named, 0).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        let wanted = [
            "sujet",
            "usager.prenom",
            "infos.Numéro fiscal",
            "territoire",
            "auteur",
            "groupes[0]",
            "structure",
            "collegues[0]",
            "mandat.type",
            "mandat.atteste",
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn a_name_in_the_sujet_is_noticed() {
        let mut draft = sample();
        draft.structure = None;
        draft.sujet = "RSA de Mme Exemple".to_owned();
        assert!(check(&draft, &named(), 0).unwrap().sujet_is_personal);
    }
}
