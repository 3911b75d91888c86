//! What does the value of one cell mean?

use std::borrow::Cow;

use crate::intake::cell::trim;
use crate::intake::synonyms::half_width;
use crate::ticket::petitioner::Phone;

/// A text without the `_x000D_` that Excel leaves for carriage returns, trimmed.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    if text.contains("_x000D_") || text.contains("_x000d_") {
        let mended = text.replace("_x000D_", "").replace("_x000d_", "");
        return Cow::Owned(trim(&mended).to_owned());
    }
    Cow::Borrowed(text)
}

/// Whether a text is a word for "nothing here".
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "无"
            | "不详"
            | "未知"
            | "暂无"
            | "空"
            | "-"
            | "--"
            | "/"
            | "\\"
            | "—"
            | "null"
            | "NULL"
            | "None"
            | "N/A"
    )
}

/// Whether a name says that the person wants no name.
#[must_use]
pub fn is_anonymous(name: &str) -> bool {
    matches!(name, "匿名" | "匿名用户" | "匿名市民" | "匿名者")
}

/// Whether the raw cell begins with the tab or apostrophe that keeps spreadsheet programs from reading a number.
#[must_use]
pub fn marked(raw: &str) -> bool {
    raw.starts_with(['\t', '\'', '’', '‘', '`'])
}

/// A ticket number as found in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// No number.
    None,
    /// Scientific notation or cut digits.
    Lost,
    /// The number.
    Said(String),
}

/// Reads a ticket number from words: marks and a trailing `.0` go, `1.01E+11` is lost.
#[must_use]
pub fn number_text(text: &str) -> Number {
    let narrow = half_width(text);
    let number = trim(narrow.trim_start_matches(['\'', '’', '‘', '`', '\t']));
    if number.is_empty() {
        return Number::None;
    }
    if is_scientific(number) {
        return Number::Lost;
    }
    let whole = number
        .strip_suffix(".0")
        .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or(number);
    Number::Said(whole.to_owned())
}

/// Reads a ticket number from a number cell; beyond 15 digits a spreadsheet has cut it.
#[must_use]
pub fn whole_number(number: f64) -> Number {
    if number.abs() >= 1e15 {
        return Number::Lost;
    }
    Number::Said(format!("{number}"))
}

/// `1.38E+10`.
#[must_use]
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = exponent.trim_start_matches(['+', '-']);
    !mantissa.is_empty()
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !digits.is_empty()
        && exponent.len() > digits.len()
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A phone as found in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneText {
    /// Nothing, or a word for it.
    None,
    /// Scientific notation.
    Lost,
    /// Digits that are no phone.
    Bad,
    /// No phone but an account of a platform.
    Account,
    /// A phone; `tail` if a `.0` was taken off.
    Said {
        /// The number.
        phone: Phone,
        /// Whether it was mended.
        tail: bool,
    },
}

/// Reads a phone cell; of several numbers the first that is one counts.
#[must_use]
pub fn phone(text: &str) -> PhoneText {
    let narrow = half_width(text);
    let number = trim(narrow.trim_start_matches(['\'', '’', '‘', '`']));
    if is_scientific(number) {
        return PhoneText::Lost;
    }
    let (number, tail) = match number.strip_suffix(".0") {
        Some(whole) if whole.bytes().all(|b| b.is_ascii_digit()) => (whole, true),
        _ => (number, false),
    };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return PhoneText::None;
    }
    let letters = number.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters > 0 && digits < 11 {
        return PhoneText::Account;
    }
    let several = number.split([',', ';', '/', '、', '，', '；', '|', '\n']);
    let mut read = several.filter_map(Phone::read);
    let first = read.clone().next();
    let best = read
        .find(|p| matches!(p, Phone::Mobile(_) | Phone::Landline(..)))
        .or(first);
    match best {
        Some(Phone::Other(n)) if n.len() < 7 || n.len() > 15 => PhoneText::Bad,
        Some(phone) => PhoneText::Said { phone, tail },
        None => PhoneText::Bad,
    }
}

/// Levels of `a->b->c`; a path without arrows is one level.
#[must_use]
pub fn split_path(path: &str) -> Vec<String> {
    let plain = path
        .replace("->", "\u{1f}")
        .replace(['→', '>', '＞', '»'], "\u{1f}");
    plain
        .split('\u{1f}')
        .map(trim)
        .filter(|level| !level.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A coordinate: a number, full-width digits allowed, a degree sign tolerated.
#[must_use]
pub fn coordinate(text: &str) -> Option<f64> {
    let narrow = half_width(text);
    let number = trim(narrow.trim_start_matches('\'')).trim_end_matches(['°', 'E', 'N', 'e', 'n']);
    number.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// The place that a content names after 地址： or 地点：, up to the next punctuation; a home address is not one.
#[must_use]
pub fn place_in(content: &str) -> Option<&str> {
    for cue in [
        "事发地址",
        "事发地点",
        "问题地址",
        "问题地点",
        "具体地址",
        "具体位置",
        "地址",
        "地点",
        "位置",
    ] {
        for (at, _) in content.match_indices(cue) {
            let before = content.get(..at).unwrap_or_default();
            if ["住", "家庭", "居住", "户籍", "单位", "身份证"]
                .iter()
                .any(|home| before.ends_with(home))
            {
                continue;
            }
            let after = content.get(at + cue.len()..).unwrap_or_default();
            let Some(rest) = after.strip_prefix(['：', ':']) else {
                continue;
            };
            let end = rest
                .find([
                    '，', ',', '。', '；', ';', '\n', '\r', '！', '!', '？', '?', '\t', '）', ')',
                    '」', '”',
                ])
                .unwrap_or(rest.len());
            let place = trim(rest.get(..end).unwrap_or_default());
            if (2..=60).contains(&place.chars().count()) {
                return Some(place);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_marks_and_tails_and_scientific_ones_are_lost() {
        assert_eq!(number_text("'RX1"), Number::Said("RX1".to_owned()));
        assert_eq!(number_text("\tＲＸ１ "), Number::Said("RX1".to_owned()));
        assert_eq!(
            number_text("101002464103.0"),
            Number::Said("101002464103".to_owned())
        );
        assert_eq!(number_text("1.01E+11"), Number::Lost);
        assert_eq!(number_text(" "), Number::None);
        assert_eq!(whole_number(188_006.0), Number::Said("188006".to_owned()));
        assert_eq!(whole_number(2.024e17), Number::Lost);
    }

    #[test]
    fn phones_are_repaired_lost_or_accounts() {
        let said = |text: &str| match phone(text) {
            PhoneText::Said { phone, tail } => Some((phone.spelled(), tail)),
            _ => None,
        };
        assert_eq!(
            said("13800138000.0"),
            Some(("13800138000".to_owned(), true))
        );
        assert_eq!(phone("1.38E+10"), PhoneText::Lost);
        assert_eq!(
            said("0371-10086438 / 13800138000"),
            Some(("0371-10086438".to_owned(), false))
        );
        assert_eq!(phone("A00074795"), PhoneText::Account);
        assert_eq!(phone("匿名"), PhoneText::None);
        assert_eq!(phone("123"), PhoneText::Bad);
    }

    #[test]
    fn paths_and_places_are_taken_apart() {
        assert_eq!(
            split_path("交通秩序->违停->路内"),
            ["交通秩序", "违停", "路内"]
        );
        assert_eq!(split_path("违停/乱停"), ["违停/乱停"]);
        assert_eq!(
            place_in("堵。地点：文治路与鼎城街，请处理"),
            Some("文治路与鼎城街")
        );
        assert_eq!(place_in("家庭地址：某小区，堵"), None);
        assert_eq!(coordinate("１１３.5"), Some(113.5));
        assert_eq!(coordinate("未知"), None);
    }
}
