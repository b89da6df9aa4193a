//! Trees of files: read, packed, written where they changed; and a hash of what they were made from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::process::{At, Outcome, Program};
use crate::toolchain::{BINARYEN_VERSION, MAPLIBRE_VERSION, Places, TRUNK_VERSION, Way};

/// The files of an app, by their path below the root, with `/` between folders.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The files with a `.br` and a `.gz` beside each that is text.
pub(crate) fn with_packed(mut files: Files) -> Files {
    let mut packed = Files::new();
    for (path, bytes) in &files {
        if is_text(path) {
            packed.insert(format!("{path}.br"), brotli(bytes));
            packed.insert(format!("{path}.gz"), gzip(bytes));
        }
    }
    files.append(&mut packed);
    files
}

fn is_text(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt"].contains(&extension)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
    // Writing to memory cannot fail; were it cut short, the length check below would keep the plain file only.
    let _ = writer.write_all(bytes);
    drop(writer);
    packed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let _ = writer.write_all(bytes);
    writer.finish().unwrap_or_default()
}

/// One hash over all that a build reads: the compiler, the tools and these files and folders.
pub(crate) fn input_hash(places: &Places, way: Way, inputs: &[&str]) -> Outcome<String> {
    let rustc = Program::new("asking rustc for its version", way.rustc()).args(["--version"]).output()?;
    let mut hash = Sha256::new();
    hash.update(format!("{rustc}\n{TRUNK_VERSION}\n{BINARYEN_VERSION}\n{MAPLIBRE_VERSION}\n{way:?}\n"));
    for input in inputs {
        let path = places.root.join(input);
        let files = if path.is_dir() {
            read_tree(&path)?
        } else if path.is_file() {
            Files::from([(String::new(), fs::read(&path).at(&path)?)])
        } else {
            Files::new()
        };
        for (name, bytes) in files {
            hash.update(format!("{input}/{name}\0"));
            hash.update(Sha256::digest(&bytes));
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// All files below a folder.
pub(crate) fn read_tree(root: &Path) -> Outcome<Files> {
    let mut files = Files::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        for entry in fs::read_dir(&full).at(&full)? {
            let entry = entry.at(&full)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().at(&full)?.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(entry.path()).at(&entry.path())?;
                files.insert(path.to_string_lossy().replace('\\', "/"), bytes);
            }
        }
    }
    Ok(files)
}

/// Makes the folder hold exactly these files.
pub(crate) fn replace_tree(root: &Path, files: &Files) -> Outcome<()> {
    fs::create_dir_all(root).at(root)?;
    let present = read_tree(root)?;
    let wanted = files.keys().collect::<BTreeSet<_>>();
    for path in present.keys().filter(|path| !wanted.contains(path)) {
        let path = root.join(path);
        fs::remove_file(&path).at(&path)?;
    }
    write_changed(root, files)
}

/// Writes those of the files that are not there with the same bytes.
pub(crate) fn write_changed(root: &Path, files: &Files) -> Outcome<()> {
    for (name, bytes) in files {
        let path = root.join(name);
        if fs::read(&path).is_ok_and(|present| present == *bytes) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).at(folder)?;
        }
        fs::write(&path, bytes).at(&path)?;
    }
    Ok(())
}
