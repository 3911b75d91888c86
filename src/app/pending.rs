//! What was committed, or is about to be, and is not yet in the picture that readers see?
//!
//! A version of the data has one picture only: clients pass over a version they hold already and keep its tiles for ever. A deed
//! therefore says what it touches before it commits, and keeps saying so until it was shown; whoever refreshes in between reads a
//! version that holds the deed and takes it along.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ticket::TicketId;

/// What a deed touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// Tickets that are new, changed or gone.
    pub(super) tickets: BTreeSet<TicketId>,
    /// The sites were formed anew.
    pub(super) sites: bool,
    /// So much that everything is read anew.
    pub(super) everything: bool,
}

impl Touched {
    /// Tickets that are new, changed or gone.
    pub(super) fn tickets<'a>(ids: impl IntoIterator<Item = &'a TicketId>) -> Self {
        Self {
            tickets: ids.into_iter().copied().collect(),
            ..Self::default()
        }
    }

    /// The sites.
    pub(super) fn sites() -> Self {
        Self {
            sites: true,
            ..Self::default()
        }
    }

    /// Everything.
    pub(super) fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }
}

/// The deeds that are not yet shown, and whether another process did some, which nobody here announced.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<(u64, BTreeMap<u64, Touched>)>, AtomicBool);

impl Pending {
    fn held(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Touched>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what a deed touches; call it before the commit.
    pub(super) fn announce(&self, what: Touched) -> Announced<'_> {
        let mut held = self.held();
        held.0 += 1;
        let key = held.0;
        held.1.insert(key, what);
        Announced { pending: self, key }
    }

    /// Says that another process changed the data: the next refresh reads everything.
    pub(super) fn stranger(&self) {
        self.1.store(true, Ordering::SeqCst);
    }

    /// Whether another process changed the data since everything was read.
    pub(super) fn is_stranger(&self) -> bool {
        self.1.load(Ordering::SeqCst)
    }

    /// The same, taken off the list: everything is read, so that what comes later is said again.
    pub(super) fn take_stranger(&self) -> bool {
        self.1.swap(false, Ordering::SeqCst)
    }

    /// What all of them touch together.
    pub(super) fn all(&self) -> Touched {
        let mut all = Touched::default();
        for one in self.held().1.values() {
            all.tickets.extend(&one.tickets);
            all.sites |= one.sites;
            all.everything |= one.everything;
        }
        all
    }
}

/// A deed that said what it touches; over when dropped.
pub(super) struct Announced<'a> {
    pending: &'a Pending,
    key: u64,
}

impl Announced<'_> {
    /// Leaves the deed on the list although its refresh failed: the next refresh shows it.
    pub(super) fn stays(self) {
        std::mem::forget(self);
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        self.pending.held().1.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use super::Touched;
    use crate::app::{App, Options, Policy, Upload, Who};
    use crate::store::{Tx, ticket};
    use crate::ticket::{State, TicketId};

    const TICKETS: &str = "工单编号,诉求内容,受理时间\nA1,违停,2024-03-01 08:00:00\nA2,违停,2024-03-01 09:00:00\nA3,违停,2024-03-01 10:00:00\n";

    async fn opened(folder: &std::path::Path) -> Arc<App> {
        let app = App::open(Options::new(folder)).await.unwrap();
        let who = Who::system("test");
        let upload = Upload {
            file_name: "a.csv".to_owned(),
            ..Upload::default()
        };
        let file = Box::new(Cursor::new(TICKETS.as_bytes().to_vec()));
        let staged = app.stage(&who, upload, file).await.unwrap();
        app.wait(staged.job).await.unwrap();
        let job = app.commit_import(&who, staged.id, Policy::GoodRows);
        app.wait(job.await.unwrap()).await.unwrap();
        app
    }

    /// A deed that is written but not committed: the ticket is archived.
    async fn archived(app: &App, id: i64) -> Tx {
        let mut tx = app.store.write().await.unwrap();
        let held = ticket::by_id(&mut tx, TicketId(id)).await.unwrap().unwrap();
        let mut changed = held.ticket.clone();
        changed.state = State::Archived;
        let new = ticket::New {
            id: TicketId(id),
            hash: held.hash,
            ticket: &changed,
        };
        ticket::update(&mut tx, held.touched, new).await.unwrap();
        app.bump(&mut tx).await.unwrap();
        tx
    }

    fn picture(app: &App) -> (u64, Vec<State>) {
        let snapshot = app.snapshot();
        let state = |id| {
            let row = snapshot.index.row_of(TicketId(id)).unwrap();
            snapshot.index.state(row)
        };
        (snapshot.version, [1, 2, 3].map(state).to_vec())
    }

    #[tokio::test]
    async fn a_version_has_one_picture_however_deeds_and_refreshes_interleave() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(folder.path()).await;
        let (before, open) = picture(&app);
        assert!(open.iter().all(|s| *s == State::Intake));
        // A says what it touches and commits; before it refreshes, B commits and refreshes.
        let a = app.pending.announce(Touched::tickets(&[TicketId(1)]));
        archived(&app, 1).await.commit().await.unwrap();
        let tx = archived(&app, 2).await;
        app.publish(tx, Touched::tickets(&[TicketId(2)]))
            .await
            .unwrap();
        let held = picture(&app);
        assert_eq!(held.0, before + 2);
        assert_eq!(
            held.1,
            [State::Archived, State::Archived, State::Intake],
            "the version of B holds what A did"
        );
        // A's own refresh finds its version shown.
        app.refresh().await.unwrap();
        drop(a);
        assert_eq!(picture(&app), held);
        // A deed that changed the sites or everything is taken along too, and a refresh before a commit shows nothing of it.
        let sites = app.pending.announce(Touched::sites());
        let all = app.pending.announce(Touched::everything());
        app.refresh().await.unwrap();
        assert_eq!(picture(&app), held);
        let tx = archived(&app, 3).await;
        app.publish(tx, Touched::default()).await.unwrap();
        assert_eq!(picture(&app).1, [State::Archived; 3]);
        drop((sites, all));
        assert_eq!(app.pending.all(), Touched::default());
    }

    #[tokio::test]
    async fn what_another_process_did_is_shown_with_the_next_deed_and_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(folder.path()).await;
        let other = App::open(Options::new(folder.path())).await.unwrap();
        // The other archives a ticket; a deed here that touches another one takes it along.
        let tx = archived(&other, 1).await;
        other
            .publish(tx, Touched::tickets(&[TicketId(1)]))
            .await
            .unwrap();
        assert_eq!(picture(&app).1, [State::Intake; 3], "nobody looked yet");
        let tx = archived(&app, 2).await;
        app.publish(tx, Touched::tickets(&[TicketId(2)]))
            .await
            .unwrap();
        let held = picture(&app);
        assert_eq!(held.1, [State::Archived, State::Archived, State::Intake]);
        // And the other sees what was done here as soon as it looks.
        other.refresh().await.unwrap();
        assert_eq!(picture(&other), held);
        let tx = archived(&other, 3).await;
        other
            .publish(tx, Touched::tickets(&[TicketId(3)]))
            .await
            .unwrap();
        app.refresh().await.unwrap();
        assert_eq!(picture(&app), picture(&other));
        assert_eq!(picture(&app).1, [State::Archived; 3]);
        assert!(!app.pending.is_stranger() && !other.pending.is_stranger());
    }

    #[tokio::test]
    async fn a_deed_whose_refresh_failed_stays_on_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(folder.path()).await;
        let said = app.pending.announce(Touched::tickets(&[TicketId(1)]));
        archived(&app, 1).await.commit().await.unwrap();
        said.stays();
        let tx = archived(&app, 2).await;
        app.publish(tx, Touched::tickets(&[TicketId(2)]))
            .await
            .unwrap();
        assert_eq!(
            picture(&app).1,
            [State::Archived, State::Archived, State::Intake]
        );
    }
}
