//! Which characters begin a Chinese name?

/// Surnames of one character, most frequent first (about 99 % of the people; public census lists).
const SINGLE: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文牛樊葛邢安齐施伍庞聂章申洪俞庄殷柴耿翟苗关华兰骆季鲁欧焦左柳甘祝包宁尚符舒阮柯纪梅童凌毕单詹裴涂霍成苟蒲曲鲍祁翁尤鄢祖卞车麻仇游阎盛温边全商路强房裘谷卜娄窦项冷占沙管井芦蔺栗屈桂费乐阳党宫匡靳冉喻艾岳桑迟宗丛储盖应仲景占瞿晏巫连佟褚晋辛卓敖郎滕鞠郁居植闵解原衣司支兴修冀薄楚燕蓝席查时巩隋古荆奚植郜戚佘腾底豆寇虞粟菅竺官习幸苑练来";

/// Surnames of two characters.
const DOUBLE: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空",
    "夏侯", "宇文", "长孙", "端木", "轩辕", "独孤", "南宫", "西门", "公羊", "澹台", "濮阳", "呼延",
];

/// Whether a name starts with a surname of two characters.
#[must_use]
pub fn has_double_surname(name: &str) -> bool {
    DOUBLE.iter().any(|d| name.starts_with(d))
}

/// Characters of the surname that starts here: 2, 1 or 0.
#[must_use]
pub fn surname_length(chars: &[char]) -> usize {
    if let [a, b, ..] = chars
        && DOUBLE.iter().any(|d| d.chars().eq([*a, *b]))
    {
        return 2;
    }
    chars
        .first()
        .map_or(0, |c| usize::from(SINGLE.contains(*c)))
}

/// Whether the character is a Chinese one.
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2ffff}')
}
