//! Text parts: line ends, and `format=flowed` (RFC 3676) with DelSp, quoted lines too.

/// LF line ends only, NUL gone, no other change.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for line in lines(text) {
        push_clean(line, &mut out);
        out.push('\n');
    }
    out
}

/// Paragraphs joined again; quotation depth is written "> ".
pub(crate) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    // The depth of the line that is still open for its continuation.
    let mut open: Option<usize> = None;
    for line in lines(text) {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        // Space-stuffing goes, except before a ">" that would then look like a quotation.
        let content = content.strip_prefix(' ').filter(|c| !c.starts_with('>')).unwrap_or(content);
        if open != Some(depth) {
            if open.is_some() {
                out.push('\n');
            }
            quote(depth, content.is_empty(), &mut out);
        }
        // "-- " is a signature separator, never a flowed line (RFC 3676 §4.3).
        let flows = content.ends_with(' ') && content != "-- ";
        let kept = if flows && delsp { &content[..content.len() - 1] } else { content };
        push_clean(kept, &mut out);
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    if open.is_some() {
        out.push('\n');
    }
    out
}

fn quote(depth: usize, empty: bool, out: &mut String) {
    if depth == 0 {
        return;
    }
    out.extend(std::iter::repeat_n('>', depth.min(100)));
    if !empty {
        out.push(' ');
    }
}

fn push_clean(line: &str, out: &mut String) {
    if line.contains(['\0', '\u{feff}', '\r']) {
        out.extend(line.chars().filter(|c| !matches!(c, '\0' | '\u{feff}' | '\r')));
    } else {
        out.push_str(line);
    }
}

/// Lines without their ends; the empty one after the last LF is not a line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_agree() {
        assert_eq!(plain("a\r\n\r\nb"), plain("a\n\nb"));
        assert_eq!(plain("a\n\nb"), "a\n\nb\n");
    }

    #[test]
    fn paragraphs_flow() {
        assert_eq!(unflow("Bonjour, \r\nla suite\r\nfin", false), "Bonjour, la suite\nfin\n");
        assert_eq!(unflow("anti \nconstitution", true), "anticonstitution\n");
    }

    #[test]
    fn quoted_lines_flow_at_their_depth() {
        assert_eq!(unflow("> un \n> deux\n>> trois \nquatre\n", false), "> un deux\n>> trois \nquatre\n");
    }

    #[test]
    fn stuffing_and_signature() {
        assert_eq!(unflow(" > pas une citation\n-- \nJean", false), " > pas une citation\n-- \nJean\n");
    }
}
