//! What does an answer look like: one line of shape text becomes a JSON schema for the API description.
//!
//! `{no:string, point:[number]?, meta:{next:string?}}`: braces are objects, brackets lists, `?` = may be null or absent,
//! a name with a capital letter refers to a named shape, `any` is anything.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value, json};

/// The JSON schema of a shape text.
///
/// # Errors
/// The position and what was expected, for a test that reads every shape of the program.
pub(super) fn schema(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
    };
    let (value, _) = reader.value()?;
    reader.blank();
    match reader.rest.next() {
        None => Ok(value),
        Some(c) => Err(format!("\"{c}\" after the end of {text}")),
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn blank(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.blank();
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn word(&mut self) -> String {
        self.blank();
        let mut word = String::new();
        while let Some(c) = self
            .rest
            .next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        {
            word.push(c);
        }
        word
    }

    /// A value and whether it is optional.
    fn value(&mut self) -> Result<(Value, bool), String> {
        let base = if self.next_is('{') {
            self.object()?
        } else if self.next_is('[') {
            let (items, _) = self.value()?;
            if !self.next_is(']') {
                return Err("] expected".to_owned());
            }
            json!({"type": "array", "items": items})
        } else {
            named(&self.word())?
        };
        if self.next_is('?') {
            return Ok((json!({"anyOf": [base, {"type": "null"}]}), true));
        }
        Ok((base, false))
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        while !self.next_is('}') {
            let name = self.word();
            if name.is_empty() || !self.next_is(':') {
                return Err(format!("name and colon expected near \"{name}\""));
            }
            let (value, optional) = self.value()?;
            if !optional {
                required.push(json!(name));
            }
            properties.insert(name, value);
            self.next_is(',');
        }
        Ok(json!({"type": "object", "properties": properties, "required": required}))
    }
}

fn named(word: &str) -> Result<Value, String> {
    match word {
        "any" => Ok(json!({})),
        "string" | "number" | "integer" | "boolean" | "object" => Ok(json!({"type": word})),
        _ if word.starts_with(char::is_uppercase) => {
            Ok(json!({"$ref": format!("#/components/schemas/{word}")}))
        }
        _ => Err(format!("unknown word \"{word}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::schema;
    use serde_json::json;

    #[test]
    fn an_optional_field_is_not_required_and_may_be_null() {
        let found = schema("{no:string, point:[number]?}").unwrap();
        assert_eq!(found["required"], json!(["no"]));
        assert_eq!(found["properties"]["point"]["anyOf"][1]["type"], "null");
    }

    #[test]
    fn a_capital_word_is_a_reference_and_a_wrong_word_is_named() {
        assert_eq!(
            schema("[Ticket]").unwrap()["items"]["$ref"],
            "#/components/schemas/Ticket"
        );
        assert!(schema("{a:strin}").unwrap_err().contains("strin"));
        assert!(schema("{a:string").is_err());
    }
}
