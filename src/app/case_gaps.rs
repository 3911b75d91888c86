//! Which days count on neither side of an evaluation, because something beyond any measure happened: who registers them?

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::error::{Error, Result};
use crate::calendar::Day;
use crate::store::{Tx, setting};
use crate::ticket::permit::Right;

/// Key of the setting.
const KEY: &str = "effect_gaps";

/// Most gaps of a city.
const MOST: usize = 100;

/// Longest gap in days.
const LONGEST: i64 = 366;

/// Longest note in characters.
const NOTE: usize = 200;

/// Why days are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// 停报: data are missing.
    DataOutage,
    /// 封路.
    RoadClosure,
    /// 疫情.
    Epidemic,
    /// Anything else, said in the note.
    Other,
}

/// Days that count on neither side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// First day.
    #[serde(with = "iso")]
    pub from: Day,
    /// Last day, included.
    #[serde(with = "iso")]
    pub to: Day,
    /// Why.
    pub kind: GapKind,
    /// In words.
    #[serde(default)]
    pub note: String,
}

/// A civil day as `2024-05-01`.
mod iso {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::calendar::Day;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
    pub(super) fn serialize<S: Serializer>(day: &Day, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&day.iso())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Day, D::Error> {
        let text = String::deserialize(input)?;
        Day::parse(text.trim())
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no date; write 2024-05-01")))
    }
}

/// The registered gaps by day.
pub(super) async fn kept(tx: &mut Tx) -> Result<Vec<Gap>> {
    let text = setting::get(tx, KEY).await?.unwrap_or_default();
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

impl App {
    /// Days that count on neither side of an evaluation, by day.
    pub async fn effect_gaps(&self, who: &Who) -> Result<Vec<Gap>> {
        reads(who)?;
        let mut tx = self.store.read().await?;
        kept(&mut tx).await
    }

    /// Registers such days in the place of those known; the next evaluation judges anew what they touch. Audited.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to edit, [`Error::Invalid`] for days that cannot stand.
    pub async fn set_effect_gaps(&self, who: &Who, gaps: &[Gap]) -> Result<Vec<Gap>> {
        who.may_edit(Right::Sites)?;
        if gaps.len() > MOST {
            let why = format!("最多 {MOST} 段 (at most {MOST} gaps)");
            return Err(Error::invalid("gaps", why));
        }
        let mut list = gaps.to_vec();
        for gap in &mut list {
            gap.note = gap.note.trim().to_owned();
            let days = gap.to.0 - gap.from.0 + 1;
            if !(1..=LONGEST).contains(&days) {
                let why = format!(
                    "{} 至 {} 不是 1 至 {LONGEST} 天，请核对两个日期 (not 1 to {LONGEST} days: check both dates)",
                    gap.from.iso(),
                    gap.to.iso()
                );
                return Err(Error::invalid("gaps", why));
            }
            if gap.note.chars().count() > NOTE || gap.kind == GapKind::Other && gap.note.is_empty()
            {
                let why =
                    format!("请用 1 至 {NOTE} 字写明原因 (say why in 1 to {NOTE} characters)");
                return Err(Error::invalid("note", why));
            }
        }
        list.sort_by_key(|g| (g.from.0, g.to.0));
        let mut tx = self.store.write().await?;
        let text = json!(list).to_string();
        setting::put(&mut tx, KEY, &text, self.now().0).await?;
        let detail = json!({ "gaps": list });
        self.audit(&mut tx, &who.name, ["effect.gaps", "city"], &detail)
            .await?;
        tx.commit().await?;
        Ok(list)
    }
}
