//! Where do tickets recur: clusters become lasting problem sites with a kind, a name, a rank and a history.
//!
//! ```text
//!  tickets ──▶ form ──▶ clusters ──▶ track(previous) ──▶ sites + events ──▶ rank ──▶ explain
//! ```

pub mod anchor;
pub mod anchor_map;
pub mod arrival;
pub mod explain;
pub mod form;
pub mod hand;
pub mod hotlist;
pub mod model;
pub mod profile;
pub mod rank;
mod stretch;
pub mod survey;
pub mod track;
pub mod voice;

pub use anchor::Anchors;
pub use explain::explain;
pub use form::{FormParams, form};
pub use model::{
    Anchor, AnchorKind, Burden, Cluster, EventKind, Kind, Site, SiteEvent, SiteId, SiteTicket,
    Status,
};
pub use rank::{Arrival, RankInterval, RankParams, Rate, rank_intervals};
pub use survey::{Ground, Survey, SurveyParams, survey};
pub use track::{Found, Identity, Trace, Tracked};
pub use voice::{Call, Repeats, Voices, weigh};
