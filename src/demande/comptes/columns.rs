//! The columns of an import and how each is read.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{CsvError, ImportedGroup, ImportedPerson};

/// Every column: its name, as messages show it, and the other names people give it, folded.
const COLUMNS: &[(&str, &str, &[&str])] = &[
    ("prenom", "Prénom", &["first name", "firstname"]),
    ("nom", "Nom", &["nom de famille", "last name", "lastname"]),
    (
        "email",
        "Email",
        &["e mail", "mail", "adresse mail", "adresse e mail", "adresse electronique", "courriel"],
    ),
    ("qualite", "Qualité", &["fonction", "poste"]),
    ("telephone", "Téléphone", &["tel", "numero de telephone"]),
    ("groupe", "Groupe", &["groupes", "structure", "nom du groupe"]),
    ("organisme", "Organisme", &[]),
    ("territoires", "Territoires", &["territoire", "departement", "departements"]),
    ("instructeur", "Instructeur", &[]),
    ("aidant", "Aidant", &[]),
    ("responsable", "Responsable", &["manager"]),
    ("bal", "BAL", &["boite partagee", "bal generique", "email du groupe"]),
    ("partage", "Compte partagé", &["compte partage"]),
];

/// Lower case, without accents, blanks for punctuation.
pub(super) fn folded(text: &str) -> String {
    let letters = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let spaced: String = letters.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where each known column stands in this file.
pub(super) struct Columns {
    found: Vec<(&'static str, usize)>,
    /// Headers that no column answers to: told to who imports, and left alone.
    pub(super) ignored: Vec<String>,
}

impl Columns {
    pub(super) fn of(headers: &csv::StringRecord) -> Result<Self, CsvError> {
        let (mut found, mut ignored) = (Vec::new(), Vec::new());
        for (at, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
            let name = folded(header);
            match COLUMNS.iter().find(|(key, _, others)| *key == name || others.contains(&name.as_str())) {
                Some((key, ..)) => found.push((*key, at)),
                None => ignored.push(header.to_owned()),
            }
        }
        for (key, label) in [("email", "Email"), ("nom", "Nom")] {
            if !found.iter().any(|(found, _)| *found == key) {
                let labels: Vec<_> = COLUMNS.iter().map(|(_, label, _)| *label).collect();
                let problem = format!("this column is missing; the known ones are {}", labels.join(", "));
                return Err(CsvError { line: 1, column: label.to_owned(), problem });
            }
        }
        Ok(Columns { found, ignored })
    }

    pub(super) fn row<'a>(&'a self, line: u64, record: &'a csv::StringRecord) -> Row<'a> {
        Row { columns: self, record, line, errors: Vec::new() }
    }
}

/// One line being read.
pub(super) struct Row<'a> {
    columns: &'a Columns,
    record: &'a csv::StringRecord,
    line: u64,
    pub(super) errors: Vec<CsvError>,
}

impl Row<'_> {
    pub(super) fn get(&self, key: &str) -> &str {
        let at = self.columns.found.iter().find(|(found, _)| *found == key);
        at.and_then(|(_, at)| self.record.get(*at)).unwrap_or_default().trim()
    }

    fn optional(&self, key: &str) -> Option<String> {
        Some(self.get(key)).filter(|value| !value.is_empty()).map(ToOwned::to_owned)
    }

    fn wrong(&mut self, key: &str, problem: &str) {
        let label = COLUMNS.iter().find(|(known, ..)| *known == key).map_or(key, |(_, label, _)| label);
        self.errors.push(CsvError { line: self.line, column: label.to_owned(), problem: problem.to_owned() });
    }

    pub(super) fn group(&mut self) -> Option<ImportedGroup> {
        let name = self.optional("groupe")?;
        let territoires = self.territoires();
        let bal = self.optional("bal");
        if bal.as_deref().is_some_and(|bal| !is_address(bal)) {
            self.wrong("bal", "not a mail address");
        }
        Some(ImportedGroup { name, organisme: self.get("organisme").to_owned(), territoires, bal })
    }

    fn territoires(&mut self) -> Vec<String> {
        let text = self.get("territoires").to_owned();
        let codes = text.split([',', ';', '|', '/']).map(str::trim).filter(|code| !code.is_empty());
        let read: Vec<Option<String>> = codes.map(territoire).collect();
        if read.contains(&None) {
            self.wrong("territoires", "expected codes such as 54, 2A or 974, separated by commas");
        }
        read.into_iter().flatten().collect()
    }

    pub(super) fn person(&mut self, group: Option<ImportedGroup>) -> ImportedPerson {
        let address = self.get("email").to_owned();
        if !is_address(&address) {
            self.wrong("email", "not a mail address");
        }
        let last_name = self.get("nom").to_owned();
        if last_name.is_empty() {
            self.wrong("nom", "is empty");
        }
        let instructeur = self.flag("instructeur");
        let aidant = self.flag("aidant");
        ImportedPerson {
            first_name: self.get("prenom").to_owned(),
            last_name,
            address,
            qualite: self.optional("qualite"),
            phone: self.optional("telephone"),
            groups: group.into_iter().collect(),
            instructeur,
            aidant,
            responsable: self.flag("responsable"),
            shared: self.flag("partage"),
        }
    }

    fn flag(&mut self, key: &str) -> bool {
        match folded(self.get(key)).as_str() {
            "oui" | "o" | "vrai" | "true" | "1" | "x" | "yes" => true,
            "" | "non" | "n" | "faux" | "false" | "0" | "no" => false,
            _ => {
                self.wrong(key, "expected oui or non");
                false
            }
        }
    }
}

/// One mail address, plain: RFC 5321 without quoted local parts or address literals.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let clean = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@".contains(c))
    };
    clean(local)
        && clean(domain)
        && local.len() <= 64
        && text.len() <= 254
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// The code of a territoire: 01 to 95 with 2A and 2B for 20, 971 to 976, "Demo".
fn territoire(text: &str) -> Option<String> {
    let code = text.to_uppercase();
    let code =
        if code.len() == 1 && code.bytes().all(|b| b.is_ascii_digit()) { format!("0{code}") } else { code };
    let known = match code.as_str() {
        "2A" | "2B" | "971" | "972" | "973" | "974" | "976" => true,
        "DEMO" => return Some("Demo".to_owned()),
        "20" => false,
        _ => code.len() == 2 && code.parse::<u8>().is_ok_and(|n| (1..=95).contains(&n)),
    };
    known.then_some(code)
}
