//! How long records are kept, in words: the classes with their grounds, what is due, what the nightly job did and will do.

use greenshield_domain::city::{City, RetentionAct, RetentionClass};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{RetentionCount, RetentionReport, RetentionRow, RetentionRun};

use super::lamp::{Lamp, Tone};
use super::time::Now;
use super::words::{self, t, tr};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionView {
    /// What the job will do.
    pub mode: &'static str,
    /// Whether it erases.
    pub erases: bool,
    /// What the last runs did, the newest first.
    pub runs: Vec<String>,
    /// The classes.
    pub classes: Vec<ClassView>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassView {
    /// Its name.
    pub title: String,
    /// How long, and what becomes of it then.
    pub rule: String,
    /// Its ground.
    pub why: String,
    /// Whether something is due.
    pub lamp: Lamp,
    /// How many there are, and what keeps how many.
    pub counts: String,
    /// The oldest ones that are due.
    pub rows: Vec<RowView>,
    /// That there are more than those, or that this person does not see them.
    pub rest: Option<String>,
}

/// A record that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// Its page.
    pub href: String,
    /// What it is.
    pub title: String,
    /// When something was last said of it.
    pub facts: String,
}

impl RetentionView {
    /// Of what the server says. A class of a newer city is told by its number.
    #[must_use]
    pub fn of(report: &RetentionReport, city: &City, now: Now) -> Self {
        let class = |count: &RetentionCount| {
            let rows = report.due.iter().filter(|row| row.class == count.class);
            ClassView::of(count, city.retention.class(count.class), &rows.collect::<Vec<_>>(), city, now)
        };
        Self {
            mode: t(if report.erases { "retention.mode_erase" } else { "retention.mode_report" }),
            erases: report.erases,
            runs: report.runs.iter().map(|run| run_words(run, now)).collect(),
            classes: report.now.iter().map(class).collect(),
        }
    }
}

impl ClassView {
    fn of(
        count: &RetentionCount,
        class: Option<&RetentionClass>,
        rows: &[&RetentionRow],
        city: &City,
        now: Now,
    ) -> Self {
        let months = class.map(|class| class.months.to_string()).unwrap_or_default();
        let rule = class.map_or("", |class| match class.act {
            RetentionAct::Report => "retention.rule_report",
            RetentionAct::Erase => "retention.rule_erase",
        });
        let lamp = |tone, icon, words| Lamp { tone, icon, words };
        let (n, shown) = (count.due.to_string(), rows.len().to_string());
        let rest = match rows.len() {
            0 => (count.due > 0).then(|| t("retention.unseen").to_owned()),
            seen => (count.due > seen as u64).then(|| tr("retention.rest", &[("n", &shown)])),
        };
        Self {
            title: class.map_or_else(|| format!("#{}", count.class), |class| words::of(&class.label).to_owned()),
            rule: if rule.is_empty() { String::new() } else { tr(rule, &[("n", &months)]) },
            why: class.map(|class| words::of(&class.why).to_owned()).unwrap_or_default(),
            lamp: match count.due {
                0 => lamp(Tone::Sent, "circle-check", t("retention.nothing_due").to_owned()),
                _ => lamp(Tone::Warn, "clock", tr("retention.due", &[("n", &n)])),
            },
            counts: counts_words(count, now),
            rows: rows.iter().map(|row| RowView::of(row, city, now)).collect(),
            rest,
        }
    }
}

impl RowView {
    fn of(row: &RetentionRow, city: &City, now: Now) -> Self {
        let kind = city.kind(row.kind).map_or_else(|| row.kind.to_string(), |kind| words::of(&kind.label).to_owned());
        Self {
            href: format!("/records/{}", row.record),
            title: format!("{kind} {}", &row.record.to_hex()[..8]),
            facts: tr("retention.last_said", &[("day", &now.day(row.last_millis))]),
        }
    }
}

fn counts_words(count: &RetentionCount, now: Now) -> String {
    let some = |key: &'static str, n: u64| (n > 0).then(|| tr(key, &[("n", &n.to_string())]));
    let parts = [
        Some(tr("retention.looked", &[("n", &count.looked.to_string())])),
        some("retention.held", count.held),
        some("retention.linked", count.linked),
        some("retention.waiting", count.waiting),
        count.oldest_millis.map(|oldest| tr("retention.oldest", &[("day", &now.day(oldest))])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn run_words(run: &RetentionRun, now: Now) -> String {
    let time = now.date_time(run.started_millis);
    if run.finished_millis.is_none() {
        return tr("retention.run_cut", &[("time", &time)]);
    }
    let sum = |of: fn(&RetentionCount) -> u64| run.counts.iter().map(of).sum::<u64>().to_string();
    let (looked, due, erased) = (sum(|count| count.looked), sum(|count| count.due), sum(|count| count.erased));
    let key = if run.erases { "retention.run_erase" } else { "retention.run_report" };
    tr(key, &[("time", &time), ("looked", &looked), ("due", &due), ("erased", &erased)])
}

/// Whether a role may ask.
#[must_use]
pub fn may_ask(city: &City, role: &str) -> bool {
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Retention)))
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::RecordId;

    use super::super::item::tests::city;
    use super::*;

    const NOW: Now = Now { millis: 1_795_424_400_000, zone_minutes: 480 };

    fn report() -> RetentionReport {
        let count =
            RetentionCount { class: 1, looked: 9, due: 2, held: 1, oldest_millis: Some(0), ..Default::default() };
        let strange = RetentionCount { class: 999, ..count };
        let run = RetentionRun { started_millis: NOW.millis, finished_millis: None, erases: true, counts: vec![count] };
        let done = RetentionRun { finished_millis: Some(NOW.millis), ..run.clone() };
        RetentionReport {
            erases: true,
            runs: vec![run, done],
            now: vec![count, strange],
            due: vec![RetentionRow { record: RecordId([0xab; 16]), kind: 11, class: 1, last_millis: 0 }],
            time_millis: NOW.millis,
        }
    }

    #[test]
    fn a_class_tells_its_ground_what_is_due_and_what_keeps_the_others() {
        let view = RetentionView::of(&report(), &city(), NOW);
        let patrols = &view.classes[0];
        assert_eq!((patrols.title.as_str(), patrols.lamp.words.as_str()), ("巡护与轨迹", "到期 2 条"));
        assert!(
            patrols.rule.contains("12") && patrols.rule.contains("删除") && patrols.why.contains("须由运营单位确认")
        );
        assert!(patrols.counts.contains("依法保留 1 条") && !patrols.counts.contains("关联"), "{}", patrols.counts);
        assert_eq!(patrols.rows[0].href, format!("/records/{}", "ab".repeat(16)));
        assert!(patrols.rest.as_deref().is_some_and(|rest| rest.contains('1')), "two are due, one is shown");
        assert_eq!(view.classes[1].title, "#999", "a class of a newer city");
        assert_eq!(view.classes[1].rest.as_deref(), Some(t("retention.unseen")));
        assert!(view.runs[0].contains("没有做完") && view.runs[1].contains("到期 2 条"), "{:?}", view.runs);
    }

    #[test]
    fn the_page_is_for_those_to_whom_the_policy_gives_it() {
        let may = |role| may_ask(&city(), role);
        assert!(may("city-desk") && may("auditor") && may("admin"));
        assert!(!may("desk") && !may("chief") && !may("volunteer") && !may("nobody"));
    }
}
