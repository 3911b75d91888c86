//! How busy is the program: counters and durations in the text form that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the duration histogram in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Default)]
struct Line {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum_s: f64,
}

/// All figures of the process; cheap to clone behind an `Arc`.
#[derive(Default)]
pub(super) struct Metrics {
    /// (method, route, status) → number of answers.
    answers: Mutex<BTreeMap<(String, String, u16), u64>>,
    /// route → durations.
    durations: Mutex<BTreeMap<String, Line>>,
    /// Requests being answered now.
    pub(super) running: AtomicI64,
    /// Open event streams.
    pub(super) streams: AtomicI64,
    /// Tiles answered from memory.
    pub(super) tile_hits: AtomicU64,
    /// Tiles built.
    pub(super) tile_builds: AtomicU64,
    /// Answers without a body because the client had it.
    pub(super) not_modified: AtomicU64,
}

impl Metrics {
    /// Notes one answer. `route` is the pattern, never the path, so that the number of lines is bounded.
    pub(super) fn note(&self, method: &str, route: &str, status: u16, took: Duration) {
        if status == 304 {
            self.not_modified.fetch_add(1, Ordering::Relaxed);
        }
        let key = (method.to_owned(), route.to_owned(), status);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry(key).or_insert(0) += 1;
        drop(answers);
        let mut durations = self
            .durations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let line = durations.entry(route.to_owned()).or_default();
        let seconds = took.as_secs_f64();
        for (bucket, bound) in line.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
        line.count += 1;
        line.sum_s += seconds;
    }

    /// The text, with gauges that others know: (name, help, value).
    pub(super) fn text(&self, gauges: &[(&str, &str, f64)]) -> String {
        let mut out = String::new();
        for (name, help, value) in gauges {
            gauge(&mut out, name, help, *value);
        }
        let counters: [(&str, &str, u64); 3] = [
            (
                "zhilu_tile_cache_hits_total",
                "tiles answered from memory",
                self.tile_hits.load(Ordering::Relaxed),
            ),
            (
                "zhilu_tile_builds_total",
                "tiles built",
                self.tile_builds.load(Ordering::Relaxed),
            ),
            (
                "zhilu_not_modified_total",
                "answers 304",
                self.not_modified.load(Ordering::Relaxed),
            ),
        ];
        for (name, help, value) in counters {
            let _ = writeln!(
                out,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}"
            );
        }
        let running: [(&str, &str, &AtomicI64); 2] = [
            (
                "zhilu_http_requests_running",
                "requests being answered",
                &self.running,
            ),
            ("zhilu_event_streams", "open event streams", &self.streams),
        ];
        for (name, help, value) in running {
            let _ = writeln!(
                out,
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {}",
                value.load(Ordering::Relaxed)
            );
        }
        self.write_answers(&mut out);
        self.write_durations(&mut out);
        out
    }

    fn write_answers(&self, out: &mut String) {
        let name = "zhilu_http_requests_total";
        let _ = writeln!(
            out,
            "# HELP {name} answers by method, route and status\n# TYPE {name} counter"
        );
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), count) in answers.iter() {
            let _ = writeln!(
                out,
                "{name}{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
    }

    fn write_durations(&self, out: &mut String) {
        let name = "zhilu_http_request_duration_seconds";
        let _ = writeln!(
            out,
            "# HELP {name} time of an answer by route\n# TYPE {name} histogram"
        );
        let durations = self
            .durations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (route, line) in durations.iter() {
            for (bucket, bound) in line.buckets.iter().zip(BOUNDS) {
                let _ = writeln!(
                    out,
                    "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {bucket}"
                );
            }
            let _ = writeln!(
                out,
                "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}",
                line.count
            );
            let _ = writeln!(out, "{name}_sum{{route=\"{route}\"}} {:.6}", line.sum_s);
            let _ = writeln!(out, "{name}_count{{route=\"{route}\"}} {}", line.count);
        }
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: f64) {
    let _ = writeln!(
        out,
        "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
    );
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use std::time::Duration;

    #[test]
    fn a_slow_answer_counts_only_in_buckets_above_it() {
        let metrics = Metrics::default();
        metrics.note("GET", "/x", 200, Duration::from_millis(30));
        let text = metrics.text(&[("zhilu_tickets", "tickets", 3.0)]);
        assert!(text.contains("le=\"0.025\"} 0"), "{text}");
        assert!(text.contains("le=\"0.05\"} 1"));
        assert!(text.contains("zhilu_tickets 3"));
        assert!(
            text.contains(
                "zhilu_http_requests_total{method=\"GET\",route=\"/x\",status=\"200\"} 1"
            )
        );
    }
}
