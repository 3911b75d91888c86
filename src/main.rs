//! The key: everything else is in the library.

use std::process::ExitCode;

/// Tickets are millions of short strings that are made on one thread and dropped on another; the system's allocator took a
/// fifth of the time of an import for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zhilu::cli::main()
}
