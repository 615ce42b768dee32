//! `Authentication-Results` (RFC 8601): what a named server found. Read strictly: what cannot be read says nothing.
//!
//! Knows the grammar and the properties that name a domain. Does not know whether the server is to be believed, beyond
//! comparing its name: only the topmost of these headers can be our relay's, whatever stands lower came with the mail.

use mail_parser::HeaderName;

use super::author::Author;
use super::domain::Suffixes;
use super::head::Head;
use super::{Fact, Method, Outcome};

/// Most results read of one header.
const MAX_RESULTS: usize = 64;

/// What one header says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// The name of the server.
    pub(super) authserv_id: String,
    list: Vec<Reported>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Reported {
    method: String,
    result: String,
    /// `ptype.property` in lower case, and its value.
    properties: Vec<(String, String)>,
}

/// The topmost `Authentication-Results` of the mail, if it is by that server.
pub(super) fn topmost(head: &Head<'_>, authserv_id: &str) -> Option<Results> {
    let field = head.named(&HeaderName::AuthenticationResults).next()?;
    // A relay that strips headers of this name leaves `Authentication-Results :` or the like.
    let exact = field.raw_name.eq_ignore_ascii_case(b"Authentication-Results");
    let results = parse(&String::from_utf8_lossy(field.raw_value))?;
    (exact && results.authserv_id == authserv_id.to_lowercase()).then_some(results)
}

impl Results {
    /// As facts about this author. A DMARC pass counts, unless what it rests on is told too and does not align for
    /// us: its server knows other suffixes than we do.
    pub(super) fn facts(&self, author: &Author, suffixes: &Suffixes) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.list.iter().filter_map(Reported::fact).collect();
        for fact in &mut facts {
            let domain = fact.domain.as_deref().unwrap_or_default();
            fact.aligned = match fact.method {
                Method::Spf | Method::Dkim => suffixes.aligned(domain, &author.domain),
                Method::Dmarc => domain == author.domain,
                Method::Arc | Method::From => false,
            };
        }
        let rests = |fact: &&Fact| fact.outcome == Outcome::Pass && fact.method != Method::Dmarc;
        let told = facts.iter().any(|fact| rests(&fact));
        let aligned = facts.iter().filter(rests).any(|fact| fact.aligned);
        for fact in &mut facts {
            if fact.method == Method::Dmarc && fact.outcome == Outcome::Pass && told && !aligned {
                fact.aligned = false;
                fact.note = Some("rests on a domain that is not From's organisation".into());
            }
        }
        facts
    }
}

impl Reported {
    fn fact(&self) -> Option<Fact> {
        let method = match self.method.as_str() {
            "spf" => Method::Spf,
            "dkim" => Method::Dkim,
            "dmarc" => Method::Dmarc,
            "arc" => Method::Arc,
            _ => return None,
        };
        let fact = Fact::new(method, outcome(&self.result));
        Some(match self.domain(method) {
            Some(value) => fact.about(domain_of(value)),
            None => fact,
        })
    }

    fn domain(&self, method: Method) -> Option<&str> {
        let names: &[&str] = match method {
            Method::Spf => &["smtp.mailfrom"],
            Method::Dkim => &["header.d", "header.i"],
            Method::Dmarc => &["header.from"],
            Method::Arc | Method::From => &[],
        };
        names.iter().find_map(|name| {
            let mut values = self.properties.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
            // The same property twice: nothing tells which one was checked.
            values.next().filter(|_| values.next().is_none()).map(String::as_str)
        })
    }
}

/// The domain of `user@domain`, `@domain` or `domain`.
fn domain_of(value: &str) -> &str {
    let value = value.trim_start_matches('<').trim_end_matches('>');
    value.rsplit_once('@').map_or(value, |(_, domain)| domain)
}

/// RFC 8601 §2.7. An unknown result says nothing.
fn outcome(result: &str) -> Outcome {
    match result {
        "pass" => Outcome::Pass,
        "fail" | "hardfail" => Outcome::Fail,
        "softfail" => Outcome::Softfail,
        "neutral" | "policy" => Outcome::Neutral,
        "temperror" => Outcome::Temporary,
        "permerror" => Outcome::Permanent,
        _ => Outcome::None,
    }
}

/// Reads the value of one header; None when it does not follow the grammar.
pub(super) fn parse(value: &str) -> Option<Results> {
    let mut scan = Scan { rest: value };
    scan.skip()?;
    let authserv_id = scan.word(&[';'])?.to_lowercase();
    scan.skip()?;
    if !scan.rest.starts_with(';') && !scan.rest.is_empty() {
        // The version; only 1 exists (RFC 8601 §2.2).
        (scan.word(&[';'])? == "1").then_some(())?;
        scan.skip()?;
    }
    let mut list = Vec::new();
    while scan.eat(';') {
        scan.skip()?;
        if scan.rest.is_empty() {
            break;
        }
        let reported = reported(&mut scan)?;
        // `none` alone: no check was made.
        if !reported.result.is_empty() {
            list.push(reported);
        }
        (list.len() <= MAX_RESULTS).then_some(())?;
    }
    scan.rest.is_empty().then_some(Results { authserv_id, list })
}

/// One `method=result` with its properties, up to the next semicolon; `none` alone has no result.
fn reported(scan: &mut Scan<'_>) -> Option<Reported> {
    let method = scan.word(&[';', '='])?.to_ascii_lowercase();
    scan.skip()?;
    if !scan.eat('=') {
        return (method == "none").then(Reported::default);
    }
    scan.skip()?;
    let method = method.split('/').next().unwrap_or_default().to_owned();
    let mut reported =
        Reported { method, result: scan.word(&[';'])?.to_ascii_lowercase(), ..Reported::default() };
    scan.skip()?;
    while !scan.rest.is_empty() && !scan.rest.starts_with(';') {
        let key = scan.word(&[';', '='])?.to_ascii_lowercase();
        scan.skip()?;
        // A word alone is a comment that forgot its brackets (some filters do): nothing in it is a property.
        if scan.eat('=') {
            scan.skip()?;
            let value = scan.word(&[';'])?;
            reported.properties.push((key, value));
            scan.skip()?;
        }
    }
    Some(reported)
}

struct Scan<'t> {
    rest: &'t str,
}

impl Scan<'_> {
    fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest.strip_prefix(wanted);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// Skips white space and comments, nested ones too; None for a comment without an end.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                '\\' if depth > 0 => drop(chars.next()),
                _ if depth > 0 || c.is_whitespace() => {}
                _ => {
                    self.rest = self.rest.get(at..)?;
                    return Some(());
                }
            }
        }
        self.rest = "";
        (depth == 0).then_some(())
    }

    /// A word, in quotes or not or partly (`"a b"@domain`), up to white space, a comment or one of `ends`; None for an
    /// empty one or for quotes without an end.
    fn word(&mut self, ends: &[char]) -> Option<String> {
        let (mut word, mut quoted, mut any) = (String::new(), false, false);
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => quoted = !quoted,
                '\\' if quoted => word.push(chars.next()?.1),
                _ if quoted => word.push(c),
                _ if c.is_whitespace() || c == '(' || ends.contains(&c) => {
                    end = at;
                    break;
                }
                ')' | '\\' => return None,
                _ => word.push(c),
            }
            any = true;
        }
        self.rest = self.rest.get(end..)?;
        (any && !quoted).then_some(word)
    }
}
