//! From bytes to meaning: what a mail says, who vouches for it, which demande it names, what its author wrote.
//!
//! Knows MIME, headers, mail clients and DNS answers. Does not know the database, nor what a demande does with
//! what is read here.

pub mod body;
pub mod letter;
pub mod reading;
pub mod reply;
pub mod report;
pub mod scrub;
pub mod token;
pub mod verdict;
