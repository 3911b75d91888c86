//! What does somebody report: the fields of `POST requests`, checked?

use crate::report::open311::Fault;

/// Longest description in characters; the rest is cut.
const LONGEST: usize = 4_000;

/// A new request as sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    /// Code of the service.
    pub service_code: String,
    /// Longitude and latitude in WGS-84.
    pub point: Option<(f64, f64)>,
    /// Words that say where.
    pub address: String,
    /// Words that say what.
    pub description: String,
    /// Name, if given.
    pub name: Option<String>,
    /// Phone, if given.
    pub phone: Option<String>,
    /// Mail address, if given.
    pub email: Option<String>,
    /// Account on the sending platform, if given.
    pub account: Option<String>,
    /// Where a photo lies, if given; kept as said, never fetched.
    pub media: Option<String>,
    /// Attributes by code; several values are joined by commas.
    pub attributes: Vec<(String, String)>,
}

impl Submission {
    /// Reads the form.
    ///
    /// # Errors
    /// [`Fault`] 400 that says which field is missing or wrong.
    pub fn read(form: &[(String, String)]) -> Result<Self, Fault> {
        let value = |name: &str| {
            let found = form.iter().find(|(key, _)| key == name);
            found.map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
        };
        let text = |name: &str| value(name).map(str::to_owned);
        let service_code = text("service_code")
            .ok_or_else(|| Fault::bad("service_code is missing: see services"))?;
        let point = match (value("lat"), value("long")) {
            (None, None) => None,
            (Some(lat), Some(long)) => {
                Some((degrees("long", long, 180.0)?, degrees("lat", lat, 90.0)?))
            }
            _ => return Err(Fault::bad("lat and long are given together or not at all")),
        };
        let address = [value("address_string"), value("address_id")];
        let address = address.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if point.is_none() && address.is_empty() {
            return Err(Fault::bad(
                "no place: give lat and long, address_string or address_id",
            ));
        }
        let names = [value("last_name"), value("first_name")];
        let name: String = names.into_iter().flatten().collect();
        Ok(Self {
            service_code,
            point,
            address,
            description: value("description")
                .unwrap_or_default()
                .chars()
                .take(LONGEST)
                .collect(),
            name: Some(name).filter(|n| !n.is_empty()),
            phone: text("phone"),
            email: text("email"),
            account: text("account_id").or_else(|| text("device_id")),
            media: text("media_url"),
            attributes: attributes(form),
        })
    }
}

fn degrees(name: &str, text: &str, most: f64) -> Result<f64, Fault> {
    let read = text.parse::<f64>().ok().filter(|v| v.abs() <= most);
    read.ok_or_else(|| {
        Fault::bad(format!(
            "{name} {text:?} must be degrees from -{most} to {most}"
        ))
    })
}

/// `attribute[code]=v` and `attribute[code][]=v`.
fn attributes(form: &[(String, String)]) -> Vec<(String, String)> {
    let mut list: Vec<(String, String)> = Vec::new();
    for (key, value) in form {
        let code = key
            .strip_prefix("attribute[")
            .map(|rest| rest.strip_suffix("[]").unwrap_or(rest))
            .and_then(|rest| rest.strip_suffix(']'));
        let (Some(code), false) = (code, value.trim().is_empty()) else {
            continue;
        };
        match list.iter_mut().find(|(held, _)| held == code) {
            Some((_, held)) => {
                held.push(',');
                held.push_str(value.trim());
            }
            None => list.push((code.to_owned(), value.trim().to_owned())),
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::Submission;
    use crate::report::open311::ask::pairs;

    #[test]
    fn a_place_may_be_a_pair_or_words_but_not_half_a_pair() {
        let read = |text: &str| Submission::read(&pairs(text)).map_err(|f| f.code);
        assert!(read("service_code=a&address_string=x").is_ok());
        assert_eq!(
            read("service_code=a&lat=36.4&long=116").unwrap().point,
            Some((116.0, 36.4))
        );
        assert_eq!(read("service_code=a&lat=36.4"), Err(400));
        assert_eq!(read("service_code=a&lat=136.4&long=36"), Err(400));
        assert_eq!(read("service_code=a"), Err(400));
    }

    #[test]
    fn attributes_of_one_code_are_joined() {
        let form =
            "service_code=a&address_string=x&attribute[k][]=1&attribute[k][]=2&attribute[w]=z";
        let read = Submission::read(&pairs(form)).unwrap();
        assert_eq!(
            read.attributes,
            [
                ("k".to_owned(), "1,2".to_owned()),
                ("w".to_owned(), "z".to_owned())
            ]
        );
    }
}
