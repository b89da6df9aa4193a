//! Writes the golden vectors to `tests/golden/`. Called by `cargo xtask bless`; run it only when a format is meant to change.

#[path = "../tests/golden/json.rs"]
mod json;
#[path = "../tests/golden/merging.rs"]
mod merging;
#[path = "../tests/golden/proofs.rs"]
mod proofs;
#[path = "../tests/golden/refusals.rs"]
mod refusals;
#[path = "../tests/golden/sealing.rs"]
mod sealing;
#[path = "../tests/golden/server.rs"]
mod server;
#[path = "../tests/golden/vectors.rs"]
mod vectors;

fn main() -> std::io::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/");
    for (name, vector) in vectors::files() {
        std::fs::write(format!("{folder}{name}"), vector.to_file())?;
        eprintln!("{name}");
    }
    Ok(())
}
