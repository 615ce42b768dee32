//! How the story is told: a coloured timeline on standard output.

/// Writes the timeline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    colours: bool,
}

/// ANSI colours, one per kind of line.
#[derive(Clone, Copy)]
enum Ink {
    Title = 1,
    Said = 36,
    Understood = 33,
    State = 32,
    Sent = 35,
    Faint = 2,
}

impl Telling {
    pub(super) fn new(colours: bool) -> Self {
        Telling { colours }
    }

    fn ink(self, ink: Ink, text: &str) -> String {
        if self.colours { format!("\u{1b}[{}m{text}\u{1b}[0m", ink as u8) } else { text.to_owned() }
    }

    /// A new step: the time of the story, and what happens.
    pub(super) fn step(self, time: &str, what: &str) {
        println!("\n{} {}", self.ink(Ink::Faint, time), self.ink(Ink::Title, what));
    }

    /// What somebody wrote, indented, at most eight lines.
    pub(super) fn said(self, text: &str) {
        for line in text.lines().take(8) {
            println!("        {} {}", self.ink(Ink::Faint, "│"), self.ink(Ink::Said, line));
        }
    }

    /// What relais did with it.
    pub(super) fn understood(self, text: &str) {
        println!("      → {}", self.ink(Ink::Understood, text));
    }

    /// The text that relais kept of it, on one line.
    pub(super) fn read(self, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        println!("      → {}", self.ink(Ink::Understood, &format!("texte : « {text} »")));
    }

    /// The state, as each person sees it.
    pub(super) fn state(self, text: &str) {
        println!("      ◆ {}", self.ink(Ink::State, text));
    }

    /// A mail that left, and where it lies.
    pub(super) fn sent(self, what: &str, path: &str) {
        println!("      ✉ {}\n        {}", self.ink(Ink::Sent, what), self.ink(Ink::Faint, path));
    }

    /// The last line.
    pub(super) fn end(self, text: &str) {
        println!("\n{}", self.ink(Ink::State, text));
    }
}
