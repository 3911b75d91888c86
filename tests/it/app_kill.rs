//! Is a batch whole or absent when the program is killed in the middle of its import?

use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zhilu::app::{App, Options, Policy, Upload, Who};
use zhilu::store::{Store, ticket};

use crate::app_import::file;

/// Rows of a commit that is one transaction, and how often it is killed.
const ONE: (usize, usize, u32) = (2_000, 20_000, 40);
/// Rows of a commit that lets other writers in after every load of 4,096 rows, and how often it is killed.
const MANY: (usize, usize, u32) = (9_000, 1, 10);
const FOLDER: &str = "ZHILU_KILL_FOLDER";
const AT_ONCE: &str = "ZHILU_KILL_ROWS_AT_ONCE";

/// Not a test of its own: the program that is killed. It commits the batch that its parent staged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test below"]
async fn child_commits_the_batch() {
    let folder = std::env::var(FOLDER).unwrap();
    let app = App::open(Options {
        rows_at_once: std::env::var(AT_ONCE).unwrap().parse().unwrap(),
        ..Options::new(folder)
    })
    .await
    .unwrap();
    let who = Who::system("child");
    println!("\ncommitting");
    let job = app.commit_import(&who, 1, Policy::GoodRows).await.unwrap();
    app.wait(job).await.unwrap();
    println!("\ncommitted");
}

fn start(folder: &Path, at_once: usize) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "app_kill::child_commits_the_batch",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(AT_ONCE, at_once.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn read_until(out: &mut BufReader<std::process::ChildStdout>, word: &str) {
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        if line.trim() == word {
            return;
        }
        line.clear();
    }
    panic!("the child ended before it said {word}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A folder whose database holds one batch, read and ready to be committed.
async fn template(folder: &Path, rows: usize) {
    let app = App::open(Options::new(folder)).await.unwrap();
    let upload = Upload {
        file_name: "simulated.csv".into(),
        ..Upload::default()
    };
    let text = file(0, rows, "已办结").into_bytes();
    let staged = app
        .stage(&Who::system("test"), upload, Box::new(Cursor::new(text)))
        .await
        .unwrap();
    assert_eq!(
        (
            staged.id,
            app.wait(staged.job).await.unwrap().state.as_str()
        ),
        (1, "done")
    );
    app.close().await;
}

/// Tickets, sealed parts and batch state as the database has them after a reopening.
async fn reopened(folder: &Path) -> (i64, usize, String) {
    let app = App::open(Options::new(folder)).await.unwrap();
    let state = app
        .import_report(&Who::system("test"), 1)
        .await
        .unwrap()
        .state;
    app.close().await;
    let store = Store::open_sqlite(&folder.join("zhilu.sqlite"))
        .await
        .unwrap();
    let mut tx = store.read().await.unwrap();
    let count = ticket::count(&mut tx).await.unwrap();
    let events = ticket::events(&mut tx, zhilu::ticket::TicketId(1))
        .await
        .unwrap()
        .len();
    drop(tx);
    store.close().await;
    (count, events, state)
}

#[tokio::test]
async fn a_batch_is_whole_or_absent_after_forty_kills() {
    kills(ONE).await;
}

#[tokio::test]
async fn a_batch_in_several_transactions_is_whole_or_absent_after_ten_kills() {
    kills(MANY).await;
}

async fn kills((rows, at_once, kills): (usize, usize, u32)) {
    let ground = tempfile::tempdir().unwrap();
    let first = ground.path().join("template");
    template(&first, rows).await;
    let whole = ground.path().join("whole");
    copy(&first, &whole);
    let (mut child, mut out) = start(&whole, at_once);
    read_until(&mut out, "committing");
    let begun = Instant::now();
    read_until(&mut out, "committed");
    let takes = begun.elapsed();
    child.wait().unwrap();
    assert_eq!(
        reopened(&whole).await,
        (rows as i64, 1, "committed".to_owned())
    );
    let (mut absent, mut complete) = (0, 0);
    for kill in 0..kills {
        let folder = ground.path().join(format!("kill{kill}"));
        copy(&first, &folder);
        let (mut child, mut out) = start(&folder, at_once);
        read_until(&mut out, "committing");
        // The points of death lie evenly over the whole commit and a little beyond.
        let after = takes.mul_f64(1.1 * f64::from(kill) / f64::from(kills - 1));
        let begun = Instant::now();
        while begun.elapsed() < after {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let (tickets, events, state) = reopened(&folder).await;
        match (tickets, events, state.as_str()) {
            (0, 0, "ready") => absent += 1,
            (n, 1, "committed") if n == rows as i64 => complete += 1,
            torn => panic!("kill {kill} after {after:?} left {torn:?}"),
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
    println!("{absent} absent, {complete} whole of {kills} kills over {takes:?}");
    assert!(absent > 0, "some kills must hit the commit");
}
