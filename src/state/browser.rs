//! Which family of browser this is: it decides how the app gets to the home screen.

/// A family of browsers that put an app on the home screen in the same way, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Inside WeChat, which is no place for an app.
    WeChat,
    /// Huawei's own browser.
    Huawei,
    /// Xiaomi's own browser.
    Xiaomi,
    /// Another browser of a phone maker or a search engine: they follow no common way.
    Maker,
    /// Safari of an iPhone or iPad.
    Safari,
    /// Another browser on an iPhone or iPad.
    OtherOnIos,
    /// Chrome on Android, and those that are built like it.
    Chrome,
    /// On a computer.
    Desktop,
}

/// Browsers of makers by a part of their names, in the order of asking: their names stand beside `Chrome`.
const MAKERS: [(&str, Family); 12] = [
    ("MicroMessenger", Family::WeChat),
    ("HuaweiBrowser", Family::Huawei),
    ("ArkWeb", Family::Huawei),
    ("MiuiBrowser", Family::Xiaomi),
    ("HeyTapBrowser", Family::Maker),
    ("VivoBrowser", Family::Maker),
    ("HonorBrowser", Family::Maker),
    ("MQQBrowser", Family::Maker),
    ("UCBrowser", Family::Maker),
    ("Quark", Family::Maker),
    ("baidubox", Family::Maker),
    ("AlipayClient", Family::Maker),
];

impl Family {
    /// The family of a user agent; iPads say that they are Macs, so whether it is one is told apart.
    #[must_use]
    pub fn of(user_agent: &str, is_ios: bool) -> Self {
        if let Some((_, family)) = MAKERS.iter().find(|(name, _)| user_agent.contains(name)) {
            return match family {
                Family::Huawei | Family::Xiaomi | Family::Maker if is_ios => Family::OtherOnIos,
                family => *family,
            };
        }
        match (is_ios, user_agent.contains("Android")) {
            (true, _) if ["CriOS", "FxiOS", "EdgiOS"].iter().any(|name| user_agent.contains(name)) => {
                Family::OtherOnIos
            }
            (true, _) => Family::Safari,
            (false, true) => Family::Chrome,
            (false, false) => Family::Desktop,
        }
    }

    /// Its word in reports about this phone.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Family::WeChat => "wechat",
            Family::Huawei => "huawei",
            Family::Xiaomi => "xiaomi",
            Family::Maker => "maker",
            Family::Safari => "safari",
            Family::OtherOnIos => "other_on_ios",
            Family::Chrome => "chrome",
            Family::Desktop => "desktop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_is_told_by_the_narrowest_name() {
        let android = "Mozilla/5.0 (Linux; Android 10; JEF-AN00) AppleWebKit/537.36 (KHTML, like Gecko)";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (rest, family) in [
            ("Chrome/92.0.4515.105 Mobile Safari/537.36 HuaweiBrowser/14.0.5", Family::Huawei),
            ("Chrome/114.0 Safari/537.36 ArkWeb/4.1 Mobile", Family::Huawei),
            ("Version/4.0 Chrome/100 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.5", Family::Xiaomi),
            ("Version/4.0 Chrome/107 Mobile Safari/537.36 HeyTapBrowser/40.8", Family::Maker),
            ("Version/4.0 Chrome/86 MQQBrowser/6.2 Mobile Safari/537.36 MicroMessenger/8.0.49", Family::WeChat),
            ("Chrome/126.0.0.0 Mobile Safari/537.36", Family::Chrome),
            ("SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36", Family::Chrome),
        ] {
            assert_eq!(Family::of(&format!("{android} {rest}"), false), family, "{rest}");
        }
        for (rest, family) in [
            ("Version/17.5 Mobile/15E148 Safari/604.1", Family::Safari),
            ("CriOS/126.0 Mobile/15E148 Safari/604.1", Family::OtherOnIos),
            ("Mobile/15E148 Quark/6.9", Family::OtherOnIos),
            ("Mobile/15E148 MicroMessenger/8.0.50", Family::WeChat),
        ] {
            assert_eq!(Family::of(&format!("{iphone} {rest}"), true), family, "{rest}");
        }
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15";
        assert_eq!((Family::of(mac, true), Family::of(mac, false)), (Family::Safari, Family::Desktop));
    }
}
