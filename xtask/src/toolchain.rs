//! Where things are, and which compiler builds the app.
//!
//! Two ways lead to wasm: the *ordinary* one (the active toolchain has the wasm32 target) and the *Debian* one
//! (`rustc-web` and a standard library built by `setup`), for machines that reach the package mirrors but not rustup's
//! server. Both build into `target/wasm`, so that host builds and wasm builds never wait for each other.
//! This module only looks; installing is `setup`'s work.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{At, Failure, Outcome, Program, on_path};

/// The target triple of the app.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// The newest Trunk that the pinned compiler builds.
pub(crate) const TRUNK_VERSION: &str = "0.21.14";
/// Where wasm-opt comes from.
pub(crate) const BINARYEN_VERSION: &str = "132.0.0";
/// The renderer of the map.
pub(crate) const MAPLIBRE_VERSION: &str = "6.17.0";
/// Set to `debian` to use the fallback even where the ordinary way works.
const WAY_VARIABLE: &str = "GREENSHIELD_WASM";

/// The folders of this repository and of this developer.
pub(crate) struct Places {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder for host builds.
    pub(crate) target: PathBuf,
    /// Tools built once per developer and shared by all clones.
    pub(crate) cache: PathBuf,
}

impl Places {
    pub(crate) fn find() -> Outcome<Self> {
        // Asked at run time: clones that share a target folder share this program, but not its place.
        let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = here.parent().unwrap_or(&here).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let cache = match (env::var_os("GREENSHIELD_CACHE"), env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
            (Some(own), _, _) => PathBuf::from(own),
            (None, Some(xdg), _) => PathBuf::from(xdg).join("greenshield"),
            (None, None, Some(home)) => PathBuf::from(home).join(".cache/greenshield"),
            (None, None, None) => root.join("target/cache"),
        };
        Ok(Self { root, target, cache })
    }

    /// The server as `cargo build -p greenshield-server` leaves it.
    pub(crate) fn server(&self, profile_dir: &str) -> PathBuf {
        self.target.join(profile_dir).join("greenshield")
    }

    /// Target folder of every wasm build.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// Folder of one cached tool; the version in its name makes an update a new folder and never a surprise.
    pub(crate) fn tool_root(&self, name: &str, version: &str) -> PathBuf {
        self.cache.join("tools").join(format!("{name}-{version}"))
    }

    /// The folder of wasm-opt.
    pub(crate) fn wasm_opt_folder(&self) -> PathBuf {
        self.tool_root("binaryen", BINARYEN_VERSION).join("node_modules/.bin")
    }

    /// The folder of the packages that draw the map.
    pub(crate) fn map_folder(&self) -> PathBuf {
        self.tool_root("maplibre-gl", MAPLIBRE_VERSION).join("node_modules")
    }

    /// The folders of this machine that a compiler may write down, each with the name that stands for it; the longest last, since
    /// one may lie in another and the last that fits counts. A folder with a space can not be told to the compiler, and is left out.
    pub(crate) fn named(&self) -> Vec<(String, &'static str)> {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
        let sources = home.as_ref().and_then(|home| fs::read_dir(home.join("registry/src")).ok());
        let mut folders: Vec<(PathBuf, &'static str)> =
            sources.into_iter().flatten().flatten().map(|entry| (entry.path(), "/crates")).collect();
        folders.extend([(self.root.clone(), "/greenshield"), (self.target.clone(), "/target")]);
        folders.extend(home.map(|home| (home, "/cargo")));
        let mut named: Vec<(String, &'static str)> =
            folders.into_iter().map(|(folder, name)| (folder.display().to_string(), name)).collect();
        named.retain(|(folder, name)| !folder.contains(char::is_whitespace) && folder != name);
        named.sort_by_key(|(folder, _)| folder.len());
        named
    }

    /// The program of a tool: from the cache, else from the PATH when its version is exactly the wanted one.
    pub(crate) fn tool(&self, package: &str, program: &str, version: &str) -> Option<PathBuf> {
        let cached = self.tool_root(package, version).join("bin").join(program);
        if cached.is_file() {
            return Some(cached);
        }
        let found = on_path(program)?;
        let said = Program::new("asking a tool for its version", &found).args(["--version"]).output().ok()?;
        said.split_whitespace().any(|word| word == version).then_some(found)
    }

    /// The version of a crate in `Cargo.lock`.
    pub(crate) fn locked_version(&self, package: &str) -> Outcome<String> {
        let path = self.root.join("Cargo.lock");
        let lock = fs::read_to_string(&path).at(&path)?;
        let wanted = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != wanted);
        let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \"")).map(|v| v.trim_end_matches('"'));
        version.map(str::to_owned).ok_or_else(|| Failure::Content { path, problem: format!("no package {package}") })
    }
}

/// The way this machine builds wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The active toolchain has the target.
    Ordinary,
    /// Debian's `rustc-web`.
    Debian,
}

impl Way {
    /// The way that is ready now, if any.
    pub(crate) fn ready() -> Option<Self> {
        if !Self::debian_is_forced() && Self::Ordinary.has_std() {
            return Some(Self::Ordinary);
        }
        (on_path("wasm-ld-19").is_some() && Self::Debian.has_std()).then_some(Self::Debian)
    }

    pub(crate) fn debian_is_forced() -> bool {
        env::var_os(WAY_VARIABLE).is_some_and(|way| way == "debian")
    }

    /// The folder where the compiler looks for the wasm standard library.
    pub(crate) fn std_folder(self) -> Option<PathBuf> {
        let sysroot = Program::new("asking rustc for its folder", self.rustc()).args(["--print", "sysroot"]).output();
        Some(PathBuf::from(sysroot.ok()?).join("lib/rustlib").join(WASM).join("lib"))
    }

    /// `test` comes last in the build of the standard library and the browser tests need it.
    fn has_std(self) -> bool {
        if self == Self::Debian && !Path::new(self.rustc()).is_file() {
            return false;
        }
        let Some(entries) = self.std_folder().and_then(|folder| fs::read_dir(folder).ok()) else { return false };
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libtest-"))
    }

    pub(crate) fn rustc(self) -> &'static str {
        match self {
            Self::Ordinary => "rustc",
            Self::Debian => "/usr/bin/rustc",
        }
    }

    pub(crate) fn cargo(self) -> &'static str {
        match self {
            Self::Ordinary => "cargo",
            Self::Debian => "/usr/bin/cargo",
        }
    }

    /// Environment of every wasm build, by cargo and by Trunk (which finds its tools and cargo on the PATH).
    pub(crate) fn env(self, places: &Places) -> Outcome<Vec<(&'static str, OsString)>> {
        let mut vars = vec![("CARGO_TARGET_DIR", places.wasm_target().into_os_string())];
        let mut folders = vec![
            places.tool_root("wasm-bindgen-cli", &places.locked_version("wasm-bindgen")?).join("bin"),
            places.tool_root("trunk", TRUNK_VERSION).join("bin"),
            places.wasm_opt_folder(),
        ];
        if self == Self::Debian {
            vars.push(("RUSTC", self.rustc().into()));
            vars.push(("RUSTDOC", "/usr/bin/rustdoc".into()));
            vars.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19".into()));
            folders.push("/usr/bin".into());
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(folders.into_iter().chain(env::split_paths(&path)));
        vars.push(("PATH", path.map_err(|_| Failure::Usage("a PATH with a colon in a folder name".into()))?));
        Ok(vars)
    }

    /// The same for what people get: no folder of this machine is in it, so that the same sources give the same bytes anywhere.
    pub(crate) fn env_of_release(self, places: &Places) -> Outcome<Vec<(&'static str, OsString)>> {
        let mut vars = self.env(places)?;
        let flags = places.named().into_iter().map(|(folder, name)| format!("--remap-path-prefix={folder}={name}"));
        vars.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.collect::<Vec<_>>().join(" ").into()));
        Ok(vars)
    }
}
