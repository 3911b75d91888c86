//! Where is it worse than chance, since when, and for whom? Methods behind one registry.

pub mod area;
pub mod fdr;
pub mod gi_star;
pub mod local_moran;
pub mod method;
pub mod randomise;
pub mod table;

pub use method::{Answer, Method, MethodError};
pub use table::{Input, Table};

/// All methods, in the order of the help and the documentation.
pub static METHODS: &[&Method] = &[&gi_star::GI_STAR, &local_moran::LOCAL_MORAN, &fdr::FDR];

/// The method of a name, or `None`.
#[must_use]
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().copied().find(|m| m.name == name)
}
