//! What was done here, by whom, and is the record whole?

use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::Result;
use crate::store::Tx;
use crate::store::audit::{self, Entry, Row, Verdict};
use crate::ticket::permit::{Power, Right, Scope};

impl App {
    /// Appends a row inside the transaction of the deed; call it last.
    pub(super) async fn audit(
        &self,
        tx: &mut Tx,
        actor: &str,
        [action, subject]: [&str; 2],
        detail: &Value,
    ) -> Result<()> {
        let detail = detail.to_string();
        let entry = Entry {
            at: self.now().0,
            actor,
            action,
            subject,
            detail: &detail,
        };
        audit::append(tx, &entry).await?;
        Ok(())
    }

    /// Notes that a document left to be saved: which one, and what was asked for.
    pub async fn audit_export(&self, who: &Who, path: &str, query: &str) -> Result<()> {
        let subject = path.strip_prefix("/api/v1/").unwrap_or(path);
        let mut tx = self.store.write().await?;
        self.audit(
            &mut tx,
            &who.name,
            ["export", subject],
            &json!({"query": query}),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that a page went to paper. The page is an address within the program, at most 300 characters of it are kept.
    pub async fn audit_print(&self, who: &Who, page: &str) -> Result<()> {
        let page: String = page.chars().filter(|c| !c.is_control()).take(300).collect();
        let mut tx = self.store.write().await?;
        self.audit(&mut tx, &who.name, ["print", &page], &json!({}))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Rows below `before`, newest first; roles bound to their own acts see only these.
    pub async fn audit_page(&self, who: &Who, before: Option<i64>, limit: i64) -> Result<Vec<Row>> {
        let cell = who.may(Right::Audit)?;
        let actor = (cell.scope == Scope::OwnActs).then_some(who.name.as_str());
        let mut tx = self.store.read().await?;
        Ok(audit::page(&mut tx, before, actor, limit.clamp(1, 1000)).await?)
    }

    /// Walks the whole chain; for roles that may verify.
    pub async fn audit_verify(&self, who: &Who) -> Result<Verdict> {
        let cell = who.may(Right::Audit)?;
        if cell.power < Power::Verify {
            return Err(crate::app::Error::Forbidden);
        }
        let mut tx = self.store.read().await?;
        Ok(audit::verify(&mut tx).await?)
    }
}
