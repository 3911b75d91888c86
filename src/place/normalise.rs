//! How does a text look once its spelling no longer matters, and where did each character come from?

/// A normalised text with a way back to the characters of the original.
///
/// Full width becomes half width, blanks, brackets and the literal `_x000D_` are dropped, traditional characters become
/// simplified, numerals become digits (十七 → 17), so that 第八大街, 第8大街 and 第 8 大街 are one string.
#[derive(Clone, Debug, Default)]
pub struct Normal {
    chars: Vec<char>,
    from: Vec<u32>,
    until: Vec<u32>,
    code: Vec<u8>,
    cut: Vec<bool>,
    han: bool,
}

impl Normal {
    /// Normalises `text`. Linear in its length.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut normal = Self::default();
        let mut run = Run::default();
        let mut skip = 0_u32;
        for (i, c) in (0_u32..).zip(text.chars()) {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if c == '_' && is_carriage(text, i) {
                skip = 6;
                continue;
            }
            let Some(c) = plain(c) else { continue };
            if let Some(digit) = numeral(c) {
                run.push(digit, i);
                continue;
            }
            run.flush(&mut normal);
            let joined = c.is_ascii_digit() && normal.ends_in_numeral();
            normal.push(c, i, i + 1);
            if joined && let Some(last) = normal.cut.last_mut() {
                *last = true;
            }
            normal.han = false;
        }
        run.flush(&mut normal);
        normal
    }

    /// Whether the last character is a digit that was written as a numeral.
    fn ends_in_numeral(&self) -> bool {
        self.han && self.chars.last().is_some_and(char::is_ascii_digit)
    }

    fn push(&mut self, c: char, from: u32, until: u32) {
        self.chars.push(c);
        self.from.push(from);
        self.until.push(until);
        self.cut.push(false);
        let unit = u16::try_from(u32::from(c)).unwrap_or(0xffff);
        self.code.extend_from_slice(&unit.to_be_bytes());
    }

    /// The normalised characters.
    #[must_use]
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Two bytes per character (UTF-16 big endian; outside the basic plane `0xffff`), for automata.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// Whether two numbers meet before character `i` (经北三|1大街, 经北三|一大街), so that a name may end or begin there.
    #[must_use]
    pub fn cut(&self, i: usize) -> bool {
        self.cut.get(i).copied().unwrap_or(false)
    }

    /// The original characters `start..end` behind the normalised ones.
    #[must_use]
    pub fn original(&self, start: usize, end: usize) -> (u32, u32) {
        let from = self.from.get(start).copied().unwrap_or(0);
        let until = end
            .checked_sub(1)
            .and_then(|e| self.until.get(e))
            .copied()
            .unwrap_or(from);
        (from, until.max(from))
    }

    /// The normalised text as a string.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }
}

/// Normalises a name of the gazetteer or of a word list to characters.
#[must_use]
pub fn normal_chars(text: &str) -> Vec<char> {
    Normal::new(text).chars
}

/// Two bytes per character, as [`Normal::code`] gives them.
#[must_use]
pub fn code_of(chars: &[char]) -> Vec<u8> {
    chars
        .iter()
        .flat_map(|&c| u16::try_from(u32::from(c)).unwrap_or(0xfffe).to_be_bytes())
        .collect()
}

fn is_carriage(text: &str, at: u32) -> bool {
    text.chars().skip(at as usize).take(7).eq("_x000D_".chars())
}

/// One character in plain spelling; `None` = dropped.
fn plain(c: char) -> Option<char> {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2460}'..='\u{2468}' => return Some('、'),
        _ => c,
    };
    if c.is_whitespace() || c.is_control() {
        return None;
    }
    match c {
        '(' | ')' | '[' | ']' | '{' | '}' | '【' | '】' | '〔' | '〕' | '「' | '」' | '『'
        | '』' | '《' | '》' | '〈' | '〉' | '"' | '\'' | '“' | '”' | '‘' | '’' | '\u{feff}'
        | '\u{200b}' | '*' => None,
        '\u{2010}'..='\u{2015}' | '−' | '一' if c != '一' => Some('-'),
        '～' | '∼' | '〜' => Some('~'),
        '，' => Some(','),
        '；' => Some(';'),
        '：' => Some(':'),
        'a'..='z' => Some(c.to_ascii_uppercase()),
        _ if u32::from(c) < 0x4e00 => Some(c),
        _ => Some(simplified(c)),
    }
}

/// Traditional and variant characters met in place names, and their simplified forms.
const PAIRS: &str = "東东門门園园廠厂區区號号車车馬马開开關关業业廣广場场長长圖图書书館馆醫医學学國国際际環环線线橋桥鐵铁灣湾龍龙鳳凤華华陽阳陰阴黃黄鄭郑濟济溝沟莊庄鄉乡鎮镇縣县觀观錦锦綠绿藍蓝銀银鋼钢機机場场電电視视農农貿贸銘铭達达運运進进過过還还邊边對对側侧內内處处樓楼層层棟栋單单間间與与從从為为紅红燈灯頭头點点島岛會会團团師师範范實实驗验齊齐榮荣興兴樂乐愛爱億亿來来員员問问體体優优傳传億亿劉刘勝胜務务勞劳動动勵励協协參参雙双發发變变嶺岭幾几彎弯後后徑径愛爱慶庆戶户擴扩數数時时術术條条棗枣楊杨標标樹树櫻樱歐欧歡欢歲岁氣气滙汇匯汇溫温滬沪滿满潔洁潤润澤泽濱滨瀾澜烏乌無无熱热牆墙猶犹獅狮瑪玛畢毕盧卢眾众禮礼穀谷積积節节築筑紀纪紡纺紹绍終终結结絲丝經经維维緯纬繡绣織织羅罗聖圣聚聚聯联聲声職职膠胶臨临臺台萬万葉叶蓋盖蘇苏蘭兰虛虚號号衛卫裝装製制複复見见規规訊讯記记許许訪访設设証证證证詩诗誠诚語语說说調调論论諾诺謝谢譽誉護护豐丰貝贝財财貨货貿贸費费賓宾賢贤賽赛趙赵路路軍军轉转輝辉輪轮農农遠远適适遼辽鄰邻醬酱鋪铺錢钱鍋锅鎮镇鐘钟鑫鑫閘闸閣阁隊队階阶隨随雲云靈灵靜静韓韩頂顶項项順顺預预領领頤颐題题願愿類类風风飛飞飯饭館馆駅驿駐驻驛驿魚鱼鮮鲜鳥鸟鴻鸿鶴鹤鹽盐麗丽麥麦黨党齋斋";

fn simplified(c: char) -> char {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<(char, char)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let all: Vec<char> = PAIRS.chars().collect();
        let mut pairs: Vec<(char, char)> = all
            .chunks_exact(2)
            .map(|p| (p[0], p[1]))
            .filter(|p| p.0 != p.1)
            .collect();
        pairs.sort_unstable();
        pairs.dedup_by_key(|p| p.0);
        pairs
    });
    match table.binary_search_by_key(&c, |p| p.0) {
        Ok(i) => table[i].1,
        Err(_) => c,
    }
}

const fn numeral(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

/// A run of Chinese numerals that waits to become digits.
#[derive(Default)]
struct Run {
    items: Vec<(u8, u32)>,
}

impl Run {
    fn push(&mut self, digit: u8, at: u32) {
        self.items.push((digit, at));
    }

    /// Writes the run as digits: with 十 by value (三十五 → 35), without it digit by digit.
    fn flush(&mut self, out: &mut Normal) {
        let mut i = 0;
        while let Some(&(digit, at)) = self.items.get(i) {
            let next = self.items.get(i + 1).copied();
            let after = self.items.get(i + 2).copied();
            let (value, used) = match (digit, next, after) {
                (10, Some((ones @ 1..=9, _)), _) => (10 + u32::from(ones), 2),
                (10, _, _) => (10, 1),
                (tens @ 1..=9, Some((10, _)), Some((ones @ 1..=9, _))) => {
                    (u32::from(tens) * 10 + u32::from(ones), 3)
                }
                (tens @ 1..=9, Some((10, _)), _) => (u32::from(tens) * 10, 2),
                _ => (u32::from(digit), 1),
            };
            let last = self.items.get(i + used - 1).map_or(at, |x| x.1);
            for (k, d) in value.to_string().chars().enumerate() {
                let from = if k == 0 { at } else { last };
                let meets = k == 0 && out.chars.last().is_some_and(char::is_ascii_digit);
                out.push(
                    d,
                    from,
                    if k == 0 && value > 9 {
                        from + 1
                    } else {
                        last + 1
                    },
                );
                if meets && let Some(cut) = out.cut.last_mut() {
                    *cut = true;
                }
                out.han = true;
            }
            i += used;
        }
        self.items.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Normal;

    fn check(text: &str, expected: &str) {
        assert_eq!(Normal::new(text).text(), expected);
    }

    #[test]
    fn one_spelling_of_numbers_widths_and_blanks() {
        check("第八大街", "第8大街");
        check("经开第十七大街", "经开第17大街");
        check("经北６ 路（口）", "经北6路口");
        check("四百米_x000D_", "4百米");
        check("第二十大街", "第20大街");
        check("東門", "东门");
        check("", "");
    }

    #[test]
    fn positions_lead_back_to_the_original() {
        let normal = Normal::new("到 第十七大街");
        assert_eq!(normal.text(), "到第17大街");
        assert_eq!(normal.original(1, 6), (2, 7));
        assert_eq!(normal.original(2, 4), (3, 5));
    }
}
