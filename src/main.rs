//! The entry point that Trunk builds; everything is in the library.

fn main() {
    #[cfg(target_arch = "wasm32")]
    greenshield_app::app::start();
}
