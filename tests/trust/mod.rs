//! Trust: what a forged, forwarded, automatic, hostile or private mail does on the whole road, from the inbox to the mails
//! that leave.

mod confirmation;
mod forwarded;
mod house;
mod notes;
mod rights;
mod scrubbing;
mod town;
