//! Where is this ticket: fields read one by one, combined, checked against the pair, scored?

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::place::alias::{Alias, learned};
use crate::place::calibrate::confidence;
use crate::place::candidate::Buffers;
use crate::place::combine::{Field, Side, best, combine};
use crate::place::gazetteer::Gazetteer;
use crate::place::located::{Alternative, Evidence, Located, Precision, Shape, Source};
use crate::place::normalise::Normal;
use crate::place::pair_audit::PairVerdicts;
use crate::place::parser::{Hints, read_field};
use crate::place::reading::{Ground, Reading};
use crate::place::surfaces::Surfaces;
use crate::ticket::GivenPair;

/// What a ticket says about where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// Title.
    pub title: &'a str,
    /// Content.
    pub content: &'a str,
    /// Place column.
    pub place_text: &'a str,
    /// District of the row.
    pub district: Option<&'a str>,
    /// Town or street office of the row.
    pub town: Option<&'a str>,
    /// Category tree, top to leaf.
    pub category: &'a [String],
    /// Coordinates as written.
    pub pair: Option<&'a GivenPair>,
}

/// What may be set for locating.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Names are also matched by sound and with one slip. Default true.
    pub slips: bool,
    /// Below this probability a place is not on the map but in the queue. Default 0.5 (locating reference 8).
    pub min_confidence: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            slips: true,
            min_confidence: 0.5,
        }
    }
}

/// Reads tickets against one gazetteer. Shared between threads; a read costs about 20–40 µs on the demo city.
#[derive(Debug)]
pub struct Locator<'g> {
    pub(crate) g: &'g Gazetteer,
    pub(crate) options: Options,
    /// Learned surfaces by district; those of every district under the empty name.
    pub(crate) learned: BTreeMap<String, Surfaces>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers::default());
}

/// Below this score the words do not support a place at all (a name heard wrongly, two roads that never meet).
const MIN_EVIDENCE: f64 = 0.1;

/// Flag of an area whose text also names a place that the map does not know.
pub(crate) const NAMES_UNKNOWN: &str = "names_unknown";

impl<'g> Locator<'g> {
    /// A reader over a gazetteer with learned aliases.
    #[must_use]
    pub fn new(g: &'g Gazetteer, aliases: &[Alias], options: Options) -> Self {
        Self {
            g,
            options,
            learned: learned(g, aliases),
        }
    }

    /// The gazetteer.
    #[must_use]
    pub const fn gazetteer(&self) -> &'g Gazetteer {
        self.g
    }

    /// All places the ticket speaks of, best first; never empty: a ticket without a place gives one result of class `none`.
    ///
    /// Words and pair of this ticket alone; for a batch see [`Self::locate_with`].
    #[must_use]
    pub fn locate(&self, query: &Query<'_>) -> Vec<Located> {
        self.locate_with(query, &PairVerdicts::default(), "")
    }

    /// As [`Self::locate`], with what the whole batch taught about its pairs and the name of the import source.
    #[must_use]
    pub fn locate_with(
        &self,
        query: &Query<'_>,
        verdicts: &PairVerdicts,
        source: &str,
    ) -> Vec<Located> {
        self.apply_pair(query, self.locate_text(query), verdicts, source)
    }

    /// What the words alone say: first pass over a batch, before [`crate::place::PairAudit::finish`].
    #[must_use]
    pub fn locate_text(&self, query: &Query<'_>) -> Vec<Located> {
        let fields = BUFFERS.with(|b| {
            let mut buffers = b.borrow_mut();
            self.read(query, &mut buffers)
        });
        let mut readings = combine(&fields);
        readings.retain(|r| r.1.z >= MIN_EVIDENCE);
        let mut out: Vec<Located> = readings
            .iter()
            .map(|(field, reading)| self.located(&fields[*field], reading))
            .collect();
        if out.is_empty() {
            out.push(nothing(&fields));
        } else if out[0].precision == Precision::Area
            && fields.iter().any(|f| f.reading.unknown.is_some())
        {
            out[0].flags.push(NAMES_UNKNOWN.to_owned());
        }
        out
    }

    /// Reads the fields; slips are looked for only where the exact names do not make a whole form.
    fn read(&self, query: &Query<'_>, buffers: &mut Buffers) -> Vec<Field> {
        let learned = query
            .district
            .and_then(|d| self.learned.get(d))
            .or_else(|| self.learned.get(""));
        let hints = Hints {
            town: query.town,
            learned,
        };
        let texts = [
            (Source::Content, query.content),
            (Source::PlaceColumn, query.place_text),
            (Source::Title, query.title),
        ];
        let mut fields: Vec<Field> = texts
            .iter()
            .map(|(source, text)| {
                let text = Normal::new(text);
                let reading = read_field(self.g, &text, buffers, false, hints);
                Field {
                    source: *source,
                    text,
                    reading,
                }
            })
            .collect();
        if self.options.slips && best(&fields).is_none_or(|b| !whole(b)) {
            for field in &mut fields {
                if !field.text.chars().is_empty() {
                    field.reading = read_field(self.g, &field.text, buffers, true, hints);
                }
            }
        }
        fields
    }

    fn located(&self, field: &Field, reading: &Side) -> Located {
        let r = &reading.reading;
        let plane = self.g.plane();
        let alternatives: Vec<Alternative> = r
            .others
            .iter()
            .map(|o| Alternative {
                point: plane.to_lonlat(o.point),
                precision: r.precision,
                radius_m: r.radius_m,
                confidence: confidence(r.form, reading.z + o.z, r.ambiguity.max(0.7)),
                label: o.label.clone(),
                features: o.features.clone(),
            })
            .collect();
        let span = |s: (usize, usize)| field.text.original(s.0, s.1);
        Located {
            point: Some(plane.to_lonlat(r.point)),
            shape: self.shape(r),
            precision: r.precision,
            radius_m: r.radius_m,
            features: r.features.clone(),
            label: r.label.clone(),
            form: r.form.to_owned(),
            confidence: confidence(r.form, reading.z, r.ambiguity),
            source: field.source,
            alternatives,
            movement: r
                .movement
                .map(|m| field.text.chars()[m.0..m.1].iter().collect()),
            evidence: r
                .parts
                .iter()
                .map(|(s, e, role)| {
                    let (start, end) = span((*s, *e));
                    Evidence {
                        source: field.source,
                        start,
                        end,
                        role: role.clone(),
                    }
                })
                .collect(),
            flags: r.flags.iter().map(|f| (*f).to_owned()).collect(),
        }
    }

    fn shape(&self, r: &Reading) -> Shape {
        let plane = self.g.plane();
        let lines = |parts: &[Vec<crate::spatial::Xy>]| Shape::Line {
            parts: parts
                .iter()
                .map(|l| l.iter().map(|p| plane.to_lonlat(*p)).collect())
                .collect(),
        };
        match &r.ground {
            Ground::Point => Shape::Point,
            Ground::Line(parts) => lines(parts),
            // The whole road is in the gazetteer under its name; it is not copied into every ticket.
            Ground::Road => lines(&[]),
            Ground::Area(id) => Shape::Area { id: id.clone() },
        }
    }
}

/// Whether a reading is so complete that no slip needs to be looked for.
fn whole(r: &Reading) -> bool {
    match r.precision {
        Precision::Point | Precision::Address | Precision::Intersection | Precision::Segment => {
            r.z > 1.8
        }
        Precision::Poi => r.z > 1.7,
        _ => false,
    }
}

fn nothing(fields: &[Field]) -> Located {
    let evidence: Vec<Evidence> = fields
        .iter()
        .filter_map(|f| {
            let (start, end) = f.reading.unknown.map(|u| f.text.original(u.0, u.1))?;
            Some(Evidence {
                source: f.source,
                start,
                end,
                role: "unknown".to_owned(),
            })
        })
        .collect();
    let unknown = !evidence.is_empty();
    Located {
        point: None,
        shape: Shape::Point,
        precision: Precision::None,
        radius_m: 0.0,
        features: Vec::new(),
        label: String::new(),
        form: if unknown { "unknown_place" } else { "none" }.to_owned(),
        confidence: 0.0,
        source: Source::Content,
        alternatives: Vec::new(),
        movement: None,
        evidence,
        flags: if unknown {
            vec!["unknown_place".to_owned()]
        } else {
            Vec::new()
        },
    }
}
