//! What did the client send: a JSON body as a typed value, or a problem that names the field.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;

/// A JSON body; unknown or missing fields are refused by name.
pub(super) struct Body<T>(pub(super) T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(Problem::field("body", cause(&error.body_text())))
            }
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(Problem::field("body", cause(&error.body_text())))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
            )),
            Err(other) => Err(Problem::of_status(other.status())),
        }
    }
}

/// The parser's own words without axum's preamble. They name fields and types, and quote only unknown field names.
fn cause(text: &str) -> String {
    text.split_once(": ")
        .map_or(text, |(_, rest)| rest)
        .to_owned()
}
