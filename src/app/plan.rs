//! Which measures for the money in this city, who made the plan, and how do its parts become cases?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::{NewCase, print_of, reads};
use crate::app::error::{Error, Result};
use crate::app::plan_files::document;
use crate::app::plan_ground::kept_results;
use crate::calendar::{Day, UtcMs};
use crate::case::{Catalogue, Content, Text};
use crate::optim::Progress as Solving;
use crate::plan::{BadWish, Desk, LocalResult, Shown, SiteAlternative, SiteNeed, Why, Wish};
use crate::spatial::LonLat;
use crate::store::plan::{self, PlanRow};
use crate::ticket::permit::{Power, Right};

/// Most sites of one plan.
const MOST_SITES: usize = 300;

/// Most characters of the name of a plan.
const MOST_NAME: usize = 80;

/// Most characters of the reason of an adoption.
const MOST_REASON: usize = 200;

/// A plan to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// Name for people; may be empty.
    #[serde(default)]
    pub name: String,
    /// What is wished for.
    pub wish: Wish,
    /// How many of the worst ranked sites may be treated, 1 to 300; default 60.
    #[serde(default = "sixty")]
    pub sites: usize,
}

const fn sixty() -> usize {
    60
}

fn wrong(error: &BadWish) -> Error {
    let zh = match error {
        BadWish::Figure { name, value, .. } => format!("{name} 为 {value}，不在允许的范围"),
        BadWish::Unknown { id } => format!("没有“{id}”这个点位、方案或措施"),
        BadWish::Choice(_) => "金额或效果的数值太大，请用较大的单位".to_owned(),
    };
    Error::invalid("wish", format!("{zh} ({error})"))
}

fn drafts(who: &Who) -> Result<()> {
    if who.may(Right::Sites)?.power < Power::Propose {
        return Err(Error::Forbidden);
    }
    Ok(())
}

impl App {
    /// Starts to make a plan; the message of the finished job is the key of the plan. Cancelling keeps the best plan so far.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to propose, [`Error::Invalid`] for a figure out of bounds or a name too long.
    pub async fn start_plan(self: &Arc<Self>, who: &Who, new: NewPlan) -> Result<i64> {
        drafts(who)?;
        new.wish.check().map_err(|e| wrong(&e))?;
        let letters = new.name.chars().count();
        if letters > MOST_NAME {
            return Err(Error::invalid(
                "name",
                format!(
                    "方案名称 {letters} 字，至多 {MOST_NAME} 字 (the name has {letters} characters, at most {MOST_NAME})"
                ),
            ));
        }
        if !(1..=MOST_SITES).contains(&new.sites) {
            return Err(Error::invalid(
                "sites",
                format!("{} must be in 1..={MOST_SITES}", new.sites),
            ));
        }
        let maker = who.clone();
        let key = format!("{}-{}", who.name, self.now().0);
        self.start(who, ("plan.measures", &key), move |app, progress| async move {
            progress.stage("sites", u64::try_from(new.sites).unwrap_or(0));
            let told = progress.clone();
            let mut each = move |done: usize| {
                told.at(u64::try_from(done).unwrap_or(0));
                !told.cancelled()
            };
            let needs = app.site_needs(&maker, new.sites, &mut each).await?;
            let local = app.local_results().await?;
            let today = app.today();
            let catalogue = app.catalogue();
            let text = json!(catalogue.text()).to_string();
            let print = print_of(text.as_bytes());
            let simulated = app.snapshot().city.as_ref().is_some_and(|c| c.city.meta.simulated);
            progress.stage("solving", 1000);
            let work = tokio::task::spawn_blocking(move || {
                let mut watch = |p: &Solving| {
                    let best = p.best.unwrap_or(0).max(0);
                    progress.say(&format!("solving {best}/{}", p.bound));
                    progress.at(u64::try_from(best.saturating_mul(1000) / p.bound.max(1)).unwrap_or(0));
                    !progress.cancelled()
                };
                make(&new, (needs, local), &catalogue, &mut watch)
            });
            let mut body = work.await.map_err(|e| Error::Internal(e.to_string()))??;
            body["simulated"] = json!(simulated);
            body["catalogue"] = json!(print);
            dated(&mut body, today);
            let mut tx = app.store.write().await?;
            let at = app.now().0;
            plan::keep_catalogue(&mut tx, &print, &text).await?;
            let id = plan::insert(&mut tx, &body.to_string(), &maker.name, at).await?;
            let detail = json!({ "status": body["plan"]["status"], "works": body["works"].as_array().map(Vec::len) });
            app.audit(&mut tx, &maker.name, ["plan.make", &id.to_string()], &detail).await?;
            tx.commit().await?;
            Ok(id.to_string())
        })
        .await
    }

    async fn plan_row(&self, who: &Who, id: i64) -> Result<(PlanRow, Value)> {
        reads(who)?;
        let mut tx = self.store.read().await?;
        let row = plan::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let body = serde_json::from_str(&row.body).map_err(|e| Error::Internal(e.to_string()))?;
        Ok((row, body))
    }

    /// The newest plans with their figures.
    pub async fn plans(&self, who: &Who) -> Result<Vec<Value>> {
        // Who sees published sites only sees no plan, and is not told that there are any.
        match reads(who) {
            Err(Error::NotFound) => return Ok(Vec::new()),
            other => other?,
        }
        let mut tx = self.store.read().await?;
        let rows = plan::newest(&mut tx).await?;
        let brief = |row: &PlanRow| {
            let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
            let made = &body["plan"];
            json!({
                "id": row.id.to_string(), "name": body["name"], "created_by": row.created_by,
                "created_at": UtcMs(row.created_at).rfc3339(), "adopted_by": row.adopted_by,
                "status": made["status"], "benefit": made["benefit"], "cost": made["cost"], "gap": made["gap"],
                "works": body["works"].as_array().map_or(0, Vec::len), "simulated": body["simulated"],
            })
        };
        Ok(rows.iter().map(brief).collect())
    }

    /// One plan, whole.
    pub async fn measure_plan(&self, who: &Who, id: i64) -> Result<Value> {
        let (row, mut body) = self.plan_row(who, id).await?;
        body["id"] = json!(row.id.to_string());
        body["created_by"] = json!(row.created_by);
        body["created_at"] = json!(UtcMs(row.created_at).rfc3339());
        body["adopted_by"] = json!(row.adopted_by);
        Ok(body)
    }

    /// The catalogue a plan was made with; plans of earlier versions did not keep it, and take the one in force.
    async fn catalogue_of(&self, body: &Value) -> Result<Arc<Catalogue>> {
        let Some(print) = body["catalogue"].as_str() else {
            return Ok(self.catalogue());
        };
        let mut tx = self.store.read().await?;
        let kept = plan::catalogue(&mut tx, print).await?;
        let broken = |why: String| Error::Internal(why);
        let kept = kept.ok_or_else(|| broken(format!("catalogue {print} of a plan is missing")))?;
        let text: Text = serde_json::from_str(&kept).map_err(|e| broken(e.to_string()))?;
        let made = Catalogue::of(&text).map_err(|e| broken(e.to_string()))?;
        Ok(Arc::new(made))
    }

    /// Why an alternative is in a plan or not: about the plan that was shown, on its own figures and with its own catalogue.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an id that is no alternative, [`Error::Refused`] when today's program or catalogue gives other
    /// figures than the plan has.
    pub async fn explain_plan(&self, who: &Who, id: i64, alternative: String) -> Result<Why> {
        let (_, body) = self.plan_row(who, id).await?;
        let catalogue = self.catalogue_of(&body).await?;
        let work = tokio::task::spawn_blocking(move || {
            let desk = desk_of(&body, &catalogue)?;
            let shown: Shown = serde_json::from_value(body["plan"].clone())
                .map_err(|e| Error::Internal(e.to_string()))?;
            desk.explain(&alternative, &shown).map_err(|e| wrong(&e))
        });
        work.await.map_err(|e| Error::Internal(e.to_string()))?
    }

    /// Makes a case of each part of a plan, once and in one transaction; returns the keys of the cases.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to approve (planners draft, leaders adopt), [`Error::Invalid`] without a reason,
    /// [`Error::Refused`] when the plan was adopted before or has no works (infeasible, or nothing is worth its money).
    pub async fn adopt_plan(&self, who: &Who, id: i64, reason: &str) -> Result<Vec<String>> {
        if who.may(Right::Sites)?.power < Power::Approve {
            return Err(Error::Forbidden);
        }
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > MOST_REASON {
            return Err(Error::invalid(
                "reason",
                format!(
                    "请写明采纳理由，如会议或文号，至多 {MOST_REASON} 字 (say why it is adopted, at most {MOST_REASON} characters)"
                ),
            ));
        }
        let (_, body) = self.plan_row(who, id).await?;
        let works = body["works"].as_array().map_or(&[][..], Vec::as_slice);
        if works.is_empty() {
            return Err(Error::refused(
                "no_works",
                "该方案没有任何措施，无可采纳；请放宽条件重新生成 (this plan has no work to adopt: ease its conditions and make it again)",
            ));
        }
        let works = works.iter();
        let drafted: Vec<_> = works
            .map(|work| {
                let site = work["site"].as_str().unwrap_or_default().to_owned();
                let content = content(&body, work, id);
                self.draft_case(who, &NewCase { site, content })
            })
            .collect::<Result<_>>()?;
        let mut tx = self.store.write().await?;
        if !plan::adopt(&mut tx, id, &who.name, self.now().0).await? {
            return Err(Error::refused(
                "adopted",
                "该方案已转为个案 (this plan has become cases already)",
            ));
        }
        self.audit(
            &mut tx,
            &who.name,
            ["plan.adopt", &id.to_string()],
            &json!({ "reason": reason }),
        )
        .await?;
        let mut made = Vec::new();
        for case in &drafted {
            made.push(self.keep_draft(&mut tx, who, case).await?.to_string());
        }
        tx.commit().await?;
        Ok(made)
    }
}

fn make(
    new: &NewPlan,
    (needs, local): (Vec<SiteNeed>, BTreeMap<String, Vec<LocalResult>>),
    catalogue: &Catalogue,
    watch: &mut dyn FnMut(&Solving) -> bool,
) -> Result<Value> {
    let kept = json!(needs);
    let desk = Desk::new(new.wish.clone(), needs, catalogue, local).map_err(|e| wrong(&e))?;
    let plan = desk.plan(catalogue, watch).map_err(|e| wrong(&e))?;
    let mut body = document(&desk, &plan, catalogue);
    body["name"] = json!(new.name);
    body["needs"] = kept;
    body["alternatives"] = json!(desk.alternatives);
    Ok(body)
}

fn desk_of(body: &Value, catalogue: &Catalogue) -> Result<Desk> {
    let broken = |e: serde_json::Error| Error::Internal(e.to_string());
    let wish: Wish = serde_json::from_value(body["wish"].clone()).map_err(broken)?;
    let needs: Vec<SiteNeed> = serde_json::from_value(body["needs"].clone()).map_err(broken)?;
    let desk = Desk::new(wish, needs, catalogue, kept_results(body)).map_err(|e| wrong(&e))?;
    if same_figures(&desk, body) {
        return Ok(desk);
    }
    Err(Error::refused(
        "other_figures",
        "措施目录或程序在此方案之后有改动，按今天的数字解释会与方案不符；请重新生成方案再问 (the catalogue or the program changed \
         since this plan was made, and today's figures are not the plan's; make the plan again and ask there)",
    ))
}

/// Whether the alternatives laid out anew are those the plan was chosen from. A thousandth may be lost where a figure was read
/// back from text.
fn same_figures(desk: &Desk, body: &Value) -> bool {
    let Some(kept) = body["alternatives"].as_array() else {
        return true;
    };
    let same = |a: &SiteAlternative, k: &Value| {
        let near = |x: i64, y: &Value| y.as_i64().is_some_and(|y| (x - y).abs() <= 1);
        k["id"] == json!(a.id)
            && k["cost"] == json!(a.cost)
            && near(a.benefit, &k["benefit"])
            && near(a.benefit_low, &k["benefit_low"])
    };
    kept.len() == desk.alternatives.len()
        && desk.alternatives.iter().zip(kept).all(|(a, k)| same(a, k))
}

/// Days of a year of the plan.
const YEAR: i64 = 365;

/// Days after the works are done on which a work is looked at (planning reference, section 12).
const LOOK: i64 = 90;

/// Writes the days of each work into a plan made on `today`.
fn dated(body: &mut Value, today: Day) {
    body["made_on"] = json!(today.iso());
    for work in body["works"].as_array_mut().into_iter().flatten() {
        let start = today.0 + (work["start"].as_i64().unwrap_or(1) - 1) * YEAR;
        let done = start + work["lead_days"].as_i64().unwrap_or(0);
        work["start_on"] = json!(Day(start).iso());
        work["done_by"] = json!(Day(done).iso());
        work["evaluate_on"] = json!(Day(done + LOOK).iso());
    }
}

/// Names of the sites that a work was drawn against: they stay untreated, so that it can be judged.
fn controls_of(body: &Value, work: &Value) -> Vec<String> {
    let lots = body["plan"]["controls"].as_array().into_iter().flatten();
    let own = lots.filter(|l| l["treated"] == work["id"]);
    let needs = body["needs"].as_array().map_or(&[][..], Vec::as_slice);
    own.filter_map(|l| needs.iter().find(|n| n["site"] == l["control"]))
        .filter_map(|n| n["name"].as_str().map(str::to_owned))
        .collect()
}

/// The content of a case made of one part of a plan.
fn content(body: &Value, work: &Value, plan: i64) -> Content {
    let rows = work["measures"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let place: Vec<LonLat> = work["point"]
        .as_array()
        .and_then(|p| Some(LonLat::new(p.first()?.as_f64()?, p.get(1)?.as_f64()?)))
        .into_iter()
        .collect();
    let works = rows.iter().map(|m| crate::case::Work {
        measure: text(&m["id"]),
        place: place.clone(),
        quantity: m["quantity"].as_f64().unwrap_or(1.0),
        ..crate::case::Work::default()
    });
    let mut partners: Vec<String> = rows
        .iter()
        .flat_map(|m| m["partners"].as_array().into_iter().flatten().map(text))
        .collect();
    partners.sort();
    partners.dedup();
    let promised = |key: &str| work[key].as_f64().unwrap_or(0.0);
    let mut words = vec![
        format!("由措施方案 {plan} 生成"),
        format!(
            "承诺每年少发 {:.1} 件（八成把握 {:.1}–{:.1}），{} 评估",
            promised("prevented_a_year"),
            promised("prevented_low"),
            promised("prevented_high"),
            text(&work["evaluate_on"])
        ),
    ];
    let apart = controls_of(body, work);
    if !apart.is_empty() {
        words.push(format!("抽签留作对照、暂不治理：{}", apart.join("、")));
    }
    Content {
        title: format!(
            "{}：{}",
            text(&work["name"]),
            rows.iter()
                .map(|m| text(&m["name"]))
                .collect::<Vec<_>>()
                .join("、")
        ),
        diagnosis: words.join("；"),
        partners,
        works: works.collect(),
        ..Content::default()
    }
}
