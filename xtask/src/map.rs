//! The files of the map: the renderer from npm beside our own few scripts, in a folder named after its content.
//!
//! They are no part of the shell. A phone keeps them in a cache of their own, so that a new version of the app does not
//! fetch a map again that has not changed.

use std::fs;

use sha2::{Digest, Sha256};

use crate::files::Files;
use crate::process::{At, Failure, Outcome};
use crate::toolchain::Places;

/// What is fetched from npm, exactly.
pub(crate) const PACKAGES: [&str; 3] = ["maplibre-gl@6.17.0", "pmtiles@4.5.0", "fflate@0.8.3"];
/// Where the sources and the bundle have it.
const FOLDER: &str = "map/";
/// File of a package, and its name in the app.
const TAKEN: [(&str, &str); 4] = [
    ("maplibre-gl/dist/maplibre-gl.mjs", "maplibre-gl.mjs"),
    ("maplibre-gl/dist/maplibre-gl-worker.mjs", "maplibre-gl-worker.mjs"),
    ("pmtiles/dist/esm/index.js", "pmtiles.mjs"),
    ("fflate/esm/browser.js", "fflate.mjs"),
];

/// The files from npm, as `map/…`.
pub(crate) fn renderer(places: &Places) -> Outcome<Files> {
    let mut files = Files::new();
    for (source, name) in TAKEN {
        let path = places.map_folder().join(source);
        let text = fs::read_to_string(&path).at(&path)?;
        // The browser knows no package names; and the maps of the sources are not shipped.
        let lines = text.lines().filter(|line| !line.starts_with("//# sourceMappingURL"));
        let text = lines.collect::<Vec<_>>().join("\n").replace("from\"fflate\"", "from\"./fflate.mjs\"");
        files.insert(format!("{FOLDER}{name}"), text.into_bytes());
    }
    Ok(files)
}

/// Moves `map/…` to a folder that is named after its content; its path, with a slash at both ends.
pub(crate) fn name_by_content(files: &mut Files) -> Outcome<String> {
    let paths = files.keys().filter(|path| path.starts_with(FOLDER)).cloned().collect::<Vec<_>>();
    if paths.is_empty() {
        return Err(Failure::Content { path: FOLDER.into(), problem: "is missing from the bundle".into() });
    }
    let mut hash = Sha256::new();
    for path in &paths {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(&files[path]));
    }
    let folder = format!("map-{}/", hex::encode(&hash.finalize()[..8]));
    for path in paths {
        let bytes = files.remove(&path).unwrap_or_default();
        files.insert(path.replacen(FOLDER, &folder, 1), bytes);
    }
    Ok(format!("/{folder}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_map_follows_its_bytes_and_nothing_else() {
        let app = |map: &str, page: &str| -> Files {
            [("map/map.js".to_owned(), map.into()), ("index.html".to_owned(), page.into())].into()
        };
        let name = |mut files: Files| (name_by_content(&mut files).unwrap(), files);
        let (one, files) = name(app("a", "p"));
        assert_eq!(
            files.keys().cloned().collect::<Vec<_>>(),
            ["index.html".to_owned(), format!("{}map.js", &one[1..])]
        );
        assert_eq!(one, name(app("a", "q")).0);
        assert_ne!(one, name(app("b", "p")).0);
        assert!(name_by_content(&mut Files::new()).is_err());
    }
}
