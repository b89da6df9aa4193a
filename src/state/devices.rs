//! How the phones are, for those who answer for them: each with its lamps, the one that needs somebody first.

use greenshield_domain::city::City;
use greenshield_domain::ids::LogId;
use greenshield_domain::wire::{DeviceRow, HealthReport};

use super::lamp::{Lamp, Tone};
use super::storage::StorageFacts;
use super::time::span;
use super::words::{self, t, tr};

const DAY: i64 = 24 * 3_600_000;
/// Not heard for longer than this: somebody asks where the person is.
const SILENT_MILLIS: i64 = 3 * DAY;
/// Something that waits longer than this should have found a signal.
const OLD_QUEUE_MILLIS: i64 = DAY;
/// Room for fewer photos than this is soon gone.
const FEW_PHOTOS: u64 = 50;
/// A clock that is further off makes times that people argue about.
const MUCH_SKEW_MILLIS: i64 = 120_000;

/// A phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Its log.
    pub log: LogId,
    /// Whose it is, without the role.
    pub name: String,
    /// Whether it can still be revoked.
    pub is_active: bool,
    /// Whether nobody asked it to wipe itself yet.
    pub may_wipe: bool,
    /// Whose it is, with the role.
    pub title: String,
    /// Number of the phone, as its own page Me shows it, and what it said last.
    pub facts: String,
    /// What is wrong, the worst first; one that says that all is well when nothing is.
    pub lamps: Vec<Lamp>,
}

impl DeviceView {
    /// Whether somebody should look after it.
    #[must_use]
    pub fn needs_somebody(&self) -> bool {
        self.lamps.iter().any(|lamp| matches!(lamp.tone, Tone::Alarm | Tone::Warn))
    }

    fn of(row: &DeviceRow, city: &City, version: &str, server_millis: i64) -> Self {
        let role = city.info.roles.iter().find(|role| role.id == row.role);
        let role = role.map_or(row.role.as_str(), |role| words::of(&role.name));
        let seen = span((server_millis - row.contact_millis).max(0));
        let mut facts =
            vec![tr("devices.number", &[("id", &row.log.to_hex()[..8])]), tr("devices.heard", &[("span", &seen)])];
        if let Some(report) = &row.report {
            facts.extend(photos_left(report).map(|n| tr("me.storage_photos", &[("n", &n.min(9_999).to_string())])));
            facts.push(tr("app.version", &[("version", &report.version)]));
            facts.push(browser_words(&report.browser).to_owned());
        }
        let mut lamps = lamps(row, version, server_millis);
        if lamps.is_empty() {
            lamps.push(lamp(Tone::Sent, "circle-check", t("devices.well")));
        }
        let title = format!("{} · {role}", row.name);
        let (is_active, may_wipe) = (!row.revoked, row.wipe.is_none());
        Self { log: row.log, name: row.name.clone(), is_active, may_wipe, title, facts: facts.join(" · "), lamps }
    }
}

/// All phones, those that need somebody first. `version` is the version of this app, the newest that is known here.
#[must_use]
pub fn views(rows: &[DeviceRow], city: &City, version: &str, server_millis: i64) -> Vec<DeviceView> {
    let mut views: Vec<DeviceView> = rows.iter().map(|row| DeviceView::of(row, city, version, server_millis)).collect();
    let count = |view: &DeviceView, tone| view.lamps.iter().filter(|lamp| lamp.tone == tone).count();
    views.sort_by_cached_key(|view| std::cmp::Reverse((count(view, Tone::Alarm), count(view, Tone::Warn))));
    views
}

fn lamp(tone: Tone, icon: &'static str, words: impl Into<String>) -> Lamp {
    Lamp { tone, icon, words: words.into() }
}

fn lamps(row: &DeviceRow, version: &str, server_millis: i64) -> Vec<Lamp> {
    if row.revoked {
        let why = row.revoke_reason.as_ref().map(|why| tr("devices.revoked_for", &[("why", why)]));
        let mut lamps = vec![lamp(Tone::Plain, "x", why.unwrap_or_else(|| t("devices.revoked").to_owned()))];
        lamps.extend(row.wipe.map(|wipe| match wipe.wiped_millis {
            Some(_) => lamp(Tone::Sent, "circle-check", t("devices.wiped")),
            None => lamp(Tone::Warn, "clock", t("devices.wipe_waits")),
        }));
        return lamps;
    }
    let mut lamps = Vec::new();
    let silent = server_millis - row.contact_millis;
    if silent > SILENT_MILLIS {
        lamps.push(lamp(Tone::Alarm, "cloud-off", tr("devices.silent", &[("span", &span(silent))])));
    }
    let Some(report) = &row.report else {
        lamps.push(lamp(Tone::Warn, "refresh", t("devices.never_told")));
        return lamps;
    };
    let skew = report.skew_millis.unwrap_or(0);
    let waiting = report.ops_unsent + report.files_unsent;
    if waiting > 0 {
        let age = report.oldest_unsent_millis.map_or(0, |since| server_millis - (since + skew));
        let words = [("n", waiting.to_string()), ("span", span(age.max(0)))];
        let words = tr("devices.waiting", &words.each_ref().map(|(name, value)| (*name, value.as_str())));
        lamps.push(lamp(if age > OLD_QUEUE_MILLIS { Tone::Warn } else { Tone::Saved }, "device-mobile", words));
    }
    if let Some(n) = photos_left(report).filter(|n| *n < FEW_PHOTOS) {
        lamps.push(lamp(Tone::Warn, "database", tr("devices.full", &[("n", &n.to_string())])));
    }
    if report.is_persisted == Some(false) {
        lamps.push(lamp(Tone::Warn, "shield-check", t("devices.not_kept")));
    }
    if skew.abs() >= MUCH_SKEW_MILLIS {
        lamps.push(lamp(Tone::Warn, "clock", tr("devices.clock_off", &[("span", &span(skew.abs()))])));
    }
    if numbers(&report.version) < numbers(version) {
        lamps.push(lamp(Tone::Warn, "refresh", tr("devices.old_version", &[("version", &report.version)])));
    }
    lamps.sort_by_key(|lamp| lamp.tone != Tone::Alarm && lamp.tone != Tone::Warn);
    lamps
}

fn photos_left(report: &HealthReport) -> Option<u64> {
    let (used_bytes, quota) = (report.used_bytes?, report.quota_bytes?);
    let facts = StorageFacts { is_persisted: false, used_bytes, free_bytes: quota.saturating_sub(used_bytes) };
    Some(facts.photos_left())
}

/// The numbers of a version, so that 0.10 comes after 0.9.
pub(crate) fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

fn browser_words(word: &str) -> &'static str {
    t(match word {
        "wechat" => "install.name_wechat",
        "huawei" => "install.name_huawei",
        "xiaomi" => "install.name_xiaomi",
        "safari" | "other_on_ios" => "install.name_ios",
        "chrome" => "install.name_android",
        "desktop" => "install.name_desktop",
        _ => "install.name_maker",
    })
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::AccountId;
    use greenshield_domain::wire::WipeState;

    use super::super::item::tests::city;
    use super::*;

    const NOW: i64 = 100 * DAY;

    fn report() -> HealthReport {
        HealthReport {
            wall_millis: NOW,
            version: "0.9.0".to_owned(),
            browser: "huawei".to_owned(),
            is_persisted: Some(true),
            used_bytes: Some(0),
            quota_bytes: Some(2 << 30),
            skew_millis: Some(0),
            ..HealthReport::default()
        }
    }

    fn row(name: &str, contact_millis: i64, report: Option<HealthReport>) -> DeviceRow {
        let (log, account) = (LogId([0xab; 32]), AccountId([1; 16]));
        let (name, role) = (name.to_owned(), "volunteer".to_owned());
        DeviceRow {
            log,
            account,
            name,
            role,
            enrolled_millis: 0,
            revoked: false,
            contact_millis,
            report,
            revoke_reason: None,
            wipe: None,
        }
    }

    fn icons(row: &DeviceRow) -> Vec<(Tone, &'static str)> {
        lamps(row, "0.9.0", NOW).iter().map(|lamp| (lamp.tone, lamp.icon)).collect()
    }

    #[test]
    fn a_phone_that_is_well_says_so_and_what_is_wrong_is_said_in_words() {
        let well = row("李山", NOW - 5 * 60_000, Some(report()));
        let lost = row("王河", NOW - 4 * DAY, Some(HealthReport { is_persisted: Some(false), ..report() }));
        let views = views(&[well, lost], &city(), "0.9.0", NOW);
        assert_eq!(views[0].title, "王河 · 生态义警");
        assert_eq!(views[0].lamps.iter().map(|lamp| lamp.tone).collect::<Vec<_>>(), [Tone::Alarm, Tone::Warn]);
        assert!(views[0].needs_somebody() && !views[1].needs_somebody());
        assert_eq!(views[1].lamps[0].tone, Tone::Sent);
        assert!(views[1].facts.contains("abababab"), "{}", views[1].facts);
    }

    #[test]
    fn each_fault_has_a_lamp_of_its_own() {
        let with = |change: fn(&mut HealthReport)| {
            let mut report = report();
            change(&mut report);
            icons(&row("a", NOW, Some(report)))
        };
        assert_eq!(with(|_| {}), []);
        assert_eq!(
            with(|r| (r.ops_unsent, r.oldest_unsent_millis) = (2, Some(NOW - DAY))),
            [(Tone::Saved, "device-mobile")]
        );
        assert_eq!(
            with(|r| (r.files_unsent, r.oldest_unsent_millis) = (2, Some(NOW - DAY - 1))),
            [(Tone::Warn, "device-mobile")]
        );
        assert_eq!(with(|r| r.quota_bytes = Some(100 << 20)), [(Tone::Warn, "database")]);
        assert_eq!(with(|r| r.skew_millis = Some(-120_000)), [(Tone::Warn, "clock")]);
        assert_eq!(with(|r| "0.8.12".clone_into(&mut r.version)), [(Tone::Warn, "refresh")]);
        assert_eq!(with(|r| "0.10.0".clone_into(&mut r.version)), []);
        assert_eq!(icons(&row("a", NOW - SILENT_MILLIS, Some(report()))), []);
        assert_eq!(
            icons(&row("a", NOW - SILENT_MILLIS - 1, None)),
            [(Tone::Alarm, "cloud-off"), (Tone::Warn, "refresh")]
        );
        let revoked = DeviceRow { revoked: true, ..row("a", 0, None) };
        assert_eq!(icons(&revoked), [(Tone::Plain, "x")]);
        let wipe =
            |wiped_millis| DeviceRow { wipe: Some(WipeState { asked_millis: 0, wiped_millis }), ..revoked.clone() };
        assert_eq!(icons(&wipe(None)), [(Tone::Plain, "x"), (Tone::Warn, "clock")], "it waits for the next contact");
        assert_eq!(icons(&wipe(Some(5))), [(Tone::Plain, "x"), (Tone::Sent, "circle-check")]);
    }

    #[test]
    fn a_wrong_clock_of_the_phone_does_not_make_its_queue_old() {
        let hour = 3_600_000;
        // The phone is a year behind: what it made an hour ago seems a year old.
        let skew = 365 * DAY;
        let since = Some(NOW - skew - hour);
        let late = HealthReport { ops_unsent: 1, oldest_unsent_millis: since, skew_millis: Some(skew), ..report() };
        assert_eq!(icons(&row("a", NOW, Some(late))), [(Tone::Warn, "clock"), (Tone::Saved, "device-mobile")]);
    }
}
