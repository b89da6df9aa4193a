//! What is new, version by version, for the person who uses the app: shown once after the version changed.

use super::devices::numbers;

/// What a version brought: the version, and the keys of its words. The newest first.
pub const ENTRIES: &[(&str, &[&str])] =
    &[("0.1.0", &["news.0_1_patrol", "news.0_1_room", "news.0_1_camera", "news.0_1_voice", "news.0_1_install"])];

/// Whether somebody who saw `seen` last should be told of `version`. Who starts for the first time knows nothing older.
#[must_use]
pub fn is_news(seen: Option<&str>, version: &str) -> bool {
    seen.is_some_and(|seen| numbers(seen) < numbers(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_told_once_after_a_newer_version_came_and_to_nobody_who_is_new() {
        assert!(is_news(Some("0.0.9"), "0.1.0") && is_news(Some("0.9.0"), "0.10.0"));
        assert!(!is_news(None, "0.1.0") && !is_news(Some("0.1.0"), "0.1.0") && !is_news(Some("0.2.0"), "0.1.0"));
    }

    #[test]
    fn the_newest_entry_is_that_of_this_version_or_older_and_they_descend() {
        assert!(numbers(ENTRIES[0].0) <= numbers(env!("CARGO_PKG_VERSION")));
        assert!(ENTRIES.windows(2).all(|pair| numbers(pair[0].0) > numbers(pair[1].0)));
        assert!(ENTRIES.iter().all(|(_, keys)| !keys.is_empty()));
    }
}
