//! What did the address ask: own parameters taken out by name, the rest is the one filter grammar; an unknown name is refused.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::app::{Snapshot, Who};
use crate::http::problem::{FieldError, Problem};
use crate::index::{BadFilter, Filter};

/// The parameters of an address in their order.
pub(super) struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|e| Problem::field("query", e.body_text()))?;
        Ok(Self(pairs))
    }
}

impl From<BadFilter> for Problem {
    fn from(bad: BadFilter) -> Self {
        let message = bad.to_string();
        let mut problem = Self::wrong("bad_filter", bad.name(), message.clone());
        problem.errors = vec![FieldError {
            field: bad.name().to_owned(),
            code: bad.code(),
            message,
        }];
        problem
    }
}

impl Asked {
    /// The parameters of a query given as text.
    pub(super) fn of(query: &str) -> Result<Self, Problem> {
        let uri = format!("/?{query}");
        let uri = uri.parse().map_err(|_not_a_query| {
            Problem::field("filter", "must be a query: from=2024-01-01&kind=…")
        })?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri)
            .map_err(|e| Problem::field("filter", e.body_text()))?;
        Ok(Self(pairs))
    }

    /// Takes a parameter out; empty values are as if not given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        let (_, value) = self.0.remove(at);
        Some(value).filter(|v| !v.is_empty())
    }

    /// Takes a whole number out, within bounds.
    pub(super) fn number(
        &mut self,
        name: &str,
        default: usize,
        most: usize,
    ) -> Result<usize, Problem> {
        let Some(text) = self.take(name) else {
            return Ok(default);
        };
        match text.parse::<usize>() {
            Ok(n) if n >= 1 => Ok(n.min(most)),
            _ => Err(Problem::field(
                name,
                format!("must be a whole number from 1 to {most}"),
            )),
        }
    }

    /// The question in words, for the sheet that explains an export.
    pub(super) fn words(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        parts.join(" ")
    }

    /// Nothing may be left.
    pub(super) fn end(self, known: &[&str]) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::wrong(
                "invalid",
                name,
                format!("unknown parameter; known here: {}", known.join(", ")),
            )),
        }
    }

    /// The rest as a filter, as asked.
    pub(super) fn filter(mut self, snapshot: &Snapshot) -> Result<Filter, Problem> {
        // The version in an address only makes it cacheable.
        self.take("v");
        Ok(Filter::parse(&self.0, snapshot.index.dicts())?)
    }

    /// The rest as a filter, narrowed to the rows of the person.
    pub(super) fn narrowed(self, who: &Who, snapshot: &Snapshot) -> Result<Filter, Problem> {
        let filter = self.filter(snapshot)?;
        Ok(who.narrowed(filter, snapshot.index.dicts())?)
    }
}
