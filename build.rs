//! An app that `cargo xtask web` builds is split in two (`src/main.rs`): for that the linker keeps where everything came from.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(split)");
    println!("cargo::rerun-if-env-changed=GREENSHIELD_SPLIT");
    if std::env::var_os("GREENSHIELD_SPLIT").is_some() {
        println!("cargo::rustc-cfg=split");
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
