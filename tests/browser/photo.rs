//! Photos, with the app's own photo worker.

use greenshield_app::platform::photo::{
    CopyRefusal, MAX_EDGE_PIXELS, PhotoError, PhotoKind, PickedFile, Shrinker, object_url, read_photo,
};
use greenshield_domain::ids;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::fresh::evaluate;

#[wasm_bindgen(js_namespace = gsPhoto)]
extern "C" {
    fn draw(width: u32, height: u32, mime: &str) -> Promise;
    #[wasm_bindgen(js_name = sizeOf)]
    fn size_of(bytes: &Uint8Array) -> Promise;
    fn load(url: &str) -> Promise;
}

const WORKER: &str = include_str!("../../public/photo-worker.js");

async fn loaded(address: &str) -> Result<JsValue, JsValue> {
    evaluate(include_str!("js/photo.js"));
    JsFuture::from(load(address)).await
}

async fn drawn(width: u32, height: u32, mime: &str) -> Vec<u8> {
    evaluate(include_str!("js/photo.js"));
    Uint8Array::new(&JsFuture::from(draw(width, height, mime)).await.unwrap()).to_vec()
}

fn file(bytes: &[u8]) -> PickedFile {
    PickedFile::of_bytes(bytes, "IMG_1.jpg", "image/jpeg").unwrap()
}

#[wasm_bindgen_test]
async fn a_photo_keeps_its_original_and_gets_a_small_copy() {
    let script = object_url(WORKER.as_bytes(), "text/javascript").unwrap();
    let shrinker = Shrinker::of_script(script.as_str());
    let jpeg = drawn(4000, 3000, "image/jpeg").await;
    let photo = read_photo(&file(&jpeg), &shrinker, MAX_EDGE_PIXELS).await.unwrap();
    assert_eq!(photo.sha256, ids::sha256(&[&jpeg]));
    assert_eq!(photo.size_bytes, jpeg.len() as u64);
    assert!(photo.original == jpeg && photo.kind == PhotoKind::Jpeg);
    let copy = photo.copy.unwrap();
    assert_eq!((copy.width, copy.height), (MAX_EDGE_PIXELS, 1536));
    assert_eq!(PhotoKind::of(&copy.bytes), Some(PhotoKind::Jpeg));
    assert_eq!(copy.sha256, ids::sha256(&[&copy.bytes]));
    let size = JsFuture::from(size_of(&Uint8Array::new_from_slice(&copy.bytes))).await.unwrap();
    assert_eq!(size, "2048x1536");
    // The worker is used again, for another kind and a small picture too.
    let png = drawn(300, 200, "image/png").await;
    let photo = read_photo(&file(&png), &shrinker, MAX_EDGE_PIXELS).await.unwrap();
    assert_eq!((photo.kind, photo.copy.map(|copy| (copy.width, copy.height))), (PhotoKind::Png, Ok((300, 200))));
}

#[wasm_bindgen_test]
async fn a_photo_without_a_copy_is_still_a_photo() {
    let script = object_url(WORKER.as_bytes(), "text/javascript").unwrap();
    let broken = [&[0xff, 0xd8, 0xff, 0xe0][..], &[0; 100]].concat();
    let photo = read_photo(&file(&broken), &Shrinker::of_script(script.as_str()), MAX_EDGE_PIXELS).await.unwrap();
    assert_eq!(photo.original, broken);
    assert_eq!(photo.copy, Err(CopyRefusal::Worker("decode".to_owned())));
    let no_worker = Shrinker::of_script("/no-such-worker.js");
    let photo = read_photo(&file(&broken), &no_worker, MAX_EDGE_PIXELS).await.unwrap();
    assert!(matches!(photo.copy, Err(CopyRefusal::Broken(_))), "{:?}", photo.copy);
}

#[wasm_bindgen_test]
async fn what_is_no_photo_is_refused_by_its_bytes() {
    let shrinker = Shrinker::default();
    let refused = async |bytes: &[u8]| read_photo(&file(bytes), &shrinker, MAX_EDGE_PIXELS).await.map(drop);
    assert_eq!(refused(b"").await, Err(PhotoError::Empty));
    let claimed_mime = "image/jpeg".to_owned();
    assert_eq!(refused(b"MZ this is a program").await, Err(PhotoError::NotAPhoto { claimed_mime }));
    let (size_bytes, limit_bytes) = (26 * 1024 * 1024, 25 * 1024 * 1024);
    let large = vec![0xff; 26 * 1024 * 1024];
    assert_eq!(refused(&large).await, Err(PhotoError::TooLarge { size_bytes, limit_bytes }));
}

#[wasm_bindgen_test]
fn kinds_are_known_by_their_first_bytes() {
    let kinds = [
        (&b"\xff\xd8\xff\xe1..Exif"[..], Some(PhotoKind::Jpeg)),
        (b"\x89PNG\r\n\x1a\n....", Some(PhotoKind::Png)),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Some(PhotoKind::WebP)),
        (b"\0\0\0\x18ftypheic\0\0\0\0", Some(PhotoKind::Heic)),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", None),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"GIF89a", None),
        (b"<svg", None),
    ];
    for (bytes, kind) in kinds {
        assert_eq!(PhotoKind::of(bytes), kind, "{bytes:?}");
    }
}

#[wasm_bindgen_test]
async fn an_address_shows_bytes_until_it_is_dropped() {
    let shown = object_url(b"bytes", "image/png").unwrap();
    let address = shown.as_str().to_owned();
    assert_eq!(loaded(&address).await.unwrap(), "image/png bytes");
    drop(shown);
    assert!(loaded(&address).await.is_err());
}
