//! What happens to every request: id, one log line, figures, safe headers, and problems written in the caller's language.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::Door;
use crate::http::problem::{Lang, Problem};

/// The policy of the page: nothing from elsewhere, nothing inline (works with MapLibre 6).
pub(super) const CSP: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers of every answer.
const SAFE: &[(&str, &str)] = &[
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "geolocation=(self), camera=(), microphone=()",
    ),
];

static NEXT: AtomicU64 = AtomicU64::new(1);

/// The outermost layer.
pub(super) async fn around(
    State(door): State<Arc<Door>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let id = request_id(&door, request.headers());
    let lang = Lang::of(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |m| m.as_str().to_owned());
    door.metrics.running.fetch_add(1, Ordering::Relaxed);
    let mut response = next.run(request).await;
    door.metrics.running.fetch_sub(1, Ordering::Relaxed);
    response = written(response, lang, &path, &id);
    dress(response.headers_mut(), &id, door.config.secure_cookie());
    let status = response.status().as_u16();
    let took = begun.elapsed();
    door.metrics.note(method.as_str(), &route, status, took);
    let ms = took.as_secs_f64() * 1000.0;
    tracing::debug!(request_id = %id, %method, route, status, duration_ms = ms, "request answered");
    response
}

/// The caller's id if it is plain, else a new one: process start and a running number.
fn request_id(door: &Door, headers: &HeaderMap) -> String {
    let given = headers.get("x-request-id").and_then(|v| v.to_str().ok());
    let plain = |text: &&str| {
        (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = given.filter(plain) {
        return id.to_owned();
    }
    let mut id = format!("{:x}-", door.started.0);
    let _ = write!(id, "{:x}", NEXT.fetch_add(1, Ordering::Relaxed));
    id
}

/// Replaces a problem, or a library's bare error, by the document in the caller's language; a failure is logged once, here.
fn written(mut response: Response, lang: Lang, path: &str, id: &str) -> Response {
    let status = response.status();
    let problem = response.extensions_mut().remove::<Problem>();
    let bare = || {
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        let plain = kind.is_none_or(|k| k.starts_with("text/plain"));
        (plain && (status.is_client_error() || status.is_server_error()))
            .then(|| Problem::of_status(status))
    };
    let Some(problem) = problem.or_else(bare) else {
        return response;
    };
    if problem.status.is_server_error() {
        let why = problem.internal.as_deref().unwrap_or(problem.code);
        tracing::error!(request_id = %id, status = problem.status.as_u16(), why, "request failed");
    }
    let mut rendered = problem.render(lang, path, id);
    for (name, value) in response.headers() {
        if name == "set-cookie" || name == "allow" {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

fn dress(headers: &mut HeaderMap, id: &str, secure: bool) {
    for (name, value) in SAFE {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(HeaderName::from_static("strict-transport-security"), value);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
