use super::*;
use SpanKind::{Attribution, History, Marker, Quoted, Signature};

fn text(html: &str) -> String {
    read(html).body.text
}

/// Lines without the quote mark that stands before each.
fn bare(lines: &str) -> String {
    lines.lines().map(|line| line.strip_prefix("> ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Each span with its lines.
fn spans(html: &str) -> Vec<(SpanKind, String)> {
    let body = read(html).body;
    for span in &body.spans {
        assert!(span.range.start == 0 || body.text.as_bytes()[span.range.start - 1] == b'\n', "{span:?}");
        assert!(
            span.range.end == body.text.len() || body.text.as_bytes()[span.range.end - 1] == b'\n',
            "{span:?}"
        );
    }
    assert!(body.spans.is_sorted_by_key(|s| s.range.start));
    body.spans.iter().map(|s| (s.kind, bare(&body.text[s.range.clone()]))).collect()
}

#[test]
fn lines_as_seen() {
    assert_eq!(text("<div>a</div><div><br></div><div>b</div>"), "a\n\nb\n");
    assert_eq!(text("a<br>b<br><br>c"), "a\nb\n\nc\n");
    assert_eq!(text("<p>a</p>\n<p>b</p>"), "a\n\nb\n");
    assert_eq!(
        text("<p class=MsoNormal>a</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>"),
        "a\n\nb\n"
    );
    assert_eq!(text("<div>a <b> b</b>\n c</div>"), "a b c\n");
    assert_eq!(text("<pre>a\n b</pre>"), "a\nb\n");
    assert_eq!(text(""), "");
}

#[test]
fn no_break_spaces_stay_where_french_has_them() {
    assert_eq!(text("a&nbsp;: b&nbsp;c 10&nbsp;000&nbsp;€"), "a\u{a0}: b c 10\u{a0}000\u{a0}€\n");
}

#[test]
fn lists_tables_links() {
    assert_eq!(text("a<ul><li>b<li>c<ol><li>d</li></ol></ul>e"), "a\n\n- b\n- c\n  1. d\n\ne\n");
    assert_eq!(text("<ol start=3><li>b</li><li>c</li></ol>"), "3. b\n4. c\n");
    let table =
        "<table><tr><td><p>Nom</p></td><td><p>Dupont</p></td></tr><tr><td>Âge</td><td>12</td></tr></table>";
    assert_eq!(text(table), "Nom\tDupont\n\nÂge\t12\n");
    assert_eq!(
        text("voir <a href='https://a.test/x'>ici</a>, merci"),
        "voir ici <https://a.test/x>, merci\n"
    );
    assert_eq!(text("<a href='mailto:a@b.test'>a@b.test</a>"), "a@b.test\n");
}

#[test]
fn words_lists() {
    let item = |sign: &str, text: &str| {
        format!(
            "<p class=MsoListParagraph><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>{sign}<span style='font:7.0pt'>&nbsp;&nbsp; </span></span></span><![endif]>{text}</p>"
        )
    };
    assert_eq!(
        text(&format!("{}{}{}", item("·", "un"), item("o", "deux"), item("1.", "trois"))),
        "- un\n- deux\n1. trois\n"
    );
}

#[test]
fn hidden_text_is_not_read() {
    assert_eq!(
        text(
            "<style>p{}</style><title>t</title><div style='display: none'>x</div><div style='max-height:0px'>y</div>a<script>b</script>"
        ),
        "a\n"
    );
    assert_eq!(text("<div style=\"mso-hide:all;color:red\">x<div>y</div></div>a"), "a\n");
}

#[test]
fn gmail() {
    let html = "<div dir=ltr>Oui.<div>Merci</div></div><br><div class=\"gmail_quote gmail_quote_container\">\
        <div dir=ltr class=gmail_attr>Le mar. 12 mai, X &lt;<a href=mailto:x@a.test>x@a.test</a>&gt; a écrit :<br></div>\
        <blockquote class=gmail_quote style='margin:0'>Vieux<div>texte</div></blockquote></div>";
    assert_eq!(
        spans(html),
        [(Attribution, "Le mar. 12 mai, X <x@a.test> a écrit :".into()), (Quoted, "Vieux\ntexte".into())]
    );
    // Older Gmail, and text typed under the quotation.
    let html = "<div class=gmail_quote>Le 1 mai, X a écrit :<br><blockquote class=gmail_quote>a</blockquote>ma réponse\
        <blockquote class=gmail_quote>b</blockquote></div>";
    assert_eq!(
        spans(html),
        [(Attribution, "Le 1 mai, X a écrit :".into()), (Quoted, "a".into()), (Quoted, "b".into())]
    );
    // Gmail's own quote button.
    assert_eq!(spans("<div>Il dit</div><blockquote class=gmail_quote>a</blockquote><div>b</div>"), []);
    let html = "<div>Bonjour</div><span class=gmail_signature_prefix>-- </span><br><div class=gmail_signature>Jean</div>";
    assert_eq!(spans(html), [(Signature, "--\n\nJean".into())]);
    let forward = "<div>Pour info</div><div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>De : X</div>corps</div>fin";
    assert_eq!(
        spans(forward),
        [(History, "---------- Forwarded message ---------\nDe : X\ncorps\nfin".into())]
    );
}

#[test]
fn outlook() {
    let desktop = "<p class=MsoNormal>Traitée</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\
        <p class=MsoNormal><b>De&nbsp;:</b> X<br><b>Envoyé&nbsp;:</b> mardi<br></p></div></div><p class=MsoNormal>vieux</p>";
    assert_eq!(spans(desktop), [(History, "De\u{a0}: X\nEnvoyé\u{a0}: mardi\nvieux".into())]);
    let web = "<div class=elementToProof>Oui</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg dir=ltr><b>De :</b> X<br><b>Envoyé :</b> lundi</div>\
        <div>vieux<div class=x_gmail_signature>s</div></div>";
    assert_eq!(spans(web), [(History, "De : X\nEnvoyé : lundi\nvieux\ns".into())]);
    let mobile = "<div>Oui</div><div id=ms-outlook-mobile-signature>Envoyé à partir de Outlook pour iOS</div><div id=mail-editor-reference-message-container>De : X<br>vieux</div>";
    assert_eq!(
        spans(mobile),
        [(Signature, "Envoyé à partir de Outlook pour iOS".into()), (History, "De : X\nvieux".into())]
    );
    // A box that a person drew.
    assert_eq!(spans("<div style='border-top:solid red'>Très important, lisez bien</div><p>b</p>"), []);
}

#[test]
fn apple_thunderbird_roundcube() {
    let ios = "<div dir=ltr>Oui<br id=\"lineBreakAtBeginningOfSignature\"><div dir=ltr>Envoyé de mon iPhone</div></div><div dir=ltr><br><blockquote type=cite>Le 12 mai, X a écrit :<br></blockquote></div><blockquote type=cite>vieux</blockquote>";
    assert_eq!(
        spans(ios),
        [
            (Signature, "Envoyé de mon iPhone".into()),
            (Quoted, "Le 12 mai, X a écrit :".into()),
            (Quoted, "vieux".into())
        ]
    );
    let thunderbird = "<p>Oui</p><div class=moz-cite-prefix>Le 12/05, X a écrit :<br></div><blockquote type=cite cite='mid:x'>vieux</blockquote>sous<pre class=moz-signature>-- \nJean</pre>";
    assert_eq!(
        spans(thunderbird),
        [
            (Attribution, "Le 12/05, X a écrit :".into()),
            (Quoted, "vieux".into()),
            (Signature, "--\nJean".into())
        ]
    );
    let roundcube =
        "<p>Oui</p><p id=reply-intro>Le 12, X a écrit :</p><blockquote type=cite>vieux</blockquote>";
    assert_eq!(spans(roundcube), [(Attribution, "Le 12, X a écrit :".into()), (Quoted, "vieux".into())]);
}

#[test]
fn zimbra_yahoo_proton() {
    let zimbra = "<div>Oui</div><div data-marker=__SIG_PRE__>Jean</div><hr id=zwchr data-marker=__DIVIDER__><div data-marker=__HEADERS__><b>De: </b>X</div><div data-marker=__QUOTED_TEXT__>vieux</div>";
    assert_eq!(
        spans(zimbra),
        [(Signature, "Jean".into()), (Attribution, "De: X".into()), (Quoted, "vieux".into())]
    );
    let old = "<div>Oui</div><hr id=zwchr><b>De: </b>X<br>vieux";
    assert_eq!(spans(old), [(History, "De: X\nvieux".into())]);
    let yahoo =
        "<div>Oui</div><div id=yahoo_quoted_12 class=yahoo_quoted><div>Le 12, X a écrit :</div>vieux</div>";
    assert_eq!(spans(yahoo), [(Quoted, "Le 12, X a écrit :\nvieux".into())]);
    let proton = "<div>Oui</div><div class='protonmail_signature_block'>Envoyé avec Proton</div><div class=protonmail_quote>Le 12, X a écrit :<br><blockquote class=protonmail_quote type=cite>vieux</blockquote></div>";
    assert_eq!(
        spans(proton),
        [
            (Signature, "Envoyé avec Proton".into()),
            (Attribution, "Le 12, X a écrit :".into()),
            (Quoted, "vieux".into())
        ]
    );
}

#[test]
fn orange_quotes_with_a_bar() {
    let html = "<p>Oui</p><blockquote style='border-left: #ff0000 2px solid;'>Message du 12/05/26 14:03<br>De : X<br>A : y<br>vieux</blockquote>";
    assert_eq!(spans(html), [(Quoted, "Message du 12/05/26 14:03\nDe : X\nA : y\nvieux".into())]);
    assert_eq!(spans("<blockquote style='border-left:1px'>Article 3 de la loi</blockquote>fin"), []);
}

#[test]
fn quotations_are_written_as_in_text() {
    assert_eq!(text("a<blockquote type=cite>b<br>c</blockquote>d"), "a\n> b\n> c\nd\n");
}

#[test]
fn a_bare_blockquote_is_no_proof() {
    assert_eq!(spans("<p>La loi dit</p><blockquote>article 1</blockquote><p>donc oui</p>"), []);
    assert_eq!(
        spans(
            "<p>Oui</p><p>Le 12 mai 2026, X a écrit :</p><blockquote style='border-left:1px'>vieux</blockquote>"
        ),
        [(Quoted, "vieux".into())]
    );
}

#[test]
fn our_marker_is_found_even_hidden_and_quoted() {
    let html = "<div>Oui</div><blockquote type=cite><div data-relais=marker style='display:none'>Répondez au-dessus</div>vieux</blockquote>";
    let reading = read(html);
    assert_eq!(reading.relais, ["marker"]);
    let found: Vec<_> = reading.body.spans.iter().map(|s| s.kind).collect();
    assert_eq!(found, [Quoted, Marker]);
}

#[test]
fn images_are_noted_with_their_place() {
    let html = "a<img src='cid:i@x'><div class=gmail_signature>s<img src='cid:l@x'></div><img alt='😀' src='https://x'>";
    let reading = read(html);
    assert_eq!(reading.images, [("i@x".to_owned(), false), ("l@x".to_owned(), true)]);
    let closed = read("Voir <img src='cid:i@x'><p>Cordialement,</p><img src='cid:l@x'>");
    assert_eq!(closed.images, [("i@x".to_owned(), false), ("l@x".to_owned(), true)]);
    assert!(reading.body.text.contains('😀'));
}

#[test]
fn hostile_nesting_is_read_flat() {
    let html =
        format!("{}x{}y", "<div><blockquote type=cite>".repeat(50_000), "</blockquote></div>".repeat(50_000));
    let reading = read(&html);
    assert_eq!(reading.body.spans.len(), 1);
    assert!(reading.body.text.contains('x') && reading.body.text.contains('y'));
    let unclosed = format!("{}z", "<b><i><table><tr><td>".repeat(20_000));
    assert!(text(&unclosed).contains('z'));
}

#[test]
fn badly_nested_tags_do_not_end_blocks() {
    assert_eq!(
        spans("<blockquote type=cite><b>a<div>b</b>c</div></blockquote>d"),
        [(Quoted, "a\nbc".into())]
    );
    assert_eq!(
        spans("<div><table><tr><td><blockquote type=cite>a</div>b</blockquote></td></tr></table></div>"),
        [(Quoted, "ab".into())]
    );
}
