//! Which tickets are there, and what does one say: lists, counts, one ticket, reveal; masked unless revealed.

use super::endpoint::Endpoint;

/// Shape of a ticket.
pub(super) const TICKET: &str = "{no:string, external_no:string, channel:string, category:string, title:string, content:string, place_text:string, received_at:string, state:string, unit:string?, redo:integer, satisfaction:string?, precision:string, radius_m:number?, confidence:number?, label:string?, point:[number]?, site:string?}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    Vec::new()
}
