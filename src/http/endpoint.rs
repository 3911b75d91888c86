//! Which endpoints exist, who may use them, and how is each described: one entry makes route, gate and API description.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::{Map, Value, json};

use crate::http::Door;
use crate::http::gate;
use crate::http::need::{Need, Pace};
use crate::http::shape;

/// Largest body of an ordinary request.
const PLAIN_BODY: usize = 1 << 20;

/// One endpoint: route, gate and description.
pub(super) struct Endpoint {
    /// GET, POST, PUT, PATCH, DELETE.
    pub(super) method: &'static str,
    /// Path with `{names}`.
    pub(super) path: &'static str,
    /// Who may.
    pub(super) need: Need,
    /// Time and size limits.
    pub(super) pace: Pace,
    /// One sentence.
    pub(super) summary: &'static str,
    /// Query parameters: name and shape, `filter` = the whole filter grammar.
    pub(super) query: &'static [&'static str],
    /// Shape of the request body; empty = none.
    pub(super) body: &'static str,
    /// Status of success.
    pub(super) status: u16,
    /// Shape of the answer, or a media type (with a slash); empty = no body.
    pub(super) answer: &'static str,
    route: MethodRouter<Arc<Door>>,
}

impl Endpoint {
    /// A new entry; `line` is "METHOD /path".
    pub(super) fn new<H, T>(line: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Door>>,
        T: 'static,
    {
        let (method, path) = line.split_once(' ').unwrap_or(("GET", line));
        let filter = match method {
            "POST" => MethodFilter::POST,
            "PUT" => MethodFilter::PUT,
            "PATCH" => MethodFilter::PATCH,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        Self {
            method,
            path,
            need,
            pace: Pace::Plain,
            summary: "",
            query: &[],
            body: "",
            status: 200,
            answer: "",
            route: on(filter, handler),
        }
    }

    /// What it is for, and the shape (or media type) of the answer.
    pub(super) fn says(mut self, summary: &'static str, answer: &'static str) -> Self {
        self.summary = summary;
        self.answer = answer;
        self
    }

    /// Query parameters.
    pub(super) fn query(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    /// Shape of the body.
    pub(super) fn body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    /// Another status of success than 200.
    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Another pace than plain.
    pub(super) fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Adds the endpoint to a router, with its gate, its time limit and its body limit.
    pub(super) fn mount(self, router: Router<Arc<Door>>, door: &Arc<Door>) -> Router<Arc<Door>> {
        let limit = match self.pace {
            Pace::Upload => door.config.upload_limit_bytes + PLAIN_BODY,
            _ => PLAIN_BODY,
        };
        let rule = gate::Rule {
            need: self.need,
            pace: self.pace,
            door: Arc::clone(door),
        };
        let route = self
            .route
            .layer(DefaultBodyLimit::max(limit))
            .layer(from_fn_with_state(rule, gate::pass));
        router.route(self.path, route)
    }

    /// The operation object of the API description.
    pub(super) fn operation(&self) -> Result<Value, String> {
        let mut parameters: Vec<Value> = path_names(self.path)
            .into_iter()
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        for entry in self.query {
            if *entry == "filter" {
                parameters.extend(filter_parameters());
            } else {
                let (name, kind) = entry.split_once(':').unwrap_or((entry, "string"));
                let required = kind.ends_with('!');
                let schema = shape::schema(kind.trim_end_matches('!'))?;
                parameters.push(
                    json!({"name": name, "in": "query", "required": required, "schema": schema}),
                );
            }
        }
        let mut operation = json!({
            "operationId": operation_id(self.method, self.path),
            "summary": self.summary,
            "tags": [tag(self.path)],
            "parameters": parameters,
            "responses": self.responses()?,
            "x-need": self.need_text(),
        });
        if !self.body.is_empty() {
            operation["requestBody"] = if self.body == "multipart/form-data" {
                json!({"required": true, "content": {"multipart/form-data": {"schema": {"type": "object"}}}})
            } else {
                json!({"required": true, "content": {"application/json": {"schema": shape::schema(self.body)?}}})
            };
        }
        Ok(operation)
    }

    fn responses(&self) -> Result<Value, String> {
        let mut responses = Map::new();
        let success = if self.answer.is_empty() {
            json!({"description": "done"})
        } else if self.answer.contains('/') && !self.answer.contains(['{', '[']) {
            json!({"description": "the document", "content": {self.answer: {}}})
        } else {
            json!({"description": "the answer", "content": {"application/json": {"schema": shape::schema(self.answer)?}}})
        };
        responses.insert(self.status.to_string(), success);
        let problem = json!({"description": "why not", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
        if self.need != Need::Open {
            responses.insert("401".to_owned(), problem.clone());
        }
        if !matches!(self.need, Need::Open | Need::Login) {
            responses.insert("403".to_owned(), problem.clone());
        }
        responses.insert("default".to_owned(), problem);
        Ok(Value::Object(responses))
    }

    fn need_text(&self) -> String {
        match self.need {
            Need::Open => "open".to_owned(),
            Need::Login => "login".to_owned(),
            Need::May(right) => format!("may {}", right.code()),
            Need::Propose(right) => format!("propose {}", right.code()),
            Need::Edit(right) => format!("edit {}", right.code()),
            Need::Verify(right) => format!("verify {}", right.code()),
        }
    }
}

fn path_names(path: &str) -> Vec<&str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}

fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .trim_start_matches("/api/v1/")
        .replace(['/', '.', '-'], "_");
    format!(
        "{}_{}",
        method.to_ascii_lowercase(),
        words.replace(['{', '}'], "")
    )
}

fn tag(path: &str) -> &str {
    let inner = path.trim_start_matches("/api/v1/").trim_start_matches('/');
    inner.split(['/', '.']).next().unwrap_or("program")
}

/// The filter grammar of lists, tiles, counts and exports.
fn filter_parameters() -> Vec<Value> {
    const NAMES: &[(&str, &str)] = &[
        ("kind", "categories by id; comma = or"),
        ("channel", "channels by code"),
        ("state", "states by code"),
        ("precision", "precision classes"),
        ("area", "areas by id"),
        ("unit", "units by id"),
        ("bbox", "west,south,east,north in WGS-84 degrees"),
        ("h3", "cells as hexadecimal text"),
        ("from", "first day or instant, inclusive"),
        ("to", "last day (inclusive) or instant (exclusive)"),
        ("time", "received or closed: which instant from and to mean"),
        ("q", "words in title, content and place"),
        ("redo", "least number of redo rounds"),
        ("site", "sites by id"),
        ("min_confidence", "least confidence of the place, 0 to 1"),
    ];
    NAMES
        .iter()
        .map(|(name, doc)| json!({"name": name, "in": "query", "required": false, "description": doc, "schema": {"type": "string"}}))
        .collect()
}
