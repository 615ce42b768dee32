//! Trust: what a forged, forwarded, automatic, hostile or private mail does on the whole road, from the inbox to the mails
//! that leave.

mod bounces;
mod confirmation;
mod forwarded;
mod house;
mod loops;
mod notes;
mod rights;
mod scrubbing;
mod town;
