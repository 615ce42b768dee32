use super::*;
use crate::mail::body::SpanKind;

fn letter(raw: &str) -> Letter {
    read(raw.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn a_plain_mail() {
    let raw = "From: \"Zoé\" <z@a.test>\r\nTo: r+tok@b.test\r\nDelivered-To: x@b.test\r\nSubject: =?utf-8?B?UsOpcG9uc2U=?=\r\nMessage-ID: <m@a.test>\r\nDate: Tue, 12 May 2026 14:03:00 +0200\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n";
    let raw = [raw.as_bytes(), b"Trait\xe9e.\r\n"].concat();
    let letter = read(&raw, &Limits::default()).unwrap();
    assert_eq!(letter.body.text, "Traitée.\n");
    assert_eq!(letter.subject, "Réponse");
    assert_eq!(letter.from, [Mailbox { name: Some("Zoé".into()), address: "z@a.test".into() }]);
    assert_eq!(letter.to[0].address, "r+tok@b.test");
    assert_eq!(letter.delivered_to, ["x@b.test"]);
    assert_eq!(letter.message_id.as_deref(), Some("m@a.test"));
    assert_eq!(letter.date, Some(1_778_587_380_000));
    assert_eq!(
        (letter.from_headers, letter.machine.is_none(), letter.protection),
        (1, true, Protection::Clear)
    );
}

#[test]
fn unreadable() {
    assert_eq!(read(b" \r\n", &Limits::default()), Err(Unreadable::Empty));
    assert_eq!(read(b"pas un mail", &Limits::default()), Err(Unreadable::NoHeader));
}

#[test]
fn line_ends_agree() {
    let lf = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; format=flowed\n\nun \ndeux\n--b\nContent-Type: text/html\n\n<p>trois</p>\n--b--\n";
    let crlf = lf.replace('\n', "\r\n");
    assert_eq!(letter(lf), letter(&crlf));
    assert_eq!(letter(lf).body.text, "un deux\n\ntrois\n");
    assert_eq!(letter(&lf.replace('\n', "\r")).body, letter(lf).body);
}

#[test]
fn text_decides_or_html_does() {
    let mail = |text: &str, html: &str| {
        format!(
            "From: a@b.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"
        )
    };
    let good = letter(&mail("Oui (texte)", "<p>Oui (html)</p>"));
    assert_eq!(good.body.text, "Oui (texte)\n");
    assert!(good.html.unwrap().contains("Oui (html)"));
    let poor = letter(&mail(
        "Oui\nLe 12, X a ecrit\nvieux",
        "<p>Oui</p><blockquote type=\"cite\">vieux</blockquote>",
    ));
    assert_eq!(poor.body.text, "Oui\n\n> vieux\n");
    assert_eq!(poor.body.spans[0].kind, SpanKind::Quoted);
    assert_eq!(letter(&mail("", "<p>Oui</p>")).body.text, "Oui\n");
}

#[test]
fn spans_move_with_their_text() {
    let raw = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\navant\n--b\nContent-Type: text/html\n\nOui<blockquote type=cite>vieux</blockquote>\n--b--\n";
    let body = letter(raw).body;
    assert_eq!(&body.text[body.spans[0].range.clone()], "> vieux\n");
}

#[test]
fn files_and_inline_images() {
    let raw = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>Voir <img src=\"cid:capture\"></p>\n--c\nContent-Type: image/png; name=capture.png\nContent-ID: <capture>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUgAAAyAAAAJY\n--c--\n--b\nContent-Type: application/octet-stream; name=\"d.pdf\"\nContent-Disposition: attachment; filename=\"d.pdf\"\n\n%PDF-1.7\n--b\nContent-Type: application/x-msdownload\nContent-Disposition: attachment; filename=\"jeu.exe\"\n\nMZ\n--b--\n";
    let files = letter(raw).attachments;
    assert_eq!(files.len(), 3);
    assert_eq!((files[0].name.as_str(), files[0].inline, files[0].logo), ("capture.png", true, false));
    assert_eq!((files[1].kind.as_str(), files[1].withheld), ("application/pdf", None));
    assert_eq!((files[1].declared.as_str(), files[1].size), ("application/octet-stream", 8));
    assert_eq!(files[2].withheld, Some("executable"));
}

#[test]
fn an_image_of_a_signature_is_a_logo() {
    let raw = "From: a@b.test\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>Oui</p><div class=gmail_signature><img src=\"cid:l\"></div>\n--c\nContent-Type: image/png; name=l.png\nContent-ID: <l>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUgAAAHgAAAAo\n--c--\n";
    assert!(letter(raw).attachments[0].logo);
}

#[test]
fn a_forwarded_mail_is_a_file_that_can_be_read() {
    let raw = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nPour info\n--b\nContent-Type: message/rfc822\n\nFrom: c@d.test\nSubject: Votre dossier\n\nLe dossier est complet.\n--b--\n";
    let letter = letter(raw);
    assert_eq!(letter.body.text, "Pour info\n");
    let file = &letter.attachments[0];
    assert_eq!((file.name.as_str(), file.kind.as_str()), ("Votre dossier.eml", "message/rfc822"));
    assert_eq!(file.text.as_deref(), Some("Le dossier est complet.\n"));
}

#[test]
fn nested_mails_do_not_exhaust_the_stack() {
    let raw = format!("From: a@b.test\n{}", "Content-Type: message/rfc822\n\n".repeat(50_000));
    assert_eq!(letter(&raw).attachments.len(), 1);
}

#[test]
fn signed_sealed_and_encrypted() {
    let signed = "From: a@b.test\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nOui\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nxx\n--b--\n";
    let read = letter(signed);
    assert_eq!(
        (read.protection, read.body.text.as_str(), read.attachments.len()),
        (Protection::SmimeSigned, "Oui\n", 0)
    );
    let encrypted = "From: a@b.test\nContent-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--\n";
    assert_eq!(letter(encrypted).protection, Protection::Encrypted);
    let inline = "From: a@b.test\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOui\n- -- \nJean\n-----BEGIN PGP SIGNATURE-----\n\nxx\n-----END PGP SIGNATURE-----\n";
    let read = letter(inline);
    assert_eq!((read.protection, read.body.text.as_str()), (Protection::PgpSigned, "Oui\n-- \nJean\n"));
}

#[test]
fn winmail_dat_is_unpacked() {
    let head = b"From: a@b.test\nContent-Type: application/ms-tnef; name=winmail.dat\n\n";
    let letter = read(&[&head[..], &tnef::tests::sample()].concat(), &Limits::default()).unwrap();
    assert_eq!(letter.body.text, "La demande est traitée\n");
    assert_eq!(letter.attachments[0].name, "réponse longue.txt");
}

#[test]
fn a_reply_only_in_the_subject_has_an_empty_body() {
    let read = letter("From: a@b.test\nSubject: TRAITEE\n\n");
    assert_eq!((read.subject.as_str(), read.body.text.as_str()), ("TRAITEE", ""));
}

#[test]
fn limits_keep_what_fits() {
    let raw = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nOui\n--b\nContent-Type: application/pdf\n\n%PDF-1.7 long\n--b--\n";
    let limits = Limits { decoded_bytes: 4, display: false, ..Limits::default() };
    let read = read(raw.as_bytes(), &limits).unwrap();
    assert_eq!((read.attachments[0].withheld, read.attachments[0].size), (Some("too large"), 13));
    assert!(read.attachments[0].bytes.is_empty());
}
