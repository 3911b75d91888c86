//! What does a `GeoReport` request ask for: which thing, in which format, with which parameters?

use crate::calendar::UtcMs;
use crate::report::open311::form::Submission;
use crate::report::open311::window::Window;
use crate::report::open311::{Fault, Service};

/// Where the interface lies.
pub const ROOT: &str = "/open311/v2/";

/// Format of the answer, by the ending of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doc {
    /// `.json`.
    Json,
    /// `.xml`, and whatever has no ending: XML is the format the standard demands.
    Xml,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Where the interface lies and which formats it speaks.
    Discovery,
    /// All services.
    Services,
    /// One service.
    Service(String),
    /// Requests that fit.
    Requests(Window),
    /// One request; whether extensions are wanted.
    Request(String, bool),
    /// What became of a token; numbers are given at once here, so there is none.
    Token(String),
    /// A new request; boxed because it is larger than all others.
    Submit(Box<Submission>),
}

/// A request line with its form, as any door has it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Path below [`ROOT`], such as `requests/7.xml`.
    pub path: &'a str,
    /// Parameters of the address, decoded.
    pub query: &'a [(String, String)],
    /// Fields of the form, decoded.
    pub form: &'a [(String, String)],
    /// The key is one of ours.
    pub key_known: bool,
    /// Now, for the default window.
    pub now: UtcMs,
}

/// Name and format of a path: `requests.xml` → `requests`, XML.
#[must_use]
pub fn split(path: &str) -> (&str, Doc) {
    let path = path.trim_matches('/');
    if let Some(name) = path.strip_suffix(".json") {
        return (name, Doc::Json);
    }
    (path.strip_suffix(".xml").unwrap_or(path), Doc::Xml)
}

/// Reads what is asked.
///
/// # Errors
/// [`Fault`] 403 without a known key, 404 for things that do not exist, 400 for everything else that is wrong.
pub fn read(found: &Found<'_>, services: &[Service]) -> Result<Ask, Fault> {
    let (name, _) = split(found.path);
    let (head, rest) = name.split_once('/').unwrap_or((name, ""));
    match (found.method, head, rest) {
        ("POST", "requests", "") => {
            // The key comes first: who has none learns nothing else.
            if !found.key_known {
                return Err(Fault::key());
            }
            let form = Submission::read(found.form)?;
            service(services, &form.service_code)?;
            Ok(Ask::Submit(Box::new(form)))
        }
        ("GET", "discovery", "") => Ok(Ask::Discovery),
        ("GET", "services", "") => Ok(Ask::Services),
        ("GET", "services", code) => {
            service(services, code)?;
            Ok(Ask::Service(code.to_owned()))
        }
        ("GET", "requests", "") => {
            let window = Window::read(found.query, found.now)?;
            for code in &window.services {
                service(services, code)?;
            }
            Ok(Ask::Requests(window))
        }
        ("GET", "requests", id) => Ok(Ask::Request(
            id.to_owned(),
            Window::read(found.query, found.now)?.extensions,
        )),
        ("GET", "tokens", token) if !token.is_empty() => Ok(Ask::Token(token.to_owned())),
        ("GET", _, _) => Err(Fault::unknown("resource", name)),
        (method, _, _) => Err(Fault::bad(format!("{method} is not allowed here"))),
    }
}

/// The service of a code.
///
/// # Errors
/// [`Fault`] 404.
pub fn service<'s>(services: &'s [Service], code: &str) -> Result<&'s Service, Fault> {
    services
        .iter()
        .find(|s| s.service_code == code)
        .ok_or_else(|| Fault::unknown("service_code", code))
}

/// Decodes `a=b&c=d` as forms and addresses write it; bytes that are no UTF-8 become the replacement character.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|p| !p.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(b) = rest.next() {
        let plain = match b {
            b'+' => b' ',
            b'%' => {
                let mut ahead = rest.clone();
                match (hex(ahead.next()), hex(ahead.next())) {
                    (Some(high), Some(low)) => {
                        rest = ahead;
                        high * 16 + low
                    }
                    _ => b,
                }
            }
            other => other,
        };
        bytes.push(plain);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: Option<u8>) -> Option<u8> {
    let value = char::from(digit?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::{Doc, pairs, split};

    #[test]
    fn the_ending_of_the_address_chooses_the_format() {
        assert_eq!(split("requests/7.json"), ("requests/7", Doc::Json));
        assert_eq!(split("services.xml"), ("services", Doc::Xml));
        assert_eq!(split("/services/"), ("services", Doc::Xml));
    }

    #[test]
    fn forms_are_decoded_and_broken_escapes_stay() {
        let read = pairs("a=%E9%87%91+x&b=100%&c");
        let words: Vec<(&str, &str)> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(words, [("a", "金 x"), ("b", "100%"), ("c", "")]);
    }
}
