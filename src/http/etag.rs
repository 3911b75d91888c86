//! Has the client got it already: one tag and one comparison for every cacheable answer.

use std::fmt::Write as _;

use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A strong tag of everything the answer depends on: version of the data, scope of the person, question.
pub(super) fn tag(version: u64, words: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for word in words {
        hasher.update(word.len().to_le_bytes());
        hasher.update(word.as_bytes());
    }
    let digest = hasher.finalize();
    let mut text = format!("\"v{version}-");
    for byte in digest.iter().take(10) {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}

/// Whether `If-None-Match` names the tag.
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|t| t.trim().trim_start_matches("W/"))
        .any(|t| t == tag || t == "*")
}

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Ask each time; a 304 costs nothing.
    Ask,
    /// The address carries the version: never changes.
    Forever,
    /// The base map at a plain address: a day.
    Day,
}

impl Keep {
    const fn header(self) -> &'static str {
        match self {
            Self::Ask => "private, no-cache",
            Self::Forever => "private, max-age=31536000, immutable",
            Self::Day => "private, max-age=86400",
        }
    }
}

/// Adds the headers of caching to an answer.
pub(super) fn dress(mut response: Response, tag: &str, keep: Keep) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep.header()));
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding, Cookie"));
    response
}

/// The answer "you have it".
pub(super) fn unchanged(tag: &str, keep: Keep) -> Response {
    dress(StatusCode::NOT_MODIFIED.into_response(), tag, keep)
}

#[cfg(test)]
mod tests {
    use super::{has, tag};
    use axum::http::HeaderMap;

    #[test]
    fn a_tag_depends_on_every_word_and_on_their_borders() {
        assert_ne!(tag(1, &["ab", "c"]), tag(1, &["a", "bc"]));
        assert_ne!(tag(1, &["a"]), tag(2, &["a"]));
        assert_eq!(tag(1, &["a"]), tag(1, &["a"]));
    }

    #[test]
    fn a_list_of_tags_is_searched() {
        let mut headers = HeaderMap::new();
        let t = tag(1, &["a"]);
        headers.insert("if-none-match", format!("\"x\", W/{t}").parse().unwrap());
        assert!(has(&headers, &t));
        assert!(!has(&headers, &tag(2, &["a"])));
    }
}
