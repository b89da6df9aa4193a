//! Statements of a server: what reads is written again to something that reads the same.

#![no_main]

use greenshield_domain::cbor;
use greenshield_domain::evidence::Manifest;
use greenshield_domain::signature::Signature;
use greenshield_domain::statement::{
    BlobReceipt, Certificate, Checkpoint, Receipt, SealingKey, Signed, Statement, Wiped,
};
use libfuzzer_sys::fuzz_target;

fn again<S: Statement + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let signed = |payload: &[u8]| Signed { payload: payload.to_vec(), signature: Signature([0; 64]) };
    let Ok(read) = signed(payload).read_unchecked::<S>() else { return };
    let written = read.payload();
    assert_eq!(signed(&written).read_unchecked::<S>().as_ref(), Ok(&read));
    assert_eq!(S::message(&written), [S::TAG, &written].concat());
}

fuzz_target!(|bytes: &[u8]| {
    again::<Receipt>(bytes);
    again::<BlobReceipt>(bytes);
    again::<Checkpoint>(bytes);
    again::<Certificate>(bytes);
    again::<SealingKey>(bytes);
    again::<Wiped>(bytes);
    again::<Manifest>(bytes);
    if let Ok(value) = cbor::decode(bytes)
        && let Some(signed) = Signed::from_value(&value)
    {
        assert_eq!(cbor::encode(&signed.to_value()), bytes);
    }
});
