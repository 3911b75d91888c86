//! Is the catalogue of measures changed on the page under the rights and checks of the file, with every change kept, on both engines?

use std::collections::BTreeMap;

use zhilu::app::{Error, Kept, MeasureWish, NewCase};
use zhilu::ticket::permit::Role;

use crate::app_cases::{content, person, with_site};
use crate::store_support::grounds;

#[tokio::test]
async fn the_catalogue_is_changed_on_the_page_checked_like_the_file_and_every_change_is_kept() {
    for ground in grounds().await {
        with_site(&ground).await;
        let (app, _) = ground.app().await;
        let planner = person("p", Role::Planner);
        let sheet = app.measure_sheet(&planner, "mirror").await.unwrap();
        assert!(!sheet.own && sheet.history.is_empty() && sheet.row == sheet.shipped);
        let mut row = sheet.row.clone().unwrap();
        row.insert("unit_cost_low_cny".to_owned(), "777".to_owned());
        row.insert("unit_cost_high_cny".to_owned(), "999".to_owned());
        let wish = |row: Option<&BTreeMap<String, String>>, seen: &str| MeasureWish {
            row: row.cloned(),
            reason: "2025 年框架合同价".to_owned(),
            seen: seen.to_owned(),
        };
        for role in [Role::Officer, Role::SquadLeader, Role::Auditor] {
            let who = person("o", role);
            let denied = app
                .edit_measure(&who, "mirror", &wish(Some(&row), ""))
                .await;
            assert!(matches!(denied, Err(Error::Forbidden)), "{role:?}");
        }
        let mut wrong = row.clone();
        wrong.insert("unit_cost_low_cny".to_owned(), "many".to_owned());
        let kept = app
            .edit_measure(&planner, "mirror", &wish(Some(&wrong), ""))
            .await;
        let Ok(Kept::Wrong(cells)) = kept else {
            panic!("{kept:?}");
        };
        assert_eq!(cells[0].column, "unit_cost_low_cny");
        let kept = app
            .edit_measure(&planner, "mirror", &wish(Some(&row), ""))
            .await;
        let Ok(Kept::Written(first)) = kept else {
            panic!("{kept:?}");
        };
        let found = app.catalogue();
        let mirror = found.measures.get("mirror").unwrap();
        assert_eq!(
            (mirror.unit_cost, mirror.source.code()),
            ([777, 999], "city")
        );
        let stale = app.edit_measure(&planner, "mirror", &wish(None, "")).await;
        assert!(matches!(stale, Err(Error::Conflict { .. })));
        let silent = MeasureWish {
            reason: " ".to_owned(),
            ..wish(None, &first.to_string())
        };
        let silent = app.edit_measure(&planner, "mirror", &silent).await;
        assert!(matches!(
            silent,
            Err(Error::Invalid {
                field: "reason",
                ..
            })
        ));
        // A measure of the city alone: used by a case it cannot go.
        let new = app
            .edit_measure(&planner, "mirror_smart", &wish(Some(&row), ""))
            .await;
        let Ok(Kept::Written(own)) = new else {
            panic!("{new:?}");
        };
        let mut plan = content();
        plan.works[0].measure = "mirror_smart".to_owned();
        let case = NewCase {
            site: "7".to_owned(),
            content: plan,
        };
        app.create_case(&planner, &case).await.unwrap();
        let gone = wish(None, &own.to_string());
        let used = app.edit_measure(&planner, "mirror_smart", &gone).await;
        assert!(matches!(used, Err(Error::Refused { code: "in_use", .. })));
        app.close().await;
        // Kept over a restart, and taken back with its history.
        let (app, _) = ground.app().await;
        assert_eq!(
            app.catalogue().measures.get("mirror").unwrap().unit_cost,
            [777, 999]
        );
        let back = wish(None, &first.to_string());
        app.edit_measure(&planner, "mirror", &back).await.unwrap();
        assert_ne!(
            app.catalogue().measures.get("mirror").unwrap().unit_cost,
            [777, 999]
        );
        let sheet = app.measure_sheet(&planner, "mirror").await.unwrap();
        let told: Vec<bool> = sheet.history.iter().map(|h| h.row.is_some()).collect();
        assert_eq!(told, [false, true]);
        let rows = app
            .audit_page(&person("l", Role::PrincipalLeader), None, 50)
            .await
            .unwrap();
        assert_eq!(
            rows.iter()
                .filter(|r| r.action == "catalogue.measure")
                .count(),
            3
        );
    }
}
