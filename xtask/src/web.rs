//! Builds the app into `dist/`: Trunk bundles, then the service worker gets its file list and every text its
//! compressed copies.
//!
//! Invariants: `dist/` never holds a half-built app (Trunk works in `target/web`), a file whose bytes did not change is
//! not written again (so the server is not compiled again), and the build number depends on the bytes served and on
//! nothing else.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::files::{Files, input_hash, read_tree, replace_tree, with_packed, write_changed};
use crate::map;
use crate::parts::{self, DESK, Split};
use crate::process::{At, Failure, Outcome, Program, step};
use crate::setup::{self, Need};
use crate::slim;
use crate::toolchain::{Places, TRUNK_VERSION, Way};
use crate::verifier;

/// The budget of the app shell: everything a phone loads before the map, compressed.
const SHELL_BUDGET_BYTES: usize = 500_000;
/// It may not grow over this unseen (docs/adr/0029).
const SHELL_CEILING_BYTES: usize = 1_200_000;
/// Nor may the part of the desk.
const DESK_CEILING_BYTES: usize = 600_000;
const WORKER: &str = "sw.js";
/// Scripts written by hand. The one that Trunk brings is known to the page by the hash of its bytes.
const SCRIPTS: [&str; 4] = ["boot.js", "photo-worker.js", "pin-worker.js", WORKER];
const PAGE: &str = "index.html";
/// Stands in the page for the joined style sheet until its name is known.
const STYLES_HERE: &str = "<!--styles-->";
/// Stands in the page for the folder of the map until its name is known.
const MAP_HERE: &str = "/map/";
/// What the app is made of; a change in any of these needs a new build.
const INPUTS: [&str; 20] = [
    "src",
    "build.rs",
    "crates/cipher/Cargo.toml",
    "crates/cipher/src",
    "crates/domain/Cargo.toml",
    "crates/domain/src",
    "crates/client/Cargo.toml",
    "crates/client/src",
    "style",
    "public",
    "locales",
    "city",
    "Cargo.toml",
    "Cargo.lock",
    "index.html",
    "Trunk.toml",
    "xtask/src/files.rs",
    "xtask/src/parts.rs",
    "xtask/src/slim.rs",
    "xtask/src/web.rs",
];

/// How an app is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Make {
    /// Small and fast for the phone: what people get and every test uses.
    Small,
    /// Built within seconds, large and slow: for a look while one works.
    Quick,
}

/// `cargo xtask web [--quick]`.
pub(crate) fn run(places: &Places, words: &[&str]) -> Outcome<()> {
    match words {
        [] => build(places),
        ["--quick"] => make(places, Make::Quick),
        other => Err(Failure::Usage(format!("web {}", other.join(" ")))),
    }
}

/// Sets up what is missing and brings `dist/` up to date.
pub(crate) fn build(places: &Places) -> Outcome<()> {
    make(places, Make::Small)
}

fn make(places: &Places, make: Make) -> Outcome<()> {
    setup::ensure(places, &[Need::App])?;
    let way = Way::ready().ok_or_else(|| Failure::ByHand {
        what: "the wasm target".into(),
        how: "rustup target add wasm32-unknown-unknown".into(),
    })?;
    let stamp = places.target.join("web/stamp");
    let inputs = format!("{}{make:?}", input_hash(places, way, &INPUTS)?);
    let dist = places.root.join("dist");
    // Beside the app and not of it: neither the shell nor its build number knows the page.
    let page = verifier::files(places, way)?;
    if dist.join("index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|built| built == inputs) {
        eprintln!("✓ the app in dist/ is up to date");
        return write_changed(&dist, &page);
    }
    // Until the new app is complete, nothing may claim that dist/ matches any input.
    let _ = fs::remove_file(&stamp);
    let staging = places.target.join("web/bundle");
    let what = "building the app (about 5 min the first time, then 1–2 min)";
    let split = step(what, || bundle(places, way, make, &staging))?;
    step("finishing the app: parts, file list, compressed copies", || {
        let mut files = read_tree(&staging)?;
        parts::take(places, way, &split, &mut files)?;
        files.insert("city.json".into(), city_bundle(places)?);
        files.extend(map::renderer(places)?);
        let mut files = finish(files)?;
        if make == Make::Small {
            check_folders(&files, &places.named())?;
            files = with_packed(files);
            report_shell(&files)?;
        }
        files.extend(page);
        replace_tree(&dist, &files)
    })?;
    fs::write(&stamp, inputs).at(&stamp)
}

fn bundle(places: &Places, way: Way, make: Make, staging: &Path) -> Outcome<Split> {
    // Trunk builds offline, so that it cannot download tools behind our back; the crates must be there before.
    Program::new("fetching the crates", "cargo").args(["fetch"]).dir(&places.root).run()?;
    let trunk = places.tool("trunk", "trunk", TRUNK_VERSION).ok_or_else(|| Failure::ByHand {
        what: format!("Trunk {TRUNK_VERSION}"),
        how: format!("cargo install trunk --version {TRUNK_VERSION} --locked"),
    })?;
    let (profile, env): (&[&str], _) = match make {
        Make::Small => (&["--release"], way.env_of_release(places)?),
        Make::Quick => (&["--cargo-profile", "quick"], way.env(places)?),
    };
    let split = parts::prepare(places, env)?;
    Program::new("Trunk", trunk)
        .args(["build"])
        .args(profile)
        .args(["--dist"])
        .args([staging])
        .envs(split.env.iter().map(|(name, value)| (name, value)))
        // Trunk takes any value of this variable for a true or false of its own and refuses the usual "1".
        .without("NO_COLOR")
        .dir(&places.root)
        .run()?;
    Ok(split)
}

/// The city package as one file, the same that the server makes: file name to content.
fn city_bundle(places: &Places) -> Outcome<Vec<u8>> {
    let folder = places.root.join("city");
    let mut bundle = serde_json::Map::new();
    for (name, bytes) in read_tree(&folder)?.into_iter().filter(|(name, _)| name.ends_with(".json")) {
        let content = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Content { path: folder.join(&name), problem: error.to_string() })?;
        bundle.insert(name, content);
    }
    Ok(serde_json::Value::Object(bundle).to_string().into_bytes())
}

/// Joins the styles, slims them and the scripts written by hand, and fills in the service worker.
fn finish(files: Files) -> Outcome<Files> {
    let mut files = join_styles(files)?;
    let map = map::name_by_content(&mut files)?;
    if let Some(page) = files.get_mut(PAGE) {
        *page = String::from_utf8_lossy(page).replace(MAP_HERE, &map).into_bytes();
    }
    for (_, bytes) in files.iter_mut().filter(|(path, _)| SCRIPTS.contains(&path.as_str())) {
        *bytes = slim::script(&String::from_utf8_lossy(bytes)).into_bytes();
    }
    let worker = files.remove(WORKER);
    if let Some(template) = worker {
        let text = String::from_utf8_lossy(&template).into_owned();
        let paths = files.keys().map(|path| format!("/{path}"));
        let (of_map, of_app): (Vec<_>, Vec<_>) = paths.partition(|path| path.starts_with(&map));
        let (of_desk, of_shell): (Vec<_>, Vec<_>) = of_app.into_iter().partition(|path| path[1..].starts_with(DESK));
        let list = |paths: &[String]| serde_json::to_string(paths).unwrap_or_default();
        let build = build_number(&files, &template);
        let text = fill(&text, "/*BUILD*/", "\"", &format!("\"{build}\""))?;
        let text = fill(&text, "/*FILES*/", "]", &list(&of_shell))?;
        let text = fill(&text, "/*DESK*/", "]", &list(&of_desk))?;
        let text = fill(&text, "/*MAP*/", "]", &list(&of_map))?;
        files.insert(WORKER.into(), text.into_bytes());
    }
    Ok(files)
}

/// Puts all style sheets of the page into one file, in their order. On a slow phone every further file costs the start
/// some milliseconds; in the sources they stay apart.
fn join_styles(mut files: Files) -> Outcome<Files> {
    let Some(page) = files.remove(PAGE) else {
        return Err(Failure::Content { path: PAGE.into(), problem: "is missing from the bundle".into() });
    };
    let page = String::from_utf8_lossy(&page).into_owned();
    let href = |line: &str| -> Option<String> {
        let link = line.trim().strip_prefix("<link rel=\"stylesheet\" href=\"/")?;
        link.split_once('"').map(|(path, _)| path.to_owned())
    };
    let mut styles = Vec::new();
    let mut lines = Vec::new();
    for line in page.lines() {
        let Some(sheet) = href(line).and_then(|path| files.remove(&path)) else {
            lines.push(line.to_owned());
            continue;
        };
        if styles.is_empty() {
            lines.push(STYLES_HERE.to_owned());
        }
        styles.extend(slim::style(&String::from_utf8_lossy(&sheet)).into_bytes());
    }
    let name = format!("app-{}.css", hex::encode(&Sha256::digest(&styles)[..8]));
    let link = format!("    <link rel=\"stylesheet\" href=\"/{name}\">");
    let page = lines.join("\n").replace(STYLES_HERE, &link);
    files.insert(PAGE.into(), page.into_bytes());
    if !styles.is_empty() {
        files.insert(name, styles);
    }
    Ok(files)
}

/// Replaces the literal that follows `marker`, up to and including the last character of the literal.
fn fill(text: &str, marker: &str, closing: &str, value: &str) -> Outcome<String> {
    let missing =
        || Failure::Content { path: WORKER.into(), problem: format!("has no {marker} with a literal after it") };
    let (before, after) = text.split_once(marker).ok_or_else(missing)?;
    // One character opens the literal: `"` or `[`.
    let end = after.get(1..).and_then(|inner| inner.find(closing)).ok_or_else(missing)?;
    Ok(format!("{before}{value}{}", &after[1 + end + closing.len()..]))
}

/// Sixteen hex digits that change whenever any served byte or the worker itself changes.
fn build_number(files: &Files, worker: &[u8]) -> String {
    let mut list = Sha256::new();
    for (path, bytes) in files {
        list.update(path.as_bytes());
        list.update([0]);
        list.update(Sha256::digest(bytes));
    }
    list.update(Sha256::digest(worker));
    hex::encode(&list.finalize()[..8])
}

/// Refuses an app that names a folder of this machine: from the same sources another machine would make another one.
fn check_folders(files: &Files, named: &[(String, &str)]) -> Outcome<()> {
    for (path, bytes) in files {
        let has = |folder: &str| bytes.windows(folder.len()).any(|window| window == folder.as_bytes());
        if let Some((folder, _)) = named.iter().find(|(folder, _)| has(folder)) {
            let problem = format!("names the folder {folder} of this machine");
            return Err(Failure::Content { path: path.into(), problem });
        }
    }
    Ok(())
}

/// Tells how large the shell is, and the part of the desk.
///
/// # Errors
/// When one is over its ceiling.
fn report_shell(files: &Files) -> Outcome<()> {
    let is_code = |path: &str| [".wasm", ".js", ".css", ".html"].iter().any(|ending| path.ends_with(ending));
    let size = |is_meant: &dyn Fn(&str) -> bool| {
        let meant = files.iter().filter(|(path, _)| is_code(path) && is_meant(path));
        meant.fold((0, 0), |(plain, packed), (path, bytes)| {
            let small = files.get(&format!("{path}.br")).map_or(bytes.len(), Vec::len);
            (plain + bytes.len(), packed + small)
        })
    };
    let shell = size(&|path| !path.starts_with("map-") && !path.starts_with(DESK));
    let verdict = if shell.1 <= SHELL_BUDGET_BYTES { "within" } else { "OVER" };
    let budget = format!(", {verdict} the budget of {} KB", SHELL_BUDGET_BYTES / 1000);
    let parts = [
        ("app shell", shell, SHELL_CEILING_BYTES, budget.as_str()),
        ("part of the desk", size(&|path| path.starts_with(DESK)), DESK_CEILING_BYTES, ""),
    ];
    for (name, (plain, packed), ceiling, note) in parts {
        eprintln!("  {name}: {:.1} KB brotli ({:.1} KB plain){note}", packed as f64 / 1e3, plain as f64 / 1e3);
        if packed > ceiling {
            let problem = format!("{} KB are over the ceiling of {} KB", packed / 1000, ceiling / 1000);
            return Err(Failure::Content { path: name.into(), problem });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(page: &str) -> Files {
        let worker = "const BUILD = /*BUILD*/\"dev\";\nconst FILES = /*FILES*/[];\nconst DESK = /*DESK*/[];\nconst MAP = /*MAP*/[];\n";
        Files::from([
            ("index.html".into(), page.into()),
            ("icons/icon-192.png".into(), vec![1, 2, 3]),
            ("desk-0123456789abcdef.wasm".into(), vec![4]),
            ("map/map.js".into(), b"export{}".to_vec()),
            (WORKER.into(), worker.into()),
        ])
    }

    fn worker_of(files: &Files) -> String {
        String::from_utf8(files[WORKER].clone()).unwrap()
    }

    #[test]
    fn the_worker_lists_every_file_but_itself_and_the_compressed_copies() {
        let files = with_packed(finish(app("<p>")).unwrap());
        assert!(worker_of(&files).contains(r#"const FILES = ["/icons/icon-192.png","/index.html"];"#));
        assert!(worker_of(&files).contains(r#"const DESK = ["/desk-0123456789abcdef.wasm"];"#));
        assert!(files.contains_key("index.html.br") && files.contains_key("sw.js.gz"));
        assert!(!files.contains_key("icons/icon-192.png.br"));
        let map = files.keys().find(|path| path.starts_with("map-") && path.ends_with("map.js")).unwrap();
        assert!(worker_of(&files).contains(&format!(r#"const MAP = ["/{map}"];"#)));
    }

    #[test]
    fn an_app_that_names_a_folder_of_this_machine_is_refused() {
        let named = [("/home/her/.cargo".to_owned(), "/cargo")];
        assert!(check_folders(&app("<p>/cargo/registry"), &named).is_ok());
        let refused = check_folders(&app("<p>/home/her/.cargo/registry"), &named).unwrap_err();
        assert!(refused.to_string().contains("/home/her/.cargo"), "{refused}");
    }

    #[test]
    fn the_build_number_follows_the_bytes() {
        let one = worker_of(&finish(app("<p>")).unwrap());
        assert_eq!(one, worker_of(&finish(app("<p>")).unwrap()));
        assert_ne!(one, worker_of(&finish(app("<b>")).unwrap()));
        assert!(!one.contains("dev"), "{one}");
    }

    #[test]
    fn style_sheets_become_one_file_in_their_order() {
        let link = |path: &str| format!("    <link rel=\"stylesheet\" href=\"/{path}\" integrity=\"sha384-x\"/>\n");
        let mut files = app(&format!("<head>\n{}{}</head>", link("b-1.css"), link("a-2.css")));
        files.insert("a-2.css".into(), b"a{}".to_vec());
        files.insert("b-1.css".into(), b"b{}".to_vec());
        let files = join_styles(files).unwrap();
        let (name, joined) = files.iter().find(|(name, _)| name.ends_with(".css")).unwrap();
        assert_eq!(joined, b"b{}\na{}\n");
        let page = String::from_utf8(files[PAGE].clone()).unwrap();
        assert_eq!(page, format!("<head>\n    <link rel=\"stylesheet\" href=\"/{name}\">\n</head>"));
    }

    #[test]
    fn a_worker_without_placeholders_is_refused() {
        let mut files = app("<p>");
        files.insert(WORKER.into(), b"self.skipWaiting()".to_vec());
        assert!(finish(files).unwrap_err().to_string().contains("/*BUILD*/"));
    }
}
