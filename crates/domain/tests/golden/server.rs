//! Golden vectors of what phone and server say to each other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::cbor;
use greenshield_domain::city::{City, FILES};
use greenshield_domain::ids::{BlobId, Epoch};
use greenshield_domain::log::LogHead;
use greenshield_domain::policy::{Rules, Seat, Standing, scope_hash};
use greenshield_domain::signature::request_message;
use greenshield_domain::statement::{BlobReceipt, Certificate, Checkpoint, Receipt, Signed, Statement, Wiped};
use greenshield_domain::tree;
use greenshield_domain::wire::{
    Began, BeginRequest, BeginResponse, Cursor, EnrolRequest, EnrolResponse, HeadsReply, HealthReport, OpResult,
    PersonRow, PullPage, PulledOp, PushReply, ResultCode, ScopePage, SignedJson, Verdict,
};
use greenshield_testkit::build::START_MILLIS;

use super::json::Json;
use super::vectors::Story;

const RECEIVED_MILLIS: i64 = START_MILLIS + 100_000;
const LEASE: [u8; 16] = [0x1e; 16];

pub(crate) fn request(story: &Story) -> Json {
    let at = START_MILLIS + 7;
    let photo = BlobId::of(b"the photo at 2048 px");
    let requests = [
        ("GET", "/v1/ops?max=1000&wait=25".to_owned()),
        ("GET", format!("/v1/heads?logs={}", story.volunteer.log_id())),
        ("POST", "/v1/blobs".to_owned()),
        ("GET", format!("/v1/records/{}/blobs/{photo}", story.record())),
    ];
    let requests = requests.into_iter().map(|(method, path)| {
        let message = request_message(method, &path, at);
        Json::Map(vec![
            ("method", Json::text(method)),
            ("path_and_query", Json::text(&path)),
            ("at_millis", Json::Int(at)),
            ("message", Json::hex(&message)),
            ("signature", Json::hex(story.volunteer.sign(&message).0)),
            ("authorization", Json::Text(story.volunteer.authorization(method, &path, at))),
        ])
    });
    Json::Map(vec![
        ("about", Json::text("Requests of the volunteer's log and the Authorization header of each.")),
        ("private_scalar", Json::hex(story.volunteer.scalar())),
        ("public_key", Json::hex(story.volunteer.public_key().0)),
        ("log", Json::hex(story.volunteer.log_id().0)),
        ("requests", Json::list(requests)),
    ])
}

struct Signatures {
    first_checkpoint: Signed,
    checkpoint: Signed,
    receipt: Signed,
    genesis_receipt: Signed,
    blob_receipt: Signed,
    certificate: Signed,
    wiped: Signed,
}

/// The checkpoint after all four ops.
fn checkpoint(story: &Story) -> Checkpoint {
    let leaves: Vec<_> = story.ops().iter().map(|op| tree::leaf_hash(&op.id().0)).collect();
    Checkpoint { epoch: story.epoch, size: 4, root: tree::root(&leaves), time_millis: RECEIVED_MILLIS }
}

fn sign(story: &Story) -> Signatures {
    let key = &story.server;
    let checkpoint = checkpoint(story);
    let receipt = Receipt {
        epoch: story.epoch,
        log: story.volunteer.log_id(),
        from: 0,
        upto: 1,
        head: story.report.op.id(),
        received_millis: RECEIVED_MILLIS,
        checkpoint: Checkpoint::id_of(&checkpoint.payload()),
    };
    let first = [tree::leaf_hash(&story.genesis.op.id().0)];
    let after_genesis = Checkpoint { size: 1, root: tree::root(&first), ..checkpoint };
    let genesis_receipt = Receipt {
        upto: 0,
        head: story.genesis.op.id(),
        checkpoint: Checkpoint::id_of(&after_genesis.payload()),
        ..receipt
    };
    let blob = BlobId::of(b"the photo at 2048 px");
    let blob_receipt = BlobReceipt { epoch: story.epoch, blob, size_bytes: 20, received_millis: RECEIVED_MILLIS };
    let certificate = Certificate {
        log: story.volunteer.log_id(),
        account: story.volunteer_account,
        role: "volunteer".to_owned(),
        issued_millis: START_MILLIS,
    };
    let log = story.volunteer.log_id();
    let wiped = Wiped { log, asked_millis: RECEIVED_MILLIS, wiped_millis: RECEIVED_MILLIS + 60_000 };
    Signatures {
        first_checkpoint: key.sign_statement(&story.first_checkpoint),
        checkpoint: key.sign_statement(&checkpoint),
        receipt: key.sign_statement(&receipt),
        genesis_receipt: key.sign_statement(&genesis_receipt),
        blob_receipt: key.sign_statement(&blob_receipt),
        certificate: key.sign_statement(&certificate),
        wiped: story.volunteer.sign_statement(&wiped),
    }
}

fn statement<S: Statement>(signed: &Signed) -> Vec<(&'static str, Json)> {
    let says = cbor::decode(&signed.payload).map(|value| format!("{value:?}")).unwrap_or_default();
    let pair = cbor::encode(&signed.to_value());
    vec![
        ("says", Json::Text(says)),
        ("payload", Json::hex(&signed.payload)),
        ("message", Json::hex(S::message(&signed.payload))),
        ("signature", Json::hex(signed.signature.0)),
        ("signed_cbor", Json::hex(&pair)),
        ("signed_base64url", Json::Text(URL_SAFE_NO_PAD.encode(&pair))),
    ]
}

pub(crate) fn statements(story: &Story) -> Json {
    let signed = sign(story);
    let mut tree_part = vec![
        ("op_ids", Json::list(story.ops().iter().map(|op| Json::hex(op.id().0)))),
        ("leaves", Json::list(story.ops().iter().map(|op| Json::hex(tree::leaf_hash(&op.id().0))))),
        ("root", Json::hex(checkpoint(story).root)),
    ];
    tree_part.extend(statement::<Checkpoint>(&signed.checkpoint));
    tree_part.push(("id", Json::hex(Checkpoint::id_of(&signed.checkpoint.payload).0)));
    let mut empty = statement::<Checkpoint>(&signed.first_checkpoint);
    empty.push(("id", Json::hex(Checkpoint::id_of(&signed.first_checkpoint.payload).0)));
    Json::Map(vec![
        ("about", Json::text("What the server signs. receipt covers seq 0 and 1 of the volunteer's log.")),
        ("private_scalar", Json::hex(story.server.scalar())),
        ("server_key", Json::hex(story.server.public_key().0)),
        ("empty_checkpoint", Json::Map(empty)),
        ("checkpoint", Json::Map(tree_part)),
        ("receipt", Json::Map(statement::<Receipt>(&signed.receipt))),
        ("blob_receipt", Json::Map(statement::<BlobReceipt>(&signed.blob_receipt))),
        ("certificate", Json::Map(statement::<Certificate>(&signed.certificate))),
        ("wiped", Json::Map(statement::<Wiped>(&signed.wiped))),
    ])
}

pub(crate) fn enrol(story: &Story) -> Json {
    let signed = sign(story);
    let hex = greenshield_domain::ids::to_hex;
    let any = |value: Result<serde_json::Value, _>| Json::Any(value.unwrap_or_default());
    let code = "K7QM-2FXA-9TDR".to_owned();
    let begin = BeginResponse {
        nonce: hex(&story.nonce),
        account: story.volunteer_account,
        name: "李山".to_owned(),
        role: "volunteer".to_owned(),
        city: "zhangye".to_owned(),
        server_key: hex(&story.server.public_key().0),
        checkpoint: SignedJson::from(&signed.first_checkpoint),
        time_millis: START_MILLIS - 1_000,
    };
    let enrolled = EnrolResponse {
        log: story.volunteer.log_id(),
        account: story.volunteer_account,
        certificate: SignedJson::from(&signed.certificate),
        receipt: SignedJson::from(&signed.genesis_receipt),
        lease: hex(&LEASE),
        time_millis: RECEIVED_MILLIS,
    };
    let op = URL_SAFE_NO_PAD.encode(story.genesis.op.bytes());
    Json::Map(vec![
        ("about", Json::text("The two calls that enrol the volunteer's log. The op is that of genesis.json.")),
        ("begin_request", any(serde_json::to_value(BeginRequest { code: code.clone() }))),
        ("begin_response", any(serde_json::to_value(begin))),
        ("enrol_request", any(serde_json::to_value(EnrolRequest { code, op }))),
        ("enrol_response", any(serde_json::to_value(enrolled))),
    ])
}

/// The volunteer's phone after two days without signal.
fn health(story: &Story) -> HealthReport {
    HealthReport {
        wall_millis: START_MILLIS,
        ops_unsent: 12,
        files_unsent: 30,
        oldest_unsent_millis: Some(START_MILLIS - 2 * 86_400_000),
        version: "0.1.0".to_owned(),
        build: "5f3a".to_owned(),
        browser: "huawei".to_owned(),
        is_standalone: true,
        is_persisted: Some(true),
        used_bytes: Some(200 << 20),
        quota_bytes: Some(2 << 30),
        skew_millis: Some(-42_000),
        continues: Some(story.desk.log_id()),
    }
}

pub(crate) fn sync(story: &Story) -> Json {
    let signed = sign(story);
    let pushed = [story.report.op.bytes(), &story.desk_genesis.op.bytes()[..20]].concat();
    let push_body = [story.genesis.op.bytes(), story.report.op.bytes()].concat();
    let head = LogHead { log: story.volunteer.log_id(), seq: 1, id: story.report.op.id() };
    let push = PushReply {
        results: vec![
            OpResult {
                index: 0,
                id: Some(story.genesis.op.id()),
                code: ResultCode::Duplicate,
                reason: "duplicate".to_owned(),
            },
            OpResult { index: 2, id: None, code: ResultCode::Malformed, reason: "shape".to_owned() },
        ],
        heads: vec![head],
        receipts: vec![signed.receipt.clone()],
        lease: Some(LEASE),
        time_millis: RECEIVED_MILLIS,
        epoch: story.epoch,
        checkpoint: signed.checkpoint.clone(),
    };
    let account = story.desk_account;
    let standing = Standing { account, role: "desk".to_owned(), seat: Seat::default(), revoked: false };
    let cursor = Cursor { epoch: story.epoch, scope: scope_hash(&rules(), &standing), pos: 4 };
    let pulled = |pos: u64, account, op: &greenshield_domain::op::SignedOp, verdict| PulledOp {
        pos,
        eff_millis: op.header().wall_millis,
        received_millis: RECEIVED_MILLIS,
        verdict,
        account,
        op: op.bytes().to_vec(),
    };
    let page = PullPage {
        ops: vec![
            pulled(2, story.volunteer_account, &story.report.op, Verdict::Ok),
            pulled(4, story.desk_account, &story.answer.op, Verdict::Held("revoked".to_owned())),
        ],
        next: cursor.to_text(),
        checkpoint: signed.checkpoint,
        more: false,
        time_millis: RECEIVED_MILLIS + 5,
        people: vec![
            PersonRow { account: story.volunteer_account, name: "李山".to_owned(), role: "volunteer".to_owned() },
            PersonRow { account: story.desk_account, name: "赵敏".to_owned(), role: "desk".to_owned() },
        ],
        left: Vec::new(),
    };
    let record = story.report.op.header().record;
    let left = PullPage { ops: Vec::new(), people: Vec::new(), left: vec![record], ..page.clone() };
    let listed = ScopePage { all: false, records: vec![record], next: Some(record) };
    let all = ScopePage { all: true, records: Vec::new(), next: None };
    let heads = HeadsReply { heads: vec![head], epoch: story.epoch, time_millis: RECEIVED_MILLIS, began: None };
    let began = Began { after: story.epoch, size: 3 };
    let restored = HeadsReply { epoch: Epoch(*b"restored"), began: Some(began), ..heads.clone() };
    let body = |bytes: &[u8]| {
        let says = cbor::decode(bytes).map(|value| format!("{value:?}")).unwrap_or_default();
        Json::Map(vec![("says", Json::Text(says)), ("cbor", Json::hex(bytes))])
    };
    Json::Map(vec![
        ("about", Json::text("Bodies of the sync calls.")),
        ("push_body", Json::hex(push_body)),
        ("push_body_cut", Json::hex(pushed)),
        ("push_reply", body(&push.encode())),
        ("pull_page", body(&page.encode())),
        ("pull_page_left", body(&left.encode())),
        ("scope_page", body(&listed.encode())),
        ("scope_page_all", body(&all.encode())),
        ("heads_reply", body(&heads.encode())),
        ("heads_reply_restored", body(&restored.encode())),
        ("health_report", body(&health(story).encode())),
        (
            "cursor",
            Json::Map(vec![
                ("epoch", Json::hex(cursor.epoch.0)),
                ("scope", Json::hex(cursor.scope)),
                ("pos", Json::uint(cursor.pos)),
                ("text", Json::Text(cursor.to_text())),
            ]),
        ),
    ])
}

/// The policy of the city package of this repository.
fn rules() -> Rules {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    let read =
        |name: &&str| ((*name).to_owned(), std::fs::read_to_string(format!("{folder}{name}")).unwrap_or_default());
    // A package that does not read gives another scope, and the vectors differ.
    City::from_files(&FILES.iter().map(read).collect()).map(|city| Rules::of(&city)).unwrap_or_default()
}
