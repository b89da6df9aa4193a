use greenshield_domain::calendar::day_of;

use super::super::item::tests::{city, row};
use super::*;

const HOUR: i64 = 3_600_000;

/// Ten o'clock in Zhangye.
fn at(year: i64, month: i64, day: i64) -> i64 {
    day_of(year, month, day) * DAY_MILLIS + 2 * HOUR
}

fn zone(millis: i64) -> Now {
    Now { millis, zone_minutes: 480 }
}

fn referral(n: u8, flow: &str, state: &str, since_millis: i64) -> ListRow {
    let (from, to) = if flow == "case" { ("forestry-grassland", "police") } else { ("police", "water") };
    let told = ReferralRow {
        flow: flow.to_owned(),
        from_unit: from.to_owned(),
        to_unit: to.to_owned(),
        since_millis,
        ..ReferralRow::default()
    };
    ListRow {
        kind: referral::KIND,
        category: None,
        title: Some(format!("r{n}")),
        state: Some(state.to_owned()),
        referral: Some(told),
        ..row(n)
    }
}

fn due(row: &ListRow, now_millis: i64) -> DueView {
    due_of(row, &city(), now_millis, zone(now_millis)).unwrap()
}

#[test]
fn the_law_gives_the_limit_of_a_step_and_its_article() {
    // Received on Wednesday 18 November 2026: three days end on Saturday, which moves to Monday.
    let received = referral(1, "case", "received", at(2026, 11, 18));
    let found = due(&received, at(2026, 11, 19));
    assert_eq!(found.due_millis.map(|due| zone(0).date_time(due)).as_deref(), Some("2026-11-23 23:59"));
    assert!(found.basis.contains("第八条") && found.is_checked, "{}", found.basis);
    assert_eq!(found.lamp.tone, Tone::Sent);
    assert_eq!(due(&received, at(2026, 11, 22) + 10 * HOUR).lamp.tone, Tone::Warn);
    assert_eq!(due(&received, at(2026, 11, 24)).lamp.tone, Tone::Alarm);
}

#[test]
fn hours_run_through_the_weekend_and_another_unit_may_have_another_limit() {
    let approved = referral(1, "case", "approved", at(2026, 11, 21));
    assert_eq!(due(&approved, at(2026, 11, 21)).due_millis, Some(at(2026, 11, 22)));
    let mut refused = referral(2, "case", "refused", at(2026, 11, 19));
    let until =
        |row: &ListRow| due(row, at(2026, 11, 19)).due_millis.map(|due| zone(0).date_time(due)[..10].to_owned());
    assert_eq!(until(&refused).as_deref(), Some("2026-11-23"), "natural days");
    refused.referral.as_mut().unwrap().from_unit = "eco-env".to_owned();
    assert_eq!(until(&refused).as_deref(), Some("2026-11-24"), "working days");
}

#[test]
fn where_the_table_of_a_year_is_missing_the_lamp_says_so_and_no_day_is_made_up() {
    let mut refused = referral(1, "case", "refused", at(2026, 12, 30));
    assert_eq!(due(&refused, at(2026, 12, 30)).missing_year, Some(2027));
    refused.referral.as_mut().unwrap().from_unit = "eco-env".to_owned();
    let found = due(&refused, at(2026, 12, 30));
    assert_eq!((found.due_millis, found.missing_year), (None, Some(2027)));
    assert!(found.lamp.words.contains("2027"), "{}", found.lamp.words);
}

#[test]
fn without_a_limit_of_the_law_it_counts_until_when_somebody_asked() {
    let mut sent = referral(1, "lead", "sent", at(2026, 11, 18));
    assert_eq!(due_of(&sent, &city(), at(2026, 11, 18), zone(0)), None);
    sent.due_millis = Some(at(2026, 11, 20));
    assert_eq!(due(&sent, at(2026, 11, 21)).lamp.tone, Tone::Alarm);
    sent.state = Some("closed".to_owned());
    assert_eq!(due_of(&sent, &city(), at(2026, 11, 21), zone(0)), None, "what is closed waits for nothing");
}

#[test]
fn each_side_takes_its_own_steps_and_the_desk_writes_down_for_both() {
    let city = city();
    let (maker, other) = (AccountId([1; 16]), AccountId([2; 16]));
    let who = |account, role: &str| Viewer { account, role: role.to_owned() };
    let ids = |row: &ListRow, who: &Viewer| steps(row, &city, who).into_iter().map(|step| step.id).collect::<Vec<_>>();
    let prepared = referral(1, "case", "prepared", 0);
    assert_eq!(
        ids(&prepared, &who(maker, "liaison")),
        ["approve", "withdraw"],
        "nothing is sent before it is approved"
    );
    assert!(ids(&prepared, &who(other, "liaison")).is_empty());
    let lead = referral(2, "lead", "prepared", 0);
    assert_eq!(ids(&lead, &who(maker, "desk")), ["send", "withdraw"], "a lead needs no approval");
    let sent = referral(3, "case", "sent", 0);
    assert_eq!(ids(&sent, &who(other, "liaison")), ["receive"]);
    assert_eq!(ids(&sent, &who(maker, "liaison")), ["withdraw"]);
    assert_eq!(ids(&sent, &who(other, "desk")), ["receive", "withdraw"]);
    assert_eq!(ids(&referral(4, "lead", "received", 0), &who(other, "liaison")), ["ask", "accept", "refuse"]);
    assert!(ids(&sent, &who(maker, "volunteer")).is_empty());
}

#[test]
fn refusing_needs_a_reason_and_the_result_goes_where_results_are() {
    let city = city();
    let who = Viewer { account: AccountId([2; 16]), role: "desk".to_owned() };
    let step = |state: &str, id: &str| {
        let row = referral(1, "case", state, 0);
        steps(&row, &city, &who).into_iter().find(|step| step.id == id).unwrap()
    };
    assert_eq!(step("received", "refuse").entries(" ", 5), None);
    let told = step("accepted", "tell").entries("已行政处罚", 5).unwrap();
    assert!(told.contains(&Entry::set(shared::ANSWER, Value::text("已行政处罚"))));
    let received = step("sent", "receive").entries("", 5).unwrap();
    assert_eq!(received.len(), 2, "the state and its day");
}

#[test]
fn the_share_of_the_year_is_its_two_numbers_and_the_records_behind_them() {
    let taken = |n: u8, millis| {
        let mut row = referral(n, "lead", "accepted", millis);
        row.referral.as_mut().unwrap().accepted_millis = Some(millis);
        row
    };
    let mut rows: Vec<ListRow> = (0..21).map(|n| taken(n, at(2026, 3, 1))).collect();
    rows.extend((21..52).map(|n| taken(n, at(2026, 9, 1))));
    rows.push(taken(52, at(2025, 12, 31)));
    rows.push(referral(53, "lead", "sent", at(2026, 10, 1)));
    let (city, now) = (city(), at(2026, 11, 26));
    let first = |day: &str| first_moment(&city, 2026, YearDay::try_from(day.to_owned()).unwrap());
    let share = Share::of(&rows, first("01-01"), first("09-01"), now);
    assert_eq!((share.since.len(), share.year.len()), (31, 52));
    assert_eq!(share.permille().map(percent_words).as_deref(), Some("59.6"));
    assert_eq!(Share::default().permille(), None);
}

#[test]
fn open_ones_come_by_the_end_of_their_limits() {
    let rows = [
        referral(1, "case", "closed", at(2026, 11, 1)),
        referral(2, "case", "received", at(2026, 11, 20)),
        referral(3, "case", "received", at(2026, 11, 10)),
        referral(4, "lead", "sent", at(2026, 11, 1)),
        row(5),
    ];
    let order: Vec<u8> = in_order(&rows, &city(), at(2026, 11, 26)).iter().map(|row| row.record.0[0]).collect();
    assert_eq!(order, [3, 2, 4, 1]);
    assert!(Part::Overdue.takes(&rows[2], &city(), at(2026, 11, 26)) && !Part::Open.takes(&rows[0], &city(), 0));
}
