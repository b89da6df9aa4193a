//! The entry point that Trunk builds, and the line along which the app is split in two; everything else is in the library.
//!
//! What only [`desk`] leads to becomes the part of the desk, when `cargo xtask web` builds the app. Without it, as in tests, the app is
//! one piece.

#[cfg(target_arch = "wasm32")]
use greenshield_app::ui::desk::{Draw, draw};

/// The part of the desk can not be fetched.
#[cfg(target_arch = "wasm32")]
struct Absent;

#[cfg(all(target_arch = "wasm32", split))]
impl From<wasm_split_helpers::SplitLoaderError> for Absent {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

#[cfg(all(target_arch = "wasm32", split))]
#[wasm_split_helpers::wasm_split(desk, fallible)]
fn desk() -> Result<Draw, Absent> {
    Ok(draw)
}

#[cfg(all(target_arch = "wasm32", not(split)))]
async fn desk() -> Result<Draw, Absent> {
    Ok(draw)
}

fn main() {
    #[cfg(target_arch = "wasm32")]
    greenshield_app::app::start(|| Box::pin(async { desk().await.ok() }));
}
