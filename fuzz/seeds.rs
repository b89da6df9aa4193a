//! Makes the seeds of the corpus from the golden vectors and the testkit: `cargo run --example seeds -- FOLDER`.
//!
//! One folder for each target. Run by `cargo xtask fuzz --keep`, which keeps of seeds and finds what adds coverage.

use std::path::{Path, PathBuf};
use std::{env, fs};

use greenshield_domain::bundle::Item as BundleItem;
use greenshield_domain::cbor::{self, Value as Cbor};
use greenshield_domain::evidence::file;
use greenshield_domain::ids::{AccountId, sha256, to_hex};
use greenshield_domain::track::{Cause, Fix, Item, Mode, Segment};
use greenshield_testkit::build::{LogBuilder, Report, incident, photo};
use greenshield_testkit::evidence::export;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::seal::BundleBuilder;
use serde_json::Value;

struct Corpus(PathBuf);

impl Corpus {
    fn add(&self, target: &str, bytes: &[u8]) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("the folder of seeds");
        fs::write(folder.join(&to_hex(&sha256(&[bytes]))[..16]), bytes).expect("a seed");
    }

    /// Every text of a golden file; hex is bytes, and bytes are tried everywhere.
    fn golden(&self, value: &Value) {
        match value {
            Value::String(text) => {
                self.add("texts", text.as_bytes());
                let Ok(bytes) = hex::decode(text) else { return };
                for target in ["cbor", "op", "push", "replies", "statements", "bundle_header"] {
                    self.add(target, &bytes);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.golden(value)),
            Value::Object(pairs) => {
                self.add("enrol", value.to_string().as_bytes());
                pairs.values().for_each(|value| self.golden(value));
            }
            _ => {}
        }
    }

    fn bundle(&self) {
        let mut log = LogBuilder::new(1, AccountId([7; 16]));
        let report = Report { photos: vec![photo(b"jpeg")], ..Report::default() };
        let ops = vec![log.genesis([1; 16]), incident(&mut log, &report).1];
        for blobs in [vec![], vec![(b"jpeg".to_vec(), "image/jpeg".to_owned()), (Vec::new(), "audio/ogg".to_owned())]] {
            let bundle = BundleBuilder { ops: ops.clone(), blobs, created_millis: 5, seed: 6 };
            let header = bundle.header(&SeededKey::new(7).public_key()).encode();
            let plain: Vec<u8> = bundle.items().iter().flat_map(BundleItem::encode).collect();
            self.add("bundle_header", &header);
            self.add("bundle_items", &[header, plain].concat());
        }
    }

    fn evidence(&self) {
        let export = export(1);
        self.add("evidence", &export.bytes());
        let files = export.files.iter().map(|(name, bytes)| Cbor::Array(vec![Cbor::text(name), Cbor::bytes(bytes)]));
        self.add("evidence", &cbor::encode(&Cbor::Array(files.collect())));
        for (i, name) in [file::OPS, file::LOGS, file::RECEIPTS, file::BLOBS, file::PEOPLE].into_iter().enumerate() {
            self.add("evidence_files", &[&[u8::try_from(i).expect("five files")], export.file(name)].concat());
        }
    }

    fn track(&self) {
        let fix = |i: i64| Fix {
            at_millis: 1_795_406_400_000 + i * 5_000,
            lat_e7: 389_256_000 + i * 700,
            lon_e7: 1_004_498_000 - i * 300,
            accuracy_cm: 800,
            altitude_cm: (i % 2 == 0).then_some(312_000),
        };
        let gap = Item::Gap { cause: Cause::Hidden, from_millis: fix(9).at_millis, until_millis: fix(40).at_millis };
        let items = (0..10).map(fix).map(Item::Fix).chain([gap]).chain((41..45).map(fix).map(Item::Fix)).collect();
        self.add("track", &Segment { mode: Mode::Horse, items }.encode());
        self.add("track", &Segment::default().encode());
    }

    fn texts(&self) {
        self.add("roster", b"name,areas,from,until\nann,\"620723,620724\",2026-01-01,2026-12-31\nbob,,,\n");
        self.add("roster", b"name;from;until\r\nann;2026/2/1;2026/1/1\r\n;;\r\n");
        self.add("tus", b"sha256 YWI=,mime aW1hZ2UvanBlZw==");
        self.add("tus", b"mime aW1hZ2UvanBlZw, sha256 YQ");
        self.add("tus", b"sha256 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        for length in [0u16, 1, 0x8000, 0xffff] {
            let [high, low] = length.to_be_bytes();
            self.add("frames", &[high, low, 1, high, low, 2, 0, 1, 3]);
        }
    }

    /// A package as small as one can be without faults, and the large files without their long lists.
    fn city(&self, root: &Path) {
        let mut bundle = serde_json::Map::new();
        for name in ["city", "kinds", "workflows", "catalog", "icons", "policy", "calendar", "referrals", "papers"] {
            let text = fs::read_to_string(root.join(format!("city/{name}.json"))).expect("the city package");
            let mut value: Value = serde_json::from_str(&text).expect("the city package");
            shorten(&mut value, 2);
            bundle.insert(format!("{name}.json"), value);
        }
        self.add("sms", b"GS-1069T-3CP3T-HZ5Z2-KBFJ6-SXBXG-R5ZTW-JZV7B-18NCP-4G3EQ-VXFE2-1PS");
        self.add("city", Value::Object(bundle).to_string().as_bytes());
        self.add("city", br#"{"city.json":{},"kinds.json":{},"workflows.json":{},"catalog.json":{},"icons.json":{},"policy.json":{}}"#);
    }
}

fn shorten(value: &mut Value, most: usize) {
    match value {
        Value::Array(values) => {
            values.truncate(most);
            values.iter_mut().for_each(|value| shorten(value, most));
        }
        Value::Object(pairs) => pairs.values_mut().for_each(|value| shorten(value, most)),
        _ => {}
    }
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let corpus = Corpus(env::args().nth(1).expect("the folder for the seeds").into());
    for entry in fs::read_dir(root.join("crates/domain/tests/golden")).expect("the golden vectors") {
        let path = entry.expect("a golden vector").path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let text = fs::read_to_string(&path).expect("a golden vector");
            corpus.golden(&serde_json::from_str(&text).expect("a golden vector"));
        }
    }
    corpus.bundle();
    corpus.evidence();
    corpus.texts();
    corpus.track();
    corpus.city(&root);
}
