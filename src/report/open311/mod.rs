//! How does a ticket leave and enter the program in the words of Open311 `GeoReport` v2?
//!
//! The protocol is pure: [`ask::read`] turns a request line and a form into an [`Ask`] or a [`Fault`], `xml` and `form` write
//! answers as JSON or XML. Who looks tickets up, and who counts as a key holder, is decided by the desk behind it.

pub mod ask;
pub mod form;
pub mod window;
pub mod xml;

use serde::Serialize;

use crate::calendar::UtcMs;
use crate::ticket::State;

pub use ask::{Ask, Doc, Found, read};
pub use form::Submission;
pub use window::Window;

/// One kind of request that people may report: a category of the city that has a public name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Stable code.
    pub service_code: String,
    /// Public name.
    pub service_name: String,
    /// What it covers.
    pub description: String,
    /// Whether it asks for attributes of its own; ours never do.
    pub metadata: bool,
    /// `realtime`: the number is given at once.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Other words for it, separated by commas.
    pub keywords: String,
    /// The category above.
    pub group: String,
}

impl Service {
    /// A service of a code and a name, without words beside them.
    #[must_use]
    pub fn new(code: &str, name: &str) -> Self {
        Self {
            service_code: code.to_owned(),
            service_name: name.to_owned(),
            description: name.to_owned(),
            metadata: false,
            kind: "realtime",
            keywords: String::new(),
            group: String::new(),
        }
    }
}

/// A ticket as the public may see it: redacted words, coarsened place.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicTicket {
    /// Number.
    pub no: String,
    /// Code of its service.
    pub service_code: String,
    /// Public name of its service.
    pub service_name: String,
    /// Where it stands.
    pub state: State,
    /// Unit in charge.
    pub unit: Option<String>,
    /// Redacted words.
    pub content: String,
    /// What the public is told about the handling.
    pub note: Option<String>,
    /// Arrival.
    pub received_at: UtcMs,
    /// Close.
    pub closed_at: Option<UtcMs>,
    /// Last change.
    pub updated_at: UtcMs,
    /// Promised time.
    pub due_at: Option<UtcMs>,
    /// Name of the site or place.
    pub place: Option<String>,
    /// Longitude and latitude in WGS-84, coarsened.
    pub point: Option<(f64, f64)>,
}

/// Open or closed as `GeoReport` knows it: 挂账 is open, every end is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Somebody still has to act.
    Open,
    /// Answered, or ended otherwise.
    Closed,
}

impl Status {
    /// The status of a state.
    #[must_use]
    pub const fn of(state: State) -> Self {
        if state.is_open() || matches!(state, State::OnAccount) {
            Self::Open
        } else {
            Self::Closed
        }
    }

    /// `open` or `closed`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// One request in the fields and the order of the standard; `None` is written as null or as an empty element.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Number.
    pub service_request_id: String,
    /// Open or closed.
    pub status: Status,
    /// Name of the state, then the public note.
    pub status_notes: String,
    /// Public name of the service.
    pub service_name: String,
    /// Code of the service.
    pub service_code: String,
    /// Redacted words.
    pub description: String,
    /// Unit in charge.
    pub agency_responsible: Option<String>,
    /// Nothing is promised here.
    pub service_notice: Option<String>,
    /// Arrival, RFC 3339.
    pub requested_datetime: String,
    /// Last change; of a closed request its close.
    pub updated_datetime: String,
    /// Promised time, only while open.
    pub expected_datetime: Option<String>,
    /// Name of the site or place.
    pub address: Option<String>,
    /// Not used.
    pub address_id: Option<String>,
    /// Not used.
    pub zipcode: Option<String>,
    /// Latitude.
    pub lat: Option<f64>,
    /// Longitude.
    pub long: Option<f64>,
    /// Photos are not published here.
    pub media_url: Option<String>,
    /// The exact state, only if `extensions=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_attributes: Option<Extended>,
}

/// What goes beyond the standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extended {
    /// Code of the state.
    pub state: &'static str,
    /// Chinese name of the state.
    pub state_title: &'static str,
    /// Public note.
    pub notes: Option<String>,
}

impl Request {
    /// The request of a ticket.
    #[must_use]
    pub fn of(ticket: &PublicTicket, extensions: bool) -> Self {
        let status = Status::of(ticket.state);
        let note = ticket.note.as_deref().filter(|n| !n.trim().is_empty());
        let title = ticket.state.title();
        let changed = match status {
            Status::Open => ticket.updated_at,
            Status::Closed => ticket.closed_at.unwrap_or(ticket.updated_at),
        };
        Self {
            service_request_id: ticket.no.clone(),
            status,
            status_notes: note.map_or_else(|| title.to_owned(), |n| format!("{title}：{n}")),
            service_name: ticket.service_name.clone(),
            service_code: ticket.service_code.clone(),
            description: ticket.content.clone(),
            agency_responsible: ticket.unit.clone(),
            service_notice: None,
            requested_datetime: ticket.received_at.rfc3339(),
            updated_datetime: changed.rfc3339(),
            expected_datetime: ticket
                .due_at
                .filter(|_| status == Status::Open)
                .map(UtcMs::rfc3339),
            address: ticket.place.clone(),
            address_id: None,
            zipcode: None,
            lat: ticket.point.map(|p| p.1),
            long: ticket.point.map(|p| p.0),
            media_url: None,
            extended_attributes: extensions.then(|| Extended {
                state: ticket.state.code(),
                state_title: title,
                notes: note.map(str::to_owned),
            }),
        }
    }
}

/// What the standard answers to a request that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Number of the new request.
    pub service_request_id: String,
    /// Nothing is promised here.
    pub service_notice: Option<String>,
    /// Accounts are not shown.
    pub account_id: Option<String>,
}

/// Why a request cannot be answered: one or more descriptions under one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// HTTP status.
    pub code: u16,
    /// What is wrong and how to do it right.
    pub description: String,
}

impl Fault {
    /// 400: the request itself is wrong.
    #[must_use]
    pub fn bad(description: impl Into<String>) -> Self {
        Self {
            code: 400,
            description: description.into(),
        }
    }

    /// 403: no key, or one that is not known.
    #[must_use]
    pub fn key() -> Self {
        Self {
            code: 403,
            description: "api_key is missing or not known: ask the office for a key".to_owned(),
        }
    }

    /// 404: no such thing.
    #[must_use]
    pub fn unknown(what: &str, name: &str) -> Self {
        Self {
            code: 404,
            description: format!("there is no {what} {name:?}"),
        }
    }
}
