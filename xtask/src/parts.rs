//! The app in two files: what only a desk needs becomes a part of its own, which a phone fetches when somebody works at a desk on it.
//!
//! Owns: the place in the build where that happens. The split is made before wasm-bindgen sees the app, and Trunk, which calls
//! both compiler and wasm-bindgen, knows no parts. So it finds this program under the name of wasm-bindgen: it splits what the
//! compiler made, hands the first part on to the real one, and leaves the others in a folder, from which [`take`] brings them
//! into the bundle. Where the app is split is said in `src/main.rs`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256, Sha384};
use wasm_split_cli_support::{Options, transform};

use crate::files::{Files, read_tree};
use crate::process::{At, Failure, Outcome, Program};
use crate::toolchain::{Places, Way};

/// How the name of the part of the desk begins; the service worker knows it by that.
pub(crate) const DESK: &str = "desk-";
/// The name under which Trunk calls this program.
const BINDGEN: &str = "wasm-bindgen";
/// Where the real one is.
const REAL: &str = "GREENSHIELD_BINDGEN";
/// The folder of the parts.
const FOLDER: &str = "GREENSHIELD_PARTS";
/// Tells the compiler that the app will be split, so that it keeps what is needed for it (`build.rs`).
const SPLITS: &str = "GREENSHIELD_SPLIT";
/// The script of the app as the one between the parts knows it, before the two are one.
const MAIN: &str = "./main.js";
/// How the script of the app begins and ends, as Trunk makes it.
const APP: (&str, &str) = ("greenshield-app-", ".js");
/// How it begins when it is the first of two parts: by that the service worker tells it from an app in one piece.
const FIRST: &str = "greenshield-";
/// How its program ends.
const PROGRAM: &str = "_bg.wasm";
const PAGE: &str = "index.html";

/// What Trunk needs to be told.
pub(crate) struct Split {
    /// Variables of its environment.
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// Where the parts will be.
    folder: PathBuf,
}

/// Makes the build ready: this program lies under the other name where Trunk looks first.
pub(crate) fn prepare(places: &Places, mut env: Vec<(&'static str, OsString)>) -> Outcome<Split> {
    let (tools, folder) = (places.target.join("web/tools"), places.target.join("web/parts"));
    for made in [&tools, &folder] {
        if made.exists() {
            fs::remove_dir_all(made).at(made)?;
        }
        fs::create_dir_all(made).at(made)?;
    }
    let here = env::current_exe().at(Path::new(BINDGEN))?;
    let there = tools.join(format!("{BINDGEN}{}", env::consts::EXE_SUFFIX));
    fs::copy(&here, &there).at(&there)?;
    let version = places.locked_version(BINDGEN)?;
    let real = places.tool("wasm-bindgen-cli", BINDGEN, &version).ok_or_else(|| Failure::ByHand {
        what: format!("{BINDGEN} {version}"),
        how: format!("cargo install wasm-bindgen-cli --version {version} --locked"),
    })?;
    let before = env.iter().find(|(name, _)| *name == "PATH").map(|(_, path)| path.clone()).unwrap_or_default();
    let path = env::join_paths(std::iter::once(tools).chain(env::split_paths(&before)))
        .map_err(|_| Failure::Usage("a PATH with a colon in a folder name".into()))?;
    env.retain(|(name, _)| *name != "PATH");
    env.extend([("PATH", path), (REAL, real.into()), (FOLDER, folder.clone().into()), (SPLITS, "1".into())]);
    Ok(Split { env, folder })
}

/// Does the work of wasm-bindgen when this program was called by that name.
pub(crate) fn as_bindgen() -> Option<ExitCode> {
    let name = env::args_os().next()?;
    if Path::new(&name).file_stem()? != BINDGEN {
        return None;
    }
    Some(match bindgen(env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("✗ {failure}");
            ExitCode::FAILURE
        }
    })
}

fn bindgen(mut words: Vec<OsString>) -> Outcome<()> {
    let told = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| Failure::Usage(BINDGEN.into()));
    let (real, folder) = (told(REAL)?, told(FOLDER)?);
    let is_wasm = |word: &&mut OsString| Path::new(word).extension().is_some_and(|ending| ending == "wasm");
    if let Some(word) = words.iter_mut().find(is_wasm) {
        *word = split(Path::new(word), &folder)?.into();
        // The table of functions is how the parts call each other: it stays an export.
        words.push("--keep-lld-exports".into());
    }
    Program::new(BINDGEN, real).args(words).run()
}

/// Splits an app; gives the first part, which loads the others.
fn split(app: &Path, folder: &Path) -> Outcome<PathBuf> {
    let wasm = fs::read(app).at(app)?;
    // The script between the parts belongs to this app and no other.
    let link = format!("./parts-{}.js", short(&[&wasm]));
    let first = folder.join("main").join(app.file_name().unwrap_or_default());
    let parent = folder.join("main");
    fs::create_dir_all(&parent).at(&parent)?;
    let mut options = Options::new(&wasm);
    (options.output_dir, options.main_out_path) = (folder, &first);
    (options.link_name, options.main_module) = (&link, MAIN);
    transform(options).map_err(|problem| Failure::Content { path: app.into(), problem: format!("{problem:#}") })?;
    Ok(first)
}

/// Brings the parts into the bundle, and names app and program by what is in both of them together: a browser that kept one file of a
/// build never has it with those of another.
pub(crate) fn take(places: &Places, way: Way, split: &Split, files: &mut Files) -> Outcome<()> {
    let problem = |problem: &str| Failure::Content { path: split.folder.clone(), problem: problem.into() };
    let mut parts = read_tree(&split.folder)?;
    parts.retain(|path, _| !path.starts_with("main/"));
    let scripts: Vec<String> = parts.keys().filter(|path| path.ends_with(".js")).cloned().collect();
    let [link] = scripts.as_slice() else { return Err(problem("there is not one script that loads the parts")) };
    let mut script = String::from_utf8_lossy(&parts.remove(link).unwrap_or_default()).into_owned();
    for path in parts.keys().filter(|path| path.ends_with(".wasm")) {
        let bytes = optimized(places, way, &split.folder.join(path))?;
        let name = format!("{DESK}{}.wasm", short(&[&bytes]));
        let (old, new) = (format!("\"./{path}\""), format!("\"./{name}\""));
        if !script.contains(&old) {
            return Err(problem("a part is loaded by nobody"));
        }
        script = script.replace(&old, &new);
        files.insert(name, bytes);
    }
    files.insert(link.clone(), script.into_bytes());
    name_by_content(files, link).ok_or_else(|| problem("the app or its page is not as it was expected"))
}

/// Puts the script between the parts into that of the app, since each file costs the start some milliseconds, and gives app and program
/// one name of what is in them. `None` when one of them is missing, or not as it was expected.
fn name_by_content(files: &mut Files, link: &str) -> Option<()> {
    let is_app = |path: &&String| path.starts_with(APP.0) && path.ends_with(APP.1);
    let old = files.keys().find(is_app)?.strip_suffix(APP.1)?.to_owned();
    let (app, program) = (files.remove(&format!("{old}{}", APP.1))?, files.remove(&format!("{old}{PROGRAM}"))?);
    let (script, page) = (files.remove(link)?, files.remove(PAGE)?);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let linked = inlined(&text(&app), &text(&script), link)?;
    let new = format!("{FIRST}{}", short(&[linked.as_bytes(), &program]));
    let page = text(&page).replace(&old, &new).replace(&integrity(&app), &integrity(linked.as_bytes()));
    files.insert(format!("{new}{}", APP.1), linked.into_bytes());
    files.insert(format!("{new}{PROGRAM}"), program);
    files.insert(PAGE.into(), page.into_bytes());
    Some(())
}

/// The script of the app with that between the parts in the place where it imported it: the same code, in a function of its own.
fn inlined(app: &str, script: &str, link: &str) -> Option<String> {
    let import =
        app.lines().find(|line| line.starts_with("import * as ") && line.contains(&format!("\"./{link}\"")))?;
    let name = import.strip_prefix("import * as ")?.split_whitespace().next()?;
    let body: Vec<&str> = script.lines().filter(|line| !line.starts_with("import ")).collect();
    let exported: Vec<&str> =
        body.iter().filter_map(|line| line.strip_prefix("export const ")?.split_whitespace().next()).collect();
    let body = body.join("\n").replace("export const ", "const ");
    if exported.is_empty() || body.contains("export ") {
        return None;
    }
    let own = format!("const {name} = (() => {{\n{body}\nreturn {{ {} }};\n}})();", exported.join(", "));
    Some(app.replacen(import, &own, 1))
}

/// What a page says of a file that it will load.
fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(bytes)))
}

/// Sixteen hex digits of what is in some files.
fn short(files: &[&[u8]]) -> String {
    let mut all = Sha256::new();
    files.iter().for_each(|bytes| all.update(Sha256::digest(bytes)));
    hex::encode(&all.finalize()[..8])
}

/// What the compiler uses of wasm; of the first part wasm-opt reads that in the file itself.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A part as Trunk makes the first one small.
fn optimized(places: &Places, way: Way, part: &Path) -> Outcome<Vec<u8>> {
    let small = part.with_extension("small");
    Program::new("wasm-opt", "wasm-opt")
        .args(["-O1", "-o"])
        .args([&small, &part.to_path_buf()])
        .args(FEATURES)
        .envs(way.env(places)?)
        .run()?;
    fs::read(&small).at(&small)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(program: &str) -> Files {
        let script = "import * as import1 from \"./parts-1.js\"\n\nconst imports = { \"./parts-1.js\": import1 };\n";
        let link = "import { initSync } from \"./main.js\";\nlet shared = 1;\nexport const load_desk = shared;\n";
        let known = integrity(script.as_bytes());
        let page = format!("href=/greenshield-app-0.js integrity={known}> wasm=/greenshield-app-0_bg.wasm");
        Files::from([
            ("greenshield-app-0.js".to_owned(), script.into()),
            ("greenshield-app-0_bg.wasm".to_owned(), program.into()),
            ("parts-1.js".to_owned(), link.into()),
            (PAGE.to_owned(), page.into()),
        ])
    }

    #[test]
    fn the_app_has_the_script_between_its_parts_in_it_and_a_name_that_follows_what_is_in_it() {
        let named = |program: &str| {
            let mut files = app(program);
            name_by_content(&mut files, "parts-1.js").unwrap();
            files
        };
        let files = named("a");
        let name = files.keys().find_map(|path| path.strip_suffix(".js")).unwrap().to_owned();
        let script = String::from_utf8(files[&format!("{name}.js")].clone()).unwrap();
        let own = "const import1 = (() => {\nlet shared = 1;\nconst load_desk = shared;\nreturn { load_desk };\n})();";
        assert_eq!(script, format!("{own}\n\nconst imports = {{ \"./parts-1.js\": import1 }};\n"));
        let page = String::from_utf8(files[PAGE].clone()).unwrap();
        assert!(page.contains(&format!("/{name}_bg.wasm")) && page.contains(&integrity(script.as_bytes())));
        assert!(!page.contains("app-0") && files.len() == 3);
        assert_ne!(named("b").keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        assert_eq!(named("a"), files);
    }

    #[test]
    fn an_app_without_its_program_or_its_link_is_refused() {
        for missing in ["greenshield-app-0_bg.wasm", "parts-1.js"] {
            let mut files = app("a");
            files.remove(missing);
            assert_eq!(name_by_content(&mut files, "parts-1.js"), None);
        }
        assert_eq!(inlined("import * as a from \"./b.js\"", "export const c = 1;", "d.js"), None);
        assert_eq!(inlined("import * as a from \"./b.js\"", "export default 1;", "b.js"), None);
    }
}
