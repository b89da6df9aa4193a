//! What of the inbox is shown: a part, and conditions. It stands in the address, so that it can be linked, kept and gone back to.
//!
//! Owns: the words of the address and what they find. A word that it does not know is as if it were not there.

use std::collections::BTreeSet;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::AccountId;
use greenshield_domain::order;

use super::InboxPart;
use super::index::{Index, Mark};
use crate::state::categories;
use crate::state::item::People;
use crate::state::map::{self, Corners};
use crate::state::record::number;

/// Parts as words of the address.
const PARTS: [(InboxPart, &str); 3] =
    [(InboxPart::Waiting, "waiting"), (InboxPart::Open, "open"), (InboxPart::Closed, "closed")];
/// So many signs of a number tell records apart.
const NUMBER_SIGNS: usize = 4;

/// A filter of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxFilter {
    /// The part.
    pub part: InboxPart,
    /// Words that all have to be there: of the note, the place, the category, the reporter, or the number.
    pub words: String,
    /// Id of an urgency.
    pub urgency: Option<String>,
    /// Id of a category.
    pub category: Option<String>,
    /// Only what was given to the person who looks.
    pub is_mine: bool,
    /// Only what is nearly or already late.
    pub is_pressing: bool,
    /// Only what lies in this part of the map.
    pub within: Option<Corners>,
    /// Whether the map is open beside the list; it is no condition.
    pub has_map: bool,
}

/// Who looks, and what words mean here.
#[derive(Clone, Copy)]
pub struct Onlooking<'a> {
    /// The city.
    pub city: &'a City,
    /// Names of people.
    pub people: &'a People,
    /// The account.
    pub me: Option<AccountId>,
    /// The server's time, ms since 1970.
    pub now_millis: i64,
}

impl InboxFilter {
    /// The filter of an address; `of` gives the value of a key.
    #[must_use]
    pub fn read(of: impl Fn(&str) -> Option<String>) -> Self {
        let text = |key| of(key).filter(|value| !value.trim().is_empty());
        let part = of("part").and_then(|word| PARTS.iter().find(|(_, known)| *known == word).map(|(part, _)| *part));
        Self {
            part: part.unwrap_or_default(),
            words: text("q").unwrap_or_default(),
            urgency: text("urgency"),
            category: text("category"),
            is_mine: text("mine").is_some(),
            is_pressing: text("pressing").is_some(),
            within: text("within").and_then(|words| Corners::read(&words)),
            has_map: text("map").is_some(),
        }
    }

    /// Keys and values of its address; what is as always is left out.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let part = PARTS.iter().find(|(part, _)| *part == self.part && *part != InboxPart::default());
        let yes = |is: bool| is.then(|| "1".to_owned());
        let pairs = [
            ("part", part.map(|(_, word)| (*word).to_owned())),
            ("q", Some(self.words.clone()).filter(|words| !words.trim().is_empty())),
            ("urgency", self.urgency.clone()),
            ("category", self.category.clone()),
            ("mine", yes(self.is_mine)),
            ("pressing", yes(self.is_pressing)),
            ("within", self.within.map(Corners::words)),
            ("map", yes(self.has_map)),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// How many conditions there are besides the part.
    #[must_use]
    pub fn conditions(&self) -> usize {
        self.pairs().iter().filter(|(key, _)| !["part", "map"].contains(key)).count()
    }

    /// The same part without any condition.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self { part: self.part, has_map: self.has_map, ..Self::default() }
    }

    /// The same conditions wherever it lies.
    #[must_use]
    pub fn everywhere(&self) -> Self {
        Self { within: None, ..self.clone() }
    }

    /// Whether it finds the same as another one.
    #[must_use]
    pub fn finds_as(&self, other: &Self) -> bool {
        Self { has_map: other.has_map, ..self.clone() } == *other
    }

    /// The marks that it shows, in their order. `rows` are those of the index.
    #[must_use]
    pub fn find(&self, index: &Index, rows: &[ListRow], on: &Onlooking<'_>) -> Vec<Mark> {
        let urgency = self.urgency.as_ref().map(|id| on.city.catalog.urgencies.iter().position(|u| u.id == *id));
        let words: Vec<Word> = self.words.split_whitespace().map(|word| Word::of(word, on)).collect();
        let is_of_row = self.category.is_some() || self.is_mine || self.within.is_some() || !words.is_empty();
        let fits = |mark: &&Mark| {
            urgency.is_none_or(|wanted| wanted.is_some() && mark.urgency == wanted)
                && (!self.is_pressing || mark.is_pressing(on.now_millis))
                && (!is_of_row || rows.get(mark.at).is_some_and(|row| self.takes(row, &words, on.me)))
        };
        index.part(self.part).iter().filter(fits).copied().collect()
    }

    fn takes(&self, row: &ListRow, words: &[Word], me: Option<AccountId>) -> bool {
        (self.category.is_none() || row.category == self.category)
            && (!self.is_mine || me.is_some_and(|me| row.assignees.contains(&me)))
            && self.within.is_none_or(|part| map::place(row).is_some_and(|at| part.holds(at)))
            && words.iter().all(|word| word.is_in(row))
    }
}

/// A word that is looked for, with what it means in the catalogue and among people: found out once, not for every row.
struct Word {
    text: String,
    has_letters: bool,
    categories: BTreeSet<String>,
    people: BTreeSet<AccountId>,
    number: Option<String>,
}

impl Word {
    fn of(word: &str, on: &Onlooking<'_>) -> Self {
        let text = word.to_lowercase();
        let named = on.people.iter().filter(|(_, person)| person.name.to_lowercase().contains(&text));
        let is_number = text.len() >= NUMBER_SIGNS && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        Self {
            has_letters: text.chars().any(|letter| letter.is_ascii_alphabetic()),
            categories: order::set_of(categories::named(on.city, &text)),
            people: order::set_of(named.map(|(account, _)| *account)),
            number: is_number.then(|| text.to_uppercase()),
            text,
        }
    }

    fn is_in(&self, row: &ListRow) -> bool {
        let is_in = |field: &Option<String>| field.as_ref().is_some_and(|words| self.is_part_of(words));
        row.category.as_ref().is_some_and(|category| self.categories.contains(category))
            || [&row.note, &row.place_name, &row.title].into_iter().any(is_in)
            || row.reporter.is_some_and(|reporter| self.people.contains(&reporter))
            || row.assignees.iter().any(|given| self.people.contains(given))
            || self.number.as_ref().is_some_and(|wanted| number(row.record).contains(wanted))
    }

    /// Chinese has one case; only letters are worth a copy in lower case.
    fn is_part_of(&self, words: &str) -> bool {
        words.contains(&self.text) || (self.has_letters && words.to_lowercase().contains(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;

    use super::super::tests::{city, row};
    use super::*;

    const ME: AccountId = AccountId([7; 16]);

    fn read(address: &[(&str, &str)]) -> InboxFilter {
        InboxFilter::read(|key| address.iter().find(|(known, _)| *known == key).map(|(_, value)| (*value).to_owned()))
    }

    fn found(filter: &InboxFilter, rows: &[ListRow]) -> Vec<u8> {
        let (city, people) = (
            city(),
            People::from([(AccountId([1; 16]), PersonRow { name: "马志强".to_owned(), role: "volunteer".to_owned() })]),
        );
        let on = Onlooking { city: &city, people: &people, me: Some(ME), now_millis: 0 };
        filter.find(&Index::of(rows, &city), rows, &on).iter().map(|mark| mark.record.0[0]).collect()
    }

    fn rows() -> Vec<ListRow> {
        let mut rows = vec![
            row(1, "forest-grassland-fire", None, 0),
            row(2, "garbage-dumping", None, 0),
            row(3, "garbage-dumping", Some("signed"), 0),
            row(4, "poaching", None, 0),
        ];
        (rows[0].note, rows[0].reporter) = (Some("北坡冒烟".to_owned()), Some(AccountId([1; 16])));
        (rows[1].place_name, rows[1].assignees) = (Some("三岔草场 Sancha".to_owned()), vec![ME]);
        rows
    }

    #[test]
    fn an_address_says_the_filter_and_the_filter_its_address() {
        let address = [
            ("part", "open"),
            ("q", "北坡 烟"),
            ("urgency", "critical"),
            ("category", "poaching"),
            ("mine", "1"),
            ("pressing", "1"),
            ("within", "38.90000_100.40000_39.00000_100.50000"),
            ("map", "1"),
        ];
        let filter = read(&address);
        assert_eq!((filter.part, filter.conditions()), (InboxPart::Open, 6), "an open map is no condition");
        assert_eq!(filter.pairs().iter().map(|(key, value)| (*key, value.as_str())).collect::<Vec<_>>(), address);
        assert!(InboxFilter::default().pairs().is_empty());
        assert_eq!(filter.cleared().pairs(), [("part", "open".to_owned()), ("map", "1".to_owned())]);
        assert_eq!((filter.everywhere().conditions(), filter.everywhere().has_map), (5, true));
        assert!(filter.finds_as(&InboxFilter { has_map: false, ..filter.clone() }));
        assert!(!filter.finds_as(&filter.everywhere()));
    }

    #[test]
    fn only_what_lies_in_the_part_of_the_map_is_found() {
        let mut rows = rows();
        let at = |lat_e7| greenshield_client::rows::RowPlace::At { lat_e7, lon_e7: 1_004_500_000 };
        (rows[0].place, rows[1].place) = (at(389_000_000), at(395_000_000));
        let of = |within| found(&read(&[("within", within)]), &rows);
        assert_eq!(of("38.8_100.4_39.0_100.5"), [1], "one lies elsewhere, one nowhere");
        assert_eq!(of("38.8_100.4_39.6_100.5").len(), 2);
        assert_eq!(of("no part").len(), 3, "what does not read narrows nothing");
    }

    #[test]
    fn what_an_address_says_and_nobody_knows_is_as_if_it_were_not_there() {
        assert_eq!(read(&[("part", "nowhere"), ("q", "  "), ("size", "9"), ("within", "9")]), InboxFilter::default());
    }

    #[test]
    fn words_are_found_in_the_note_the_place_the_category_the_reporter_and_the_number() {
        let of = |words: &str| found(&InboxFilter { words: words.to_owned(), ..InboxFilter::default() }, &rows());
        assert_eq!(of("冒烟"), [1]);
        assert_eq!(of("sancha"), [2], "letters in any case");
        assert_eq!(of("垃圾"), [2], "the other one is of another part");
        assert_eq!(of("马志强"), [1]);
        assert_eq!(of("0404-0404"), [4]);
        assert_eq!(of("北坡 志强"), [1]);
        assert!(of("北坡 垃圾").is_empty(), "all words have to be there");
    }

    #[test]
    fn conditions_narrow_the_part() {
        let of = |address: &[(&str, &str)]| found(&read(address), &rows());
        assert_eq!(of(&[("category", "garbage-dumping")]), [2]);
        assert_eq!(of(&[("category", "garbage-dumping"), ("part", "open")]), [3]);
        assert_eq!(of(&[("mine", "1")]), [2]);
        assert_eq!(of(&[("urgency", "critical")]), [1]);
        assert!(of(&[("urgency", "no-such-urgency")]).is_empty());
        assert!(of(&[("pressing", "1")]).is_empty(), "all have just arrived");
    }

    #[test]
    fn fifty_thousand_rows_are_filtered_without_a_copy() {
        let one = rows();
        let many: Vec<ListRow> = (0..50_000_u32)
            .map(|n| {
                let mut row = one[n as usize % one.len()].clone();
                row.record.0[..4].copy_from_slice(&n.to_be_bytes());
                row
            })
            .collect();
        let index = Index::of(&many, &city());
        let counts = index.counts(0);
        assert_eq!((counts.waiting, counts.open), (37_500, 12_500));
        let (city, people) = (city(), People::new());
        let on = Onlooking { city: &city, people: &people, me: Some(ME), now_millis: 0 };
        let filter = InboxFilter { words: "冒烟".to_owned(), ..InboxFilter::default() };
        assert_eq!(filter.find(&index, &many, &on).len(), 12_500);
    }
}
