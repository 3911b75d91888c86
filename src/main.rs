//! Key.
fn main() {}
