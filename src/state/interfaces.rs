//! Data for other programs: which file of which kind is asked for, and how the keys of programs are.

use greenshield_domain::calendar::civil;
use greenshield_domain::city::City;
use greenshield_domain::ids::AccessKeyId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::AccessKeyRow;

use super::lamp::{Lamp, Tone};
use super::settings::Lang;
use super::time::Now;
use super::words::{self, lang, t, tr};

/// A format, with the word that the server knows it by, its name and what reads it.
pub const FORMATS: [(&str, &str); 6] = [
    ("xlsx", "interfaces.xlsx"),
    ("csv", "interfaces.csv"),
    ("gpkg", "interfaces.gpkg"),
    ("geojson", "interfaces.geojson"),
    ("kml", "interfaces.kml"),
    ("gpx", "interfaces.gpx"),
];

/// How long a key may be good: days, and their words.
pub const DAYS: [(u32, &str); 3] =
    [(30, "interfaces.days_30"), (90, "interfaces.days_90"), (366, "interfaces.days_366")];

/// What is taken out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taking {
    /// Name of the kind.
    pub kind: String,
    /// Word of the format.
    pub format: String,
    /// First day, `2026-11-23`; empty for none.
    pub from: String,
    /// Last day; empty for none.
    pub until: String,
}

impl Taking {
    /// The query of the call.
    #[must_use]
    pub fn query(&self) -> String {
        let lang = if lang() == Lang::English { "en" } else { "zh" };
        let mut query = format!("kind={}&format={}&lang={lang}", self.kind, self.format);
        for (name, day) in [("from", &self.from), ("until", &self.until)] {
            if !day.is_empty() {
                query.push_str(&format!("&{name}={day}"));
            }
        }
        query
    }

    /// The name of the file that is kept.
    #[must_use]
    pub fn file_name(&self, now: Now) -> String {
        let (year, month, day) = civil(now.day_of(now.millis));
        format!("greenshield-{}-{year:04}-{month:02}-{day:02}.{}", self.kind, self.format)
    }

    /// Whether the last day lies before the first one.
    #[must_use]
    pub fn is_backwards(&self) -> bool {
        !self.from.is_empty() && !self.until.is_empty() && self.until < self.from
    }
}

/// A key of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Names it.
    pub id: AccessKeyId,
    /// What it is for.
    pub title: String,
    /// Whose it is, until when it is good, when it was used.
    pub facts: String,
    /// How it is.
    pub lamp: Lamp,
    /// Whether it still opens something.
    pub is_good: bool,
}

impl KeyView {
    /// Of a row; `time_millis` is the server's clock.
    #[must_use]
    pub fn of(row: &AccessKeyRow, now: Now, time_millis: i64) -> Self {
        let is_over = time_millis >= row.expires_millis;
        let used = row.used_millis.map_or_else(
            || t("interfaces.unused").to_owned(),
            |used| tr("interfaces.used", &[("day", &now.day(used))]),
        );
        let until = tr("interfaces.until", &[("day", &now.day(row.expires_millis))]);
        let lamp = |tone, icon, words: &'static str| Lamp { tone, icon, words: t(words).to_owned() };
        let lamp = match (row.revoked_millis.is_some(), is_over) {
            (true, _) => lamp(Tone::Plain, "x", "interfaces.revoked"),
            (false, true) => lamp(Tone::Plain, "clock", "interfaces.over"),
            (false, false) => lamp(Tone::Sent, "circle-check", "interfaces.good"),
        };
        let is_good = row.revoked_millis.is_none() && !is_over;
        Self {
            id: row.id, title: row.name.clone(), facts: [row.owner.clone(), until, used].join(" · "), lamp, is_good
        }
    }
}

/// Whether a role takes anything out.
#[must_use]
pub fn exports(city: &City, role: &str) -> bool {
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Export)))
}

/// Names and labels of all kinds.
#[must_use]
pub fn kinds(city: &City) -> Vec<(String, String)> {
    city.kinds.iter().map(|kind| (kind.name.clone(), words::of(&kind.label).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::AccountId;

    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn what_is_asked_for_is_the_query_of_the_call() {
        let all = Taking { kind: "incident".to_owned(), format: "csv".to_owned(), ..Taking::default() };
        assert_eq!(all.query(), "kind=incident&format=csv&lang=zh");
        let some = Taking { from: "2026-11-01".to_owned(), until: "2026-11-23".to_owned(), ..all };
        assert_eq!(some.query(), "kind=incident&format=csv&lang=zh&from=2026-11-01&until=2026-11-23");
        assert_eq!(
            some.file_name(Now { millis: 1_795_406_400_000, zone_minutes: 480 }),
            "greenshield-incident-2026-11-23.csv"
        );
        assert!(!some.is_backwards());
        assert!(Taking { until: "2026-10-31".to_owned(), ..some }.is_backwards());
    }

    #[test]
    fn a_key_is_good_until_its_end_or_its_revocation() {
        let row = AccessKeyRow {
            id: AccessKeyId([1; 16]),
            name: "QGIS".to_owned(),
            account: AccountId([2; 16]),
            owner: "丁姐".to_owned(),
            role: "desk".to_owned(),
            created_millis: 0,
            expires_millis: 100,
            revoked_millis: None,
            used_millis: None,
        };
        let view = |row: &AccessKeyRow, at| KeyView::of(row, Now::default(), at);
        assert!(view(&row, 99).is_good && view(&row, 99).facts.starts_with("丁姐 · "));
        assert!(!view(&row, 100).is_good);
        let revoked = view(&AccessKeyRow { revoked_millis: Some(1), ..row }, 99);
        assert_eq!((revoked.is_good, revoked.lamp.icon), (false, "x"));
    }

    #[test]
    fn who_may_take_something_out_is_said_by_the_policy() {
        let city = city();
        assert!(exports(&city, "desk") && exports(&city, "volunteer"));
        assert!(!exports(&city, "auditor") && !exports(&city, "nobody"));
        assert!(kinds(&city).iter().any(|(name, _)| name == "incident"));
    }
}
