//! What if a workbook reader meets bytes that its authors did not think of?

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::intake::sniff::Unreadable;

/// Runs a step of a foreign reader; a panic inside it becomes a damaged file instead of the end of the program.
///
/// The value that panicked is dropped by the caller and never used again, so the broken invariants stay inside.
pub(crate) fn guarded<T>(step: impl FnOnce() -> T) -> Result<T, Unreadable> {
    catch_unwind(AssertUnwindSafe(step))
        .map_err(|_panic| Unreadable::Damaged("the reader met an impossible structure".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_reader_is_a_damaged_file() {
        let got: Result<(), Unreadable> = guarded(|| panic!("index out of bounds"));
        assert_eq!(got.map_err(|e| e.code()), Err("file_damaged"));
    }
}
