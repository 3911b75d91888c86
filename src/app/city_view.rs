//! Which city does the program work for now, and what is made from its map on opening?

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::App;
use crate::app::CityGround;
use crate::app::city::{self, CityError};
use crate::app::error::{Error, Result};
use crate::app::placing::{Decided, Placer};
use crate::app::snapshot::CityView;
use crate::place::pair_audit::PairVerdicts;
use crate::place::{Alias, Gazetteer, Language};
use crate::store::{Tx, decision, setting};
use crate::ticket::TicketId;

impl App {
    /// Takes the current city of the data folder into use (after an import of a map, and on opening). Existing tickets keep
    /// their places until they are located again.
    pub async fn use_city(&self) -> Result<()> {
        self.load_city().await?;
        self.reload().await
    }

    /// Loads the current city, if there is one, into the snapshot that is being built.
    pub(super) async fn load_city(&self) -> Result<()> {
        let data = self.options.data.clone();
        let task = tokio::task::spawn_blocking(move || {
            let Some(id) = city::current(&data) else {
                return Ok(None);
            };
            let city = city::load(&data, &id)?;
            let (gazetteer, notes) = Gazetteer::build(&city.map, &Language::mandarin());
            for note in notes.iter().take(20) {
                tracing::info!(subject = %note.subject, "{}", note.text);
            }
            Ok::<_, CityError>(Some(Arc::new(CityView {
                city,
                gazetteer,
                ground: CityGround::default(),
            })))
        });
        let view = task
            .await
            .map_err(|e| Error::Internal(e.to_string()))?
            .map_err(|e| Error::refused("city", e.to_string()))?;
        self.set_city(view);
        self.load_catalogue().await
    }

    /// Everything that placing tickets needs, if there is a city.
    pub(super) async fn placer(&self) -> Result<Option<Placer>> {
        let mut tx = self.store.read().await?;
        self.placer_in(&mut tx).await
    }

    /// The same with what the caller's transaction has written.
    pub(super) async fn placer_in(&self, tx: &mut Tx) -> Result<Option<Placer>> {
        let Some(view) = self.city() else {
            return Ok(None);
        };
        let aliases = active(tx).await?;
        let mut decided: BTreeMap<TicketId, Decided> = BTreeMap::new();
        for row in decision::in_force(tx).await? {
            let one = serde_json::from_str(&row.body)
                .map_err(|e| Error::Internal(format!("decision {}: {e}", row.id)))?;
            decided.insert(row.ticket, one);
        }
        let verdicts = verdicts(tx).await?;
        Ok(Some(Placer::new(view, aliases, decided, verdicts)))
    }

    /// The aliases in use.
    pub(super) async fn active_aliases(&self) -> Result<Vec<Alias>> {
        let mut tx = self.store.read().await?;
        active(&mut tx).await
    }
}

/// Prefix of the settings that hold what the pairs of a batch taught.
const PAIRS: &str = "pairs.";

/// What the pairs of each batch taught, as noted by its import or the last relocation.
async fn verdicts(tx: &mut Tx) -> Result<BTreeMap<i64, PairVerdicts>> {
    let mut map = BTreeMap::new();
    for (key, text) in setting::with_prefix(tx, PAIRS).await? {
        let batch = key.strip_prefix(PAIRS).and_then(|b| b.parse().ok());
        let one =
            serde_json::from_str(&text).map_err(|e| Error::Internal(format!("{key}: {e}")))?;
        map.extend(batch.map(|b: i64| (b, one)));
    }
    Ok(map)
}

/// Notes what the pairs of a batch taught; a batch without news is not noted.
pub(super) async fn note_verdicts(
    tx: &mut Tx,
    batch: i64,
    one: &PairVerdicts,
    at: i64,
) -> Result<()> {
    let key = format!("{PAIRS}{batch}");
    if *one == PairVerdicts::default() {
        return Ok(setting::remove(tx, &key).await?);
    }
    let text = serde_json::to_string(one).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(setting::put(tx, &key, &text, at).await?)
}

async fn active(tx: &mut Tx) -> Result<Vec<Alias>> {
    Ok(decision::aliases(tx)
        .await?
        .into_iter()
        .filter(|a| a.active)
        .map(alias)
        .collect())
}

fn alias(row: decision::Alias) -> Alias {
    Alias {
        surface: row.surface,
        feature: row.feature,
        district: row.district,
        confirmations: u16::try_from(row.support + 2 * i64::from(row.confirmed))
            .unwrap_or(u16::MAX),
    }
}
