//! What is kept of an evaluation, so that the same inputs give the same bytes and a reader can doubt every figure?
//!
//! An undefined figure is `null`, never a number that is none. Lists and maps have a fixed order.

use serde::{Deserialize, Serialize};

use crate::effect::flag::{Flag, FlagCode};
use crate::effect::look::Look;
use crate::effect::verdict::Verdict;

/// Two civil days as `2024-05-01`, the second not included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// First day.
    pub from: String,
    /// The day after the last.
    pub until: String,
    /// Number of days, excluded gaps not counted.
    pub days: i32,
}

/// Windows of an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowDates {
    /// The history the expectation rests on.
    pub history: Dates,
    /// Announcement, works and settling: never before, never after.
    pub gap: Dates,
    /// The after window of this look.
    pub after: Dates,
}

/// Where the naive drop comes from: `naive = calendar * falling_back * measure`, exactly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waterfall {
    /// Days of the naive before window (at most 365 before the decision).
    pub days_before: i32,
    /// Tickets in it.
    pub count_before: u64,
    /// Plain ratio of daily counts, after to before; `None` when nothing came before.
    pub naive: Option<f64>,
    /// Holidays, trend and reporting: what an average site did.
    pub calendar: Option<f64>,
    /// Falling back to the site's usual level (regression to the mean).
    pub falling_back: Option<f64>,
    /// What is left: observed over expected.
    pub measure: Option<f64>,
}

/// What can be hoped for from the dates to come, of a verdict that is too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// On `next_check` a halving would show, or another verdict stands.
    #[default]
    Dated,
    /// `next_check` is the next planned look; a halving would not show on it for sure.
    Look,
    /// This site alone can never prove it (rule book, section 5.3).
    Never,
}

impl Outlook {
    /// Whether there is nothing to be said about it.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        *self == Self::Dated
    }
}

/// The ring around the core, or another "other place": other hours, other categories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    /// Tickets in the after window.
    pub y: u64,
    /// Tickets in the history.
    pub before: u64,
    /// Expected without the measure, unshrunk.
    pub expected: f64,
    /// Relative variance of the expectation.
    pub rel: f64,
    /// Ratio observed to expected.
    pub theta: f64,
    /// Lower end of its interval.
    pub lo: f64,
    /// Upper end; `None` when unbounded.
    pub hi: Option<f64>,
    /// Control tickets before and after.
    pub control: [u64; 2],
}

/// Total net effect: tickets avoided in core and ring together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetEffect {
    /// Avoided in the core, `E - y`.
    pub avoided_core: f64,
    /// Avoided in the ring.
    pub avoided_ring: f64,
    /// Sum of both.
    pub total: f64,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Variance of the sum.
    pub variance: f64,
    /// Share of the avoided tickets that came up next door; `None` when none was avoided.
    pub displaced_share: Option<f64>,
}

/// A site's value together with the sites of its measure type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Borrowed {
    /// Sites of the type, this one included.
    pub sites: usize,
    /// Ratio shrunk to the type.
    pub theta: f64,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Chance that it reduces tickets at all.
    pub p_reduces: f64,
    /// Chance that it reduces them by more than a tenth.
    pub p_tenth: f64,
}

/// What another design says; written by the designs of `effect::designs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Name of the design in the registry.
    pub design: String,
    /// Ratio; `None` when the design refuses, with the reason in `note`.
    pub theta: Option<f64>,
    /// Lower end of the 95 % interval.
    pub lo: Option<f64>,
    /// Upper end.
    pub hi: Option<f64>,
    /// Label or reason, in Chinese.
    pub note: String,
    /// The same in English.
    #[serde(default)]
    pub note_en: String,
}

/// Tickets that the measure must not touch, as a check on reporting itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Tickets of other categories after.
    pub y: u64,
    /// Expected of them.
    pub expected: f64,
    /// Relative variance of that.
    pub rel: f64,
    /// Ratio.
    pub theta: f64,
    /// Lower end of its interval.
    pub lo: f64,
    /// Upper end; `None` when unbounded.
    pub hi: Option<f64>,
    /// The effect with this ratio taken out.
    pub adjusted: f64,
    /// Lower end of the adjusted interval.
    pub adjusted_lo: f64,
    /// Upper end of the adjusted interval; `None` when unbounded.
    pub adjusted_hi: Option<f64>,
}

/// What the expectation was measured on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceNote {
    /// Sites of the reference panel.
    pub sites: usize,
    /// Reference tickets in the history.
    pub tickets_before: u64,
    /// Reference tickets in the after window.
    pub tickets_after: u64,
    /// Whether categories were pooled for the curve's shape.
    pub pooled: bool,
}

/// The same figures with one thing left out (one caller, one channel).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Without {
    /// What was left out: `caller`, `channel`.
    pub what: String,
    /// Tickets after.
    pub y: u64,
    /// Expected.
    pub expected: f64,
    /// Ratio.
    pub theta: f64,
    /// Lower end of its interval.
    pub lo: f64,
    /// Upper end; `None` when unbounded.
    pub hi: Option<f64>,
}

/// One evaluation of one measure at one look. Stored, versioned, recomputed only as a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Site.
    pub site: String,
    /// Category of the site.
    pub category: String,
    /// Measures that are judged together.
    pub measures: Vec<String>,
    /// Type of measure, `a+b` for a bundle.
    pub measure: String,
    /// The look.
    pub look: Look,
    /// Its two-sided level.
    pub alpha: f64,
    /// Windows as dates.
    pub windows: Option<WindowDates>,
    /// Tickets in the after window.
    pub y: u64,
    /// Tickets expected there had nothing been done.
    pub expected: Option<f64>,
    /// Relative variance of the expectation.
    pub rel: Option<f64>,
    /// Tickets in the history.
    pub history: u64,
    /// Clumping.
    pub psi: Option<f64>,
    /// Multiplier of the site against its category.
    pub u: Option<f64>,
    /// Weight of the category's mean.
    pub w: Option<f64>,
    /// Shape of the spread of sites.
    pub phi: Option<f64>,
    /// Variance of multipliers across sites.
    pub k: Option<f64>,
    /// Variance of flare-ups.
    pub s2: Option<f64>,
    /// How much of a flare-up is left after 30 days.
    pub rho: Option<f64>,
    /// Ratio observed to expected; below 1 is fewer.
    pub theta: Option<f64>,
    /// Lower end of its interval at the look's level.
    pub lo: Option<f64>,
    /// Upper end; `None` with a defined `lo` means unbounded.
    pub hi: Option<f64>,
    /// Two-sided p-value of no effect; never printed for a leader.
    pub p: Option<f64>,
    /// q-value over all sites with a final verdict, when it was computed.
    pub q: Option<f64>,
    /// Largest count still called a reduction, -1 when not even none would be.
    pub crit: Option<i64>,
    /// Smallest effect seen with power .8, as a ratio; `None` when none can be.
    pub mde: Option<f64>,
    /// Best ratio that could ever be proved with this history.
    pub theta_limit: Option<f64>,
    /// Where the naive drop comes from.
    pub waterfall: Option<Waterfall>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether a later look follows.
    pub interim: bool,
    /// Doubts, in the order of their codes.
    pub flags: Vec<Flag>,
    /// The ring.
    pub ring: Option<Ring>,
    /// Total net effect.
    pub net: Option<NetEffect>,
    /// Other hours of the same site, for measures that stand at set hours.
    pub other_hours: Option<Ring>,
    /// Kinds of complaint at the same site that the measure is not meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_kinds: Option<Ring>,
    /// Negative control and the adjusted effect.
    pub control: Option<Control>,
    /// Reruns with something left out.
    pub without: Vec<Without>,
    /// Window after a removal: a measure that works on and decays off is strong evidence.
    pub off: Option<Ring>,
    /// Together with the sites of the same measure type.
    pub borrowed: Option<Borrowed>,
    /// Second opinions.
    pub methods: Vec<Opinion>,
    /// Date on which it can be judged, `2024-05-01`.
    pub next_check: Option<String>,
    /// What that date is worth.
    #[serde(default, skip_serializing_if = "Outlook::is_dated")]
    pub outlook: Outlook,
    /// What to do: `keep`, `continue`, `replace`, `stop`, `enter_data`, …
    pub advice: String,
    /// The sentence a leader reads, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Expectation and count in words: 按不治理预计 24 件，实际 11 件.
    pub counts_zh: String,
    /// The same in English.
    pub counts_en: String,
    /// The reference panel.
    pub reference: ReferenceNote,
    /// Last day of data, `2024-05-01`.
    pub data_until: String,
    /// Version of the program.
    pub engine: String,
    /// Fingerprint of the calendar file.
    pub calendar: String,
}

impl Record {
    /// A record in which nothing is known yet.
    #[must_use]
    pub fn empty(look: Look) -> Self {
        Self {
            site: String::new(),
            category: String::new(),
            measures: Vec::new(),
            measure: String::new(),
            look,
            alpha: look.alpha(),
            windows: None,
            y: 0,
            expected: None,
            rel: None,
            history: 0,
            psi: None,
            u: None,
            w: None,
            phi: None,
            k: None,
            s2: None,
            rho: None,
            theta: None,
            lo: None,
            hi: None,
            p: None,
            q: None,
            crit: None,
            mde: None,
            theta_limit: None,
            waterfall: None,
            verdict: Verdict::TooLittleHistory,
            interim: false,
            flags: Vec::new(),
            ring: None,
            net: None,
            other_hours: None,
            other_kinds: None,
            control: None,
            without: Vec::new(),
            off: None,
            borrowed: None,
            methods: Vec::new(),
            next_check: None,
            outlook: Outlook::Dated,
            advice: String::new(),
            zh: String::new(),
            en: String::new(),
            counts_zh: String::new(),
            counts_en: String::new(),
            reference: ReferenceNote::default(),
            data_until: String::new(),
            engine: String::new(),
            calendar: String::new(),
        }
    }

    /// Whether a doubt hangs on it.
    #[must_use]
    pub fn has(&self, code: FlagCode) -> bool {
        self.flags.iter().any(|f| f.code == code)
    }

    /// Adds a doubt once, keeping the order of codes.
    pub fn raise(&mut self, flag: Flag) {
        if let Err(at) = self.flags.binary_search_by_key(&flag.code, |f| f.code) {
            self.flags.insert(at, flag);
        }
    }
}
