//! Trust: what a forged, forwarded, automatic, hostile or private mail does on the whole road, from the inbox to the mails
//! that leave.

mod bounces;
mod confirmation;
mod files;
mod forwarded;
mod house;
mod injection;
mod journal;
mod logs;
mod loops;
mod notes;
mod rights;
mod scrubbing;
mod town;
