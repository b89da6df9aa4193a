//! The part of the contract that is about the versions of the city package.

use super::{account, first_start};
use crate::store::{CityRow, CityTx as _, Store, StoreTx as _};

fn row(version: u32, from_millis: i64) -> CityRow {
    CityRow {
        version,
        from_millis,
        sha256: [7; 32],
        size_bytes: 4,
        by: account().id,
        note: "新的假期".to_owned(),
        kept_millis: 5,
        withdrawn_millis: None,
    }
}

pub(in crate::store) async fn versions_of_the_city_are_kept_by_number_and_withdrawn_once<S: Store>(store: &S) {
    first_start(store).await;
    assert_eq!(store.city_versions().await.unwrap(), []);
    assert_eq!(store.city_package(3).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(), 1).await.unwrap();
    // One Han character is three bytes.
    tx.put_city_version(&row(4, 90), "{字").await.unwrap();
    tx.put_city_version(&row(3, -1), "{ } ").await.unwrap();
    assert_eq!(tx.city_versions().await.unwrap(), [row(3, -1), row(4, 90)]);
    tx.commit().await.unwrap();
    assert_eq!(store.city_versions().await.unwrap(), [row(3, -1), row(4, 90)]);
    assert_eq!(store.city_package(4).await.unwrap().as_deref(), Some("{字"));

    let mut tx = store.begin().await.unwrap();
    assert!(tx.put_city_version(&row(4, 1), "{}  ").await.is_err(), "a number is given once");
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.withdraw_city_version(4, 8).await.unwrap());
    assert!(!tx.withdraw_city_version(4, 9).await.unwrap() && !tx.withdraw_city_version(5, 9).await.unwrap());
    tx.commit().await.unwrap();
    let withdrawn = CityRow { withdrawn_millis: Some(8), ..row(4, 90) };
    assert_eq!(store.city_versions().await.unwrap(), [row(3, -1), withdrawn]);
    assert_eq!(store.city_package(4).await.unwrap().as_deref(), Some("{字"), "it is still there to look at");
}
