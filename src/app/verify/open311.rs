//! Does `GeoReport` v2 answer as the golden cases say: tickets to JSON and XML, requests to statuses?

use serde::Deserialize;
use serde_json::Value;

use crate::app::verify::casework_table::{Bench, cell, instant, line};
use crate::calendar::UtcMs;
use crate::report::open311::{Ask, Fault, Found, PublicTicket, Request, Service, ask, xml};
use crate::ticket::State;

const FOLDER: &str = "open311";
/// The key that the cases call good; any other text is a stranger's.
const KEY: &str = "good";

/// A ticket as the files hold it: already public.
#[derive(Deserialize)]
struct Line {
    ticket_no: String,
    category_code: String,
    category_name: String,
    state: String,
    unit: Option<String>,
    content_public: String,
    public_note: Option<String>,
    received_at: String,
    closed_at: Option<String>,
    updated_at: String,
    due_at: Option<String>,
    site_name: Option<String>,
    public_lat: Option<f64>,
    public_lon: Option<f64>,
}

impl Line {
    fn ticket(self) -> Option<PublicTicket> {
        let some = |text: Option<String>| text.as_deref().and_then(instant);
        Some(PublicTicket {
            state: State::from_code(&self.state)?,
            received_at: instant(&self.received_at)?,
            updated_at: instant(&self.updated_at)?,
            closed_at: some(self.closed_at),
            due_at: some(self.due_at),
            no: self.ticket_no,
            service_code: self.category_code,
            service_name: self.category_name,
            unit: self.unit,
            content: self.content_public,
            note: self.public_note,
            place: self.site_name,
            point: self.public_lon.zip(self.public_lat),
        })
    }
}

/// Runs the folder, if it is there.
pub(super) fn run(bench: &mut Bench<'_>) {
    if !bench.folder.join(FOLDER).exists() {
        return;
    }
    let Some(lines) = bench.json::<Vec<Line>>(&format!("{FOLDER}/tickets.json")) else {
        return;
    };
    let count = lines.len();
    let tickets: Vec<PublicTicket> = lines.into_iter().filter_map(Line::ticket).collect();
    bench.check(
        "open311/tickets.json",
        "every ticket is readable",
        &count.to_string(),
        &tickets.len().to_string(),
    );
    let requests: Vec<Request> = tickets.iter().map(|t| Request::of(t, false)).collect();
    as_json(bench, &requests);
    as_xml(bench, &requests);
    answers(bench, &tickets);
}

fn as_json(bench: &mut Bench<'_>, requests: &[Request]) {
    let file = format!("{FOLDER}/requests.json");
    let Some(expected) = bench.json::<Vec<Value>>(&file) else {
        return;
    };
    bench.check(
        &file,
        "requests",
        &expected.len().to_string(),
        &requests.len().to_string(),
    );
    for (expected, request) in expected.iter().zip(requests) {
        let found = serde_json::to_value(request).unwrap_or_default();
        let fields = expected.as_object().into_iter().flatten();
        for (name, value) in fields {
            let found = found.get(name).cloned().unwrap_or(Value::Bool(false));
            let equal = match (value.as_f64(), found.as_f64()) {
                (Some(a), Some(b)) => a.to_bits() == b.to_bits(),
                _ => *value == found,
            };
            let name = format!("{} {name}", request.service_request_id);
            let found = if equal {
                value.to_string()
            } else {
                found.to_string()
            };
            bench.check(&file, &name, &value.to_string(), &found);
        }
        let extra = found.as_object().map_or(0, serde_json::Map::len);
        let asked = expected.as_object().map_or(0, serde_json::Map::len);
        let name = format!("{} fields", request.service_request_id);
        bench.check(&file, &name, &asked.to_string(), &extra.to_string());
    }
    let out = serde_json::to_string_pretty(requests).unwrap_or_default();
    bench.emit(&file, &out);
}

/// Compared by the order of the elements and their text: blanks between elements mean nothing.
fn as_xml(bench: &mut Bench<'_>, requests: &[Request]) {
    let file = format!("{FOLDER}/requests.xml");
    let expected = bench.text(&file);
    let found = xml::list("service_requests", "request", requests);
    bench.emit(&file, &found);
    let (expected, found) = (marks(&expected), marks(&found));
    bench.check(
        &file,
        "elements",
        &expected.len().to_string(),
        &found.len().to_string(),
    );
    for (n, (expected, found)) in expected.iter().zip(&found).enumerate() {
        bench.check(&file, &format!("part {}", n + 1), expected, found);
    }
}

/// Tags and texts in their order, `<a/>` as `<a></a>`.
fn marks(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap_or((part, ""));
        let tag = tag.trim();
        match tag.strip_suffix('/') {
            Some(name) => {
                let name = name.trim();
                list.extend([format!("<{name}>"), format!("</{name}>")]);
            }
            None => list.push(format!("<{tag}>")),
        }
        let after = after.trim();
        if !after.is_empty() {
            list.push(after.to_owned());
        }
    }
    list
}

fn answers(bench: &mut Bench<'_>, tickets: &[PublicTicket]) {
    let file = format!("{FOLDER}/http_cases.csv");
    let services = services(tickets);
    let mut out = line(&["method", "path", "status"]);
    for row in bench.table(&file) {
        let (method, address) = (cell(&row, "method"), cell(&row, "path"));
        let asked = (method, address, cell(&row, "api_key"), cell(&row, "body"));
        let status = match answer(asked, &services, tickets) {
            Ok(()) => 200,
            Err(fault) => fault.code,
        };
        let status = status.to_string();
        let name = format!("{method} {address} {}", cell(&row, "note"));
        bench.check(&file, name.trim_end(), cell(&row, "status"), &status);
        out += &line(&[method, address, &status]);
    }
    bench.emit(&file, &out);
}

/// One service for each category that the tickets have.
fn services(tickets: &[PublicTicket]) -> Vec<Service> {
    let mut list: Vec<Service> = Vec::new();
    for t in tickets {
        if list.iter().all(|s| s.service_code != t.service_code) {
            list.push(Service::new(&t.service_code, &t.service_name));
        }
    }
    list
}

fn answer(
    (method, address, key, body): (&str, &str, &str, &str),
    services: &[Service],
    tickets: &[PublicTicket],
) -> Result<(), Fault> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let path = path
        .strip_prefix(ask::ROOT)
        .ok_or_else(|| Fault::unknown("resource", path))?;
    let asked = ask::read(
        &Found {
            method,
            path,
            query: &ask::pairs(query),
            form: &ask::pairs(body),
            key_known: key == KEY,
            now: tickets
                .iter()
                .map(|t| t.updated_at)
                .max()
                .unwrap_or(UtcMs(0)),
        },
        services,
    )?;
    match asked {
        Ask::Request(id, _) if tickets.iter().all(|t| t.no != id) => {
            Err(Fault::unknown("service_request_id", &id))
        }
        Ask::Token(token) => Err(Fault::unknown("token", &token)),
        _ => Ok(()),
    }
}
