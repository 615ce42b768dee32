//! Turns a mail that was cut wrongly into a fixture without personal data: the text that was read, every word that
//! no rule looks at replaced by letters of the same shape, and beside it what relais makes of it today, to be
//! corrected by hand. What the HTML's structure said is not kept.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::cli::{Exit, Failure};
use crate::mail::body::Body;
use crate::mail::reading::Reading;
use crate::mail::reply::{self, Evidence};

/// Writes the pair into `folder`, named after the mail.
pub(super) fn write(folder: &Path, path: &Path, reading: &Reading) -> Result<(), Failure> {
    let name = path.file_stem().map_or_else(|| "mail".into(), |stem| stem.to_string_lossy().into_owned());
    let text = masked(&reading.letter.body.text);
    let subject = masked(&reading.letter.subject);
    let evidence = Evidence { subject: Some(&subject), ..Evidence::default() };
    let reply = reply::extract(&Body { text: text.clone(), spans: Vec::new() }, &evidence);
    let expected = json!({
        "reply": reply.said,
        "automatic": reading.letter.machine.as_ref().map(|machine| machine.kind.as_str()),
        "commands": [],
        "attachments": [],
        "note": "anonymised by relais extract --fixture: correct the reply by hand",
    });
    keep(&folder.join(format!("{name}.eml")), &mail(&subject, &text))?;
    keep(&folder.join(format!("{name}.json")), &format!("{expected:#}\n"))?;
    eprintln!("relais: wrote {name}.eml and {name}.json: read both before you share them");
    Ok(())
}

/// Never over an existing file: it may be the mail itself.
fn keep(path: &Path, content: &str) -> Result<(), Failure> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| std::io::Write::write_all(&mut file, content.as_bytes()))
        .map_err(|error| Failure::new(Exit::No, format!("{}: {error}", path.display())))
}

fn mail(subject: &str, text: &str) -> String {
    let encoded = mail_builder::MessageBuilder::new()
        .from(("Prénom Nom", "prenom.nom@exemple.example"))
        .to("reponse+jeton@demandes.example")
        .date(0_i64)
        .message_id("0@exemple.example")
        .subject(subject)
        .text_body(text)
        .write_to_string();
    encoded.unwrap_or_else(|_| format!("Subject: mail\r\n\r\n{text}"))
}

/// The text with its words masked: same shape, no content. Figures become 1, letters x; words that the rules look
/// at, and very short ones, stay.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}') {
            word.push(c);
            continue;
        }
        mask(&word, c == '@' || out.ends_with('@'), &mut out);
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

fn mask(word: &str, in_address: bool, out: &mut String) {
    let folded = reply::folded(word);
    if !in_address
        && (folded.chars().count() <= 2 && !folded.contains(|c: char| c.is_ascii_digit()) || is_kept(&folded))
    {
        out.push_str(word);
        return;
    }
    for c in word.chars() {
        let masked = match c {
            _ if c.is_numeric() => '1',
            _ if c.is_uppercase() => 'X',
            _ => 'x',
        };
        let _ = out.write_char(masked);
    }
}

/// Words that say nothing of anybody and that clients, closings and labels are made of.
#[rustfmt::skip]
fn is_kept(folded: &str) -> bool {
    const WORDS: &str = " administration repondez dessus cette ligne ecrit wrote schrieb escribio scritto escreveu schreef napisal envoye envoyee objet sujet date pour copie importance haute expediteur destinataire from sent subject gesendet betreff \
 message messages mail mails original origine transfere forwarded begin debut reexpedie courriel iphone ipad android outlook galaxy appareil smartphone telephone mobile proton yahoo messagerie securisee avec depuis partir obtenir telecharger ios \
 bonjour bonsoir cordialement bien tres bonne belle journee soiree reception merci avance salutations regards best kind vous nous que qui est les des une dans par sur mon votre notre son externe external attention provient exterieur \
 confidentiel confidentiels pieces jointes destinataires erreur detruire integrite pensez environnement imprimer avant tel fax port service direction bureau pole caf cpam msa prefecture mairie rue avenue boulevard cedex conseiller conseillere gestionnaire charge chargee responsable agent \
 lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january february march april may june july august september october november december gmt utc cest demande dossier traitee traite note ";
    !folded.is_empty() && WORDS.split(' ').any(|word| word == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_people_and_keeps_the_machinery() {
        let masked = masked("Bonjour Léa,\nLe 12 mai 2026 à 14:03, Paul Durand <paul@caf.example> a écrit :");
        assert_eq!(masked, "Bonjour Xxx,\nLe 11 mai 1111 à 11:11, Xxxx Xxxxxx <xxxx@xxx.xxxxxxx> a écrit :");
    }
}
