//! relais, the program.
fn main() {}
