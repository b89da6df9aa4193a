//! A report as a text message: from the record on the phone to the code, and from a code to what the desk reads.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::City;
use greenshield_domain::incident::Incident;
use greenshield_domain::sms::{SmsError, SmsReport, Spot, category_tag, minute_of, urgency_tag};

use super::record::{Fact, number, place_words};
use super::time::Now;
use super::words::{self, t, tr};

/// The code of a record.
#[must_use]
pub fn report_of(view: &RecordView) -> SmsReport {
    let incident = Incident(&view.merged);
    SmsReport {
        record: view.row.record,
        category: view.row.category.as_deref().map_or(0, category_tag),
        urgency: view.row.urgency.as_deref().map_or(0, urgency_tag),
        spot: incident.place().as_ref().map(Spot::of),
        minute: minute_of(view.row.sort_millis),
    }
}

/// The words of the city that a code means: category and urgency.
#[must_use]
pub fn words_of<'a>(report: &SmsReport, city: &'a City) -> (Option<&'a str>, Option<&'a str>) {
    let category = city.catalog.categories.iter().find(|known| category_tag(&known.id) == report.category);
    let urgency = city.catalog.urgencies.iter().find(|known| urgency_tag(&known.id) == report.urgency);
    (category.map(|known| known.id.as_str()), urgency.map(|known| known.id.as_str()))
}

/// What a code says, as lines.
#[must_use]
pub fn facts(report: &SmsReport, city: &City, now: Now) -> Vec<Fact> {
    let fact = |label: &'static str, value: String| Fact { label: t(label).to_owned(), value, note: None };
    let (category, urgency) = words_of(report, city);
    let category = category.and_then(|id| city.catalog.category(id)).map(|known| words::of(&known.name));
    let place = report.spot.map(|spot| {
        let metres = spot.radius_m.to_string();
        format!("{} {}", place_words(&spot.to_place(0)), tr("record.place_accuracy", &[("m", &metres)]))
    });
    let mut facts = vec![
        fact("sms.category", category.unwrap_or(t("sms.category_unknown")).to_owned()),
        fact("record.found_at", now.moment(report.found_millis())),
        fact("record.place", place.unwrap_or_else(|| t("record.place_none").to_owned())),
    ];
    if let Some(urgency) = urgency.and_then(|id| city.catalog.urgency(id)) {
        facts.push(fact("sms.urgency", words::of(&urgency.name).to_owned()));
    }
    facts.push(fact("sms.number", number(report.record)));
    facts
}

/// Why a text is no code, and what to do.
#[must_use]
pub fn error_words(error: &SmsError) -> String {
    match error {
        SmsError::NoCode => t("sms.error_none").to_owned(),
        SmsError::Length { found } => tr("sms.error_length", &[("n", &found.to_string())]),
        SmsError::Check => t("sms.error_check").to_owned(),
        SmsError::Version(_) => t("sms.error_version").to_owned(),
        SmsError::OffGlobe => t("sms.error_place").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use greenshield_domain::ids::RecordId;

    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn no_two_categories_or_urgencies_of_the_city_share_a_code() {
        let city = city();
        let categories: BTreeSet<u32> = city.catalog.categories.iter().map(|c| category_tag(&c.id)).collect();
        let urgencies: BTreeSet<u32> = city.catalog.urgencies.iter().map(|u| urgency_tag(&u.id)).collect();
        assert_eq!((categories.len(), urgencies.len()), (city.catalog.categories.len(), city.catalog.urgencies.len()));
    }

    #[test]
    fn the_desk_reads_what_the_phone_wrote() {
        let city = city();
        let spot = Spot { lat_e4: 389_256, lon_e4: 1_004_498, radius_m: 20 };
        let report = SmsReport {
            record: RecordId([7; 16]),
            category: category_tag("garbage-dumping"),
            urgency: 0,
            spot: Some(spot),
            minute: 0,
        };
        let read = SmsReport::decode(&report.encode()).unwrap();
        assert_eq!(words_of(&read, &city), (Some("garbage-dumping"), None));
        let values = facts(&read, &city, Now { millis: 0, zone_minutes: 480 }).into_iter().map(|fact| fact.value);
        let values: Vec<String> = values.collect();
        assert!(values[0].contains("垃圾") && values[2].contains("38.92560, 100.44980"), "{values:?}");
    }
}
