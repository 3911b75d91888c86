//! What of the last few questions is still at hand? Made once however many ask at the same time.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What was made of a question, by whoever asked first.
type Answer<T> = Arc<OnceLock<Arc<T>>>;

/// Version of the data, words of the question, and its answer.
type Slot<T> = (u64, String, Answer<T>);

/// A small memory of what the tiles of one view share.
pub(super) struct Kept<T> {
    list: Mutex<Vec<Slot<T>>>,
    room: usize,
}

impl<T> Kept<T> {
    /// An empty memory of `room` questions.
    pub(super) const fn new(room: usize) -> Self {
        Self {
            list: Mutex::new(Vec::new()),
            room,
        }
    }

    /// What belongs to a question over a version of the data. Whoever asks while it is being made waits for it; must not be called
    /// on a thread of the network.
    pub(super) fn get(&self, version: u64, words: &str, make: impl FnOnce() -> T) -> Arc<T> {
        self.follow(version, words, |_| make())
    }

    /// The same, made from what belonged to the question over an older version of the data where that is still held.
    pub(super) fn follow(
        &self,
        version: u64,
        words: &str,
        make: impl FnOnce(Option<(u64, Arc<T>)>) -> T,
    ) -> Arc<T> {
        let (slot, older) = self.slot(version, words);
        Arc::clone(slot.get_or_init(|| Arc::new(make(older))))
    }

    fn slot(&self, version: u64, words: &str) -> (Answer<T>, Option<(u64, Arc<T>)>) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let known = list
            .iter()
            .position(|(v, w, _)| *v == version && w == words);
        let found = match known {
            Some(at) => list.remove(at),
            None => (version, words.to_owned(), Arc::default()),
        };
        let held = |(v, w, slot): &Slot<T>| {
            let older = *v < version && w == words;
            older.then(|| Some((*v, Arc::clone(slot.get()?)))).flatten()
        };
        let older = list.iter().filter_map(held).max_by_key(|(v, _)| *v);
        list.retain(|(v, w, _)| *v >= version || w != words);
        if list.len() >= self.room {
            list.remove(0);
        }
        let slot = Arc::clone(&found.2);
        list.push(found);
        (slot, older)
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn however_many_ask_at_once_it_is_made_once() {
        let kept: Kept<u32> = Kept::new(2);
        let made = AtomicU32::new(0);
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    start.wait();
                    kept.get(1, "a", || {
                        // The others ask while this one is still at it.
                        std::thread::yield_now();
                        made.fetch_add(1, Ordering::Relaxed) + 7
                    })
                });
            }
        });
        assert_eq!(made.load(Ordering::Relaxed), 1);
        assert_eq!(*kept.get(1, "a", || 0), 7);
    }

    #[test]
    fn the_question_unasked_longest_and_older_data_make_room() {
        let kept: Kept<u32> = Kept::new(2);
        kept.get(1, "a", || 1);
        kept.get(1, "b", || 2);
        kept.get(1, "a", || 0);
        kept.get(1, "c", || 3);
        assert_eq!(*kept.get(1, "a", || 0), 1);
        assert_eq!(*kept.get(1, "b", || 9), 9);
        assert_eq!(*kept.get(2, "a", || 5), 5);
        assert_eq!(*kept.get(2, "a", || 6), 5);
    }

    #[test]
    fn the_answer_over_older_data_helps_to_make_the_new_one_and_goes() {
        let kept: Kept<u32> = Kept::new(3);
        kept.get(1, "a", || 1);
        kept.get(1, "b", || 2);
        let more = |older: Option<(u64, std::sync::Arc<u32>)>| {
            older.map_or(0, |(v, n)| *n * 10 + u32::try_from(v).unwrap())
        };
        assert_eq!(*kept.follow(4, "a", more), 11);
        assert_eq!(*kept.follow(5, "a", more), 114);
        // Who still asks over older data is answered and spoils nothing.
        assert_eq!(*kept.follow(1, "a", more), 0);
        assert_eq!(*kept.follow(5, "a", more), 114);
        assert_eq!(*kept.follow(2, "c", more), 0);
    }
}
