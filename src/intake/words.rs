//! How is a finding of the import said to a person, in Chinese or in English?

use crate::intake::reject::{Code, Severity};
use crate::intake::sniff::Unreadable;

/// The language of a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// Why: one sentence without full stop.
#[must_use]
pub const fn why(code: Code, lang: Lang) -> &'static str {
    let [zh, _, en, _] = code.sentences();
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The cure; empty where nothing is to be done.
#[must_use]
pub const fn cure(code: Code, lang: Lang) -> &'static str {
    let [_, zh, _, en] = code.sentences();
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// What a severity is called.
#[must_use]
pub const fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Error, Lang::Zh) => "整行未导入",
        (Severity::Error, Lang::En) => "row not taken",
        (Severity::FieldError, Lang::Zh) => "该项留空",
        (Severity::FieldError, Lang::En) => "field left empty",
        (Severity::Warn, Lang::Zh) => "请留意",
        (Severity::Warn, Lang::En) => "please look",
        (Severity::Repair, Lang::Zh) => "已修正",
        (Severity::Repair, Lang::En) => "mended",
    }
}

/// Why a whole file cannot be read, with the cure.
#[must_use]
pub fn unreadable(error: &Unreadable, lang: Lang) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        Unreadable::Empty => "文件是空的，请重新导出".to_owned(),
        Unreadable::Encrypted => "工作簿设有打开密码，请取消密码后另存，再导入".to_owned(),
        Unreadable::Truncated(_) => "文件不完整（被截断），请重新复制或下载".to_owned(),
        Unreadable::TooBig(mib) => {
            format!("文件解压后超过 {mib} MiB 或异常膨胀，请按月拆分后导出")
        }
        Unreadable::NotATable(kind) => {
            format!("这是 {kind} 文件，不是表格，请导出 CSV 或 XLSX")
        }
        Unreadable::Damaged(_) => "工作簿已损坏，请用表格软件打开并另存一次".to_owned(),
        Unreadable::NoSheet => "工作簿里没有带内容的工作表，请检查导出是否为空".to_owned(),
        Unreadable::Quotes => "超过 100 条记录的引号没有闭合，请改用 XLSX 重新导出".to_owned(),
        Unreadable::Io(_) => "读取文件时出错，请检查磁盘或网络后重试".to_owned(),
    }
}
