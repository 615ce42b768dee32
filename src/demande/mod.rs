//! The domain of Administration+, pure: no I/O, no clock, no database, no template.
pub mod command;
