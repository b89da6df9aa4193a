//! The part of the contract that is about what somebody has, by kind.

use greenshield_domain::ids::{AccountId, LogId, RecordId};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::wire::Verdict;

use super::{account, op, signed, with_log};
use crate::store::{AccountRow, NewLog, OpRow, Store, StoreTx as _};

pub(in crate::store) async fn what_somebody_has_is_told_by_kind_since_its_first_position<S: Store>(store: &S) {
    with_log(store).await;
    let (other, log) = (AccountId([9; 16]), LogId([3; 32]));
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&AccountRow { id: other, ..account() }, 1).await.unwrap();
    let public_key = PublicKey([4; 65]);
    tx.put_log(&NewLog { id: log, account: other, public_key, certificate: signed(), enrolled_at: 1 }).await.unwrap();
    let mine = |pos, record: u8, kind| OpRow { record: RecordId([record; 16]), kind, ..op(pos, 4, Verdict::Ok) };
    let theirs = |pos, record, kind| OpRow { log, account: other, ..mine(pos, record, kind) };
    for row in [
        // What the protocol says of a record may stand before it.
        theirs(1, 4, 1),
        mine(2, 4, 10),
        theirs(3, 4, 10),
        theirs(4, 5, 10),
        mine(5, 5, 10),
        mine(6, 6, 11),
        mine(7, 7, 10),
        mine(8, 8, 2),
    ] {
        tx.put_op(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.owned_since(account().id).await.unwrap(), [(10, 2), (11, 6)]);
    assert_eq!(store.owned_since(other).await.unwrap(), [(10, 4)]);
    assert_eq!(store.owned_since(AccountId([0; 16])).await.unwrap(), []);
}
