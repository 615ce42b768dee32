//! Trust: what a forged, forwarded, automatic or hostile mail does, told on the whole road from the inbox to the mails
//! that leave, on an SQLite database with a scripted clock.

mod bounces;
mod confirmation;
mod forwarded;
mod loops;
mod town;
