//! Installs what a command needs and this machine lacks, and nothing else.
//!
//! Every check is a look at files, so a second run costs nothing. Each installation says what, why and about how long.
//! System packages are only installed on Debian-like machines and only by root or a sudo that asks nothing;
//! everywhere else the developer is told exactly what to install.

use std::fs;
use std::path::{Path, PathBuf};

use crate::map::PACKAGES;
use crate::process::{At, Failure, Outcome, Program, on_path, step};
use crate::toolchain::{BINARYEN_VERSION, MAPLIBRE_VERSION, Places, TRUNK_VERSION, WASM, Way};

/// What a command needs beyond cargo itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The wasm target, Trunk, wasm-bindgen, wasm-opt: to build the app.
    App,
    /// rustfmt and clippy.
    Lints,
    /// Chromium, chromedriver and a Chinese font: for tests in a real browser.
    Browser,
    /// Node with the packages of `tests/e2e`.
    Node,
    /// PouchDB and its server, beside which `bench` measures.
    PouchPeer,
    /// Python with the foreign clients of `tests/e2e/clients`.
    Python,
    /// The programs of PostgreSQL: tests start a server of their own.
    Postgres,
    /// A C++ compiler: libFuzzer is written in it.
    Fuzz,
    /// What the base pack of the map is made of.
    MapPack,
}

/// Brings the machine to the point where all `needs` are met.
pub(crate) fn ensure(places: &Places, needs: &[Need]) -> Outcome<()> {
    install_system_packages(&missing_packages(needs))?;
    for need in needs {
        match need {
            Need::App => {
                ensure_wasm_target(places)?;
                ensure_tools(places)?;
            }
            Need::Lints => ensure_lints()?,
            Need::Browser | Need::Fuzz => {}
            Need::Node => ensure_npm_packages(&places.root.join("tests/e2e"), "the end-to-end tests")?,
            Need::PouchPeer => ensure_npm_packages(&places.root.join("tests/e2e/pouchdb-peer"), "the measurements")?,
            Need::Python => {
                ensure_python(places, "python", "tests/e2e/clients/requirements.txt", "the end-to-end tests")?;
            }
            Need::MapPack => ensure_python(places, "python-map", "xtask/map/requirements.txt", "the map pack")?,
            Need::Postgres => ensure_postgres()?,
        }
    }
    Ok(())
}

/// The browser for tests: `CHROMIUM`, else the first known name on the PATH.
pub(crate) fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name)))
}

/// The driver of that browser: `CHROMEDRIVER`, else the PATH.
pub(crate) fn browser_driver() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMEDRIVER").map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| on_path("chromedriver"))
}

/// A Debian package and what it is for.
type Package = (&'static str, &'static str);

fn missing_packages(needs: &[Need]) -> Vec<Package> {
    let mut missing = Vec::new();
    if on_path("cc").is_none() {
        missing.push(("build-essential", "C compiler and linker"));
    }
    if needs.contains(&Need::Fuzz) && on_path("c++").is_none() {
        missing.push(("g++", "C++ compiler of the fuzz targets"));
    }
    if needs.contains(&Need::Browser) {
        if browser().is_none() {
            missing.push(("chromium", "the browser of the tests"));
            missing.push(("fonts-noto-cjk", "Chinese letters in screenshots"));
        }
        if browser_driver().is_none() {
            missing.push(("chromium-driver", "drives the browser of the tests"));
        }
    }
    let wants_node = needs.contains(&Need::App) || needs.contains(&Need::Node);
    if (needs.contains(&Need::Python) || needs.contains(&Need::MapPack)) && on_path("python3").is_none() {
        missing.push(("python3-venv", "runs the foreign clients of the end-to-end tests and makes map packs"));
    }
    if needs.contains(&Need::MapPack) && on_path("gmt").is_none() {
        missing.push(("gmt", "reads rivers, lakes and outlines"));
        missing.push(("gmt-gshhg-full", "rivers and lakes"));
        missing.push(("gmt-dcw", "outlines of provinces"));
    }
    if wants_node && (on_path("node").is_none() || on_path("npm").is_none()) {
        missing.push(("nodejs", "runs wasm-opt, and from version 20 on the end-to-end tests"));
        missing.push(("npm", "fetches wasm-opt and the packages of the end-to-end tests"));
    }
    missing
}

fn install_system_packages(packages: &[Package]) -> Outcome<()> {
    if packages.is_empty() {
        return Ok(());
    }
    for (name, purpose) in packages {
        eprintln!("  missing: {name} ({purpose})");
    }
    let names = packages.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let Some(apt) = Apt::find() else {
        let how = format!("apt-get install {}   (or what your system calls them)", names.join(" "));
        return Err(Failure::ByHand { what: "part of the tools".into(), how });
    };
    step(&format!("installing {} from the system's packages (about 1 min)", names.join(", ")), || apt.install(&names))
}

/// apt-get with the right to install.
struct Apt {
    words: Vec<&'static str>,
}

impl Apt {
    fn find() -> Option<Self> {
        on_path("apt-get")?;
        let is_root = Program::new("asking who I am", "id").args(["-u"]).output().is_ok_and(|id| id == "0");
        if is_root {
            return Some(Self { words: vec!["apt-get"] });
        }
        let may_sudo = Program::new("asking sudo", "sudo").args(["-n", "true"]).succeeds();
        may_sudo.then(|| Self { words: vec!["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"] })
    }

    fn install(&self, names: &[&str]) -> Outcome<()> {
        self.program(&["update", "-q"]).run_quietly()?;
        self.program(&["install", "-y", "-q", "--no-install-recommends"]).args(names).run_quietly()
    }

    fn with_its_rights(&self, program: &'static str) -> Program {
        if self.words[0] == "sudo" {
            Program::new(program, "sudo").args(["-n", program])
        } else {
            Program::new(program, program)
        }
    }

    fn program(&self, args: &[&str]) -> Program {
        let rest = self.words.iter().skip(1).chain(args);
        Program::new("apt-get", self.words[0]).env("DEBIAN_FRONTEND", "noninteractive").args(rest)
    }
}

/// The package would make and start a server for the whole machine; tests need the programs only.
fn ensure_postgres() -> Outcome<()> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    if versions.map(|version| version.path().join("bin/initdb")).any(|program| program.is_file()) {
        return Ok(());
    }
    let how = "apt-get install postgresql   (its own server need not run)".to_owned();
    let apt = Apt::find().ok_or(Failure::ByHand { what: "PostgreSQL for the tests".into(), how })?;
    step("installing PostgreSQL for the tests, without a server for this machine (about 1 min)", || {
        apt.install(&["postgresql-common"])?;
        let no_server = ["-i", "s/^#*create_main_cluster.*/create_main_cluster = false/"];
        let file = "/etc/postgresql-common/createcluster.conf";
        apt.with_its_rights("sed").args(no_server).args([file]).run_quietly()?;
        apt.install(&["postgresql"])
    })
}

fn ensure_wasm_target(places: &Places) -> Outcome<()> {
    if Way::ready().is_some() {
        return Ok(());
    }
    if !Way::debian_is_forced() && on_path("rustup").is_some() {
        let added = step("adding the wasm target with rustup (about 10 s)", || {
            Program::new("rustup", "rustup").args(["target", "add", WASM]).run_quietly()
        });
        if added.is_ok() && Way::ready().is_some() {
            return Ok(());
        }
        eprintln!("  rustup could not bring the wasm target; taking the compiler of Debian instead");
    }
    install_debian_compiler(places)
}

/// The compiler packages, then the wasm standard library that Debian does not ship.
fn install_debian_compiler(places: &Places) -> Outcome<()> {
    let how = "rustup target add wasm32-unknown-unknown".to_owned();
    let apt = Apt::find().ok_or(Failure::ByHand { what: "the wasm target of the compiler".into(), how })?;
    let packages = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-19"];
    step("installing Debian's compiler for the web (about 1 min)", || apt.install(&packages))?;
    step("building the standard library for wasm, once (about 90 s)", || build_wasm_std(places))
}

/// Builds std with panic_abort and `test` in a throw-away crate and copies the result to where the compiler looks.
fn build_wasm_std(places: &Places) -> Outcome<()> {
    let seed = places.cache.join("wasm-std");
    let source = seed.join("src");
    fs::create_dir_all(&source).at(&source)?;
    let manifest = "[package]\nname = \"std-seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";
    write(&seed.join("Cargo.toml"), manifest)?;
    write(&source.join("lib.rs"), "")?;
    let target = seed.join("target");
    Program::new("building std", Way::Debian.cargo())
        .args(["build", "--release", "--target", WASM, "-Zbuild-std=std,panic_abort,test"])
        .env("RUSTC", Way::Debian.rustc())
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode the app could not be linked with LTO.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
        .env("CARGO_TARGET_DIR", &target)
        .dir(&seed)
        .run()?;
    let built = target.join(WASM).join("release/deps");
    let folder = Way::Debian.std_folder().ok_or_else(|| Failure::Content {
        path: PathBuf::from(Way::Debian.rustc()),
        problem: "does not say where its standard library is".into(),
    })?;
    copy_libraries(&built, &folder)
}

fn copy_libraries(from: &Path, to: &Path) -> Outcome<()> {
    let mut libraries = Vec::new();
    for entry in fs::read_dir(from).at(from)? {
        let path = entry.at(from)?.path();
        let is_seed = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libstd_seed"));
        if path.extension().is_some_and(|extension| extension == "rlib") && !is_seed {
            libraries.push(path);
        }
    }
    let may_write = fs::create_dir_all(to).is_ok() && fs::copy(&libraries[0], to.join(".probe")).is_ok();
    if may_write {
        let _ = fs::remove_file(to.join(".probe"));
        for library in &libraries {
            let target = to.join(library.file_name().unwrap_or_default());
            fs::copy(library, &target).at(&target)?;
        }
        return Ok(());
    }
    Program::new("making the folder", "sudo").args(["-n", "mkdir", "-p"]).args([to]).run_quietly()?;
    Program::new("copying the libraries", "sudo").args(["-n", "cp"]).args(&libraries).args([to]).run_quietly()
}

fn ensure_tools(places: &Places) -> Outcome<()> {
    let bindgen = places.locked_version("wasm-bindgen")?;
    // wasm-bindgen-cli's own lock file names a crate that mirrors may lack, so it is resolved afresh; Trunk's is good.
    let tools: [(&str, &str, &str, &[&str], &str); 2] = [
        ("wasm-bindgen-cli", "wasm-bindgen", &bindgen, &[], "connects the app with the browser; about 4 min"),
        ("trunk", "trunk", TRUNK_VERSION, &["--locked"], "bundles the app; about 5 min"),
    ];
    for (package, program, version, flags, purpose) in tools {
        if places.tool(package, program, version).is_none() {
            let what = format!("building {package} {version} once ({purpose} on two cores)");
            step(&what, || install_tool(places, package, version, flags))?;
        }
    }
    if !places.wasm_opt_folder().join("wasm-opt").exists() {
        step("fetching wasm-opt, which makes the app a third smaller (100 MB)", || {
            let folder = places.tool_root("binaryen", BINARYEN_VERSION);
            install_from_npm("wasm-opt", &folder, &[format!("binaryen@{BINARYEN_VERSION}")])
        })?;
    }
    if !places.map_folder().join(".package-lock.json").exists() {
        step("fetching the renderer of the map", || {
            let folder = places.tool_root("maplibre-gl", MAPLIBRE_VERSION);
            install_from_npm("the renderer of the map", &folder, &PACKAGES.map(str::to_owned))
        })?;
    }
    Ok(())
}

/// wasm-opt comes from npm and not from Debian: version 108 there exports the wrong table and the app cannot start.
fn install_from_npm(what: &str, folder: &Path, packages: &[String]) -> Outcome<()> {
    fs::create_dir_all(folder).at(folder)?;
    Program::new(what, "npm")
        .args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"])
        .args([folder])
        .args(packages)
        .dir(folder)
        .run_quietly()
}

fn install_tool(places: &Places, package: &str, version: &str, flags: &[&str]) -> Outcome<()> {
    let build = places.cache.join("build");
    // These tools run for seconds; their build is what a newcomer waits for.
    let quick_build = [
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "64"),
        ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
        ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
    ];
    Program::new(package, "cargo")
        .args(["install", package, "--version", &format!("={version}"), "--root"])
        .args([places.tool_root(package, version)])
        .args(flags)
        .envs(quick_build)
        .env("CARGO_TARGET_DIR", &build)
        .dir(&std::env::temp_dir())
        .run()?;
    // Hundreds of megabytes that nobody needs again; a failure to remove them harms nothing.
    let _ = fs::remove_dir_all(&build);
    Ok(())
}

fn ensure_lints() -> Outcome<()> {
    let has = |name: &str| Program::new("asking for a component", "cargo").args([name, "--version"]).succeeds();
    if has("fmt") && has("clippy") {
        return Ok(());
    }
    step("adding rustfmt and clippy with rustup", || {
        Program::new("rustup", "rustup").args(["component", "add", "rustfmt", "clippy"]).run_quietly()
    })
}

/// `npm ci` when `node_modules` is absent or older than the lock file.
fn ensure_npm_packages(folder: &Path, of: &str) -> Outcome<()> {
    let lock = folder.join("package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    // npm writes this file last, so it also tells a finished installation from an interrupted one.
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    let wanted = modified(&lock);
    if wanted.is_none() || (installed.is_some() && installed >= wanted) {
        return Ok(());
    }
    step(&format!("fetching the packages of {of} (about 20 s)"), || {
        Program::new("npm", "npm").args(["ci", "--no-audit", "--no-fund"]).dir(folder).run_quietly()
    })
}

/// The Python of the end-to-end tests; [`ensure`] makes it.
pub(crate) fn python(places: &Places) -> PathBuf {
    places.target.join("python/bin/python")
}

/// A program of the Python environment that makes map packs; [`ensure`] makes it.
pub(crate) fn map_tool(places: &Places, name: &str) -> PathBuf {
    places.target.join("python-map/bin").join(name)
}

/// A Python environment of its own, when it is absent or older than the list of its packages.
fn ensure_python(places: &Places, name: &str, list: &str, of: &str) -> Outcome<()> {
    let (list, folder) = (places.root.join(list), places.target.join(name));
    let done = folder.join("installed");
    let wanted = fs::read(&list).at(&list)?;
    if fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step(&format!("fetching the Python packages of {of} (about 20 s)"), || {
        let venv = || Program::new("a Python environment", "python3").args(["-m", "venv", "--clear"]).args([&folder]);
        // Debian ships Python without it.
        if !venv().succeeds() {
            install_system_packages(&[("python3-venv", "environments of Python")])?;
            venv().run_quietly()?;
        }
        Program::new("pip", folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .args([&list])
            .run_quietly()
    })?;
    fs::write(&done, wanted).at(&done)
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    fs::write(path, text).at(path)
}
