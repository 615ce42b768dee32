use crate::mail::letter::{self, Letter, Limits, Machine, MachineKind};

fn letter(raw: &str) -> Letter {
    letter::read(raw.as_bytes(), &Limits::default()).unwrap()
}

fn machine(raw: &str) -> Option<Machine> {
    letter(raw).machine
}

fn kind(raw: &str) -> Option<MachineKind> {
    machine(raw).map(|m| m.kind)
}

#[test]
fn people() {
    for raw in [
        "From: a@b.test\nSubject: Re: demande\nX-Auto-Response-Suppress: All\n\nTraitée.\n",
        "From: a@b.test\nSubject: Re: demande\n\nJe serai absent jusqu'au 3 juin, je la traite à mon retour.\n",
        "From: a@b.test\nSubject: Re: demande\nAuto-Submitted: no\n\nOui\n",
        "From: a@b.test\nSubject: Rappel : dossier 12\n\nMerci de répondre.\n",
        "From: a@b.test\nSubject: Re: Réponse automatique\n\nJ'ai reçu un message automatique de la CAF.\n",
        "From: a@b.test\nSubject: TR: Undelivered Mail Returned to Sender\n\nJe n'ai pas pu vous écrire.\n",
        "From: a@b.test\nSubject: Re: x\nIn-Reply-To: <x@y>\nList-Unsubscribe: <mailto:u@b.test>\n\nOui\n",
        "From: a@b.test\nSubject: Re: x\nIn-Reply-To: <x@y>\nTo: r@c.test\nList-Id: <agents.b.test>\n\nOui\n",
        "From: a@b.test\nSubject: Refusé : dossier Martin\nIn-Reply-To: <x@y>\n\nLa demande est refusée, le plafond est dépassé.\n",
        "From: a@b.test\nSubject: Re: x\n\nElle a réagi à votre message de mardi. Nous traitons.\n\nCordialement\n\nJean\n\nAdjoint\n\nVille\n",
        "From: a@b.test\nSubject: Absence de Mme Durand au rendez-vous\n\nElle était absente lundi.\n",
        "From: a@b.test\nSubject: Re: x\n\nPour valider votre inscription, cliquez sur le lien puis authentifiez-vous ; cochez « je ne suis pas un robot ».\n",
        "From: a@b.test\nSubject: Re: x\n\nVotre message sera transmis au service compétent, cliquez ici pour suivre.\n",
        "From: a@b.test\nSubject: Re: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nVoici le rendez-vous.\n--b\nContent-Type: text/calendar; name=rdv.ics\nContent-Disposition: attachment; filename=rdv.ics\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n--b--\n",
        "From: a@b.test\nSubject: Fwd: rapport\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nJe reçois ceci.\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@y.test\nAction: failed\n--b--\n",
        "From: a@b.test\nSubject: Re: x\nReturn-Path: <a@b.test>\nPrecedence: normal\n\nLe courrier n'a pas été remis à l'usager.\n",
    ] {
        assert_eq!(machine(raw), None, "{raw}");
    }
}

#[test]
fn absences() {
    let raw = "From: a@b.test\nSubject: Réponse automatique : demande\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n\nBonjour, je suis absente jusqu’au lundi 15 juin 2026.\n";
    let found = machine(raw).unwrap();
    assert_eq!(found.kind, MachineKind::Vacation);
    assert_eq!(found.until.as_deref(), Some("lundi 15 juin 2026"));
    assert_eq!(found.until_date.as_deref(), Some("2026-06-15"));
    for raw in [
        "From: a@b.test\nSubject: Re: x\nAuto-Submitted: auto-replied (vacation)\n\nx\n",
        "From: a@b.test\nSubject: Re: x\nX-Autoreply: yes\n\nx\n",
        "From: a@b.test\nSubject: Re: x\nPrecedence: auto_reply\n\nx\n",
        "From: a@b.test\nSubject: Re: x\nPrecedence: bulk\n\nJe suis en congés.\n",
        "From: a@b.test\nSubject: =?utf-8?Q?Absence_du_bureau?=\n\nx\n",
        "From: a@b.test\nSubject: [EXTERNE] Automatic reply: x\n\nx\n",
        "From: a@b.test\nReturn-Path: <>\nSubject: Re: x\n\nJe suis absent.\n",
        "From: a@b.test\nSubject: Re: x\n\nCeci est une réponse automatique. Je suis absent.\n",
        "From: a@b.test\nSubject: Absence : Re: x\n\nBonjour, je suis actuellement absente.\n",
        "From: a@b.test\nSubject: Réponse automatique : x\nAuto-Submitted: auto-replied\nReturn-Path: <>\n\nVotre message n'a pas été transmis.\n",
        "From: no-reply@b.test\nSubject: x\n\nLe service est fermé, les agents sont en congés.\n",
    ] {
        assert_eq!(kind(raw), Some(MachineKind::Vacation), "{raw}");
    }
}

#[test]
fn a_structured_bounce() {
    let raw = "From: MAILER-DAEMON@mx.test\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nThis is the mail system at host mx.test.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; perdu@c.test\nOriginal-Recipient: rfc822;perdu@c.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <abc@relais.test>\nSubject: x\n--b--\n";
    let bounce = machine(raw).unwrap().bounce.unwrap();
    assert_eq!(bounce.recipient, "perdu@c.test");
    assert_eq!(bounce.status.as_deref(), Some("5.1.1"));
    assert!(bounce.permanent);
    assert_eq!(bounce.original_message_id.as_deref(), Some("abc@relais.test"));
    let delayed = raw.replace("failed", "delayed").replace("5.1.1", "4.4.1");
    assert!(!machine(&delayed).unwrap().bounce.unwrap().permanent);
    assert_eq!(kind(&raw.replace("failed", "delivered")), Some(MachineKind::Receipt));
}

#[test]
fn bounces_in_words() {
    for (raw, recipient, status, permanent) in [
        (
            "From: postmaster@b.test\nSubject: Non remis : demande\n\nÉchec de la remise pour ces destinataires ou groupes :\n\nperdu@c.test\nL’adresse n’existe pas.\nLe serveur distant a renvoyé « 550 5.1.10 RESOLVER.ADR.RecipientNotFound »\n",
            "perdu@c.test",
            Some("5.1.10"),
            true,
        ),
        (
            "From: Mail Delivery System <Mailer-Daemon@mx.test>\nSubject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: perdu@c.test\nAuto-Submitted: auto-replied\n\nThis message was created automatically by mail delivery software.\n\n  perdu@c.test\n    550 no such user\n",
            "perdu@c.test",
            None,
            true,
        ),
        (
            "From: MAILER-DAEMON@mx.test\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<perdu@c.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
            "perdu@c.test",
            Some("5.1.1"),
            true,
        ),
        (
            "From: MAILER-DAEMON@mx.test\nSubject: Delayed Mail (still being retried)\n\nYour message could not be delivered for more than 4 hours.\nIt will be retried until it is 5 days old.\n\n<lent@c.test>: connect to mx: timed out\n",
            "lent@c.test",
            None,
            false,
        ),
        (
            "From: postmaster@laposte.test\nSubject: Votre message n'a pas pu être distribué\n\nBonjour,\nvotre message à plein@laposte.test n'a pas pu être distribué : boîte pleine (452 4.2.2).\n",
            "plein@laposte.test",
            Some("4.2.2"),
            false,
        ),
    ] {
        let found = machine(raw).unwrap_or_else(|| panic!("a person? {raw}"));
        assert_eq!(found.kind, MachineKind::Bounce, "{raw}");
        let bounce = found.bounce.unwrap();
        assert_eq!(
            (bounce.recipient.as_str(), bounce.status.as_deref(), bounce.permanent),
            (recipient, status, permanent)
        );
    }
}

#[test]
fn receipts_calendars_lists_challenges_reactions_recalls() {
    let mdn = "From: a@b.test\nSubject: Lu : x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nVotre message a été lu.\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n";
    assert_eq!(kind(mdn), Some(MachineKind::Receipt));
    assert_eq!(
        kind("From: a@b.test\nSubject: Lu : x\n\nVotre message a été lu le 12 mai.\n"),
        Some(MachineKind::Receipt)
    );
    let reply = "From: a@b.test\nSubject: Accepté : réunion\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nJean a accepté.\n--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--b--\n";
    assert_eq!(kind(reply), Some(MachineKind::Calendar));
    let list = "From: a@b.test\nSubject: Lettre\nList-Id: <lettre.b.test>\nList-Unsubscribe: <https://b.test>\n\nx\n";
    assert_eq!(kind(list), Some(MachineKind::List));
    let challenge = "From: a@b.test\nSubject: Re: x\n\nBonjour, je suis protégé par Mailinblack. Merci de cliquer sur ce lien pour vous authentifier.\n";
    assert_eq!(kind(challenge), Some(MachineKind::Challenge));
    let unnamed = "From: a@b.test\nSubject: Re: x\n\nAfin que votre e-mail soit remis, confirmez que vous n’êtes pas un robot en suivant ce lien : https://b.test/v\n";
    assert_eq!(kind(unnamed), Some(MachineKind::Challenge));
    assert_eq!(
        kind("From: ne-pas-repondre@b.test\nSubject: Ticket 12\n\nVotre ticket est ouvert.\n"),
        Some(MachineKind::Other)
    );
    assert_eq!(
        kind("From: MAILER-DAEMON@b.test\nSubject: x\n\nInconnu: perdu@c.test\n"),
        Some(MachineKind::Bounce)
    );
    assert_eq!(
        kind("From: a@b.test\nSubject: Re: x\n\n👍 Jeanne Martin a réagi à votre message :\n"),
        Some(MachineKind::Reaction)
    );
    let gmail = "From: a@b.test\nSubject: Re: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n👍\n--b\nContent-Type: text/vnd.google.email-reaction+json\n\n{\"emoji\":\"x\",\"version\":1}\n--b--\n";
    assert_eq!(kind(gmail), Some(MachineKind::Reaction));
    let recall =
        "From: a@b.test\nSubject: Rappel du message : x\n\nJean souhaite rappeler le message « x ».\n";
    assert_eq!(kind(recall), Some(MachineKind::Recall));
}

#[test]
fn the_envelope_adds_its_word() {
    let person = letter("From: a@b.test\nSubject: Re: x\n\nOui\n");
    assert_eq!(person.machine_given(false), None);
    assert_eq!(person.machine_given(true).unwrap().kind, MachineKind::Other);
    let bounce = letter(
        "From: serveur@b.test\nSubject: x\n\nVotre message n'a pas pu être remis à perdu@c.test (550 5.1.1)\n",
    );
    assert_eq!(bounce.machine, None);
    let told = bounce.machine_given(true).unwrap();
    assert_eq!(told.bounce.unwrap().recipient, "perdu@c.test");
}

#[test]
fn a_recipient_is_an_address_and_nothing_else() {
    let report = |recipient: &str, status: &str| {
        let fields = format!("Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}\n");
        let head = "From: MAILER-DAEMON@a.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
        machine(&format!(
            "{head}\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n"
        ))
        .and_then(|machine| machine.bounce)
        .unwrap()
    };
    for written in ["x@y.test", "<x@y.test>", "X Y <x@y.test>", "x@y.test (boîte pleine)"] {
        assert_eq!(report(written, "5.1.1").recipient, "x@y.test", "{written}");
    }
    assert_eq!(report("x@y.test", "5.\u{661}.\u{661}").status, None);
}
