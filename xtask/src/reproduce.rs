//! Whether the app is what its sources say: builds what git has of this folder once more, in another folder, from nothing, and
//! compares every file. Whoever runs a server can do the same with the sources of a release.
//!
//! Owns: the comparison. Refuses: changes that are not in git's list; the copy has what is on disk of every tracked file.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::files::{Files, read_tree};
use crate::process::{At as _, Failure, Outcome, Program, step};
use crate::toolchain::Places;
use crate::web;

/// `cargo xtask reproduce`.
pub(crate) fn run(places: &Places) -> Outcome<()> {
    web::build(places)?;
    // Another length and another depth: a path that is written down anywhere would move everything behind it.
    let elsewhere = places.target.join("reproduce/elsewhere");
    if elsewhere.exists() {
        fs::remove_dir_all(&elsewhere).at(&elsewhere)?;
    }
    let there = Places {
        root: elsewhere.join("a/folder/of/another/length"),
        target: elsewhere.join("target"),
        cache: places.cache.clone(),
    };
    step("copying the sources", || copy(places, &there))?;
    web::build(&there)?;
    let dist = |places: &Places| read_tree(&places.root.join("dist"));
    let (here, other) = (dist(places)?, dist(&there)?);
    let differing = differing(&here, &other);
    if !differing.is_empty() {
        let problem = format!("differs from the one built here: {}", differing.join(", "));
        return Err(Failure::Content { path: there.root.join("dist"), problem });
    }
    println!("{} files, the same in both; all of them together: {}", here.len(), fingerprint(&here));
    fs::remove_dir_all(&elsewhere).at(&elsewhere)
}

/// Copies every file that git tracks, as it is on disk.
fn copy(places: &Places, there: &Places) -> Outcome<()> {
    let listed = Program::new("asking git for the files", "git").args(["ls-files", "-z"]).dir(&places.root).output()?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (places.root.join(name), there.root.join(name));
        let folder = to.parent().map_or_else(|| PathBuf::from("."), PathBuf::from);
        fs::create_dir_all(&folder).at(&folder)?;
        fs::copy(&from, &to).at(&from)?;
    }
    Ok(())
}

/// The files that are not the same in both.
fn differing(here: &Files, other: &Files) -> Vec<String> {
    let missing = other.keys().filter(|path| !here.contains_key(*path));
    here.iter()
        .filter(|(path, bytes)| other.get(*path) != Some(bytes))
        .map(|(path, _)| path)
        .chain(missing)
        .cloned()
        .collect()
}

/// One hash over the names and bytes of all files.
fn fingerprint(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(bytes));
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_other_missing_or_new_differs() {
        let files = |list: &[(&str, &str)]| -> Files {
            list.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let here = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        assert!(differing(&here, &here).is_empty());
        assert_eq!(differing(&here, &files(&[("a", "1"), ("b", "x"), ("d", "4")])), ["b", "c", "d"]);
        assert_ne!(fingerprint(&here), fingerprint(&files(&[("a", "1")])));
    }
}
