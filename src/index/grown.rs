//! How does a long vector grow by a few values without being copied whole?

use std::sync::Arc;

/// A vector whose beginning is shared with the versions before it; what came later is its own.
#[derive(Clone, Debug)]
pub(crate) struct Grown<T> {
    base: Arc<Vec<T>>,
    late: Vec<T>,
}

impl<T> Default for Grown<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Grown<T> {
    fn from(base: Vec<T>) -> Self {
        Self {
            base: Arc::new(base),
            late: Vec::new(),
        }
    }
}

impl<T: Copy> Grown<T> {
    pub(crate) fn len(&self) -> usize {
        self.base.len() + self.late.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<T> {
        let late = || self.late.get(at.checked_sub(self.base.len())?);
        self.base.get(at).or_else(late).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.base.iter().chain(&self.late).copied()
    }

    pub(crate) fn push(&mut self, value: T) {
        self.late.push(value);
    }

    /// Makes one piece of both when much came late, so that copies stay small and reads stay near. Cost: amortised O(1) a value.
    pub(crate) fn settle(&mut self) {
        if self.late.len() > 1024 + self.base.len() / 8 {
            *self = Self::from(self.iter().collect::<Vec<T>>());
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.len() * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::Grown;

    #[test]
    fn what_came_late_reads_as_what_was_there_and_leaves_the_older_version_alone() {
        let old: Grown<u32> = vec![5, 6].into();
        let mut new = old.clone();
        for value in 7..3000 {
            new.push(value);
            new.settle();
        }
        assert_eq!((old.len(), old.get(2)), (2, None));
        assert!(new.iter().eq(5..3000));
        assert!((0..new.len()).all(|at| new.get(at) == u32::try_from(at + 5).ok()));
        assert!(new.late.len() <= 1024 + new.base.len() / 8);
    }
}
