//! How does a roster leave the program: a workbook of the month, a calendar for one person's own phone?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::shown_name;
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{Change, RosterBody};
use crate::app::roster_view::{DutyView, Names, RosterView, Signs};
use crate::app::school::insider;
use crate::calendar::{Day, UtcMs};
use crate::plan::ics::{Event, calendar};
use crate::store::duty::{self, RosterEvent, RosterRow};

#[expect(clippy::needless_pass_by_value, reason = "the form map_err asks for")]
fn fault(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
}

/// `07:05`.
fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The Chinese word of a role.
pub(super) fn role_title(role: &str) -> &str {
    match role {
        "police" => "民警",
        "auxiliary" => "辅警",
        "volunteer" => "志愿者",
        "school_staff" => "学校保安/教师",
        "parent" => "家长",
        other => other,
    }
}

impl App {
    /// The workbook of a roster: duties (定人、定时、定岗、定责), uncovered ones, fairness, notes.
    pub async fn roster_workbook(self: &Arc<Self>, who: &Who, id: i64) -> Result<Vec<u8>> {
        let view = self.roster(who, id).await?;
        let simulated = self
            .snapshot()
            .city
            .as_ref()
            .is_some_and(|c| c.city.map.synthetic);
        let made = tokio::task::spawn_blocking(move || workbook(&view, simulated)).await;
        made.map_err(|e| Error::Internal(e.to_string()))?
    }

    /// The calendar of one person in a roster, with duties that were taken away as cancelled; all of them once the roster is
    /// withdrawn, none while it is a draft.
    pub async fn roster_calendar(&self, who: &Who, id: i64, person: i64) -> Result<Vec<u8>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let row = duty::roster_by_id(&mut tx, id)
            .await?
            .ok_or(Error::NotFound)?;
        let names = Names::read(&mut tx).await?;
        let named = names.people.get(&person).ok_or(Error::NotFound)?;
        let name = shown_name(who, person, named);
        let mut rows = duty::duties(&mut tx, id).await?;
        if row.state == "draft" {
            rows.clear();
        }
        let past = duty::events(&mut tx, id).await?;
        let mut lost: BTreeSet<i64> = BTreeSet::new();
        for event in &past {
            let body: serde_json::Value = serde_json::from_str(&event.body).unwrap_or_default();
            let changes: Vec<Change> =
                serde_json::from_value(body["changes"].clone()).unwrap_or_default();
            let from = changes.iter().filter(|c| c.from == Some(person));
            lost.extend(from.map(|c| c.duty));
        }
        let withdrawn = row.state != "published";
        let first = sequence_from(&duty::rosters(&mut tx).await?, &row, &past);
        let mut uses: BTreeMap<String, i64> = BTreeMap::new();
        let mut events = Vec::new();
        for r in &rows {
            let view = names.duty(who, r, &Signs::new())?;
            let slot = slot_name(&view);
            let nth = uses.entry(slot.clone()).or_default();
            *nth += 1;
            let mine = r.person == Some(person);
            if mine || lost.contains(&r.id) {
                let mut found = event(&view, !mine || withdrawn);
                found.name = match nth {
                    1 => format!("{slot}-{person}"),
                    n => format!("{slot}-{person}-{n}"),
                };
                found.sequence += first;
                events.push(found);
            }
        }
        let instance = format!("{}.zhilu", self.keys.mark());
        let stamp = UtcMs(row.created_at);
        Ok(calendar(
            &format!("护学岗 {name}"),
            &instance,
            stamp,
            &events,
        ))
    }
}

/// What a post is called whichever roster gives it: day, peak, first gate, unit.
fn slot_name(duty: &DutyView) -> String {
    let post = duty.posts.first();
    let day = duty.day.replace('-', "");
    let gate = post.map_or("", |p| p.gate.as_str());
    let unit = post.map_or(0, |p| p.unit);
    format!("{day}-{}-{gate}-{unit}", duty.peak)
}

/// Where the count of changes begins: a name may stand in somebody's calendar from an earlier roster of these days, or from
/// before this one was withdrawn, and a calendar takes only what counts further. No duty has changed more often than its
/// roster's version says.
fn sequence_from(all: &[RosterRow], row: &RosterRow, past: &[RosterEvent]) -> i64 {
    let earlier = all.iter().filter(|r| {
        r.id < row.id
            && r.state != "draft"
            && r.first_day <= row.last_day
            && r.last_day >= row.first_day
    });
    let before: i64 = earlier.map(|r| r.version + 1).sum();
    let kinds = past.iter().map(|e| e.kind.as_str());
    let moved = kinds.filter(|k| matches!(*k, "published" | "withdrawn"));
    let moved = i64::try_from(moved.count()).unwrap_or(0);
    before + (moved - 1).max(0)
}

fn event(duty: &DutyView, cancelled: bool) -> Event {
    let gates: Vec<String> = duty
        .posts
        .iter()
        .map(|p| format!("{}{}", p.school_name, p.gate_name))
        .collect();
    let times: Vec<String> = duty
        .posts
        .iter()
        .map(|p| {
            format!(
                "{}–{} {}{} 第{}岗",
                clock(p.start),
                clock(p.end),
                p.school_name,
                p.gate_name,
                p.unit
            )
        })
        .collect();
    Event {
        name: String::new(),
        sequence: duty.sequence,
        cancelled,
        day: Day::parse(&duty.day).unwrap_or(Day(0)),
        start: duty.start,
        end: duty.end,
        summary: format!("护学岗 {}（{}）", gates.join("→"), duty.peak_title),
        place: gates.join("、"),
        description: times.join("\n"),
        point: duty
            .posts
            .first()
            .and_then(|p| p.point)
            .map(|p| (p[0], p[1])),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one sheet after the other, cell by cell"
)]
fn workbook(view: &RosterView, simulated: bool) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E6_ECF2))
        .set_text_wrap();
    let red = Format::new()
        .set_font_color(Color::RGB(0x00B3_1B1B))
        .set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name("排班").map_err(fault)?;
    titles(
        sheet,
        &head,
        &[
            "日期",
            "时段",
            "时间",
            "学校",
            "岗位（校门）",
            "人员",
            "身份",
            "中队",
            "职责",
            "第几岗",
        ],
    )?;
    let mut row = 1;
    for d in &view.duties {
        let gates: Vec<String> = d.posts.iter().map(|p| p.gate_name.clone()).collect();
        let schools: Vec<&str> = d.posts.iter().map(|p| p.school_name.as_str()).collect();
        let units: Vec<String> = d.posts.iter().map(|p| p.unit.to_string()).collect();
        let task = if d.posts.iter().any(|p| p.unit == 1 && p.class > 0) {
            "疏导交通、守护过街（带班）"
        } else {
            "协助疏导、守护过街"
        };
        let person = d.name.clone().unwrap_or_else(|| "未覆盖".to_owned());
        let cells = [
            d.day.clone(),
            d.peak_title.to_owned(),
            format!("{}–{}", clock(d.start), clock(d.end)),
            schools.join(" → "),
            gates.join(" → "),
            person,
            d.role.as_deref().map_or_else(
                || {
                    d.accepts
                        .iter()
                        .map(|r| role_title(r))
                        .collect::<Vec<_>>()
                        .join("/")
                },
                |r| role_title(r).to_owned(),
            ),
            d.squad.clone(),
            task.to_owned(),
            units.join(" → "),
        ];
        for (col, cell) in (0_u16..).zip(&cells) {
            if d.person.is_none() && col == 5 {
                sheet
                    .write_string_with_format(row, col, cell, &red)
                    .map_err(fault)?;
            } else {
                sheet.write_string(row, col, cell).map_err(fault)?;
            }
        }
        row += 1;
    }
    sheet.set_freeze_panes(1, 0).map_err(fault)?;
    sheet.autofilter(0, 0, row.max(1), 9).map_err(fault)?;
    for (col, width) in (0_u16..).zip([12, 10, 14, 26, 22, 12, 14, 10, 26, 8]) {
        sheet.set_column_width(col, width).map_err(fault)?;
    }
    by_gate(book.add_worksheet(), &head, view)?;
    let sheet = book.add_worksheet();
    sheet.set_name("公平性").map_err(fault)?;
    fair(sheet, &head, view)?;
    let sheet = book.add_worksheet();
    sheet.set_name("说明").map_err(fault)?;
    remarks(sheet, view, simulated)?;
    book.save_to_buffer().map_err(fault)
}

/// School, gate, begin, end, unit.
type GateKey<'a> = (&'a str, &'a str, i64, i64, u8);

/// One row for every gate, peak and unit, one column for every day: the month at a glance.
fn by_gate(sheet: &mut Worksheet, head: &Format, view: &RosterView) -> Result<()> {
    sheet.set_name("按校门").map_err(fault)?;
    let mut days: Vec<&str> = view.duties.iter().map(|d| d.day.as_str()).collect();
    days.dedup();
    let mut names = vec!["学校校门", "时段", "时间", "第几岗"];
    names.extend(&days);
    titles(sheet, head, &names)?;
    let mut rows: BTreeMap<GateKey<'_>, BTreeMap<&str, &DutyView>> = BTreeMap::new();
    for d in &view.duties {
        for p in &d.posts {
            let key = (
                p.school_name.as_str(),
                p.gate_name.as_str(),
                p.start,
                p.end,
                p.unit,
            );
            rows.entry(key).or_default().insert(&d.day, d);
        }
    }
    for (row, ((school, gate, start, end, unit), of)) in (1_u32..).zip(&rows) {
        let peak = of.values().next().map_or("", |d| d.peak_title);
        let window = format!("{}–{}", clock(*start), clock(*end));
        let lead = [format!("{school}{gate}"), peak.to_owned(), window];
        for (col, cell) in (0_u16..).zip(&lead) {
            sheet.write_string(row, col, cell).map_err(fault)?;
        }
        sheet
            .write_number(row, 3, f64::from(*unit))
            .map_err(fault)?;
        for (col, day) in (4_u16..).zip(&days) {
            let Some(d) = of.get(day) else { continue };
            let who = d.name.as_deref().unwrap_or("未覆盖");
            sheet.write_string(row, col, who).map_err(fault)?;
        }
    }
    sheet.set_freeze_panes(1, 4).map_err(fault)?;
    for (col, width) in (0_u16..).zip([26, 10, 14, 7]) {
        sheet.set_column_width(col, width).map_err(fault)?;
    }
    Ok(())
}

fn titles(sheet: &mut Worksheet, head: &Format, names: &[&str]) -> Result<()> {
    for (col, name) in (0_u16..).zip(names) {
        sheet
            .write_string_with_format(0, col, *name, head)
            .map_err(fault)?;
    }
    Ok(())
}

fn fair(sheet: &mut Worksheet, head: &Format, view: &RosterView) -> Result<()> {
    titles(
        sheet,
        head,
        &[
            "人员",
            "身份",
            "中队",
            "此前累计",
            "本期岗次",
            "本期负荷",
            "合计",
            "早岗（7点前）",
            "难点岗",
        ],
    )?;
    let name = |id: i64| {
        let key = id.to_string();
        let mut people = view.people.iter();
        people.find(|p| p["id"].as_str() == Some(key.as_str()))
    };
    for (row, s) in (1_u32..).zip(&view.fairness.shares) {
        let person = name(s.person);
        let word = |key: &str| {
            person
                .and_then(|p| p[key].as_str())
                .unwrap_or_default()
                .to_owned()
        };
        sheet.write_string(row, 0, word("name")).map_err(fault)?;
        sheet
            .write_string(row, 1, role_title(&s.role))
            .map_err(fault)?;
        sheet.write_string(row, 2, word("squad")).map_err(fault)?;
        let numbers = [
            s.history,
            s.duties,
            s.load,
            s.history + s.load,
            s.early,
            s.hard,
        ];
        for (col, n) in (3_u16..).zip(numbers) {
            sheet.write_number(row, col, n as f64).map_err(fault)?;
        }
    }
    Ok(())
}

/// What the solver reached and what it proved, level by level, in words.
fn solved(body: &RosterBody) -> String {
    let status = match body.status.as_str() {
        "optimal" => "已证最优",
        "infeasible" => "必保要求无法全部满足",
        _ => "未证最优",
    };
    let mut words = vec![status.to_owned()];
    let values = body.levels.iter().zip(&body.values);
    for (at, (level, value)) in values.enumerate() {
        let (name, side) = match level.as_str() {
            "coverage" => ("覆盖权重", "上界"),
            "change" => ("变动岗次", "下界"),
            _ => ("负荷平方和", "下界"),
        };
        let bound = body.bounds.get(at).copied().flatten();
        words.push(match bound {
            Some(bound) => format!("{name} {value}（{side} {bound}）"),
            None => format!("{name} {value}（未求得界）"),
        });
    }
    words.join("；")
}

fn remarks(sheet: &mut Worksheet, view: &RosterView, simulated: bool) -> Result<()> {
    let r = &view.roster;
    let open = view.duties.iter().filter(|d| d.person.is_none()).count();
    let mut lines = vec![
        ("排班编号".to_owned(), r.id.clone()),
        ("起止".to_owned(), format!("{} 至 {}", r.from, r.to)),
        (
            "状态".to_owned(),
            match r.state.as_str() {
                "published" => "已发布",
                "draft" => "草稿",
                _ => "已撤回",
            }
            .to_owned(),
        ),
        ("求解".to_owned(), solved(&r.body)),
        (
            "未覆盖岗位".to_owned(),
            format!("{open} / {}", view.duties.len()),
        ),
        ("程序版本".to_owned(), r.body.engine.clone()),
    ];
    if simulated {
        lines.push((
            "注意".to_owned(),
            "模拟数据：人员、学校、工单均为虚构 (simulated data)".to_owned(),
        ));
    }
    lines.extend(r.body.notes.iter().map(|n| ("提示".to_owned(), n.clone())));
    for (row, (key, value)) in (0_u32..).zip(&lines) {
        sheet.write_string(row, 0, key).map_err(fault)?;
        sheet.write_string(row, 1, value).map_err(fault)?;
    }
    sheet.set_column_width(0, 14).map_err(fault)?;
    sheet.set_column_width(1, 80).map_err(fault)?;
    Ok(())
}
