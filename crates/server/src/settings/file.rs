//! Reads the settings file: flat TOML, every key known, every value of the type that its setting wants.
//!
//! Owns: the way from a TOML value to the text of a setting, and where in the file it stood. Refuses: unknown keys, and tables and
//! arrays other than those of webhooks: a typo must not pass as a default.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::SettingsError;
use super::table::{Kind, SETTINGS, Setting, find};
use super::webhooks::{self, WebhookSetting};

/// A value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Of which setting.
    pub(super) key: &'static str,
    /// Its text, checked.
    pub(super) text: String,
    /// Where it stands, from 1.
    pub(super) number: usize,
}

/// All that a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Settings of one value.
    pub(super) lines: Vec<Line>,
    /// Receivers of webhooks.
    pub(super) webhooks: Vec<WebhookSetting>,
}

/// Reads a file's text; `path` is for errors.
pub(super) fn read(path: &Path, text: &str) -> Result<File, SettingsError> {
    let number_at = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let fault = |at, problem| SettingsError::File { path: path.to_owned(), line: number_at(at), problem };
    let table = DeTable::parse(text)
        .map_err(|error| fault(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let mut file = File::default();
    for (key, value) in table.get_ref() {
        let (at, name) = (key.span().start, key.get_ref().as_ref());
        if name == webhooks::KEY {
            file.webhooks = webhooks::read(value, number_at).map_err(|found| fault(found.at, found.problem))?;
            continue;
        }
        let setting = find(name).ok_or_else(|| fault(at, unknown(name)))?;
        let text = plain(setting.kind, value.get_ref()).filter(|text| setting.check(text).is_ok());
        let text = text.ok_or_else(|| fault(at, format!("`{name}` must be {}", in_toml(setting))))?;
        file.lines.push(Line { key: setting.key, text, number: number_at(at) });
    }
    Ok(file)
}

/// The text of a value that has the type of its kind.
fn plain(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match kind {
        Kind::Switch => value.as_bool().map(|on| on.to_string()),
        Kind::Number(..) => value.as_integer().filter(|n| n.radix() == 10).map(|n| n.as_str().to_owned()),
        Kind::Text | Kind::Path | Kind::Address | Kind::Addresses | Kind::Bucket | Kind::Web | Kind::Choice(_) => {
            value.as_str().map(str::to_owned)
        }
    }
}

fn in_toml(setting: &Setting) -> String {
    match setting.kind {
        Kind::Switch | Kind::Number(..) => format!("{}, without quotes", setting.expected()),
        _ => format!("{}, in quotes", setting.expected()),
    }
}

fn unknown(name: &str) -> String {
    let alike = SETTINGS.iter().map(|setting| (distance(name, setting.key), setting.key)).min();
    match alike {
        Some((distance, key)) if distance <= 2 => format!("unknown key `{name}`; did you mean `{key}`?"),
        _ => {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
            format!("unknown key `{name}`; known are {}", known.join(", "))
        }
    }
}

/// How many letters must be added, taken away or changed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let best = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(Path::new("/etc/g.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_gives_its_values_with_their_lines() {
        let file = read(Path::new("g.toml"), "# a server\ndata = \"/srv/g\"\n\ndemo = true\n").unwrap();
        let found: Vec<_> = file.lines.iter().map(|line| (line.key, line.text.as_str(), line.number)).collect();
        assert_eq!(found, [("data", "/srv/g", 2), ("demo", "true", 4)]);
    }

    #[test]
    fn a_fault_names_file_line_and_key() {
        assert_eq!(
            error("data = \"x\"\nlisen = \"x\""),
            "/etc/g.toml, line 2: unknown key `lisen`; did you mean `listen`?"
        );
        assert!(
            error("[serve]\ndata = \"x\"").starts_with("/etc/g.toml, line 1: unknown key `serve`; known are data, ")
        );
        assert_eq!(error("\ndemo = \"yes\""), "/etc/g.toml, line 2: `demo` must be true or false, without quotes");
        assert_eq!(
            error("listen = 8080"),
            "/etc/g.toml, line 1: `listen` must be an address like 127.0.0.1:8080, in quotes"
        );
        assert!(error("data = \"a\"\ndata = \"b\"").starts_with("/etc/g.toml, line 2: "), "twice");
        assert!(error("data = ").starts_with("/etc/g.toml, line 1: "), "no TOML");
    }
}
