//! Builds `verify.html`: the check of evidence exports as one file that a person keeps, opens from a folder without server and
//! network, and finds at `/verify.html` of every server.
//!
//! Invariants: the page loads nothing; its content policy names its own script and style by hash and forbids everything else,
//! so that it is the same wherever it is opened. It is no part of the app shell: no phone fetches it unasked, and the build
//! number of the app does not depend on it.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::files::{Files, input_hash, with_packed, write_changed};
use crate::process::{At as _, Failure, Outcome, Program, step};
use crate::setup::{self, Need};
use crate::toolchain::{Places, WASM, Way};

/// The name of the page.
const PAGE: &str = "verify.html";
const CRATE: &str = "greenshield-verifier";
const FOLDER: &str = "crates/verifier/page";
/// The looks of the app that the page uses, before its own.
const STYLES: [&str; 6] = [
    "style/tokens.css",
    "style/base.css",
    "style/components/button.css",
    "style/components/card.css",
    "style/components/form.css",
    "crates/verifier/page/page.css",
];
/// What the page is made of; a change in any of these needs a new build.
const INPUTS: [&str; 9] = [
    "crates/verifier/Cargo.toml",
    "crates/verifier/src",
    FOLDER,
    "crates/domain/Cargo.toml",
    "crates/domain/src",
    "style",
    "Cargo.toml",
    "Cargo.lock",
    "xtask/src/verifier.rs",
];

/// Sets up what is missing and brings `dist/verify.html` up to date; the rest of `dist/` stays as it is.
pub(crate) fn build(places: &Places) -> Outcome<()> {
    setup::ensure(places, &[Need::App])?;
    let way = Way::ready().ok_or_else(|| Failure::ByHand {
        what: "the wasm target".into(),
        how: "rustup target add wasm32-unknown-unknown".into(),
    })?;
    write_changed(&places.root.join("dist"), &files(places, way)?)
}

/// The page and its compressed copies, built anew when something in it changed.
pub(crate) fn files(places: &Places, way: Way) -> Outcome<Files> {
    let folder = places.target.join("verifier");
    let (stamp, built) = (folder.join("stamp"), folder.join(PAGE));
    let inputs = input_hash(places, way, &INPUTS)?;
    if built.is_file() && fs::read_to_string(&stamp).is_ok_and(|known| known == inputs) {
        eprintln!("✓ the verifier is up to date");
    } else {
        let _ = fs::remove_file(&stamp);
        fs::create_dir_all(&folder).at(&folder)?;
        let page = step("building the verifier (about 1 min the first time)", || page(places, way, &folder))?;
        eprintln!("  {PAGE}: {:.1} KB", page.len() as f64 / 1e3);
        fs::write(&built, page).at(&built)?;
        fs::write(&stamp, inputs).at(&stamp)?;
    }
    Ok(with_packed(Files::from([(PAGE.into(), fs::read(&built).at(&built)?)])))
}

fn page(places: &Places, way: Way, folder: &Path) -> Outcome<String> {
    let (glue, module) = module(places, way, folder)?;
    let read = |path: &str| {
        let path = places.root.join(path);
        fs::read_to_string(&path).at(&path)
    };
    let own = |name: &str| read(&format!("{FOLDER}/{name}"));
    let style = STYLES.iter().map(|path| read(path)).collect::<Outcome<Vec<_>>>()?.join("\n");
    let words = format!("{{\"zh-CN\":{},\"en\":{}}}", own("zh-CN.json")?.trim(), own("en.json")?.trim());
    let engine = format!("{glue}\n{}", own("engine.js")?);
    let parts = Parts { style, words, module: STANDARD.encode(module), engine, script: own("page.js")? };
    parts.put_into(&own("page.html")?)
}

/// The wasm module and the script that loads it.
fn module(places: &Places, way: Way, folder: &Path) -> Outcome<(String, Vec<u8>)> {
    Program::new("the verifier", way.cargo())
        .args(["build", "--profile", "verifier", "--target", WASM, "-p", CRATE, "--lib"])
        .envs(way.env_of_release(places)?)
        .dir(&places.root)
        .run()?;
    let by_hand = |what: &str| Failure::ByHand { what: what.into(), how: "cargo xtask setup".into() };
    let version = places.locked_version("wasm-bindgen")?;
    let bindgen = places.tool("wasm-bindgen-cli", "wasm-bindgen", &version).ok_or_else(|| by_hand("wasm-bindgen"))?;
    let name = CRATE.replace('-', "_");
    let built = places.wasm_target().join(WASM).join("verifier").join(format!("{name}.wasm"));
    Program::new("wasm-bindgen", bindgen)
        .args(["--target", "no-modules", "--no-typescript", "--out-dir"])
        .args([folder.as_os_str(), built.as_os_str()])
        .run_quietly()?;
    let (bound, small) = (folder.join(format!("{name}_bg.wasm")), folder.join("small.wasm"));
    Program::new("wasm-opt", places.wasm_opt_folder().join("wasm-opt"))
        .args(["-O2".as_ref(), bound.as_os_str(), "-o".as_ref(), small.as_os_str()])
        .run_quietly()?;
    let glue = folder.join(format!("{name}.js"));
    Ok((fs::read_to_string(&glue).at(&glue)?, fs::read(&small).at(&small)?))
}

/// What goes into the template.
struct Parts {
    style: String,
    words: String,
    module: String,
    engine: String,
    script: String,
}

impl Parts {
    fn put_into(&self, template: &str) -> Outcome<String> {
        let texts = [&self.style, &self.words, &self.module, &self.engine, &self.script];
        // These would end the element that they stand in, or begin a comment.
        let strange = ["</script", "</style", "<!--", "\r"];
        if let Some(found) = strange.iter().find(|word| texts.iter().any(|text| text.to_lowercase().contains(**word))) {
            return Err(problem(&format!("a part contains {found:?}")));
        }
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        let policy = format!(
            "default-src 'none'; script-src {} {} 'wasm-unsafe-eval'; style-src {}; worker-src blob:; connect-src 'none'; \
             base-uri 'none'; form-action 'none'",
            hash(&self.engine),
            hash(&self.script),
            hash(&self.style)
        );
        let scripts = format!(
            "<script type=\"application/json\" id=\"words\">{}</script>\n    <script type=\"text/plain\" id=\"module\">{}</script>\
             \n    <script id=\"engine\">{}</script>\n    <script id=\"page\">{}</script>",
            self.words, self.module, self.engine, self.script
        );
        let fill = [
            ("<!--policy-->", format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")),
            ("<!--style-->", format!("<style>{}</style>", self.style)),
            ("<!--scripts-->", scripts),
        ];
        fill.iter().try_fold(template.to_owned(), |page, (mark, text)| {
            let (before, after) = page.split_once(mark).ok_or_else(|| problem(&format!("has no {mark}")))?;
            Ok(format!("{before}{text}{after}"))
        })
    }
}

fn problem(problem: &str) -> Failure {
    Failure::Content { path: Path::new(FOLDER).join("page.html"), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(script: &str) -> Parts {
        let text = |text: &str| text.to_owned();
        Parts { style: text("a{}"), words: text("{}"), module: text("AA=="), engine: text("1"), script: text(script) }
    }

    const TEMPLATE: &str = "<head><!--policy--><!--style--></head><!--scripts-->";

    #[test]
    fn the_policy_names_what_stands_in_the_page_and_allows_no_network() {
        let page = parts("alert(1)").put_into(TEMPLATE).unwrap();
        for text in ["a{}", "1", "alert(1)"] {
            assert!(page.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))), "{text}");
        }
        assert!(page.contains("default-src 'none'") && page.contains("connect-src 'none'"));
        assert!(!page.contains("unsafe-inline") && !page.contains("<!--"));
    }

    #[test]
    fn a_part_that_would_end_its_element_is_refused() {
        for script in ["'</Script>'", "<!-- x", "a\r\n"] {
            assert!(parts(script).put_into(TEMPLATE).is_err(), "{script}");
        }
    }

    #[test]
    fn a_template_without_its_marks_is_refused() {
        assert!(parts("1").put_into("<head><!--policy--></head>").unwrap_err().to_string().contains("<!--style-->"));
    }
}
