//! Where does a text point, and who decides when the words do not: the review queue, decisions, aliases, and a try-out.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Door;
use super::body::Body;
use super::endpoint::{Endpoint, Need};
use super::gate::Me;
use super::problem::Problem;
use super::query::Asked;
use super::user::key;
use crate::ticket::permit::Right;

const EDIT: Need = Need::Edit(Right::Review);
