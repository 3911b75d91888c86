//! Which requests does a list ask for, and in which part?

use crate::calendar::{DAY_MS, UtcMs, moment};
use crate::report::open311::{Fault, PublicTicket, Status};

/// Longest span of a list.
const SPAN_DAYS: i64 = 90;
/// Largest page, and the page without `page_size`.
const PAGE: usize = 1000;

/// The filters of `GET requests`.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// These requests and no others, whatever else is said; empty = all.
    pub ids: Vec<String>,
    /// Codes of services; empty = all.
    pub services: Vec<String>,
    /// First instant of arrival.
    pub from: UtcMs,
    /// Last instant of arrival.
    pub to: UtcMs,
    /// Statuses; empty = all.
    pub statuses: Vec<Status>,
    /// West, south, east, north.
    pub bbox: Option<[f64; 4]>,
    /// Changed after this instant.
    pub updated_after: Option<UtcMs>,
    /// From 1.
    pub page: usize,
    /// Requests of a page.
    pub page_size: usize,
    /// Notes and exact states are wanted.
    pub extensions: bool,
}

impl Window {
    /// Reads the parameters; names the standard does not know are ignored, as it demands.
    ///
    /// # Errors
    /// [`Fault`] 400 that names the parameter and how to write it.
    pub fn read(query: &[(String, String)], now: UtcMs) -> Result<Self, Fault> {
        let value = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
        };
        let list = |name: &str| -> Vec<String> {
            let words = value(name).unwrap_or_default().split(',').map(str::trim);
            words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
        };
        let (from, to) = span(
            value("start_date")
                .map(|t| instant("start_date", t))
                .transpose()?,
            value("end_date")
                .map(|t| instant("end_date", t))
                .transpose()?,
            now,
        )?;
        Ok(Self {
            ids: list("service_request_id"),
            services: list("service_code"),
            from,
            to,
            statuses: list("status")
                .iter()
                .map(|word| status(word))
                .collect::<Result<_, _>>()?,
            bbox: value("bbox").map(bbox).transpose()?,
            updated_after: value("updated_after")
                .map(|t| instant("updated_after", t))
                .transpose()?,
            page: number("page", value("page"), 1, usize::MAX)?,
            page_size: number("page_size", value("page_size"), PAGE, PAGE)?,
            extensions: value("extensions") == Some("true"),
        })
    }

    /// Whether a ticket belongs into the list.
    #[must_use]
    pub fn takes(&self, ticket: &PublicTicket) -> bool {
        if !self.ids.is_empty() {
            return self.ids.contains(&ticket.no);
        }
        let status = Status::of(ticket.state);
        (self.from..=self.to).contains(&ticket.received_at)
            && (self.services.is_empty() || self.services.contains(&ticket.service_code))
            && (self.statuses.is_empty() || self.statuses.contains(&status))
            && self.updated_after.is_none_or(|at| ticket.updated_at > at)
            && self.bbox.is_none_or(|[w, s, e, n]| {
                ticket
                    .point
                    .is_some_and(|(x, y)| (w..=e).contains(&x) && (s..=n).contains(&y))
            })
    }

    /// How many requests lie before the page.
    #[must_use]
    pub const fn skip(&self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.page_size)
    }
}

/// Both ends, at most 90 days apart; a missing end lies 90 days from the other, both missing mean the last 90 days.
fn span(from: Option<UtcMs>, to: Option<UtcMs>, now: UtcMs) -> Result<(UtcMs, UtcMs), Fault> {
    let days = SPAN_DAYS * DAY_MS;
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, UtcMs(from.0.saturating_add(days))),
        (None, Some(to)) => (UtcMs(to.0.saturating_sub(days)), to),
        (None, None) => (UtcMs(now.0 - days), now),
    };
    if from > to {
        return Err(Fault::bad("start_date lies after end_date"));
    }
    if to.0 - from.0 > days {
        return Err(Fault::bad(
            "start_date and end_date are more than 90 days apart: ask for a shorter span",
        ));
    }
    Ok((from, to))
}

/// An instant as the W3C writes it: date, time and offset. A plus sign that the address turned into a blank is taken back.
fn instant(name: &str, text: &str) -> Result<UtcMs, Fault> {
    let text = text.replace(' ', "+");
    let clock = text.split_once('T').map(|(_, clock)| clock);
    let zoned = clock.is_some_and(|c| c.ends_with(['Z', 'z']) || c.contains(['+', '-']));
    let read = zoned.then(|| moment::parse(&text).ok().flatten()).flatten();
    read.map(|(at, _)| at).ok_or_else(|| {
        Fault::bad(format!(
            "{name} {text:?} is no W3C date with offset: write 2024-04-08T09:00:00+08:00"
        ))
    })
}

fn status(word: &str) -> Result<Status, Fault> {
    match word {
        "open" => Ok(Status::Open),
        "closed" => Ok(Status::Closed),
        other => Err(Fault::bad(format!(
            "status {other:?} is not known: open or closed"
        ))),
    }
}

fn bbox(text: &str) -> Result<[f64; 4], Fault> {
    let numbers: Vec<f64> = text
        .split(',')
        .filter_map(|t| t.trim().parse().ok())
        .collect();
    match numbers.as_slice() {
        [w, s, e, n] if text.split(',').count() == 4 && w <= e && s <= n => Ok([*w, *s, *e, *n]),
        _ => Err(Fault::bad(format!(
            "bbox {text:?} must be west,south,east,north in degrees"
        ))),
    }
}

fn number(name: &str, text: Option<&str>, default: usize, most: usize) -> Result<usize, Fault> {
    let Some(text) = text else { return Ok(default) };
    match text.parse::<usize>() {
        Ok(n) if n >= 1 => Ok(n.min(most)),
        _ => Err(Fault::bad(format!(
            "{name} {text:?} must be a whole number from 1"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::Window;
    use crate::calendar::{DAY_MS, UtcMs};

    fn asked(pairs: &[(&str, &str)]) -> Result<Window, u16> {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Window::read(&pairs, UtcMs(1_712_700_000_000)).map_err(|f| f.code)
    }

    #[test]
    fn without_dates_the_last_ninety_days_are_meant() {
        let window = asked(&[]).unwrap();
        assert_eq!(window.to.0 - window.from.0, 90 * DAY_MS);
        assert_eq!((window.page, window.page_size), (1, 1000));
    }

    #[test]
    fn one_date_reaches_ninety_days_from_it() {
        let window = asked(&[("start_date", "2024-01-01T00:00:00Z")]).unwrap();
        assert_eq!(window.to.0 - window.from.0, 90 * DAY_MS);
        assert_eq!(window.from.0, 1_704_067_200_000);
    }

    #[test]
    fn a_date_without_offset_a_reversed_span_and_a_strange_page_are_refused() {
        assert_eq!(
            asked(&[("start_date", "2024-04-01T00:00:00")]).unwrap_err(),
            400
        );
        let reversed = [
            ("start_date", "2024-04-02T00:00:00Z"),
            ("end_date", "2024-04-01T00:00:00Z"),
        ];
        assert_eq!(asked(&reversed).unwrap_err(), 400);
        assert_eq!(asked(&[("page", "0")]).unwrap_err(), 400);
        assert_eq!(asked(&[("bbox", "1,2,3")]).unwrap_err(), 400);
    }
}
