//! Which sites lie on this tile?

use crate::site::{Site, Status};
use crate::spatial::{TileId, World};
use crate::tile::encode::{Clip, LayerWriter, Local, TileWriter, Value, local};

/// At most this many sites are drawn on one tile, the foremost first.
const MOST: usize = 1500;

/// The tile of the active sites among `sites`: points in `sites`, stretches in `site_lines`; `None` without any.
/// `sums` gives the tickets and the petitioners to show for a site (all of them, or those that a filter selects); without tickets it is left out.
#[must_use]
pub fn tile<'a>(
    sites: impl IntoIterator<Item = &'a Site>,
    sums: impl Fn(&Site) -> (u32, u32),
    at: TileId,
) -> Option<Vec<u8>> {
    let clip = Clip::buffered(128);
    let mut shown: Vec<(&Site, Local, (u32, u32))> = sites
        .into_iter()
        .filter(|s| s.status == Status::Active)
        .map(|s| (s, local(at, World::of(s.point))))
        .filter(|(s, p)| clip.holds(*p) || !s.line.is_empty())
        .map(|(s, p)| (s, p, sums(s)))
        .filter(|(_, _, (tickets, _))| *tickets > 0)
        .collect();
    shown.sort_by_key(|(s, _, _)| (s.rank == 0, s.rank, s.id));
    shown.truncate(MOST);
    let mut points = LayerWriter::new("sites");
    let mut lines = LayerWriter::new("site_lines");
    for (site, place, n) in shown {
        let id = site.id.0.to_string();
        let tags = tags(site, &id, n);
        let key = u64::try_from(site.id.0).ok();
        if clip.holds(place) {
            points.point(key, place, &tags);
        }
        let line: Vec<Local> = site.line.iter().map(|p| local(at, World::of(*p))).collect();
        lines.line(key, &clip.line(&line), &tags);
    }
    let mut writer = TileWriter::new();
    writer.push(points);
    writer.push(lines);
    writer.finish()
}

fn tags<'a>(
    site: &'a Site,
    id: &'a str,
    (tickets, petitioners): (u32, u32),
) -> [(&'static str, Value<'a>); 8] {
    #[expect(clippy::cast_possible_truncation, reason = "shown with one decimal")]
    let rate = (site.rate * 10.0).round() as f32 / 10.0;
    // Sites that are not ranked come after all others.
    let rank = if site.rank == 0 { 9999 } else { site.rank };
    [
        ("id", Value::Text(id)),
        ("name", Value::Text(&site.name)),
        ("kind", Value::Text(site.kind.code())),
        ("rank", Value::Int(i64::from(rank))),
        ("count", Value::Int(i64::from(tickets))),
        ("petitioners", Value::Int(i64::from(petitioners))),
        ("rate", Value::Float(rate)),
        (
            "single_voice",
            Value::Bool(site.single_voice || site.dominated),
        ),
    ]
}
