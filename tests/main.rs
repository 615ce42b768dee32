//! The tests of the whole, one binary. `./tests/run` starts the servers that they need; a server that is missing
//! is a failure, never a skip.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod dialogue;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod store;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod village;
