//! Rights change: people get other areas, records are moved into others.

use std::collections::BTreeMap;

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::op::Entry;
use greenshield_domain::policy::{AREA, Action, Facts, Rules, Seat, Standing, Target, authorize};
use greenshield_server::store::{Store as _, StoreTx as _};

use super::World;

/// The role of everybody in a world.
pub(crate) const ROLE: &str = "auxiliary";
/// Areas that people and records are moved into; none = the whole city.
const AREAS: [Option<&str>; 4] = [None, Some("620723"), Some("620723101001"), Some("620724")];

impl World {
    /// Somebody gets another area, or somebody says in which area their own record lies.
    pub(super) async fn change_scope(&mut self, phone: usize) {
        if self.rng.below(2) == 0 {
            self.move_person(phone).await;
        } else {
            self.move_record(phone).await;
        }
    }

    async fn move_person(&mut self, phone: usize) {
        let areas: Vec<String> = AREAS[self.below(AREAS.len())].map(str::to_owned).into_iter().collect();
        let account = self.crowd[phone].account;
        self.note(format!("the person of phone {phone} works in {areas:?}"));
        self.network.counter.count("people moved");
        self.seats.insert(account, areas.clone());
        self.seat(account, areas).await;
    }

    async fn seat(&self, account: AccountId, areas: Vec<String>) {
        let server = self.network.server.borrow();
        let mut tx = server.app().store.begin().await.unwrap();
        tx.set_seat(account, ROLE, &Seat { areas, unit: None }).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Whoever restores a server gives everybody the area again that they had.
    pub(super) async fn seat_all(&self) {
        for (account, areas) in &self.seats {
            self.seat(*account, areas.clone()).await;
        }
    }

    async fn move_record(&mut self, phone: usize) {
        let mine: Vec<RecordId> =
            self.photos.iter().filter(|(by, ..)| *by == phone).map(|(_, record, ..)| *record).collect();
        if mine.is_empty() {
            return;
        }
        let record = mine[self.below(mine.len())];
        let area = AREAS[self.below(AREAS.len())].unwrap_or_default();
        let entries = vec![Entry::set(AREA, Value::text(area))];
        let moved = self.save(phone, Some(record), entries).await.is_ok();
        self.note(format!("phone {phone} moves {record} into {area:?}: {moved}"));
        if moved {
            self.network.counter.count("records moved");
        }
    }

    /// Where every record belongs now, as the server sees it.
    pub(crate) async fn facts(&self) -> BTreeMap<RecordId, Facts> {
        let server = self.network.server.borrow();
        server.app().store.facts_after(None, 1_000_000).await.unwrap().into_iter().collect()
    }

    /// Whether a person may read a record.
    pub(crate) fn reads(&self, account: AccountId, facts: Option<&Facts>) -> bool {
        let areas = self.seats.get(&account).cloned().unwrap_or_default();
        let seat = Seat { areas, unit: None };
        let who = Standing { account, role: ROLE.to_owned(), seat, revoked: false };
        facts.is_some_and(|facts| authorize(&Rules::of(&self.city), &who, Action::Read, Target::Record(facts)))
    }
}
