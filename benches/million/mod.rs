//! Which simulated tickets do the benches measure with: half at 400 spots, half spread over a city, from a fixed seed?

use std::sync::Arc;

use zhilu::calendar::UtcMs;
use zhilu::index::{Dicts, Row};
use zhilu::place::Precision;
use zhilu::spatial::LonLat;
use zhilu::ticket::{Channel, PetitionerKey, State, TicketId};

/// Xorshift: the same tickets on every machine.
struct Seeded(u64);

impl Seeded {
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a small number"
    )]
    fn below(&mut self, n: u32) -> u32 {
        (self.share() * f64::from(n)) as u32
    }
}

/// Rows and their dictionaries.
pub(crate) fn rows(n: i64) -> (Vec<Row>, Arc<Dicts>) {
    let mut dicts = Dicts::default();
    let mut kinds = Vec::new();
    for a in 0..6 {
        for b in 0..8 {
            kinds.push(
                dicts
                    .categories
                    .intern_path(&[format!("大类{a}"), format!("小类{a}{b}")]),
            );
        }
    }
    let mut seeded = Seeded(88_172_645_463_325_252);
    let rows = (0..n).map(|id| row(id, &mut seeded, &kinds)).collect();
    (rows, Arc::new(dicts))
}

fn row(id: i64, seeded: &mut Seeded, kinds: &[u16]) -> Row {
    let spot = (seeded.share() < 0.5).then(|| seeded.below(400));
    let (lon, lat, spread) = match spot {
        Some(k) => (
            113.70 + f64::from(k % 20) * 0.01,
            34.65 + f64::from(k / 20) * 0.008,
            0.0004,
        ),
        None => (113.8, 34.75, 0.35),
    };
    let second = 1_672_531_200 + i64::from(seeded.below(94_000_000));
    Row {
        point: Some(LonLat {
            lon: lon + (seeded.share() - 0.5) * spread,
            lat: lat + (seeded.share() - 0.5) * spread,
        }),
        precision: if seeded.share() < 0.12 {
            Precision::Segment
        } else {
            Precision::Point
        },
        category: kinds[seeded.below(48) as usize],
        channel: Channel::ALL[seeded.below(6) as usize],
        state: if seeded.share() < 0.8 {
            State::Archived
        } else {
            State::Working
        },
        petitioner: (seeded.share() < 0.9).then(|| PetitionerKey(i64::from(seeded.below(600_000)))),
        confidence: 0.9,
        radius_m: 30.0,
        ..Row::bare(TicketId(id), UtcMs(second * 1000))
    }
}
