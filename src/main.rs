//! The key: everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhilu::cli::main()
}
