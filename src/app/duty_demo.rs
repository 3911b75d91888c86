//! Who stands at the gates of the demo city: invented people of six squads, marked as simulated?

use std::sync::Arc;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{DutyPerson, PersonWish};
use crate::app::error::{Error, Result};

/// Given names of invented people; family names go round beside them.
const GIVEN: [&str; 12] = [
    "建国", "文博", "雨桐", "志强", "晓燕", "海涛", "思远", "丽娜", "明辉", "春梅", "子轩", "国庆",
];
const FAMILY: [&str; 12] = [
    "模", "拟", "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸",
];

impl App {
    /// Fills the register and the list of people of a demo once: the map's schools; four officers, eight auxiliaries, three
    /// volunteers and two parents for every squad. The demo's officer and squad leader are two of the first squad.
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
        Ok(())
    }
}
