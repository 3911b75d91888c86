//! How is an answer written as XML: any serialisable record becomes elements in its own order, empty ones closed at once?

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// `<list><item>…</item>…</list>` with declaration, two spaces a level. A value that cannot be serialised is left out.
#[must_use]
pub fn list<T: Serialize>(list: &str, item: &str, rows: &[T]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let fields: Vec<Vec<(String, Value)>> = rows.iter().map(fields).collect();
    if fields.is_empty() {
        let _ = writeln!(text, "<{list}/>");
        return text;
    }
    let _ = writeln!(text, "<{list}>");
    for row in &fields {
        let _ = writeln!(text, "  <{item}>");
        for (name, value) in row {
            element(&mut text, 2, name, value);
        }
        let _ = writeln!(text, "  </{item}>");
    }
    let _ = writeln!(text, "</{list}>");
    text
}

/// One record as a document of its own.
#[must_use]
pub fn one<T: Serialize>(name: &str, row: &T) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<{name}>");
    for (field, value) in fields(row) {
        element(&mut text, 1, &field, &value);
    }
    let _ = writeln!(text, "</{name}>");
    text
}

/// The fields of a record in the order of its declaration (a JSON map would sort them).
fn fields<T: Serialize>(row: &T) -> Vec<(String, Value)> {
    let text = serde_json::to_string(row).unwrap_or_default();
    let mut read = serde_json::Deserializer::from_str(&text);
    serde::Deserializer::deserialize_map(&mut read, Ordered).unwrap_or_default()
}

struct Ordered;

impl<'de> serde::de::Visitor<'de> for Ordered {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = map.next_entry()? {
            list.push(entry);
        }
        Ok(list)
    }
}

fn element(text: &mut String, depth: usize, name: &str, value: &Value) {
    let pad = "  ".repeat(depth);
    let inner = match value {
        Value::Null => String::new(),
        Value::String(s) => escaped(s),
        Value::Object(map) => {
            let _ = writeln!(text, "{pad}<{name}>");
            for (field, value) in map {
                element(text, depth + 1, field, value);
            }
            let _ = writeln!(text, "{pad}</{name}>");
            return;
        }
        Value::Array(list) => {
            let _ = writeln!(text, "{pad}<{name}>");
            for value in list {
                element(
                    text,
                    depth + 1,
                    name.strip_suffix('s').unwrap_or("item"),
                    value,
                );
            }
            let _ = writeln!(text, "{pad}</{name}>");
            return;
        }
        other => other.to_string(),
    };
    let _ = if inner.is_empty() {
        writeln!(text, "{pad}<{name}/>")
    } else {
        writeln!(text, "{pad}<{name}>{inner}</{name}>")
    };
}

/// Text safe between tags; characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::list;

    #[derive(Serialize)]
    struct Row {
        z: Option<String>,
        a: f64,
        m: &'static str,
    }

    #[test]
    fn fields_keep_their_order_and_text_is_escaped() {
        let row = Row {
            z: None,
            a: 36.456,
            m: "a<b & c\u{1}",
        };
        let text = list("rows", "row", &[row]);
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rows>\n  <row>\n    <z/>\n    <a>36.456</a>\n    <m>a&lt;b &amp; c</m>\n  </row>\n</rows>\n"
        );
    }

    #[test]
    fn nothing_is_an_empty_element() {
        assert!(list::<Row>("rows", "row", &[]).ends_with("<rows/>\n"));
    }
}
