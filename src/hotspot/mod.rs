//! Declared before its first file.
