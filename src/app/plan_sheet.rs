//! What does a plan promise, to whom, at which price, and when is it looked at: the rows of its sheet, workbook and map file?

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "the form map_err asks for")]
fn fault(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
}

/// A cell of the workbook.
enum Cell {
    Text(String),
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn words(value: &Value, with: &str) -> String {
    list(value).iter().map(text).collect::<Vec<_>>().join(with)
}

/// The Chinese word of a status.
fn status_word(status: &str) -> &'static str {
    match status {
        "optimal" => "已证明最优",
        "gap" => "目前最好",
        "infeasible" => "要求互相矛盾",
        _ => "没有求出",
    }
}

/// What a price rests on.
fn price_word(source: &str) -> &'static str {
    match source {
        "default" => "目录默认估价",
        "city" => "本市核定",
        "measured" => "本市实测",
        _ => "未注明",
    }
}

/// What the figure of the aim is called: a plan that promises less than the expected value says so.
fn aim_word(wish: &Value) -> String {
    let years = wish["horizon_years"].as_f64().unwrap_or(5.0);
    match wish["mode"].as_str().unwrap_or("expected") {
        "cautious" => {
            format!("{years} 年至少少发工单（各点八成把握下限之和，加权件，现值）")
        }
        "robust" => format!(
            "{years} 年至少少发工单（最多 {} 处只及八成把握下限时，加权件，现值）",
            number(&wish["gamma"])
        ),
        "net" => format!("{years} 年净收益（元）"),
        _ => format!("{years} 年少发工单（加权件，现值）"),
    }
}

/// A figure of the aim: whole yuan where the aim is net benefit, else tickets.
fn aim_figure(wish: &Value, value: f64) -> f64 {
    if wish["mode"] == "net" {
        return value;
    }
    tenth(value / 1000.0)
}

/// The same with its unit.
fn aim_said(wish: &Value, value: f64) -> String {
    if wish["mode"] == "net" {
        return format!("{value:.0} 元");
    }
    format!("{:.1} 件", value / 1000.0)
}

/// What the works are expected to bring together, in thousandths of a weighted ticket.
fn expected(body: &Value) -> f64 {
    let works = list(&body["works"]).iter();
    works.map(|w| number(&w["benefit"])).sum()
}

impl App {
    /// The workbook of a plan: works, promises by department, budgets, frontier, what was left out, notes.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown plan.
    pub async fn plan_workbook(&self, who: &Who, id: i64) -> Result<Vec<u8>> {
        let body = self.measure_plan(who, id).await?;
        let made = tokio::task::spawn_blocking(move || workbook(&body)).await;
        made.map_err(|e| Error::Internal(e.to_string()))?
    }

    /// The works of a plan and its controls as GeoJSON (WGS-84, six decimals).
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown plan.
    pub async fn plan_geojson(&self, who: &Who, id: i64) -> Result<Value> {
        let body = self.measure_plan(who, id).await?;
        Ok(geojson(&body))
    }
}

fn six(value: &Value) -> Value {
    let round = |v: &Value| v.as_f64().map(|n| (n * 1e6).round() / 1e6);
    json!(list(value).iter().filter_map(round).collect::<Vec<_>>())
}

pub(super) fn geojson(body: &Value) -> Value {
    let work = |(number, w): (usize, &Value)| {
        let measures = list(&w["measures"]);
        let ids: Vec<&Value> = measures.iter().map(|m| &m["id"]).collect();
        let names: Vec<String> = measures.iter().map(|m| text(&m["name"])).collect();
        json!({
            "type": "Feature", "id": w["id"],
            "geometry": w["point"].as_array().map(|_| json!({ "type": "Point", "coordinates": six(&w["point"]) })),
            "properties": {
                "role": "work", "no": number + 1, "site": w["site"], "name": w["name"], "measures": ids, "measures_zh": names.join("、"),
                "departments": w["cost"].as_object().map(|c| c.keys().collect::<Vec<_>>()), "cost_yuan": w["cost"].as_object().map(|c| c.values().filter_map(Value::as_i64).sum::<i64>()),
                "prevented_a_year": w["prevented_a_year"], "prevented_low": w["prevented_low"], "prevented_high": w["prevented_high"],
                "start_on": w["start_on"], "done_by": w["done_by"], "evaluate_on": w["evaluate_on"], "stability": w["stability"],
                "simulated": body["simulated"],
            },
        })
    };
    let needs = list(&body["needs"]);
    let control = |c: &Value| {
        let need = needs.iter().find(|n| n["site"] == c["control"])?;
        Some(json!({
            "type": "Feature", "geometry": need["point"].as_array().map(|_| json!({ "type": "Point", "coordinates": six(&need["point"]) })),
            "properties": { "role": "control", "site": c["control"], "name": need["name"], "control_of": c["treated"], "simulated": body["simulated"] },
        }))
    };
    let mut features: Vec<Value> = list(&body["works"]).iter().enumerate().map(work).collect();
    features.extend(list(&body["plan"]["controls"]).iter().filter_map(control));
    json!({
        "type": "FeatureCollection", "features": features,
        "zhilu": {
            "plan": body["id"], "name": body["name"], "made": body["created_at"], "simulated": body["simulated"], "status": body["plan"]["status"],
            "aim": body["wish"]["mode"], "benefit_is": aim_word(&body["wish"]), "expected": expected(body),
            "benefit": body["plan"]["benefit"], "bound": body["plan"]["bound"], "cost_yuan": body["plan"]["cost"], "engine": body["engine"],
        },
    })
}

/// A sheet with its head.
fn table(book: &mut Workbook, name: &str, head: &[&str], rows: &[Vec<Cell>]) -> Result<()> {
    let bold = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E6_ECF2))
        .set_text_wrap();
    let wrap = Format::new().set_text_wrap();
    let sheet: &mut Worksheet = book.add_worksheet();
    sheet.set_name(name).map_err(fault)?;
    for (col, title) in (0_u16..).zip(head) {
        sheet
            .write_string_with_format(0, col, *title, &bold)
            .map_err(fault)?;
        let wide = (title.chars().count() * 2 + 4).clamp(10, 40);
        sheet
            .set_column_width(col, u32::try_from(wide).unwrap_or(12))
            .map_err(fault)?;
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (col, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(words) => sheet.write_string_with_format(row, col, words, &wrap),
                Cell::Number(figure) => sheet.write_number(row, col, *figure),
            }
            .map_err(fault)?;
        }
    }
    sheet.set_freeze_panes(1, 0).map_err(fault)?;
    sheet.set_landscape().set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

pub(super) fn workbook(body: &Value) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    table(&mut book, "方案", &WORK_HEAD, &works(body))?;
    table(&mut book, "承诺清单", &PROMISE_HEAD, &promises(body))?;
    let more = if body["wish"]["mode"] == "net" {
        "再给一万元净收益可多（元）"
    } else {
        "再给一万元可少（加权件，按目标计）"
    };
    let mut money_head = MONEY_HEAD.to_vec();
    money_head.push(more);
    table(&mut book, "经费", &money_head, &money(body))?;
    let aim = aim_word(&body["wish"]);
    let mut frontier_head = FRONTIER_HEAD.to_vec();
    frontier_head.push(&aim);
    table(&mut book, "钱与效果", &frontier_head, &frontier(body))?;
    table(&mut book, "对照点位", &CONTROL_HEAD, &controls(body))?;
    table(&mut book, "说明", &["项目", "内容"], &notes(body))?;
    book.save_to_buffer().map_err(fault)
}

const WORK_HEAD: [&str; 15] = [
    "序号",
    "点位",
    "措施",
    "牵头部门",
    "费用（元）",
    "其中人工（元）",
    "每年少发（加权件）",
    "八成把握下限",
    "八成把握上限",
    "寿命（年）",
    "开工",
    "完成",
    "评估日期",
    "稳定性",
    "备注",
];

fn works(body: &Value) -> Vec<Vec<Cell>> {
    let row = |(n, w): (usize, &Value)| -> Vec<Cell> {
        let measures = list(&w["measures"]);
        let names: Vec<String> = measures.iter().map(|m| text(&m["name"])).collect();
        let costs = w["cost"].as_object().cloned().unwrap_or_default();
        let departments: Vec<String> = costs.keys().cloned().collect();
        let remarks = list(&w["remarks"]).iter().map(|r| text(&r["zh"]));
        let remarks = remarks.filter(|r| !r.is_empty());
        vec![
            ((n + 1) as f64).into(),
            text(&w["name"]).into(),
            names.join("、").into(),
            departments.join("、").into(),
            costs.values().map(number).sum::<f64>().into(),
            number(&w["staff_cost"]).into(),
            tenth(number(&w["prevented_a_year"])).into(),
            tenth(number(&w["prevented_low"])).into(),
            tenth(number(&w["prevented_high"])).into(),
            tenth(number(&w["life_years"])).into(),
            text(&w["start_on"]).into(),
            text(&w["done_by"]).into(),
            text(&w["evaluate_on"]).into(),
            w["stability"]
                .as_f64()
                .map_or_else(|| "未算".into(), Cell::Number),
            remarks.collect::<Vec<_>>().join("；").into(),
        ]
    };
    list(&body["works"]).iter().enumerate().map(row).collect()
}

const PROMISE_HEAD: [&str; 13] = [
    "部门",
    "角色",
    "点位",
    "措施",
    "数量",
    "单位",
    "费用（元）",
    "单价来源",
    "此点合计每年少发（加权件，八成把握区间）",
    "标准",
    "证据",
    "完成",
    "评估日期",
];

/// One row for each measure and each department that leads or joins, sorted by department.
fn promises(body: &Value) -> Vec<Vec<Cell>> {
    let mut by: BTreeMap<String, Vec<Vec<Cell>>> = BTreeMap::new();
    for w in list(&body["works"]) {
        let promised = format!(
            "{:.1}（{:.1}–{:.1}）",
            number(&w["prevented_a_year"]),
            number(&w["prevented_low"]),
            number(&w["prevented_high"])
        );
        for m in list(&w["measures"]) {
            let partners = list(&m["partners"]).iter().map(|p| (text(p), "配合"));
            for (department, role) in [(text(&m["department"]), "牵头")]
                .into_iter()
                .chain(partners)
            {
                let row = vec![
                    department.clone().into(),
                    role.into(),
                    text(&w["name"]).into(),
                    text(&m["name"]).into(),
                    number(&m["quantity"]).into(),
                    text(&m["unit"]).into(),
                    number(&m["cost"]).into(),
                    price_word(m["cost_source"].as_str().unwrap_or_default()).into(),
                    promised.clone().into(),
                    words(&m["standards"], "；").into(),
                    text(&m["evidence"]).into(),
                    text(&w["done_by"]).into(),
                    text(&w["evaluate_on"]).into(),
                ];
                by.entry(department).or_default().push(row);
            }
        }
    }
    by.into_values().flatten().collect()
}

const MONEY_HEAD: [&str; 5] = ["部门", "年度", "预算（元）", "已用（元）", "结余（元）"];

fn money(body: &Value) -> Vec<Vec<Cell>> {
    let wish = &body["wish"];
    let row = |t: &Value| -> Vec<Cell> {
        let (budget, spent) = (number(&t["budget"]), number(&t["spent"]));
        vec![
            text(&t["department"]).into(),
            t["year"]
                .as_u64()
                .map_or_else(|| "全期".into(), |y| format!("第 {y} 年").into()),
            budget.into(),
            spent.into(),
            (budget - spent).into(),
            t["more"]
                .as_f64()
                .map_or_else(|| "未算".into(), |m| Cell::Number(aim_figure(wish, m))),
        ]
    };
    list(&body["plan"]["tills"]).iter().map(row).collect()
}

const FRONTIER_HEAD: [&str; 3] = ["经费占比（%）", "经费（元）", "用去（元）"];

fn frontier(body: &Value) -> Vec<Vec<Cell>> {
    let row = |m: &Value| -> Vec<Cell> {
        vec![
            number(&m["percent"]).into(),
            number(&m["allowed"]).into(),
            number(&m["spent"]).into(),
            aim_figure(&body["wish"], number(&m["benefit"])).into(),
        ]
    };
    list(&body["plan"]["frontier"]).iter().map(row).collect()
}

const CONTROL_HEAD: [&str; 3] = ["先治", "留作对照", "抽签结果"];

fn controls(body: &Value) -> Vec<Vec<Cell>> {
    let name = |site: &str| {
        let needs = list(&body["needs"]);
        let found = needs.iter().find(|n| n["site"] == site);
        found.map_or_else(|| site.to_owned(), |n| text(&n["name"]))
    };
    let row = |c: &Value| -> Vec<Cell> {
        let treated = text(&c["treated"]);
        let drawn = if c["drawn"] == "control" {
            "抽中效益相当的点位"
        } else {
            "抽中最优方案的点位"
        };
        vec![
            name(treated.split(':').next().unwrap_or_default()).into(),
            name(&text(&c["control"])).into(),
            drawn.into(),
        ]
    };
    list(&body["plan"]["controls"]).iter().map(row).collect()
}

/// What every workbook says about its figures.
const REMARKS: [(&str, &str); 3] = [
    (
        "口径",
        "上界、抽签让出、逐项排名、再给一万元、钱与效果都按目标计；期望合计与各行效果为期望值",
    ),
    (
        "单价",
        "标“目录默认估价”的为估计，须以本市信息价或中标价核定",
    ),
    (
        "效果",
        "区间为单个点位的八成把握区间；本市实测结果按证据强弱与目录先验合并",
    ),
];

fn notes(body: &Value) -> Vec<Vec<Cell>> {
    let plan = &body["plan"];
    let wish = &body["wish"];
    let aimed = |v: &Value| aim_said(wish, number(v));
    let aim = aim_word(wish);
    let mut rows = vec![
        (
            "方案",
            format!("{} {}", text(&body["id"]), text(&body["name"])),
        ),
        (
            "制作",
            format!(
                "{} {}",
                text(&body["created_by"]),
                text(&body["created_at"])
            ),
        ),
        (
            "状态",
            status_word(plan["status"].as_str().unwrap_or_default()).to_owned(),
        ),
        (aim.as_str(), aimed(&plan["benefit"])),
        (
            "期望合计少发工单（加权件，现值）",
            format!("{:.1} 件", expected(body) / 1000.0),
        ),
        ("上界", aimed(&plan["bound"])),
        (
            "与上界差距",
            format!("{:.3} %", number(&plan["gap"]) * 100.0),
        ),
        (
            "抽签让出",
            aim_said(wish, number(&plan["optimum"]) - number(&plan["benefit"])),
        ),
        ("逐项排名法可得", aimed(&plan["ranking"]["benefit"])),
        (
            "费用（元）",
            format!(
                "{}，其中人工 {}",
                number(&plan["cost"]),
                number(&plan["staff_cost"])
            ),
        ),
        ("没有预算的部门", words(&plan["without_budget"], "、")),
        ("随机种子", format!("{}", number(&plan["seed"]))),
        ("程序版本", text(&body["engine"])),
    ];
    rows.extend(REMARKS.map(|(key, value)| (key, value.to_owned())));
    if body["simulated"] == true {
        rows.push((
            "注意",
            "模拟数据：点位与工单均为虚构 (simulated data)".to_owned(),
        ));
    }
    rows.into_iter()
        .map(|(key, value)| vec![key.into(), value.into()])
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Cell, notes};

    fn said(body: &serde_json::Value) -> Vec<String> {
        let cell = |c: &Cell| match c {
            Cell::Text(words) => words.clone(),
            Cell::Number(figure) => figure.to_string(),
        };
        let row = |r: &Vec<Cell>| r.iter().map(cell).collect::<Vec<_>>().join(" ");
        notes(body).iter().map(row).collect()
    }

    #[test]
    fn a_cautious_plan_names_its_figure_as_the_least_and_gives_the_expected_sum() {
        let body = json!({
            "wish": { "mode": "cautious", "horizon_years": 5.0 },
            "plan": { "benefit": 276_200, "status": "optimal" },
            "works": [{ "benefit": 300_000 }, { "benefit": 229_100 }],
        });
        let rows = said(&body);
        let least = "5 年至少少发工单（各点八成把握下限之和，加权件，现值） 276.2 件";
        assert!(rows.iter().any(|r| r == least), "{rows:?}");
        let sum = "期望合计少发工单（加权件，现值） 529.1 件";
        assert!(rows.iter().any(|r| r == sum), "{rows:?}");
    }

    #[test]
    fn a_plan_for_net_benefit_speaks_of_yuan() {
        let body = json!({ "wish": { "mode": "net" }, "plan": { "benefit": 973_567 } });
        let rows = said(&body);
        assert!(
            rows.iter().any(|r| r == "5 年净收益（元） 973567 元"),
            "{rows:?}"
        );
    }
}
