//! Which tickets are there, and what does one say: lists, one ticket, reveal, exports; masked unless revealed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LINK};
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Who;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::export::{self, Format};
use crate::http::gate::Me;
use crate::http::need::{Need, Pace};
use crate::http::point::pair;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::review::with_pairs;
use crate::http::{Door, compute};
use crate::index::Filter;
use crate::index::filter::SiteChoice;
use crate::ticket::permit::{self, Right};

/// Shape of a ticket.
pub(super) const TICKET: &str = "{no:string, external_no:string, superior_no:string?, channel:string, channel_title:string, category:string, title:string, content:string, place_text:string, received_at:string, due_at:string?, closed_at:string?, state:string, state_title:string, unit:string?, redo:integer, satisfaction:string?, precision:string, precision_title:string, radius_m:number?, confidence:number?, label:string?, area:string?, point:[number]?, site:string?, review:boolean, coarse:boolean}";

const NEED: Need = Need::May(Right::Tickets);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    const FILTER: &[&str] = &["filter"];
    vec![
        Endpoint::new("GET /api/v1/tickets", NEED, list)
            .says("A page of the filtered tickets, newest first; texts are masked.", "{tickets:[Ticket], meta:{next:string?, total:integer}}")
            .query(&["limit:integer", "cursor", "filter"]),
        Endpoint::new("GET /api/v1/tickets/{no}", NEED, one)
            .says("One ticket with all its places; a ticket outside one's scope is not found.", "{no:string, title:string, content:string, state:string, places:[any], extras:object, revealable:boolean, handler:object?, assignable:[any]}"),
        Endpoint::new("POST /api/v1/tickets/{no}/reveal", Need::May(Right::Clear), reveal)
            .says("The clear fields of a ticket for a stated reason; written to the audit log.", "{name:string?, phone:string?, title:string?, content:string?, place_text:string?, reply:string?, home:[number]?}")
            .body("{reason:string}"),
        Endpoint::new("POST /api/v1/tickets/{no}/assign", NEED, assign)
            .says("Names the handler of a ticket: an active officer of its unit; by intake desk, own squad leader and leaders. The handler may then ask for its clear fields.", "{name:string, title:string}")
            .body("{to:string}"),
        Endpoint::new("GET /api/v1/tickets.csv", NEED, csv)
            .says("All filtered tickets as CSV with BOM, masked.", "text/csv")
            .query(FILTER)
            .pace(Pace::Stream),
        Endpoint::new("GET /api/v1/tickets.xlsx", NEED, xlsx)
            .says("All filtered tickets as a workbook, masked, with a sheet that says filter, time and person.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            .query(FILTER)
            .pace(Pace::Stream),
        Endpoint::new("GET /api/v1/tickets.geojson", NEED, geojson)
            .says("All filtered tickets that have a point as GeoJSON (RFC 7946), masked.", "application/geo+json")
            .query(FILTER)
            .pace(Pace::Stream),
        Endpoint::new("GET /api/v1/search", Need::Login, search)
            .says("Places of the city and tickets by words or number.", "{places:[{id:string, name:string, kind:string, point:[number]}], tickets:[{no:string, title:string, point:[number]?}]}")
            .query(&["q:string!"]),
    ]
}

async fn list(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    uri: Uri,
    mut asked: Asked,
) -> Result<Response, Problem> {
    let limit = asked.number("limit", 50, 1000)?;
    let cursor = asked.take("cursor");
    let filter = asked.filter(&door.app.snapshot())?;
    let page = door
        .app
        .tickets(&who, &filter, cursor.as_deref(), limit)
        .await?;
    let link = page.next.as_deref().and_then(|next| next_link(&uri, next));
    let body = json!({"tickets": page.tickets, "meta": {"next": page.next, "total": page.total}});
    let mut response = ([(CACHE_CONTROL, "private, no-cache")], Json(body)).into_response();
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

/// `Link: <…>; rel="next"` with the same question and the next cursor.
fn next_link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let kept = uri.query().unwrap_or("").split('&');
    let kept: Vec<&str> = kept
        .filter(|p| !p.is_empty() && !p.starts_with("cursor="))
        .collect();
    let query = kept
        .iter()
        .copied()
        .chain([format!("cursor={next}").as_str()])
        .collect::<Vec<_>>()
        .join("&");
    HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", uri.path())).ok()
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(no): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let ticket = door.app.ticket(&who, &no).await?;
    let body = with_pairs(json!(ticket));
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(body)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

async fn reveal(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(no): Path<String>,
    Body(why): Body<Reason>,
) -> Result<impl IntoResponse, Problem> {
    let clear = door.app.reveal(&who, &no, &why.reason).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!(clear))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    to: String,
}

async fn assign(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(no): Path<String>,
    Body(wish): Body<Handed>,
) -> Result<impl IntoResponse, Problem> {
    let handler = door.app.assign(&who, &no, &wish.to).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!(handler))))
}

async fn csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    export::answer(&door, who, asked, Format::Csv).await
}

async fn xlsx(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    export::answer(&door, who, asked, Format::Xlsx).await
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    export::answer(&door, who, asked, Format::GeoJson).await
}

async fn search(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
) -> Result<Json<Value>, Problem> {
    /// Answers of each kind.
    const MOST: usize = 10;
    let q = asked.take("q").unwrap_or_default().trim().to_owned();
    asked.end(&["q"])?;
    if q.is_empty() || q.chars().count() > 100 {
        return Err(Problem::field("q", "1 to 100 characters"));
    }
    let snapshot = door.app.snapshot();
    let words = q.clone();
    let held = Arc::clone(&snapshot);
    let places = compute(move || {
        let hits = held.city.as_ref().map(|c| c.gazetteer.search(&words, MOST));
        let hits = hits.unwrap_or_default().into_iter();
        hits.map(|h| json!({"id": h.id, "name": h.name, "kind": h.kind, "point": pair(h.point)}))
            .collect::<Vec<_>>()
    })
    .await?;
    let mut tickets = Vec::new();
    if permit::allows(who.role, Right::Tickets) {
        // The words may be no filter (too short): then there are places only.
        if let Ok(filter) = Filter::parse(&[("q".to_owned(), q)], snapshot.index.dicts()) {
            let page = door.app.tickets(&who, &filter, None, MOST).await?;
            tickets = page
                .tickets
                .iter()
                .map(|t| json!({"no": t.no, "title": t.title, "point": t.point}))
                .collect();
        }
    }
    Ok(Json(json!({"places": places, "tickets": tickets})))
}

/// The newest 50 tickets of a site as far as the person sees them; none for roles without tickets.
pub(super) async fn of_site(door: &Door, who: &Who, site: i64) -> Result<Vec<Value>, Problem> {
    if !permit::allows(who.role, Right::Tickets) {
        return Ok(Vec::new());
    }
    let filter = Filter {
        sites: Some(SiteChoice::These(vec![site])),
        ..Filter::default()
    };
    let page = door.app.tickets(who, &filter, None, 50).await?;
    Ok(page.tickets.iter().map(|t| json!(t)).collect())
}
