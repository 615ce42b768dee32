//! relais: answer the demandes of Administration+ from a mailbox.
//!
//! Whatever arrives is kept in the inbox. A pure function decides. What must be told is kept in the outbox.

pub mod cli;
pub mod clock;
pub mod config;
pub mod demande;
pub mod mail;
pub mod receive;
pub mod render;
pub mod send;
pub mod store;
pub mod work;
