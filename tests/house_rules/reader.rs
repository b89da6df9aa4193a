//! Reads sources for the rules: finds files, and splits Rust text into code, comments and string literals.
//!
//! A small lexer and not a parser: it knows comments, strings, raw strings, characters and lifetimes, which is what a
//! rule about words needs. It refuses nothing; odd input at worst gives odd lines.

use std::fs;
use std::path::{Path, PathBuf};

/// One text file, with its path from the root of the repository.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A string literal and the line on which it starts.
pub(crate) struct Literal {
    pub(crate) line: usize,
    pub(crate) text: String,
    /// The code right before it on the way back to the last `;`, `{` or `}`, without white space.
    pub(crate) before: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One file; empty when it does not exist yet.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// All files with this ending below the given places, sorted. A place may be a file or a folder, or not exist yet.
pub(crate) fn sources(places: &[&str], ending: &str) -> Vec<Source> {
    let mut found = Vec::new();
    for place in places {
        collect(&root().join(place), ending, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(path: &Path, ending: &str, found: &mut Vec<Source>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if path.is_dir() && !["target", "node_modules", "dist", ".git"].contains(&name.as_str()) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), ending, found);
        }
    } else if path.is_file() && name.ends_with(ending) {
        let relative = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/");
        found.push(Source { path: relative, text: fs::read_to_string(path).unwrap_or_default() });
    }
}

/// Every Rust source of the workspace.
pub(crate) fn all_rust() -> Vec<Source> {
    sources(&["src", "crates", "xtask", "tests", "fuzz"], ".rs")
}

/// The Rust sources that end up in the app, the server or their libraries.
pub(crate) fn shipped_rust() -> Vec<Source> {
    let mut shipped = sources(&["src", "crates"], ".rs");
    shipped.retain(|source| source.path.starts_with("src/") || source.path.contains("/src/"));
    shipped.retain(|source| !source.path.starts_with("crates/testkit/"));
    shipped
}

impl Source {
    /// True for files that hold nothing but tests, or test suites meant for other crates.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/") || self.path.contains("conformance")
    }

    /// The text up to the tests at the end of the file.
    pub(crate) fn without_tests(&self) -> &str {
        self.text.split("\n#[cfg(test)]").next().unwrap_or(&self.text)
    }
}

/// Panics with all findings, or does nothing when there are none.
pub(crate) fn none_of(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "\n{rule}\n  {}\n", findings.join("\n  "));
}

/// True when `word` stands in `code` with no letter, digit or `_` before it.
pub(crate) fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The code with comments removed and string literals emptied. Line breaks stay, so that lines can be counted.
pub(crate) fn code_of(text: &str) -> String {
    split(text).0
}

/// The string literals of a text.
pub(crate) fn literals_of(text: &str) -> Vec<Literal> {
    split(text).1
}

fn split(text: &str) -> (String, Vec<Literal>) {
    let chars = text.chars().collect::<Vec<_>>();
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        if let Some(length) = comment(rest) {
            code.extend(rest[..length].iter().filter(|c| **c == '\n'));
            at += length;
        } else if let Some((opening, length, closing)) = string(rest, code.chars().last()) {
            let inner = rest[opening..length - closing].iter().collect::<String>();
            let statement = code.rsplit([';', '{', '}']).next().unwrap_or_default();
            let before = statement.chars().filter(|c| !c.is_whitespace()).collect();
            literals.push(Literal { line: code.matches('\n').count() + 1, before, text: inner });
            code.push_str("\"\"");
            code.extend(rest[..length].iter().filter(|c| **c == '\n'));
            at += length;
        } else if let Some(length) = character(rest) {
            code.push_str("' '");
            at += length;
        } else {
            code.push(rest[0]);
            at += 1;
        }
    }
    (code, literals)
}

/// The length of the comment that starts here.
fn comment(rest: &[char]) -> Option<usize> {
    if rest.starts_with(&['/', '/']) {
        return Some(rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with(&['/', '*']) {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

/// Of the string that starts here: length of its opening, whole length, length of its closing.
fn string(rest: &[char], previous: Option<char>) -> Option<(usize, usize, usize)> {
    let in_word = previous.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let prefix = rest.iter().take(2).take_while(|c| ['b', 'c', 'r'].contains(c)).count();
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let raw = rest[..prefix].contains(&'r');
    let opens = rest.get(prefix + hashes) == Some(&'"') && (prefix == 0 || !in_word) && (hashes == 0 || raw);
    if !opens {
        return None;
    }
    let opening = prefix + hashes + 1;
    let mut at = opening;
    while at < rest.len() {
        let closes = rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        if closes {
            return Some((opening, at + 1 + hashes, 1 + hashes));
        }
        at += if rest[at] == '\\' && !raw { 2 } else { 1 };
    }
    Some((opening, rest.len(), 0))
}

/// The length of the character literal that starts here; lifetimes are code.
fn character(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', ..] => rest.iter().skip(3).position(|c| *c == '\'').map(|end| end + 4),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

#[test]
fn the_reader_tells_code_from_comments_and_strings() {
    let text = "let a = t(\"one\"); // t(\"no\")\nlet b = '\"'; /* \"no\" */ let c: &'static str = r#\"two \" x\"#;";
    let found = literals_of(text);
    assert_eq!(found.iter().map(|l| (l.line, l.text.as_str())).collect::<Vec<_>>(), [(1, "one"), (2, "two \" x")]);
    assert_eq!(found[0].before, "leta=t(");
    let code = code_of(text);
    assert!(!code.contains("no") && code.contains("&'static str"), "{code}");
}
