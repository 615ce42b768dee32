//! relais, the program: argv → one sub-command → an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    relais::cli::main()
}
