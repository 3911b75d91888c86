//! Can everything derived be thrown away and computed again with equal results?

use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::pending::Touched;
use crate::app::relocate::no_city;
use crate::app::site_book::RunBody;
use crate::store::site;
use crate::ticket::permit::Right;

impl App {
    /// Deletes places, sites and survey runs and computes them again from the facts: tickets, decisions, aliases, and which
    /// surveys were asked for when. One transaction; equal facts give equal results.
    pub async fn rebuild(self: &Arc<Self>, who: &Who) -> Result<i64> {
        who.may_edit(Right::Survey)?;
        let actor = who.name.clone();
        self.start(who, ("rebuild", "all"), move |app, progress| async move {
            let _turn = app.turn().await?;
            let view = app.city().ok_or_else(no_city)?;
            let placer = app.placer().await?.ok_or_else(no_city)?;
            let mut tx = app.store.write().await?;
            let runs = site::runs(&mut tx, "survey").await?;
            let tickets = app.place_all(&mut tx, placer, &progress).await?;
            site::clear_all(&mut tx).await?;
            progress.stage("surveying", runs.len() as u64);
            for run in &runs {
                let body: RunBody = serde_json::from_str(&run.body)
                    .map_err(|e| Error::Internal(format!("run {}: {e}", run.id)))?;
                let what = (Some(body.as_of), body.last_ticket, run.at);
                app.survey_once(&mut tx, Arc::clone(&view), what).await?;
                app.replay_edits(&mut tx, run.id, &body).await?;
                progress.add(1);
            }
            app.bump(&mut tx).await?;
            let detail = json!({"tickets": tickets, "runs": runs.len()});
            app.audit(&mut tx, &actor, ["rebuild", "all"], &detail)
                .await?;
            app.publish(tx, Touched::everything()).await?;
            Ok(format!(
                "已重算 {tickets} 件工单，{} 次点位生成 (tickets, surveys)",
                runs.len()
            ))
        })
        .await
    }
}
