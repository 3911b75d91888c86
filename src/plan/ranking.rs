//! Which alternative of a site would the incremental benefit–cost ranking take (Highway Safety Manual style)?

/// One alternative: benefit and cost in the same unit of money.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// What it costs, not negative.
    pub cost: f64,
    /// What it brings.
    pub benefit: f64,
}

/// One comparison of a challenger with the alternative kept so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Kept so far; none at the start.
    pub kept: Option<String>,
    /// The challenger.
    pub challenger: String,
    /// Additional benefit for each additional yuan; none when both cost the same.
    pub ratio: Option<f64>,
    /// Whether the challenger was taken.
    pub taken: bool,
}

/// Compares alternatives whose own ratio is at least 1 by rising cost (the more beneficial first at equal cost); the
/// challenger wins when each additional yuan brings at least one yuan, at equal cost when it brings more.
#[must_use]
pub fn incremental(options: &[Alternative]) -> (Option<usize>, Vec<Step>) {
    let mut order: Vec<usize> = (0..options.len())
        .filter(|&i| options[i].benefit >= options[i].cost && options[i].benefit > 0.0)
        .collect();
    order.sort_by(|&a, &b| {
        let (x, y) = (&options[a], &options[b]);
        x.cost
            .total_cmp(&y.cost)
            .then(y.benefit.total_cmp(&x.benefit))
            .then(a.cmp(&b))
    });
    let mut kept: Option<usize> = None;
    let mut steps = Vec::new();
    for at in order {
        let (cost, benefit) = kept.map_or((0.0, 0.0), |k| (options[k].cost, options[k].benefit));
        let (more, gain) = (options[at].cost - cost, options[at].benefit - benefit);
        let ratio = (more > 0.0).then(|| gain / more);
        let taken = ratio.map_or(gain > 0.0, |r| r >= 1.0);
        steps.push(Step {
            kept: kept.map(|k| options[k].name.clone()),
            challenger: options[at].name.clone(),
            ratio,
            taken,
        });
        if taken {
            kept = Some(at);
        }
    }
    (kept, steps)
}
