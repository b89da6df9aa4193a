//! A report as a text message: whatever it says reads back, and up to four wrong characters are never taken for another report.

use greenshield_domain::ids::RecordId;
use greenshield_domain::sms::{MOST_CHARS, SmsReport, Spot};
use proptest::prelude::*;

use crate::cases;

fn report() -> impl Strategy<Value = SmsReport> {
    let radius = prop::sample::select(vec![20_i64, 50, 100, 300, 1_000, 3_000, 10_000, 50_000]);
    let spot = (-900_000..=900_000_i64, -1_800_000..=1_800_000_i64, radius)
        .prop_map(|(lat_e4, lon_e4, radius_m)| Spot { lat_e4, lon_e4, radius_m });
    (any::<[u8; 16]>(), 0..1u32 << 20, 0..1u32 << 10, prop::option::of(spot), 0..1u32 << 25).prop_map(
        |(id, category, urgency, spot, minute)| SmsReport { record: RecordId(id), category, urgency, spot, minute },
    )
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_code_reads_back_and_fits_one_message(report in report()) {
        let code = report.encode();
        prop_assert!(code.is_ascii() && code.len() <= MOST_CHARS);
        prop_assert_eq!(SmsReport::decode(&code), Ok(report));
    }

    #[test]
    fn up_to_four_wrong_characters_are_found(
        report in report(),
        wrong in prop::collection::vec((0..53usize, 0..32usize), 1..=4),
    ) {
        let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let code = report.encode();
        let mut symbols = code[2..].replace('-', "").into_bytes();
        let right = symbols.clone();
        for (at, other) in wrong {
            symbols[at] = alphabet[other];
        }
        let read = SmsReport::decode(&format!("GS{}", String::from_utf8(symbols.clone()).unwrap()));
        prop_assert_eq!(read.is_ok(), symbols == right);
    }

    #[test]
    fn no_text_makes_the_reader_fall(text in ".{0,120}") {
        if let Ok(report) = SmsReport::decode(&text) {
            prop_assert_eq!(SmsReport::decode(&report.encode()), Ok(report));
        }
    }
}
