//! What may be promised of a measure that is only planned at a site: tickets avoided in a year, with an interval?

use serde::Serialize;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::error::{Error, Result};
use crate::case::Measure;
use crate::effect::benefit::{Evidence, promise};
use crate::effect::forecast::Forecast;
use crate::effect::{Prepared, Span};
use crate::ticket::permit::Right;

/// Sites of one type differ by a fifth (effect reference, 6.2).
const TAU2: f64 = 0.04;

/// Half the width of an 80 % interval in standard deviations.
const Z_90: f64 = 1.281_552;

/// A planned benefit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Benefit {
    /// Measure.
    pub measure: String,
    /// Tickets expected in the next 365 days without it, at the site's usual level.
    pub expected: f64,
    /// Tickets avoided in a year.
    pub avoided: f64,
    /// Lower end of the 80 % interval; may be below zero.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Chance of doing harm.
    pub p_harm: f64,
    /// Yuan in the first year for the typical quantity.
    pub cost: i64,
    /// Where the cost comes from.
    pub cost_source: &'static str,
    /// Yuan per avoided ticket over the life of the measure; `None` where nothing is avoided.
    pub cost_per_avoided: Option<f64>,
    /// Sources: local, published.
    pub evidence: Vec<String>,
    /// Grade of the published evidence.
    pub grade: &'static str,
}

/// What is expected at a site and what its measures would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Benefits {
    /// Whether there is anything to reckon with; the reason if not.
    pub refused: Option<String>,
    /// Measures asked for, best per yuan first.
    pub benefits: Vec<Benefit>,
}

impl App {
    /// The planned benefits of measures at a site (effect reference, 6.4): never from its raw count.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown site, [`Error::Invalid`] for an unknown measure.
    pub async fn benefits(&self, who: &Who, site: i64, measures: &[String]) -> Result<Benefits> {
        reads(who)?;
        who.may(Right::Sites)?;
        self.snapshot().sites.get(site).ok_or(Error::NotFound)?;
        let catalogue = self.catalogue();
        if let Some(unknown) = measures
            .iter()
            .find(|m| catalogue.measures.get(m).is_none())
        {
            return Err(Error::invalid(
                "measure",
                format!("目录中没有措施 {unknown} (no such measure)"),
            ));
        }
        let refused = |why: &str| Benefits {
            refused: Some(why.to_owned()),
            ..Benefits::default()
        };
        let Some(prepared) = self.prepared_now().await? else {
            return Ok(refused(
                "没有工单，无法预测 (no tickets, nothing to forecast)",
            ));
        };
        let Some(expected) = expected(&prepared, site) else {
            return Ok(refused(
                "参照点位不足，无法预测该点位的通常水平 (too small a reference to forecast the site's usual level)",
            ));
        };
        let summary = self.effect_summary(who).await?.unwrap_or_default();
        let league = summary["league"].as_array().cloned().unwrap_or_default();
        let mut benefits: Vec<Benefit> = measures
            .iter()
            .filter_map(|id| catalogue.measures.get(id))
            .filter_map(|m| {
                benefit(
                    m,
                    expected,
                    league.iter().find(|l| l["measure"] == m.id.as_str()),
                )
            })
            .collect();
        benefits.sort_by(|a, b| {
            let per = |b: &Benefit| b.cost_per_avoided.unwrap_or(f64::INFINITY);
            per(a)
                .total_cmp(&per(b))
                .then_with(|| a.measure.cmp(&b.measure))
        });
        Ok(Benefits {
            refused: None,
            benefits,
        })
    }
}

/// `u` of the site times the forecast of the calendar curve over the next 365 days.
fn expected(prepared: &Prepared, site: i64) -> Option<f64> {
    let id = site.to_string();
    let at = prepared.panel.sites.iter().position(|s| s.id == id)?;
    let reference = prepared
        .references
        .get(&prepared.panel.sites[at].category)?;
    let place = reference.sites.iter().position(|s| *s == at);
    let u = place.and_then(|p| reference.u.get(p)).copied()?;
    let forecast = Forecast::new(&prepared.panel, &reference.curve);
    let days = prepared.panel.days;
    Some(u * forecast.gamma(Span::new(days, days + 365))).filter(|e| e.is_finite())
}

fn benefit(measure: &Measure, expected: f64, local: Option<&serde_json::Value>) -> Option<Benefit> {
    let prior = measure.prior;
    let spread = (prior.high.ln() - prior.low.ln()) / (2.0 * Z_90);
    let crashes = measure.published.outcome.contains("crash");
    let mut sources = vec![Evidence {
        log_theta: prior.multiplier.ln(),
        variance: (spread * spread).max(1e-6),
        discount: Evidence::published_discount(measure.evidence.stars(), crashes),
    }];
    let mut evidence = vec!["published".to_owned()];
    let number = |key: &str| local.and_then(|l| l["pooled"][key].as_f64());
    if let (Some(theta), Some(se)) = (number("theta"), number("se"))
        && theta > 0.0
        && se > 0.0
        && local.is_some_and(|l| l["listed"] == true)
    {
        sources.push(Evidence {
            log_theta: theta.ln(),
            variance: (se / theta).powi(2),
            discount: 1.0,
        });
        evidence.push("local".to_owned());
    }
    let made = promise(expected, &sources, TAU2)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "unit costs are below 1e9 yuan, quantities below 1e4"
    )]
    let once = (measure.unit_cost_middle() as f64 * measure.typical_quantity).round() as i64;
    let yearly = measure.annual_cost as f64 * measure.typical_quantity;
    let a_year = once as f64 / measure.life_years + yearly;
    Some(Benefit {
        measure: measure.id.clone(),
        expected,
        avoided: made.avoided,
        lo: made.lo,
        hi: made.hi,
        p_harm: 1.0 - made.p_reduces,
        cost: once,
        cost_source: measure.source.code(),
        cost_per_avoided: (made.avoided > 0.0).then(|| a_year / made.avoided),
        evidence,
        grade: measure.evidence.letter(),
    })
}
