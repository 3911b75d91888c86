//! What is the trouble at a site, by the words of its tickets, and which measures fit it?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::case_bells::{BellShare, Bells};
use crate::app::error::{Error, Result};
use crate::app::school;
use crate::case::{Catalogue, Measure, SchoolHour, State};
use crate::spatial::World;
use crate::store::{case, ticket};

/// Least share of a kind that a measure must address to be offered (planning reference, section 2).
const LEAST_SHARE: f64 = 0.1;

/// Largest share from which a site has one kind; below it is mixed.
const ONE_KIND: f64 = 0.4;

/// Tickets of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindShare {
    /// Kind, empty = none of the catalogue's words occur.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Tickets.
    pub count: usize,
    /// Share of all tickets of the site.
    pub share: f64,
}

/// A measure that fits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// Code.
    pub id: String,
    /// Kinds with share ≥ 0.1 it addresses mainly.
    pub main: Vec<String>,
    /// Kinds it helps beside.
    pub side: Vec<String>,
    /// A measure here that stands against it, if any.
    pub excluded_by: Option<String>,
    /// Measures it needs that are not here yet.
    pub needs: Vec<String>,
}

/// The words of a site's tickets, sorted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Tickets read.
    pub tickets: usize,
    /// The kind of the site: one with at least 40 % of the tickets that have a kind, else `mixed`; empty without any.
    pub kind: String,
    /// Kinds, most frequent first.
    pub kinds: Vec<KindShare>,
    /// Measures, best fitting first.
    pub offers: Vec<Offer>,
    /// Codes of measures that stand here already.
    pub installed: Vec<String>,
    /// What the nearest registered school's bells explain; absent where no gate is near.
    pub school: Option<BellShare>,
}

impl App {
    /// Sorts the tickets of a site by problem kind and offers measures of the catalogue.
    pub async fn diagnosis(&self, who: &Who, site: i64) -> Result<Diagnosis> {
        reads(who)?;
        let snapshot = self.snapshot();
        let found = snapshot.sites.get(site).ok_or(Error::NotFound)?;
        let mut tx = self.store.read().await?;
        let calendar = self.calendar_text(&mut tx).await?;
        let bells = Bells::of(&school::all(&mut tx).await?, calendar.as_deref());
        let mut read = Vec::with_capacity(found.members.len());
        for ids in found.members.chunks(500) {
            read.extend(ticket::briefs(&mut tx, ids).await?.into_iter().map(|b| {
                let row = snapshot.index.row_of(b.id);
                let world = row.and_then(|r| snapshot.index.world(r));
                let point = world.map_or(found.point, World::lonlat);
                (b.text, bells.hour(point, b.received_at))
            }));
        }
        let school = bells.share(found.point, &read);
        let cases = case::of_site(&mut tx, site).await?;
        drop(tx);
        let today = self.today();
        let standing = |s: State| {
            matches!(
                s,
                State::Approved | State::Installing | State::Watching | State::Closed
            )
        };
        let works = cases
            .iter()
            .filter(|c| standing(c.case.state_on(today)))
            .flat_map(|c| &c.case.content.works);
        let mut installed: Vec<String> = works
            .filter(|w| w.removed.is_none())
            .map(|w| w.measure.clone())
            .collect();
        installed.sort();
        installed.dedup();
        let catalogue = self.catalogue();
        let task = tokio::task::spawn_blocking(move || Diagnosis {
            school,
            ..sorted(&read, &catalogue, installed)
        });
        task.await.map_err(|e| Error::Internal(e.to_string()))
    }
}

fn sorted(
    texts: &[(String, SchoolHour)],
    catalogue: &Catalogue,
    installed: Vec<String>,
) -> Diagnosis {
    let mut reader = catalogue.kinds.reader();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, hour) in texts {
        let kind = reader.of_ticket(None, text, *hour);
        *counts
            .entry(kind.map_or("", |k| k.id.as_str()))
            .or_default() += 1;
    }
    let all = texts.len().max(1) as f64;
    let known: usize = counts
        .iter()
        .filter(|(id, _)| !id.is_empty())
        .map(|(_, n)| n)
        .sum();
    let mut kinds: Vec<KindShare> = counts
        .iter()
        .map(|(id, count)| {
            let kind = catalogue.kinds.get(id);
            KindShare {
                id: (*id).to_owned(),
                name: kind.map(|k| k.name_zh.clone()).unwrap_or_default(),
                name_en: kind.map(|k| k.name_en.clone()).unwrap_or_default(),
                count: *count,
                share: *count as f64 / all,
            }
        })
        .collect();
    kinds.sort_by(|a, b| (a.id.is_empty(), b.count, &a.id).cmp(&(b.id.is_empty(), a.count, &b.id)));
    let first = kinds.iter().find(|k| !k.id.is_empty());
    let kind = match first {
        None => String::new(),
        Some(k) if k.count as f64 >= ONE_KIND * known as f64 => k.id.clone(),
        Some(_) => "mixed".to_owned(),
    };
    // Shares among the tickets that have a kind: words that name none say nothing about the remedy.
    let weight: BTreeMap<&str, f64> = kinds
        .iter()
        .filter(|k| !k.id.is_empty())
        .map(|k| (k.id.as_str(), k.count as f64 / known.max(1) as f64))
        .filter(|(_, share)| *share >= LEAST_SHARE)
        .collect();
    let offers = offers(catalogue.measures.all(), &weight, (catalogue, &installed));
    Diagnosis {
        tickets: texts.len(),
        kind,
        kinds,
        offers,
        installed,
        school: None,
    }
}

fn offers(
    measures: &[Measure],
    weight: &BTreeMap<&str, f64>,
    (catalogue, installed): (&Catalogue, &[String]),
) -> Vec<Offer> {
    let hit = |list: &[String]| -> Vec<String> {
        list.iter()
            .filter(|k| weight.contains_key(k.as_str()))
            .cloned()
            .collect()
    };
    let mut found: Vec<(f64, Offer)> = Vec::new();
    for measure in measures.iter().filter(|m| !installed.contains(&m.id)) {
        let (main, side) = (hit(&measure.main), hit(&measure.side));
        let share = |list: &[String]| {
            list.iter()
                .filter_map(|k| weight.get(k.as_str()))
                .sum::<f64>()
        };
        // How much of the site's trouble the prior takes away; only for the order of the list.
        let away = 1.0 - measure.prior.multiplier;
        let score = away * (share(&main) + 0.5 * share(&side));
        if main.is_empty() && side.is_empty() {
            continue;
        }
        let against = installed
            .iter()
            .find(|i| catalogue.measures.exclude_each_other(i, &measure.id));
        let needs = measure
            .requires
            .iter()
            .filter(|r| !installed.contains(r))
            .cloned()
            .collect();
        found.push((
            score,
            Offer {
                id: measure.id.clone(),
                main,
                side,
                excluded_by: against.cloned(),
                needs,
            },
        ));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, offer)| offer).collect()
}
