//! Do clocks, tiers, transitions and the hot list keep their rules beyond the golden cases?

use zhilu::calendar::{Day, UtcMs, WorkCalendar};
use zhilu::site::hotlist::{self, evaluate};
use zhilu::ticket::State;
use zhilu::ticket::action::{ACTIONS, Actor, Attempt, judge};
use zhilu::ticket::clock::{Clock, Level, Limit, Pause, Unit};
use zhilu::ticket::permit::Role;
use zhilu::ticket::tier::{Features, Tier, suggest};

fn at(day: (i64, u32, u32), hour: i64) -> UtcMs {
    UtcMs::of_civil(Day::of(day.0, day.1, day.2).unwrap(), hour * 3_600_000)
}

fn attempt(state: State, action: &str, actor: Actor) -> Attempt<'_> {
    Attempt {
        state,
        action,
        actor,
        own_unit: true,
        version_matches: true,
        missing: &[],
    }
}

#[test]
fn every_cell_of_the_table_is_a_state_or_a_named_refusal() {
    let actors: Vec<Actor> = Role::ALL
        .into_iter()
        .map(Actor::Person)
        .chain([Actor::System])
        .collect();
    let mut allowed = 0;
    for state in State::ALL {
        for action in ACTIONS {
            for actor in &actors {
                match judge(&attempt(state, action.code, *actor)) {
                    Ok(_) => allowed += 1,
                    Err(refusal) => {
                        assert!(["forbidden", "invalid_transition"].contains(&refusal.code()));
                    }
                }
            }
        }
    }
    // States × roles of each line of the reference's table, counted by hand in its order.
    let by_hand = [
        1, 2, 9, 3, 8, 2, 1, 35, 2, 5, 2, 2, 3, 3, 1, 2, 6, 4, 1, 4, 1, 6, 2, 3, 18, 18, 24,
    ];
    assert_eq!(allowed, by_hand.iter().sum::<i32>());
}

#[test]
fn an_ended_ticket_can_only_be_unmerged() {
    for state in [
        State::Rejected,
        State::Returned,
        State::Merged,
        State::Withdrawn,
    ] {
        let open: Vec<_> = ACTIONS
            .iter()
            .filter(|a| {
                Role::ALL
                    .into_iter()
                    .any(|r| judge(&attempt(state, a.code, Actor::Person(r))).is_ok())
            })
            .map(|a| a.code)
            .collect();
        assert_eq!(
            open,
            if state == State::Merged {
                vec!["unmerge"]
            } else {
                vec![]
            }
        );
    }
}

#[test]
fn a_stranger_learns_nothing_from_an_error() {
    let mut other = attempt(State::Working, "approve", Actor::Person(Role::Officer));
    other.own_unit = false;
    other.version_matches = false;
    assert_eq!(judge(&other).unwrap_err().code(), "not_found");
    let unknown = attempt(State::Working, "destroy", Actor::Person(Role::Clerk));
    assert_eq!(judge(&unknown).unwrap_err().code(), "not_found");
}

#[test]
fn a_pause_never_brings_the_due_time_forward() {
    let days = WorkCalendar::read("date,kind\n2024-05-01,holiday\n").unwrap();
    for unit in [Unit::NaturalHour, Unit::WorkHour, Unit::WorkDay] {
        let limit = Limit::new(unit, 6.0);
        let start = at((2024, 4, 29), 10);
        let plain = Clock {
            start,
            limit,
            pauses: &[],
        }
        .due(&days)
        .unwrap();
        for hour in 0..80 {
            let from = UtcMs(start.0 + hour * 3_600_000);
            let pauses = [Pause {
                from,
                to: Some(UtcMs(from.0 + 5 * 3_600_000)),
            }];
            let paused = Clock {
                start,
                limit,
                pauses: &pauses,
            }
            .due(&days)
            .unwrap();
            assert!(paused >= plain, "{unit:?} {hour}");
        }
    }
}

#[test]
fn an_alarm_never_gets_milder_while_time_runs() {
    let days = WorkCalendar::read("date,kind\n").unwrap();
    for (unit, amount) in [
        (Unit::NaturalHour, 4.0),
        (Unit::WorkHour, 4.0),
        (Unit::WorkDay, 3.0),
    ] {
        let clock = Clock {
            start: at((2024, 4, 8), 9),
            limit: Limit::new(unit, amount),
            pauses: &[],
        };
        let levels: Vec<Level> = (0..300)
            .map(|h| clock.level(&days, UtcMs(clock.start.0 + h * 1_800_000), 0.75))
            .collect();
        assert!(levels.is_sorted(), "{unit:?}");
        assert_eq!(levels.last(), Some(&Level::Red));
    }
}

#[test]
fn a_calendar_names_the_line_it_cannot_read() {
    let error =
        WorkCalendar::read("date,kind\n2024-05-01,holiday\n2024-13-01,holiday\n").unwrap_err();
    assert!(error.to_string().contains("line 3"));
    let days =
        WorkCalendar::read("date,kind\n2024-07-08,summer_break\n2024-05-11,makeup\n").unwrap();
    let day = |m, d| Day::of(2024, m, d).unwrap();
    assert!(days.is_working(day(7, 8)) && !days.is_school_day(day(7, 8)));
    assert!(days.is_working(day(5, 11)) && days.covers(2024) && !days.covers(2025));
}

#[test]
fn more_trouble_never_lowers_the_tier() {
    let plain = Features::default();
    assert_eq!(suggest(&plain), (0, Tier::Plain));
    for redo in 0..5 {
        let now = suggest(&Features {
            redo_rounds: redo,
            ..plain
        });
        let more = suggest(&Features {
            redo_rounds: redo + 1,
            ..plain
        });
        assert!(more.1 >= now.1 && more.0 >= now.0);
    }
}

#[test]
fn anonymous_tickets_count_as_different_people_on_the_hot_list() {
    let day = |d| Day::of(2024, 3, d).unwrap();
    let ticket = |d| hotlist::Ticket {
        day: day(d),
        petitioner: None,
        redo: 0,
    };
    let changes = evaluate(&[ticket(1), ticket(2), ticket(3)], &[], day(1), day(30));
    assert_eq!(
        (changes[0].event, changes[0].day, changes[0].p30),
        ("enter", day(3), 3)
    );
}
