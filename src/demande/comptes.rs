//! Accounts and groups as an import describes them (domain.md §8): a CSV read whole, every error with its line and
//! column, and nothing kept of a file that has one.

mod columns;

use std::collections::BTreeMap;

use columns::{Columns, folded};

/// An account to create or update, known by its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "flags of an account, as A+ has them")]
pub struct ImportedPerson {
    /// Prénom; may be empty for a shared account.
    pub first_name: String,
    /// Nom.
    pub last_name: String,
    /// Email, its key.
    pub address: String,
    /// Qualité.
    pub qualite: Option<String>,
    /// Téléphone.
    pub phone: Option<String>,
    /// The groups it belongs to.
    pub groups: Vec<ImportedGroup>,
    /// Instructeur.
    pub instructeur: bool,
    /// Aidant: who is marked so, and whoever is no instructeur.
    pub aidant: bool,
    /// Responsable.
    pub responsable: bool,
    /// Compte partagé: several people write from it.
    pub shared: bool,
}

/// A group to create or complete, known by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportedGroup {
    /// Groupe.
    pub name: String,
    /// Organisme, as written; the store's caller checks it against the reference list.
    pub organisme: String,
    /// Codes of its territoires.
    pub territoires: Vec<String>,
    /// Its shared mailbox.
    pub bal: Option<String>,
}

/// What a whole file asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// Accounts, in the order of their first line.
    pub people: Vec<ImportedPerson>,
    /// Groups that stand on a line without an account.
    pub groups: Vec<ImportedGroup>,
    /// Headers of the columns that nothing was read from.
    pub ignored: Vec<String>,
}

/// Something wrong in a CSV, where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct CsvError {
    /// Line of the file, from 1.
    pub line: u64,
    /// Header of the column, or its rank.
    pub column: String,
    /// What is wrong and what is expected; never the value itself, which may be personal.
    pub problem: String,
}

/// Reads a file: `;`, `,` or tab, UTF-8 or Windows-1252 (Excel), header names without case or accents.
pub fn read(bytes: &[u8]) -> Result<Import, Vec<CsvError>> {
    let text = decoded(bytes);
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::of(reader.headers().map_err(|e| vec![broken(&e)])?).map_err(|e| vec![e])?;
    let mut file = File::default();
    for record in reader.records() {
        match record {
            Ok(record) => file.row(&columns, &record),
            Err(error) => file.errors.push(broken(&error)),
        }
    }
    file.finish(columns.ignored)
}

fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The separator that stands most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |c: &u8| first.bytes().filter(|b| b == c).count();
    [b';', b',', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b';')
}

fn broken(error: &csv::Error) -> CsvError {
    let line = error.position().map_or(1, csv::Position::line);
    CsvError { line, column: "-".to_owned(), problem: "not a readable CSV line; check its quotes".to_owned() }
}

/// The rows read so far.
#[derive(Default)]
struct File {
    people: Vec<ImportedPerson>,
    by_address: BTreeMap<String, usize>,
    groups: Vec<ImportedGroup>,
    errors: Vec<CsvError>,
}

impl File {
    fn row(&mut self, columns: &Columns, record: &csv::StringRecord) {
        if record.iter().all(str::is_empty) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = columns.row(line, record);
        let group = row.group();
        if row.get("email").is_empty() && group.is_some() && row.get("nom").is_empty() {
            self.groups.extend(group);
        } else {
            let person = row.person(group);
            self.add(person, &mut row.errors, line);
        }
        self.errors.append(&mut row.errors);
    }

    /// Several lines of one address are one account in several groups; they must agree on its name.
    fn add(&mut self, person: ImportedPerson, errors: &mut Vec<CsvError>, line: u64) {
        let key = person.address.to_lowercase();
        let Some(known) = self.by_address.get(&key).map(|at| &mut self.people[*at]) else {
            self.by_address.insert(key, self.people.len());
            self.people.push(person);
            return;
        };
        if folded(&known.last_name) != folded(&person.last_name)
            || folded(&known.first_name) != folded(&person.first_name)
        {
            let problem = "this address already stands above with another name".to_owned();
            errors.push(CsvError { line, column: "Email".to_owned(), problem });
        }
        known.instructeur |= person.instructeur;
        known.responsable |= person.responsable;
        known.aidant |= person.aidant;
        known.groups.extend(person.groups);
    }

    fn finish(mut self, ignored: Vec<String>) -> Result<Import, Vec<CsvError>> {
        if self.errors.is_empty() {
            for person in &mut self.people {
                person.aidant |= !person.instructeur;
            }
            Ok(Import { people: self.people, groups: self.groups, ignored })
        } else {
            Err(self.errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_french_spreadsheet() {
        let csv = "\u{feff}Prénom;NOM;E-mail;Qualité;Telephone;Groupe;Organisme;Territoires;Instructeur;Responsable;BAL\r\n\
            Léa;Martin;Lea.Martin@caf54.example;Gestionnaire;0383000000;CAF 54;CAF;54;oui;non;contact@caf54.example\r\n\
            Nadia;Benali;nadia@valbrume.example;;;MFS Valbrume;MFS;54, 57;;;\r\n\
            Léa;MARTIN;lea.martin@caf54.example;;;CAF 57;CAF;57;;Oui;\r\n\
            ;;;;;CPAM 54;CPAM;54;;;contact@cpam54.example\r\n";
        let import = read(csv.as_bytes()).unwrap();
        assert_eq!(import.people.len(), 2);
        let lea = &import.people[0];
        assert!(lea.instructeur && lea.responsable && !lea.aidant);
        assert_eq!(lea.groups.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["CAF 54", "CAF 57"]);
        assert_eq!(lea.groups[0].bal.as_deref(), Some("contact@caf54.example"));
        assert_eq!(import.people[1].groups[0].territoires, ["54", "57"]);
        assert!(import.people[1].aidant);
        assert_eq!(import.groups[0].name, "CPAM 54");
    }

    #[test]
    fn commas_and_windows_1252() {
        let csv = b"email,nom,pr\xe9nom,groupe,organisme,territoires\nh@a.example,Dupr\xe9,H\xe9l\xe8ne,G,CAF,\"54,88\"\n";
        let import = read(csv).unwrap();
        assert_eq!(import.people[0].first_name, "Hélène");
        assert_eq!(import.people[0].groups[0].territoires, ["54", "88"]);
    }

    #[test]
    fn every_error_has_its_line_and_column_and_no_value() {
        let csv = "Nom;Email;Instructeur;Groupe;Territoires\nA;pas une adresse;oui;G;54\nB;b@b.example;peut-être;G;999\n";
        let errors = read(csv.as_bytes()).unwrap_err();
        let places: Vec<_> = errors.iter().map(|e| (e.line, e.column.as_str())).collect();
        assert_eq!(places, [(2, "Email"), (3, "Territoires"), (3, "Instructeur")]);
        assert!(errors.iter().all(|e| !e.to_string().contains("pas une adresse")));
    }

    #[test]
    fn a_missing_header_is_told_and_an_unknown_one_left_alone() {
        assert_eq!(read(b"Nom;Groupe\nA;G\n").unwrap_err()[0].column, "Email");
        assert_eq!(read(b"Nom;Email;Couleur\nA;a@b.example;bleu\n").unwrap().ignored, ["Couleur"]);
    }
}
