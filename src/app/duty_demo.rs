//! Who stands at the gates of the demo city: invented people of six squads, marked as simulated?

use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{self, DutyPerson, PersonWish};
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, RosterWish, parse};
use crate::calendar::{Day, UtcMs};
use crate::stats::rng::Rng;
use crate::store::duty::{self, Sign};

/// Given names of invented people; family names go round beside them.
const GIVEN: [&str; 12] = [
    "建国", "文博", "雨桐", "志强", "晓燕", "海涛", "思远", "丽娜", "明辉", "春梅", "子轩", "国庆",
];
const FAMILY: [&str; 12] = [
    "模", "拟", "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸",
];

impl App {
    /// Fills the register and the list of people of a demo once: the map's schools; four officers, eight auxiliaries, three
    /// volunteers and two parents for every squad; rosters of the last month and this one are published. The demo's officer and squad leader are two of the first squad.
    pub async fn demo_duty(self: &Arc<Self>, who: &Who) -> Result<()> {
        if !self.options.demo {
            return Err(Error::refused(
                "not_a_demo",
                "simulated people exist in `zhilu demo` only",
            ));
        }
        if self.schools(who).await?.is_empty() && self.city().is_some() {
            self.take_schools(who).await?;
        }
        if !self.duty_people(who).await?.is_empty() {
            return Ok(());
        }
        let Some(view) = self.city() else {
            return Ok(());
        };
        let units: Vec<String> = view
            .city
            .rules
            .units
            .iter()
            .map(|u| u.name.clone())
            .collect();
        let mut number = 0;
        for (u, unit) in units.iter().enumerate() {
            for (role, count) in [
                ("police", 4),
                ("auxiliary", 8),
                ("volunteer", 3),
                ("parent", 2),
            ] {
                for k in 0..count {
                    let login = match (u, role, k) {
                        (0, "police", 0) => "officer",
                        (0, "police", 1) => "squad_leader",
                        _ => "",
                    };
                    let family = FAMILY[number % FAMILY.len()];
                    let given = GIVEN[(number / FAMILY.len() + number) % GIVEN.len()];
                    let person = DutyPerson {
                        name: format!("{family}{given}"),
                        role: role.to_owned(),
                        squad: unit.clone(),
                        login: login.to_owned(),
                        simulated: true,
                        ..DutyPerson::default()
                    };
                    // An unallotted prefix, as everywhere in the demo's data.
                    let phone = Some(format!("154{number:08}"));
                    self.save_person(who, None, PersonWish { person, phone })
                        .await?;
                    number += 1;
                }
            }
        }
        self.demo_rosters(who).await
    }

    /// Publishes the brigade's rosters of the last month and of this one, with the check-ins of the last weeks and one
    /// incident: the wall, the phone page and a site's history have something to show. All of it is simulated and says so.
    async fn demo_rosters(self: &Arc<Self>, who: &Who) -> Result<()> {
        let today = self.today();
        let (year, month, _) = today.ymd();
        let first = Day::of(year, month, 1).unwrap_or(today);
        let before =
            Day::of(Day(first.0 - 1).ymd().0, Day(first.0 - 1).ymd().1, 1).unwrap_or(first);
        let next = Day(first.0 + 31);
        let next = Day::of(next.ymd().0, next.ymd().1, 1).unwrap_or(next);
        for (from, to) in [(before, Day(first.0 - 1)), (first, Day(next.0 - 1))] {
            let wish = json!({"from": from.iso(), "to": to.iso()});
            let wish: RosterWish =
                serde_json::from_value(wish).map_err(|e| Error::Internal(e.to_string()))?;
            let id = self.draft_and_keep(who, &wish, (from, to), None).await?;
            self.publish_roster(who, (id, 1), true).await?;
        }
        self.demo_signs(who, today).await
    }

    async fn demo_signs(&self, who: &Who, today: Day) -> Result<()> {
        let mut rng = Rng::new(20_260_302);
        let mut tx = self.store.write().await?;
        let span = [Day(today.0 - 40).iso(), today.iso()];
        let rows = duty::published_duties(&mut tx, &span[0], &span[1]).await?;
        let now = self.now();
        // People with an account sign in themselves.
        let people = duty_people::by_key(&mut tx).await?;
        let ready = |p: i64| people.get(&p).is_some_and(|p| p.login.is_empty());
        for row in rows.iter().filter(|r| r.person.is_some_and(ready)) {
            let body: DutyBody = parse(&row.body)?;
            let day = Day::parse(&row.day).unwrap_or(today);
            // The demo's day stands where its tickets end: duties before it, and those of the day that began, were served.
            let begun = day < today || body.start * 60_000 <= now.ms_of_day();
            if !begun || rng.below(40) == 0 {
                continue;
            }
            let late = i64::from(rng.below(12)) - 8;
            let over = day < today || body.end * 60_000 < now.ms_of_day();
            let minutes = [("in", body.start + late), ("out", body.end + 1)];
            for (kind, minute) in minutes.into_iter().take(1 + usize::from(over)) {
                let at = UtcMs::of_civil(day, minute * 60_000).0;
                let detail = json!({"distance_m": 5 + rng.below(60), "near": true, "note": "", "simulated": true});
                let sign = Sign {
                    mark: format!("demo-{}-{kind}", row.id),
                    duty: row.id,
                    person: row.person.unwrap_or(0),
                    kind: kind.to_owned(),
                    at,
                    received_at: at.min(now.0),
                    body: detail.to_string(),
                };
                duty::insert_sign(&mut tx, &sign).await?;
            }
            if rng.below(60) == 0 {
                let detail = json!({"distance_m": 10, "near": true, "note": "模拟：接送车辆在路中停车，已劝离 (simulated)", "simulated": true});
                let sign = Sign {
                    mark: format!("demo-{}-incident", row.id),
                    duty: row.id,
                    person: row.person.unwrap_or(0),
                    kind: "incident".to_owned(),
                    at: UtcMs::of_civil(day, (body.start + 12) * 60_000).0,
                    received_at: now.0,
                    body: detail.to_string(),
                };
                duty::insert_sign(&mut tx, &sign).await?;
            }
        }
        self.audit(
            &mut tx,
            &who.name,
            ["duty.sign", "demo"],
            &json!({"simulated": true}),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
