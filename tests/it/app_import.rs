//! What does an import change, and what can be taken back?

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use zhilu::app::{App, Counts, Error, ImportView, Options, Policy, Upload, Who};

use crate::store_support::{Ground, grounds};

const HEAD: &str = "工单编号,受理时间,标题,内容,地点,诉求人,联系电话,承办单位,办理状态\n";

/// A file of simulated rows `from..to`; `state` fills the state column.
pub(crate) fn file(from: usize, to: usize, state: &str) -> String {
    let mut text = HEAD.to_owned();
    for n in from..to {
        text.push_str(&format!(
            "SIM{n:05},2025-03-{:02} 08:{:02}:00,学校门口乱停车,文治路与鼎城街交叉口早高峰车辆乱停，反映人电话1541003{n:04},文治路与鼎城街交叉口,张模拟,1541000{n:04},一中队,{state}\n",
            1 + n % 28,
            n % 60
        ));
    }
    text
}

pub(crate) fn upload(name: &str) -> Upload {
    Upload {
        file_name: name.into(),
        source: Some("test".into()),
        ..Upload::default()
    }
}

pub(crate) async fn stage(app: &Arc<App>, text: &str) -> i64 {
    let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let staged = app
        .stage(&Who::system("test"), upload("simulated.csv"), input)
        .await
        .unwrap();
    app.wait(staged.job).await.unwrap();
    staged.id
}

pub(crate) async fn commit(app: &Arc<App>, id: i64, policy: Policy) -> ImportView {
    let who = Who::system("test");
    let job = app.commit_import(&who, id, policy).await.unwrap();
    let end = app.wait(job).await.unwrap();
    assert_eq!(end.state, "done", "{end:?}");
    app.import_report(&who, id).await.unwrap()
}

async fn import(app: &Arc<App>, text: &str) -> Counts {
    let id = stage(app, text).await;
    commit(app, id, Policy::GoodRows).await.counts
}

/// Everything the fact tables say, as text: equal texts = equal data.
async fn facts(ground: &Ground) -> Vec<String> {
    let mut tx = ground.read().await;
    let rows = zhilu::store::ticket::after(&mut tx, zhilu::ticket::TicketId(0), 100_000)
        .await
        .unwrap();
    rows.iter()
        .map(|r| format!("{} {} {:?}", r.id.0, r.hash, r.ticket))
        .collect()
}

#[tokio::test]
async fn a_dry_run_counts_and_writes_nothing() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let mut text = file(0, 50, "已办结");
        text.push_str("SIM90001,,标题,内容,地点,,,,\n");
        let id = stage(&app, &text).await;
        let report = app.import_report(&Who::system("test"), id).await.unwrap();
        assert_eq!(report.state, "ready", "{}", report.message);
        assert_eq!((report.counts.new, report.counts.error), (50, 1));
        assert_eq!(
            report
                .errors
                .iter()
                .filter(|e| e.severity == "error")
                .count(),
            1
        );
        assert_eq!(report.errors[0].row, 52);
        assert!(!report.errors[0].why.is_empty() && !report.errors[0].cure.is_empty());
        assert!(facts(&ground).await.is_empty());
        assert!(
            report
                .mapping
                .iter()
                .all(|c| !c.sample.contains("张模拟") && !c.sample.contains("1541000"))
        );
    }
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let text = file(0, 300, "已办结");
        assert_eq!(import(&app, &text).await.new, 300);
        let before = facts(&ground).await;
        let version = app.snapshot().version;
        let again = import(&app, &text).await;
        assert_eq!((again.new, again.changed, again.same), (0, 0, 300));
        assert_eq!(facts(&ground).await, before);
        assert_eq!(app.snapshot().version, version);
        assert_eq!(app.snapshot().index.len(), 300);
    }
}

#[tokio::test]
async fn a_number_twice_in_one_file_still_changes_nothing_the_second_time() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let mut text = file(0, 20, "办理中");
        text.push_str(&file(5, 8, "已办结").replace(HEAD, ""));
        let first = import(&app, &text).await;
        assert_eq!((first.new, first.changed), (20, 3));
        let before = facts(&ground).await;
        let again = import(&app, &text).await;
        assert_eq!((again.new, again.changed, again.same), (0, 0, 23));
        assert_eq!(facts(&ground).await, before);
    }
}

#[tokio::test]
async fn a_file_that_says_two_things_about_known_tickets_changes_them_once() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        import(&app, &file(0, 20, "办理中")).await;
        let mut text = file(5, 8, "办理中").replace(",张模拟,", ",李模拟,");
        text.push_str(&file(5, 8, "待审核").replace(HEAD, ""));
        text.push_str(&file(5, 8, "已办结").replace(HEAD, ""));
        import(&app, &text).await;
        let before = facts(&ground).await;
        let again = import(&app, &text).await;
        assert_eq!((again.new, again.changed, again.same), (0, 0, 9));
        assert_eq!(facts(&ground).await, before);
    }
}

#[tokio::test]
async fn undo_restores_what_was_before() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let who = Who::system("test");
        import(&app, &file(0, 100, "办理中")).await;
        let before = facts(&ground).await;
        let second = stage(&app, &file(50, 150, "已办结")).await;
        let report = commit(&app, second, Policy::GoodRows).await;
        assert_eq!((report.counts.new, report.counts.changed), (50, 50));
        assert_eq!(app.snapshot().index.len(), 150);
        assert_ne!(facts(&ground).await, before);
        let job = app.undo_import(&who, second).await.unwrap();
        assert_eq!(app.wait(job).await.unwrap().state, "done");
        assert_eq!(facts(&ground).await, before);
        assert_eq!(app.snapshot().index.len(), 100);
        assert_eq!(
            app.import_report(&who, second).await.unwrap().state,
            "undone"
        );
        let verdict = app.audit_verify(&who).await.unwrap();
        assert_eq!(verdict.broken, None);
    }
}

#[tokio::test]
async fn an_earlier_batch_is_not_undone_under_a_later_one() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let who = Who::system("test");
        let first = stage(&app, &file(0, 30, "办理中")).await;
        commit(&app, first, Policy::GoodRows).await;
        let second = stage(&app, &file(0, 30, "已办结")).await;
        commit(&app, second, Policy::GoodRows).await;
        let refused = app.undo_import(&who, first).await;
        assert!(
            matches!(
                refused,
                Err(Error::Refused {
                    code: "later_batch",
                    ..
                })
            ),
            "{refused:?}"
        );
        for id in [second, first] {
            let job = app.undo_import(&who, id).await.unwrap();
            assert_eq!(app.wait(job).await.unwrap().state, "done");
        }
        assert!(facts(&ground).await.is_empty());
    }
}

#[tokio::test]
async fn all_or_none_writes_none_when_a_row_is_wrong() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let mut text = file(0, 10, "已办结");
        text.push_str("SIM90001,2025-02-30 08:00:00,标题,内容,地点,,,,\n");
        let id = stage(&app, &text).await;
        let refused = app
            .commit_import(&Who::system("test"), id, Policy::AllOrNone)
            .await;
        assert!(
            matches!(
                refused,
                Err(Error::Refused {
                    code: "rows_with_errors",
                    ..
                })
            ),
            "{refused:?}"
        );
        assert_eq!(commit(&app, id, Policy::GoodRows).await.counts.new, 10);
    }
}

#[tokio::test]
async fn a_mapping_changed_by_hand_is_remembered_for_its_source() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let who = Who::system("test");
        let text = "编码甲,何时,说了什么\nA1,2025-03-01 08:00:00,文治路乱停车\n";
        let id = stage(&app, text).await;
        let report = app.import_report(&who, id).await.unwrap();
        assert!(!report.missing.is_empty());
        let refused = app.commit_import(&who, id, Policy::GoodRows).await;
        assert!(
            matches!(
                refused,
                Err(Error::Refused {
                    code: "mapping_incomplete",
                    ..
                })
            ),
            "{refused:?}"
        );
        let columns = [
            ("编码甲", "external_no"),
            ("何时", "received_at"),
            ("说了什么", "content"),
        ]
        .map(|(h, f)| (h.to_owned(), Some(f.to_owned())))
        .into();
        let job = app.remap(&who, id, &columns, true).await.unwrap();
        app.wait(job).await.unwrap();
        assert_eq!(app.import_report(&who, id).await.unwrap().counts.new, 1);
        let again = stage(&app, &text.replace("A1", "A2")).await;
        let report = app.import_report(&who, again).await.unwrap();
        assert!(report.missing.is_empty(), "{:?}", report.mapping);
        assert_eq!(report.counts.new, 1);
    }
}

#[tokio::test]
async fn files_that_are_no_tables_fail_with_a_sentence() {
    let ground = grounds().await.remove(0);
    let (app, _) = ground.app().await;
    for (text, code) in [("", "file_empty"), ("%PDF-1.7 x", "file_not_a_table")] {
        let id = stage(&app, text).await;
        let report = app.import_report(&Who::system("test"), id).await.unwrap();
        assert_eq!(report.state, "failed", "{code}");
        assert!(report.message.chars().count() > 8, "{}", report.message);
    }
}

#[tokio::test]
async fn names_and_phones_lie_in_the_database_only_sealed() {
    let ground = grounds().await.remove(0);
    let (app, _) = ground.app().await;
    import(&app, &file(0, 40, "已办结")).await;
    app.close().await;
    ground.store.close().await;
    for entry in std::fs::read_dir(ground.path())
        .unwrap()
        .chain(std::fs::read_dir(ground.path().join("staged")).unwrap())
    {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for secret in ["张模拟", "15410000007", "15410030007"] {
                let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
                assert!(!found, "{secret} stands in clear in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn a_long_commit_lets_others_write_and_shows_nothing_until_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Options {
        rows_at_once: 1,
        ..Options::new(folder.path())
    })
    .await
    .unwrap();
    let who = Who::system("test");
    let id = stage(&app, &file(0, 9_000, "已办结")).await;
    let job = app.commit_import(&who, id, Policy::GoodRows).await.unwrap();
    let mut writes = 0;
    while app.import_report(&who, id).await.unwrap().state == "committing" {
        // Every one is a transaction of its own that needs the only writer.
        app.export(&who, &zhilu::index::Filter::default(), "csv")
            .await
            .unwrap();
        writes += 1;
        let seen = app.snapshot().index.len();
        assert!(seen == 0 || seen == 9_000, "{seen} of 9000 are seen");
    }
    assert_eq!(app.wait(job).await.unwrap().state, "done");
    assert!(writes > 1, "others wrote {writes} times during the commit");
    assert_eq!(app.snapshot().index.len(), 9_000);
}

#[tokio::test]
async fn a_commit_that_fails_after_some_transactions_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Options {
        rows_at_once: 1,
        ..Options::new(folder.path())
    })
    .await
    .unwrap();
    let who = Who::system("test");
    let known = file(0, 50, "办理中");
    import(&app, &known).await;
    let store = zhilu::store::Store::open_sqlite(&folder.path().join("zhilu.sqlite"))
        .await
        .unwrap();
    let count = async || {
        let mut tx = store.read().await.unwrap();
        zhilu::store::ticket::count(&mut tx).await.unwrap()
    };
    let id = stage(&app, &file(0, 20_000, "已办结")).await;
    let job = app.commit_import(&who, id, Policy::GoodRows).await.unwrap();
    while count().await == 50 {}
    app.cancel(job).unwrap();
    assert_ne!(app.wait(job).await.unwrap().state, "done");
    assert_eq!(app.import_report(&who, id).await.unwrap().state, "ready");
    assert_eq!(app.snapshot().index.len(), 50);
    let mut tx = store.read().await.unwrap();
    let rows = zhilu::store::ticket::after(&mut tx, zhilu::ticket::TicketId(0), 100_000)
        .await
        .unwrap();
    assert_eq!(rows.len(), 50);
    assert!(
        rows.iter()
            .all(|r| r.ticket.state == zhilu::ticket::State::Working)
    );
}

/// A file whose second half comes when the test says so.
struct Slow {
    first: Cursor<Vec<u8>>,
    rest: Cursor<Vec<u8>>,
    go: Option<Receiver<()>>,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.first.read(buffer)? {
            0 => {
                if let Some(go) = self.go.take() {
                    go.recv().unwrap();
                }
                self.rest.read(buffer)
            }
            n => Ok(n),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_started_beside_a_dry_run_leaves_it_alone_and_fails_what_nobody_holds() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        // A batch whose program is gone: it says reading, and nobody holds it.
        let orphan = stage(&app, &file(0, 5, "已办结")).await;
        let mut tx = ground.store.write().await.unwrap();
        let mut row = zhilu::store::batch::by_id(&mut tx, orphan)
            .await
            .unwrap()
            .unwrap();
        "reading".clone_into(&mut row.state);
        zhilu::store::batch::update(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        let (go, wait) = channel();
        let text = file(10, 60, "已办结").into_bytes();
        let (first, rest) = text.split_at(HEAD.len());
        let input = Box::new(Slow {
            first: Cursor::new(first.to_vec()),
            rest: Cursor::new(rest.to_vec()),
            go: Some(wait),
        });
        let beside = Arc::clone(&app);
        let reading = tokio::spawn(async move {
            let who = Who::system("test");
            let staged = beside.stage(&who, upload("slow.csv"), input).await.unwrap();
            beside.wait(staged.job).await.unwrap();
            staged.id
        });
        // The row of the batch is there before its file is read.
        let slow = orphan + 1;
        loop {
            let mut tx = ground.read().await;
            if zhilu::store::batch::by_id(&mut tx, slow)
                .await
                .unwrap()
                .is_some()
            {
                break;
            }
            tokio::task::yield_now().await;
        }
        let (second, _) = ground.app().await;
        let who = Who::system("test");
        let state = async |id: i64| second.import_report(&who, id).await.unwrap().state;
        assert_eq!(state(orphan).await, "failed");
        assert_eq!(state(slow).await, "reading");
        go.send(()).unwrap();
        assert_eq!(reading.await.unwrap(), slow);
        assert_eq!(state(slow).await, "ready");
    }
}

#[tokio::test]
async fn a_commit_or_an_undo_that_cannot_start_leaves_the_batch_as_it_was() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let who = Who::system("test");
        let id = stage(&app, &file(1, 5, "")).await;
        let held = app.options().data.join("held");
        let block = || {
            let _ = std::fs::remove_dir_all(&held);
            std::fs::write(&held, "no folder").unwrap();
        };
        block();
        assert!(app.commit_import(&who, id, Policy::GoodRows).await.is_err());
        assert_eq!(app.import_report(&who, id).await.unwrap().state, "ready");
        std::fs::remove_file(&held).unwrap();
        assert_eq!(commit(&app, id, Policy::GoodRows).await.counts.new, 4);
        block();
        assert!(app.undo_import(&who, id).await.is_err());
        assert_eq!(
            app.import_report(&who, id).await.unwrap().state,
            "committed"
        );
        std::fs::remove_file(&held).unwrap();
        let job = app.undo_import(&who, id).await.unwrap();
        assert_eq!(app.wait(job).await.unwrap().state, "done");
    }
}
