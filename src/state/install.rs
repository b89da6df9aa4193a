//! How the app gets to the home screen, by family of browser: where to tap first, and the steps in words.

use super::browser::Family;

/// Where on the screen the first tap goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Top right.
    Top,
    /// Bottom right.
    BottomRight,
    /// The middle of the bottom.
    Bottom,
}

impl Spot {
    /// Its centre in the drawing of a phone, 60 wide and 110 high.
    #[must_use]
    pub fn place(self) -> (u8, u8) {
        match self {
            Spot::Top => (47, 14),
            Spot::BottomRight => (47, 96),
            Spot::Bottom => (30, 96),
        }
    }
}

/// A step: a name of the sprite and the key of its words.
pub type Step = (&'static str, &'static str);

/// A way to the home screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// Key of the name of these browsers.
    pub name: &'static str,
    /// Where the first tap goes; `None` on a computer.
    pub spot: Option<Spot>,
    /// The steps.
    pub steps: &'static [Step],
}

const WECHAT: Guide = Guide {
    name: "install.name_wechat",
    spot: Some(Spot::Top),
    steps: &[("dots", "install.wechat_1"), ("external-link", "install.wechat_2"), ("download", "install.wechat_3")],
};
const HUAWEI: Guide = Guide {
    name: "install.name_huawei",
    spot: Some(Spot::BottomRight),
    steps: &[("dots", "install.huawei_1"), ("plus", "install.huawei_2"), ("settings", "install.allow")],
};
const XIAOMI: Guide = Guide {
    name: "install.name_xiaomi",
    spot: Some(Spot::BottomRight),
    steps: &[("menu-2", "install.xiaomi_1"), ("plus", "install.xiaomi_2"), ("settings", "install.allow")],
};
const MAKER: Guide = Guide {
    name: "install.name_maker",
    spot: Some(Spot::BottomRight),
    steps: &[("menu-2", "install.maker_1"), ("plus", "install.maker_2"), ("help", "install.maker_3")],
};
const IOS: Guide = Guide {
    name: "install.name_ios",
    spot: Some(Spot::Bottom),
    steps: &[("share", "install.ios_1"), ("plus", "install.ios_2"), ("home", "install.ios_3")],
};
const CHROME: Guide = Guide {
    name: "install.name_android",
    spot: Some(Spot::Top),
    steps: &[("dots-vertical", "install.android_1"), ("download", "install.android_2"), ("home", "install.android_3")],
};
const DESKTOP: Guide = Guide {
    name: "install.name_desktop",
    spot: None,
    steps: &[("device-desktop", "install.desktop_1"), ("download", "install.desktop_2")],
};

/// All ways, for somebody who helps another person.
pub const ALL: [Guide; 7] = [WECHAT, HUAWEI, XIAOMI, MAKER, IOS, CHROME, DESKTOP];

/// The way of a family.
#[must_use]
pub fn guide(family: Family) -> Guide {
    match family {
        Family::WeChat => WECHAT,
        Family::Huawei => HUAWEI,
        Family::Xiaomi => XIAOMI,
        Family::Maker => MAKER,
        Family::Safari | Family::OtherOnIos => IOS,
        Family::Chrome => CHROME,
        Family::Desktop => DESKTOP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_way_and_every_way_stands_among_all_of_them() {
        let families = [
            Family::WeChat,
            Family::Huawei,
            Family::Xiaomi,
            Family::Maker,
            Family::Safari,
            Family::OtherOnIos,
            Family::Chrome,
            Family::Desktop,
        ];
        for family in families {
            let guide = guide(family);
            assert!(ALL.contains(&guide) && guide.steps.len() >= 2, "{family:?}");
            assert!(guide.spot.is_some() || family == Family::Desktop);
        }
        assert_eq!(guide(Family::WeChat).steps[1].1, "install.wechat_2", "out of WeChat first");
    }
}
