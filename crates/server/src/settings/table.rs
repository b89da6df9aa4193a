//! The one table of settings: flags, environment, file, help and documentation are all made from it.
//!
//! Owns: names, kinds, defaults, and the words about each. Refuses: values. Invariant: a setting has one key; the flag is
//! the key with `-`, the environment the key in capitals behind `GREENSHIELD_`.

use std::net::{IpAddr, SocketAddr};

use crate::blobs::bucket_url;

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// `IP:PORT`.
    Address,
    /// `s3://BUCKET/PREFIX`.
    Bucket,
    /// `http://…` or `https://…`.
    Web,
    /// IP addresses with commas between them.
    Addresses,
    /// `true` or `false`; as a flag it needs no value.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number between these, both included.
    Number(u64, u64),
}

/// Which commands take a setting as a flag. From environment and file every command takes all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every command.
    Every,
    /// Commands that work on the data of a server.
    Data,
    /// `serve` only.
    Serve,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the file.
    pub key: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Which commands take it as a flag.
    pub scope: Scope,
    /// Its value when nobody says one.
    pub default: Option<&'static str>,
    /// Whether it must never be shown.
    pub secret: bool,
    /// What it does, and what happens without it.
    pub help: &'static str,
}

impl Setting {
    /// The long flag, without dashes.
    #[must_use]
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The variable in the environment.
    #[must_use]
    pub fn env(&self) -> String {
        format!("GREENSHIELD_{}", self.key.to_uppercase())
    }

    /// What a value must be, when this one is not it.
    ///
    /// # Errors
    /// The expectation, as the end of a sentence.
    pub fn check(&self, text: &str) -> Result<(), String> {
        let fits = match self.kind {
            Kind::Text | Kind::Path => !text.is_empty(),
            Kind::Address => text.parse::<SocketAddr>().is_ok(),
            Kind::Bucket => bucket_url(text).is_some(),
            Kind::Web => {
                ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
            }
            Kind::Addresses => text.split(',').all(|word| word.trim().parse::<IpAddr>().is_ok()),
            Kind::Switch => text == "true" || text == "false",
            Kind::Choice(words) => words.contains(&text),
            Kind::Number(least, most) => text.parse().is_ok_and(|n: u64| (least..=most).contains(&n)),
        };
        if fits { Ok(()) } else { Err(self.expected()) }
    }

    /// What its value must be.
    #[must_use]
    pub fn expected(&self) -> String {
        match self.kind {
            Kind::Text => "a text that is not empty".to_owned(),
            Kind::Path => "a path".to_owned(),
            Kind::Address => "an address like 127.0.0.1:8080".to_owned(),
            Kind::Bucket => "a bucket like s3://bucket/folder".to_owned(),
            Kind::Web => "an address like https://s3.example.org".to_owned(),
            Kind::Addresses => "IP addresses with commas like 10.0.0.1,10.0.0.2".to_owned(),
            Kind::Switch => "true or false".to_owned(),
            Kind::Choice(words) => words.join(" or "),
            Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        }
    }
}

const fn setting(key: &'static str, kind: Kind, scope: Scope, help: &'static str) -> Setting {
    Setting { key, kind, scope, default: None, secret: false, help }
}

const fn with_default(setting: Setting, default: &'static str) -> Setting {
    Setting { default: Some(default), ..setting }
}

/// All settings, in the order in which people read them.
pub const SETTINGS: &[Setting] = &[
    setting(
        "data",
        Kind::Path,
        Scope::Data,
        "Folder of the database, the blobs and the server's key. It is made when missing, and only its owner can read it.",
    ),
    Setting {
        // Its password must not be shown.
        secret: true,
        ..setting(
            "database",
            Kind::Text,
            Scope::Data,
            "PostgreSQL database as postgres://USER:PASSWORD@HOST/NAME. Without it, a SQLite file in the data folder.",
        )
    },
    setting(
        "blobs",
        Kind::Bucket,
        Scope::Data,
        "S3 bucket of the photos and other files as s3://BUCKET/PREFIX. Without it, they are in the data folder.",
    ),
    setting(
        "s3_endpoint",
        Kind::Web,
        Scope::Data,
        "Address of the S3 server. Without it, that of AWS_ENDPOINT_URL, else the one of Amazon.",
    ),
    setting(
        "s3_region",
        Kind::Text,
        Scope::Data,
        "Region of the bucket. Without it, that of AWS_REGION, else us-east-1, which most other S3 servers take.",
    ),
    setting(
        "s3_access_key",
        Kind::Text,
        Scope::Data,
        "Name of the S3 key. Without it and the secret, the AWS_* environment or the role of the machine is used.",
    ),
    Setting {
        secret: true,
        ..setting("s3_secret_key", Kind::Text, Scope::Data, "Secret of the S3 key. Better in the file than in a flag.")
    },
    with_default(
        setting("listen", Kind::Address, Scope::Serve, "Address that the server listens on. Port 0 takes a free one."),
        "127.0.0.1:8080",
    ),
    setting(
        "city",
        Kind::Path,
        Scope::Data,
        "File with the city package, as `greenshield city export` prints it. Without it, the package of this build.",
    ),
    setting(
        "tls_certificate",
        Kind::Path,
        Scope::Serve,
        "File with the certificate and its chain (PEM). With it the server speaks HTTPS; a renewed file is taken within a minute.",
    ),
    setting("tls_key", Kind::Path, Scope::Serve, "File with the private key of the certificate (PEM)."),
    setting(
        "door_listen",
        Kind::Address,
        Scope::Serve,
        "Address, mostly port 80, that sends browsers to HTTPS and answers an authority that checks who asks for a certificate.",
    ),
    setting(
        "acme_webroot",
        Kind::Path,
        Scope::Serve,
        "Folder where an ACME client puts its answers (certbot --webroot); handed out by the address of door_listen.",
    ),
    with_default(
        setting(
            "requests_a_second",
            Kind::Number(0, 100_000),
            Scope::Serve,
            "Requests that one address may make in a second, ten times as many at once. 0 is any number.",
        ),
        "300",
    ),
    setting(
        "proxies",
        Kind::Addresses,
        Scope::Serve,
        "Proxies whose X-Forwarded-For is believed, beside those on this machine.",
    ),
    setting(
        "metrics_listen",
        Kind::Address,
        Scope::Serve,
        "Address of GET /metrics for Prometheus, e.g. 127.0.0.1:9187. Not for the public. Without it, nothing is counted.",
    ),
    setting(
        "url",
        Kind::Text,
        Scope::Serve,
        "Address that phones use, written into invite links. Without it, the address listened on.",
    ),
    setting(
        "web_dir",
        Kind::Path,
        Scope::Serve,
        "Serves the app from this folder instead of the copy inside the program.",
    ),
    with_default(
        setting(
            "retention",
            Kind::Choice(&["report", "erase"]),
            Scope::Serve,
            "What the daily job does with records that were kept long enough: report only tells, erase takes those of classes that say so.",
        ),
        "report",
    ),
    with_default(
        setting(
            "demo",
            Kind::Switch,
            Scope::Serve,
            "Makes invented people and prints a fresh invite for each role at each start. Never for real work.",
        ),
        "false",
    ),
    with_default(
        setting(
            "demo_city",
            Kind::Switch,
            Scope::Serve,
            "Fills an empty server with a year of invented work of an invented city. Never for real work.",
        ),
        "false",
    ),
    with_default(
        setting("log", Kind::Text, Scope::Every, "Which log lines are written, e.g. info or greenshield_server=debug."),
        "info",
    ),
    with_default(
        setting(
            "log_format",
            Kind::Choice(&["pretty", "json"]),
            Scope::Every,
            "How log lines on stderr look: pretty for people, json for programs (one object a line).",
        ),
        "pretty",
    ),
];

/// The setting with this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_fits_its_own_kind_and_every_sentence_ends() {
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                assert_eq!(setting.check(default), Ok(()), "{}", setting.key);
            }
            assert!(setting.help.ends_with('.'), "{}", setting.key);
            assert_eq!(SETTINGS.iter().filter(|other| other.key == setting.key).count(), 1, "{}", setting.key);
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_told_what_would() {
        let number = setting("n", Kind::Number(1, 9), Scope::Serve, "");
        assert_eq!(number.check("9"), Ok(()));
        assert_eq!(number.check("10"), Err("a whole number from 1 to 9".to_owned()));
        let listen = find("listen").unwrap();
        assert_eq!(listen.check("8080"), Err("an address like 127.0.0.1:8080".to_owned()));
        assert!(find("listen").is_some_and(|s| s.env() == "GREENSHIELD_LISTEN"));
        assert!(find("log_format").is_some_and(|s| s.flag() == "log-format"));
    }
}
