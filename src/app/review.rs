//! Which tickets wait for a person to say where they are, and what do the answers teach?

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::coarse::{coarse, hidden, is_home, sees_homes};
use crate::app::error::{Error, Result};
use crate::app::pending::Touched;
use crate::app::placing::{Decided, settable, surface};
use crate::app::relocate::no_city;
use crate::place::alias::learnable;
use crate::place::anchor::{Anchor, AnchorKind, Anchors};
use crate::place::target::Target;
use crate::place::{Evidence, Gazetteer, Located, Locator, Options, Precision, Query};
use crate::spatial::LonLat;
use crate::store::decision::{self, Decision};
use crate::store::place::Placed;
use crate::store::{Tx, place, ticket};
use crate::ticket::permit::{Right, Role};
use crate::ticket::{GivenPair, TicketId};

/// Tickets shown per group.
const SHOWN: i64 = 5;
/// Longest words that may become an alias, in characters.
const LONGEST: usize = 20;
/// Candidates shown per ticket.
const CANDIDATES: usize = 5;
/// Tickets of a group or an alias located anew at once.
const GROUP: u32 = 20_000;
/// A pin so near to a door, a gate or a stop means it.
const PIN_M: f64 = 25.0;

/// One numbered candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// 1 to 5: its key on the keyboard.
    pub n: usize,
    /// How people call it.
    pub label: String,
    /// Its point.
    pub point: Option<LonLat>,
    /// Class.
    pub precision: Precision,
    /// Radius in metres.
    pub radius_m: f64,
    /// Probability.
    pub confidence: f64,
    /// Features it stands on.
    pub features: Vec<String>,
}

/// A ticket in the review queue.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewTicket {
    /// Key, as text.
    pub no: String,
    /// The channel's own number.
    pub external_no: String,
    /// Masked title.
    pub title: String,
    /// Masked content.
    pub content: String,
    /// Masked place column.
    pub place_text: String,
    /// RFC 3339.
    pub received_at: String,
    /// Words that were used.
    pub evidence: Vec<Evidence>,
    /// Candidates, best first.
    pub candidates: Vec<Candidate>,
    /// Coordinates as the file wrote them.
    pub pair: Option<LonLat>,
    /// Named warnings.
    pub flags: Vec<String>,
}

/// Tickets that wait for the same answer.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewGroup {
    /// The words nobody could place for sure.
    pub surface: String,
    /// Tickets.
    pub count: i64,
    /// The first of them.
    pub tickets: Vec<ReviewTicket>,
}

/// A page of the queue.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewQueue {
    /// Groups, most tickets first.
    pub groups: Vec<ReviewGroup>,
    /// All groups.
    pub total: i64,
    /// All tickets that wait.
    pub tickets: i64,
}

/// How a person answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// One of the candidates, counted from 1.
    Candidate {
        /// Its number.
        candidate: usize,
    },
    /// A pin on the map.
    Point {
        /// The point.
        point: LonLat,
        /// The place it was found by, where the person searched for one.
        feature: Option<String>,
    },
    /// A stretch drawn on the map.
    Line {
        /// Its points.
        line: Vec<LonLat>,
    },
    /// The text names no place.
    NoPlace,
    /// The place is not in this city.
    Outside,
}

/// What a decision did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionOutcome {
    /// Key of the decision, as text.
    pub id: String,
    /// The alias it supports, if it taught one.
    pub alias: Option<AliasView>,
    /// Tickets located anew because of it, this one included.
    pub relocated: usize,
}

/// A learned alias as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AliasView {
    /// Key, as text.
    pub id: String,
    /// The words.
    pub surface: String,
    /// Feature they mean.
    pub feature: String,
    /// What people call it.
    pub label: String,
    /// District it is valid in.
    pub district: Option<String>,
    /// Distinct petitioners behind it.
    pub support: i64,
    /// Confirmed by a planner.
    pub confirmed: bool,
    /// Used by the locator.
    pub active: bool,
    /// Tickets whose text holds the words.
    pub tickets: usize,
    /// Who taught it first.
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
}

impl App {
    /// A page of the review queue.
    pub async fn review_queue(&self, who: &Who, skip: i64, limit: i64) -> Result<ReviewQueue> {
        who.may(Right::Review)?;
        let mut tx = self.store.read().await?;
        let (total, tickets) = place::review_total(&mut tx).await?;
        let mut groups = Vec::new();
        for group in place::review_groups(&mut tx, skip.max(0), limit.clamp(1, 200)).await? {
            let mut ids = place::in_group(&mut tx, &group.surface, SHOWN).await?;
            ids.retain(|id| !self.is_hidden(id.0));
            if ids.is_empty() {
                continue;
            }
            let placed = place::of_tickets(&mut tx, &ids).await?;
            let stored = ticket::by_ids(&mut tx, &ids).await?;
            let tickets = stored
                .iter()
                .map(|t| review_ticket(t, &placed, who))
                .collect();
            groups.push(ReviewGroup {
                surface: group.surface,
                count: group.count,
                tickets,
            });
        }
        Ok(ReviewQueue {
            groups,
            total,
            tickets,
        })
    }

    /// Where a text points, without any ticket: for trying out and for explaining.
    pub async fn locate_text(&self, text: &str) -> Result<Vec<Located>> {
        let view = self.city().ok_or_else(no_city)?;
        let aliases = self.active_aliases().await?;
        let text: String = text.chars().take(4_000).collect();
        let task = tokio::task::spawn_blocking(move || {
            let locator = Locator::new(&view.gazetteer, &aliases, Options::default());
            locator.locate(&Query {
                content: &text,
                ..Query::default()
            })
        });
        task.await.map_err(|e| Error::Internal(e.to_string()))
    }

    /// Notes what a person decided, teaches an alias where the answer names a feature, and locates the rest of its group anew
    /// once that alias is active. `words` are those the decision is about; without them those of the queue.
    pub async fn decide(
        &self,
        who: &Who,
        id: TicketId,
        answer: &Answer,
        words: Option<&str>,
    ) -> Result<DecisionOutcome> {
        who.may_edit(Right::Review)?;
        let mut tx = self.store.write().await?;
        let stored = ticket::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        who.sees(stored.ticket.unit.as_deref())?;
        let placed = place::of_tickets(&mut tx, &[id]).await?;
        let main = placed.first().map(|p| p.located.clone());
        let asked = words
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .map(str::to_owned);
        let group = placed.first().and_then(|p| p.review.clone());
        let surface = asked
            .or_else(|| group.clone())
            .or_else(|| main.as_ref().map(|m| surface(&stored.ticket, m)))
            .unwrap_or_default();
        let view = self.city();
        let set: &[LonLat] = match answer {
            Answer::Point { point, .. } => std::slice::from_ref(point),
            Answer::Line { line } => line,
            _ => &[],
        };
        set.iter().try_for_each(|p| settable(view.as_deref(), *p))?;
        let mut decided = decided(answer, main.as_ref(), &surface)?;
        if let Some(view) = self.city() {
            name_pin(&view.gazetteer, answer, &mut decided);
        }
        let key = self.note_decision(&mut tx, who, id, &decided).await?;
        let stale = self.withdraw(&mut tx, id).await?;
        let taught = self.teach(&mut tx, who, (key, &stored), &decided).await?;
        let mut moved = vec![id];
        if taught.as_ref().is_some_and(|a| a.active) || stale {
            moved.extend(self.speaking_of(&decided.surface));
        }
        if let Some(group) = group.filter(|_| taught.as_ref().is_some_and(|a| a.active)) {
            moved.extend(place::in_group(&mut tx, &group, i64::from(GROUP)).await?);
        }
        moved.sort_unstable();
        moved.dedup();
        let placer = Arc::new(self.placer_in(&mut tx).await?.ok_or_else(no_city)?);
        self.place_some(&mut tx, &placer, &moved).await?;
        self.bump(&mut tx).await?;
        let detail = json!({"kind": decided.kind, "alias": taught.as_ref().map(|a| a.id), "relocated": moved.len()});
        self.audit(
            &mut tx,
            &who.name,
            ["locate.decide", &id.0.to_string()],
            &detail,
        )
        .await?;
        self.publish(tx, Touched::tickets(&moved)).await?;
        let alias = taught.map(|a| self.alias_view(a));
        Ok(DecisionOutcome {
            id: key.to_string(),
            alias,
            relocated: moved.len(),
        })
    }

    /// Writes the decision and the event of its ticket.
    async fn note_decision(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: TicketId,
        decided: &Decided,
    ) -> Result<i64> {
        let body = serde_json::to_string(decided).map_err(|e| Error::Internal(e.to_string()))?;
        let new = Decision {
            id: 0,
            ticket: id,
            kind: decided.kind.clone(),
            body: body.clone(),
            actor: who.name.clone(),
            at: self.now().0,
        };
        let key = decision::insert(tx, &new).await?;
        let event = ticket::Event {
            ticket: id,
            seq: ticket::next_seq(tx, id).await?,
            at: new.at,
            kind: "located",
            actor: new.actor,
            batch: None,
            body,
        };
        ticket::append_events(tx, &[event]).await?;
        Ok(key)
    }

    /// Tickets whose text holds these words, by the index.
    pub(super) fn speaking_of(&self, words: &str) -> Vec<TicketId> {
        let snapshot = self.snapshot();
        let asked = [("q".to_owned(), words.to_owned())];
        let Ok(filter) = crate::index::Filter::parse(&asked, snapshot.index.dicts()) else {
            return Vec::new();
        };
        let selection = snapshot.index.select(&filter);
        selection
            .rows()
            .take(GROUP as usize)
            .map(|row| snapshot.index.ticket(row))
            .collect()
    }

    /// Ends the support an earlier decision on this ticket gave; says whether an alias lost its activity by that.
    async fn withdraw(&self, tx: &mut Tx, id: TicketId) -> Result<bool> {
        let mut lost = false;
        for alias in decision::withdraw_support(tx, id).await? {
            if let Some(mut row) = decision::alias_by_id(tx, alias).await? {
                row.support = decision::voices(tx, alias).await?;
                let active = if row.pinned {
                    row.active
                } else {
                    row.confirmed || row.support >= 2
                };
                lost |= row.active && !active;
                row.active = active;
                decision::update_alias(tx, &row).await?;
            }
        }
        Ok(lost)
    }

    /// Teaches an alias: (words, feature); active after two petitioners or one confirmation by a planner.
    async fn teach(
        &self,
        tx: &mut Tx,
        who: &Who,
        (key, stored): (i64, &ticket::Stored),
        decided: &Decided,
    ) -> Result<Option<decision::Alias>> {
        let Some(feature) = decided
            .features
            .first()
            .filter(|_| matches!(decided.kind.as_str(), "candidate" | "point"))
        else {
            return Ok(None);
        };
        let known = self
            .city()
            .is_some_and(|v| teaches(&v.gazetteer, decided, feature));
        if !known {
            return Ok(None);
        }
        let found = decision::alias_by_words(tx, &decided.surface, feature).await?;
        let mut row = if let Some(row) = found {
            row
        } else {
            let mut new = decision::Alias {
                id: 0,
                surface: decided.surface.clone(),
                feature: feature.clone(),
                label: decided.label.clone(),
                district: stored.ticket.district.clone(),
                support: 0,
                confirmed: false,
                active: false,
                pinned: false,
                created_by: who.name.clone(),
                created_at: self.now().0,
            };
            new.id = decision::insert_alias(tx, &new).await?;
            new
        };
        let petitioner = stored.ticket.petitioner.map(|p| p.0);
        decision::support_alias(tx, row.id, (key, stored.id), petitioner).await?;
        row.support = decision::voices(tx, row.id).await?;
        row.confirmed |= who.role == Role::Planner && !who.system;
        if !row.pinned {
            row.active = row.confirmed || row.support >= 2;
        }
        decision::update_alias(tx, &row).await?;
        Ok(Some(row))
    }

    fn alias_view(&self, row: decision::Alias) -> AliasView {
        AliasView {
            tickets: self.speaking_of(&row.surface).len(),
            id: row.id.to_string(),
            surface: row.surface,
            feature: row.feature,
            label: row.label,
            district: row.district,
            support: row.support,
            confirmed: row.confirmed,
            active: row.active,
            created_by: row.created_by,
            created_at: crate::calendar::UtcMs(row.created_at).rfc3339(),
        }
    }

    /// All learned aliases, active first, with the tickets each carries.
    pub async fn aliases(&self, who: &Who) -> Result<Vec<AliasView>> {
        who.may(Right::Review)?;
        let mut tx = self.store.read().await?;
        let rows = decision::aliases(&mut tx).await?;
        Ok(rows.into_iter().map(|row| self.alias_view(row)).collect())
    }

    /// Switches an alias on or off by hand and locates its tickets anew; the rule no longer decides about it.
    pub async fn switch_alias(&self, who: &Who, id: i64, active: bool) -> Result<AliasView> {
        who.may_edit(Right::Review)?;
        let mut tx = self.store.write().await?;
        let mut row = decision::alias_by_id(&mut tx, id)
            .await?
            .ok_or(Error::NotFound)?;
        row.active = active;
        row.pinned = true;
        decision::update_alias(&mut tx, &row).await?;
        let moved = self.speaking_of(&row.surface);
        let placer = Arc::new(self.placer_in(&mut tx).await?.ok_or_else(no_city)?);
        self.place_some(&mut tx, &placer, &moved).await?;
        self.bump(&mut tx).await?;
        let detail = json!({"active": active, "relocated": moved.len()});
        self.audit(
            &mut tx,
            &who.name,
            ["alias.switch", &id.to_string()],
            &detail,
        )
        .await?;
        self.publish(tx, Touched::tickets(&moved)).await?;
        Ok(self.alias_view(row))
    }
}

/// The place an answer makes.
fn decided(answer: &Answer, main: Option<&Located>, surface: &str) -> Result<Decided> {
    let bare = |kind: &str, precision, point, radius_m: f64, label: &str| Decided {
        kind: kind.to_owned(),
        point,
        line: Vec::new(),
        label: label.to_owned(),
        precision,
        radius_m,
        features: Vec::new(),
        surface: surface.to_owned(),
    };
    Ok(match answer {
        Answer::Candidate { candidate } => {
            let list = main.map(candidates).unwrap_or_default();
            let chosen = candidate
                .checked_sub(1)
                .and_then(|i| list.into_iter().nth(i))
                .ok_or_else(|| {
                    Error::invalid(
                        "candidate",
                        format!("没有第 {candidate} 个候选 (no such candidate)"),
                    )
                })?;
            Decided {
                features: chosen.features,
                ..bare(
                    "candidate",
                    chosen.precision,
                    chosen.point,
                    chosen.radius_m,
                    &chosen.label,
                )
            }
        }
        Answer::Point { point, .. } => {
            bare("point", Precision::Point, Some(*point), 15.0, "人工标定")
        }
        Answer::Line { line } => {
            let middle = line.get(line.len() / 2).copied().filter(|_| line.len() > 1);
            let point = middle.ok_or_else(|| {
                Error::invalid("line", "线至少两个点 (a line has two points or more)")
            })?;
            Decided {
                line: line.clone(),
                ..bare("line", Precision::Segment, Some(point), 30.0, "人工路段")
            }
        }
        Answer::NoPlace => bare("no_place", Precision::None, None, 0.0, ""),
        Answer::Outside => bare("outside", Precision::None, None, 0.0, ""),
    })
}

/// A pin on a door, a gate or a stop means that place, and so does one that a search gave: the words can then be learned.
fn name_pin(g: &Gazetteer, answer: &Answer, decided: &mut Decided) {
    let Answer::Point { point, feature } = answer else {
        return;
    };
    let searched = feature
        .as_ref()
        .and_then(|id| Some((id.clone(), g.feature(id)?)))
        .filter(|(_, (_, at))| at.distance_m(*point) <= PIN_M)
        .map(|(id, (name, _))| (id, name));
    let stands_at = || {
        let near = Anchors::new(g).nearest(*point, PIN_M);
        let named = |a: &Anchor| !matches!(a.kind, AnchorKind::Frontage | AnchorKind::Intersection);
        near.into_iter().find(named).map(|a| (a.feature, a.name))
    };
    if let Some((feature, name)) = searched.or_else(stands_at) {
        decided.features = vec![feature];
        decided.label = name;
    }
}

/// Whether a decision may teach its words: they are a name nobody else has, and mean one place, road or area. A junction or a
/// number is no name of one feature.
fn teaches(g: &Gazetteer, decided: &Decided, feature: &str) -> bool {
    let one = matches!(
        (g.target(feature), decided.precision),
        (Some(Target::Place(_)), Precision::Point | Precision::Poi)
            | (Some(Target::Road(_)), Precision::Road)
            | (Some(Target::Area(_)), Precision::Area)
    );
    one && decided.surface.chars().count() <= LONGEST
        && learnable(g, &decided.surface, feature).is_ok()
}

/// Main place and alternatives, numbered from 1.
fn candidates(main: &Located) -> Vec<Candidate> {
    let first = (main.precision != Precision::None).then(|| Candidate {
        n: 1,
        label: main.label.clone(),
        point: main.point,
        precision: main.precision,
        radius_m: main.radius_m,
        confidence: main.confidence,
        features: main.features.clone(),
    });
    let others = main.alternatives.iter().map(|a| Candidate {
        n: 0,
        label: a.label.clone(),
        point: Some(a.point),
        precision: a.precision,
        radius_m: a.radius_m,
        confidence: a.confidence,
        features: a.features.clone(),
    });
    let list = first.into_iter().chain(others).take(CANDIDATES);
    (1..).zip(list).map(|(n, c)| Candidate { n, ..c }).collect()
}

/// Where a pair of a file lies on the map: converted from the datum it declares, as written where it declares none.
fn drawn(pair: &GivenPair) -> LonLat {
    let p = LonLat::new(pair.x, pair.y);
    pair.datum.map_or(p, |datum| datum.to_wgs84(p))
}

/// A ticket of the queue as the person may see it: of a home the hexagon around it, as in the list of tickets.
fn review_ticket(t: &ticket::Stored, placed: &[Placed], who: &Who) -> ReviewTicket {
    let main = placed.iter().find(|p| p.ticket == t.id && p.n == 0);
    let hides = !sees_homes(who, t.ticket.confidential)
        && placed
            .iter()
            .any(|p| p.ticket == t.id && is_home(&p.located));
    let coarsened = main
        .filter(|_| hides)
        .map(|p| hidden(&p.located, p.area.as_deref()));
    let main = coarsened.as_ref().or(main.map(|p| &p.located));
    let pair = t.ticket.pair.as_ref().map(drawn);
    ReviewTicket {
        no: t.id.0.to_string(),
        external_no: t.ticket.external_no.clone(),
        title: t.ticket.title.clone(),
        content: t.ticket.content.clone(),
        place_text: t.ticket.place_text.clone(),
        received_at: t.ticket.received_at.rfc3339(),
        evidence: main.map_or_else(Vec::new, |m| m.evidence.clone()),
        candidates: main.map(candidates).unwrap_or_default(),
        pair: if hides { pair.map(coarse) } else { pair },
        flags: main.map_or_else(Vec::new, |m| m.flags.clone()),
    }
}
