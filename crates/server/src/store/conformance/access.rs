//! The part of the contract that is about the keys of programs.

use greenshield_domain::ids::{AccessKeyId, LogId};
use greenshield_domain::policy::Seat;
use greenshield_domain::wire::AccessKeyRow;

use super::{account, with_log};
use crate::store::{KeyRow, KeyTx as _, Store, StoreTx as _};

fn key(n: u8, created_millis: i64) -> KeyRow {
    let owner = account();
    let told = AccessKeyRow {
        id: AccessKeyId([n; 16]),
        name: "QGIS 台账".to_owned(),
        account: owner.id,
        owner: owner.name,
        role: owner.role,
        created_millis,
        expires_millis: created_millis + 10,
        revoked_millis: None,
        used_millis: None,
    };
    KeyRow { told, seat: Seat::default(), log: LogId([2; 32]) }
}

pub(in crate::store) async fn keys_of_programs_are_found_by_their_secret_and_end<S: Store>(store: &S) {
    with_log(store).await;
    let (old, new) = (key(1, 5), key(2, 6));
    let mut tx = store.begin().await.unwrap();
    tx.put_access_key(&old, [1; 32]).await.unwrap();
    tx.put_access_key(&new, [2; 32]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.access_keys().await.unwrap(), [new.clone(), old.clone()]);
    assert_eq!(store.access_key([1; 32]).await.unwrap(), Some(old.clone()));
    assert_eq!(store.access_key([3; 32]).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.use_access_key(old.told.id, 7).await.unwrap();
    assert!(tx.revoke_access_key(old.told.id, 8).await.unwrap());
    assert!(!tx.revoke_access_key(old.told.id, 9).await.unwrap(), "the first time stays");
    assert!(!tx.revoke_access_key(AccessKeyId([9; 16]), 9).await.unwrap());
    let seat = Seat { areas: vec!["620723".to_owned()], unit: None };
    assert!(tx.set_seat(account().id, "desk", &seat).await.unwrap());
    tx.commit().await.unwrap();
    let ended = store.access_key([1; 32]).await.unwrap().unwrap();
    assert_eq!((ended.told.revoked_millis, ended.told.used_millis), (Some(8), Some(7)));
    assert_eq!((ended.told.role.as_str(), &ended.seat), ("desk", &seat), "rights are those of now");
    let mut tx = store.begin().await.unwrap();
    let twice = match tx.put_access_key(&key(4, 9), [2; 32]).await {
        Ok(()) => tx.commit().await,
        Err(error) => Err(error),
    };
    assert!(twice.is_err(), "a secret opens one door");
}
