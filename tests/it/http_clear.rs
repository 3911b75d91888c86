//! Who sees where somebody lives, and who may see a petitioner in clear: cell by cell over HTTP?

use std::f64::consts::PI;

use fast_mvt::MvtReaderRef;
use serde_json::{Value, json};
use zhilu::spatial::LonLat;
use zhilu::ticket::permit::Role;

use crate::http_support::{House, import};

/// Three tickets of 二中队: at a home, at a work site with a house number, and a confidential one at a home.
const TICKETS: &str = "工单编号,诉求来源,诉求标题,诉求内容,问题分类,诉求人,联系电话,是否保密,受理时间,承办单位\r\n\
H1,12345热线,违停,经开第一大街360号3号楼2单元501室楼下违停严重,交通秩序->违停,王小明,15400001111,否,2024-03-01 08:00:00,二中队\r\n\
W1,12345热线,违停,经开第一大街360号门口违停严重,交通秩序->违停,李大明,15400002222,否,2024-03-01 09:00:00,二中队\r\n\
S1,12345热线,违停,经开第一大街352号1号楼1单元101室楼下违停严重,交通秩序->违停,赵明明,15400003333,是,2024-03-01 10:00:00,二中队\r\n";

async fn house() -> House {
    let house = House::open(&["二中队"]).await;
    house.use_demo_city().await;
    import(&house.app, "homes.csv", TICKETS).await;
    house
}

/// The ticket of an external number in the list of a role.
async fn of(house: &House, role: &str, external: &str) -> Value {
    let list = house.get(role, "/api/v1/tickets?limit=10").await.json();
    let all = list["tickets"].as_array().unwrap();
    let found = all.iter().find(|t| t["external_no"] == external);
    found.unwrap_or_else(|| panic!("{role}: {list}")).clone()
}

fn at(point: &Value) -> LonLat {
    LonLat::new(point[0].as_f64().unwrap(), point[1].as_f64().unwrap())
}

/// Where the address is, by the demo city's own house numbers.
const HOME: LonLat = LonLat {
    lon: 113.733_749,
    lat: 34.723_150,
};

/// Our number of a ticket.
async fn number(house: &House, external: &str) -> String {
    let ticket = of(house, "clerk", external).await;
    ticket["no"].as_str().unwrap().to_owned()
}

fn reveal(no: &str) -> String {
    format!("/api/v1/tickets/{no}/reveal")
}

#[tokio::test]
async fn a_home_is_a_hexagon_to_masked_roles_in_list_detail_and_exports_and_a_work_site_is_not() {
    let house = house().await;
    let mut exact = Vec::new();
    for role in Role::ALL.map(Role::code) {
        let answer = house.get(role, "/api/v1/tickets?limit=10").await;
        if answer.status == 403 || answer.json()["meta"]["total"] == 0 {
            continue;
        }
        let home = of(&house, role, "H1").await;
        let work = of(&house, role, "W1").await;
        assert!(at(&work["point"]).distance_m(HOME) < 1.0, "{role}: {work}");
        assert_eq!(work["coarse"], false, "{role}");
        let detail = house
            .get(
                role,
                &format!("/api/v1/tickets/{}", home["no"].as_str().unwrap()),
            )
            .await
            .json();
        let csv = house.get(role, "/api/v1/tickets.csv").await.text();
        let line = csv.lines().find(|l| l.contains("H1")).unwrap().to_owned();
        let geo = house.get(role, "/api/v1/tickets.geojson").await.json();
        let features = geo["features"].as_array().unwrap();
        let feature = features
            .iter()
            .find(|f| f["properties"]["external_no"] == "H1")
            .unwrap();
        let points = [
            &home["point"],
            &detail["point"],
            &detail["places"][0]["point"],
            &feature["geometry"]["coordinates"],
        ];
        if home["coarse"] == false {
            for point in points {
                assert!(at(point).distance_m(HOME) < 1.0, "{role}: {point}");
            }
            assert!(line.ends_with("否"), "{role}: {line}");
            exact.push(role);
            continue;
        }
        for point in points {
            assert!(at(point).distance_m(HOME) > 5.0, "{role}: {point}");
            assert_eq!(point, &home["point"], "{role}");
        }
        assert!(line.ends_with("是"), "{role}: {line}");
        for text in [home.to_string(), detail["places"].to_string(), line] {
            assert!(!text.contains("113.7337"), "{role}: {text}");
        }
        assert!(!home["label"].as_str().unwrap().contains("360"), "{role}");
        assert!(home["radius_m"].as_f64().unwrap() >= 200.0);
    }
    assert_eq!(exact, ["clerk", "squad_leader"]);
}

#[tokio::test]
async fn no_tile_and_no_box_of_the_map_tells_a_home_to_anybody() {
    let house = house().await;
    let home = of(&house, "clerk", "H1").await;
    assert!(at(&home["point"]).distance_m(HOME) < 1.0);
    // The tile of zoom 18 that holds the address shows the work site there and neither home.
    let tile = |p: LonLat| {
        let n = 262_144.0_f64;
        let x = (p.lon + 180.0) / 360.0 * n;
        let y = (1.0 - p.lat.to_radians().tan().asinh() / PI) / 2.0 * n;
        format!("/tiles/tickets/18/{:.0}/{:.0}.mvt", x.floor(), y.floor())
    };
    for role in ["clerk", "planner"] {
        let answer = house.get(role, &tile(HOME)).await;
        assert_eq!(answer.status, 200, "{role}");
        let tile = MvtReaderRef::new(&answer.unpacked())
            .unwrap()
            .to_tile()
            .unwrap();
        let spots: usize = tile.layers.iter().map(|l| l.features.len()).sum();
        assert_eq!(spots, 1, "{role}: the work site only");
    }
    // Ten metres around the address: the filter finds the work site only.
    let near = format!(
        "/api/v1/tickets?bbox={},{},{},{}",
        HOME.lon - 1e-4,
        HOME.lat - 1e-4,
        HOME.lon + 1e-4,
        HOME.lat + 1e-4
    );
    let list = house.get("planner", &near).await.json();
    assert_eq!(list["meta"]["total"], 1, "{list}");
    assert_eq!(list["tickets"][0]["external_no"], "W1");
}

#[tokio::test]
async fn every_role_reveals_as_the_table_says_and_an_officer_only_what_was_handed_to_him() {
    let house = house().await;
    let open = number(&house, "H1").await;
    let sealed = number(&house, "S1").await;
    let why = json!({"reason": "回访核实现场位置"});
    let expected: &[(&str, u16, u16)] = &[
        ("clerk", 200, 200),
        ("officer", 409, 409),
        ("squad_leader", 200, 409),
        ("deputy_leader", 200, 409),
        ("principal_leader", 200, 409),
        ("planner", 403, 403),
        ("auditor", 403, 403),
        ("admin", 403, 403),
        ("liaison", 403, 403),
        ("publicist", 403, 403),
        ("public", 403, 403),
    ];
    assert_eq!(expected.len(), Role::ALL.len());
    for (role, plain, confidential) in expected {
        let answer = house.post(role, &reveal(&open), &why).await;
        assert_eq!(answer.status, *plain, "{role}: {}", answer.text());
        if *plain == 200 {
            let clear = answer.json();
            assert_eq!(clear["name"], "王小明", "{role}");
            assert_eq!(clear["phone"], "15400001111", "{role}");
            assert!(
                clear["content"]
                    .as_str()
                    .unwrap()
                    .contains("3号楼2单元501室")
            );
            assert!(at(&clear["home"]).distance_m(HOME) < 1.0, "{role}");
        }
        let answer = house.post(role, &reveal(&sealed), &why).await;
        assert_eq!(answer.status, *confidential, "{role}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_officer_reveals_only_after_the_squad_leader_named_him_handler() {
    let house = house().await;
    let open = number(&house, "H1").await;
    let sealed = number(&house, "S1").await;
    let why = json!({"reason": "回访核实现场位置"});
    // The officer: refused, then named by the leader of the squad, then let in.
    let asked = house.post("officer", &reveal(&open), &why).await;
    assert_eq!(asked.code(), "not_assigned");
    let path = format!("/api/v1/tickets/{open}");
    let before = house.get("officer", &path).await.json();
    assert_eq!(
        (&before["revealable"], &before["handler"]),
        (&json!(false), &Value::Null)
    );
    let to = json!({"to": "officer"});
    let assign = format!("{path}/assign");
    for role in ["officer", "planner", "auditor", "publicist"] {
        let answer = house.post(role, &assign, &to).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "forbidden"),
            "{role}"
        );
    }
    let wrong = house
        .post("squad_leader", &assign, &json!({"to": "planner"}))
        .await;
    assert_eq!(wrong.code(), "not_of_unit");
    let choice = house.get("squad_leader", &path).await.json()["assignable"].clone();
    assert_eq!(choice[0]["name"], "officer");
    let named = house.post("squad_leader", &assign, &to).await;
    assert_eq!(named.status, 200, "{}", named.text());
    let after = house.get("officer", &path).await.json();
    assert_eq!(
        (&after["revealable"], &after["handler"]["name"]),
        (&json!(true), &json!("officer"))
    );
    let clear = house.post("officer", &reveal(&open), &why).await;
    assert_eq!(
        (clear.status.as_u16(), &clear.json()["phone"]),
        (200, &json!("15400001111"))
    );
    // A confidential one stays shut even for its handler.
    let hand = format!("/api/v1/tickets/{sealed}/assign");
    assert_eq!(house.post("clerk", &hand, &to).await.status, 200);
    let shut = house.post("officer", &reveal(&sealed), &why).await;
    assert_eq!(shut.code(), "confidential");
    let log = house.get("auditor", "/api/v1/audit?limit=50").await.json();
    let rows = log["audit"].as_array().unwrap();
    let told = |action: &str, user: &str| {
        rows.iter()
            .filter(|r| r["action"] == action && r["user"] == user)
            .count()
    };
    assert_eq!(told("reveal", "officer"), 1, "refusals show nothing");
    assert_eq!(
        (
            told("ticket.assign", "squad_leader"),
            told("ticket.assign", "clerk")
        ),
        (1, 1)
    );
}

/// Tickets at homes whose own pairs lie elsewhere: they wait for a person.
fn doubtful() -> String {
    let mut text =
        String::from("工单编号,诉求来源,诉求内容,经度,纬度,坐标系,受理时间,承办单位\r\n");
    for n in 1..=40 {
        let row = format!(
            "R{n},12345热线,经开第一大街{}号3号楼2单元501室，楼下夜间鸣笛扰民,113.7{n:02}317,34.7{n:02}213,WGS84,2024-03-01 08:{n:02}:00,二中队\r\n",
            300 + n * 7
        );
        text.push_str(&row);
    }
    text
}

#[tokio::test]
async fn the_review_queue_hides_homes_from_the_roles_the_list_hides_them_from() {
    let house = House::open(&["二中队"]).await;
    house.use_demo_city().await;
    import(&house.app, "doubt.csv", doubtful()).await;
    let queue = async |role: &str| {
        let answer = house.get(role, "/api/v1/locate/queue?limit=100").await;
        assert_eq!(answer.status, 200, "{role}");
        let groups = answer.json()["groups"].as_array().unwrap().clone();
        let tickets = groups
            .iter()
            .flat_map(|g| g["tickets"].as_array().unwrap().clone());
        let homes = tickets.filter(|t| {
            t["flags"]
                .as_array()
                .unwrap()
                .iter()
                .any(|f| f == "home_address")
        });
        homes
            .map(|t| (t["external_no"].as_str().unwrap().to_owned(), t))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let exact = queue("clerk").await;
    assert!(!exact.is_empty(), "no home waits for review");
    for role in ["planner", "deputy_leader", "principal_leader"] {
        let seen = queue(role).await;
        assert_eq!(seen.len(), exact.len(), "{role}");
        for (no, ticket) in &seen {
            let clear = &exact[no];
            assert!(
                at(&ticket["pair"]).distance_m(at(&clear["pair"])) > 1.0,
                "{role}: {ticket}"
            );
            let listed = of_any(&house, role, no).await;
            for candidate in ticket["candidates"].as_array().unwrap() {
                assert_eq!(candidate["point"], listed["point"], "{role}: {ticket}");
            }
            assert!(ticket["evidence"].as_array().unwrap().is_empty(), "{role}");
        }
    }
}

/// The ticket of an external number among many.
async fn of_any(house: &House, role: &str, external: &str) -> Value {
    let list = house.get(role, "/api/v1/tickets?limit=100").await.json();
    let all = list["tickets"].as_array().unwrap();
    let found = all.iter().find(|t| t["external_no"] == external);
    found.unwrap_or_else(|| panic!("{role}: {list}")).clone()
}

/// A table with personal columns that no field takes, among them second ones of a field that another column took.
const EXTRA: &str = "工单编号,诉求来源,诉求内容,受理时间,承办单位,来电人,诉求人,留言人,留言用户,用户编号,reporter_name,account_id,申请人,家庭住址,户籍地址,微信号,QQ号,出生日期,路面类型\r\n\
E1,12345热线,经开第一大街360号门口违停,2024-03-01 08:00:00,二中队,王小明,赵钱孙,李留言,昵称甲乙丙,YH20240001,陈报告,AC99887766,钱多多,文治路36号,宁川县柳树村7号,qian_duoduo88,1234567890,1988-05-06,沥青\r\n";

#[tokio::test]
async fn no_column_shows_a_person_in_clear_whatever_it_is_called_or_mapped_to() {
    let house = House::open(&["二中队"]).await;
    house.use_demo_city().await;
    import(&house.app, "extra.csv", EXTRA).await;
    let clear = [
        "王小明",
        "赵钱孙",
        "李留言",
        "昵称甲乙丙",
        "YH20240001",
        "陈报告",
        "AC99887766",
        "钱多多",
        "文治路36号",
        "柳树村",
        "qian_duoduo88",
        "1234567890",
        "1988",
    ];
    for role in [
        "clerk",
        "squad_leader",
        "planner",
        "auditor",
        "publicist",
        "deputy_leader",
    ] {
        let no = of(&house, role, "E1").await["no"]
            .as_str()
            .unwrap()
            .to_owned();
        let detail = house
            .get(role, &format!("/api/v1/tickets/{no}"))
            .await
            .text();
        for word in clear {
            assert!(!detail.contains(word), "{role} sees {word}: {detail}");
        }
        assert!(detail.contains("沥青"), "{role}: {detail}");
    }
    // Who may ask for clear words still gets what was sealed.
    let no = number(&house, "E1").await;
    let answer = house
        .post("clerk", &reveal(&no), &json!({"reason": "回访核实"}))
        .await;
    assert!(answer.text().contains("文治路36号"), "{}", answer.text());
}
