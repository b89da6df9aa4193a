//! Files that people hand on: written piece by piece, read by slices, shared or not.

use greenshield_app::platform::files::FileDraft;
use greenshield_app::platform::photo::PickedFile;
use greenshield_client::ports::{FileSink, FileSource};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

use super::fresh::evaluate;

#[wasm_bindgen(js_namespace = gsFiles)]
extern "C" {
    /// Replaces what the browser says to sharing: `ok`, `abort`, `refuse` or `none`.
    #[wasm_bindgen(js_name = sharing)]
    fn sharing(answer: &str);
    /// Names of what was shared.
    fn shared() -> String;
    #[wasm_bindgen(js_name = filesOnDisk)]
    fn files_on_disk() -> js_sys::Promise;
    #[wasm_bindgen(js_name = fullDisk)]
    fn full_disk(full: bool);
}

fn piece(seed: usize) -> Vec<u8> {
    (0..70_000).map(|i| (i * 7 + seed).to_le_bytes()[0]).collect()
}

async fn written(mut draft: FileDraft) -> (PickedFile, Vec<u8>) {
    let mut all = Vec::new();
    for seed in 0..40 {
        draft.write(piece(seed)).await.unwrap();
        all.extend(piece(seed));
    }
    (draft.finish("people read this.gsb").await.unwrap(), all)
}

async fn on_disk() -> String {
    let names = wasm_bindgen_futures::JsFuture::from(files_on_disk()).await.unwrap();
    names.as_string().unwrap()
}

#[wasm_bindgen_test]
async fn a_file_is_what_was_written_on_the_disk_and_without_one() {
    evaluate(include_str!("js/files.js"));
    for draft in [FileDraft::begin("test.gsb").await, FileDraft::in_parts()] {
        let was_on_disk = draft.is_on_disk();
        let (file, all) = written(draft).await;
        assert_eq!((file.size_bytes(), file.name().as_str()), (all.len() as u64, "people read this.gsb"));
        assert_eq!(file.read(0, all.len() + 10).await.unwrap(), all, "on disk: {was_on_disk}");
        assert_eq!(file.read(1_000_000, 100_000).await.unwrap(), all[1_000_000..1_100_000]);
        assert_eq!(file.read(all.len() as u64, 10).await.unwrap(), b"");
    }
    assert_eq!(on_disk().await, "test.gsb");
    FileDraft::forget("test.gsb").await;
    FileDraft::forget("test.gsb").await;
    assert_eq!(on_disk().await, "");
}

#[wasm_bindgen_test]
async fn a_file_that_was_given_up_leaves_the_one_before_as_it_was() {
    evaluate(include_str!("js/files.js"));
    let mut first = FileDraft::begin("kept.gsb").await;
    assert!(first.is_on_disk());
    first.write(b"first".to_vec()).await.unwrap();
    let first = first.finish("kept.gsb").await.unwrap();
    let mut second = FileDraft::begin("kept.gsb").await;
    second.write(vec![7; 2_000_000]).await.unwrap();
    second.discard().await;
    assert_eq!(first.read(0, 100).await.unwrap(), b"first");
    FileDraft::forget("kept.gsb").await;
}

#[wasm_bindgen_test]
async fn a_disk_without_room_is_told_by_its_name() {
    evaluate(include_str!("js/files.js"));
    let mut draft = FileDraft::begin("full.gsb").await;
    full_disk(true);
    let error = draft.write(vec![7; 2_000_000]).await.unwrap_err();
    full_disk(false);
    draft.discard().await;
    FileDraft::forget("full.gsb").await;
    assert!(error.0.contains("QuotaExceededError"), "{error}");
}

#[wasm_bindgen_test]
async fn a_file_is_shared_where_the_browser_can_and_the_person_may_change_their_mind() {
    evaluate(include_str!("js/files.js"));
    let file = PickedFile::of_bytes(b"sealed", "rescue.gsb", "application/octet-stream").unwrap();
    sharing("none");
    assert!(!file.can_be_shared());
    assert_eq!(file.share().await.unwrap_err().name, "NotSupportedError");
    sharing("ok");
    assert!(file.can_be_shared());
    assert_eq!(file.share().await, Ok(true));
    assert_eq!(shared(), "rescue.gsb.txt text/plain 6", "a type that every browser shares");
    sharing("abort");
    assert_eq!(file.share().await, Ok(false));
    sharing("refuse");
    assert_eq!(file.share().await.unwrap_err().name, "NotAllowedError");
    sharing("none");
}
