//! Where do tickets recur: clusters become lasting problem sites with a kind, a name, a rank and a history.
//!
//! ```text
//!  tickets ──▶ form ──▶ clusters ──▶ track(previous) ──▶ sites + events ──▶ rank ──▶ explain
//! ```

pub mod hotlist;
pub mod model;

pub use model::{
    Anchor, AnchorKind, Cluster, EventKind, Kind, Site, SiteEvent, SiteId, SiteTicket, Status,
};
