//! Which civil day is it for cases: today, or the day a demo or a test has set?
//!
//! Time itself (sessions, audit) is never moved. The day may be set where all data are simulated (`zhilu demo`) and by tests
//! that bring their own clock; every change is audited.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::calendar::Day;
use crate::store::setting;
use crate::ticket::permit::Right;

/// Key of the setting.
const KEY: &str = "case_day";

/// The day that was set; none = the clock's.
#[derive(Debug)]
pub(super) struct CaseDay(AtomicI64);

impl Default for CaseDay {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl App {
    /// The civil day as cases see it.
    #[must_use]
    pub fn today(&self) -> Day {
        self.set_day().unwrap_or(Day(self.now().civil_day()))
    }

    /// The civil day after the last ticket; `None` without tickets.
    #[must_use]
    pub fn day_after_data(&self) -> Option<Day> {
        let snapshot = self.snapshot();
        let (_, last) = snapshot.index.span(&snapshot.index.everything())?;
        Some(Day(last.civil_day() + 1))
    }

    /// The day that was set, if one was.
    #[must_use]
    pub fn set_day(&self) -> Option<Day> {
        let day = self.case_day.0.load(Ordering::Relaxed);
        (day != i64::MIN).then_some(Day(day))
    }

    /// Whether the day may be set here.
    #[must_use]
    pub fn may_set_day(&self) -> bool {
        self.options.demo || self.options.clock.is_some()
    }

    /// Reads the day that was set, on opening.
    pub(super) async fn load_case_day(&self) -> Result<()> {
        if !self.may_set_day() {
            return Ok(());
        }
        let mut tx = self.store.read().await?;
        let text = setting::get(&mut tx, KEY).await?;
        let day = text.as_deref().and_then(Day::parse);
        self.case_day
            .0
            .store(day.map_or(i64::MIN, |d| d.0), Ordering::Relaxed);
        Ok(())
    }

    /// Sets the day of cases (`None` = back to the clock); demo and tests only.
    ///
    /// # Errors
    /// [`Error::Refused`] outside a demo, [`Error::Forbidden`] without the right.
    pub async fn set_case_day(&self, who: &Who, day: Option<Day>) -> Result<()> {
        if !self.may_set_day() {
            return Err(Error::refused(
                "not_a_demo",
                "只有演示系统可以调整日期 (the day can be set in a demo only)",
            ));
        }
        who.may_edit(Right::Sites)?;
        let mut tx = self.store.write().await?;
        let text = day.map(Day::iso).unwrap_or_default();
        setting::put(&mut tx, KEY, &text, self.now().0).await?;
        let detail = json!({"from": self.today().iso(), "to": text});
        self.audit(&mut tx, &who.name, ["demo.day", "cases"], &detail)
            .await?;
        tx.commit().await?;
        self.case_day
            .0
            .store(day.map_or(i64::MIN, |d| d.0), Ordering::Relaxed);
        Ok(())
    }
}
