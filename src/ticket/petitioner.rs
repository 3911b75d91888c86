//! Who asked: how is a person recognised again without being named, and what may others see of the name and the phone?

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ticket::PetitionerKey;
use crate::ticket::names::has_double_surname;

/// The key behind petitioner keys: derived from the installation's secret, never written anywhere.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Derives the key from the installation's 32 secret bytes.
    #[must_use]
    pub fn from_master(master: &[u8; 32]) -> Self {
        Self(keyed(&derive(master, b"zhilu petitioner key v1")))
    }

    /// The key of a person by phone; `None` if the phone names nobody.
    #[must_use]
    pub fn of_phone(&self, phone: &Phone) -> Option<PetitionerKey> {
        phone.identity().map(|id| self.hash("phone", &id))
    }

    /// The key of a person by the account of a platform.
    #[must_use]
    pub fn of_account(&self, account: &str) -> Option<PetitionerKey> {
        let account = account.trim();
        (!account.is_empty()).then(|| self.hash("account", account))
    }

    fn hash(&self, kind: &str, id: &str) -> PetitionerKey {
        let mut mac = self.0.clone();
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(id.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut first = [0_u8; 8];
        first
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = from);
        PetitionerKey(i64::from_be_bytes(first))
    }
}

/// Never prints the key.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

fn keyed(bytes: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(bytes).expect("HMAC takes a key of any length")
}

/// Derives 32 bytes for one purpose from the installation's secret.
#[must_use]
pub fn derive(master: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    let mut mac = keyed(master);
    mac.update(purpose);
    mac.finalize().into_bytes().into()
}

/// A phone number read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// Eleven digits of a mobile.
    Mobile(String),
    /// Area code and number.
    Landline(String, String),
    /// Seven or eight digits without area code.
    Local(String),
    /// Other digits: short numbers, foreign numbers.
    Other(String),
}

impl Phone {
    /// Reads a phone: full-width digits, blanks, hyphens, brackets, `+86`, `0086`; `None` if there is no digit.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut digits: String = text.chars().filter_map(digit).collect();
        if digits.is_empty() {
            return None;
        }
        let plain = ["0086", "86", "17951", "12593", "0"]
            .iter()
            .filter_map(|prefix| digits.strip_prefix(prefix))
            .find(|rest| is_mobile(rest));
        if let Some(mobile) = plain {
            return Some(Self::Mobile(mobile.to_owned()));
        }
        if is_mobile(&digits) {
            return Some(Self::Mobile(digits));
        }
        if let Some(rest) = digits
            .strip_prefix("0086")
            .or_else(|| digits.strip_prefix("86"))
            && text.trim_start().starts_with(['+', '0', '＋'])
        {
            digits = format!("0{}", rest.trim_start_matches('0'));
        }
        if let Some(split) = area_length(&digits)
            && let Some((area, number)) = digits.split_at_checked(split)
            && number.len() >= 7
        {
            return Some(Self::Landline(area.to_owned(), number.to_owned()));
        }
        Some(match digits.len() {
            7 | 8 => Self::Local(digits),
            _ => Self::Other(digits),
        })
    }

    /// The one spelling of the number, for sealing.
    #[must_use]
    pub fn spelled(&self) -> String {
        match self {
            Self::Mobile(n) | Self::Local(n) | Self::Other(n) => n.clone(),
            Self::Landline(area, number) => format!("{area}-{number}"),
        }
    }

    /// What identifies a person; numbers that name nobody (all digits equal, fewer than seven) give `None`.
    fn identity(&self) -> Option<String> {
        let spelled = self.spelled();
        let mut digits = spelled.bytes().filter(u8::is_ascii_digit);
        let first = digits.next()?;
        let count = spelled.bytes().filter(u8::is_ascii_digit).count();
        let all_equal = digits.all(|d| d == first);
        (count >= 7 && !all_equal).then_some(spelled)
    }

    /// What staff without the right see.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Mobile(n) => format!("{}****{}", head(n, 3), last(n, 4)),
            Self::Landline(area, n) => format!("{area}-{}{}", stars(n.len() - 2), last(n, 2)),
            Self::Local(n) => format!("{}{}", stars(n.len() - 2), last(n, 2)),
            Self::Other(n) if n.len() > 8 => format!("{}{}", stars(n.len() - 2), last(n, 2)),
            Self::Other(n) => stars(n.len()),
        }
    }
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xFEE0),
        _ => None,
    }
}

/// Whether the digits are a mainland mobile number.
#[must_use]
pub fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes.first() == Some(&b'1')
        && bytes.get(1).is_some_and(|b| (b'3'..=b'9').contains(b))
}

/// Length of the area code that the digits of a landline start with: 3 for 010 and 02x, 4 for the rest.
#[must_use]
pub fn area_length(digits: &str) -> Option<usize> {
    let bytes = digits.as_bytes();
    match (bytes.first(), bytes.get(1)) {
        (Some(b'0'), Some(b'1' | b'2')) => Some(3),
        (Some(b'0'), Some(b'3'..=b'9')) => Some(4),
        _ => None,
    }
}

fn stars(count: usize) -> String {
    "*".repeat(count)
}

fn head(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

fn last(text: &str, count: usize) -> String {
    let skip = text.chars().count().saturating_sub(count);
    text.chars().skip(skip).collect()
}

/// A name for staff without the right: 王小明 → 王\*\*, 欧阳修 → 欧阳\*, John → J\*\*\*.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let name = name.trim();
    let length = name.chars().count();
    let Some(first) = name.chars().next() else {
        return String::new();
    };
    if length == 1 {
        return "*".to_owned();
    }
    if name.contains(['·', '•', '・', '‧']) {
        return format!("{first}**");
    }
    if first.is_ascii_alphabetic() {
        return format!("{first}***");
    }
    let kept = surname_kept(name, length);
    format!("{}{}", head(name, kept), stars(length - kept))
}

fn surname_kept(name: &str, length: usize) -> usize {
    if length >= 3 && has_double_surname(name) {
        2
    } else {
        1
    }
}

/// A name for the public: 王先生, 王女士, 王某 or 匿名; `gender` as the file writes it.
#[must_use]
pub fn public_name(name: &str, gender: &str) -> String {
    let name = name.trim();
    if name.is_empty() {
        return "匿名".to_owned();
    }
    // Behind a middle dot stands no surname that a title could follow.
    if name.contains(['·', '•', '・', '‧']) {
        return format!("{}某", head(name, 1));
    }
    let title = match gender.trim() {
        "男" | "先生" => "先生",
        "女" | "女士" | "小姐" => "女士",
        _ => "某",
    };
    let surname = head(name, surname_kept(name, name.chars().count()));
    format!("{surname}{title}")
}

/// A phone for staff without the right; text without digits becomes stars.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    match Phone::read(phone) {
        Some(read) => read.masked(),
        None => stars(phone.trim().chars().count()),
    }
}

/// An identity number: first three and last one.
#[must_use]
pub fn mask_id_card(id: &str) -> String {
    mask_between(id, 3, 1)
}

/// A plate: first two and last two.
#[must_use]
pub fn mask_plate(plate: &str) -> String {
    mask_between(plate, 2, 2)
}

fn mask_between(text: &str, kept_head: usize, kept_tail: usize) -> String {
    let text = text.trim();
    let length = text.chars().count();
    if length <= kept_head + kept_tail {
        return stars(length);
    }
    format!(
        "{}{}{}",
        head(text, kept_head),
        stars(length - kept_head - kept_tail),
        last(text, kept_tail)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_key_however_the_phone_is_written() {
        let key = Key::from_master(&[7; 32]);
        let of = |text: &str| Phone::read(text).and_then(|p| key.of_phone(&p));
        let one = of("13800138000");
        assert!(one.is_some());
        for text in [
            "+86 138 0013 8000",
            "0086-13800138000",
            "１３８００１３８０００",
            "138-0013-8000",
        ] {
            assert_eq!(of(text), one, "{text}");
        }
        assert_ne!(of("13800138001"), one);
        assert_eq!(of("0635-8218000"), of("（0635）8218000"));
        assert_eq!(of("00000000000"), None);
        assert_eq!(of("无"), None);
        assert_ne!(
            Key::from_master(&[8; 32]).of_account("A1"),
            key.of_account("A1")
        );
    }
}
