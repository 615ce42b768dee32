//! What machines add around a person's words: mobile footers, antivirus notes, `[EXTERNE]` banners, disclaimers.
//! Each is a whole line or paragraph; a sentence that starts like one ("Envoyé de mon service ce matin, …") is not.

use super::fold::words;

/// "Envoyé de mon iPhone" and its cousins. Takes a folded line.
pub(super) fn is_mobile_footer(folded: &str) -> bool {
    let line = folded.trim_matches(|c: char| {
        matches!(c, '*' | '_' | '-' | ' ' | '.' | '[' | ']' | '(' | ')' | '<' | '>' | '"' | '|')
    });
    if line.len() > 160 {
        return false;
    }
    sent_from(line) || get_outlook(line) || WHOLE.iter().any(|w| line.starts_with(w))
}

/// Openings that no sentence of a person has.
#[rustfmt::skip]
const WHOLE: [&str; 14] = [
    "provenance : courrier pour", "provenance: courrier pour", "envoye par blackberry", "sent via blackberry", "envoye avec la messagerie securisee", "envoye avec mailo", "cet e-mail a ete envoye depuis mon",
    "sent with proton", "envoye avec proton", "envoye avec tutanota", "envoye via tutanota", "sent from tutanota", "envoye par mailo", "securise par tutanota",
];

/// Openings after which a device or a program must come at once.
#[rustfmt::skip]
const FROM: [&str; 40] = [
    "envoye a partir d'",    "envoye a partir de mon ", "envoye a partir d'un ", "envoye a partir de l'application ", "envoye a partir de la ", "envoye a partir de ", "envoye depuis mon ", "envoye depuis ma ", "envoye depuis l'application ", "envoye depuis l'appli ", "envoye de yahoo ", "envoye depuis l'app ", "envoye depuis l'",
    "envoye depuis un ", "envoye depuis la ", "envoye depuis le ", "envoye depuis ", "envoye de mon ", "envoye de ma ", "envoye d'un ", "envoye via mon ", "envoye via ", "envoye avec ", "envoye par ", "envoyee depuis mon ", "message envoye depuis mon ", "message envoye de mon ",
    "sent from my ", "sent from ", "sent via ", "sent using ", "gesendet von meinem ", "von meinem ", "gesendet mit der ", "gesendet von ", "enviado desde mi ", "enviado desde ", "enviado do meu ", "inviato da ", "inviato dal mio ",
];
#[rustfmt::skip]
const FROM_MORE: [&str; 8] = ["verzonden vanaf mijn ", "verzonden vanuit ", "wyslane z ", "wyslano z ", "skickat fran min ", "sendt fra min ", "مرسل من ", "أرسلت من "];
#[rustfmt::skip]
const DEVICES: [&str; 58] = [
    "iphone", "ipad", "ipod", "apple watch", "macbook", "mac", "smartphone", "smart phone", "telephone", "tel ", "portable", "mobile", "appareil", "tablette", "android", "galaxy", "samsung", "huawei", "xiaomi", "redmi", "pixel", "nokia", "sony", "xperia",
    "oneplus", "oppo", "blackberry", "windows phone", "nexus", "fairphone", "outlook", "courrier", "mail", "messagerie", "yahoo", "gmail", "proton", "orange", "la poste", "k-9", "bluemail", "spark", "aqua mail", "nine", "thunderbird", "handy", "gerat", "phone", "device", "tablet", "movil", "telefon", "canary", "airmail", "mailspring", "edison", "newton", "typeapp",
];

fn sent_from(line: &str) -> bool {
    FROM.iter()
        .chain(&FROM_MORE)
        .any(|opening| line.strip_prefix(opening).is_some_and(|rest| DEVICES.iter().any(|d| device(rest, d))))
}

/// The device at once, then nothing, or what such lines go on with.
fn device(rest: &str, device: &str) -> bool {
    #[rustfmt::skip]
    const TAILS: [&str; 24] = [
        "avec ", "pour ", "sur ", "via ", "orange", "sfr", "bouygues", "free", "android", "samsung", "galaxy", "apple", "excus", "desole", "pardon", "professionnel", "windows", "using", "with", "for ", "au moyen", "brievete", "fautes", "reseau",
    ];
    let Some(tail) = rest.strip_prefix(device) else { return false };
    if tail.starts_with(char::is_alphabetic) {
        return false;
    }
    let tail = tail.trim_matches(|c: char| !c.is_alphanumeric());
    words(tail) <= 3 && !rest.contains(',')
        || TAILS.iter().any(|t| tail.starts_with(t))
            && words(tail) <= 14
            && (words(tail) <= 8 || APOLOGY.iter().any(|a| tail.contains(a)))
        || words(tail) <= 14 && APOLOGY.iter().any(|a| tail.contains(a))
}

const APOLOGY: [&str; 8] =
    ["excus", "brievete", "fautes", "erreurs de frappe", "brevity", "typos", "k-9", "desole"];

fn get_outlook(line: &str) -> bool {
    const GET: [&str; 18] = [
        "obtenir outlook",
        "obtenez outlook",
        "telecharger outlook",
        "telechargez outlook",
        "get outlook for",
        "outlook fur ",
        "outlook voor ",
        "scarica outlook",
        "obtener outlook",
        "obter o outlook",
        "ottieni outlook",
        "pobierz outlook",
        "download outlook",
        "obtenir bluemail",
        "telecharger bluemail",
        "get bluemail for",
        "get typeapp for",
        "obtenir typeapp",
    ];
    GET.iter().any(|g| line.starts_with(g)) && words(line) <= 14
}

/// "Garanti sans virus. www.avast.com". Takes a folded line or paragraph.
pub(super) fn is_antivirus(folded: &str) -> bool {
    #[rustfmt::skip]
    const SAYS: [&str; 14] = [
        "par le logiciel antivirus", "by avast antivirus",
        "garanti sans virus", "sans virus. www", "sans virus.www", "virus-free", "virenfrei", "libre de virus", "l'absence de virus dans ce courrier", "ne contient aucun virus ou logiciel malveillant",
        "has been checked for viruses", "analyse par un antivirus", "a ete verifie par avast", "mailscanner",
    ];
    let named = folded.contains("vir") || folded.contains("avast") || folded.contains("mailscanner");
    (12..600).contains(&folded.len()) && named && SAYS.iter().any(|s| folded.contains(s))
}

/// `[EXTERNE] …`, "Vous n’obtenez pas souvent d’e-mail à partir de …": a warning set above a mail on its way. Takes
/// a folded paragraph.
pub(super) fn is_banner(folded: &str) -> bool {
    #[rustfmt::skip]
    const TAGS: [&str; 14] = ["externe", "external", "mail externe", "message externe", "courriel externe", "expediteur externe", "external sender", "external email", "ext", "extern", "origine externe", "mail exterieur", "internet", "attention externe"];
    #[rustfmt::skip]
    const OPENINGS: [&str; 12] = [
        "vous n'obtenez pas souvent d'e-mail", "vous ne recevez pas souvent de courrier", "vous n'avez pas souvent recu", "you don't often get email", "certaines personnes qui ont recu ce message", "some people who received this message",
        "vous n'obtenez pas souvent d'email", "vous ne recevez pas souvent d", "pour proteger votre confidentialite, certain", "sie erhalten nicht oft", "no suele recibir correo", "non si ricevono spesso",
    ];
    let line =
        folded.trim_matches(|c: char| matches!(c, '*' | '_' | '-' | ' ' | '#' | '!' | '=' | '|' | '>'));
    let tag = line.trim_matches(|c: char| !c.is_alphanumeric());
    if TAGS.contains(&tag) && (line.starts_with(['[', '(', '<', '/']) || tag.contains(' ')) {
        return true;
    }
    OPENINGS.iter().any(|o| line.starts_with(o)) || warns_of_outside(line)
}

/// A mail, from outside, and what not to do: all three.
fn warns_of_outside(folded: &str) -> bool {
    const MAIL: [&str; 7] = ["message", "courriel", "mail", "expediteur", "sender", "nachricht", "correo"];
    const OUTSIDE: [&str; 10] = [
        "externe",
        "exterieur",
        "external",
        "outside",
        "hors de l'organisation",
        "hors de votre organisation",
        "extern",
        "provient d'internet",
        "provenant d'internet",
        "originated from",
    ];
    #[rustfmt::skip]
    const CARE: [&str; 18] = [
        "ne cliquez", "ne pas cliquer", "n'ouvrez", "ne pas ouvrir", "vigilan", "prudence", "prudent", "mefi", "do not click", "don't click", "provient", "originated", "emane", "assurez-vous", "caution", "verifiez l", "pieces jointes", "phishing",
    ];
    let has = |list: &[&str]| list.iter().any(|w| folded.contains(w));
    let starts = folded.starts_with(['[', '!', '/']) || STARTS.iter().any(|s| folded.starts_with(s));
    starts && folded.len() < 700 && has(&MAIL) && has(&OUTSIDE) && has(&CARE)
}

#[rustfmt::skip]
const STARTS: [&str; 28] = [
    "attention", "caution", "warning", "externe", "external", "ce message", "ce courriel", "ce mail", "cet e-mail", "cet email", "message externe", "mail externe", "courriel externe", "this email", "this message", "e-mail externe",
    "message d'origine", "courriel d'origine", "mail d'origine", "message provenant", "courriel provenant", "mail provenant", "expediteur externe", "l'expediteur", "prudence", "vigilance", "soyez", "email externe",
];

/// "Ce message et ses pièces jointes sont confidentiels…", "Pensez à l’environnement avant d’imprimer". Takes a
/// folded paragraph.
pub(super) fn is_disclaimer(folded: &str) -> bool {
    if folded.len() < 30 {
        return false;
    }
    let law = || LAW.iter().filter(|w| folded.contains(**w)).take(2).count() == 2;
    prints_less(folded) || disconnects(folded) || STATES.iter().any(|s| folded.contains(s)) && law()
}

/// A disclaimer speaks of the message itself.
#[rustfmt::skip]
const STATES: [&str; 22] = [
    "ce message", "ce courriel", "cet e-mail", "cet email", "ce mail", "ce courrier electronique", "le present message", "le present courriel", "cette transmission", "les informations contenues", "this message", "this e-mail", "this email", "this communication", "diese e-mail", "diese nachricht",
    "este mensaje", "este correo", "questo messaggio", "esta mensagem", "dit bericht", "ta wiadomosc",
];
#[rustfmt::skip]
const LAW: [&str; 34] = [
    "confidentiel", "pieces jointes", "piece jointe", "documents attaches", "fichiers joints", "destinataire", "par erreur", "integrite", "toute utilisation", "toute publication", "toute diffusion", "detruire", "le supprimer", "usage exclusif", "intention exclusive", "non autorise", "decline toute responsabilite", "ne saurait etre tenu",
    "secret professionnel", "confidential", "attachment", "intended recipient", "intended solely", "in error", "unauthorized", "unauthorised", "privileged", "vertraulich", "irrtumlich", "confidencial", "riservat", "vertrouwelijk", "poufn", "strictement reserve",
];

/// "Les informations recueillies font l’objet d’un traitement… droit d’accès et de rectification": the notice of the
/// GDPR, which only a place under a signature tells from an explanation of it. Takes a folded paragraph.
pub(super) fn is_privacy_notice(folded: &str) -> bool {
    const OPENS: [&str; 8] = [
        "les informations recueillies",
        "les informations vous concernant",
        "les donnees",
        "vos donnees",
        "conformement a",
        "dans le cadre d",
        "la protection de",
        "en application d",
    ];
    const RIGHTS: [&str; 7] = [
        "droit d'acces",
        "rectification",
        "delegue a la protection",
        "dpo",
        "rgpd",
        "traitement informati",
        "donnees personnelles",
    ];
    OPENS.iter().any(|o| folded.starts_with(o))
        && RIGHTS.iter().filter(|r| folded.contains(**r)).take(2).count() == 2
}

fn prints_less(folded: &str) -> bool {
    const PRINT: [&str; 6] = ["imprim", "print", "impresion", "stampare", "drucken", "papier"];
    const WHY: [&str; 9] = [
        "environnement",
        "environment",
        "planete",
        "que si necessaire",
        "si necessaire",
        "eco-",
        "ecolog",
        "umwelt",
        "medio ambiente",
    ];
    const OPENS: [&str; 18] = [
        "pensez",
        "pense",
        "avant d'imprimer",
        "n'imprimez",
        "adopt",
        "afin de",
        "preserv",
        "proteg",
        "economis",
        "merci de penser",
        "please consider",
        "before printing",
        "think before",
        "think of",
        "ensemble, ",
        "n'imprimer",
        "devez-vous",
        "est-il",
    ];
    let line = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    // The tree of many such lines is a letter of a picture font.
    let line = line.strip_prefix("p ").unwrap_or(line);
    line.len() < 260
        && OPENS.iter().any(|o| line.starts_with(o))
        && PRINT.iter().any(|w| line.contains(w))
        && WHY.iter().any(|w| line.contains(w))
}

/// The right to disconnect, as some administrations write it under every mail.
fn disconnects(folded: &str) -> bool {
    (folded.contains("droit a la deconnexion")
        || folded.contains("en dehors de vos heures")
        || folded.contains("en dehors des heures"))
        && (folded.contains("mail") || folded.contains("courriel") || folded.contains("message"))
        && (folded.contains("reponse immediate") || folded.contains("repondre") || folded.contains("traiter"))
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn tells_mobile_footers_from_sentences() {
        for yes in [
            "Envoyé de mon iPhone",
            "Envoyé de mon iPad",
            "Envoyé depuis mon appareil Galaxy",
            "Obtenir Outlook pour Android<https://aka.ms/AAb9ysg>",
            "Télécharger Outlook pour iOS",
            "Envoyé à partir de Outlook pour iOS",
            "Envoyé à partir d’Outlook pour Android",
            "Envoyé à partir de Courrier pour Windows",
            "Envoyé avec la messagerie sécurisée Proton Mail.",
            "Envoyé depuis Yahoo Mail pour Android",
            "Envoyé à partir de mon smartphone Samsung Galaxy.",
            "Envoyé depuis l’application Mail Orange",
            "Envoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
            "Sent from my iPhone",
            "Envoyé depuis mon mobile Orange",
            "Von meinem iPhone gesendet",
            "Envoyé de mon téléphone, merci d’excuser les fautes",
            "Sent from Outlook for iOS",
            "-------- Envoyé de mon iPhone",
        ] {
            assert!(is_mobile_footer(&fold(yes)), "{yes}");
        }
        for no in [
            "Envoyé de mon service ce matin, le courrier arrivera demain.",
            "Envoyé par courrier recommandé le 12 mai",
            "Envoyé depuis mon bureau",
            "Envoyé de mon téléphone ce matin, le dossier arrivera demain",
            "Envoyé par mail à l’usager hier matin.",
        ] {
            assert!(!is_mobile_footer(&fold(no)), "{no}");
        }
    }

    #[test]
    fn tells_disclaimers_and_banners() {
        assert!(is_disclaimer(&fold(
            "Ce message et ses pièces jointes sont confidentiels. Si vous l’avez reçu par erreur, merci de le détruire."
        )));
        assert!(is_disclaimer(&fold("Pensez à l’environnement avant d’imprimer ce message")));
        assert!(!is_disclaimer(&fold(
            "Ce dossier est confidentiel, merci de ne pas transmettre les pièces jointes."
        )));
        assert!(
            is_banner("[externe]")
                && is_banner(&fold(
                    "ATTENTION : ce courriel provient de l’extérieur, ne cliquez pas sur les liens."
                ))
        );
        assert!(!is_banner(&fold(
            "Attention : ce message est à transmettre à l’usager, pièces jointes comprises."
        )));
        assert!(!is_banner(&fold("Attention, il manque une pièce externe au dossier.")));
    }
}
