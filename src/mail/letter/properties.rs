//! What holds for every mail, by proptest: nothing fails, spans stand on lines, LF and CRLF agree.

use proptest::prelude::*;

use super::{Letter, Limits, read};

/// Scraps of mails, put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "Content-Type: multipart/mixed; boundary=b\n\n",
        "Content-Type: multipart/alternative; boundary=c\n\n",
        "Content-Type: text/html; charset=utf-8\n\n",
        "Content-Type: text/plain; format=flowed; delsp=yes\n\n",
        "Content-Type: message/rfc822\n\n",
        "Content-Transfer-Encoding: base64\n",
        "Content-Transfer-Encoding: quoted-printable\n",
        "Content-Disposition: attachment; filename=a.pdf\n",
        "\n--b\n",
        "\n--c\n",
        "\n--b--\n",
        "\n--c--\n",
        "\n",
        "Oui, c’est fait. \n",
        "> cité \n",
        "-- \nJean\n",
        "=C3=A9=\n",
        "T3VpCg==\n",
        "<div class=gmail_quote>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<div id=divRplyFwdMsg>De : X<br>Envoyé : lundi",
        "<p>texte&nbsp;: <b>gras</b></p>",
        "<table><tr><td>a<td>b</table>",
        "<ul><li>un<li>deux</ul>",
        "<div id=Signature>Jean</div>",
        "<p data-relais=marker>Répondez au-dessus</p>",
        "</div>",
        "<!--",
        "<style>",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..14)
        .prop_map(|pieces| pieces.concat())
}

fn letter(raw: &[u8]) -> Letter {
    read(raw, &Limits::default()).unwrap()
}

fn spans_stand_on_lines(letter: &Letter) -> bool {
    let text = letter.body.text.as_bytes();
    let edge = |at: usize| at == 0 || at == text.len() || text[at - 1] == b'\n';
    let sorted = letter.body.spans.is_sorted_by_key(|span| span.range.start);
    sorted
        && letter
            .body
            .spans
            .iter()
            .all(|s| s.range.start <= s.range.end && edge(s.range.start) && edge(s.range.end))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(letter) = read(&bytes, &Limits::default()) {
            prop_assert!(spans_stand_on_lines(&letter));
        }
    }

    #[test]
    fn spans_are_whole_lines_and_line_ends_agree(mail in pieces()) {
        let mail = format!("From: a@b.test\n{mail}");
        let lf = letter(mail.as_bytes());
        let crlf = letter(mail.replace('\n', "\r\n").as_bytes());
        prop_assert!(spans_stand_on_lines(&lf), "{:?}", lf.body);
        prop_assert!(!lf.body.text.contains('\r'));
        prop_assert_eq!(&lf.body, &crlf.body);
        prop_assert_eq!(&lf.machine, &crlf.machine);
        let names = |letter: &Letter| letter.attachments.iter().map(|a| a.name.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&lf), names(&crlf));
    }
}
