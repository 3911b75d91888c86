//! How does a duty get into a person's own calendar (RFC 5545), so that a change replaces what is there?

use crate::calendar::{Day, UtcMs};

/// A duty in a calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Stable name of the duty: the same over all changes, and the same when another roster gives the same person the same
    /// post again.
    pub name: String,
    /// Changes since it was first published.
    pub sequence: i64,
    /// Whether it was taken away.
    pub cancelled: bool,
    /// Day.
    pub day: Day,
    /// Begin in minutes of the day.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Title. No pupil's name, no phone.
    pub summary: String,
    /// Where, in words.
    pub place: String,
    /// What to do.
    pub description: String,
    /// Longitude and latitude, WGS-84.
    pub point: Option<(f64, f64)>,
}

/// A calendar of duties. `instance` names the installation, `stamp` is the time of the run: the same input gives the same bytes.
#[must_use]
pub fn calendar(name: &str, instance: &str, stamp: UtcMs, events: &[Event]) -> Vec<u8> {
    let mut out = String::new();
    line(&mut out, "BEGIN:VCALENDAR");
    line(&mut out, "VERSION:2.0");
    line(&mut out, "PRODID:-//Zhilu//duty//ZH");
    line(&mut out, "CALSCALE:GREGORIAN");
    line(&mut out, "METHOD:PUBLISH");
    line(&mut out, &format!("X-WR-CALNAME:{}", escape(name)));
    for event in events {
        write(&mut out, instance, stamp, event);
    }
    line(&mut out, "END:VCALENDAR");
    out.into_bytes()
}

fn write(out: &mut String, instance: &str, stamp: UtcMs, event: &Event) {
    let at = |minutes: i64| utc(UtcMs::of_civil(event.day, minutes * 60_000));
    line(out, "BEGIN:VEVENT");
    line(
        out,
        &format!("UID:duty-{}@{}", host(&event.name), host(instance)),
    );
    line(out, &format!("SEQUENCE:{}", event.sequence));
    line(out, &format!("DTSTAMP:{}", utc(stamp)));
    line(out, &format!("DTSTART:{}", at(event.start)));
    line(out, &format!("DTEND:{}", at(event.end)));
    line(
        out,
        &format!(
            "STATUS:{}",
            if event.cancelled {
                "CANCELLED"
            } else {
                "CONFIRMED"
            }
        ),
    );
    line(out, &format!("SUMMARY:{}", escape(&event.summary)));
    if !event.place.is_empty() {
        line(out, &format!("LOCATION:{}", escape(&event.place)));
    }
    if let Some((lon, lat)) = event.point {
        line(out, &format!("GEO:{lat:.6};{lon:.6}"));
    }
    if !event.description.is_empty() {
        line(out, &format!("DESCRIPTION:{}", escape(&event.description)));
    }
    line(out, "END:VEVENT");
}

/// `20240902T233000Z`.
fn utc(at: UtcMs) -> String {
    // Civil time of the house is +08:00; UTC is the civil time of eight hours before.
    let shifted = UtcMs(at.0 - crate::calendar::OFFSET_MS);
    let (y, m, d) = shifted.day().ymd();
    let s = shifted.ms_of_day() / 1000;
    format!(
        "{y:04}{m:02}{d:02}T{:02}{:02}{:02}Z",
        s / 3600,
        s / 60 % 60,
        s % 60
    )
}

/// Letters, digits, dots and hyphens of a name; anything else becomes a hyphen.
fn host(instance: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let name: String = instance.chars().map(safe).collect();
    if name.is_empty() {
        "zhilu".to_owned()
    } else {
        name
    }
}

/// Text with its special characters escaped (RFC 5545, 3.3.11); other control characters are dropped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One content line, folded at 75 octets between characters, ended by CRLF.
fn line(out: &mut String, text: &str) {
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            name: "20240902-morning-7-1-3".to_owned(),
            sequence: 0,
            cancelled: false,
            day: Day::parse("2024-09-02").unwrap(),
            start: 7 * 60 + 10,
            end: 8 * 60,
            summary: "护学岗：实验小学东门，第一岗;早高峰".to_owned(),
            place: "文达路27号".to_owned(),
            description: "定人、定时、定岗、定责\n穿反光背心".to_owned(),
            point: Some((113.7, 34.72)),
        }
    }

    #[test]
    fn times_are_utc_and_lines_fold_between_characters() {
        let bytes = calendar("我的岗位", "demo", UtcMs(0), &[event()]);
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("DTSTART:20240901T231000Z\r\n")
                && text.contains("DTEND:20240902T000000Z\r\n")
        );
        assert!(text.lines().all(|l| l.len() <= 75));
        assert!(
            text.split("\r\n").all(|l| !l.contains('\n')) && text.ends_with("END:VCALENDAR\r\n")
        );
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains("SUMMARY:护学岗：实验小学东门，第一岗\\;早高峰\r\n"));
        assert!(unfolded.contains("DESCRIPTION:定人、定时、定岗、定责\\n穿反光背心\r\n"));
        assert!(unfolded.contains("GEO:34.720000;113.700000"));
    }

    #[test]
    fn an_unchanged_duty_keeps_its_name_and_a_removed_one_is_cancelled() {
        let one = calendar("x", "demo", UtcMs(0), &[event()]);
        assert_eq!(one, calendar("x", "demo", UtcMs(0), &[event()]));
        let gone = calendar(
            "x",
            "demo",
            UtcMs(0),
            &[Event {
                sequence: 1,
                cancelled: true,
                ..event()
            }],
        );
        let text = String::from_utf8(gone).unwrap();
        assert!(
            text.contains("UID:duty-20240902-morning-7-1-3@demo\r\nSEQUENCE:1\r\n")
                && text.contains("STATUS:CANCELLED")
        );
    }
}
