//! The versions of the city package: which one holds at a moment, what stands against another one, keeping and withdrawing.
//!
//! Owns: the choice. Of the file that the operator names and the versions whose moment has come, the one with the highest number
//! holds; the package of the build only where there is neither. Refuses: HTTP and notes. Invariants: a number is given once; days
//! never go back from one version to the next, so that none is skipped unseen; what a version said was never changed.

use std::sync::Arc;

use greenshield_domain::calendar::day_of;
use greenshield_domain::city::{City, Date, compare, follows};
use greenshield_domain::ids::{AccountId, sha256, to_hex};
use greenshield_domain::wire::{
    CityChangeRow, CityCheckResponse, CityFaultRow, CitySource, CityVersionRow, CityVersionState,
};
use thiserror::Error;

use crate::holding::Holding;
use crate::package::{self, Package, PackageError};
use crate::store::{CityRow, CityTx as _, Store, StoreError, StoreTx as _};

const MINUTE_MILLIS: i64 = 60_000;
const DAY_MILLIS: i64 = 24 * 60 * MINUTE_MILLIS;

/// Why a version is not kept or not withdrawn. Nothing was changed.
#[derive(Debug, Error)]
pub enum VersionError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A version that is kept does not read any more.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It has faults, or would make records of before unreadable.
    #[error("the package has faults or breaks what was written before")]
    Refused(Box<CityCheckResponse>),
    /// Somebody brought a newer one meanwhile.
    #[error("there is a newer version by now")]
    Moved,
    /// The day is over, or before that of the newest version.
    #[error("the day is over, or before that of the newest version")]
    Day,
    /// There is no such version here.
    #[error("no such version is kept")]
    Unknown,
    /// Its day has come, or it was withdrawn already.
    #[error("only a version whose day is to come can be withdrawn")]
    Past,
}

/// The version that holds at a moment; `None` = the package of the settings does.
#[must_use]
pub fn choose<'a>(rows: &'a [CityRow], named: &Package, now_millis: i64) -> Option<&'a CityRow> {
    let has_come = |row: &&CityRow| row.withdrawn_millis.is_none() && row.from_millis <= now_millis;
    let newest = rows.iter().filter(has_come).max_by_key(|row| row.version)?;
    let is_older = named.source == CitySource::File && named.city.info.version > newest.version;
    (!is_older).then_some(newest)
}

/// The package that holds at a moment.
///
/// # Errors
/// [`VersionError::Package`] for a version that these programs can not use, [`VersionError::Store`].
pub async fn that_holds<S: Store>(
    store: &S,
    named: Arc<Package>,
    now_millis: i64,
) -> Result<Arc<Package>, VersionError> {
    let rows = store.city_versions().await?;
    match choose(&rows, &named, now_millis) {
        Some(row) => load(store, row).await,
        None => Ok(named),
    }
}

/// Exchanges the package that holds when another one does by now; tells whether it did.
///
/// # Errors
/// As [`that_holds`]; then the one of before still holds.
pub async fn take_if_due<S: Store>(store: &S, holding: &Holding, now_millis: i64) -> Result<bool, VersionError> {
    let rows = store.city_versions().await?;
    let (named, held) = (holding.named(), holding.package());
    let chosen = choose(&rows, &named, now_millis);
    if chosen.map_or(named.sha256, |row| row.sha256) == held.sha256 {
        return Ok(false);
    }
    let package = match chosen {
        Some(row) => load(store, row).await?,
        None => named,
    };
    tracing::info!(version = package.city.info.version, "another version of the city package holds");
    holding.exchange(package);
    Ok(true)
}

async fn load<S: Store>(store: &S, row: &CityRow) -> Result<Arc<Package>, VersionError> {
    let bundle = store.city_package(row.version).await?.ok_or(VersionError::Unknown)?;
    Ok(Arc::new(Package::of_kept(row.version, bundle)?))
}

/// All versions as people are told, the highest number first; names are for the caller to find.
#[must_use]
pub fn told(rows: &[CityRow], named: &Package, now_millis: i64) -> Vec<CityVersionRow> {
    let holds = choose(rows, named, now_millis);
    let own = CityVersionRow {
        version: named.city.info.version,
        source: named.source,
        state: if holds.is_none() { CityVersionState::Holds } else { CityVersionState::Over },
        sha256: to_hex(&named.sha256),
        size_bytes: named.bundle.len() as u64,
        from_millis: None,
        kept_millis: None,
        by: None,
        name: String::new(),
        note: String::new(),
        withdrawn_millis: None,
    };
    let kept = |row: &CityRow| CityVersionRow {
        version: row.version,
        source: CitySource::Kept,
        state: match () {
            () if holds == Some(row) => CityVersionState::Holds,
            () if row.withdrawn_millis.is_some() => CityVersionState::Withdrawn,
            () if row.from_millis > now_millis => CityVersionState::Coming,
            () => CityVersionState::Over,
        },
        sha256: to_hex(&row.sha256),
        size_bytes: row.size_bytes,
        from_millis: Some(row.from_millis),
        kept_millis: Some(row.kept_millis),
        by: Some(row.by),
        name: String::new(),
        note: row.note.clone(),
        withdrawn_millis: row.withdrawn_millis,
    };
    let mut all: Vec<CityVersionRow> = rows.iter().map(kept).chain([own]).collect();
    all.sort_by_key(|row| std::cmp::Reverse(row.version));
    all
}

/// The bytes of a version, of those that are kept or of the settings.
///
/// # Errors
/// [`VersionError::Unknown`].
pub async fn bytes<S: Store>(store: &S, named: &Package, version: u32) -> Result<String, VersionError> {
    match store.city_package(version).await? {
        Some(bundle) => Ok(bundle),
        None if named.city.info.version == version => Ok(named.bundle.clone()),
        None => Err(VersionError::Unknown),
    }
}

/// What the next version is compared with.
#[derive(Debug)]
pub struct Newest {
    /// The newest package that was not withdrawn, or the one that holds if its number is higher.
    city: Arc<City>,
    /// The highest number that was ever given.
    highest: u32,
    /// From when on the newest kept version holds.
    from_millis: Option<i64>,
}

impl Newest {
    /// The number that somebody who brings another one has to know.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.city.info.version
    }

    /// What is wrong with a package for somebody of a role, and what it changes; its city if it reads.
    #[must_use]
    pub fn check(&self, bundle: &str, role: &str, time_millis: i64) -> (CityCheckResponse, Option<City>) {
        let mut reply =
            CityCheckResponse { faults: Vec::new(), changes: Vec::new(), after: self.version(), time_millis };
        let city = match package::read(bundle) {
            Ok(city) => city,
            Err(faults) => {
                reply.faults = faults.iter().map(CityFaultRow::from).collect();
                return (reply, None);
            }
        };
        reply.faults = follows(&self.city, self.highest, &city, role).iter().map(CityFaultRow::from).collect();
        reply.changes = compare(&self.city, &city).iter().map(CityChangeRow::from).collect();
        (reply, Some(city))
    }
}

/// What the next version is compared with, as it is now.
///
/// # Errors
/// [`VersionError`].
pub async fn newest<S: Store>(store: &S, holding: &Holding) -> Result<Newest, VersionError> {
    let rows = store.city_versions().await?;
    newest_of(store, holding, &rows).await
}

async fn newest_of<S: Store>(store: &S, holding: &Holding, rows: &[CityRow]) -> Result<Newest, VersionError> {
    let held = holding.package();
    let standing = rows.iter().filter(|row| row.withdrawn_millis.is_none()).max_by_key(|row| row.version);
    let later = standing.filter(|row| row.version > held.city.info.version);
    let city = match later {
        Some(row) => load(store, row).await?.city.clone(),
        None => held.city.clone(),
    };
    let given = rows.iter().map(|row| row.version).max().unwrap_or_default();
    let highest = given.max(held.city.info.version).max(holding.named().city.info.version);
    Ok(Newest { city, highest, from_millis: standing.map(|row| row.from_millis) })
}

/// A version that somebody brings.
#[derive(Debug)]
pub struct Brought {
    /// The package.
    pub bundle: String,
    /// The newest version that they know.
    pub after: u32,
    /// The day; without one at once.
    pub from: Option<Date>,
    /// What it is about.
    pub note: String,
    /// Who.
    pub by: AccountId,
    /// Their role.
    pub role: String,
}

/// A version that can be kept, as long as nobody was faster.
#[derive(Debug)]
pub struct Ready {
    row: CityRow,
    bundle: String,
    seen: Vec<CityRow>,
}

/// Looks whether a version can be kept.
///
/// # Errors
/// [`VersionError`].
pub async fn prepare<S: Store>(
    store: &S,
    holding: &Holding,
    brought: Brought,
    now_millis: i64,
) -> Result<Ready, VersionError> {
    let seen = store.city_versions().await?;
    let newest = newest_of(store, holding, &seen).await?;
    // Before its faults: what somebody changed upon an older version is compared with the wrong one.
    if newest.version() != brought.after {
        return Err(VersionError::Moved);
    }
    let (checked, city) = newest.check(&brought.bundle, &brought.role, now_millis);
    let Some(city) = city.filter(|_| checked.is_good()) else { return Err(VersionError::Refused(Box::new(checked))) };
    let from_millis =
        moment(brought.from, holding.city().holidays.zone_minutes, now_millis).ok_or(VersionError::Day)?;
    if newest.from_millis.is_some_and(|before| from_millis < before) {
        return Err(VersionError::Day);
    }
    let Brought { bundle, by, note, .. } = brought;
    let row = CityRow {
        version: city.info.version,
        from_millis,
        sha256: sha256(&[bundle.as_bytes()]),
        size_bytes: bundle.len() as u64,
        by,
        note,
        kept_millis: now_millis,
        withdrawn_millis: None,
    };
    Ok(Ready { row, bundle, seen })
}

/// Keeps a version; gives its number.
///
/// # Errors
/// [`VersionError::Moved`] when somebody was faster, [`VersionError::Store`]; nothing is kept then.
pub async fn keep<S: Store>(store: &S, ready: Ready) -> Result<u32, VersionError> {
    let Ready { row, bundle, seen } = ready;
    let mut tx = store.begin().await?;
    if tx.city_versions().await? != seen {
        return Err(VersionError::Moved);
    }
    tx.put_city_version(&row, &bundle).await?;
    tx.commit().await?;
    Ok(row.version)
}

/// The moment at which a day begins on a clock, and now for today or no day; `None` for a day that is over.
fn moment(day: Option<Date>, zone_minutes: i32, now_millis: i64) -> Option<i64> {
    let Some(Date { year, day }) = day else { return Some(now_millis) };
    let zone_millis = i64::from(zone_minutes) * MINUTE_MILLIS;
    let day = day_of(i64::from(year), i64::from(day.month), i64::from(day.day));
    let begins = day * DAY_MILLIS - zone_millis;
    let is_over = begins + DAY_MILLIS <= now_millis;
    (!is_over).then_some(begins.max(now_millis))
}

/// Whether a version can be withdrawn.
///
/// # Errors
/// [`VersionError::Unknown`], or [`VersionError::Past`] for one that holds, held or was withdrawn.
pub fn may_withdraw(rows: &[CityRow], version: u32, now_millis: i64) -> Result<(), VersionError> {
    let row = rows.iter().find(|row| row.version == version).ok_or(VersionError::Unknown)?;
    let is_coming = row.withdrawn_millis.is_none() && row.from_millis > now_millis;
    is_coming.then_some(()).ok_or(VersionError::Past)
}

/// Withdraws a version whose day is to come.
///
/// # Errors
/// As [`may_withdraw`], and [`VersionError::Store`].
pub async fn withdraw<S: Store>(store: &S, version: u32, now_millis: i64) -> Result<(), VersionError> {
    let mut tx = store.begin().await?;
    may_withdraw(&tx.city_versions().await?, version, now_millis)?;
    tx.withdraw_city_version(version, now_millis).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use greenshield_domain::city::YearDay;

    use super::*;

    fn row(version: u32, from_millis: i64) -> CityRow {
        CityRow {
            version,
            from_millis,
            sha256: [u8::try_from(version).unwrap(); 32],
            size_bytes: 1,
            by: AccountId([1; 16]),
            note: String::new(),
            kept_millis: 0,
            withdrawn_millis: None,
        }
    }

    #[test]
    fn the_highest_version_whose_moment_has_come_holds_and_a_file_with_a_higher_one_before_it() {
        let build = Package::load(None).unwrap();
        let number = build.city.info.version;
        let rows =
            [row(number + 1, 10), CityRow { withdrawn_millis: Some(3), ..row(number + 2, 20) }, row(number + 3, 30)];
        let holds = |named: &Package, now| choose(&rows, named, now).map(|row| row.version - number);
        assert_eq!([9, 10, 29, 30].map(|now| holds(&build, now)), [None, Some(1), Some(1), Some(3)]);
        let mut file = Package { source: CitySource::File, ..build };
        assert_eq!(holds(&file, 30), Some(3));
        Arc::make_mut(&mut file.city).info.version = number + 4;
        assert_eq!(holds(&file, 30), None, "the operator named a newer one");
        file.source = CitySource::Build;
        assert_eq!(holds(&file, 30), Some(3), "newer programs take nothing back that the city said");
        let states: Vec<_> = told(&rows, &file, 29).iter().map(|row| (row.version - number, row.state)).collect();
        use CityVersionState as S;
        assert_eq!(states, [(4, S::Over), (3, S::Coming), (2, S::Withdrawn), (1, S::Holds)]);
    }

    #[test]
    fn a_day_begins_on_the_clock_of_the_city_and_today_is_now() {
        let day = |day| Some(Date { year: 2026, day: YearDay { month: 12, day } });
        let noon = day_of(2026, 12, 1) * DAY_MILLIS + DAY_MILLIS / 2;
        assert_eq!(moment(None, 480, noon), Some(noon));
        assert_eq!(moment(day(1), 480, noon), Some(noon));
        assert_eq!(moment(day(2), 480, noon), Some(noon + DAY_MILLIS / 2 - 480 * MINUTE_MILLIS));
        assert_eq!(moment(day(1), 480, noon + DAY_MILLIS / 2), None, "in the city it is the second already");
    }
}
