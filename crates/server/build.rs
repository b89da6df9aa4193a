//! Makes sure that `dist/` exists, so that the server also builds before the app was built, and watches it.

use std::path::Path;

fn main() {
    let dist = Path::new("../../dist");
    if !dist.exists()
        && let Err(error) = std::fs::create_dir_all(dist)
    {
        println!("cargo::warning=dist/ is missing and can not be made: {error}");
    }
    println!("cargo::rerun-if-changed=../../dist");
    println!("cargo::rerun-if-changed=migrations");
}
