//! Who serves whom: posts, points, what a service costs and gains.

/// Posts, points and who serves whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Net {
    /// For each point: its posts with costs.
    pub(crate) arcs: Vec<Vec<(u32, i64)>>,
    /// For each post: its points with costs.
    pub(crate) serves: Vec<Vec<(u32, i64)>>,
    /// Gains of the first and second service; none for points that must be served once.
    pub(crate) gains: Vec<Option<[i64; 2]>>,
}

/// A place in a list as the short key that the arcs hold.
pub(crate) fn id(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Net {
    /// A net without points.
    pub(crate) fn new(posts: usize) -> Self {
        Self {
            serves: vec![Vec::new(); posts],
            ..Self::default()
        }
    }

    /// Number of posts.
    pub(crate) fn posts(&self) -> usize {
        self.serves.len()
    }

    /// Adds a point that is served if it pays.
    pub(crate) fn gain(&mut self, posts: impl Iterator<Item = usize>, gains: [i64; 2]) {
        self.add(posts.map(|p| (p, 0)), Some(gains));
    }

    /// Adds a point that must be served, at the cost of its nearest post.
    pub(crate) fn must(&mut self, posts: impl Iterator<Item = (usize, i64)>) {
        self.add(posts, None);
    }

    fn add(&mut self, posts: impl Iterator<Item = (usize, i64)>, gains: Option<[i64; 2]>) {
        let point = id(self.arcs.len());
        let arcs: Vec<(u32, i64)> = posts.map(|(p, c)| (id(p), c)).collect();
        for &(post, cost) in &arcs {
            self.serves[post as usize].push((point, cost));
        }
        self.arcs.push(arcs);
        self.gains.push(gains);
    }

    /// Points with their posts and gains.
    pub(crate) fn points(&self) -> impl Iterator<Item = (&[(u32, i64)], Option<&[i64; 2]>)> {
        self.arcs
            .iter()
            .map(Vec::as_slice)
            .zip(self.gains.iter().map(Option::as_ref))
    }

    /// Whether any service costs something.
    pub(crate) fn costs(&self) -> bool {
        self.arcs.iter().flatten().any(|a| a.1 != 0)
    }

    /// Value of a set of posts: gains less costs less one for each post; `None` when a point that must be served is not.
    pub(crate) fn value(&self, open: &[bool]) -> Option<i64> {
        let mut sum = -i64::try_from(open.iter().filter(|o| **o).count()).unwrap_or(i64::MAX);
        for (arcs, gains) in self.arcs.iter().zip(&self.gains) {
            let served = arcs.iter().filter(|a| open[a.0 as usize]);
            match gains {
                None => sum -= served.map(|a| a.1).min()?,
                Some(gains) => sum += gains.iter().take(served.count()).sum::<i64>(),
            }
        }
        Some(sum)
    }
}
