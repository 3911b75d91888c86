//! What does an endpoint ask of a request: who may use it, and which limits hold?

use crate::ticket::permit::Right;

/// Who may use an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Anybody.
    Open,
    /// Anybody who is logged in, even before the one-time password is changed.
    Login,
    /// Roles that have the right.
    May(Right),
    /// Roles that may propose things under the right, or more.
    Propose(Right),
    /// Roles that may change things under the right.
    Edit(Right),
    /// Roles that may verify under the right.
    Verify(Right),
}

/// How long an answer may take and how large a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// An ordinary answer.
    Plain,
    /// A tile.
    Tile,
    /// A form as web pages send it, for interfaces whose standard says so.
    Form,
    /// An upload.
    Upload,
    /// A stream without end.
    Stream,
}
