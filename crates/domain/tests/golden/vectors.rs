//! The golden vectors: every file of `tests/golden/`, computed from the inputs that it names.
//!
//! One small story runs through all of them: a volunteer enrols and reports an incident with two photos, the desk enrols and
//! answers. Keys, nonces and seeds are fixed, signatures are RFC 6979, so that every byte can be computed again.

use std::collections::BTreeSet;

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::erasure::{Basis, Erasure, Hold, leaves_of, linked};
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, OpId, RecordId};
use greenshield_domain::incident::{self, BlobLink, field};
use greenshield_domain::notice::NewNotice;
use greenshield_domain::op::{Body, Draft, Entry, Genesis, SignedOp};
use greenshield_domain::patrol::PhoneNote;
use greenshield_domain::signature::op_message;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::task::{NewTask, Progress};
use greenshield_domain::track::{Cause, Fix, Item, Mode, Segment};
use greenshield_domain::tree;
use greenshield_domain::verdict::{KIND_ERASURE, KIND_HOLD, KIND_VERDICT, Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::Verdict;
use greenshield_testkit::build::{LogBuilder, Report, START_MILLIS};
use greenshield_testkit::keys::SeededKey;

use super::json::Json;
use super::{merging, proofs, refusals, sealing, server};

/// Name of a file and what belongs into it.
pub(crate) fn files() -> Vec<(&'static str, Json)> {
    let story = Story::tell();
    vec![
        ("key.json", key(&story)),
        (
            "genesis.json",
            story.genesis.json("Seq 0 of the volunteer's log: the key introduces itself.", &story.volunteer),
        ),
        (
            "incident.json",
            story.report.json("The volunteer reports an incident with place and two photos.", &story.volunteer),
        ),
        ("desk_genesis.json", story.desk_genesis.json("Seq 0 of the log of the desk.", &story.desk)),
        ("follow_up.json", story.answer.json("The desk signs for it and answers; deps name the report.", &story.desk)),
        ("redacted.json", redacted(&story)),
        ("request.json", server::request(&story)),
        ("statements.json", server::statements(&story)),
        ("enrol.json", server::enrol(&story)),
        ("sync.json", server::sync(&story)),
        ("refusals.json", refusals::refusals(&story)),
        ("cbor.json", refusals::cbor_forms()),
        ("merge.json", merging::merging()),
        ("bundle.json", sealing::bundle(&story)),
        ("proofs.json", proofs::proofs(&story)),
        ("track.json", track()),
        ("values.json", values()),
        (
            "server_genesis.json",
            story.server_genesis.json("Seq 0 of the server's own log; its account is all zero.", &story.server),
        ),
        (
            "decision.json",
            story
                .decision
                .json("The server's log says that the report never shows, who decided so and why.", &story.server),
        ),
        (
            "erasure.json",
            story.erasure.json(
                "The server's log says that note and photos of the report are erased, for whom and by what right.",
                &story.server,
            ),
        ),
        (
            "erasure_files.json",
            story
                .erasure_of_files
                .json("An erasure that names the files that only the erased entries linked.", &story.server),
        ),
        ("hold.json", story.hold.json("The server's log begins a legal hold of the record.", &story.server)),
    ]
}

/// An item with absolute numbers.
pub(crate) fn item_words(item: &Item) -> String {
    match item {
        Item::Fix(fix) => {
            let altitude = fix.altitude_cm.map_or_else(|| "none".to_owned(), |cm| cm.to_string());
            format!("fix {} {} {} {} {altitude}", fix.at_millis, fix.lat_e7, fix.lon_e7, fix.accuracy_cm)
        }
        Item::Gap { cause, from_millis, until_millis } => format!("gap {} {from_millis} {until_millis}", cause.word()),
    }
}

/// A segment of a track with both kinds of items.
fn track() -> Json {
    let fix = |seconds: i64, altitude_cm| {
        Item::Fix(Fix {
            at_millis: START_MILLIS + seconds * 1_000,
            lat_e7: 389_256_000 + seconds * 70,
            lon_e7: 1_004_498_000 - seconds * 30,
            accuracy_cm: 800,
            altitude_cm,
        })
    };
    let (from_millis, until_millis) = (START_MILLIS + 10_000, START_MILLIS + 70_000);
    let gap = Item::Gap { cause: Cause::Hidden, from_millis, until_millis };
    let segment = Segment { mode: Mode::Horse, items: vec![fix(0, Some(312_000)), fix(5, None), gap, fix(75, None)] };
    Json::Map(vec![
        ("about", Json::text("A segment of a track: two fixes, a minute with the screen off, a fix.")),
        ("mode", Json::text(segment.mode.word())),
        ("items", Json::List(segment.items.iter().map(|item| Json::Text(item_words(item))).collect())),
        ("segment", Json::hex(segment.encode())),
    ])
}

/// Values of patrols and tasks that only code reads: each entry as words and as bytes.
fn values() -> Json {
    let note = |battery_percent, offset_millis| {
        PhoneNote { at_millis: START_MILLIS, battery_percent, offset_millis }.to_entry()
    };
    let progress =
        |text: &str, percent| Progress { at_millis: START_MILLIS, text: text.to_owned(), percent }.to_entry();
    let task = NewTask {
        title: "clear the ditch".to_owned(),
        text: "from the bridge to the mill".to_owned(),
        assignees: vec![AccountId([0xa1; 16])],
        due_millis: Some(START_MILLIS + 86_400_000),
        unit: Some("water".to_owned()),
        co_units: vec!["wetland".to_owned()],
        helpers: Vec::new(),
        reviews: Vec::new(),
        about: Some(RecordId([0x0e; 16])),
        place: None,
    };
    let notice = NewNotice {
        title: "strong wind".to_owned(),
        text: "stay off the ridge".to_owned(),
        from_millis: Some(START_MILLIS),
        until_millis: Some(START_MILLIS + 86_400_000),
        audience: vec!["volunteer".to_owned()],
    };
    let entry = |entry: Entry| {
        let (field, act) = (Value::Int(entry.field.into()), Value::Int(entry.act as i64));
        Json::cbor(&Value::Array(vec![field, act, entry.value]))
    };
    let entries = |entries: Vec<Entry>| Json::List(entries.into_iter().map(entry).collect());
    Json::Map(vec![
        ("about", Json::text("Entries of a patrol, a task and a notice, as in section 17.")),
        ("phone_notes", entries(vec![note(Some(82), Some(-1_500)), note(None, None)])),
        ("progress", entries(vec![progress("half of it", Some(50)), progress("rain", None)])),
        ("task", entries(task.to_entries(START_MILLIS))),
        ("notice", entries(notice.to_entries(START_MILLIS))),
    ])
}

/// A draft and the op made of it.
pub(crate) struct Made {
    draft: Draft,
    pub(crate) op: SignedOp,
}

/// All ops of the story.
pub(crate) struct Story {
    pub(crate) server: SeededKey,
    pub(crate) epoch: Epoch,
    pub(crate) volunteer: SeededKey,
    pub(crate) volunteer_account: AccountId,
    pub(crate) desk: SeededKey,
    pub(crate) desk_account: AccountId,
    pub(crate) nonce: [u8; 16],
    pub(crate) first_checkpoint: Checkpoint,
    pub(crate) genesis: Made,
    pub(crate) report: Made,
    pub(crate) desk_genesis: Made,
    pub(crate) answer: Made,
    pub(crate) server_genesis: Made,
    pub(crate) decision: Made,
    pub(crate) erasure: Made,
    pub(crate) erasure_of_files: Made,
    pub(crate) hold: Made,
}

impl Story {
    fn tell() -> Self {
        let (volunteer_account, desk_account) = (AccountId([0xa1; 16]), AccountId([0xa2; 16]));
        let epoch = Epoch([0xe0, 1, 2, 3, 4, 5, 6, 7]);
        let first_checkpoint = Checkpoint { epoch, size: 0, root: tree::root(&[]), time_millis: START_MILLIS - 60_000 };
        let seen = Checkpoint::id_of(&greenshield_domain::statement::Statement::payload(&first_checkpoint));
        let mut volunteer = LogBuilder::new(1, volunteer_account);
        let mut desk = LogBuilder::new(2, desk_account);
        (volunteer.seen, desk.seen) = (seen, seen);
        let nonce = [0x5e; 16];

        let genesis = enrol(&mut volunteer, nonce, seen);
        let original = BlobId::of(b"the original of the photo");
        let photo = BlobLink {
            blob: BlobId::of(b"the photo at 2048 px"),
            size_bytes: 20,
            mime: "image/jpeg".to_owned(),
            name: None,
            original: Some(original),
        };
        let import = BlobLink {
            blob: BlobId::of(b"an imported photo"),
            size_bytes: 17,
            mime: "image/jpeg".to_owned(),
            name: Some("河边.jpg".to_owned()),
            original: None,
        };
        let record = volunteer.record();
        let mut entries = Report { photos: vec![photo, import], ..Report::default() }.entries(volunteer.wall_millis);
        entries.push(Entry::set(101, Value::Int(1)));
        let report = make(&mut volunteer, record, &[], entries);
        let desk_genesis = enrol(&mut desk, [0x6f; 16], seen);
        desk.wall_millis = START_MILLIS + 90_000;
        let entries = vec![
            Entry::set(field::STATE, Value::text("signed")),
            Entry::set(field::ANSWER, Value::text("收到,水务局已派人")),
        ];
        let answer = make(&mut desk, record, &[report.op.id()], entries);
        let mut own = LogBuilder::new(100, SERVER_ACCOUNT);
        (own.seen, own.wall_millis) = (seen, START_MILLIS + 200_000);
        let server_genesis = enrol(&mut own, [0x7a; 16], seen);
        let (target, reason) = (report.op.id(), "重复上报".to_owned());
        let ruling = Ruling { target, verdict: Verdict::Void, by: desk_account, reason };
        let draft = own.draft(record, KIND_VERDICT, &[], ruling.entries());
        let decision = decide(&mut own, &ruling, draft);
        let [erasure, hold, erasure_of_files] = erase(&mut own, &report.op, desk_account);
        Self {
            server: SeededKey::new(100),
            epoch,
            volunteer: volunteer.key,
            volunteer_account,
            desk: desk.key,
            desk_account,
            nonce,
            first_checkpoint,
            genesis,
            report,
            desk_genesis,
            answer,
            server_genesis,
            decision,
            erasure,
            erasure_of_files,
            hold,
        }
    }

    /// The ops in the order of their positions at the server.
    pub(crate) fn ops(&self) -> [&SignedOp; 4] {
        [&self.genesis.op, &self.report.op, &self.desk_genesis.op, &self.answer.op]
    }

    /// The record of the report.
    pub(crate) fn record(&self) -> RecordId {
        self.report.op.header().record
    }
}

fn make(log: &mut LogBuilder, record: RecordId, deps: &[OpId], entries: Vec<Entry>) -> Made {
    let deps: Vec<_> = deps.iter().map(OpId::short).collect();
    let draft = log.draft(record, incident::KIND, &deps, entries);
    Made { op: log.seal(draft.clone()), draft }
}

/// With the first seed that puts its id behind that of its target.
fn decide(log: &mut LogBuilder, ruling: &Ruling, mut draft: Draft) -> Made {
    while draft.clone().freeze().is_ok_and(|op| op.id() < ruling.target) {
        draft.seed[0] = draft.seed[0].wrapping_add(1);
    }
    let op = log.seal(draft.clone());
    assert_eq!(Ruling::read(&op).as_ref(), Some(ruling), "it says what it was made to say");
    Made { op, draft }
}

/// The erasure of note and photos of a report, a hold after it, and the same erasure with the files that go.
fn erase(log: &mut LogBuilder, report: &SignedOp, by: AccountId) -> [Made; 3] {
    let leaves = leaves_of(report, &[field::NOTE, field::PHOTOS].into());
    let (basis, note) = (Some(Basis::Withdrawn), "本人来电撤回同意".to_owned());
    let targets = [(report.id(), leaves)].into();
    let erasure = Erasure { targets, files: BTreeSet::new(), fields: [6, 9].into(), by, basis, note };
    let hold = Hold { is_held: true, by, reason: "立案调取".to_owned() };
    let mut made = |kind, entries: Vec<Entry>| {
        let mut draft = log.draft(report.header().record, kind, &[], entries);
        while draft.clone().freeze().is_ok_and(|op| op.id() < report.id()) {
            draft.seed[0] = draft.seed[0].wrapping_add(1);
        }
        Made { op: log.seal(draft.clone()), draft }
    };
    let of_files = Erasure { files: linked(report), ..erasure.clone() };
    let said = [
        made(KIND_ERASURE, erasure.entries()),
        made(KIND_HOLD, hold.entries()),
        made(KIND_ERASURE, of_files.entries()),
    ];
    let read = |made: &Made| Erasure::of(&made.op, SERVER_ACCOUNT);
    assert_eq!(said.each_ref().map(read), [Some(erasure), None, Some(of_files)], "they say what they were made to say");
    assert_eq!(Hold::of(&said[1].op, SERVER_ACCOUNT), Some(hold), "it says what it was made to say");
    said
}

fn enrol(log: &mut LogBuilder, nonce: [u8; 16], seen: CheckpointId) -> Made {
    let (key, account) = (log.public_key(), log.account());
    let genesis = Genesis { key, nonce, account, app_version: "0.1.0".to_owned(), continues: None };
    // Record and kind of a genesis come from its log; boot and seed from the builder.
    let like = log.draft(RecordId([0; 16]), 0, &[], Vec::new());
    let draft = genesis.draft((like.wall_millis, like.boot, like.mono_millis), seen, like.seed);
    Made { op: log.seal(draft.clone()), draft }
}

fn key(story: &Story) -> Json {
    let public = story.volunteer.public_key();
    let twins = (0..12u8).map(|i| story.volunteer.sign_as_is(&[i]));
    let twins = twins
        .filter(|signature| !signature.is_low_s())
        .take(2)
        .map(|high| Json::Map(vec![("high_s", Json::hex(high.0)), ("low_s", Json::hex(high.to_low_s().0))]));
    Json::Map(vec![
        ("about", Json::text("A key, the id of its log, and signatures before and after they are brought to low-S.")),
        ("alg", Json::Int(1)),
        ("private_scalar", Json::hex(story.volunteer.scalar())),
        ("public_key", Json::hex(public.0)),
        ("log_preimage", Json::hex([b"gs/log/1\0\x01".as_slice(), &public.0].concat())),
        ("log", Json::hex(public.log_id().0)),
        ("low_s", Json::list(twins)),
    ])
}

impl Made {
    fn json(&self, about: &'static str, key: &SeededKey) -> Json {
        let (draft, op, header) = (&self.draft, &self.op, self.op.header());
        let Parts { header_bytes, body_bytes } = parts(op);
        let body = Body::Full { seed: draft.seed, entries: draft.entries.clone() };
        let leaves = body.leaf_hashes();
        let entries = draft.entries.iter().zip(salts(op)).zip(&leaves).map(|((entry, salt), leaf)| {
            let value = entry_value(entry);
            Json::Map(vec![
                ("field", Json::Int(i64::from(entry.field))),
                ("act", Json::Int(entry.act as i64)),
                ("value", Json::cbor(&entry.value)),
                ("entry_cbor", Json::hex(cbor::encode(&value))),
                ("salt", Json::hex(salt)),
                ("leaf", Json::hex(leaf)),
            ])
        });
        Json::Map(vec![
            ("about", Json::text(about)),
            ("private_scalar", Json::hex(key.scalar())),
            ("public_key", Json::hex(key.public_key().0)),
            ("log", Json::hex(draft.log.0)),
            ("seq", Json::uint(draft.seq)),
            ("prev", draft.prev.map_or(Json::Any(serde_json::Value::Null), |prev| Json::hex(prev.0))),
            ("wall_millis", Json::Int(draft.wall_millis)),
            ("boot", Json::hex(draft.boot)),
            ("mono_millis", Json::Int(draft.mono_millis)),
            ("seen", Json::hex(draft.seen.0)),
            ("record", Json::hex(draft.record.0)),
            ("kind", Json::Int(i64::from(draft.kind))),
            ("deps", Json::list(draft.deps.iter().map(|dep| Json::hex(dep.0)))),
            ("seed", Json::hex(draft.seed)),
            ("entries", Json::list(entries)),
            ("root", Json::hex(header.root)),
            ("leaf_count", Json::uint(header.leaf_count as u64)),
            ("header", Json::hex(&header_bytes)),
            ("id_preimage", Json::hex([b"gs/op/1\0".as_slice(), &header_bytes].concat())),
            ("id", Json::hex(op.id().0)),
            ("ref", Json::hex(op.id().short().0)),
            ("message", Json::hex(op_message(&op.id()))),
            ("signature", Json::hex(op.signature().0)),
            ("body", Json::hex(body_bytes)),
            ("op", Json::hex(op.bytes())),
        ])
    }
}

/// Header and body bytes as they stand in the op.
pub(crate) struct Parts {
    pub(crate) header_bytes: Vec<u8>,
    pub(crate) body_bytes: Vec<u8>,
}

pub(crate) fn parts(op: &SignedOp) -> Parts {
    let value = cbor::decode(op.bytes()).unwrap_or(Value::Null);
    let items = value.as_array().unwrap_or(&[]);
    let header_bytes = items.first().and_then(Value::as_bytes).unwrap_or(&[]).to_vec();
    Parts { header_bytes, body_bytes: items.get(2).map(cbor::encode).unwrap_or_default() }
}

/// The salts of all leaves, which only a redacted body spells out.
fn salts(op: &SignedOp) -> Vec<[u8; 16]> {
    let Body::Redacted(leaves) = op.redact(|_| false).body().clone() else { return Vec::new() };
    let salt = |leaf| match leaf {
        greenshield_domain::op::RedactedLeaf::Open { salt, .. } => Some(salt),
        greenshield_domain::op::RedactedLeaf::Hidden(_) => None,
    };
    leaves.into_iter().filter_map(salt).collect()
}

fn entry_value(entry: &Entry) -> Value {
    let (field, act) = (Value::Int(i64::from(entry.field)), Value::Int(entry.act as i64));
    Value::Array(vec![field, act, entry.value.clone()])
}

fn redacted(story: &Story) -> Json {
    let whole = &story.report.op;
    let hidden = [field::PLACE, field::NOTE];
    let op = whole.redact(|entry| hidden.contains(&entry.field));
    let Parts { header_bytes, body_bytes } = parts(&op);
    Json::Map(vec![
        ("about", Json::text("The report of incident.json as a reader gets it who may not see place and note.")),
        ("whole_op", Json::hex(whole.bytes())),
        ("hidden_fields", Json::list(hidden.map(|field| Json::Int(i64::from(field))))),
        ("header", Json::hex(header_bytes)),
        ("id", Json::hex(op.id().0)),
        ("root", Json::hex(op.header().root)),
        ("signature", Json::hex(op.signature().0)),
        ("leaves", Json::list(op.body().leaf_hashes().iter().map(Json::hex))),
        ("body", Json::hex(body_bytes)),
        ("op", Json::hex(op.bytes())),
    ])
}
