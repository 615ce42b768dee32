//! The link of a button: a mail ready to be sent.

/// Longest link: Outlook and Windows cut near 2 000.
pub const MAILTO_MAX: usize = 1_900;

/// `mailto:` link with a prefilled subject and body. Everything but letters and digits is percent-encoded (`+` as
/// `%2B`, line ends as `%0D%0A`); the subject is cut when the link would pass [`MAILTO_MAX`] characters.
pub fn mailto(to: &str, subject: &str, body: &str) -> String {
    let mut head = String::from("mailto:");
    to.chars().for_each(|c| encode(c, c == '@', &mut head));
    head.push_str("?subject=");
    let mut tail = String::from("&body=");
    body.replace("\r\n", "\n").replace('\n', "\r\n").chars().for_each(|c| encode(c, false, &mut tail));
    let room = MAILTO_MAX.saturating_sub(tail.len());
    for c in subject.chars().filter(|c| !c.is_control()) {
        let before = head.len();
        encode(c, false, &mut head);
        if head.len() > room {
            head.truncate(before);
            break;
        }
    }
    head + &tail
}

fn encode(c: char, as_is: bool, out: &mut String) {
    if as_is || c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
        out.push(c);
        return;
    }
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push('%');
        out.extend(char::from_digit(u32::from(byte >> 4), 16).map(|d| d.to_ascii_uppercase()));
        out.extend(char::from_digit(u32::from(byte & 15), 16).map(|d| d.to_ascii_uppercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_accents_and_line_ends_are_encoded() {
        assert_eq!(
            mailto("reponse+abc@r.example", "Re: [A+ #1] été", "!traitée\nmerci"),
            "mailto:reponse%2Babc@r.example?subject=Re%3A%20%5BA%2B%20%231%5D%20%C3%A9t%C3%A9\
             &body=%21trait%C3%A9e%0D%0Amerci"
        );
    }

    #[test]
    fn a_long_subject_is_cut_between_characters() {
        let link = mailto("reponse+abc@r.example", &"𝄞".repeat(400), "OUI");
        assert!(link.len() <= MAILTO_MAX && link.len() > MAILTO_MAX - 12, "{}", link.len());
        assert!(link.ends_with("%F0%9D%84%9E&body=OUI"));
    }

    #[test]
    fn nothing_escapes_into_another_field() {
        let link = mailto("a?cc=x@y.example", "s&cc=evil@x.example\r\nBcc: z", "b&attach=/etc/passwd");
        assert_eq!(link.matches(['&', '?']).count(), 2);
    }
}
