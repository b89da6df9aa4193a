//! What every [`LocalStore`] must do: one list of cases for the memory store and the browser's database.
//!
//! A case gets an empty store and says in words what it found wrong. [`for_each_case`](crate::for_each_case) hands the list to
//! a test macro of the caller, so that no case can be forgotten on one of the stores.

use crate::ports::{Durability, LocalStore, Read, StoreError, Table, Write, after_prefix};

/// What a case found wrong.
pub type Verdict = Result<(), String>;

/// Calls a macro with the name of every case.
#[macro_export]
macro_rules! for_each_case {
    ($test:ident) => {
        $test!(what_was_written_is_read);
        $test!(an_absent_key_gives_no_row);
        $test!(scans_are_ordered_bounded_and_stay_in_their_table);
        $test!(a_failed_expectation_changes_nothing);
        $test!(an_expectation_of_absence_holds_once);
        $test!(deletes_come_after_puts);
        $test!(a_large_value_is_byte_equal);
        $test!(one_read_sees_one_state);
        $test!(of_two_racing_writers_one_wins);
    };
}

fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn say(error: &StoreError) -> String {
    error.to_string()
}

async fn put(store: &impl LocalStore, table: Table, key: &[u8], value: &[u8]) -> Verdict {
    let mut write = Write::new(Durability::Strict);
    write.put(table, key, value.to_vec());
    store.write(write).await.map_err(|e| say(&e))
}

async fn get(store: &impl LocalStore, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let answers = store.read(vec![Read::Get(table, key.to_vec())]).await.map_err(|e| say(&e))?;
    Ok(answers.into_iter().flatten().next().map(|(_, value)| value))
}

/// Every table keeps its own rows.
pub async fn what_was_written_is_read(store: &impl LocalStore) -> Verdict {
    for (i, table) in (0u8..).zip(Table::ALL) {
        put(store, table, b"same key", &[i]).await?;
    }
    for (i, table) in (0u8..).zip(Table::ALL) {
        ensure(get(store, table, b"same key").await? == Some(vec![i]), table.name())?;
    }
    put(store, Table::Meta, b"same key", b"second").await?;
    ensure(get(store, Table::Meta, b"same key").await? == Some(b"second".to_vec()), "a put replaces")
}

/// Absence is an empty answer, not an error.
pub async fn an_absent_key_gives_no_row(store: &impl LocalStore) -> Verdict {
    ensure(get(store, Table::Ops, b"nothing").await?.is_none(), "a row came from nowhere")
}

/// Ascending by bytes, `from` inclusive, `to` exclusive, at most `limit`.
pub async fn scans_are_ordered_bounded_and_stay_in_their_table(store: &impl LocalStore) -> Verdict {
    for key in [vec![2, 0], vec![1, 255], vec![1], vec![255, 255], vec![1, 0, 7], vec![0], vec![10]] {
        put(store, Table::Ops, &key, &key).await?;
    }
    put(store, Table::Outbox, &[1, 5], b"other table").await?;
    let scan =
        |from: &[u8], to: Option<Vec<u8>>, limit| Read::Scan { table: Table::Ops, from: from.to_vec(), to, limit };
    let reads = vec![
        scan(&[], None, 100),
        Read::prefix(Table::Ops, &[1], 100),
        scan(&[1], Some(vec![2, 0]), 2),
        Read::prefix(Table::Ops, &[255], 100),
        scan(&[3], Some(vec![3]), 5),
    ];
    let answers = store.read(reads).await.map_err(|e| say(&e))?;
    let keys: Vec<Vec<Vec<u8>>> =
        answers.into_iter().map(|rows| rows.into_iter().map(|(key, _)| key).collect()).collect();
    let expected: Vec<Vec<Vec<u8>>> = vec![
        vec![vec![0], vec![1], vec![1, 0, 7], vec![1, 255], vec![2, 0], vec![10], vec![255, 255]],
        vec![vec![1], vec![1, 0, 7], vec![1, 255]],
        vec![vec![1], vec![1, 0, 7]],
        vec![vec![255, 255]],
        vec![],
    ];
    ensure(keys == expected, &format!("{keys:?}"))?;
    ensure(after_prefix(&[255]).is_none() && after_prefix(&[1, 255]) == Some(vec![2]), "after_prefix")
}

/// All or nothing.
pub async fn a_failed_expectation_changes_nothing(store: &impl LocalStore) -> Verdict {
    put(store, Table::Meta, b"head", b"1").await?;
    put(store, Table::Ops, b"old", b"stays").await?;
    let mut write = Write::new(Durability::Strict);
    write.expect(Table::Ops, *b"old", Some(b"stays".to_vec()));
    write.expect(Table::Meta, *b"head", Some(b"0".to_vec()));
    write.put(Table::Ops, *b"new", b"x".to_vec());
    write.delete(Table::Ops, *b"old");
    ensure(store.write(write).await == Err(StoreError::Expectation { index: 1 }), "the wrong answer")?;
    ensure(get(store, Table::Ops, b"new").await?.is_none(), "a put got through")?;
    ensure(get(store, Table::Ops, b"old").await?.is_some(), "a delete got through")
}

/// A row can be created by one writer only.
pub async fn an_expectation_of_absence_holds_once(store: &impl LocalStore) -> Verdict {
    let create = || {
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, *b"genesis", None);
        write.put(Table::Meta, *b"genesis", b"me".to_vec());
        write
    };
    store.write(create()).await.map_err(|e| say(&e))?;
    ensure(store.write(create()).await == Err(StoreError::Expectation { index: 0 }), "created twice")
}

/// A row put and deleted in one transaction is gone.
pub async fn deletes_come_after_puts(store: &impl LocalStore) -> Verdict {
    let mut write = Write::new(Durability::Relaxed);
    write.put(Table::Drafts, *b"d", b"x".to_vec());
    write.delete(Table::Drafts, *b"d");
    write.delete(Table::Drafts, *b"never there");
    store.write(write).await.map_err(|e| say(&e))?;
    ensure(get(store, Table::Drafts, b"d").await?.is_none(), "the row is still there")
}

/// 3 MiB in and out.
pub async fn a_large_value_is_byte_equal(store: &impl LocalStore) -> Verdict {
    let large: Vec<u8> = (0..3 * 1024 * 1024u32).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    put(store, Table::BlobBytes, b"photo", &large).await?;
    ensure(get(store, Table::BlobBytes, b"photo").await? == Some(large), "bytes differ")
}

/// Questions of one read are answered in order, from one state.
pub async fn one_read_sees_one_state(store: &impl LocalStore) -> Verdict {
    put(store, Table::Meta, b"a", b"1").await?;
    put(store, Table::Meta, b"b", b"1").await?;
    let reads = vec![
        Read::Get(Table::Meta, b"a".to_vec()),
        Read::Get(Table::Meta, b"zz".to_vec()),
        Read::Get(Table::Meta, b"b".to_vec()),
    ];
    let answers = store.read(reads).await.map_err(|e| say(&e))?;
    let lengths: Vec<usize> = answers.iter().map(Vec::len).collect();
    ensure(lengths == [1, 0, 1], &format!("{lengths:?}"))?;
    ensure(store.read(Vec::new()).await == Ok(Vec::new()), "an empty read has an empty answer")
}

/// The head check: two writers that saw the same head can not both append.
pub async fn of_two_racing_writers_one_wins(store: &impl LocalStore) -> Verdict {
    put(store, Table::Meta, b"head", b"0").await?;
    let append = |name: &'static [u8]| {
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, *b"head", Some(b"0".to_vec()));
        write.put(Table::Meta, *b"head", name.to_vec());
        write.put(Table::Ops, name, name.to_vec());
        write
    };
    let mut one = std::pin::pin!(store.write(append(b"one")));
    let mut two = std::pin::pin!(store.write(append(b"two")));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|cx| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(cx)
        {
            first = Some(done);
        }
        if second.is_none()
            && let Poll::Ready(done) = two.as_mut().poll(cx)
        {
            second = Some(done);
        }
        if first.is_some() && second.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let won = [&first, &second].into_iter().filter(|done| **done == Some(Ok(()))).count();
    ensure(won == 1, &format!("{first:?} {second:?}"))?;
    let rows = store.read(vec![Read::prefix(Table::Ops, b"", 10)]).await.map_err(|e| say(&e))?;
    ensure(rows[0].len() == 1, "both appended")
}

#[cfg(test)]
mod tests {
    use crate::memory_store::MemoryStore;

    macro_rules! on_memory {
        ($case:ident) => {
            #[tokio::test]
            async fn $case() {
                super::$case(&MemoryStore::new()).await.unwrap();
            }
        };
    }
    crate::for_each_case!(on_memory);
}
