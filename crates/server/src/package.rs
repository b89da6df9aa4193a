//! The city package: the one of this build, one file that the operator names, or a version that somebody brought to the server.
//!
//! Owns: reading and checking it, and the mark by which phones notice another one. Refuses: a package with a fault, and one that
//! lacks what the programs know themselves; the server does not start with it, and no phone ever sees it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use greenshield_domain::city::{City, CityFault, FILES, lacks};
use greenshield_domain::ids::{sha256, to_hex};
use greenshield_domain::policy::Rules;
use greenshield_domain::wire::CitySource;
use thiserror::Error;

/// The package of this build, in the order of [`FILES`].
const CITY: [&str; FILES.len()] = [
    include_str!("../../../city/city.json"),
    include_str!("../../../city/kinds.json"),
    include_str!("../../../city/workflows.json"),
    include_str!("../../../city/catalog.json"),
    include_str!("../../../city/icons.json"),
    include_str!("../../../city/policy.json"),
    include_str!("../../../city/calendar.json"),
    include_str!("../../../city/referrals.json"),
    include_str!("../../../city/papers.json"),
    include_str!("../../../city/divisions.json"),
    include_str!("../../../city/registers.json"),
    include_str!("../../../city/retention.json"),
    include_str!("../../../city/quiz.json"),
];

/// Why a package can not be used.
#[derive(Debug, Error)]
pub enum PackageError {
    /// It is not sound.
    #[error("the city package{} has faults, nothing was changed:\n{}", named(from.as_deref()), lines(faults))]
    Faults {
        /// The file, if it is not the package of this build.
        from: Option<PathBuf>,
        /// All of them.
        faults: Vec<CityFault>,
    },
    /// A version that the server keeps is not sound for these programs.
    #[error(
        "version {version} of the city package, which holds, has faults for this version of the programs; start the programs of \
         before, or name a file with a higher version without them (setting `city`):\n{}",
        lines(faults)
    )]
    Kept {
        /// Its number.
        version: u32,
        /// All of them.
        faults: Vec<CityFault>,
    },
    /// It can not be read.
    #[error("the city package {path:?} can not be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn named(from: Option<&Path>) -> String {
    from.map(|path| format!(" {}", path.display())).unwrap_or_default()
}

fn lines(faults: &[CityFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A checked package, with what is made of it once.
#[derive(Debug, Clone)]
pub struct Package {
    /// What it says.
    pub city: Arc<City>,
    /// Who may do what by it.
    pub rules: Arc<Rules>,
    /// All of it as one JSON object of file name → content, as phones get it.
    pub bundle: String,
    /// SHA-256 of that.
    pub sha256: [u8; 32],
    /// Where it comes from.
    pub source: CitySource,
    /// It as gzip, if it is not the package of this build.
    pub packed: Option<Vec<u8>>,
}

impl Package {
    /// The package of this build, or the file.
    ///
    /// # Errors
    /// [`PackageError`], with every fault by file and path.
    pub fn load(file: Option<&Path>) -> Result<Self, PackageError> {
        let Some(path) = file else { return Self::built_in() };
        let bundle =
            std::fs::read_to_string(path).map_err(|source| PackageError::Io { path: path.to_owned(), source })?;
        let refused = |faults| PackageError::Faults { from: Some(path.to_owned()), faults };
        Ok(Self::of(read(&bundle).map_err(refused)?, bundle, CitySource::File))
    }

    /// A version that the server keeps.
    ///
    /// # Errors
    /// [`PackageError::Kept`]: it was checked when it was brought, but perhaps by other programs.
    pub fn of_kept(version: u32, bundle: String) -> Result<Self, PackageError> {
        let city = read(&bundle).map_err(|faults| PackageError::Kept { version, faults })?;
        Ok(Self::of(city, bundle, CitySource::Kept))
    }

    /// Eight hex digits of its content, if it is not the package of this build.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        (self.source != CitySource::Build).then(|| to_hex(&self.sha256[..4]))
    }

    fn of(city: City, bundle: String, source: CitySource) -> Self {
        let packed = (source != CitySource::Build).then(|| gzip(bundle.as_bytes())).flatten();
        let (rules, sha256) = (Arc::new(Rules::of(&city)), sha256(&[bundle.as_bytes()]));
        Self { city: Arc::new(city), rules, bundle, sha256, source, packed }
    }

    fn built_in() -> Result<Self, PackageError> {
        let files: BTreeMap<String, String> =
            FILES.iter().zip(CITY).map(|(name, text)| ((*name).to_owned(), text.to_owned())).collect();
        let city = City::from_files(&files).map_err(|faults| PackageError::Faults { from: None, faults })?;
        let parts: Vec<String> =
            FILES.iter().zip(CITY).map(|(name, text)| format!("{name:?}:{}", text.trim())).collect();
        Ok(Self::of(city, format!("{{{}}}", parts.join(",\n")), CitySource::Build))
    }
}

/// Reads a package and checks it by its own rules and by what the programs need.
///
/// # Errors
/// All its faults.
pub fn read(bundle: &str) -> Result<City, Vec<CityFault>> {
    let city = City::from_bundle(bundle)?;
    let built_in = Package::built_in().map_err(|error| match error {
        PackageError::Faults { faults, .. } | PackageError::Kept { faults, .. } => faults,
        PackageError::Io { .. } => Vec::new(),
    })?;
    let missing = lacks(&built_in.city, &city);
    if missing.is_empty() { Ok(city) } else { Err(missing) }
}

/// `None` where it can not be packed; the plain copy is served then.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).and_then(|()| packer.finish()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_the_package() {
        let package = Package::load(None).unwrap();
        assert_eq!(City::from_bundle(&package.bundle).as_ref(), Ok(&*package.city));
        assert_eq!((package.mark(), package.packed), (None, None));
    }

    #[test]
    fn another_city_is_taken_whole_or_refused_with_every_fault() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cities/yunze.json");
        let package = Package::load(Some(Path::new(path))).unwrap();
        assert_eq!(package.city.info.id, "yunze");
        assert_eq!(package.mark().map(|mark| mark.len()), Some(8));

        let folder = tempfile::tempdir().unwrap();
        let refused = |text: &str| {
            let path = folder.path().join("city.json");
            std::fs::write(&path, text).unwrap();
            Package::load(Some(&path)).unwrap_err().to_string()
        };
        let good = std::fs::read_to_string(path).unwrap();
        let told = refused(&good.replace("\"name\": \"sos\"", "\"name\": \"mayday\""));
        assert!(told.contains("kind 12: the programs need it as \"sos\""), "{told}");
        let told = refused(&good.replace("\"groupId\": \"boats\"", "\"groupId\": \"ships\""));
        assert_eq!(told.matches("catalog.json: categories[").count(), 2, "{told}");
        assert!(refused("not a package").contains("city.json"));
        let missing = Package::load(Some(&folder.path().join("nowhere"))).unwrap_err();
        assert!(missing.to_string().contains("can not be read"), "{missing}");
    }
}
