//! Where does the page come from: files built into the binary, compressed, with `ETag`.

use axum::Router;
use memory_serve::CacheControl;

/// The embedded page at `/` with its hashed files under `/assets`.
#[expect(
    unused_qualifications,
    reason = "the build script of memory-serve writes full paths into the list it includes here"
)]
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!()
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router()
}
