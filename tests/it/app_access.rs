//! Who gets in, for how long, and what is written down about it?

use zhilu::app::{AccountChange, Error, NewAccount, Who};
use zhilu::ticket::permit::Role;

use crate::store_support::grounds;

const PASSWORD: &str = "long-enough-word-7";

fn new(name: &str, role: Role) -> NewAccount {
    NewAccount {
        name: name.into(),
        title: String::new(),
        role,
        unit: None,
        password: Some(PASSWORD.into()),
    }
}

#[tokio::test]
async fn the_first_start_makes_one_administrator_with_a_one_time_password() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let (name, password) = app
            .first_admin()
            .await
            .unwrap()
            .expect("a fresh installation");
        assert!(app.first_admin().await.unwrap().is_none(), "only once");
        let login = app.login(&name, &password, "127.0.0.1").await.unwrap();
        assert_eq!(login.who.role, Role::Admin);
        assert!(login.who.must_change);
        assert!(
            matches!(app.users(&login.who).await, Err(Error::Forbidden)),
            "nothing before the change"
        );
        app.change_password(&login.who, &password, PASSWORD)
            .await
            .unwrap();
        let who = app.who(&login.token).await.unwrap().expect("still in");
        assert!(!who.must_change);
        assert_eq!(app.users(&who).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_session_ends_after_twelve_idle_hours_and_after_seven_days() {
    for ground in grounds().await {
        let (app, clock) = ground.app().await;
        app.create_user(&Who::system("test"), &new("li", Role::Planner))
            .await
            .unwrap();
        let idle = app.login("li", PASSWORD, "a").await.unwrap().token;
        clock.forward(zhilu::app::IDLE_MS + 1);
        assert!(app.who(&idle).await.unwrap().is_none());
        let busy = app.login("li", PASSWORD, "a").await.unwrap().token;
        let mut days = 0;
        while app.who(&busy).await.unwrap().is_some() {
            clock.forward(86_400_000 / 3);
            days += 1;
            assert!(
                days <= 22,
                "a session used every eight hours ends after seven days"
            );
        }
        assert!(days > 20, "and not before: {days} thirds of a day");
    }
}

#[tokio::test]
async fn five_failures_start_a_delay_that_doubles_and_a_success_clears_it() {
    for ground in grounds().await {
        let (app, clock) = ground.app().await;
        app.create_user(&Who::system("test"), &new("li", Role::Clerk))
            .await
            .unwrap();
        for n in 0..5 {
            let answer = app.login("li", "wrong", &format!("addr{n}")).await;
            assert!(matches!(answer, Err(Error::Unauthorized(_))), "{answer:?}");
        }
        let refused = app.login("li", PASSWORD, "other").await;
        assert!(
            matches!(
                refused,
                Err(Error::Refused {
                    code: "locked_out",
                    ..
                })
            ),
            "{refused:?}"
        );
        clock.forward(1_001);
        assert!(matches!(
            app.login("li", "wrong", "x").await,
            Err(Error::Unauthorized(_))
        ));
        clock.forward(1_001);
        assert!(
            app.login("li", PASSWORD, "y").await.is_err(),
            "the second delay is two seconds"
        );
        clock.forward(1_000);
        app.login("li", PASSWORD, "z").await.unwrap();
    }
}

#[tokio::test]
async fn unknown_names_count_against_the_address() {
    let ground = grounds().await.remove(0);
    let (app, _) = ground.app().await;
    for n in 0..5 {
        assert!(matches!(
            app.login(&format!("nobody{n}"), "x", "10.0.0.9").await,
            Err(Error::Unauthorized(_))
        ));
    }
    assert!(matches!(
        app.login("nobody9", "x", "10.0.0.9").await,
        Err(Error::Refused { .. })
    ));
    assert!(matches!(
        app.login("nobody9", "x", "10.0.0.10").await,
        Err(Error::Unauthorized(_))
    ));
}

#[tokio::test]
async fn revoking_and_switching_off_end_sessions_at_once() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let system = Who::system("test");
        let (li, _) = app
            .create_user(&system, &new("li", Role::Clerk))
            .await
            .unwrap();
        let id: i64 = li.id.parse().unwrap();
        let token = app.login("li", PASSWORD, "a").await.unwrap().token;
        assert_eq!(app.revoke(&system, id).await.unwrap(), 1);
        assert!(app.who(&token).await.unwrap().is_none());
        let token = app.login("li", PASSWORD, "a").await.unwrap().token;
        let off = AccountChange {
            active: Some(false),
            ..AccountChange::default()
        };
        app.change_user(&system, id, &off).await.unwrap();
        assert!(app.who(&token).await.unwrap().is_none());
        assert!(app.login("li", PASSWORD, "a").await.is_err());
    }
}

#[tokio::test]
async fn nobody_edits_the_own_rights_and_an_old_version_is_a_conflict() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let system = Who::system("test");
        let (boss, _) = app
            .create_user(&system, &new("boss", Role::Admin))
            .await
            .unwrap();
        let login = app.login("boss", PASSWORD, "a").await.unwrap();
        app.change_password(&login.who, PASSWORD, "another-long-word")
            .await
            .unwrap();
        let who = app.who(&login.token).await.unwrap().unwrap();
        let id: i64 = boss.id.parse().unwrap();
        let grab = AccountChange {
            role: Some(Role::PrincipalLeader),
            ..AccountChange::default()
        };
        assert!(matches!(
            app.change_user(&who, id, &grab).await,
            Err(Error::Refused {
                code: "own_rights",
                ..
            })
        ));
        let (li, _) = app
            .create_user(&who, &new("li", Role::Clerk))
            .await
            .unwrap();
        let stale = AccountChange {
            version: Some(9),
            title: Some("李".into()),
            ..AccountChange::default()
        };
        let answer = app.change_user(&who, li.id.parse().unwrap(), &stale).await;
        assert!(
            matches!(answer, Err(Error::Conflict { version: 1 })),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn weak_passwords_are_named_and_refused() {
    let ground = grounds().await.remove(0);
    let (app, _) = ground.app().await;
    for weak in ["short", "1234567890", "aaaaaaaaaaaa", "wang-lei-word"] {
        let account = NewAccount {
            password: Some(weak.into()),
            ..new("wang", Role::Clerk)
        };
        let answer = app.create_user(&Who::system("test"), &account).await;
        assert!(
            matches!(
                answer,
                Err(Error::Invalid {
                    field: "password",
                    ..
                })
            ),
            "{weak}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn every_write_stands_in_an_unbroken_audit_chain() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let system = Who::system("test");
        app.create_user(&system, &new("li", Role::Auditor))
            .await
            .unwrap();
        let login = app.login("li", PASSWORD, "a").await.unwrap();
        app.change_password(&login.who, PASSWORD, "another-long-word")
            .await
            .unwrap();
        app.logout(&login.token).await.unwrap();
        let verdict = app.audit_verify(&system).await.unwrap();
        assert_eq!((verdict.rows, verdict.broken), (4, None));
        let actions: Vec<String> = app
            .audit_page(&system, None, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|r| r.action)
            .collect();
        assert_eq!(
            actions,
            ["logout", "password.change", "login", "user.create"]
        );
    }
}
