//! What did people decide about sites, as the runs read it?

use crate::app::error::{Error, Result};
use crate::site::hand::Edit;
use crate::store::{Tx, site_edit};

/// Deeds of people, oldest first.
pub(super) async fn load_edits(tx: &mut Tx) -> Result<Vec<Edit>> {
    let rows = site_edit::all(tx).await?;
    rows.iter()
        .map(|r| {
            let deed = serde_json::from_str(&r.body).map_err(|e| Error::Internal(e.to_string()))?;
            Ok(Edit {
                id: r.id,
                run: r.run,
                deed,
            })
        })
        .collect()
}
