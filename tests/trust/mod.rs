//! Trust: what a hostile, clumsy or private mail does on the whole road, from the inbox to the mails that leave.

mod files;
mod house;
mod injection;
mod journal;
mod logs;
mod notes;
mod rights;
mod scrubbing;
