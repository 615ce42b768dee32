//! The courier of the village: keeps every mail, and fails when a story says so.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use relais::send::{Courier, Outcome, Parcel};

use super::Mail;

/// What the relay answers next to mails for one address.
#[derive(Debug, Clone)]
pub(crate) enum Script {
    /// 4xx.
    NotNow,
    /// 5xx.
    Never,
}

/// Every mail that left or tried to, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postbag(Arc<Mutex<Bag>>);

#[derive(Debug, Default)]
struct Bag {
    mails: Vec<Mail>,
    tried: Vec<Mail>,
    scripts: Vec<(String, Script)>,
}

impl Postbag {
    /// Those the relay took.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap().mails.clone()
    }

    /// Those it was handed, each time.
    pub(crate) fn tried(&self, to: &str) -> Vec<Mail> {
        self.0.lock().unwrap().tried.iter().filter(|mail| mail.to == to).cloned().collect()
    }

    /// The next mail to that address meets this.
    pub(crate) fn will_answer(&self, to: &str, script: Script) {
        self.0.lock().unwrap().scripts.push((to.to_owned(), script));
    }

    fn take(&self, parcel: &Parcel) -> Outcome {
        let mut bag = self.0.lock().unwrap();
        let mail = Mail::read(&parcel.to, &parcel.bytes);
        bag.tried.push(mail.clone());
        let scripted = bag.scripts.iter().position(|(to, _)| *to == parcel.to);
        match scripted.map(|at| bag.scripts.remove(at).1) {
            None => {
                bag.mails.push(mail);
                Outcome::Delivered { answer: "250 2.0.0 ok".to_owned() }
            }
            Some(Script::NotNow) => Outcome::Again { answer: "451 4.3.0 not now".to_owned() },
            Some(Script::Never) => {
                Outcome::Refused { answer: "550 5.1.1 no such user".to_owned(), code: Some(550) }
            }
        }
    }
}

impl Courier for Postbag {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { self.take(parcel) })
    }
}
