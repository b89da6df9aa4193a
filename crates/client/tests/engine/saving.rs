//! Saved means saved.

use greenshield_client::engine::{EngineError, NewBlob, Save};
use greenshield_client::ports::StoreError;
use greenshield_client::rows::{BLOB_CHUNK_BYTES, RowPlace};
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, KIND, Place, PlaceSource, field};
use greenshield_domain::op::{Entry, OpError};

use crate::device::{open, phone, report};

fn new_report(found_millis: i64) -> Save {
    Save { record: None, kind: KIND, entries: report(found_millis), draft: None }
}

fn photo(bytes: Vec<u8>) -> (NewBlob, BlobLink) {
    let id = BlobId::of(&bytes);
    let mime = "image/jpeg".to_owned();
    let link = BlobLink { blob: id, size_bytes: bytes.len() as u64, mime: mime.clone(), name: None, original: None };
    (NewBlob { id, bytes, mime, original: None }, link)
}

#[tokio::test]
async fn a_saved_report_survives_the_end_of_the_app() {
    let engine = phone(1).await;
    let saved = engine.save(new_report(5)).await.unwrap();
    let again = open(engine.ports().store.clone(), 1).await;
    let view = again.record(saved.record).await.unwrap().unwrap();
    assert_eq!((view.ops.len(), view.row.ops_unsent), (1, 1));
    assert_eq!(view.row, saved.projection.row);
    assert_eq!(again.list(None, 10).await.unwrap().rows, [saved.projection.row]);
}

#[tokio::test]
async fn ops_of_a_log_form_a_chain_without_a_hole() {
    let engine = phone(1).await;
    let first = engine.save(new_report(5)).await.unwrap();
    let second = engine.save(new_report(6)).await.unwrap();
    let head = engine.head().await.unwrap();
    assert_eq!((head.seq, head.id), (2, second.op));
    let view = engine.record(second.record).await.unwrap().unwrap();
    assert_eq!(view.ops[0].op.header().prev, Some(first.op));
}

#[tokio::test]
async fn what_belongs_together_is_saved_whole_or_not_at_all() {
    let engine = phone(1).await;
    let saved = engine.save_all(&[new_report(5), new_report(6), new_report(7)]).await.unwrap();
    assert_eq!(engine.head().await.unwrap().seq, 3);
    let view = engine.record(saved[2].record).await.unwrap().unwrap();
    assert_eq!(view.ops[0].op.header().prev, Some(saved[1].op), "one chain");
    assert_eq!(open(engine.ports().store.clone(), 1).await.unsent().await.unwrap().len(), 3);
    let (_, link) = photo(vec![9; 10]);
    let bad = Save { entries: vec![link.to_entry(field::PHOTOS)], ..new_report(9) };
    assert!(engine.save_all(&[new_report(8), bad]).await.is_err());
    assert_eq!((engine.head().await.unwrap().seq, engine.list(None, 10).await.unwrap().rows.len()), (3, 3));
}

#[tokio::test]
async fn two_tabs_that_save_at_once_both_get_their_place_in_the_log() {
    let engine = phone(1).await;
    let (one, two) = tokio::join!(engine.save(new_report(5)), engine.save(new_report(6)));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(engine.head().await.unwrap().seq, 2);
    assert_eq!(engine.unsent().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_full_disk_saves_nothing_and_keeps_the_draft() {
    let engine = phone(1).await;
    let (file, link) = photo(vec![9; 100_000]);
    engine.keep_draft("report", b"form".to_vec(), vec![file]).await.unwrap();
    engine.ports().store.set_quota(Some(engine.ports().store.size_bytes()));
    let mut save = Save { draft: Some("report".to_owned()), ..new_report(5) };
    save.entries.push(link.to_entry(field::PHOTOS));
    assert_eq!(engine.save(save.clone()).await, Err(EngineError::Store(StoreError::QuotaExceeded)));
    assert_eq!(engine.draft("report").await.unwrap().as_deref(), Some(b"form".as_slice()));
    assert_eq!(engine.head().await.unwrap().seq, 0);

    engine.ports().store.set_quota(None);
    let saved = engine.save(save).await.unwrap();
    assert_eq!(saved.projection.row.photos, 1);
    assert_eq!(engine.draft("report").await.unwrap(), None);
}

#[tokio::test]
async fn a_photo_is_byte_equal_across_chunks_and_waits_for_its_receipt() {
    let engine = phone(1).await;
    let bytes: Vec<u8> = (0..BLOB_CHUNK_BYTES * 2 + 3).map(|i| i.to_le_bytes()[0]).collect();
    let (file, link) = photo(bytes.clone());
    engine.keep_draft("report", Vec::new(), vec![file]).await.unwrap();
    let mut save = new_report(5);
    save.entries.push(link.to_entry(field::PHOTOS));
    let saved = engine.save(save).await.unwrap();
    assert_eq!(engine.blob_bytes(link.blob).await.unwrap(), Some(bytes));
    let row = saved.projection.row;
    assert_eq!((row.photos, row.photos_delivered, row.thumb), (1, 0, Some(link.blob)));
    assert_eq!(engine.status().await.unwrap().blobs_unsent, 1);
}

#[tokio::test]
async fn a_link_to_a_file_that_is_not_on_this_phone_is_not_saved() {
    let engine = phone(1).await;
    let (_, link) = photo(vec![1, 2, 3]);
    let mut save = new_report(5);
    save.entries.push(link.to_entry(field::PHOTOS));
    assert!(matches!(engine.save(save).await, Err(EngineError::Store(StoreError::Corrupt { .. }))));
    assert_eq!(engine.head().await.unwrap().seq, 0);
}

#[tokio::test]
async fn a_discarded_draft_takes_only_files_that_no_record_links() {
    let engine = phone(1).await;
    let ((kept, link), (dropped, _)) = (photo(vec![1; 10]), photo(vec![2; 10]));
    let (kept_id, dropped_id) = (kept.id, dropped.id);
    engine.keep_draft("report", Vec::new(), vec![kept, dropped]).await.unwrap();
    let mut save = new_report(5);
    save.entries.push(link.to_entry(field::PHOTOS));
    engine.save(save).await.unwrap();
    engine.discard_draft("report", &[kept_id, dropped_id]).await.unwrap();
    assert!(engine.blob_bytes(kept_id).await.unwrap().is_some());
    assert!(engine.blob_bytes(dropped_id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_edit_is_a_new_op_of_the_same_record_and_moves_its_list_row() {
    let engine = phone(1).await;
    let saved = engine.save(new_report(5)).await.unwrap();
    let edit = vec![Entry::set(field::NOTE, Value::text("x".repeat(200)))];
    let edited =
        engine.save(Save { record: Some(saved.record), kind: KIND, entries: edit, draft: None }).await.unwrap();
    assert_eq!(edited.projection.row.note.as_ref().map(String::len), Some(80));
    let page = engine.list(None, 10).await.unwrap();
    assert_eq!((page.rows.len(), page.rows[0].ops_unsent), (1, 2));
}

#[tokio::test]
async fn a_line_tells_where_its_record_is_as_soon_as_that_is_known() {
    let engine = phone(1).await;
    let saved = engine.save(new_report(5)).await.unwrap();
    assert_eq!(saved.projection.row.place, RowPlace::Nowhere);
    let place = Place {
        lat_e7: 389_256_000,
        lon_e7: 1_004_498_000,
        accuracy_cm: 500,
        fixed_millis: 6,
        source: PlaceSource::Pin,
    };
    let entries = vec![Entry::set(field::CORRECTED_PLACE, place.to_value())];
    engine.save(Save { record: Some(saved.record), kind: KIND, entries, draft: None }).await.unwrap();
    let line = engine.list(None, 10).await.unwrap().rows.remove(0);
    assert_eq!(line.place, RowPlace::At { lat_e7: 389_256_000, lon_e7: 1_004_498_000 });
}

#[tokio::test]
async fn an_empty_or_oversized_save_says_so_and_changes_nothing() {
    let engine = phone(1).await;
    let empty = Save { entries: Vec::new(), ..new_report(5) };
    assert_eq!(engine.save(empty).await, Err(EngineError::Op(OpError::Shape { part: "body" })));
    let long = vec![Entry::set(field::NOTE, Value::text("x".repeat(20_000)))];
    let long = Save { entries: long, ..new_report(5) };
    assert!(matches!(engine.save(long).await, Err(EngineError::Op(OpError::TooLarge { part: "op.body", .. }))));
    assert_eq!(engine.head().await.unwrap().seq, 0);
}

#[tokio::test]
async fn the_list_pages_newest_first_and_ends() {
    let engine = phone(1).await;
    for found_millis in [3, 1, 5, 2, 4] {
        engine.save(new_report(found_millis)).await.unwrap();
    }
    let first = engine.list(None, 2).await.unwrap();
    let second = engine.list(first.next.clone(), 2).await.unwrap();
    let third = engine.list(second.next.clone(), 2).await.unwrap();
    let times = [first.rows, second.rows, third.rows].concat();
    assert_eq!(times.iter().map(|row| row.sort_millis).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert_eq!(third.next, None);
}

#[tokio::test]
async fn pieces_of_a_recording_stay_until_they_are_a_file_of_the_form_and_a_record_that_has_it_waits_for_its_receipt() {
    let engine = phone(1).await;
    engine.keep_draft("report", b"recording".to_vec(), Vec::new()).await.unwrap();
    for (index, piece) in (0_u32..).zip([b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]) {
        engine.keep_part("report", index, piece).await.unwrap();
    }
    assert_eq!(engine.parts("report").await.unwrap().concat(), b"onetwothree");

    // A full disk takes nothing away.
    let (file, link) = photo(b"onetwothree".to_vec());
    engine.ports().store.set_quota(Some(1));
    assert!(engine.join_parts("report", vec![0; 64], Some(file.clone())).await.is_err());
    assert_eq!(engine.parts("report").await.unwrap().len(), 3);
    engine.ports().store.set_quota(None);
    engine.join_parts("report", b"done".to_vec(), Some(file)).await.unwrap();
    assert!(engine.parts("report").await.unwrap().is_empty());
    assert_eq!(engine.draft("report").await.unwrap().as_deref(), Some(b"done".as_slice()));

    let mut save = new_report(5);
    save.entries.push(link.to_entry(field::VOICE));
    let saved = engine.save(save).await.unwrap();
    assert_eq!((saved.projection.row.photos, saved.projection.row.voices_unsent), (0, 1));
    assert_eq!(engine.record(saved.record).await.unwrap().unwrap().voices[0].link, link);
    engine.forget_files(&[link.blob]).await.unwrap();
    assert_eq!(engine.blob_bytes(link.blob).await.unwrap().as_deref(), Some(b"onetwothree".as_slice()));
}

#[tokio::test]
async fn a_discarded_draft_takes_the_pieces_of_its_recording_with_it() {
    let engine = phone(1).await;
    engine.keep_draft("report", b"recording".to_vec(), Vec::new()).await.unwrap();
    engine.keep_part("report", 0, vec![1]).await.unwrap();
    engine.discard_draft("report", &[]).await.unwrap();
    assert!(engine.parts("report").await.unwrap().is_empty());
}
