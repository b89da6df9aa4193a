//! The receivers of webhooks in the settings file: tables `[[webhooks]]`, the only settings that are more than one value.
//!
//! Owns: their keys, what each must be, and that a fault names its line. Refuses: flags and variables, which can not hold a list; and to
//! open the file of a secret, which only those do who send.

use std::fmt;
use std::path::PathBuf;

use greenshield_domain::ids::AccessKeyId;
use reqwest::Url;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::webhooks::address;
use crate::webhooks::signature::Secrets;

/// Key of the tables in the file.
pub(super) const KEY: &str = "webhooks";

/// Keys of a table.
const KEYS: [&str; 9] = ["name", "url", "secret", "secret_file", "key", "kinds", "from", "allow_http", "ca_file"];
/// Longest name: it stands in labels and ids.
const MAX_NAME: usize = 40;

/// A receiver as it is written.
#[derive(Clone)]
pub struct WebhookSetting {
    /// Names it, in the database too.
    pub name: String,
    /// Where it listens.
    pub url: Url,
    /// With what it is signed.
    pub secret: SecretPlace,
    /// The access key with whose rights events are chosen.
    pub key: AccessKeyId,
    /// Names or numbers of kinds, or `*`.
    pub kinds: Vec<String>,
    /// Behind which position it begins; `None` is the newest one at its first start.
    pub from: Option<u64>,
    /// The authorities that sign its certificate, and no others do; `None` is those of the system.
    pub ca_file: Option<PathBuf>,
    /// Its line in the file.
    pub line: usize,
}

impl fmt::Debug for WebhookSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the secret nor what stands behind the origin of the address must get into a log.
        f.debug_struct("WebhookSetting").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

/// Where a secret is.
#[derive(Debug, Clone)]
pub enum SecretPlace {
    /// In the settings file.
    Here(Secrets),
    /// In a file of its own.
    File(PathBuf),
}

/// What is wrong, and where in the text.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) problem: String,
}

/// Reads the tables; `line_at` tells the line of a place in the text.
pub(super) fn read(
    value: &Spanned<DeValue<'_>>,
    line_at: impl Fn(usize) -> usize,
) -> Result<Vec<WebhookSetting>, Fault> {
    let tables = || Fault { at: value.span().start, problem: format!("`{KEY}` is written as tables, [[{KEY}]]") };
    let mut settings: Vec<WebhookSetting> = Vec::new();
    for item in value.get_ref().as_array().ok_or_else(tables)?.iter() {
        let table = Table { at: item.span().start, keys: item.get_ref().as_table().ok_or_else(tables)? };
        let setting = table.read(line_at(table.first()))?;
        if settings.iter().any(|known| known.name == setting.name) {
            return Err(table.fault("name", "one that no other webhook has"));
        }
        settings.push(setting);
    }
    Ok(settings)
}

/// One table of the file.
struct Table<'a, 'i> {
    at: usize,
    keys: &'a DeTable<'i>,
}

impl Table<'_, '_> {
    fn read(&self, line: usize) -> Result<WebhookSetting, Fault> {
        if let Some((key, _)) = self.keys.iter().find(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            let problem = format!("unknown key `{}` of a webhook; known are {}", key.get_ref(), KEYS.join(", "));
            return Err(Fault { at: key.span().start, problem });
        }
        let name = self.text("name")?.filter(|name| is_name(name));
        let name = name.ok_or_else(|| self.fault("name", "1 to 40 of a to z, 0 to 9 and -, in quotes"))?;
        let allow_http = match self.value("allow_http") {
            None => false,
            Some(value) => value.as_bool().ok_or_else(|| self.fault("allow_http", "true or false, without quotes"))?,
        };
        let url = address::read(self.text("url")?.unwrap_or_default(), allow_http);
        let url = url.map_err(|expected| self.fault("url", expected))?;
        let key = self.text("key")?.and_then(|key| AccessKeyId::from_hex(key).ok());
        Ok(WebhookSetting {
            name: name.to_owned(),
            ca_file: self.ca_file(&url)?,
            url,
            secret: self.secret()?,
            key: key.ok_or_else(|| {
                self.fault("key", "the id of an access key, 32 hex digits as `greenshield webhooks keys` prints them")
            })?,
            kinds: self.kinds()?,
            from: self.from()?,
            line,
        })
    }

    fn secret(&self) -> Result<SecretPlace, Fault> {
        match (self.text("secret")?, self.text("secret_file")?) {
            (Some(text), None) => {
                let secrets = Secrets::read(text).map_err(|expected| self.fault("secret", expected))?;
                Ok(SecretPlace::Here(secrets))
            }
            (None, Some(path)) if !path.is_empty() => Ok(SecretPlace::File(path.into())),
            (_, Some(_)) => Err(self.fault("secret_file", "a path, and there is no `secret` beside it")),
            (None, None) => Err(self.fault("secret", "there, or a `secret_file`")),
        }
    }

    fn ca_file(&self, url: &Url) -> Result<Option<PathBuf>, Fault> {
        match self.text("ca_file")? {
            None => Ok(None),
            Some(path) if !path.is_empty() && url.scheme() == "https" => Ok(Some(path.into())),
            Some(_) => Err(self.fault("ca_file", "a path, of a receiver with an https address")),
        }
    }

    fn kinds(&self) -> Result<Vec<String>, Fault> {
        let fault = || self.fault("kinds", "a list of kinds like [\"incident\", 40], or [\"*\"] for all");
        let word = |item: &Spanned<DeValue<'_>>| {
            let item = item.get_ref();
            item.as_str().or_else(|| item.as_integer().map(|number| number.as_str())).map(str::to_owned)
        };
        let list = self.value("kinds").and_then(DeValue::as_array).ok_or_else(fault)?;
        let kinds: Option<Vec<String>> = list.iter().map(word).collect();
        kinds.filter(|kinds| !kinds.is_empty()).ok_or_else(fault)
    }

    fn from(&self) -> Result<Option<u64>, Fault> {
        let Some(value) = self.value("from") else { return Ok(None) };
        let position = value.as_integer().filter(|number| number.radix() == 10).and_then(|n| n.as_str().parse().ok());
        if position.is_none() && value.as_str() != Some("now") {
            return Err(self.fault("from", "\"now\", or a position like 0"));
        }
        Ok(position)
    }

    fn entry(&self, key: &str) -> Option<(usize, &DeValue<'_>)> {
        let found = self.keys.iter().find(|(name, _)| name.get_ref().as_ref() == key);
        found.map(|(name, value)| (name.span().start, value.get_ref()))
    }

    fn value(&self, key: &str) -> Option<&DeValue<'_>> {
        self.entry(key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Result<Option<&str>, Fault> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.fault(key, "a text, in quotes"))
    }

    /// Where the first of its keys stands.
    fn first(&self) -> usize {
        self.keys.iter().map(|(key, _)| key.span().start).min().unwrap_or(self.at)
    }

    fn fault(&self, key: &str, expected: &str) -> Fault {
        let at = self.entry(key).map_or_else(|| self.first(), |(at, _)| at);
        Fault { at, problem: format!("`{key}` of a webhook must be {expected}") }
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::file;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const KEY: &str = "00112233445566778899aabbccddeeff";

    fn good() -> String {
        format!(
            "[[webhooks]]\nname = \"gis\"\nurl = \"https://gis.example.org/hook/of-theirs\"\nsecret = \"{SECRET}\"\n\
             key = \"{KEY}\"\nkinds = [\"incident\", 40]\n"
        )
    }

    fn error(text: &str) -> String {
        file::read(Path::new("/etc/g.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn receivers_are_read_and_show_nothing_secret() {
        let text = format!("data = \"/srv\"\n\n{}\n{}from = 7\n", good(), good().replace("\"gis\"", "\"two\""));
        let read = file::read(Path::new("g.toml"), &text).unwrap().webhooks;
        let told: Vec<_> = read.iter().map(|one| (one.name.as_str(), one.line, one.from)).collect();
        assert_eq!(told, [("gis", 4, None), ("two", 11, Some(7))]);
        assert_eq!((read[0].kinds.join(","), read[0].key.to_hex()), ("incident,40".to_owned(), KEY.to_owned()));
        let shown = format!("{read:?}{:?}", read[0].secret);
        assert!(!shown.contains("MfKQ") && !shown.contains("of-theirs"), "{shown}");
        let filed = good().replace(&format!("secret = \"{SECRET}\""), "secret_file = \"/etc/hook\"\nfrom = \"now\"");
        let read = file::read(Path::new("g.toml"), &filed).unwrap().webhooks;
        assert!(matches!(&read[0].secret, SecretPlace::File(path) if path == Path::new("/etc/hook")));
        assert_eq!(read[0].ca_file, None);
        let own = format!("{}ca_file = \"/etc/ssl/city.pem\"\n", good());
        let read = file::read(Path::new("g.toml"), &own).unwrap().webhooks;
        assert_eq!(read[0].ca_file.as_deref(), Some(Path::new("/etc/ssl/city.pem")));
    }

    #[test]
    fn the_manual_has_a_row_for_every_key() {
        let manual = include_str!("../../../../docs/operations.md");
        for key in KEYS {
            assert!(manual.contains(&format!("| `{key}` | ")), "{key}");
        }
    }

    #[test]
    fn a_fault_names_line_and_key_and_no_secret() {
        let with = |from: &str, to: &str| error(&good().replace(from, to));
        assert_eq!(
            with("https://gis", "http://gis"),
            "/etc/g.toml, line 3: `url` of a webhook must be an https address; http is for receivers on this machine, and \
             where `allow_http = true` is said"
        );
        assert!(with("\"gis\"", "\"GIS\"").starts_with("/etc/g.toml, line 2: `name` of a webhook must be 1 to 40"));
        assert!(
            with("kinds =", "kind =").starts_with("/etc/g.toml, line 6: unknown key `kind` of a webhook; known are")
        );
        assert!(
            with("[\"incident\", 40]", "[]").starts_with("/etc/g.toml, line 6: `kinds` of a webhook must be a list")
        );
        assert!(
            with(KEY, "0011").starts_with("/etc/g.toml, line 5: `key` of a webhook must be the id of an access key")
        );
        let short = with(SECRET, "whsec_c2hvcnQ=");
        assert!(short.starts_with("/etc/g.toml, line 4: `secret` of a webhook must be `whsec_`"), "{short}");
        assert!(!short.contains("c2hvcnQ"), "{short}");
        assert!(error(&format!("{}from = -1\n", good())).contains("line 7: `from` of a webhook must be"));
        assert!(error(&format!("{}secret_file = \"/x\"\n", good())).contains("there is no `secret` beside it"));
        assert!(
            error(&format!("{}{}", good(), good())).contains("line 8: `name` of a webhook must be one that no other")
        );
        for (url, path) in [("https://gis.example.org/", ""), ("http://127.0.0.1:8000/", "/etc/ssl/city.pem")] {
            let text = good().replace("https://gis.example.org/hook/of-theirs", url);
            let told = error(&format!("{text}ca_file = \"{path}\"\n"));
            assert!(told.contains("line 7: `ca_file` of a webhook must be a path, of a receiver with"), "{told}");
        }
        assert!(error("webhooks = \"x\"").contains("`webhooks` is written as tables, [[webhooks]]"));
        assert!(
            file::read(Path::new("g"), &format!("{}allow_http = true\n", good().replace("https:", "http:"))).is_ok()
        );
    }
}
