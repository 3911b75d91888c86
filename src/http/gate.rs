//! Who is asking, and may they pass: session, rights, kind of body and time limit, in this order, before any handler runs.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::{App, Who};
use crate::http::Door;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::ticket::permit::{self, Power};

/// What one endpoint asks of a request.
#[derive(Clone)]
pub(super) struct Rule {
    /// Who may.
    pub(super) need: Need,
    /// Which limits.
    pub(super) pace: Pace,
    /// The program.
    pub(super) door: Arc<Door>,
}

/// Lets a request through or says why not: logged in (401), role (403), kind of body (415), time (503).
pub(super) async fn pass(State(rule): State<Rule>, mut request: Request, next: Next) -> Response {
    let who = match admit(&rule, request.headers(), request.method()).await {
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    if let Some(who) = &who {
        request.extensions_mut().insert(who.clone());
    }
    let asked = request.uri().clone();
    let Some(limit) = limit(&rule) else {
        return next.run(request).await;
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => recorded(&rule, who.as_ref(), &asked, response).await,
        Err(_elapsed) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow").into_response(),
    }
}

/// Marks an answer whose export stands in the audit log already, with more than the gate knows.
#[derive(Clone, Copy)]
pub(super) struct Audited;

/// Writes every document that leaves to be saved into the audit log (casework reference 13), whichever door made it; what cannot be
/// recorded does not leave.
async fn recorded(rule: &Rule, who: Option<&Who>, asked: &Uri, response: Response) -> Response {
    let saved = response
        .headers()
        .get(CONTENT_DISPOSITION)
        .is_some_and(|v| v.as_bytes().starts_with(b"attachment"));
    let known = response.extensions().get::<Audited>().is_some();
    let Some(who) = who.filter(|_| saved && !known && response.status().is_success()) else {
        return response;
    };
    let query = asked.query().unwrap_or_default();
    match rule.door.app.audit_export(who, asked.path(), query).await {
        Ok(()) => response,
        Err(error) => Problem::from(error).into_response(),
    }
}

fn limit(rule: &Rule) -> Option<Duration> {
    match rule.pace {
        Pace::Plain | Pace::Form => Some(rule.door.config.request_timeout),
        Pace::Tile => Some(rule.door.config.tile_timeout),
        // An upload over a slow line may take long; it is bounded by its size.
        Pace::Upload => Some(rule.door.config.request_timeout * 20),
        Pace::Stream => None,
    }
}

async fn admit(rule: &Rule, headers: &HeaderMap, method: &Method) -> Result<Option<Who>, Problem> {
    let who = match token(headers, rule.door.config.secure_cookie()) {
        Some(token) => rule.door.guests.who(&rule.door.app, token).await?,
        None => None,
    };
    if rule.need != Need::Open {
        let login = || Problem::new(StatusCode::UNAUTHORIZED, "login_needed");
        may(rule.need, who.as_ref().ok_or_else(login)?)?;
    }
    if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
        body_kind(rule.pace, headers)?;
    }
    Ok(who)
}

fn may(need: Need, who: &Who) -> Result<(), Problem> {
    let forbidden = || Problem::new(StatusCode::FORBIDDEN, "forbidden");
    if who.must_change && !matches!(need, Need::Open | Need::Login) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "must_change_password"));
    }
    let fine = match need {
        Need::Open | Need::Login => true,
        Need::May(right) => permit::allows(who.role, right),
        Need::Propose(right) => permit::power(who.role, right) >= Power::Propose,
        Need::Edit(right) => permit::may_edit(who.role, right),
        Need::Verify(right) => permit::power(who.role, right) == Power::Verify,
    };
    if fine { Ok(()) } else { Err(forbidden()) }
}

fn body_kind(pace: Pace, headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let wanted = match pace {
        Pace::Upload => "multipart/form-data",
        Pace::Form => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    if kind
        .split(';')
        .next()
        .is_some_and(|k| k.trim().eq_ignore_ascii_case(wanted))
    {
        return Ok(());
    }
    Err(
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type")
            .saying(format!("Content-Type: {wanted}")),
    )
}

/// Sessions looked up a moment ago: a map asks for dozens of tiles at once, the database is asked once.
#[derive(Default)]
pub(super) struct Guests(Mutex<BTreeMap<String, (Instant, Who)>>);

impl Guests {
    /// How long an answer of the database is believed. A revocation by this process counts at once (see [`Self::forget`]),
    /// one by the shell after this time.
    const TRUST: Duration = Duration::from_secs(2);
    /// Sessions remembered; beyond it the memory starts anew.
    const ROOM: usize = 4096;

    async fn who(&self, app: &App, token: &str) -> Result<Option<Who>, Problem> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock()
            .get(token)
            .filter(|(at, _)| at.elapsed() < Self::TRUST)
            .map(|(_, who)| who.clone());
        if known.is_some() {
            return Ok(known);
        }
        let asked = Instant::now();
        let who = app.who(token).await?;
        let mut map = lock();
        if map.len() >= Self::ROOM {
            map.clear();
        }
        match &who {
            Some(who) => map.insert(token.to_owned(), (asked, who.clone())),
            None => map.remove(token),
        };
        Ok(who)
    }

    /// Believes nothing any more: accounts or sessions changed.
    pub(super) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Name of the session cookie.
pub(super) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-zl" } else { "zl" }
}

/// The session token of a request, if it carries one.
pub(super) fn token(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let name = cookie_name(secure);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .filter(|value| value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The person whom the gate let through.
pub(super) struct Me(pub(super) Who);

impl<S: Send + Sync> FromRequestParts<S> for Me {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let who = parts.extensions.get::<Who>().cloned();
        who.map(Self)
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "login_needed"))
    }
}

/// The address of the other end, for the lock-out by address and for the loopback rule of the metrics.
pub(super) struct Peer {
    /// Its address, if the connection has one.
    pub(super) addr: Option<IpAddr>,
    /// Whether it is this machine itself and no proxy spoke for somebody else.
    pub(super) loopback: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let addr = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let proxied = ["x-forwarded-for", "forwarded", "x-real-ip"]
            .iter()
            .any(|name| parts.headers.contains_key(*name));
        Ok(Self {
            addr,
            loopback: addr.is_some_and(|a| a.is_loopback()) && !proxied,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::token;
    use axum::http::HeaderMap;

    #[test]
    fn only_a_whole_token_under_the_right_name_is_read() {
        let good = "a".repeat(64);
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("x=1; zl={good}").parse().unwrap());
        assert_eq!(token(&headers, false), Some(good.as_str()));
        assert_eq!(token(&headers, true), None);
        headers.insert("cookie", "zl=abc".parse().unwrap());
        assert_eq!(token(&headers, false), None);
    }
}
