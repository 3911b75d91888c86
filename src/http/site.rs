//! Where do tickets recur: the list of sites and the page of one site.

use super::endpoint::Endpoint;

/// Shape of a site.
pub(super) const SITE: &str = "{id:string, name:string, kind:string, kind_title:string, point:[number], count:integer, petitioners:integer, rate:number?, expected:number?, score:number?, rank:integer, trend:[integer], status:string, first:string, last:string}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    Vec::new()
}
