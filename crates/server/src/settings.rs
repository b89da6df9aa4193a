//! What the operator decided: each setting by flag, else environment, else file, else default.
//!
//! Owns: that order, and the typed result. Refuses: to guess: a value that does not fit is an error that names where it
//! came from. Invariant: nothing outside of this module reads the environment for a setting.

mod file;
mod flags;
pub mod table;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use self::flags::{DataFlags, EveryFlags, ServeFlags};
use self::table::{Kind, SETTINGS, Setting};
pub use self::webhooks::{SecretPlace, WebhookSetting};
use crate::place::{BucketPlace, Place};
use crate::webhooks::address;

/// Variable that names the settings file.
pub const CONFIG_ENV: &str = "GREENSHIELD_CONFIG";

/// Why the settings can not be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file can not be read.
    #[error("the settings file {path:?} can not be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something that it must not.
    #[error("{}, line {line}: {problem}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// What.
        problem: String,
    },
    /// A flag or a variable has a value that does not fit.
    #[error("{place} must be {expected}, and is {found:?}")]
    Value {
        /// The flag or the variable.
        place: String,
        /// What its value must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A setting that this command needs is not there.
    #[error("no {key} is set: give --{flag}, or {env} in the environment, or `{key} = …` in the settings file")]
    Missing {
        /// Which setting.
        key: &'static str,
        /// Its flag.
        flag: String,
        /// Its variable.
        env: String,
    },
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment.
    Environment,
    /// This line of the settings file.
    File(usize),
    /// Nobody said one.
    Default,
}

/// The values that hold, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
    webhooks: Vec<WebhookSetting>,
    file: Option<PathBuf>,
}

impl Settings {
    /// Gathers all settings. `env` is the environment.
    ///
    /// # Errors
    /// [`SettingsError`], the first one found.
    pub fn gather(
        config: Option<&Path>,
        flags: &BTreeMap<&'static str, String>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        // An empty variable is one that is not set: that is how scripts unset them.
        let env = |name: &str| env(name).filter(|text| !text.is_empty());
        let path = config.map(Path::to_owned).or_else(|| env(CONFIG_ENV).map(PathBuf::from));
        let file = match &path {
            None => file::File::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|source| SettingsError::Unreadable { path: path.clone(), source })?;
                file::read(path, &text)?
            }
        };
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let line = file.lines.iter().find(|line| line.key == setting.key);
            let flag = flags.get(setting.key).map(|text| (text.clone(), Origin::Flag));
            let value = flag
                .or_else(|| env(&setting.env()).map(|text| (switch_word(setting, text), Origin::Environment)))
                .or_else(|| line.map(|line| (line.text.clone(), Origin::File(line.number))))
                .or_else(|| setting.default.map(|text| (text.to_owned(), Origin::Default)));
            let Some((text, origin)) = value else { continue };
            setting.check(&text).map_err(|expected| {
                let place = if origin == Origin::Flag { format!("--{}", setting.flag()) } else { setting.env() };
                let found = if setting.secret { "hidden".to_owned() } else { text.clone() };
                SettingsError::Value { place, expected, found }
            })?;
            values.insert(setting.key, (text, origin));
        }
        Ok(Self { values, webhooks: file.webhooks, file: path })
    }

    /// The receivers of webhooks, as they are written.
    #[must_use]
    pub fn webhooks(&self) -> &[WebhookSetting] {
        &self.webhooks
    }

    /// The text of a setting, if it has one.
    #[must_use]
    pub fn text(&self, key: &'static str) -> Option<&str> {
        self.values.get(key).map(|(text, _)| text.as_str())
    }

    /// Where the value of a setting came from.
    #[must_use]
    pub fn origin(&self, key: &'static str) -> Option<&Origin> {
        self.values.get(key).map(|(_, origin)| origin)
    }

    /// A setting as an address.
    #[must_use]
    pub fn address(&self, key: &'static str) -> Option<SocketAddr> {
        self.text(key).and_then(|text| text.parse().ok())
    }

    /// A setting as a whole number.
    #[must_use]
    pub fn number(&self, key: &'static str) -> Option<u32> {
        self.text(key).and_then(|text| text.parse().ok())
    }

    /// A setting as addresses without ports.
    #[must_use]
    pub fn addresses(&self, key: &'static str) -> Vec<IpAddr> {
        let words = self.text(key).unwrap_or_default().split(',');
        words.filter_map(|word| word.trim().parse().ok()).collect()
    }

    /// A setting as a path.
    #[must_use]
    pub fn path(&self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, key: &'static str) -> bool {
        self.text(key) == Some("true")
    }

    /// The data folder.
    ///
    /// # Errors
    /// [`SettingsError::Missing`].
    pub fn data(&self) -> Result<PathBuf, SettingsError> {
        self.path("data").ok_or_else(|| missing("data"))
    }

    /// Where the server keeps everything.
    ///
    /// # Errors
    /// [`SettingsError::Missing`].
    pub fn place(&self) -> Result<Place, SettingsError> {
        Ok(Place { data: self.data()?, database: self.owned("database"), blobs: self.bucket()? })
    }

    /// The bucket of the blobs, if there is one.
    fn bucket(&self) -> Result<Option<BucketPlace>, SettingsError> {
        let Some(url) = self.owned("blobs") else { return Ok(None) };
        let keys = match (self.owned("s3_access_key"), self.owned("s3_secret_key")) {
            (None, None) => None,
            (Some(key), Some(secret)) => Some((key, secret)),
            // Half of a pair is a mistake; the environment must not hide it.
            (None, Some(_)) => return Err(missing("s3_access_key")),
            (Some(_), None) => return Err(missing("s3_secret_key")),
        };
        Ok(Some(BucketPlace { url, endpoint: self.owned("s3_endpoint"), region: self.owned("s3_region"), keys }))
    }

    fn owned(&self, key: &'static str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// All settings as a file that would give the same, each with where it came from. Secrets are left out.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for setting in SETTINGS {
            let key = setting.key;
            // Writing into a string does not fail.
            let _ = match self.values.get(key) {
                None => writeln!(text, "# {key} is not set"),
                Some((_, origin)) if setting.secret => writeln!(text, "# {key} is secret, {}", self.whence(origin)),
                Some((value, origin)) => {
                    writeln!(text, "{key} = {}  # {}", literal(setting, value), self.whence(origin))
                }
            };
        }
        for webhook in &self.webhooks {
            let (name, whence) = (&webhook.name, self.whence(&Origin::File(webhook.line)));
            let _ = writeln!(
                text,
                "# webhook {name} to {}, its secret is not shown, {whence}",
                address::origin(&webhook.url)
            );
        }
        text
    }

    fn whence(&self, origin: &Origin) -> String {
        match (origin, &self.file) {
            (Origin::Flag, _) => "from the command line".to_owned(),
            (Origin::Environment, _) => "from the environment".to_owned(),
            (Origin::File(line), Some(path)) => format!("from {}, line {line}", path.display()),
            (Origin::File(line), None) => format!("from line {line}"),
            (Origin::Default, _) => "default".to_owned(),
        }
    }
}

fn missing(key: &'static str) -> SettingsError {
    let names = table::find(key).map(|setting| (setting.flag(), setting.env()));
    let (flag, env) = names.unwrap_or_default();
    SettingsError::Missing { key, flag, env }
}

/// In the environment, switches are also written as `1` and `0`.
fn switch_word(setting: &Setting, text: String) -> String {
    match (setting.kind, text.as_str()) {
        (Kind::Switch, "1" | "yes" | "on") => "true".to_owned(),
        (Kind::Switch, "0" | "no" | "off") => "false".to_owned(),
        _ => text,
    }
}

fn literal(setting: &Setting, text: &str) -> String {
    match setting.kind {
        Kind::Switch | Kind::Number(..) => text.to_owned(),
        _ => toml::Value::String(text.to_owned()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(flags: &[(&'static str, &str)], env: &[(&str, &str)], file: &str) -> Result<Settings, SettingsError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("g.toml");
        std::fs::write(&path, file).unwrap();
        let flags = flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect();
        let find = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, text)| (*text).to_owned());
        Settings::gather(Some(&path), &flags, find)
    }

    #[test]
    fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
        let file = "listen = \"127.0.0.3:3\"\nurl = \"https://file\"\nlog = \"file\"";
        let env =
            [("GREENSHIELD_LISTEN", "127.0.0.2:2"), ("GREENSHIELD_URL", "https://env"), ("GREENSHIELD_DEMO", "1")];
        let settings = gather(&[("listen", "127.0.0.1:1")], &env, file).unwrap();
        assert_eq!(settings.text("listen"), Some("127.0.0.1:1"));
        assert_eq!(settings.text("url"), Some("https://env"));
        assert_eq!(settings.text("log"), Some("file"));
        assert_eq!(settings.text("log_format"), Some("pretty"));
        assert_eq!(settings.origin("log"), Some(&Origin::File(3)));
        assert!(settings.is_on("demo"));
        assert!(settings.data().unwrap_err().to_string().contains("--data"), "what is missing says how to give it");
    }

    #[test]
    fn a_wrong_value_names_its_flag_or_variable() {
        let flag = gather(&[("listen", "here")], &[], "").unwrap_err();
        assert_eq!(flag.to_string(), "--listen must be an address like 127.0.0.1:8080, and is \"here\"");
        let env = gather(&[], &[("GREENSHIELD_LOG_FORMAT", "xml")], "").unwrap_err();
        assert_eq!(env.to_string(), "GREENSHIELD_LOG_FORMAT must be pretty or json, and is \"xml\"");
        assert!(gather(&[], &[("GREENSHIELD_LISTEN", "")], "").is_ok(), "an empty variable is none");
    }

    #[test]
    fn a_bucket_needs_both_halves_of_its_key_and_its_secret_is_never_shown() {
        let file = "data = \"/srv/g\"\nblobs = \"s3://b/p\"\ns3_secret_key = \"hush\"";
        let half = gather(&[], &[], file).unwrap().place().unwrap_err();
        assert!(half.to_string().contains("--s3-access-key"), "{half}");
        let settings = gather(&[], &[("GREENSHIELD_S3_ACCESS_KEY", "name")], file).unwrap();
        let place = settings.place().unwrap();
        let keys = place.blobs.as_ref().and_then(|bucket| bucket.keys.clone());
        assert_eq!(keys, Some(("name".to_owned(), "hush".to_owned())));
        for told in [settings.shown(), format!("{place:?}")] {
            assert!(told.contains("s3://b/p") && !told.contains("hush"), "{told}");
        }
        let elsewhere = gather(&[("blobs", "https://b/p")], &[], "").unwrap_err();
        assert_eq!(elsewhere.to_string(), "--blobs must be a bucket like s3://bucket/folder, and is \"https://b/p\"");
    }

    #[test]
    fn what_is_shown_reads_back_as_a_file() {
        let settings = gather(&[("data", "/srv/\"g\"")], &[], "url = \"https://a\"").unwrap();
        let again = gather(&[], &[], &settings.shown()).unwrap();
        for setting in SETTINGS {
            assert_eq!(settings.text(setting.key), again.text(setting.key), "{}", setting.key);
        }
    }

    #[test]
    fn the_example_file_names_every_setting_and_reads() {
        let example = include_str!("../../../docs/greenshield.example.toml");
        file::read(Path::new("docs/greenshield.example.toml"), example).unwrap();
        let all_on: String = example
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| table::find(key).is_some()) => rest,
                _ => line,
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let table: String =
            example.lines().skip_while(|line| *line != "# [[webhooks]]").flat_map(|line| [&line[2..], "\n"]).collect();
        assert_eq!(file::read(Path::new("docs/greenshield.example.toml"), &table).unwrap().webhooks.len(), 1);
        let lines = file::read(Path::new("docs/greenshield.example.toml"), &all_on).unwrap().lines;
        for setting in SETTINGS {
            assert!(lines.iter().any(|line| line.key == setting.key), "{} is not in the example", setting.key);
        }
    }

    #[test]
    fn the_manual_has_a_row_for_every_setting() {
        let manual = include_str!("../../../docs/operations.md");
        for setting in SETTINGS {
            let row = format!("| `{}` | `--{}` | `{}` |", setting.key, setting.flag(), setting.env());
            assert!(manual.contains(&row), "{row}");
        }
    }
}
