//! Which measures exist, what do they cost, which problems do they address, and how sure is that?
//!
//! The rows are data (`measures.csv`); where each column comes from, and how far to trust it, says `data/catalogue/SOURCES.md`.

use crate::case::problem::Kinds;
use crate::case::table::{CatalogueError, Cells, Table};

/// Name of the file in messages.
pub(super) const FILE: &str = "measures.csv";

/// The columns of the file.
pub const COLUMNS: &[&str] = &[
    "id",
    "name_zh",
    "name_en",
    "kind",
    "addresses_main",
    "addresses_side",
    "standard",
    "unit",
    "unit_cost_low_cny",
    "unit_cost_high_cny",
    "annual_cost_cny",
    "service_life_years",
    "lead_days_low",
    "lead_days_high",
    "lead_department",
    "partners",
    "published_effect",
    "effect_outcome",
    "effect_source",
    "effect_status",
    "evidence_grade",
    "prior_multiplier",
    "prior_low",
    "prior_high",
    "typical_quantity",
    "excludes",
    "requires",
    "reversible",
    "note",
];

/// Where a figure of the catalogue comes from; shown beside it, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FigureSource {
    /// The shipped catalogue: costs are estimates from memory, not tender prices.
    #[default]
    Default,
    /// Entered by the city.
    City,
    /// Own before and after.
    Measured,
}

impl FigureSource {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::City => "city",
            Self::Measured => "measured",
        }
    }

    /// Words beside the figure.
    #[must_use]
    pub const fn title(self) -> [&'static str; 2] {
        match self {
            Self::Default => ["目录默认估价", "default estimate"],
            Self::City => ["本市填报", "entered by the city"],
            Self::Measured => ["本市实测", "measured here"],
        }
    }
}

/// How good the published evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Controlled, several studies or regression to the mean handled.
    A,
    /// One controlled study or a weak review.
    B,
    /// Uncontrolled before and after, or an official bulletin.
    C,
    /// No figure found; prior only.
    D,
}

impl Grade {
    /// The letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// Stars of the published factor for the planned benefit (effect reference, 6.4): 5 best, 1 worst.
    #[must_use]
    pub const fn stars(self) -> u8 {
        match self {
            Self::A => 4,
            Self::B => 3,
            Self::C => 2,
            Self::D => 1,
        }
    }
}

/// A published figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What was found, as text.
    pub effect: String,
    /// Outcome it is about: crashes, calls, violations …; empty = none.
    pub outcome: String,
    /// Where.
    pub source: String,
    /// seen, memory or none.
    pub status: String,
}

/// Multiplier on the tickets of the main kinds: middle and 80 % interval; an assumption until own results replace it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// Middle.
    pub multiplier: f64,
    /// 10 % point.
    pub low: f64,
    /// 90 % point.
    pub high: f64,
}

/// One measure of the catalogue (治理措施).
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Stable id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Sort: sign, marking, barrier, signal, enforcement, patrol …; chooses the icon.
    pub sort: String,
    /// Kinds it addresses mainly: ids of problem kinds.
    pub main: Vec<String>,
    /// Kinds it helps beside.
    pub side: Vec<String>,
    /// Standards it follows.
    pub standards: Vec<String>,
    /// Unit of quantity: 套, 处, 100 m …
    pub unit: String,
    /// Yuan for one unit, low and high.
    pub unit_cost: [i64; 2],
    /// Yuan a year for one unit.
    pub annual_cost: i64,
    /// Service life in years.
    pub life_years: f64,
    /// Days from decision to finished works, low and high.
    pub lead_days: [u32; 2],
    /// Department that leads (and pays, unless said otherwise).
    pub lead: String,
    /// Departments that must join.
    pub partners: Vec<String>,
    /// What was published.
    pub published: Published,
    /// How good that is.
    pub evidence: Grade,
    /// Prior multiplier.
    pub prior: Prior,
    /// Units an ordinary site takes.
    pub typical_quantity: f64,
    /// Ids of measures that do not stand beside it.
    pub excludes: Vec<String>,
    /// Ids of measures it needs.
    pub requires: Vec<String>,
    /// Whether it can be taken away again.
    pub reversible: bool,
    /// Remark for planners.
    pub note: String,
    /// Where cost, life and lead time come from.
    pub source: FigureSource,
}

impl Measure {
    /// Days of settling where the kind of measure says nothing else, and for measures that no catalogue knows.
    pub const SETTLE_DAYS: i64 = 14;

    /// Yuan for one unit: middle of low and high, half a yuan up.
    #[must_use]
    pub const fn unit_cost_middle(&self) -> i64 {
        let [low, high] = self.unit_cost;
        low + (high - low + 1) / 2
    }

    /// Days between the end of works and the first day that counts, by sort of measure (effect reference, section 1): 0 for patrols,
    /// 7 for markings, 28 for what stays, else 14.
    #[must_use]
    pub fn settle_days(&self) -> i64 {
        match self.sort.as_str() {
            "patrol" => 0,
            "marking" => 7,
            _ if !self.reversible => 28,
            _ => Self::SETTLE_DAYS,
        }
    }

    /// How it addresses a kind: `Some(true)` mainly, `Some(false)` beside, `None` not.
    #[must_use]
    pub fn addresses(&self, kind: &str) -> Option<bool> {
        if self.main.iter().any(|k| k == kind) {
            return Some(true);
        }
        self.side.iter().any(|k| k == kind).then_some(false)
    }
}

/// All measures in table order.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    rows: Vec<Measure>,
}

impl Measures {
    /// Reads the table of measures and checks it against the kinds.
    ///
    /// # Errors
    /// [`CatalogueError`] with every wrong cell: row, column, value, cure.
    pub fn read(bytes: &[u8], kinds: &Kinds, source: FigureSource) -> Result<Self, CatalogueError> {
        let table = Table::read(FILE, bytes, COLUMNS)?;
        let mut rows: Vec<Measure> = Vec::new();
        let mut wrong = Vec::new();
        let known: Vec<&str> = table.rows().map(|cells| cells.text("id")).collect();
        for mut cells in table.rows() {
            let measure = measure(&mut cells, source);
            if rows.iter().any(|m| m.id == measure.id) {
                cells.blame("id", "stands twice; ids must differ", "编码重复");
            }
            check_names(&mut cells, &measure, kinds, &known);
            check_figures(&mut cells, &measure);
            rows.push(measure);
            wrong.append(&mut cells.wrong);
        }
        if wrong.is_empty() {
            Ok(Self { rows })
        } else {
            Err(CatalogueError::Rows {
                file: FILE,
                rows: wrong,
            })
        }
    }

    /// The measures in table order.
    #[must_use]
    pub fn all(&self) -> &[Measure] {
        &self.rows
    }

    /// Says of some measures where their figures come from.
    pub(super) fn mark(&mut self, ids: &[String], source: FigureSource) {
        for measure in self.rows.iter_mut().filter(|m| ids.contains(&m.id)) {
            measure.source = source;
        }
    }

    /// The measure of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Measure> {
        self.rows.iter().find(|m| m.id == id)
    }

    /// Measures that address a kind, mainly first, each group in table order.
    #[must_use]
    pub fn for_kind(&self, kind: &str) -> Vec<&Measure> {
        let mut found: Vec<&Measure> = self
            .rows
            .iter()
            .filter(|m| m.addresses(kind).is_some())
            .collect();
        found.sort_by_key(|m| m.addresses(kind) == Some(false));
        found
    }

    /// Whether two measures must not stand at one site; said by either of them.
    #[must_use]
    pub fn exclude_each_other(&self, a: &str, b: &str) -> bool {
        let says = |x: &str, y: &str| {
            self.get(x)
                .is_some_and(|m| m.excludes.iter().any(|e| e == y))
        };
        says(a, b) || says(b, a)
    }
}

fn measure(cells: &mut Cells<'_>, source: FigureSource) -> Measure {
    const GRADES: &[(&str, Grade)] = &[
        ("A", Grade::A),
        ("B", Grade::B),
        ("C", Grade::C),
        ("D", Grade::D),
    ];
    const STATUS: &[(&str, &str)] = &[("seen", "seen"), ("memory", "memory"), ("none", "none")];
    const YES: &[(&str, bool)] = &[("y", true), ("n", false)];
    const YUAN: [i64; 2] = [0, 1_000_000_000];
    const DAYS: [u32; 2] = [0, 3660];
    const FACTOR: [f64; 2] = [0.001, 20.0];
    Measure {
        id: cells.filled("id"),
        name_zh: cells.filled("name_zh"),
        name_en: cells.filled("name_en"),
        sort: cells.filled("kind"),
        main: cells.list("addresses_main"),
        side: cells.list("addresses_side"),
        standards: cells.list("standard"),
        unit: cells.filled("unit"),
        unit_cost: [
            cells.number("unit_cost_low_cny", YUAN),
            cells.number("unit_cost_high_cny", YUAN),
        ],
        annual_cost: cells.number("annual_cost_cny", YUAN),
        life_years: cells.number("service_life_years", [0.01, 100.0]),
        lead_days: [
            cells.number("lead_days_low", DAYS),
            cells.number("lead_days_high", DAYS),
        ],
        lead: cells.filled("lead_department"),
        partners: cells.list("partners"),
        published: Published {
            effect: cells.text("published_effect").to_owned(),
            outcome: cells.text("effect_outcome").to_owned(),
            source: cells.text("effect_source").to_owned(),
            status: cells
                .one_of("effect_status", STATUS)
                .unwrap_or("none")
                .to_owned(),
        },
        evidence: cells.one_of("evidence_grade", GRADES).unwrap_or(Grade::D),
        prior: Prior {
            multiplier: cells.number("prior_multiplier", FACTOR),
            low: cells.number("prior_low", FACTOR),
            high: cells.number("prior_high", FACTOR),
        },
        typical_quantity: cells.number("typical_quantity", [0.01, 10_000.0]),
        excludes: cells.list("excludes"),
        requires: cells.list("requires"),
        reversible: cells.one_of("reversible", YES).unwrap_or(true),
        note: cells.text("note").to_owned(),
        source,
    }
}

/// Names that point to other rows must point to something, and not contradict each other.
fn check_names(cells: &mut Cells<'_>, measure: &Measure, kinds: &Kinds, known: &[&str]) {
    if measure.main.is_empty() {
        cells.blame(
            "addresses_main",
            "must name at least one problem kind",
            "至少填一个问题类型编码",
        );
    }
    for (column, list) in [
        ("addresses_main", &measure.main),
        ("addresses_side", &measure.side),
    ] {
        for id in list.iter().filter(|id| kinds.get(id).is_none()) {
            cells.blame(
                column,
                format!("{id:?} is no problem kind; add it to problem_kinds.csv or take it out"),
                format!("“{id}”不是问题类型编码，请改正或去掉"),
            );
        }
    }
    for id in measure.side.iter().filter(|id| measure.main.contains(id)) {
        cells.blame(
            "addresses_side",
            format!("{id:?} is a main kind already"),
            format!("“{id}”已是主要问题，不要重复"),
        );
    }
    for (column, list) in [
        ("excludes", &measure.excludes),
        ("requires", &measure.requires),
    ] {
        for id in list {
            if *id == measure.id {
                cells.blame(column, "a measure cannot name itself", "不能写本措施自己");
            } else if !known.contains(&id.as_str()) {
                cells.blame(
                    column,
                    format!("{id:?} is no measure of this table"),
                    format!("目录中没有措施“{id}”"),
                );
            }
        }
    }
    for id in measure
        .requires
        .iter()
        .filter(|id| measure.excludes.contains(id))
    {
        cells.blame(
            "requires",
            format!("{id:?} is required and excluded at once"),
            format!("“{id}”不能同时为前置和互斥"),
        );
    }
}

/// Lows, middles and highs in order.
fn check_figures(cells: &mut Cells<'_>, measure: &Measure) {
    let Measure {
        unit_cost,
        lead_days,
        prior,
        ..
    } = measure;
    if unit_cost[0] > unit_cost[1] {
        cells.blame(
            "unit_cost_low_cny",
            format!("is above the high cost {}", unit_cost[1]),
            format!("高于最高单价 {}", unit_cost[1]),
        );
    }
    if lead_days[0] > lead_days[1] {
        cells.blame(
            "lead_days_low",
            format!("is above lead_days_high {}", lead_days[1]),
            format!("高于最长工期 {}", lead_days[1]),
        );
    }
    if prior.low > prior.multiplier || prior.multiplier > prior.high {
        cells.blame(
            "prior_multiplier",
            format!(
                "must lie between prior_low {} and prior_high {}",
                prior.low, prior.high
            ),
            format!("须在下限 {} 与上限 {} 之间", prior.low, prior.high),
        );
    }
}
