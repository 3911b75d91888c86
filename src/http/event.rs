//! What just changed: one event stream per browser with data versions and progress of jobs.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::IntoResponse;
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::app::Event;
use crate::http::Door;
use crate::http::endpoint::Endpoint;
use crate::http::need::{Need, Pace};

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/events", Need::Login, stream)
            .says("Server-sent events: `data_version` after every change, `job` while a job runs; a ping every 15 s.", "text/event-stream")
            .pace(Pace::Stream),
    ]
}

async fn stream(State(door): State<Arc<Door>>) -> impl IntoResponse {
    let (sender, receiver) = mpsc::channel::<Result<Line, Infallible>>(64);
    tokio::spawn(feed(door, sender));
    let sse = Sse::new(ReceiverStream::new(receiver)).keep_alive(
        KeepAlive::new()
            .interval(Duration::from_secs(15))
            .text("ping"),
    );
    ([(HeaderName::from_static("x-accel-buffering"), "no")], sse)
}

/// Copies events to one browser until it goes away or the program stops.
async fn feed(door: Arc<Door>, sender: mpsc::Sender<Result<Line, Infallible>>) {
    door.metrics.streams.fetch_add(1, Ordering::Relaxed);
    let mut events = door.app.listen();
    let hello = version_line(door.version());
    let mut open = sender.send(Ok(hello)).await.is_ok();
    while open {
        let event = tokio::select! {
            event = events.recv() => event,
            () = door.stop.wait() => break,
            () = sender.closed() => break,
        };
        let line = match event {
            Ok(event) => line(&event),
            // A slow browser missed some: it asks for everything anew.
            Err(RecvError::Lagged(_)) => version_line(door.version()),
            Err(RecvError::Closed) => break,
        };
        open = sender.send(Ok(line)).await.is_ok();
    }
    door.metrics.streams.fetch_sub(1, Ordering::Relaxed);
}

fn version_line(version: u64) -> Line {
    let text = json!({"data_version": version}).to_string();
    Line::default()
        .event("data_version")
        .id(version.to_string())
        .data(text)
}

fn line(event: &Event) -> Line {
    match event {
        Event::DataVersion { version } => version_line(*version),
        Event::Job { .. } => Line::default().event("job").data(json!(event).to_string()),
    }
}
