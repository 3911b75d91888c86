//! How is an instant written at the door: RFC 3339 at +08:00, any offset accepted.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::calendar::UtcMs;

/// `2024-04-08T09:05:03+08:00`; milliseconds are dropped. An instant outside jiff's years gives an empty text.
pub(super) fn text(at: UtcMs) -> String {
    let offset = Offset::constant(8);
    Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |t| {
            let zoned = t.to_zoned(TimeZone::fixed(offset));
            zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        },
    )
}

/// `2024-04-08` in civil time.
pub(super) fn date(at: UtcMs) -> String {
    text(at).chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::{date, text};
    use crate::calendar::UtcMs;

    #[test]
    fn instants_are_shown_in_civil_time() {
        assert_eq!(text(UtcMs(1_712_538_303_999)), "2024-04-08T09:05:03+08:00");
        assert_eq!(date(UtcMs(1_712_510_000_000)), "2024-04-08");
    }
}
