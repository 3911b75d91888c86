//! What happened to a ticket, and where does it stand as of any instant?

use serde::{Deserialize, Serialize};

use crate::calendar::UtcMs;
use crate::ticket::clock::Pause;

/// A visit's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 满意.
    Satisfied,
    /// 基本满意.
    Basic,
    /// 不满意.
    Dissatisfied,
}

impl Verdict {
    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "satisfied" => Some(Self::Satisfied),
            "basic" => Some(Self::Basic),
            "dissatisfied" => Some(Self::Dissatisfied),
            _ => None,
        }
    }
}

/// A call back after the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The petitioner was reached.
    pub reached: bool,
    /// Says that he was contacted.
    pub contacted: bool,
    /// Says that it is solved.
    pub solved: bool,
    /// His verdict.
    pub verdict: Option<Verdict>,
}

impl Visit {
    /// Reached, and gave a verdict.
    #[must_use]
    pub const fn valid(&self) -> Option<Verdict> {
        if self.reached { self.verdict } else { None }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Happening {
    /// A contact; `reached` the petitioner or not.
    Contact {
        /// Reached.
        reached: bool,
    },
    /// The round was closed.
    Close,
    /// A visit.
    Visit(Visit),
    /// A new round.
    Redo {
        /// Its due instant.
        due: UtcMs,
    },
    /// The clock pauses; `statutory` if the promised time pauses too.
    Suspend {
        /// Scope `both`.
        statutory: bool,
    },
    /// The clock runs again, with the new due instant if the statutory clock had paused.
    Resume {
        /// New due.
        due: Option<UtcMs>,
    },
    /// The due instant moves; refused by the fold if asked after it.
    Extend {
        /// New due.
        to: UtcMs,
    },
    /// Another unit.
    Reassign {
        /// The unit.
        unit: String,
    },
    /// 挂账.
    Account,
    /// 销账.
    ClearAccount,
    /// 不予受理.
    Reject,
    /// 退回.
    ReturnUp,
    /// 合并.
    Merge {
        /// The primary ticket.
        into: String,
    },
    /// 撤诉.
    Withdraw,
    /// 即时投诉.
    Complaint {
        /// Upheld.
        upheld: bool,
    },
    /// 即时表扬.
    Praise {
        /// Verified.
        verified: bool,
    },
}

/// One entry of the append-only history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: UtcMs,
    /// Order among events of one instant.
    pub seq: i64,
    /// What.
    pub what: Happening,
}

/// How a ticket ended other than by a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// 不予受理.
    Rejected,
    /// 已退回.
    Returned,
    /// 已合并.
    Merged,
    /// 已撤诉.
    Withdrawn,
}

/// One handling of a ticket, from its start to its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Due, extensions and pauses applied; `None` while the statutory clock pauses.
    pub due: Option<UtcMs>,
    /// Close.
    pub closed: Option<UtcMs>,
    /// Visits after that close, in order.
    pub visits: Vec<Visit>,
}

impl Round {
    /// Closed after due, or still open with due before `as_of`.
    #[must_use]
    pub fn is_late(&self, as_of: UtcMs) -> bool {
        let end = self.closed.unwrap_or(as_of);
        self.due.is_some_and(|due| end > due)
    }

    /// The last visit that reached the petitioner and brought a verdict.
    #[must_use]
    pub fn final_visit(&self) -> Option<&Visit> {
        self.visits.iter().rev().find(|v| v.valid().is_some())
    }
}

/// A complaint about the handling, or praise, with the unit that held the ticket then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// When.
    pub at: UtcMs,
    /// Unit then.
    pub unit: String,
    /// Praise, else complaint.
    pub praise: bool,
}

/// A ticket as of an instant: the fold of its events in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The present unit.
    pub unit: String,
    /// Rounds; the first always exists.
    pub rounds: Vec<Round>,
    /// First contact that reached the petitioner.
    pub reached: Option<UtcMs>,
    /// All pauses.
    pub pauses: Vec<Pause>,
    /// 挂账 now.
    pub on_account: bool,
    /// Ended otherwise.
    pub ended: Option<Ended>,
    /// Upheld complaints and verified praise.
    pub remarks: Vec<Remark>,
    /// Reassignments.
    pub reassigned: u32,
}

impl Story {
    /// Folds the events up to and including `as_of`; order is (`at`, `seq`), later events do not exist.
    #[must_use]
    pub fn fold(unit: &str, due: Option<UtcMs>, events: &[Event], as_of: UtcMs) -> Self {
        let mut story = Self {
            unit: unit.to_owned(),
            rounds: vec![Round {
                due,
                closed: None,
                visits: Vec::new(),
            }],
            reached: None,
            pauses: Vec::new(),
            on_account: false,
            ended: None,
            remarks: Vec::new(),
            reassigned: 0,
        };
        let mut ordered: Vec<&Event> = events.iter().filter(|e| e.at <= as_of).collect();
        ordered.sort_by_key(|e| (e.at, e.seq));
        for event in ordered {
            story.take(event);
        }
        story
    }

    fn take(&mut self, event: &Event) {
        let at = event.at;
        match &event.what {
            Happening::Contact { reached } => {
                if *reached && self.reached.is_none() {
                    self.reached = Some(at);
                }
            }
            Happening::Visit(visit) => {
                if let Some(round) = self.rounds.iter_mut().rev().find(|r| r.closed.is_some()) {
                    round.visits.push(*visit);
                }
            }
            Happening::Redo { due } => self.rounds.push(Round {
                due: Some(*due),
                closed: None,
                visits: Vec::new(),
            }),
            Happening::Reassign { unit } => {
                self.unit.clone_from(unit);
                self.reassigned += 1;
            }
            Happening::Account => self.on_account = true,
            Happening::ClearAccount => self.on_account = false,
            Happening::Reject => self.ended = Some(Ended::Rejected),
            Happening::ReturnUp => self.ended = Some(Ended::Returned),
            Happening::Merge { .. } => self.ended = Some(Ended::Merged),
            Happening::Withdraw => self.ended = Some(Ended::Withdrawn),
            Happening::Complaint { upheld: true } => self.remark(at, false),
            Happening::Praise { verified: true } => self.remark(at, true),
            Happening::Complaint { .. } | Happening::Praise { .. } => {}
            Happening::Close
            | Happening::Suspend { .. }
            | Happening::Resume { .. }
            | Happening::Extend { .. } => {
                self.move_clock(at, &event.what);
            }
        }
    }

    fn move_clock(&mut self, at: UtcMs, what: &Happening) {
        let Some(round) = self.rounds.last_mut() else {
            return;
        };
        match what {
            Happening::Close => {
                round.closed.get_or_insert(at);
            }
            Happening::Suspend { statutory } => {
                self.pauses.push(Pause { from: at, to: None });
                if *statutory && round.due.is_some_and(|due| at < due) {
                    round.due = None;
                }
            }
            Happening::Resume { due } => {
                if let Some(open) = self.pauses.last_mut().filter(|p| p.to.is_none()) {
                    open.to = Some(at);
                }
                if due.is_some() {
                    round.due = *due;
                }
            }
            // An extension asked after the due time is refused (casework reference, section 7).
            Happening::Extend { to } if round.due.is_some_and(|due| at <= due) => {
                round.due = Some(*to);
            }
            _ => {}
        }
    }

    fn remark(&mut self, at: UtcMs, praise: bool) {
        self.remarks.push(Remark {
            at,
            unit: self.unit.clone(),
            praise,
        });
    }

    /// First close of all.
    #[must_use]
    pub fn first_close(&self) -> Option<UtcMs> {
        self.rounds.first().and_then(|r| r.closed)
    }

    /// Whether the latest round is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rounds.last().is_some_and(|r| r.closed.is_some())
    }

    /// The last valid visit of the last ended round.
    #[must_use]
    pub fn final_visit(&self) -> Option<&Visit> {
        self.rounds
            .iter()
            .rev()
            .find(|r| r.closed.is_some())
            .and_then(Round::final_visit)
    }

    /// The first valid visit of round 1.
    #[must_use]
    pub fn first_visit(&self) -> Option<&Visit> {
        self.rounds
            .first()
            .and_then(|r| r.visits.iter().find(|v| v.valid().is_some()))
    }

    /// Suspended time before an instant, in milliseconds.
    #[must_use]
    pub fn paused_before(&self, until: UtcMs) -> i64 {
        self.pauses
            .iter()
            .map(|p| {
                let to = p.to.map_or(until, |to| to.min(until));
                (to.0 - p.from.0).max(0)
            })
            .sum()
    }
}
