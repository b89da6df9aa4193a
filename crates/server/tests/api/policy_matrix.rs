//! Every cell of the policy: role × relation × kind × field × endpoint, asked of a running server. What is expected is read from
//! `policy.json` by a few lines of their own, so a mistake of the gate is not its own judge.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor::Value;
use greenshield_domain::city::FieldType;
use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::policy::{AREA, ASSIGNED, HELPERS, PROTOCOL_FIELDS, Seat, UNIT};
use greenshield_domain::verdict::{FIRST_CITY_KIND, decisions};
use greenshield_domain::wire::{HeldResponse, PullPage, ResultCode, ScopePage, Verdict};
use greenshield_domain::{incident, person, task};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::photo;
use serde_json::{Value as Json, json};

use super::support::{Call, NOW, Phone, Reply, Server, genesis};
use super::tus::upload;

/// How the reader stands to a record; `all` holds besides, whatever it is.
const CASES: [&str; 6] = ["own", "area", "unit", "assigned", "helper", "none"];
/// Fields that one op of the test sets.
const FIELDS_OF_AN_OP: usize = 60;

/// A field of a kind.
#[derive(Debug, Clone)]
struct Field {
    id: u32,
    name: String,
    is_blob: bool,
    is_state: bool,
}

/// A record of the test.
#[derive(Debug, Clone)]
struct Made {
    case: &'static str,
    kind: (u32, String),
    record: RecordId,
    first: OpId,
    /// The last one, whose verdict is asked for.
    last: OpId,
    held: OpId,
    file: Vec<u8>,
}

/// The policy as it is written, and the names of the kinds that `*` leaves out.
struct Written(Json, BTreeSet<String>);

impl Written {
    fn grants(&self, role: &str) -> Vec<Json> {
        let roles = self.0["roles"].as_array().unwrap();
        let found = roles.iter().find(|policy| policy["role"] == role).unwrap();
        found["grants"].as_array().unwrap().clone()
    }

    fn has(grant: &Json, list: &str, words: &[&str]) -> bool {
        grant[list].as_array().is_some_and(|list| list.iter().any(|word| words.iter().any(|asked| word == asked)))
    }

    fn meant<'a>(&'a self, role: &str, action: &'a str, made: &'a Made) -> impl Iterator<Item = Json> + use<'a> {
        self.grants(role).into_iter().filter(move |grant| {
            Self::has(grant, "actions", &[action])
                && Self::has(grant, "relations", &[made.case, "all"])
                && (Self::has(grant, "kinds", &[&made.kind.1])
                    || (Self::has(grant, "kinds", &["*"]) && !self.1.contains(&made.kind.1)))
                && !Self::has(grant, "except_kinds", &[&made.kind.1])
        })
    }

    /// Whether a role answers for people of a role, wherever they are.
    fn answers(&self, role: &str, other: &str) -> bool {
        let roles = self.0["roles"].as_array().unwrap();
        let found = roles.iter().find(|policy| policy["role"] == role).unwrap();
        let grants = found["people"].as_array().cloned().unwrap_or_default();
        grants.iter().any(|grant| Self::has(grant, "roles", &[other]) && Self::has(grant, "relations", &["all"]))
    }

    fn record(&self, role: &str, action: &str, made: &Made) -> bool {
        self.meant(role, action, made).next().is_some()
    }

    fn field(&self, role: &str, action: &str, made: &Made, field: &str) -> bool {
        let protocol = ["area", "unit", "assigned", "helpers"].contains(&field);
        self.meant(role, action, made).any(|grant| {
            Self::has(&grant, "fields", &[field])
                || (!protocol && Self::has(&grant, "fields", &["*"]) && !Self::has(&grant, "except", &[field]))
        })
    }

    fn door(&self, role: &str, action: &str) -> bool {
        self.grants(role).iter().any(|grant| Self::has(grant, "actions", &[action]))
    }
}

/// Whether a field of a kind is for those who answer for the person.
fn appoints(kind: u32, field: u32) -> bool {
    kind == person::KIND && field < AREA && ![person::field::PHONE, incident::field::NOTE].contains(&field)
}

fn seat(areas: &[&str], unit: Option<&str>) -> Seat {
    Seat { areas: areas.iter().map(|code| (*code).to_owned()).collect(), unit: unit.map(str::to_owned) }
}

async fn person(server: &Server, seed: u64, role: &str, seat: &Seat) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: greenshield_domain::wire::EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let phone = Phone { log, genesis, lease: enrolled.lease.clone(), enrolled };
    let mut tx = server.app().store.begin().await.unwrap();
    assert!(tx.set_seat(phone.log.account(), role, seat).await.unwrap());
    tx.commit().await.unwrap();
    phone
}

/// Another phone of the same person.
async fn another_phone(server: &Server, phone: &Phone, seed: u64) -> Phone {
    let row = server.app().store.log(phone.log.log()).await.unwrap().unwrap();
    let code = server.invite_account(row.account).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: greenshield_domain::wire::EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

/// The city of the test: who makes records, and what they make.
struct World {
    server: Server,
    written: Written,
    kinds: BTreeMap<(u32, String), Vec<Field>>,
    /// Whose records lie in the area, with the unit, and nowhere near.
    makers: BTreeMap<&'static str, Phone>,
    desk: Phone,
    revoked: Phone,
    /// The role of whoever asks just now.
    role: String,
    files: u64,
    cells: usize,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let policy = serde_json::from_str(include_str!("../../../../city/policy.json")).unwrap();
        let field = |field: &greenshield_domain::city::FieldDef| Field {
            id: field.id,
            name: field.name.clone(),
            is_blob: field.ty == FieldType::Blob,
            is_state: field.ty == FieldType::State,
        };
        let city = server.app().city();
        let guarded = city.kinds.iter().filter(|kind| kind.guarded).map(|kind| kind.name.clone()).collect();
        let kinds = city.kinds.iter();
        let kinds = kinds.map(|kind| ((kind.id, kind.name.clone()), kind.fields.iter().map(field).collect())).collect();
        let inside = person(&server, 1, "auxiliary", &seat(&["620723101001"], None)).await;
        let with_unit = person(&server, 2, "auxiliary", &seat(&["620724"], Some("water"))).await;
        let elsewhere = person(&server, 3, "auxiliary", &seat(&["620724101"], Some("forest"))).await;
        let desk = person(&server, 4, "city-desk", &Seat::default()).await;
        let revoked = server.phone(5).await;
        server.revoke(&revoked).await;
        let makers = BTreeMap::from([("area", inside), ("unit", with_unit), ("none", elsewhere)]);
        Self {
            server,
            written: Written(policy, guarded),
            kinds,
            makers,
            desk,
            revoked,
            role: String::new(),
            files: 0,
            cells: 0,
        }
    }

    /// What is said of a person is what holds already: no cell changes another one.
    fn said(&self, case: &str, kind: u32, field: u32) -> Option<Value> {
        let text = match (case, field) {
            _ if kind != person::KIND => return None,
            ("own", person::field::ROLE) => self.role.as_str(),
            ("own", person::field::AREAS) => "620723",
            ("own" | "unit", person::field::UNIT) => "water",
            (_, person::field::UNIT) => "forest",
            _ => return None,
        };
        Some(Value::text(text))
    }

    /// A record with every field of its kind, a file behind each field of files, and an op that is held.
    async fn make(&mut self, case: &'static str, kind: &(u32, String), maker: &mut Phone, say: Vec<Entry>) -> Made {
        self.files += 1;
        let file = format!("file {}", self.files).into_bytes();
        let entries: Vec<Entry> = self.kinds[kind]
            .iter()
            .map(|field| {
                let value = self.said(case, kind.0, field.id);
                let value = value.unwrap_or_else(|| Value::text(format!("{case} {}", field.name)));
                if field.is_blob { photo(&file).to_entry(field.id) } else { Entry::set(field.id, value) }
            })
            .collect();
        let is_self = case == "own" && kind.0 == person::KIND;
        let record = if is_self { person::record_of(maker.log.account()) } else { maker.log.record() };
        let mut ops: Vec<SignedOp> =
            entries.chunks(FIELDS_OF_AN_OP).map(|part| maker.log.op(record, kind.0, &[], part.to_vec())).collect();
        let first = ops[0].id();
        if !say.is_empty() {
            ops.push(self.desk.log.op(record, kind.0, &[first.short()], say));
        }
        let last = ops.last().unwrap().id();
        let held = self.revoked.log.op(record, kind.0, &[first.short()], vec![Entry::set(6, Value::text("late"))]);
        let id = held.id();
        ops.push(held);
        self.server.push(&ops).await;
        upload(&self.server, maker, &file).await;
        Made { case, kind: kind.clone(), record, first, last, held: id, file }
    }

    /// The shared records, and those that a reader made or was given.
    async fn records_for(&mut self, reader: &mut Phone, shared: &[Made]) -> Vec<Made> {
        let mut records = shared.to_vec();
        for kind in self.kinds.keys().cloned().collect::<Vec<_>>() {
            let away = vec![Entry::set(AREA, Value::text("620724")), Entry::set(UNIT, Value::text("forest"))];
            records.push(self.make("own", &kind, reader, away).await);
            let account = reader.log.account().to_value();
            let given = vec![Entry { field: ASSIGNED, act: Act::Add, value: account }];
            let mut maker = self.makers.remove("none").unwrap();
            records.push(self.make("assigned", &kind, &mut maker, given).await);
            self.makers.insert("none", maker);
        }
        records
    }

    async fn get(&self, reader: &Phone, path: &str) -> Reply {
        self.server.send(Call::get(path).signed(reader.key(), NOW)).await
    }

    /// All pages of a pull or a snapshot: the fields that show, by record.
    async fn read(&self, reader: &Phone, path: &str) -> BTreeMap<RecordId, BTreeSet<u32>> {
        let (mut shown, mut cursor): (BTreeMap<RecordId, BTreeSet<u32>>, _) = (BTreeMap::new(), String::new());
        loop {
            let page: PullPage = self.get(reader, &format!("{path}?cursor={cursor}&max=50")).await.page();
            for op in page.ops.iter().map(|pulled| SignedOp::decode(&pulled.op).unwrap()) {
                shown.entry(op.header().record).or_default().extend(op.body().entries().map(|entry| entry.field));
            }
            cursor = page.next;
            if !page.more {
                return shown;
            }
        }
    }

    async fn check_reading(&mut self, role: &str, reader: &Phone, records: &[Made]) {
        let scope = ScopePage::decode(&self.get(reader, "/v1/scope").await.body).unwrap();
        for path in ["/v1/ops", "/v1/snapshot"] {
            let shown = self.read(reader, path).await;
            for made in records {
                let may = self.written.record(role, "read", made);
                let cell = format!("{role} {} {} {path}", made.case, made.kind.1);
                assert_eq!(shown.contains_key(&made.record), may, "{cell}");
                assert_eq!(scope.all || scope.records.contains(&made.record), may, "{cell} and the list");
                let fields = shown.get(&made.record).cloned().unwrap_or_default();
                for field in &self.kinds[&made.kind] {
                    let may = self.written.field(role, "read", made, &field.name);
                    assert_eq!(fields.contains(&field.id), may, "{cell} {}", field.name);
                    self.cells += 1;
                }
            }
        }
    }

    async fn check_files(&mut self, role: &str, reader: &Phone, records: &[Made]) {
        let absent = self.get(reader, &format!("/v1/records/{}/blobs/{}", "0".repeat(32), "0".repeat(64))).await;
        let no_record = self.get(reader, &format!("/v1/records/{}/evidence", "0".repeat(32))).await;
        for made in records {
            let cell = format!("{role} {} {}", made.case, made.kind.1);
            let fields = self.kinds[&made.kind].clone();
            let blobs = || fields.iter().filter(|field| field.is_blob);
            if blobs().next().is_some() {
                let blob = greenshield_domain::ids::BlobId::of(&made.file);
                let reply = self.get(reader, &format!("/v1/records/{}/blobs/{blob}", made.record)).await;
                // A photo as it came tells the exact place: of a report it goes with that field, and of a task alike.
                let as_report = Made { kind: (incident::KIND, "incident".to_owned()), ..made.clone() };
                let is_of_place = [incident::KIND, task::KIND].contains(&made.kind.0);
                let may = blobs().any(|field| self.written.field(role, "read", made, &field.name))
                    && (!is_of_place || self.written.field(role, "read", &as_report, "exactPlace"));
                let expected = if may { (200, made.file.clone()) } else { told(&absent) };
                assert_eq!(told(&reply), expected, "{cell} blob");
                self.cells += 1;
            }
            let reply = self.get(reader, &format!("/v1/records/{}/evidence", made.record)).await;
            let may = self.written.record(role, "export", made);
            assert_eq!(reply.status.as_u16() == 200, may, "{cell} evidence {}", reply.status);
            assert!(may || told(&reply) == told(&no_record), "{cell} evidence");
            self.cells += 1;
        }
    }

    /// The fields that ops which count say of each record, whoever may read them.
    async fn counted(&self) -> BTreeMap<RecordId, BTreeSet<u32>> {
        let (mut ops, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: PullPage = self.get(&self.desk, &format!("/v1/ops?cursor={cursor}")).await.page();
            ops.extend(page.ops.into_iter().map(|pulled| (SignedOp::decode(&pulled.op).unwrap(), pulled)));
            cursor = page.next;
            if !page.more {
                break;
            }
        }
        let decided = decisions(ops.iter().map(|(op, pulled)| (op, pulled.account, pulled.eff_millis)));
        let mut counted: BTreeMap<RecordId, BTreeSet<u32>> = BTreeMap::new();
        for (op, pulled) in ops.iter().filter(|(op, _)| op.header().kind >= FIRST_CITY_KIND) {
            let verdict = decided.get(&op.id()).map_or(&pulled.verdict, |decision| &decision.ruling.verdict);
            if *verdict == Verdict::Ok {
                counted.entry(op.header().record).or_default().extend(op.body().entries().map(|entry| entry.field));
            }
        }
        counted
    }

    /// A ledger has exactly the records that somebody may take out and of which something counts, with exactly the fields.
    async fn check_ledgers(&mut self, role: &str, reader: &Phone, records: &[Made]) {
        let counted = self.counted().await;
        for (kind, fields) in self.kinds.clone() {
            let path = format!("/v1/export?kind={}&format=geojson", kind.1);
            let reply = self.get(reader, &path).await;
            if !self.written.door(role, "export") {
                assert_eq!(reply.error(), (403, "forbidden".to_owned()), "{role} {path}");
            }
            let collection: Json = serde_json::from_slice(&reply.body).unwrap();
            let features = collection["features"].as_array().cloned().unwrap_or_default();
            let of_kind = || records.iter().filter(|made| made.kind == kind);
            let may = |made: &&Made| self.written.record(role, "export", made) && counted.contains_key(&made.record);
            let expected = of_kind().filter(may).count();
            let known = features.iter().filter(|feature| of_kind().any(|made| feature["id"] == made.record.to_hex()));
            assert_eq!(known.count(), expected, "{role} {path}");
            let mut cells = 0;
            for made in of_kind() {
                let feature = features.iter().find(|feature| feature["id"] == made.record.to_hex());
                for field in &fields {
                    let shown = feature.is_some_and(|feature| !feature["properties"][&field.name].is_null());
                    let said = counted.get(&made.record).is_some_and(|fields| fields.contains(&field.id));
                    // A state that nobody said is the first one of the workflow.
                    let said = said || (field.is_state && feature.is_some());
                    let may = said && self.written.field(role, "export", made, &field.name);
                    assert_eq!(shown, may, "{role} {} {path} {}", made.case, field.name);
                    cells += 1;
                }
            }
            self.cells += cells;
        }
    }

    async fn check_judging(&mut self, role: &str, reader: &Phone, records: &[Made]) {
        let judge = async |op: OpId| {
            let asked = json!({ "op": op, "verdict": "ok", "reason": "x" });
            self.server.send(Call::post("/v1/verdicts").signed(reader.key(), NOW).json(&asked)).await
        };
        let absent = judge(OpId([9; 32])).await;
        let door = self.written.door(role, "judge");
        let list = if door { self.held(reader).await } else { BTreeSet::new() };
        for made in records {
            let cell = format!("{role} {} {}", made.case, made.kind.1);
            let may = self.written.record(role, "judge", made);
            assert_eq!(list.contains(&made.held), may, "{cell} held");
            let reply = judge(made.last).await;
            if may {
                assert_eq!(reply.status.as_u16(), 200, "{cell} verdict");
            } else {
                assert_eq!(told(&reply), told(&absent), "{cell} verdict");
            }
            self.cells += 2;
        }
        assert!(door || absent.status.as_u16() == 403);
    }

    /// A hold changes nothing that is read; an erasure under it says that it may not, and takes nothing from the other roles.
    async fn check_erasing(&mut self, role: &str, reader: &Phone, records: &[Made]) {
        let ask = async |path: &str, record: RecordId| {
            let held = json!({ "record": record, "held": true, "reason": "x" });
            let erased = json!({ "record": record, "fields": [6], "basis": "order" });
            let asked = if path == "/v1/holds" { held } else { erased };
            self.server.send(Call::post(path).signed(reader.key(), NOW).json(&asked)).await
        };
        for (path, done) in [("/v1/holds", 200), ("/v1/erasures", 409)] {
            let absent = ask(path, RecordId([0; 16])).await;
            assert!(self.written.door(role, "erase") || absent.status.as_u16() == 403);
            for made in records {
                let cell = format!("{role} {} {} {path}", made.case, made.kind.1);
                let reply = ask(path, made.record).await;
                if self.written.record(role, "erase", made) {
                    assert_eq!(reply.status.as_u16(), done, "{cell}");
                } else {
                    assert_eq!(told(&reply), told(&absent), "{cell}");
                }
                self.cells += 1;
            }
        }
    }

    async fn held(&self, reader: &Phone) -> BTreeSet<OpId> {
        let (mut held, mut after) = (BTreeSet::new(), 0);
        loop {
            let page: HeldResponse = self.get(reader, &format!("/v1/held?after={after}")).await.read();
            held.extend(page.held.iter().map(|row| row.op));
            let Some(next) = page.next else { return held };
            after = next;
        }
    }

    async fn check_writing(&mut self, role: &str, writer: &mut Phone, records: &[Made]) {
        for made in records {
            let mut fields: Vec<(u32, String)> =
                self.kinds[&made.kind].iter().map(|field| (field.id, field.name.clone())).collect();
            fields.extend(PROTOCOL_FIELDS.map(|(name, id)| (id, name.to_owned())));
            let entry = |id| match id {
                // What is said about where it belongs is what holds already: no cell changes another one.
                AREA => Entry::set(AREA, Value::text(if made.case == "area" { "620723101001" } else { "620724" })),
                UNIT => Entry::set(UNIT, Value::text(if made.case == "unit" { "water" } else { "forest" })),
                ASSIGNED | HELPERS => Entry { field: id, act: Act::Add, value: Value::bytes([9; 16]) },
                id => {
                    let said = self.said(made.case, made.kind.0, id);
                    Entry::set(id, said.unwrap_or_else(|| Value::text("cell")))
                }
            };
            let deps = [made.first.short()];
            let ops: Vec<SignedOp> =
                fields.iter().map(|(id, _)| writer.log.op(made.record, made.kind.0, &deps, vec![entry(*id)])).collect();
            let reply = self.server.push(&ops).await;
            assert_eq!(reply.results.iter().filter(|result| result.code != ResultCode::Held).count(), 0);
            for (index, (id, name)) in fields.iter().enumerate() {
                let found = reply.results.iter().find(|result| result.index == index as u64);
                // Whoever writes what somebody is there to do must answer for that person, too; here it is themselves.
                let is_self = made.case == "own" && appoints(made.kind.0, *id);
                let may = self.written.field(role, "write", made, name);
                let may = may && (!is_self || self.written.answers(role, role));
                let expected = (!may).then_some("forbidden");
                let cell = format!("{role} {} {} {name}", made.case, made.kind.1);
                assert_eq!(found.map(|result| result.reason.as_str()), expected, "{cell}");
                self.cells += 1;
            }
        }
    }
}

fn told(reply: &Reply) -> (u16, Vec<u8>) {
    (reply.status.as_u16(), reply.body.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_policy_is_what_the_server_does_for_one_half_of_the_roles() {
    check_roles(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_policy_is_what_the_server_does_for_the_other_half_of_the_roles() {
    check_roles(1).await;
}

/// Every second role, from one of the first two: each half has a server of its own, so that both take a core.
async fn check_roles(first: usize) {
    let mut world = World::new().await;
    let kinds: Vec<(u32, String)> = world.kinds.keys().cloned().collect();
    let mut shared = Vec::new();
    for (case, made_by) in [("area", "area"), ("unit", "unit"), ("none", "none"), ("helper", "none")] {
        let mut maker = world.makers.remove(made_by).unwrap();
        let helps = (case == "helper").then(|| Entry { field: HELPERS, act: Act::Add, value: Value::text("water") });
        for kind in &kinds {
            shared.push(world.make(case, kind, &mut maker, helps.iter().cloned().collect()).await);
        }
        world.makers.insert(made_by, maker);
    }
    let city = world.server.app().city();
    let roles = city.info.roles.iter().map(|role| role.id.clone());
    let roles: Vec<String> = roles.skip(first).step_by(2).collect();
    for (role, seed) in roles.iter().zip(100..) {
        world.role.clone_from(role);
        let mut reader = person(&world.server, seed, role, &seat(&["620723"], Some("water"))).await;
        let records = world.records_for(&mut reader, &shared).await;
        assert_eq!(records.iter().map(|made| made.case).collect::<BTreeSet<_>>(), BTreeSet::from(CASES));
        world.check_reading(role, &reader, &records).await;
        world.check_files(role, &reader, &records).await;
        world.check_ledgers(role, &reader, &records).await;
        // No phone may ask as often as all of this takes.
        let second = another_phone(&world.server, &reader, seed + 500).await;
        world.check_judging(role, &second, &records).await;
        world.check_erasing(role, &second, &records).await;
        world.check_writing(role, &mut reader, &records).await;
        world.server.revoke(&reader).await;
        for path in ["/v1/ops", "/v1/snapshot", "/v1/scope", "/v1/held", "/v1/export", "/v1/coverage?days=7"] {
            assert_eq!(world.get(&reader, path).await.error(), (403, "revoked".to_owned()), "{role} {path}");
        }
        let late = reader.log.op(records[0].record, records[0].kind.0, &[], vec![Entry::set(6, Value::text("late"))]);
        assert_eq!(world.server.push(&[late]).await.results[0].reason, "revoked", "{role}");
    }
    let fields: usize = world.kinds.values().map(Vec::len).sum();
    let with_files = world.kinds.values().filter(|fields| fields.iter().any(|field| field.is_blob)).count();
    // Pull, snapshot, ledger and push by field; the protocol's four fields in a push; held, verdict, evidence, hold and erasure by
    // record; files.
    let of_one_role = CASES.len() * (4 * fields + kinds.len() * (4 + 5) + with_files);
    assert_eq!(world.cells, roles.len() * of_one_role);
}
