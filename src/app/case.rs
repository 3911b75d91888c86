//! Who makes a case, and what happens to it: one act = one transaction = one event = one audit row.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::case::{Actor, Case, Catalogue, Content, Finding, Refusal, Step, apply};
use crate::store::case::{self, CaseRow};
use crate::store::{Tx, hex, kept_answer};
use crate::ticket::permit::{Power, Right, Scope};

/// A case to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// Site, as text.
    pub site: String,
    /// What is known already; may be empty.
    #[serde(default)]
    pub content: Content,
}

/// The catalogue inside the program.
pub(super) fn shipped() -> Result<Catalogue> {
    Catalogue::shipped().map_err(|e| Error::Internal(e.to_string()))
}

/// SHA-256 in hexadecimal.
pub(super) fn print_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Findings as one line for people.
pub(super) fn lines(found: &[Finding]) -> String {
    found
        .iter()
        .map(Finding::line)
        .collect::<Vec<_>>()
        .join("；")
}

/// A refusal in the words of the use cases.
pub(super) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Forbidden => Error::Forbidden,
        Refusal::State { state, open } => {
            let [zh, en] = state.title();
            let open = open.join(", ");
            Error::refused(
                "invalid_transition",
                format!("个案处于“{zh}”，不能这样操作 (the case is {en}; possible now: {open})"),
            )
        }
        Refusal::Guard(found) => Error::refused("guard_failed", lines(&found)),
    }
}

/// Whether the person reads cases at all; for those who read only what was published there is none.
pub(super) fn reads(who: &Who) -> Result<()> {
    match who.may(Right::Sites)?.scope {
        Scope::All => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// What the same write under a key of the same person was answered; refused when the key came with other contents.
async fn answered(tx: &mut Tx, names: [&str; 2], print: &str) -> Result<Option<i64>> {
    let Some((asked, answer)) = kept_answer::get(tx, names).await? else {
        return Ok(None);
    };
    let same = answer.parse().ok().filter(|_| asked == print);
    same.map(Some).ok_or_else(|| {
        let why = "这个 Idempotency-Key 已用于另一次提交，请换一个 (this key came with other contents: use another)";
        Error::refused("idempotency_key_reused", why)
    })
}

impl App {
    /// Who acts on cases, as the rules of a case's life see it.
    pub(super) fn actor<'a>(&self, who: &'a Who) -> Actor<'a> {
        Actor {
            name: &who.name,
            role: who.role,
            system: who.system,
            today: self.today(),
        }
    }

    /// Makes a case at a site; returns its key.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to propose, [`Error::Invalid`] for an unknown site, the refusals of an edit.
    pub async fn create_case(&self, who: &Who, new: &NewCase) -> Result<i64> {
        let drafted = self.draft_case(who, new)?;
        let mut tx = self.store.write().await?;
        let id = self.keep_draft(&mut tx, who, &drafted).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The same, once for a key of the client: sent again within a day, the write gives the case it made the first time.
    ///
    /// # Errors
    /// Those of [`Self::create_case`]; [`Error::Refused`] when the key came with other contents.
    pub async fn create_case_once(&self, who: &Who, new: &NewCase, key: &str) -> Result<i64> {
        let print = print_of(json!({"create_case": new}).to_string().as_bytes());
        let mut tx = self.store.write().await?;
        let names = [who.name.as_str(), key];
        if let Some(id) = answered(&mut tx, names, &print).await? {
            return Ok(id);
        }
        let drafted = self.draft_case(who, new)?;
        let id = self.keep_draft(&mut tx, who, &drafted).await?;
        self.keep_answer(&mut tx, names, (&print, id)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps what a write under a key answered, for a day.
    async fn keep_answer(
        &self,
        tx: &mut Tx,
        names: [&str; 2],
        (print, answer): (&str, i64),
    ) -> Result<()> {
        const DAY_MS: i64 = 86_400_000;
        let at = self.now().0;
        let answer = [print, &answer.to_string()];
        Ok(kept_answer::put(tx, names, answer, (at, at - DAY_MS)).await?)
    }

    /// A new case and the step that made it, checked against rights, site and catalogue; nothing is written.
    pub(super) fn draft_case(&self, who: &Who, new: &NewCase) -> Result<(Case, Step)> {
        if who.may(Right::Sites)?.power < Power::Propose {
            return Err(Error::Forbidden);
        }
        let snapshot = self.snapshot();
        let id: Option<i64> = new.site.parse().ok();
        let Some(site) = id.and_then(|id| snapshot.sites.get(id)) else {
            return Err(Error::invalid("site", "没有这个点位 (no such site)"));
        };
        let blank = Case {
            site: site.id.0,
            site_name: site.name.clone(),
            simulated: snapshot
                .city
                .as_ref()
                .is_some_and(|c| c.city.meta.simulated),
            created_by: who.name.clone(),
            ..Case::default()
        };
        let step = Step::Edit {
            content: new.content.clone(),
        };
        let made = apply(&blank, &step, &self.actor(who), &self.catalogue()).map_err(refused)?;
        Ok((made, step))
    }

    /// Writes a drafted case with its first event and its audit row into the caller's transaction.
    pub(super) async fn keep_draft(
        &self,
        tx: &mut Tx,
        who: &Who,
        (made, step): &(Case, Step),
    ) -> Result<i64> {
        let at = self.now().0;
        let id = case::insert(tx, made, at).await?;
        let body = json!(step).to_string();
        case::append_event(tx, id, at, ["create", &who.name, &body]).await?;
        let detail = json!({"site": made.site.to_string(), "title": made.content.title});
        self.audit(tx, &who.name, ["case.create", &id.to_string()], &detail)
            .await?;
        Ok(id)
    }

    /// Does an act on a case whose version the person saw; returns the new version.
    ///
    /// # Errors
    /// In this order: not found, forbidden, conflict, invalid transition, guard.
    pub async fn act_on_case(&self, who: &Who, id: i64, version: i64, step: &Step) -> Result<i64> {
        let mut tx = self.store.write().await?;
        let next = self.act(&mut tx, who, (id, version), step).await?;
        tx.commit().await?;
        Ok(next)
    }

    /// The same, once for a key of the client: sent again within a day, the act gives the version it made the first time.
    ///
    /// # Errors
    /// Those of [`Self::act_on_case`]; [`Error::Refused`] when the key came with other contents.
    pub async fn act_on_case_once(
        &self,
        who: &Who,
        (id, version): (i64, i64),
        step: &Step,
        key: &str,
    ) -> Result<i64> {
        let asked = json!({"act_on_case": id, "version": version, "step": step});
        let print = print_of(asked.to_string().as_bytes());
        let mut tx = self.store.write().await?;
        let names = [who.name.as_str(), key];
        if let Some(next) = answered(&mut tx, names, &print).await? {
            return Ok(next);
        }
        let next = self.act(&mut tx, who, (id, version), step).await?;
        self.keep_answer(&mut tx, names, (&print, next)).await?;
        tx.commit().await?;
        Ok(next)
    }

    async fn act(
        &self,
        tx: &mut Tx,
        who: &Who,
        (id, version): (i64, i64),
        step: &Step,
    ) -> Result<i64> {
        reads(who)?;
        let row = case::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        let next = match apply(&row.case, step, &self.actor(who), &self.catalogue()) {
            Err(Refusal::Forbidden) => return Err(Error::Forbidden),
            _ if row.version != version => {
                return Err(Error::Conflict {
                    version: row.version,
                });
            }
            other => other.map_err(refused)?,
        };
        let body = json!(step).to_string();
        self.write_case(tx, who, (&row, &next), [step.code(), &body])
            .await?;
        Ok(row.version + 1)
    }

    /// Writes the case, its event and the audit row.
    pub(super) async fn write_case(
        &self,
        tx: &mut Tx,
        who: &Who,
        (row, next): (&CaseRow, &Case),
        [kind, body]: [&str; 2],
    ) -> Result<()> {
        let at = self.now().0;
        if !case::update(tx, next, row.version, at).await? {
            return Err(Error::Conflict {
                version: row.version + 1,
            });
        }
        case::append_event(tx, row.case.id, at, [kind, &who.name, body]).await?;
        let detail = json!({"from": row.case.state.code(), "to": next.state.code()});
        let action = format!("case.{kind}");
        self.audit(tx, &who.name, [&action, &row.case.id.to_string()], &detail)
            .await
    }
}
