//! What a person chose for this phone: language, colours, size of type.

use serde::{Deserialize, Serialize};

/// A language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Lang {
    /// Its tag, for `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Chinese => "zh-CN",
            Lang::English => "en",
        }
    }
}

/// Colours of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Dark words on warm paper.
    Light,
    /// For the night.
    Dark,
    /// For snow and sun: black on white, edges instead of tints.
    Outdoor,
}

impl Theme {
    /// Its word, for `data-theme`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Outdoor => "outdoor",
        }
    }
}

/// All choices. What is missing in a stored one is as if it had not been chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Language.
    pub lang: Lang,
    /// Colours.
    pub theme: Theme,
    /// Large type; `None` = not chosen, then volunteers have it.
    pub large: Option<bool>,
    /// Minutes between two heartbeats in a pocket, 0 = none; `None` = not chosen.
    pub pulse: Option<u8>,
}

impl Settings {
    /// Minutes between two heartbeats in a pocket, 0 = none.
    #[must_use]
    pub fn pulse_minutes(&self) -> u8 {
        self.pulse.unwrap_or(1)
    }

    /// Whether type is large for a person of this role.
    #[must_use]
    pub fn is_large(&self, role: Option<&str>) -> bool {
        self.large.unwrap_or(matches!(role, None | Some("volunteer")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volunteers_have_large_type_until_they_choose() {
        let unset = Settings::default();
        assert!(unset.is_large(Some("volunteer")) && !unset.is_large(Some("desk")));
        assert!(!Settings { large: Some(false), ..unset }.is_large(Some("volunteer")));
    }

    #[test]
    fn an_old_stored_choice_still_reads() {
        let read: Settings = serde_json::from_str(r#"{"lang":"en"}"#).unwrap();
        assert_eq!((read.lang, read.theme), (Lang::English, Theme::Auto));
    }
}
