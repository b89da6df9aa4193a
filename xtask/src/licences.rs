//! `cargo xtask licences`: the list of the works of others that are in the app, from what cargo knows of them.
//!
//! The result is committed, so only someone who changes a dependency runs this. It refuses a crate without a licence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::process::{At, Failure, Outcome, Program, step};
use crate::toolchain::{Places, WASM};

/// What is in the app and no crate.
const OTHERS: &str = "Tabler icons — MIT — https://tabler.io/icons\n";

/// Writes `public/licences.txt`.
pub(crate) fn build(places: &Places) -> Outcome<()> {
    step("listing the licences", || {
        let found = Program::new("asking cargo for the crates of the app", "cargo")
            .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", WASM])
            .dir(&places.root)
            .output()?;
        let path = places.root.join("public/licences.txt");
        let bad = |problem: String| Failure::Content { path: path.clone(), problem };
        let metadata: Value = serde_json::from_str(&found).map_err(|error| bad(error.to_string()))?;
        fs::write(&path, list(&metadata).map_err(bad)?).at(&path)
    })
}

/// A line for each crate that the package `greenshield` is built of, and is not our own.
fn list(metadata: &Value) -> Result<String, String> {
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        each(&metadata["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        each(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), node)).collect();
    let is_app = |package: &&Value| package["name"] == "greenshield" && package["source"].is_null();
    let app = packages.values().find(is_app).ok_or("the app is no package")?;
    let (mut open, mut seen) = (vec![text(&app["id"])], BTreeSet::new());
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let normal = |dep: &Value| each(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        let deps = nodes.get(&id).map(|node| each(&node["deps"])).unwrap_or_default();
        open.extend(deps.iter().filter(|dep| normal(dep)).map(|dep| text(&dep["pkg"])));
    }
    let mut lines = BTreeSet::new();
    for package in seen.iter().filter_map(|id| packages.get(id)).filter(|package| !package["source"].is_null()) {
        let (name, licence) = (text(&package["name"]), text(&package["license"]));
        if licence.is_empty() {
            return Err(format!("{name} names no licence"));
        }
        lines.insert(format!("{name} {} — {licence}", text(&package["version"])));
    }
    let mut list = OTHERS.to_owned();
    for line in lines {
        list.push_str(&line);
        list.push('\n');
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_listed_and_what_only_builds_is_not() {
        let package = |name: &str, source: Value| serde_json::json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT", "source": source});
        let dep = |name: &str, kind: Value| serde_json::json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let registry = || Value::from("registry");
        let metadata = serde_json::json!({
            "packages": [package("greenshield", Value::Null), package("a", registry()), package("b", registry()),
                package("c", registry())],
            "resolve": {"nodes": [
                {"id": "greenshield", "deps": [dep("a", Value::Null), dep("c", Value::from("build"))]},
                {"id": "a", "deps": [dep("b", Value::Null)]},
            ]},
        });
        assert_eq!(list(&metadata), Ok(format!("{OTHERS}a 1.0.0 — MIT\nb 1.0.0 — MIT\n")));
    }
}
