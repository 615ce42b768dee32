//! Somebody of the village, and the postman who carries what he writes through the gate.

use std::sync::Arc;

use relais::receive::{Door, Envelope, Gate, Keeper, Kept, Peer, Verdict};
use relais::store::inbox::{self, Row};
use relais::work::Porter;

use super::{Letter, Mail, Village};

/// Somebody with an address.
#[derive(Clone, Copy)]
pub(crate) struct Villager<'v> {
    village: &'v Village,
    pub(crate) address: &'static str,
}

/// What became of a letter.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Said in the dialogue: code, enhanced code, text.
    Refused(u16, &'static str, String),
    /// Said in the dialogue: try again later.
    Later,
    /// It was let in, and this became of it.
    Kept(Box<Row>),
}

impl Answer {
    /// The row of the inbox.
    pub(crate) fn row(&self) -> &Row {
        match self {
            Answer::Kept(row) => row,
            other => panic!("not let in: {other:?}"),
        }
    }

    /// "done", "held", "refused", "ignored", or the SMTP code.
    pub(crate) fn outcome(&self) -> String {
        match self {
            Answer::Refused(code, ..) => code.to_string(),
            Answer::Later => "4xx".to_owned(),
            Answer::Kept(row) => row.state.code().to_owned(),
        }
    }

    /// It was done.
    pub(crate) fn done(self) -> Self {
        self.became("done")
    }

    #[track_caller]
    pub(crate) fn became(self, outcome: &str) -> Self {
        assert_eq!(self.outcome(), outcome, "{self:?}");
        self
    }
}

impl Village {
    pub(crate) fn nadia(&self) -> Villager<'_> {
        self.at("nadia.benali@valbrume.example")
    }

    pub(crate) fn omar(&self) -> Villager<'_> {
        self.at("omar.petit@valbrume.example")
    }

    pub(crate) fn lea(&self) -> Villager<'_> {
        self.at("lea.martin@caf54.example")
    }

    pub(crate) fn karim(&self) -> Villager<'_> {
        self.at("karim.haddad@caf54.example")
    }

    pub(crate) fn paul(&self) -> Villager<'_> {
        self.at("paul.girard@cpam54.example")
    }

    /// The shared mailbox of CAF 54.
    pub(crate) fn bal(&self) -> Villager<'_> {
        self.at("contact@caf54.example")
    }

    pub(crate) fn at(&self, address: &'static str) -> Villager<'_> {
        Villager { village: self, address }
    }

    /// Carries a letter through the gate, keeps it, and lets the loops work.
    pub(crate) async fn posts(&self, letter: &Letter) -> Answer {
        let answer = self.hands_over(letter).await;
        self.works().await;
        match answer {
            Answer::Kept(row) => {
                let mut tx = self.office.db.read().await.unwrap();
                Answer::Kept(Box::new(inbox::show(&mut tx, row.id).await.unwrap().unwrap().row))
            }
            refused => refused,
        }
    }

    /// The dialogue alone: the loops do not work yet.
    pub(crate) async fn hands_over(&self, letter: &Letter) -> Answer {
        let porter = Porter(Arc::clone(&self.office));
        let peer = Peer { ip: None, helo: String::new(), door: Door::Lmtp, tls: false, trusted: true };
        let mut envelope = Envelope { sender: letter.envelope_from.clone(), recipients: Vec::new(), peer };
        let bytes = letter.bytes();
        if let Some(no) = refusal(porter.recipient(&envelope, &letter.envelope_to).await) {
            return no;
        }
        envelope.recipients.push(letter.envelope_to.clone());
        if let Some(no) = refusal(porter.message(&envelope, &bytes).await) {
            return no;
        }
        let id = match porter.keep(envelope, bytes).await.unwrap() {
            Kept::New(id) | Kept::Seen(id) => id.parse().unwrap(),
        };
        let mut tx = self.office.db.read().await.unwrap();
        Answer::Kept(Box::new(inbox::show(&mut tx, id).await.unwrap().unwrap().row))
    }
}

fn refusal(verdict: Verdict) -> Option<Answer> {
    match verdict {
        Verdict::Accept => None,
        Verdict::Refuse { code, enhanced, text } => Some(Answer::Refused(code, enhanced, text)),
        Verdict::Later { .. } => Some(Answer::Later),
    }
}

impl Villager<'_> {
    /// The mails he got, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.village.postbag.mails().into_iter().filter(|mail| mail.to == self.address).collect()
    }

    /// The last mail he got.
    pub(crate) fn mail(&self) -> Mail {
        self.mails().pop().unwrap_or_else(|| panic!("no mail left for {}", self.address))
    }

    /// Plays a fixture as the answer to the last mail he got.
    pub(crate) async fn answers(&self, name: &str) -> Answer {
        self.village.posts(&Letter::filled(name, &self.mail(), self.village.number)).await
    }

    /// A plain answer to the last mail he got, signed by his domain.
    pub(crate) async fn writes(&self, text: &str) -> Answer {
        self.village.posts(&self.letter(text)).await
    }

    /// A plain answer to an older mail.
    pub(crate) async fn answers_to(&self, mail: &Mail, text: &str) -> Answer {
        self.village.posts(&Letter::new(self.address, &mail.reply_to, text).in_answer_to(mail)).await
    }

    /// The letter of [`Villager::writes`], for a story that changes something in it.
    pub(crate) fn letter(&self, text: &str) -> Letter {
        let mail = self.mail();
        Letter::new(self.address, &mail.reply_to, text).in_answer_to(&mail)
    }

    /// The mail that a button of his last mail writes, sent as it is.
    pub(crate) async fn clicks(&self, label: &str) -> Answer {
        let button = self.mail().button(label);
        let letter = Letter::new(self.address, &button.to, &button.body);
        self.village.posts(&Letter { subject: button.subject, ..letter }).await
    }
}
