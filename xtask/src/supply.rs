//! Whose code is in what we build: the check of `deny.toml` that needs nothing installed, and the list of parts (SBOM) of a release.
//!
//! Owns: the reading of cargo's facts. Refuses: advisories, which need a network; `cargo deny` brings them where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};
use spdx::{Expression, ParseMode};

use crate::process::{At, Failure, Outcome, Program, step};
use crate::toolchain::Places;

const BROWSER: &str = "wasm32-unknown-unknown";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What of `deny.toml` is checked here.
#[derive(Debug, Deserialize)]
struct Deny {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Graph {
    /// Of the servers.
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// A package that something of ours is built of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    version: String,
    licence: String,
    /// `None` = ours.
    source: Option<String>,
}

/// Sources, licences and bans of everything that is built, tested or used to build.
pub(crate) fn check(places: &Places) -> Outcome<()> {
    let path = places.root.join("deny.toml");
    let bad = |problem: String| Failure::Content { path: path.clone(), problem };
    let deny: Deny = toml::from_str(&fs::read_to_string(&path).at(&path)?).map_err(|error| bad(error.to_string()))?;
    let findings = findings(&parts(places, &deny.graph.targets)?, &deny);
    if findings.is_empty() { Ok(()) } else { Err(bad(findings.join("\n  "))) }
}

/// Writes `dist/sbom.cdx.json`: what the server and the app are made of, as CycloneDX 1.6.
pub(crate) fn sbom(places: &Places) -> Outcome<()> {
    step("listing the parts", || {
        let path = places.root.join("dist/sbom.cdx.json");
        fs::create_dir_all(places.root.join("dist")).at(&path)?;
        let lock = places.root.join("Cargo.lock");
        let sums = checksums(&fs::read_to_string(&lock).at(&lock)?)
            .map_err(|error| Failure::Content { path: lock.clone(), problem: error.to_string() })?;
        let bom = bom(&parts(places, &["x86_64-unknown-linux-gnu".to_owned()])?, &sums);
        fs::write(&path, format!("{bom:#}\n")).at(&path)?;
        println!("{}", path.display());
        Ok(())
    })
}

/// What is built for `servers` and, of the app, for the browser; cargo's own resolution says it, target by target,
/// because a crate that only a server in a browser would need is built nowhere.
fn parts(places: &Places, servers: &[String]) -> Outcome<Vec<Part>> {
    let mut built: BTreeSet<(String, String)> = BTreeSet::new();
    for server in servers {
        built.extend(tree(places, &["--workspace", "--target", server])?);
    }
    built.extend(tree(places, &["-p", "greenshield", "-p", "greenshield-verifier", "--target", BROWSER])?);
    let found = Program::new("asking cargo for all crates", "cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .dir(&places.root)
        .output()?;
    let path = places.root.join("Cargo.lock");
    let metadata: Value =
        serde_json::from_str(&found).map_err(|error| Failure::Content { path, problem: error.to_string() })?;
    Ok(used(&metadata, &built))
}

/// Name and version of each crate that cargo would build for what `choice` says.
fn tree(places: &Places, choice: &[&str]) -> Outcome<BTreeSet<(String, String)>> {
    let found = Program::new("asking cargo what it builds", "cargo")
        .args(["tree", "--locked", "--all-features", "--prefix", "none", "--format", "{p}"])
        .args(choice)
        .dir(&places.root)
        .output()?;
    Ok(found.lines().filter_map(name_and_version).collect())
}

/// `serde v1.0.229 (proc-macro)` → `serde`, `1.0.229`.
fn name_and_version(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
}

fn used(metadata: &Value, built: &BTreeSet<(String, String)>) -> Vec<Part> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .map(|package| Part {
            name: text(&package["name"]),
            version: text(&package["version"]),
            licence: text(&package["license"]),
            source: package["source"].as_str().map(str::to_owned),
        })
        .filter(|part| built.contains(&(part.name.clone(), part.version.clone())))
        .collect()
}

fn findings(parts: &[Part], deny: &Deny) -> Vec<String> {
    let allowed = |licence: &str| deny.licenses.allow.iter().any(|allowed| allowed == licence);
    let mut findings = Vec::new();
    for part in parts {
        let name = format!("{} {}", part.name, part.version);
        if let Some(ban) = deny.bans.deny.iter().find(|ban| ban.name == part.name) {
            findings.push(format!("{name} is banned: {}", ban.reason));
        }
        if part.source.as_deref().is_some_and(|source| source != REGISTRY) {
            findings.push(format!("{name} comes from another place than crates.io"));
        }
        match Expression::parse_mode(&part.licence, ParseMode::LAX) {
            Ok(terms) if terms.evaluate(|term| allowed(&term.to_string())) => {}
            Ok(_) => findings.push(format!("{name} is under {}, which is not allowed", part.licence)),
            Err(_) => findings.push(format!("{name} names no licence that reads: {:?}", part.licence)),
        }
    }
    findings
}

/// SHA-256 of each crate as the lock file has it, by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>, toml::de::Error> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let packages = toml::from_str::<Lock>(lock)?.package.into_iter();
    Ok(packages.filter_map(|locked| Some(((locked.name, locked.version), locked.checksum?))).collect())
}

fn bom(parts: &[Part], sums: &BTreeMap<(String, String), String>) -> Value {
    let component = |part: &Part| {
        let purl = format!("pkg:cargo/{}@{}", part.name, part.version);
        let mut component = json!({
            "type": "library", "bom-ref": purl, "name": part.name, "version": part.version, "purl": purl,
            "licenses": [{ "expression": part.licence.replace('/', " OR ") }],
        });
        if let Some(sum) = sums.get(&(part.name.clone(), part.version.clone())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        component
    };
    let components: Vec<Value> = parts.iter().filter(|part| part.source.is_some()).map(component).collect();
    let version = parts.iter().find(|part| part.name == "greenshield").map_or("", |part| &part.version);
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "application", "name": "greenshield", "version": version } },
        "components": components,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, licence: &str, source: &str) -> Part {
        Part { name: name.into(), version: "1.0.0".into(), licence: licence.into(), source: Some(source.into()) }
    }

    fn deny() -> Deny {
        let text = "[graph]\ntargets = []\n[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n\
            [bans]\ndeny = [{ crate = \"ring\", reason = \"one is enough\" }]";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_licence_a_source_or_a_crate_that_is_not_allowed_is_found() {
        let good = [part("a", "MIT OR GPL-3.0-only", REGISTRY), part("b", "Apache-2.0 WITH LLVM-exception", REGISTRY)];
        assert_eq!(findings(&good, &deny()), Vec::<String>::new());
        assert_eq!(findings(&[part("a", "MIT/GPL-2.0", REGISTRY)], &deny()).len(), 0);
        for bad in [
            part("a", "MIT AND GPL-3.0-only", REGISTRY),
            part("a", "", REGISTRY),
            part("a", "MIT", "git+https://example.org/a"),
            part("ring", "MIT", REGISTRY),
        ] {
            assert_eq!(findings(std::slice::from_ref(&bad), &deny()).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_crate_that_the_lock_file_names_but_nothing_builds_is_no_part() {
        let built = ["a v1.0.0", "b v2.0.0 (proc-macro)", "b v2.0.0 (proc-macro) (*)", ""];
        let built: BTreeSet<_> = built.iter().filter_map(|line| name_and_version(line)).collect();
        let packages = [("a", "1.0.0"), ("b", "2.0.0"), ("b", "1.0.0"), ("ring", "0.17.14")]
            .map(|(name, version)| json!({ "name": name, "version": version, "license": "MIT", "source": REGISTRY }));
        let names: Vec<String> =
            used(&json!({ "packages": packages }), &built).into_iter().map(|part| part.name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn the_list_of_parts_names_each_with_its_hash() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n";
        let own = Part { source: None, ..part("greenshield", "Apache-2.0", "") };
        let bom = bom(&[own, part("a", "MIT/Apache-2.0", REGISTRY)], &checksums(lock).unwrap());
        assert_eq!(bom["components"].as_array().map(Vec::len), Some(1));
        assert_eq!(bom["components"][0]["hashes"][0]["content"], "ab");
        assert_eq!(bom["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    }
}
