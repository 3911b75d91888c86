//! What does a wind (东南西北) in a text mean: a side, a corner, a gate, a way to go, or the way traffic runs?

use crate::spatial::Xy;

/// One of eight winds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wind {
    /// East +1, west −1.
    pub east: i8,
    /// North +1, south −1.
    pub north: i8,
}

impl Wind {
    const fn of(c: char) -> Option<Self> {
        let (east, north) = match c {
            '东' => (1, 0),
            '西' => (-1, 0),
            '北' => (0, 1),
            '南' => (0, -1),
            _ => return None,
        };
        Some(Self { east, north })
    }

    /// Unit vector.
    #[must_use]
    pub fn vector(self) -> Xy {
        let (x, y) = (f64::from(self.east), f64::from(self.north));
        let d = x.hypot(y).max(1.0);
        Xy { x: x / d, y: y / d }
    }
}

/// What a wind does in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 东侧, 东边, 东围墙, 路东.
    Side,
    /// 西北角.
    Corner,
    /// 东门, 南大门.
    Gate,
    /// 往东, 以西, 东 before metres.
    Toward,
    /// 由南往北, 东进口, 北往东左转: an attribute, never an offset.
    Approach,
    /// A wind and nothing else.
    Bare,
}

/// A wind with its role and how many characters it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindWord {
    /// Which wind (of an approach: where it comes from).
    pub wind: Wind,
    /// What it does.
    pub role: Role,
    /// Characters.
    pub length: usize,
}

const SIDES: [&str; 19] = [
    "围墙外侧",
    "围墙外",
    "围墙边",
    "围墙",
    "院墙外",
    "院墙",
    "墙外",
    "侧道路",
    "侧小路",
    "侧马路",
    "侧路边",
    "侧",
    "边",
    "面",
    "头",
    "端",
    "首",
    "部",
    "墙",
];
const GATES: [&str; 12] = [
    "大门口",
    "校门口",
    "侧门口",
    "小门口",
    "门口",
    "大门",
    "校门",
    "侧门",
    "小门",
    "偏门",
    "院门",
    "门",
];
const ENTRIES: [&str; 7] = [
    "进口道",
    "进口",
    "出口道",
    "方向车道",
    "向车道",
    "口",
    "方向",
];
const TURNS: [&str; 14] = [
    "方向左转",
    "方向右转",
    "方向直行",
    "方向掉头",
    "方向车道",
    "方向",
    "左转车道",
    "左转",
    "右转",
    "直行",
    "掉头",
    "行驶",
    "车道",
    "段",
];

fn starts(chars: &[char], at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find_map(|w| {
        let n = w.chars().count();
        chars
            .get(at..at + n)
            .is_some_and(|s| s.iter().copied().eq(w.chars()))
            .then_some(n)
    })
}

/// One wind, or two that make a diagonal, at `at`: the wind and its length.
fn winds(chars: &[char], at: usize) -> Option<(Wind, usize)> {
    let first = Wind::of(*chars.get(at)?)?;
    if let Some(second) = chars.get(at + 1).and_then(|c| Wind::of(*c))
        && (first.east == 0) != (second.east == 0)
    {
        let both = Wind {
            east: first.east + second.east,
            north: first.north + second.north,
        };
        return Some((both, 2));
    }
    Some((first, 1))
}

/// The wind word at `at`, if one starts there (往, 向, 由, 路, 靠 before a wind belong to it).
#[must_use]
pub fn wind_word(chars: &[char], at: usize) -> Option<WindWord> {
    match chars.get(at)? {
        '由' | '从' | '自' => {
            let inner = wind_word(chars, at + 1)?;
            (inner.role == Role::Approach).then_some(WindWord {
                length: inner.length + 1,
                ..inner
            })
        }
        '往' | '向' | '朝' | '以' | '偏' | '再' => {
            let (wind, n) = winds(chars, at + 1)?;
            let more = starts(chars, at + 1 + n, &["方向", "侧", "边", "面"]).unwrap_or(0);
            Some(WindWord {
                wind,
                role: Role::Toward,
                length: 1 + n + more,
            })
        }
        '路' | '靠' | '街' => {
            let (wind, n) = winds(chars, at + 1)?;
            let after = at + 1 + n;
            let more = starts(chars, after, &["侧", "边", "面"]).unwrap_or(0);
            // 路北口 is a mouth; 路东风 would cut a name.
            let open = chars
                .get(after + more)
                .is_none_or(|c| !c.is_alphanumeric() || more > 0);
            (open || *chars.get(at)? == '靠').then_some(WindWord {
                wind,
                role: Role::Side,
                length: 1 + n + more,
            })
        }
        _ => plain(chars, at),
    }
}

fn plain(chars: &[char], at: usize) -> Option<WindWord> {
    let (wind, n) = winds(chars, at)?;
    let after = at + n;
    let word = |wind, role, length| Some(WindWord { wind, role, length });
    if chars.get(after).is_some_and(|c| "向往至到朝".contains(*c))
        && let Some((_, m)) = winds(chars, after + 1)
    {
        let end = after + 1 + m;
        let more = starts(chars, end, &TURNS).unwrap_or(0);
        return word(wind, Role::Approach, end + more - at);
    }
    if n == 1 {
        // 南北方向, 东西向: both ways of a line.
        if let Some(&c) = chars.get(after)
            && Wind::of(c).is_some_and(|w| w.east == -wind.east && w.north == -wind.north)
            && let Some(m) = starts(chars, after + 1, &["方向", "双向", "向", "走向"])
        {
            return word(wind, Role::Approach, 2 + m);
        }
    }
    if chars.get(after) == Some(&'角') {
        let more = starts(chars, after + 1, &["处"]).unwrap_or(0);
        return word(wind, Role::Corner, n + 1 + more);
    }
    if chars.get(after..after + 2) == Some(&['拐', '角']) {
        return word(wind, Role::Corner, n + 2);
    }
    if let Some(m) = starts(chars, after, &GATES) {
        return word(wind, Role::Gate, n + m);
    }
    if let Some(m) = starts(chars, after, &SIDES) {
        return word(wind, Role::Side, n + m);
    }
    if let Some(m) = starts(chars, after, &ENTRIES) {
        return word(wind, Role::Approach, n + m);
    }
    let mut k = after;
    if let Some(m) = starts(chars, k, &["走", "行", "约", "大约", "大概"]) {
        k += m;
    }
    let role = if chars
        .get(k)
        .is_some_and(|c| c.is_ascii_digit() || "百两几数".contains(*c))
    {
        Role::Toward
    } else {
        Role::Bare
    };
    word(wind, role, n)
}

#[cfg(test)]
mod tests {
    use super::{Role, wind_word};

    fn check(text: &str, role: Role, length: usize) {
        let chars: Vec<char> = text.chars().collect();
        let found = wind_word(&chars, 0).unwrap();
        assert_eq!((found.role, found.length), (role, length), "{text}");
    }

    #[test]
    fn a_wind_is_read_by_what_surrounds_it() {
        check("由南往北方向", Role::Approach, 6);
        check("北往东左转", Role::Approach, 5);
        check("东进口", Role::Approach, 3);
        check("西北角", Role::Corner, 3);
        check("南大门", Role::Gate, 3);
        check("往西400米", Role::Toward, 2);
        check("东约500米", Role::Toward, 1);
        check("东侧道路", Role::Side, 4);
        check("路西", Role::Side, 2);
        check("南北方向", Role::Approach, 4);
    }
}
