//! Does the built program speak at the shell as it should: help, exit codes, cures, a start and a stop?

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program with a data folder of its own and nothing of the caller's environment.
fn zhilu(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhilu"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", path)
        .env("ZHILU_DATA", data)
        .current_dir(data);
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    zhilu(data)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn help_teaches_with_examples_and_lists_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["--help"]);
    assert!(help.status.success());
    let text = out(&help);
    for word in [
        "serve",
        "demo",
        "import",
        "city",
        "locate",
        "survey",
        "export",
        "rebuild",
        "verify",
        "doctor",
        "audit",
        "user",
        "completions",
        "openapi",
        "--data",
        "zhilu import 2024年11月.xlsx --dry-run",
    ] {
        assert!(text.contains(word), "{word} missing in {text}");
    }
}

#[test]
fn a_wrong_option_is_exit_code_two_and_names_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = run(folder.path(), &["serve", "--listen", "here"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("127.0.0.1:8080"), "{}", err(&wrong));
    assert_eq!(run(folder.path(), &["fly"]).status.code(), Some(2));
    std::fs::write(folder.path().join("zhilu.toml"), "lisen = \"x\"\n").unwrap();
    let file = run(folder.path(), &["doctor"]);
    assert_eq!(file.status.code(), Some(2));
    assert!(
        err(&file).contains("lisen") && err(&file).contains("listen"),
        "{}",
        err(&file)
    );
}

#[test]
fn completions_and_interface_come_from_the_same_definition() {
    let folder = tempfile::tempdir().unwrap();
    let bash = run(folder.path(), &["completions", "bash"]);
    assert!(bash.status.success() && out(&bash).contains("_zhilu"));
    let openapi = run(folder.path(), &["openapi"]);
    let document: serde_json::Value = serde_json::from_slice(&openapi.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/tickets/{no}/reveal"]["post"].is_object());
    let sample = out(&run(folder.path(), &["options"]));
    assert!(sample.contains("# listen = \"127.0.0.1:8080\""), "{sample}");
}

#[test]
fn without_a_city_the_sentence_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let list = run(folder.path(), &["city", "list"]);
    assert_eq!(list.status.code(), Some(1));
    assert!(err(&list).contains("zhilu city import"), "{}", err(&list));
    let locate = run(folder.path(), &["locate", "文治路"]);
    assert_eq!(locate.status.code(), Some(1));
    assert!(err(&locate).contains("city import"), "{}", err(&locate));
}

#[test]
fn a_port_in_use_is_told_before_any_password_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let busy = run(folder.path(), &["serve", "--listen", &address]);
    assert_eq!(busy.status.code(), Some(1));
    assert!(
        err(&busy).contains("in use") && err(&busy).contains("--listen"),
        "{}",
        err(&busy)
    );
    assert!(!out(&busy).contains("password"), "{}", out(&busy));
    let users = run(folder.path(), &["user", "list"]);
    assert!(
        out(&users).is_empty(),
        "no account was made: {}",
        out(&users)
    );
}

#[test]
fn the_first_start_prints_one_password_and_a_stop_is_graceful() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = zhilu(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        said.push_str(&line);
        said.push('\n');
        if line.contains("http://") {
            break;
        }
    }
    assert_eq!(said.matches("password:").count(), 1, "{said}");
    let status = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(child.wait().unwrap().success());
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    assert!(
        log.contains("stopping") && !log.contains("ERROR") && !log.contains("WARN"),
        "{log}"
    );
    let users = out(&run(folder.path(), &["user", "list"]));
    assert!(users.starts_with("admin\tadmin"), "{users}");
    let audit = run(folder.path(), &["audit", "verify"]);
    assert!(audit.status.success(), "{}", err(&audit));
}

#[test]
fn accounts_are_made_reset_and_refused_at_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let no_unit = run(folder.path(), &["user", "add", "wang", "--role", "officer"]);
    assert_eq!(no_unit.status.code(), Some(2));
    let wrong = run(folder.path(), &["user", "add", "wang", "--role", "king"]);
    assert!(err(&wrong).contains("squad_leader"), "{}", err(&wrong));
    let add = run(
        folder.path(),
        &[
            "user",
            "add",
            "wang",
            "--role",
            "officer",
            "--unit",
            "一中队",
        ],
    );
    assert!(
        add.status.success() && out(&add).contains("password:"),
        "{}",
        err(&add)
    );
    let reset = run(folder.path(), &["user", "reset", "wang"]);
    assert!(out(&reset).contains("password:"));
    assert_eq!(
        run(folder.path(), &["user", "reset", "nobody"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn doctor_names_each_thing_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = run(
        folder.path(),
        &["doctor", "--json", "--listen", "127.0.0.1:0"],
    );
    assert_eq!(doctor.status.code(), Some(1), "there is no city yet");
    let text = out(&doctor);
    let findings: Vec<serde_json::Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    for word in [
        "data folder",
        "free disk",
        "database",
        "audit chain",
        "sealing key",
        "city",
        "base map",
        "page",
        "port",
    ] {
        assert!(
            findings
                .iter()
                .any(|f| f["subject"].as_str().unwrap().contains(word)),
            "{word}: {text}"
        );
    }
    for bad in findings.iter().filter(|f| f["grade"] == "bad") {
        assert!(!bad["cure"].as_str().unwrap().is_empty(), "{bad}");
    }
    assert_eq!(
        findings.iter().filter(|f| f["grade"] == "bad").count(),
        1,
        "{text}"
    );
}

#[test]
fn a_file_is_reported_on_trial_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    let text =
        "工单编号,诉求内容,受理时间\nA1,文治路违停,2024-04-08 09:05:03\nA2,鼎城街拥堵,2024-13-45\n";
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let dry = run(folder.path(), &["import", path, "--dry-run"]);
    assert!(dry.status.success(), "{}", err(&dry));
    assert!(
        out(&dry).contains("new 1") && out(&dry).contains("error 1"),
        "{}",
        out(&dry)
    );
    let asked = run(folder.path(), &["import", path]);
    assert_eq!(
        asked.status.code(),
        Some(1),
        "nobody to ask: {}",
        out(&asked)
    );
    assert!(err(&asked).contains("--yes"), "{}", err(&asked));
    let missing = run(folder.path(), &["import", "nowhere.csv"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(err(&missing).contains("nowhere.csv"));
}

#[test]
fn an_unknown_format_and_an_empty_folder_fail_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = run(folder.path(), &["verify", folder.path().to_str().unwrap()]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(
        out(&empty).contains("no golden case") && out(&empty).ends_with("0 passed, 1 failed\n"),
        "{}",
        out(&empty)
    );
    let case = folder.path().join("strange");
    std::fs::create_dir(&case).unwrap();
    std::fs::write(case.join("case.json"), "{\"format\": \"moon-phases/9\"}").unwrap();
    let strange = run(folder.path(), &["verify", folder.path().to_str().unwrap()]);
    assert!(
        out(&strange).contains("moon-phases/9") && out(&strange).contains("unknown format"),
        "{}",
        out(&strange)
    );
}

#[test]
fn effect_runs_on_plain_files_writes_its_tables_and_its_help_teaches() {
    let folder = tempfile::tempdir().unwrap();
    let help = out(&run(folder.path(), &["effect", "--help"]));
    for word in [
        "--sites",
        "--calendar",
        "estimates",
        "measures",
        "install_end",
        "no_evidence",
        "placebo",
    ] {
        assert!(help.contains(word), "{word} missing in {help}");
    }
    let bare = run(folder.path(), &["effect"]);
    assert_eq!(bare.status.code(), Some(2));
    assert!(err(&bare).contains("--sites"), "{}", err(&bare));
    let Some(shared) = crate::support::shared() else {
        return;
    };
    let small = shared.join("data/oracles/treatment/panel_small");
    let file = |name: &str| small.join(name).display().to_string();
    let [sites, tickets, treatments, calendar] =
        ["sites.csv", "tickets.csv", "treatments.csv", "calendar.csv"].map(file);
    let files = [
        "--sites",
        &sites,
        "--tickets",
        &tickets,
        "--treatments",
        &treatments,
        "--calendar",
        &calendar,
    ];
    let done = run(folder.path(), &[&["effect"], &files[..]].concat());
    assert!(done.status.success(), "{}", err(&done));
    assert!(out(&done).contains("zhilu-effect"), "{}", out(&done));
    for name in ["estimates.csv", "ring.json", "measures.csv", "effect.json"] {
        assert!(
            folder.path().join("zhilu-effect").join(name).is_file(),
            "{name}"
        );
    }
    let check = run(
        folder.path(),
        &[&["effect", "placebo"], &files[..]].concat(),
    );
    let said = out(&check);
    assert!(
        said.contains("95%") && said.contains("plain before/after"),
        "{said}"
    );
    let gone = run(
        folder.path(),
        &[
            "effect",
            "--sites",
            "none.csv",
            "--tickets",
            &tickets,
            "--treatments",
            &treatments,
        ],
    );
    assert!(
        !gone.status.success() && err(&gone).contains("none.csv"),
        "{}",
        err(&gone)
    );
}

#[test]
fn a_plan_on_files_refuses_budgets_that_are_no_object_and_says_from_which_money_on_a_measure_enters()
 {
    let folder = tempfile::tempdir().unwrap();
    let sites = "site,kind,tickets_per_year\na,speeding,30\nb,illegal_parking_roadside,20\n";
    std::fs::write(folder.path().join("s.csv"), sites).unwrap();
    let begin = ["plan", "measures", "--sites", "s.csv"];
    let wrong = ["--set", "budgets=5", "--budget", "交警=3"];
    let refused = run(folder.path(), &[&begin[..], &wrong].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
    assert!(err(&refused).contains("budgets"), "{}", err(&refused));
    let budget = ["--budget", "交警=100000", "--set", "draws=0"];
    let made = run(folder.path(), &[&begin[..], &budget].concat());
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let one = made["plan"]["chosen"][0].as_str().unwrap();
    let asked = run(
        folder.path(),
        &[&begin[..], &budget, &["--explain", one]].concat(),
    );
    let why: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(why["why"]["inside"], true, "{why}");
    assert!(why["why"]["enters_at"].as_u64().is_some(), "{why}");
}

#[test]
fn a_long_loop_keeps_its_best_plan_when_its_seconds_are_over() {
    let folder = tempfile::tempdir().unwrap();
    let spots: Vec<String> = (0..40)
        .map(|i| format!("{{\"id\": {i}, \"dwell\": 3, \"prize\": {}}}", 5 + i % 7))
        .collect();
    let row = |i: usize| -> String {
        let cells = (0..41_usize).map(|j| (1 + i.abs_diff(j) % 9).to_string());
        cells.collect::<Vec<_>>().join(",")
    };
    let travel: Vec<String> = (0..41).map(|i| format!("[{}]", row(i))).collect();
    let text = format!(
        "{{\"units\": 2, \"shift_min\": 60, \"spots\": [{}], \"travel_min\": [{}]}}",
        spots.join(","),
        travel.join(",")
    );
    std::fs::write(folder.path().join("l.json"), text).unwrap();
    let done = run(
        folder.path(),
        &["plan", "loop", "--input", "l.json", "--seconds", "0"],
    );
    assert!(done.status.success(), "{}", err(&done));
    let plan: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(plan["stopped"], true);
    assert!(
        plan["prize"].as_i64().unwrap() > 0 && plan["prize"].as_i64() <= plan["bound"].as_i64()
    );
}

#[test]
fn a_plan_on_files_refuses_what_would_be_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let good = "site,kind,tickets_per_year\na,speeding,30\n";
    let budget: &[&str] = &["--budget", "交警=100000"];
    let twice: &[&str] = &["--budget", "交警=200000", "--budget", "交警=5"];
    for (table, budgets, part) in [
        (good, &["--budget", "火星=200000"][..], "火星"),
        (good, twice, "交警"),
        (
            "site,kind,tickets_per_year,wieght\na,speeding,30,2\n",
            budget,
            "wieght",
        ),
        (
            "site,kind,tickets_per_year\na,speeding,30\na,speeding,4\n",
            budget,
            "row 3",
        ),
        ("site,kind,tickets_per_year\n", budget, "no site"),
    ] {
        std::fs::write(folder.path().join("s.csv"), table).unwrap();
        let begin = ["plan", "measures", "--sites", "s.csv"];
        let refused = run(folder.path(), &[&begin[..], budgets].concat());
        assert!(!refused.status.success(), "{part}");
        assert!(err(&refused).contains(part), "{part}: {}", err(&refused));
    }
}

#[test]
fn a_loop_without_a_unit_says_so_of_every_spot() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"units": 1, "shift_min": 60, "spots": [{"id": 1, "dwell": 3, "prize": 5}], "travel_min": [[0, 2], [2, 0]]}"#;
    std::fs::write(folder.path().join("l.json"), format!("\u{feff}{text}")).unwrap();
    let made = run(
        folder.path(),
        &["plan", "loop", "--input", "l.json", "--units", "0"],
    );
    let plan: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(plan["left_out"], serde_json::json!([[1, "no_unit"]]));
}

#[test]
fn slots_with_figures_no_ride_has_and_gates_without_a_place_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = |more: &serde_json::Value| {
        let mut body = serde_json::json!({
            "slots": [{"id": 1, "gate": 1, "start": 450, "end": 480, "weight": 5}, {"id": 2, "gate": 2, "start": 490, "end": 510, "weight": 4}],
            "gates": [{"id": 1, "x": 0.0, "y": 0.0}, {"id": 2, "x": 300.0, "y": 0.0}],
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        std::fs::write(folder.path().join("p.json"), body.to_string()).unwrap();
        let done = run(folder.path(), &["plan", "posts", "--input", "p.json"]);
        (done.status.success(), err(&done))
    };
    assert!(said(&serde_json::json!({})).0);
    let heavy = serde_json::json!([{"id": 7, "gate": 1, "start": 450, "end": 480, "weight": 5_000_000_000_000_000_000_i64}]);
    let twice = serde_json::json!([{"id": 3, "x": 0, "y": 0}, {"id": 3, "x": 1, "y": 0}]);
    for (wrong, parts) in [
        (serde_json::json!({"speed_kmh": 0.0}), ["speed_kmh", "0"]),
        (
            serde_json::json!({"speed_kmh": -20.0}),
            ["speed_kmh", "-20"],
        ),
        (
            serde_json::json!({"buffer_min": -500}),
            ["buffer_min", "-500"],
        ),
        (
            serde_json::json!({"gates": [{"id": 1, "x": 0, "y": 0}]}),
            ["slot 2", "gate 2"],
        ),
        (
            serde_json::json!({"gates": [{"id": 1, "lon": 999.0, "lat": 34.0}]}),
            ["999", "lon"],
        ),
        (serde_json::json!({"gates": [{"id": 1}]}), ["缺坐标", "1"]),
        (serde_json::json!({ "gates": twice }), ["第 2 行", "3"]),
        (
            serde_json::json!({ "slots": heavy }),
            ["slot 7", "5000000000000000000"],
        ),
    ] {
        let (fine, text) = said(&wrong);
        assert!(
            !fine && parts.iter().all(|p| text.contains(p)),
            "{wrong}: {text}"
        );
    }
}
