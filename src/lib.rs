//! Zhilu 治路 turns citizens' traffic tickets into places, places into recurring sites, sites into cases with measures, and measures into proven or disproven effects.
//!
//! # The house
//!
//! One crate, one line of modules in the order a ticket travels. **A module names only modules declared above it**
//! (the order law); everything above [`store`] is pure: no clock, file, network, database, print or unseeded chance
//! (the purity law); sqlx lives only in `store`, axum only in `http`, clap only in `cli`, and the two doors never name
//! `store` (the door law). `tests/it/architecture.rs` holds the three laws.
//!
//! ```text
//!  doors      http ─ cli                                 talk, never decide
//!  desk       app (config)                               one use case = one function = one transaction
//!  memory     store                                      the only SQL; facts in, facts out
//!  windows    tile ─ report                              values → bytes; pure
//!  story      ticket → intake → place → index → hotspot → site → case → effect → plan → ledger
//!  ground     stats ─ spatial ─ calendar ─ param ─ optim numbers, shapes, days, parameters, solvers; pure
//! ```
//!
//! Rooms that a later version fills (`ledger`) are declared when their first file stands.
//!
//! # Invariants
//!
//! - Parsing never fails as a whole: it returns what it understood and why it refused the rest.
//! - A result names its inputs: run id, parameters, seed, snapshot version, engine version.
//! - Distances are metres in a local plane, angles are degrees in WGS-84; every imported point says its datum.
//! - Petitioners' names and phones exist in clear only inside `ticket::petitioner`, `intake` while a batch is read, and
//!   sealed in `store`; no log, snapshot, tile, report or test datum holds them.
//! - The program needs no network: map, fonts, libraries and help are inside.
//! - City differences are data. If code asks for a city's name, the design is wrong.
//!
//! # Glossary
//!
//! | Chinese | name here | meaning |
//! |---|---|---|
//! | 工单 / 诉求件 | ticket | one demand by one petitioner through one channel |
//! | 诉求人 | petitioner | who asked |
//! | 诉求来源 | channel | 12345, 12123, new media, 122, supervision, patrol, walk-in, API |
//! | 地点 | place, `Located` | what a text says about where, with its error |
//! | 地名库 | gazetteer | roads, junctions, places, gates, numbers, areas of a city |
//! | 路口 / 路段 | junction / segment | two roads meeting / a stretch between two limits |
//! | 点位 | site | place where tickets recur |
//! | 治理措施 | measure | a remedy: signs, markings, barriers, posts |
//! | 指标 | indicator | a figure of the office: close rate, response rate |
//! | 热点方法 | method | a statistic that finds where it is worse than chance |
//! | 评估设计 | design | a statistic that estimates an effect |
//! | 护学岗 | duty post | who stands at which school gate when |
//! | 一点一策 / 一校一策 | case / school package | the remedy of one site / of one school |
//! | 人工复核 | review | a person decides where a text points |
//! | 别名 | alias | another surface of a name, given, made by rule or learned |
//! | 坐标系 | datum | WGS-84, GCJ-02, BD-09 |
//! | 批次 | batch | one imported file, whole or absent |

/// Numbers: distributions, rates, tests and resampling on plain slices.
pub mod stats;

/// Shapes: coordinates, hexagons, nearest things, clusters and road distance for bare points.
pub mod spatial;

/// Days: civil time of the city, working days, school days.
pub mod calendar;

/// Parameters: one described once, with name, unit, kind, default, bounds and words.
pub mod param;

/// Solvers: choosing under budgets, covering, flows and pairings, on plain numbers.
pub mod optim;

/// What a ticket is and what may happen to it.
pub mod ticket;

/// Bytes of any channel become tickets and rejections.
pub mod intake;

/// Chinese words become a place with method and error radius.
pub mod place;

/// Located tickets as columns: filter, selection, counts.
pub mod index;

/// Methods that find where it is worse than chance, behind one registry.
pub mod hotspot;

/// Clusters become lasting problem sites with a kind, a rank and a history.
pub mod site;

/// The remedy of one site: measures from the catalogue, their life, who may do what.
pub mod case;

/// Measures and whether they helped: expectation, interval, displacement, verdict.
pub mod effect;

/// What to do with money and people: measures under a budget, posts, rosters and routes.
pub mod plan;

/// Map layers as vector tiles, offline base map, style.
pub mod tile;

/// Figures and documents.
pub mod report;

/// Facts and rows: the only SQL.
pub mod store;

/// Options from file, environment and flags, defined once.
pub mod config;

/// Use cases, transactions, jobs and the swapped snapshot.
pub mod app;

/// Routes, sessions, status codes and the embedded page.
pub mod http;

/// The same use cases from a shell.
pub mod cli;
