//! Which kind of problem does a ticket's text speak of?
//!
//! The kinds are data (`problem_kinds.csv`); the rule is planning reference, section 1: a kind whose exclude pattern matches is
//! skipped, of the others the longest match of a keyword pattern wins, ties go to the larger harm factor, then to the earlier row.

use std::error::Error as _;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input, MatchKind, PatternSet};

use crate::case::table::{CatalogueError, Cells, RowError, Table};

/// Name of the file in messages.
const FILE: &str = "problem_kinds.csv";

/// The columns of the file.
const COLUMNS: &[&str] = &[
    "id",
    "name_zh",
    "name_en",
    "category_l2",
    "geometry",
    "typical_hours",
    "harm_factor",
    "lead_department",
    "keywords_zh",
    "exclude_zh",
    "note",
];

/// Metres from a gate within which a ticket belongs to the surroundings of the school (GA/T 1215-2014).
pub const SCHOOL_M: f64 = 150.0;

/// Minutes around a bell within which a ticket belongs to the school.
pub const BELL_MIN: i32 = 40;

/// Where a kind of problem lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One spot.
    Point,
    /// A front: a gate, a row of shops.
    Frontage,
    /// A stretch of road.
    Segment,
}

impl Shape {
    /// Stable code, as in the file.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Frontage => "frontage",
            Self::Segment => "segment",
        }
    }
}

/// One kind of problem (问题类型).
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Stable id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Name of the category of the second level it belongs to.
    pub category: String,
    /// Where it lies.
    pub shape: Shape,
    /// Hours in which it is typical: am, noon, pm, night, weekend, all.
    pub hours: Vec<String>,
    /// How much a ticket of this kind weighs against an ordinary one (1.0).
    pub harm_factor: f64,
    /// Departments that lead, first one first.
    pub leads: Vec<String>,
    /// Regular expression of its words; no look-around.
    pub keywords: String,
    /// Regular expression of words that rule it out; empty = none.
    pub exclude: String,
    /// Remark for planners.
    pub note: String,
}

/// What is known of a ticket's place and hour against the nearest school.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SchoolHour {
    /// Metres to the nearest gate; `None` = no place or no gate known.
    pub gate_m: Option<f64>,
    /// Minutes to the nearest bell of that school on that day, without sign; `None` = no bell that day.
    pub bell_min: Option<i32>,
}

impl SchoolHour {
    /// Whether the ticket belongs to the school: within [`SCHOOL_M`] of a gate and [`BELL_MIN`] of a bell, both inclusive.
    #[must_use]
    pub fn belongs(self) -> bool {
        self.gate_m.is_some_and(|m| m <= SCHOOL_M)
            && self.bell_min.is_some_and(|m| m.abs() <= BELL_MIN)
    }
}

/// All kinds in table order, with their patterns ready.
pub struct Kinds {
    rows: Vec<Kind>,
    /// One pass over a text says which keyword patterns match at all.
    keywords: Regex,
    /// The same for the exclude patterns; `excluded[n]` is the kind of pattern n.
    excludes: Regex,
    excluded: Vec<usize>,
    /// Per kind: finds the longest match from a given start.
    longest: Vec<DFA>,
}

impl std::fmt::Debug for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kinds")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Kinds {
    /// Reads the table of kinds.
    ///
    /// # Errors
    /// [`CatalogueError`] with every wrong cell: row, column, value, cure.
    pub fn read(bytes: &[u8]) -> Result<Self, CatalogueError> {
        let table = Table::read(FILE, bytes, COLUMNS)?;
        let mut rows: Vec<Kind> = Vec::new();
        let mut longest = Vec::new();
        let mut wrong = Vec::new();
        for mut cells in table.rows() {
            let kind = kind(&mut cells);
            if rows.iter().any(|k| k.id == kind.id) {
                cells.blame("id", "stands twice; ids must differ", "编码重复");
            }
            match longest_matcher(&kind.keywords) {
                Ok(dfa) => longest.push(dfa),
                Err(why) => cells.blame("keywords_zh", why, "关键词写法有误"),
            }
            if !kind.exclude.is_empty()
                && let Err(why) = longest_matcher(&kind.exclude)
            {
                cells.blame("exclude_zh", why, "排除词写法有误");
            }
            rows.push(kind);
            wrong.append(&mut cells.wrong);
        }
        if !wrong.is_empty() {
            return Err(CatalogueError::Rows {
                file: FILE,
                rows: wrong,
            });
        }
        let keywords: Vec<&str> = rows.iter().map(|k| k.keywords.as_str()).collect();
        let excluded: Vec<usize> = (0..rows.len())
            .filter(|n| !rows[*n].exclude.is_empty())
            .collect();
        let excludes: Vec<&str> = excluded.iter().map(|n| rows[*n].exclude.as_str()).collect();
        Ok(Self {
            keywords: all_of(&keywords)?,
            excludes: all_of(&excludes)?,
            excluded,
            rows,
            longest,
        })
    }

    /// The kinds in table order.
    #[must_use]
    pub fn all(&self) -> &[Kind] {
        &self.rows
    }

    /// The kind of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Kind> {
        self.rows.iter().find(|k| k.id == id)
    }

    /// A reader for many texts: keeps its working memory between them.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            kinds: self,
            caches: self.longest.iter().map(DFA::create_cache).collect(),
            found: PatternSet::new(self.rows.len()),
            ruled_out: PatternSet::new(self.excluded.len()),
        }
    }

    /// The kind of one text; `None` = no kind's words occur. For many texts take [`Kinds::reader`].
    #[must_use]
    pub fn of_text(&self, text: &str) -> Option<&Kind> {
        self.reader().of_text(text)
    }

    /// The kind of a ticket: what a person set wins; else the text's kind, turned into the school's kind where the ticket
    /// belongs to a school by place and hour.
    #[must_use]
    pub fn of_ticket(&self, set: Option<&str>, text: &str, school: SchoolHour) -> Option<&Kind> {
        self.reader().of_ticket(set, text, school)
    }
}

/// Reads texts one after the other; about 2 µs a text without a word of any kind, 20 µs with.
pub struct Reader<'a> {
    kinds: &'a Kinds,
    caches: Vec<Cache>,
    found: PatternSet,
    ruled_out: PatternSet,
}

impl<'a> Reader<'a> {
    /// The kind of one text; `None` = no kind's words occur.
    #[must_use]
    pub fn of_text(&mut self, text: &str) -> Option<&'a Kind> {
        let kinds = self.kinds;
        self.found.clear();
        kinds
            .keywords
            .which_overlapping_matches(&Input::new(text), &mut self.found);
        if self.found.is_empty() {
            return None;
        }
        self.ruled_out.clear();
        kinds
            .excludes
            .which_overlapping_matches(&Input::new(text), &mut self.ruled_out);
        let out: Vec<usize> = self
            .ruled_out
            .iter()
            .filter_map(|p| kinds.excluded.get(p.as_usize()).copied())
            .collect();
        let mut best: Option<(usize, &Kind)> = None;
        for pattern in self.found.iter() {
            let n = pattern.as_usize();
            if out.contains(&n) {
                continue;
            }
            let length = longest(&kinds.longest[n], &mut self.caches[n], text);
            let kind = &kinds.rows[n];
            // Strictly better only: patterns come in table order, so an equal one that stands later loses.
            let better = best.is_none_or(|(l, k)| (length, kind.harm_factor) > (l, k.harm_factor));
            if better {
                best = Some((length, kind));
            }
        }
        best.map(|(_, kind)| kind)
    }

    /// The kind of a ticket, as [`Kinds::of_ticket`].
    #[must_use]
    pub fn of_ticket(
        &mut self,
        set: Option<&str>,
        text: &str,
        school: SchoolHour,
    ) -> Option<&'a Kind> {
        if let Some(kind) = set.and_then(|id| self.kinds.get(id)) {
            return Some(kind);
        }
        let kind = self.of_text(text)?;
        if !school.belongs() {
            return Some(kind);
        }
        let of_school = match kind.id.as_str() {
            "illegal_parking_roadside" => "school_gate_parking",
            "segment_congestion" | "junction_congestion" => "school_dropoff_jam",
            _ => return Some(kind),
        };
        Some(self.kinds.get(of_school).unwrap_or(kind))
    }
}

fn kind(cells: &mut Cells<'_>) -> Kind {
    const SHAPES: &[(&str, Shape)] = &[
        ("point", Shape::Point),
        ("frontage", Shape::Frontage),
        ("segment", Shape::Segment),
    ];
    Kind {
        id: cells.filled("id"),
        name_zh: cells.filled("name_zh"),
        name_en: cells.filled("name_en"),
        category: cells.filled("category_l2"),
        shape: cells.one_of("geometry", SHAPES).unwrap_or(Shape::Point),
        hours: cells.list("typical_hours"),
        harm_factor: cells.number("harm_factor", [0.01, 100.0]),
        leads: cells
            .text("lead_department")
            .split(['/', ';'])
            .map(|d| d.trim().to_owned())
            .collect(),
        keywords: cells.filled("keywords_zh"),
        exclude: cells.text("exclude_zh").to_owned(),
        note: cells.text("note").to_owned(),
    }
}

/// A machine that finds, from a fixed start, the longest of all matches (not the first alternative that fits).
fn longest_matcher(pattern: &str) -> Result<DFA, String> {
    let config = DFA::config().match_kind(MatchKind::All);
    DFA::builder()
        .configure(config)
        .build(pattern)
        .map_err(|e| {
            let why = e
                .source()
                .map_or_else(|| e.to_string(), ToString::to_string);
            format!("must be a regular expression without look-around and word boundary: {why}")
        })
}

fn all_of(patterns: &[&str]) -> Result<Regex, CatalogueError> {
    let config = Regex::config().match_kind(MatchKind::All);
    Regex::builder()
        .configure(config)
        .build_many(patterns)
        .map_err(|e| CatalogueError::Rows {
            file: FILE,
            rows: vec![RowError {
                row: 1,
                column: "keywords_zh".to_owned(),
                value: String::new(),
                cure: format!("the patterns together are too large: {e}"),
                cure_zh: "关键词合计过长".to_owned(),
            }],
        })
}

/// Characters of the longest match anywhere in the text.
fn longest(dfa: &DFA, cache: &mut Cache, text: &str) -> usize {
    let mut best = 0;
    for (start, _) in text.char_indices() {
        let input = Input::new(text)
            .span(start..text.len())
            .anchored(Anchored::Yes);
        if let Ok(Some(end)) = dfa.try_search_fwd(cache, &input) {
            let matched = text.get(start..end.offset()).unwrap_or("");
            best = best.max(matched.chars().count());
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{Kinds, SchoolHour};

    const HEAD: &str = "id,name_zh,name_en,category_l2,geometry,typical_hours,harm_factor,lead_department,keywords_zh,exclude_zh,note\n";

    fn kinds(rows: &str) -> Kinds {
        Kinds::read(format!("{HEAD}{rows}").as_bytes()).unwrap()
    }

    fn check(rows: &str, text: &str, expected: Option<&str>) {
        let kinds = kinds(rows);
        assert_eq!(
            kinds.of_text(text).map(|k| k.id.as_str()),
            expected,
            "{text}"
        );
    }

    #[test]
    fn the_longest_match_wins_whatever_the_order_of_the_alternatives() {
        check(
            "a,甲,a,违停,point,all,1,交警,乱停|乱停车,,\nb,乙,b,违停,point,all,1,交警,没人管,,",
            "乱停车没人管",
            Some("a"),
        );
        check(
            "a,甲,a,违停,point,all,1,交警,乱停,,\nb,乙,b,违停,point,all,1,交警,没人管,,",
            "乱停没人管",
            Some("b"),
        );
    }

    #[test]
    fn ties_go_to_the_larger_harm_factor_then_to_the_earlier_row() {
        check(
            "a,甲,a,违停,point,all,1,交警,乱停,,\nb,乙,b,违停,point,all,2,交警,堵车,,",
            "乱停堵车",
            Some("b"),
        );
        check(
            "a,甲,a,违停,point,all,1,交警,乱停,,\nb,乙,b,违停,point,all,1,交警,堵车,,",
            "堵车乱停",
            Some("a"),
        );
    }

    #[test]
    fn an_excluded_kind_is_skipped_and_no_match_is_none() {
        check("a,甲,a,拥堵,point,all,1,交警,堵车,学校,", "学校堵车", None);
        check("a,甲,a,拥堵,point,all,1,交警,堵车,学校,", "感谢交警", None);
    }

    #[test]
    fn at_a_gate_around_the_bell_parking_and_jams_become_the_schools_kind_and_a_person_wins() {
        let rows = "illegal_parking_roadside,违停,p,违停,segment,all,1,交警,违停,,\nschool_gate_parking,校门违停,g,校园周边,frontage,am,1.5,交警,校门违停,,";
        let kinds = kinds(rows);
        let of = |set, gate, bell| {
            let school = SchoolHour {
                gate_m: Some(gate),
                bell_min: Some(bell),
            };
            kinds
                .of_ticket(set, "路边违停", school)
                .map(|k| k.id.clone())
        };
        assert_eq!(of(None, 150.0, 40).as_deref(), Some("school_gate_parking"));
        assert_eq!(
            of(None, 150.1, 40).as_deref(),
            Some("illegal_parking_roadside")
        );
        assert_eq!(
            of(None, 10.0, 41).as_deref(),
            Some("illegal_parking_roadside")
        );
        assert_eq!(
            of(Some("illegal_parking_roadside"), 10.0, 0).as_deref(),
            Some("illegal_parking_roadside")
        );
    }

    #[test]
    fn a_wrong_row_is_named_with_column_value_and_cure() {
        let text = format!("{HEAD}a,甲,a,违停,area,all,0,交警,(,,\na,,b,违停,point,all,1,交警,x,,");
        let error = Kinds::read(text.as_bytes()).unwrap_err().to_string();
        for part in [
            "row 2, geometry \"area\"",
            "row 2, harm_factor \"0\"",
            "row 2, keywords_zh \"(\"",
            "row 3, name_zh \"\"",
            "row 3, id \"a\": stands twice",
        ] {
            assert!(error.contains(part), "{part} not in {error}");
        }
    }
}
