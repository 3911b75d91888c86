//! Why was a row or a field not taken, and what can be done about it?

use serde::{Deserialize, Serialize};

/// How much of the row a finding costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row is not taken.
    Error,
    /// The row is taken without this field.
    FieldError,
    /// The row is taken whole, and a person should look.
    Warn,
    /// The value was mended without doubt.
    Repair,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $severity:ident, $why_zh:literal, $cure_zh:literal, $why_en:literal, $cure_en:literal;)*) => {
        /// What was found, as a stable code; the words are chosen at the doors by [`words`](super::words).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it costs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Why and cure, in Chinese and in English: `[why_zh, cure_zh, why_en, cure_en]`.
            pub(super) const fn sentences(self) -> [&'static str; 4] {
                match self { $(Self::$name => [$why_zh, $cure_zh, $why_en, $cure_en],)* }
            }
        }
    };
}

codes! {
    /// No time at all.
    TimeMissing, "time_missing", Error, "没有受理或派发时间", "补上时间后再导入", "the row has no time", "fill in when the demand came in";
    /// Words or a form nobody knows.
    DateUnreadable, "date_unreadable", Error, "时间无法识别", "改成 2024-04-08 09:05:03 这样的形式", "the time cannot be read", "write it as 2024-04-08 09:05:03";
    /// 30 February, month 13.
    DateImpossible, "date_impossible", Error, "日期不存在", "核对月、日、时、分", "there is no such date", "check month, day, hour and minute";
    /// Before 2000 or after the import.
    TimeFar, "time_far", Error, "时间早于2000年，或晚于导入时刻一天以上", "核对年份，或核对电脑时钟", "the time lies before 2000 or more than a day after the import", "check the year, or the clock of the computer";
    /// The same for a time that the ticket can do without.
    FieldTimeFar, "field_time_far", FieldError, "时间早于2000年，或晚于导入时刻，该项留空", "核对年份；改正后再次导入，会作为更新", "the time lies before 2000 or after the import; the field stays empty", "check the year, correct it and import again as an update";
    /// Unreadable or impossible, of a time that the ticket can do without.
    FieldDate, "field_date", FieldError, "时间无法识别或不存在，该项留空", "改正后再次导入，会作为更新", "the time cannot be read or does not exist; the field stays empty", "correct it and import again as an update";
    /// Neither title nor content nor place.
    TextMissing, "text_missing", Error, "标题、内容、地点都为空", "补上诉求内容", "title, content and place are all empty", "fill in what the citizen said";
    /// The number of the ticket was turned into `1.01E+11` or cut to 15 digits.
    NumberLost, "number_lost", Error, "工单编号被表格软件改成了科学计数或截断", "把该列设为文本格式后重新导出", "the ticket number was cut by the spreadsheet program", "format the column as text and export again";
    /// More filled cells than columns: a comma or quote went wrong.
    CellsBeyond, "cells_beyond", Error, "单元格多于表头列数，可能错位", "检查该行的逗号和引号", "the row has more cells than the header; columns may be shifted", "check commas and quotation marks of the row";
    /// A quote that never closes.
    QuoteUnclosed, "quote_unclosed", Error, "引号没有闭合", "检查该行的引号，或改用 XLSX 导出", "a quotation mark is never closed", "check the row, or export XLSX";
    /// `1.38E+10`.
    PhoneLost, "phone_lost", FieldError, "电话被表格软件改成科学计数，号码已丢失", "把该列设为文本格式后重新导出", "the phone was turned into scientific notation and is lost", "format the column as text and export again";
    /// No phone at all.
    PhoneBad, "phone_bad", FieldError, "电话号码不成立，未使用", "核对号码", "this is no phone number; it was not used", "check the number";
    /// Longitude or latitude is not a number.
    CoordinateBad, "coordinate_bad", FieldError, "经纬度不是数字，未使用", "核对坐标列", "the coordinate is not a number; it was not used", "check the coordinate columns";
    /// Only one of the pair.
    CoordinateHalf, "coordinate_half", FieldError, "只有经度或只有纬度，未使用", "补上另一个坐标", "only one coordinate of the pair is given; it was not used", "fill in the other one";
    /// The datum label means nothing.
    DatumUnknown, "datum_unknown", Warn, "坐标系名称无法识别，按未注明处理", "写成 WGS84、GCJ02 或 BD09", "the datum is unknown and counts as not said", "write WGS84, GCJ02 or BD09";
    /// `#N/A` and the like.
    CellFailed, "cell_failed", FieldError, "单元格是公式错误，该项留空", "修正公式或粘贴为数值", "the cell holds a formula error; the field stays empty", "mend the formula or paste values";
    /// A word that is not in the list of values.
    ValueUnknown, "value_unknown", FieldError, "取值不在词表中，该项留空", "改成词表中的值，或在同义词表中补充", "the value is not in the list; the field stays empty", "use a listed value or add it to the list";
    /// Redo rounds are not a small whole number.
    NumberBad, "number_bad", FieldError, "不是整数，该项留空", "核对数值", "not a whole number; the field stays empty", "check the value";
    /// Closed before received.
    ClosedEarly, "closed_before_received", Warn, "办结时间早于受理时间", "核对两个时间", "closed before it was received", "check both times";
    /// The channel's word is unknown.
    ChannelUnknown, "channel_unknown", Warn, "诉求来源无法识别", "在同义词表中补充，或在来源设置中选定", "the channel is unknown", "add the word to the list or choose the channel of the source";
    /// The file has a number column, the row has none.
    NumberMissing, "number_missing", Warn, "没有工单编号，按内容生成", "补上编号，以免重复", "the row has no number; one was made from its content", "fill in the number to avoid doubles";
    /// Characters were lost on the way.
    Mojibake, "mojibake", Warn, "有无法还原的字符", "用 UTF-8 或 GB18030 重新导出", "some characters could not be read", "export again in UTF-8 or GB18030";
    /// `13800138000.0`.
    PhoneTail, "phone_tail", Repair, "去掉了电话末尾的“.0”", "", "a trailing `.0` was taken off the phone", "";
    /// A leading tab or apostrophe.
    MarkStripped, "mark_stripped", Repair, "去掉了开头的制表符或单引号", "", "a leading tab or apostrophe was taken off", "";
    /// Another form than `2024-04-08 09:05:03`.
    DateForm, "date_form", Repair, "时间形式不同，已识别", "", "the time has another form and was read", "";
    /// The place stood inside the content.
    PlaceFound, "place_found", Repair, "地点取自内容中的“地址：”", "", "the place was taken from the content", "";
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Row as a person sees it in the file.
    pub row: u64,
    /// Header of the column, empty if the whole row is meant.
    pub column: String,
    /// The value, masked and at most 40 characters long.
    pub value: String,
    /// What was found.
    pub code: Code,
}

/// A finding about a row that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Row as a person sees it in the file.
    pub row: u64,
    /// Header of the column.
    pub column: String,
    /// The value, masked and at most 40 characters long.
    pub value: String,
    /// What was found.
    pub code: Code,
}
