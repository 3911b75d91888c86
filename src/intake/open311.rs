//! How does a list of requests of another Open311 server (`GeoReport` v2, JSON or XML) become rows of a table?

use std::collections::BTreeMap;

use crate::intake::cell::Row;
use crate::intake::sniff::Unreadable;

/// Our column names in their order, with the keys of the standard behind them; the first key that holds something counts.
const COLUMNS: [(&str, &[&str]); 14] = [
    ("工单编号", &["service_request_id", "token"]),
    ("诉求标题", &["service_name", "service_code"]),
    ("诉求内容", &["description", "service_notice"]),
    ("问题分类", &["service_name", "service_code"]),
    ("问题点位", &["address", "address_string"]),
    ("经度", &["long"]),
    ("纬度", &["lat"]),
    ("受理时间", &["requested_datetime"]),
    ("承诺完成时间", &["expected_datetime"]),
    ("办结时间", &["closed_datetime", "updated_datetime"]),
    ("办理状态", &["status"]),
    ("承办单位", &["agency_responsible"]),
    ("处理结果", &["status_notes"]),
    ("联系电话", &["phone"]),
];
/// Columns made from more than one key, or from none.
const MADE: [&str; 3] = ["诉求人", "坐标系", "诉求来源"];
const CLOSED_AT: usize = 9;
const STATUS: usize = 10;

/// One request: keys in lower case, texts as written.
type Fields = BTreeMap<String, String>;

/// Header row and one row per request. Times, texts and coordinates (WGS-84 by the standard) go through the same checks as those of
/// any other file.
///
/// # Errors
/// [`Unreadable::Damaged`] where it breaks off, [`Unreadable::NoSheet`] without a request.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let requests = if text.starts_with('<') {
        from_xml(text)?
    } else {
        from_json(text)?
    };
    if requests.is_empty() {
        return Err(Unreadable::NoSheet);
    }
    let names = COLUMNS.iter().map(|c| c.0).chain(MADE);
    let mut out = vec![Row::of_texts(1, &names.collect::<Vec<_>>())];
    out.extend(
        (2..)
            .zip(&requests)
            .map(|(n, r)| Row::of_texts(n, &cells(r))),
    );
    Ok(out)
}

fn cells(request: &Fields) -> Vec<String> {
    let get = |key: &str| request.get(key).map_or("", String::as_str).trim();
    let first = |keys: &[&str]| keys.iter().map(|k| get(k)).find(|v| !v.is_empty());
    let mut out: Vec<String> = COLUMNS
        .iter()
        .map(|(_, keys)| first(keys).unwrap_or("").to_owned())
        .collect();
    // The last change of a closed request is its close; that of an open one is not.
    let closed = get("status").eq_ignore_ascii_case("closed");
    if !closed {
        out[CLOSED_AT].clear();
    }
    if !out[STATUS].is_empty() {
        if closed { "已办结" } else { "办理中" }.clone_into(&mut out[STATUS]);
    }
    let (given, family) = (get("first_name"), get("last_name"));
    let latin = given.is_ascii() && family.is_ascii();
    out.push(if latin {
        format!("{given} {family}").trim().to_owned()
    } else {
        format!("{family}{given}")
    });
    let placed = !get("lat").is_empty() && !get("long").is_empty();
    out.push(if placed { "WGS84" } else { "" }.to_owned());
    out.push("接口上报".to_owned());
    out
}

fn damaged(why: &str) -> Unreadable {
    Unreadable::Damaged(why.to_owned())
}

fn from_json(text: &str) -> Result<Vec<Fields>, Unreadable> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|e| damaged(&e.to_string()))?;
    let list = match &value {
        serde_json::Value::Array(list) => list,
        serde_json::Value::Object(map) => ["requests", "service_requests"]
            .iter()
            .find_map(|k| map.get(*k)?.as_array())
            .ok_or(Unreadable::NoSheet)?,
        _ => return Err(Unreadable::NoSheet),
    };
    let words = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(n) => Some(n.to_string()),
        _ => None,
    };
    Ok(list
        .iter()
        .filter_map(serde_json::Value::as_object)
        .map(|o| {
            o.iter()
                .filter_map(|(k, v)| Some((k.to_ascii_lowercase(), words(v)?)))
                .collect()
        })
        .collect())
}

/// Reads `<service_requests><request><key>text</key>…`: flat by the standard; deeper elements are passed over, no entity is
/// expanded but the five of XML and numbers, so that no file can grow while it is read.
fn from_xml(text: &str) -> Result<Vec<Fields>, Unreadable> {
    let mut requests = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut now = Fields::new();
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(&unescaped(before));
        if let Some(data) = after.strip_prefix("![CDATA[") {
            let (data, next) = data
                .split_once("]]>")
                .ok_or_else(|| damaged("open CDATA"))?;
            words.push_str(data);
            rest = next;
            continue;
        }
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment
                .split_once("-->")
                .ok_or_else(|| damaged("open comment"))?
                .1;
            continue;
        }
        let (tag, next) = after.split_once('>').ok_or_else(|| damaged("open tag"))?;
        rest = next;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let name = name.trim();
            if open.pop() != Some(name) {
                return Err(damaged(&format!("</{name}> closes nothing")));
            }
            if name == "request" {
                requests.push(std::mem::take(&mut now));
            } else if open.last() == Some(&"request") {
                now.insert(name.to_ascii_lowercase(), words.trim().to_owned());
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or(tag));
        }
        words.clear();
    }
    if open.is_empty() {
        Ok(requests)
    } else {
        Err(damaged(&format!("<{}> is never closed", open.join("><"))))
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, next)) = after.split_once(';').filter(|(n, _)| n.len() <= 8) else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = name
            .strip_prefix('#')
            .and_then(|n| match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            });
        match (name, number.and_then(char::from_u32)) {
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            ("amp", _) => out.push('&'),
            ("quot", _) => out.push('"'),
            ("apos", _) => out.push('\''),
            (_, Some(c)) => out.push(c),
            _ => out.extend(["&", name, ";"]),
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::rows;
    use crate::intake::cell::{Cell, Row};
    use crate::intake::sniff::Unreadable;

    fn texts(row: &Row) -> Vec<String> {
        (0..row.len())
            .map(|i| match row.get(i) {
                Cell::Text(t) => t.to_owned(),
                _ => String::new(),
            })
            .collect()
    }

    const JSON: &str = r#"[{"service_request_id":"638344","status":"closed","status_notes":"Done.","service_name":"违停",
        "description":"学校门口违停","requested_datetime":"2025-04-14T06:37:38+08:00","updated_datetime":"2025-04-15T06:37:38+08:00",
        "address":"文治路与鼎城街交叉口","lat":34.72,"long":113.73,"media_url":null},
        {"service_request_id":638349,"status":"open","service_name":"信号灯","updated_datetime":"2025-04-15T06:37:38+08:00",
        "first_name":"小明","last_name":"王","phone":"15400001111"}]"#;

    #[test]
    fn a_json_list_becomes_a_table_with_our_names() {
        let table = rows(JSON.as_bytes()).unwrap();
        assert_eq!(table.len(), 3);
        let (head, one, two) = (texts(&table[0]), texts(&table[1]), texts(&table[2]));
        let at =
            |row: &[String], name: &str| row[head.iter().position(|h| h == name).unwrap()].clone();
        assert_eq!(at(&one, "工单编号"), "638344");
        assert_eq!(
            (at(&one, "经度"), at(&one, "坐标系")),
            ("113.73".into(), "WGS84".into())
        );
        assert_eq!(at(&one, "办结时间"), "2025-04-15T06:37:38+08:00");
        assert_eq!(at(&one, "办理状态"), "已办结");
        assert_eq!(
            (at(&two, "工单编号"), at(&two, "办结时间")),
            ("638349".into(), String::new())
        );
        assert_eq!(
            (at(&two, "诉求人"), at(&two, "联系电话")),
            ("王小明".into(), "15400001111".into())
        );
        assert_eq!(at(&two, "坐标系"), "");
    }

    #[test]
    fn an_xml_list_says_the_same_and_breaks_with_a_sentence() {
        let xml = "<?xml version=\"1.0\"?><!-- x --><service_requests><request><service_request_id>7</service_request_id>\
            <status>open</status><description>A &amp; B &#26657;<![CDATA[<门口>]]></description><lat>34.7</lat><long>113.7</long>\
            <media_url/><extra><deep>1</deep></extra></request></service_requests>";
        let table = rows(xml.as_bytes()).unwrap();
        let cells = texts(&table[1]);
        assert_eq!(
            (cells[0].as_str(), cells[2].as_str()),
            ("7", "A & B 校<门口>")
        );
        let cut = &xml.chars().take(200).collect::<String>();
        assert!(matches!(rows(cut.as_bytes()), Err(Unreadable::Damaged(_))));
        assert!(matches!(rows(b"[]"), Err(Unreadable::NoSheet)));
    }
}
