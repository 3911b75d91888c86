//! What can a name of the gazetteer stand for?

/// Index of what a surface names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A road.
    Road(u32),
    /// A place.
    Place(u32),
    /// An area.
    Area(u32),
}
