//! What was done with records and people, in words, for those who audit.

use greenshield_domain::city::City;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::AuditRow;

use super::time::Now;
use super::words::{self, t, tr};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditView {
    /// What was done.
    pub title: String,
    /// By whom, when, with which phone, why.
    pub facts: String,
    /// The page of the record, if it was done with one.
    pub record: Option<String>,
}

impl AuditView {
    /// The words of a row.
    #[must_use]
    pub fn of(row: &AuditRow, city: &City, now: Now) -> Self {
        Self::titled(title(row, city), row, city, now)
    }

    /// The words of a row for somebody whose records it is about: a ledger only may have theirs in it.
    #[must_use]
    pub fn own(row: &AuditRow, city: &City, now: Now) -> Self {
        let ledger = kind_of(row, city).filter(|_| row.record.is_none());
        let title = ledger.map_or_else(|| title(row, city), |kind| tr("own.looks_ledger", &[("kind", &kind)]));
        Self::titled(title, row, city, now)
    }

    fn titled(title: String, row: &AuditRow, city: &City, now: Now) -> Self {
        let role = city.info.roles.iter().find(|role| role.id == row.role).map(|role| words::of(&role.name));
        let who = format!("{} · {}", row.name, role.unwrap_or(&row.role));
        let mut facts = vec![who, now.date_time(row.at_millis)];
        facts.extend((!row.about_name.is_empty()).then(|| tr("audit.about", &[("name", &row.about_name)])));
        facts.push(tr("devices.number", &[("id", &row.log.to_hex()[..8])]));
        Self { title, facts: facts.join(" · "), record: row.record.map(|record| format!("/records/{record}")) }
    }
}

/// What was done, and with which kind where it was a whole one.
fn title(row: &AuditRow, city: &City) -> String {
    match (row.deed.as_str(), kind_of(row, city)) {
        ("export", Some(kind)) => tr("audit.ledger", &[("kind", &kind)]),
        (word, _) => deed(word).to_owned(),
    }
}

/// The words of the kind that was taken out whole.
fn kind_of(row: &AuditRow, city: &City) -> Option<String> {
    row.kind.map(|id| city.kind(id).map_or_else(|| id.to_string(), |kind| words::of(&kind.label).to_owned()))
}

fn deed(word: &str) -> &'static str {
    t(match word {
        "began" => "audit.began",
        "export" => "audit.export",
        "files" => "audit.files",
        "snapshot" => "audit.snapshot",
        "audit" => "audit.audit",
        "decision" => "audit.verdict",
        "erasure" => "audit.erasure",
        "hold" => "audit.hold",
        "key_made" => "audit.key_made",
        "key_ended" => "audit.key_ended",
        "key_used" => "audit.key_used",
        "invited" => "audit.invited",
        "revoked" => "audit.revoked",
        "wipe_asked" => "audit.wipe_asked",
        "wiped" => "audit.wiped",
        "package_kept" => "audit.package_kept",
        "package_withdrawn" => "audit.package_withdrawn",
        "rights_changed" => "audit.rights_changed",
        _ => "audit.other",
    })
}

/// Whether a role audits.
#[must_use]
pub fn audits(city: &City, role: &str) -> bool {
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Audit)))
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::{AccountId, LogId, OpId, RecordId};
    use greenshield_domain::incident;

    use super::super::item::tests::city;
    use super::*;

    fn row(deed: &str, role: &str) -> AuditRow {
        AuditRow {
            op: OpId([1; 32]),
            pos: 9,
            seq: 3,
            at_millis: 0,
            deed: deed.to_owned(),
            by: AccountId([2; 16]),
            name: "丁姐".to_owned(),
            role: role.to_owned(),
            log: LogId([0xab; 32]),
            record: Some(RecordId([4; 16])),
            about: None,
            about_name: String::new(),
            kind: None,
        }
    }

    #[test]
    fn a_line_says_what_who_and_with_which_phone() {
        let city = city();
        let view = AuditView::of(&row("export", "desk"), &city, Now::default());
        assert_eq!(view.title, t("audit.export"));
        assert!(view.facts.starts_with("丁姐 · ") && view.facts.contains("abababab"), "{}", view.facts);
        assert_eq!(view.record.as_deref(), Some("/records/04040404040404040404040404040404"));
        let ended = AuditRow { about_name: "王某".to_owned(), ..row("revoked", "desk") };
        assert!(AuditView::of(&ended, &city, Now::default()).facts.contains("王某"));
        assert_eq!(AuditView::of(&row("tomorrow", "server"), &city, Now::default()).title, t("audit.other"));
        let given = AuditRow { about_name: "王某".to_owned(), record: None, ..row("rights_changed", "desk") };
        let view = AuditView::of(&given, &city, Now::default());
        assert_eq!((view.title.as_str(), view.record), (t("audit.rights_changed"), None));
        assert!(view.facts.contains("王某"), "{}", view.facts);
    }

    #[test]
    fn of_a_whole_ledger_one_learns_that_the_own_records_may_be_in_it() {
        let city = city();
        let ledger = AuditRow { record: None, kind: Some(incident::KIND), ..row("export", "desk") };
        let kind = words::of(&city.kind(incident::KIND).unwrap().label);
        let view = AuditView::own(&ledger, &city, Now::default());
        assert_eq!((view.title, view.record), (tr("own.looks_ledger", &[("kind", kind)]), None));
        assert_eq!(AuditView::of(&ledger, &city, Now::default()).title, tr("audit.ledger", &[("kind", kind)]));
        let one = row("export", "desk");
        assert_eq!(AuditView::own(&one, &city, Now::default()), AuditView::of(&one, &city, Now::default()));
    }

    #[test]
    fn only_auditors_and_administrators_audit() {
        let city = city();
        let who: Vec<&str> =
            city.info.roles.iter().map(|role| role.id.as_str()).filter(|role| audits(&city, role)).collect();
        assert_eq!(who, ["auditor", "admin"]);
    }
}
