//! Who may put a photo to a case, what is kept of it, and who may look at it?

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::{lines, print_of, reads};
use crate::app::error::{Error, Result};
use crate::calendar::{Day, UtcMs};
use crate::case::photo;
use crate::store::case;
use crate::store::case_photo::{self, Photo};
use crate::ticket::permit::{Power, Right};

/// Most photos of one case.
const MOST: usize = 40;

/// A photo to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPhoto {
    /// before, during, after.
    pub phase: String,
    /// Day on which it was taken.
    pub taken_on: String,
    /// Words below it.
    pub caption: String,
}

/// A photo as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhotoView {
    /// Key, as text.
    pub id: String,
    /// before, during, after.
    pub phase: String,
    /// Day on which it was taken.
    pub taken_on: Option<String>,
    /// Words below it.
    pub caption: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Who put it there.
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Photo> for PhotoView {
    fn from(p: Photo) -> Self {
        Self {
            id: p.id.to_string(),
            phase: p.phase,
            taken_on: p.taken_on,
            caption: p.caption,
            width: p.width,
            height: p.height,
            created_by: p.created_by,
            created_at: UtcMs(p.created_at).rfc3339(),
        }
    }
}

fn may_add(who: &Who) -> Result<()> {
    if who.may(Right::Sites)?.power < Power::Propose {
        return Err(Error::Forbidden);
    }
    Ok(())
}

impl App {
    /// Keeps a photo of a case; position, camera and time inside the file are cut out first.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] with the cure.
    pub async fn add_photo(
        &self,
        who: &Who,
        case_id: i64,
        new: &NewPhoto,
        bytes: &[u8],
    ) -> Result<i64> {
        may_add(who)?;
        let day = self.words_of(new)?;
        let made = photo::clean(bytes).map_err(|f| Error::invalid("file", lines(&[f])))?;
        let mut tx = self.store.write().await?;
        case::by_id(&mut tx, case_id)
            .await?
            .ok_or(Error::NotFound)?;
        if case_photo::of_case(&mut tx, case_id).await?.len() >= MOST {
            return Err(Error::refused(
                "too_many_photos",
                format!(
                    "每个个案最多 {MOST} 张照片，请先删除旧的 (at most {MOST} photos: remove some first)"
                ),
            ));
        }
        let at = self.now().0;
        let row = Photo {
            id: 0,
            case_id,
            phase: new.phase.clone(),
            taken_on: day.map(Day::iso),
            caption: new.caption.trim().chars().take(200).collect(),
            media_type: made.media_type.to_owned(),
            width: i64::from(made.width),
            height: i64::from(made.height),
            sha256: print_of(&made.bytes),
            created_by: who.name.clone(),
            created_at: at,
        };
        let id = case_photo::insert(&mut tx, &row, &made.bytes).await?;
        let body = json!({"photo": id.to_string(), "phase": row.phase}).to_string();
        case::append_event(&mut tx, case_id, at, ["photo", &who.name, &body]).await?;
        let detail =
            json!({"photo": id.to_string(), "sha256": row.sha256, "bytes": made.bytes.len()});
        self.audit(
            &mut tx,
            &who.name,
            ["case.photo", &case_id.to_string()],
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Phase and day of a new photo; the day if one is given.
    fn words_of(&self, new: &NewPhoto) -> Result<Option<Day>> {
        if !["before", "during", "after"].contains(&new.phase.as_str()) {
            return Err(Error::invalid(
                "phase",
                "须为 before、during 或 after (must be before, during or after)",
            ));
        }
        let taken_on = new.taken_on.trim();
        let day = Day::parse(taken_on);
        if !taken_on.is_empty() && day.is_none_or(|d| d > self.today()) {
            return Err(Error::invalid(
                "taken_on",
                "拍摄日期须为今天或以前，如 2024-05-01 (a day up to today, as 2024-05-01)",
            ));
        }
        Ok(day)
    }

    /// Media type and bytes of a photo, for those who read cases.
    pub async fn photo(&self, who: &Who, case_id: i64, id: i64) -> Result<(String, Vec<u8>)> {
        reads(who)?;
        let mut tx = self.store.read().await?;
        case_photo::bytes(&mut tx, case_id, id)
            .await?
            .ok_or(Error::NotFound)
    }

    /// Removes a photo; the deed stays in the timeline.
    pub async fn remove_photo(&self, who: &Who, case_id: i64, id: i64) -> Result<()> {
        who.may_edit(Right::Sites)?;
        let mut tx = self.store.write().await?;
        if !case_photo::remove(&mut tx, case_id, id).await? {
            return Err(Error::NotFound);
        }
        let body = json!({"photo": id.to_string()}).to_string();
        case::append_event(
            &mut tx,
            case_id,
            self.now().0,
            ["photo_removed", &who.name, &body],
        )
        .await?;
        let detail = json!({"photo": id.to_string()});
        self.audit(
            &mut tx,
            &who.name,
            ["case.photo_removed", &case_id.to_string()],
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
