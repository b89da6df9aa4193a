//! Who is nearest to a place where it may burn: who looks after the areas around it, who sits in a station, who is on patrol.
//!
//! Refuses: to know more than this device holds, and to show where somebody is to those whose role may not read patrols. How far
//! somebody is goes by a straight line; where somebody was last is told with its age.

use greenshield_client::rows::{ListRow, RowPlace};
use greenshield_domain::city::{City, Relation};
use greenshield_domain::geo::{Position, Way, way};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::order;
use greenshield_domain::patrol;
use greenshield_domain::person::{self, Person};
use greenshield_domain::policy::Action;
use greenshield_domain::task::NewTask;

use super::areas::AreaShape;
use super::coverage::{named, pointed};
use super::item::{self, People, person_name};
use super::lamp::state_words;
use super::place::{short_words, way_words};
use super::time::Now;
use super::words::{self, t, tr};

/// The kinds of the city package that are meant here, where it has them.
pub const HOTSPOT: &str = "hotspot";
const SITE: &str = "site";
/// The state of a site that is none any more.
const CLOSED: &str = "closed";
/// The category whose urgency a hotspot has until somebody looked.
const FIRE: &str = "forest-grassland-fire";
/// So many of each are listed, and none that is further.
const MOST: usize = 5;
const MOST_METRES: u64 = 80_000;
/// People of one area.
const MOST_PEOPLE: usize = 3;
/// The place of a hotspot is as exact as the pixel of a satellite.
const ACCURACY_CM: i64 = 37_500;
const MINUTE_MILLIS: i64 = 60_000;
/// A patrol that began before and never ended is not under way any more.
pub const MOST_WALK_MILLIS: i64 = 48 * 3_600_000;

/// A patrol that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// Its record.
    pub record: RecordId,
    /// Whose it is.
    pub account: AccountId,
    /// The last place that is known here, and when, ms since 1970.
    pub at: Option<(Position, i64)>,
}

/// What this device knows.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The city package.
    pub city: &'a City,
    /// People and sites.
    pub rows: &'a [ListRow],
    /// Names of people.
    pub people: &'a People,
    /// Areas that hold.
    pub areas: &'a [AreaShape],
    /// Patrols that are under way.
    pub walks: &'a [Walk],
}

/// Somebody, or a place where somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A name of the sprite.
    pub icon: &'static str,
    /// Who, else what.
    pub title: String,
    /// What it is, how far and where to, how old that is.
    pub facts: String,
    /// Its record.
    pub record: RecordId,
    /// The number of the telephone.
    pub phone: Option<String>,
    /// Who would be sent.
    pub account: Option<AccountId>,
    /// How far; `None` = nobody knows where.
    metres: Option<u64>,
}

/// Somebody as far as it is known: a name, an account, a number.
type Somebody = (String, Option<AccountId>, Option<String>);

impl Known<'_> {
    fn person(&self, account: AccountId) -> Option<&Person> {
        self.rows.iter().find(|row| row.record == person::record_of(account))?.person.as_deref()
    }

    /// The one person of a name.
    fn somebody(&self, name: &str) -> Somebody {
        let of_name = |row: &&ListRow| row.person.as_deref().is_some_and(|known| known.name == name);
        let mut rows = self.rows.iter().filter(of_name);
        let account = match (rows.next(), rows.next()) {
            (Some(row), None) => Some(person::account_of(row.record)),
            (None, _) => named(self.people, Some(name)),
            _ => None,
        };
        let phone = account.and_then(|account| self.person(account)?.phone.clone());
        (name.to_owned(), account, phone)
    }

    /// Who looks after an area: whom it names, and whose area it is.
    fn keepers(&self, area: &AreaShape) -> Vec<Somebody> {
        let named = area.keeper.as_deref().map(|name| self.somebody(name));
        let code = area.code.as_ref();
        let is_of = |known: &&ListRow| {
            known.person.as_deref().is_some_and(|known| code.is_some_and(|code| known.areas.contains(code)))
        };
        let others = self.rows.iter().filter(is_of).map(|row| {
            let known = row.person.as_deref().cloned().unwrap_or_default();
            (known.name, Some(person::account_of(row.record)), known.phone)
        });
        let mut all: Vec<Somebody> = named.into_iter().collect();
        for other in others {
            if all.len() < MOST_PEOPLE && all.iter().all(|known| known.1 != other.1) {
                all.push(other);
            }
        }
        all
    }
}

/// Whether a role may read where others are on patrol.
#[must_use]
pub fn sees_patrols(city: &City, role: &str) -> bool {
    let Some(kind) = city.kind(patrol::KIND) else { return false };
    let policy = city.policy.roles.iter().filter(|policy| policy.role == role);
    policy.flat_map(|policy| &policy.grants).any(|grant| {
        let place = |field: &String| field == "*" || field == "track" || field == "checkIns";
        grant.actions.contains(&Action::Read)
            && grant.means(kind)
            && grant.fields.iter().any(place)
            && grant.relations.iter().any(|relation| *relation != Relation::Own)
    })
}

/// Who is near, the nearest first; who has no known place comes last.
#[must_use]
pub fn nearest(known: &Known<'_>, at: Position, (me, role): (AccountId, &str), now: Now) -> Vec<Line> {
    let mut lines = of_areas(known, at);
    lines.extend(of_sites(known, at));
    let sees = sees_patrols(known.city, role);
    let walks = known.walks.iter().filter(|walk| sees || walk.account == me);
    lines.extend(closest(walks.map(|walk| of_walk(known, walk, at, now)).collect(), MOST * 2));
    closest(lines, usize::MAX)
}

fn closest(mut lines: Vec<Line>, most: usize) -> Vec<Line> {
    lines.retain(|line| line.metres.is_none_or(|metres| metres <= MOST_METRES));
    order::sort_by_key(&mut lines, |line| (line.metres.unwrap_or(u64::MAX), line.record));
    lines.truncate(most);
    lines
}

fn facts(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn of_areas(known: &Known<'_>, at: Position) -> Vec<Line> {
    let mut near: Vec<(u64, Option<Way>, &AreaShape)> = Vec::new();
    for area in known.areas {
        if area.outline.holds(at) {
            near.push((0, None, area));
        } else if let Some((_, way)) = area.way_from(at).filter(|(_, way)| way.metres <= MOST_METRES) {
            near.push((way.metres, Some(way), area));
        }
    }
    order::sort_by_key(&mut near, |(metres, _, area)| (*metres, area.record.clone()));
    let line = |(metres, way, area): (u64, Option<Way>, &AreaShape)| {
        let record = RecordId::from_hex(&area.record).ok()?;
        let what = tr("nearest.area", &[("area", &area.name)]);
        let far = way.map_or_else(|| t("nearest.inside").to_owned(), way_words);
        let mut people = known.keepers(area);
        if people.is_empty() {
            people.push((area.name.clone(), None, None));
        }
        let line = move |(title, account, phone): Somebody| Line {
            icon: "map-2",
            facts: facts([Some(what.clone()).filter(|_| title != area.name), Some(far.clone())]),
            title,
            record,
            phone,
            account,
            metres: Some(metres),
        };
        Some(people.into_iter().map(line).collect::<Vec<_>>())
    };
    near.into_iter().take(MOST).filter_map(line).flatten().collect()
}

fn of_sites(known: &Known<'_>, at: Position) -> Vec<Line> {
    let Some(kind) = known.city.kind_named(SITE) else { return Vec::new() };
    let keeper = kind.field_named("keeper").map(|def| def.id);
    let line = |row: &ListRow| {
        let RowPlace::At { lat_e7, lon_e7 } = row.place else { return None };
        let way = way(at, Position { lat_e7, lon_e7 });
        let name = keeper.and_then(|field| row.values.get(&field)?.texts().first().cloned());
        let (keeper, account, phone) = name.map_or((String::new(), None, None), |name| known.somebody(&name));
        Some(Line {
            icon: "building-castle",
            title: item::title(row, known.city),
            facts: facts([Some(way_words(way)), Some(state_words(row, known.city)), Some(keeper)]),
            record: row.record,
            phone,
            account,
            metres: Some(way.metres),
        })
    };
    let open = known.rows.iter().filter(|row| row.kind == kind.id && row.state.as_deref() != Some(CLOSED));
    closest(open.filter_map(line).collect(), MOST)
}

fn of_walk(known: &Known<'_>, walk: &Walk, at: Position, now: Now) -> Line {
    let way = walk.at.map(|(place, _)| way(at, place));
    let age = walk.at.map(|(_, millis)| tr("nearest.age", &[("ago", &now.ago(millis))]));
    Line {
        icon: "walk",
        title: person_name(known.people, walk.account),
        facts: facts([
            Some(t("nearest.walk").to_owned()),
            way.map(way_words).or_else(|| Some(t("nearest.no_place").to_owned())),
            age,
        ]),
        record: walk.record,
        phone: known.person(walk.account).and_then(|known| known.phone.clone()),
        account: Some(walk.account),
        metres: way.map(|way| way.metres),
    }
}

/// The task that sends somebody there, as urgent as a fire.
#[must_use]
pub fn task(city: &City, (record, title): (RecordId, &str), at: Position, who: Option<AccountId>, now: Now) -> NewTask {
    let urgency = city.catalog.category(FIRE).and_then(|fire| city.catalog.urgency(&fire.urgency));
    let text = match urgency {
        Some(urgency) => {
            let facts = [("urgency", words::of(&urgency.name)), ("place", &short_words(at))];
            tr("nearest.task_text", &facts)
        }
        None => tr("nearest.task_text_plain", &[("place", &short_words(at))]),
    };
    NewTask {
        title: tr("nearest.task_title", &[("name", title)]),
        text,
        assignees: who.into_iter().collect(),
        due_millis: urgency.map(|urgency| now.millis + i64::from(urgency.close_minutes) * MINUTE_MILLIS),
        about: Some(record),
        place: Some(pointed(at, ACCURACY_CM, now)),
        ..NewTask::default()
    }
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;
    use greenshield_domain::land::Outline;

    use super::super::item::tests::{city, row};
    use super::*;

    const NOW: Now = Now { millis: 1_795_752_000_000, zone_minutes: 480 };
    const FIRE_AT: Position = Position { lat_e7: 389_000_000, lon_e7: 1_004_000_000 };
    const ME: AccountId = AccountId([99; 16]);

    /// So many metres to the north of the fire.
    fn north(metres: i64) -> Position {
        Position { lat_e7: FIRE_AT.lat_e7 + metres * 90, ..FIRE_AT }
    }

    fn area(n: u8, from_metres: i64, keeper: Option<&str>) -> AreaShape {
        let (south, side) = (north(from_metres), 100_000);
        let corner = |lat: i64, lon: i64| Position { lat_e7: south.lat_e7 + lat, lon_e7: south.lon_e7 + lon };
        let ring = vec![corner(0, -side), corner(0, side), corner(side, side), corner(side, -side)];
        AreaShape {
            record: RecordId([n; 16]).to_hex(),
            name: format!("片区{n}"),
            code: Some("620702".to_owned()),
            keeper: keeper.map(str::to_owned),
            bans: Vec::new(),
            outline: Outline(vec![ring]),
        }
    }

    fn of_person(n: u8, name: &str, phone: Option<&str>, areas: &[&str]) -> ListRow {
        let person = Person {
            name: name.to_owned(),
            phone: phone.map(str::to_owned),
            areas: areas.iter().map(|code| (*code).to_owned()).collect(),
            ..Person::default()
        };
        ListRow { kind: person::KIND, category: None, person: Some(Box::new(person)), ..row(n) }
    }

    fn site(n: u8, state: &str, place: RowPlace) -> ListRow {
        let kind = city().kind_named(SITE).unwrap().id;
        let title = Some(format!("站{n}"));
        ListRow { kind, category: None, title, state: Some(state.to_owned()), place, ..row(n) }
    }

    fn at(place: Position) -> RowPlace {
        RowPlace::At { lat_e7: place.lat_e7, lon_e7: place.lon_e7 }
    }

    fn lines(rows: &[ListRow], areas: &[AreaShape], walks: &[Walk], role: &str) -> Vec<Line> {
        let people = [(AccountId([7; 16]), PersonRow { name: "王五".to_owned(), role: "volunteer".to_owned() })].into();
        let city = city();
        nearest(&Known { city: &city, rows, people: &people, areas, walks }, FIRE_AT, (ME, role), NOW)
    }

    fn titles(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.title.as_str()).collect()
    }

    #[test]
    fn the_area_around_it_comes_first_then_stations_and_patrols_by_distance() {
        let rows = [
            of_person(1, "李四", Some("13900000001"), &[]),
            site(5, "open", at(north(3_000))),
            site(6, "closed", at(north(10))),
            site(8, "candidate", RowPlace::Nowhere),
        ];
        let walks = [Walk {
            record: RecordId([20; 16]),
            account: AccountId([7; 16]),
            at: Some((north(1_000), NOW.millis - 5 * MINUTE_MILLIS)),
        }];
        let found = lines(&rows, &[area(3, 8_000, None), area(2, -500, Some("李四"))], &walks, "desk");
        assert_eq!(titles(&found), ["李四", "王五", "站5", "片区3"]);
        assert_eq!((found[0].phone.as_deref(), found[0].account), (Some("13900000001"), Some(AccountId([1; 16]))));
        assert!(found[0].facts.contains("片区2") && found[0].facts.contains(t("nearest.inside")));
        assert!(found[1].facts.contains("5 分钟前") && found[1].facts.contains("北"), "{}", found[1].facts);
        assert!(found[3].facts.contains("8.0 公里") && found[3].account.is_none(), "{}", found[3].facts);
    }

    #[test]
    fn who_has_no_known_place_comes_last_and_says_so() {
        let walk = |n: u8, at| Walk { record: RecordId([n; 16]), account: AccountId([n; 16]), at };
        let far = Some((north(200_000), NOW.millis));
        let found = lines(&[], &[], &[walk(1, None), walk(7, Some((north(9_000), NOW.millis))), walk(3, far)], "desk");
        assert_eq!(found.iter().map(|line| line.record.0[0]).collect::<Vec<_>>(), [7, 1], "nobody from another city");
        assert!(found[1].facts.contains(t("nearest.no_place")));
    }

    #[test]
    fn only_those_who_may_read_patrols_see_where_others_are() {
        let city = city();
        let sees = |role| sees_patrols(&city, role);
        assert!(sees("desk") && sees("city-desk") && sees("chief") && sees("volunteer"));
        assert!(!sees("liaison") && !sees("pilot") && !sees("auditor") && !sees("admin") && !sees("nobody"));
        let mine = Walk { record: RecordId([1; 16]), account: ME, at: None };
        let other = Walk { record: RecordId([2; 16]), account: AccountId([7; 16]), at: Some((north(5), NOW.millis)) };
        let found = lines(&[], &[], &[mine, other], "liaison");
        assert_eq!(found.iter().map(|line| line.record.0[0]).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn an_area_tells_its_people_by_code_and_nobody_for_two_of_a_name() {
        let rows = [
            of_person(1, "李四", None, &[]),
            of_person(2, "李四", Some("1"), &[]),
            of_person(3, "赵六", Some("2"), &["620702"]),
            of_person(4, "钱七", None, &["620723"]),
        ];
        let found = lines(&rows, &[area(9, -500, Some("李四"))], &[], "desk");
        assert_eq!(titles(&found), ["李四", "赵六"]);
        assert_eq!((found[0].account, found[0].phone.clone()), (None, None));
        assert_eq!(found[1].phone.as_deref(), Some("2"));
    }

    #[test]
    fn the_task_is_as_urgent_as_a_fire_and_knows_where_and_who() {
        let made = task(&city(), (RecordId([4; 16]), "热点-4"), FIRE_AT, Some(AccountId([7; 16])), NOW);
        assert_eq!((made.due_millis, made.assignees.len()), (Some(NOW.millis + 120 * MINUTE_MILLIS), 1));
        assert!(made.title.contains("热点-4") && made.text.contains("特急") && made.text.contains("38.900000"));
        assert_eq!((made.about, made.place.map(|place| place.lon_e7)), (Some(RecordId([4; 16])), Some(1_004_000_000)));
        let mut plain = city();
        plain.catalog.categories.clear();
        assert_eq!(task(&plain, (RecordId([4; 16]), "x"), FIRE_AT, None, NOW).due_millis, None);
    }
}
