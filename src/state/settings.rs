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
    /// Minutes of rest after which a phone with a PIN locks itself, 0 = never; `None` = not chosen.
    pub lock_after: Option<u8>,
    /// Whether photos are taken inside the app and not by the phone's camera app.
    pub camera_inside: bool,
    /// Whether the desk is heard when something of the highest urgency arrives.
    pub desk_sound: bool,
}

impl Settings {
    /// Minutes between two heartbeats in a pocket, 0 = none.
    #[must_use]
    pub fn pulse_minutes(&self) -> u8 {
        self.pulse.unwrap_or(1)
    }

    /// Minutes of rest after which a phone with a PIN locks itself, 0 = never.
    #[must_use]
    pub fn lock_minutes(&self) -> u8 {
        self.lock_after.unwrap_or(5)
    }

    /// Whether type is large for a person of this role.
    #[must_use]
    pub fn is_large(&self, role: Option<&str>) -> bool {
        self.large.unwrap_or(matches!(role, None | Some("volunteer")))
    }
}

/// Whether the camera inside the app is proposed: the system ended the app under an open form, and not once only.
#[must_use]
pub fn proposes_camera(is_used: bool, recovered: u32, is_put_away: bool) -> bool {
    !is_used && recovered >= 2 && !is_put_away
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
    fn the_camera_inside_is_proposed_after_the_second_lost_form_and_to_nobody_who_chose() {
        assert!(proposes_camera(false, 2, false));
        assert!(
            !proposes_camera(false, 1, false) && !proposes_camera(true, 9, false) && !proposes_camera(false, 9, true)
        );
    }

    #[test]
    fn an_old_stored_choice_still_reads() {
        let read: Settings = serde_json::from_str(r#"{"lang":"en"}"#).unwrap();
        assert_eq!((read.lang, read.theme), (Lang::English, Theme::Auto));
    }
}
