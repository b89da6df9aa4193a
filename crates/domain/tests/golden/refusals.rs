//! Golden vectors of what must be refused, and of the one form of every CBOR item.

use greenshield_domain::cbor::{self, Value};
use greenshield_domain::ids::{from_hex, to_hex};
use greenshield_testkit::keys::SeededKey;

use super::json::Json;
use super::vectors::{Story, parts};

/// Ops with exactly one fault each; the word is that of a push result.
pub(crate) fn refusals(story: &Story) -> Json {
    let op = &story.answer.op;
    let stranger = SeededKey::new(3);
    let joined = |header: &[u8], signature: &[u8], body: &Value| {
        cbor::encode(&Value::Array(vec![Value::bytes(header), Value::bytes(signature), body.clone()]))
    };
    let header = parts(op).header_bytes;
    let body = cbor::decode(&parts(op).body_bytes).unwrap_or(Value::Null);
    let signature = op.signature().0;
    let other_body = cbor::decode(&parts(&story.report.op).body_bytes).unwrap_or(Value::Null);
    let header_with = |key: i64, value: Value| {
        let Ok(Value::Map(pairs)) = cbor::decode(&header) else { return header.clone() };
        let changed = pairs.into_iter().map(|(k, v)| if k == Value::Int(key) { (k, value.clone()) } else { (k, v) });
        cbor::encode(&Value::map(changed))
    };
    let long_text = Value::text("长".repeat(6000));
    let entry = |value: &Value| Value::Array(vec![Value::Int(8), Value::Int(0), value.clone()]);
    let long_body = Value::Array(vec![Value::bytes([0; 16]), Value::Array(vec![entry(&long_text)])]);
    let deep = (0..8).fold(Value::Int(1), |inner, _| Value::Array(vec![inner]));
    let deep_body = Value::Array(vec![Value::bytes([0; 16]), Value::Array(vec![entry(&deep)])]);
    let no_leaves = Value::Array(vec![Value::bytes([0; 16]), Value::Array(Vec::new())]);
    // The high-S twin: 64 bytes r ‖ n − s.
    let high = [&signature[..32], &order_minus(&signature[32..])].concat();
    let foreign = stranger.sign(&greenshield_domain::signature::op_message(&op.id())).0;
    let mut padded = op.bytes().to_vec();
    padded.push(0);
    let cases: [(&str, &str, Vec<u8>); 14] = [
        ("not_canonical", "one byte too many", padded),
        ("not_canonical", "one byte missing", op.bytes()[..op.bytes().len() - 1].to_vec()),
        ("shape", "an array of two", cbor::encode(&Value::Array(vec![Value::bytes(&header), body.clone()]))),
        ("shape", "header version 2", joined(&header_with(1, Value::Int(2)), &signature, &body)),
        ("shape", "seq 1 without prev", joined(&header_with(4, Value::Null), &signature, &body)),
        ("shape", "a negative seq", joined(&header_with(3, Value::Int(-1)), &signature, &body)),
        ("shape", "a signature of 63 bytes", joined(&header, &signature[..63], &body)),
        ("too_large", "a header that says 0 leaves", joined(&header_with(12, Value::Int(0)), &signature, &no_leaves)),
        ("too_large", "a body over 16 KiB", joined(&header, &signature, &long_body)),
        ("too_large", "a value nested 9 deep", joined(&header, &signature, &deep_body)),
        ("root_mismatch", "the body of another op", joined(&header, &signature, &other_body)),
        ("bad_signature", "the high-S twin of the right signature", joined(&header, &high, &body)),
        ("bad_signature", "signed by another key", joined(&header, &foreign, &body)),
        ("redacted", "a redacted op, which verifies, in a push", op.redact(|_| true).bytes().to_vec()),
    ];
    let cases = cases.into_iter().map(|(reason, why, op)| {
        Json::Map(vec![("reason", Json::text(reason)), ("why", Json::text(why)), ("op", Json::hex(op))])
    });
    Json::Map(vec![
        (
            "about",
            Json::text(
                "Variants of the op of follow_up.json that a server must refuse, with the reason of the push result.",
            ),
        ),
        ("public_key", Json::hex(story.desk.public_key().0)),
        ("good_op", Json::hex(op.bytes())),
        ("refused", Json::list(cases)),
    ])
}

/// n − s for the order n of P-256.
fn order_minus(s: &[u8]) -> Vec<u8> {
    let order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap_or_default();
    let mut borrow = 0i16;
    let mut result: Vec<u8> = order
        .iter()
        .zip(s)
        .rev()
        .map(|(n, s)| {
            let diff = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(diff < 0);
            diff.rem_euclid(256).to_le_bytes()[0]
        })
        .collect();
    result.reverse();
    result
}

/// Every kind of item in its one form, and other forms of the same that are refused.
pub(crate) fn cbor_forms() -> Json {
    let good = [
        Value::Int(0),
        Value::Int(23),
        Value::Int(24),
        Value::Int(255),
        Value::Int(256),
        Value::Int(65_535),
        Value::Int(65_536),
        Value::Int(4_294_967_295),
        Value::Int(4_294_967_296),
        Value::Int(i64::MAX),
        Value::Int(-1),
        Value::Int(-24),
        Value::Int(-25),
        Value::Int(-1_795_424_400_000),
        Value::Int(i64::MIN),
        Value::bytes([]),
        Value::bytes([0xff; 24]),
        Value::text(""),
        Value::text("绿盾"),
        Value::Array(vec![Value::Null, Value::Array(Vec::new())]),
        Value::int_map([(24, Value::Int(1)), (-1, Value::Int(2)), (3, Value::text("three"))]),
        Value::map([(Value::text("b"), Value::Null), (Value::text("aa"), Value::Null), (Value::Int(9), Value::Null)]),
    ];
    let good = good.iter().map(|value| {
        Json::Map(vec![("says", Json::text(format!("{value:?}"))), ("cbor", Json::Text(to_hex(&cbor::encode(value))))])
    });
    let refused = [
        ("1817", "23 in two bytes"),
        ("1900ff", "255 in three bytes"),
        ("1a0000ffff", "65535 in five bytes"),
        ("1b00000000ffffffff", "4294967295 in nine bytes"),
        ("1b8000000000000000", "2^63 does not fit 64 signed bits"),
        ("3b8000000000000000", "-2^63 - 1 does not fit 64 signed bits"),
        ("5801ff", "a byte string whose length is not in its shortest form"),
        ("5f41ff41ffff", "a byte string of indefinite length"),
        ("9f01ff", "an array of indefinite length"),
        ("bf0102ff", "a map of indefinite length"),
        ("a203040102", "map keys out of order"),
        ("a201020103", "a map key twice"),
        ("61ff", "text that is not UTF-8"),
        ("f4", "false"),
        ("f5", "true"),
        ("f7", "undefined"),
        ("f93c00", "a half float"),
        ("fb3ff0000000000000", "a double float"),
        ("c11a00000000", "a tag"),
        ("1c", "a reserved length"),
        ("0000", "two items"),
        ("4301", "a byte string cut short"),
        ("", "no item"),
        ("818181818181818181818181818181818180", "nesting deeper than 16"),
    ];
    let refused = refused.map(|(hex, why)| Json::Map(vec![("cbor", Json::text(hex)), ("why", Json::text(why))]));
    Json::Map(vec![
        ("about", Json::text("The CBOR that ops and statements use: one form per value; any other is refused.")),
        ("canonical", Json::list(good)),
        ("refused", Json::list(refused)),
    ])
}
