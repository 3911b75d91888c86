//! How do all filtered tickets leave over HTTP: CSV and GeoJSON page by page as they are read, a workbook when it is whole.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::app::export::{self, Book, Remarks};
use crate::app::{App, ExportRun, Result, Who};
use crate::http::gate::Audited;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::{Door, table};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Comma-separated, with BOM.
    Csv,
    /// Excel workbook.
    Xlsx,
    /// RFC 7946.
    GeoJson,
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::GeoJson => "geojson",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// Answers an export request.
pub(super) async fn answer(
    door: &Arc<Door>,
    who: Who,
    asked: Asked,
    format: Format,
) -> std::result::Result<Response, Problem> {
    let words = asked.words();
    let snapshot = door.app.snapshot();
    let filter = asked.filter(&snapshot)?;
    let run = door.app.export(&who, &filter, format.name()).await?;
    let name = format!("工单_v{}.{}", run.version(), format.name());
    let body = if format == Format::Xlsx {
        let city = snapshot.city.as_ref().map_or_else(String::new, |c| {
            let mark = if c.city.meta.simulated {
                "（模拟）"
            } else {
                ""
            };
            format!("{}{mark}", c.city.meta.name)
        });
        let remarks = Remarks {
            filter: words,
            person: who.title.clone(),
            at: door.app.now(),
            version: run.version(),
            city,
        };
        Body::from(workbook(&door.app, run, &remarks).await?)
    } else {
        let (sender, receiver) = mpsc::channel(4);
        let app = Arc::clone(&door.app);
        tokio::spawn(async move {
            // The answer has begun: an error can only break it off, which the client notices.
            if let Err(error) = stream(&app, run, format, &sender).await {
                tracing::error!(why = %error, "export broke off");
                let _ = sender
                    .send(Err(io::Error::other("the export broke off")))
                    .await;
            }
        });
        Body::from_stream(ReceiverStream::new(receiver))
    };
    let mut response = table::attachment(&name, format.kind(), body);
    response.extensions_mut().insert(Audited);
    Ok(response)
}

async fn stream(
    app: &App,
    mut run: ExportRun,
    format: Format,
    sender: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<()> {
    let csv = format == Format::Csv;
    let mut first = true;
    let mut part = if csv {
        export::csv_head()
    } else {
        export::geojson_head()
    };
    loop {
        if sender
            .send(Ok(Bytes::from(std::mem::take(&mut part))))
            .await
            .is_err()
        {
            // The client went away.
            return Ok(());
        }
        let page = app.export_page(&mut run).await?;
        if page.is_empty() {
            break;
        }
        part = if csv {
            export::csv_rows(&page)
        } else {
            export::geojson_rows(&page, &mut first)
        };
    }
    if !csv {
        let _ = sender.send(Ok(Bytes::from(export::geojson_tail()))).await;
    }
    Ok(())
}

async fn workbook(app: &App, mut run: ExportRun, remarks: &Remarks) -> Result<Vec<u8>> {
    let mut book = Book::new()?;
    loop {
        let page = app.export_page(&mut run).await?;
        if page.is_empty() {
            return book.finish(remarks);
        }
        book.rows(&page)?;
    }
}
