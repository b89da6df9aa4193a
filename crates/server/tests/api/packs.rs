//! Map packs: found while the server runs, handed out chunk by chunk, and never another file than the list says.

use greenshield_domain::ids::{sha256, to_hex};
use greenshield_domain::wire::PacksResponse;

use super::support::{Call, NOW, Phone, Server};

/// The start of an archive over Zhangye, zooms 0 to 10, filled up to `bytes`.
fn archive(bytes: usize, filling: u8) -> Vec<u8> {
    let mut pack = vec![filling; bytes];
    pack[..127].fill(0);
    pack[..8].copy_from_slice(b"PMTiles\x03");
    pack[101] = 10;
    for (at, degrees) in [(102, 965_000_000_i32), (106, 368_000_000), (110, 1_030_000_000), (114, 408_000_000)] {
        pack[at..at + 4].copy_from_slice(&degrees.to_le_bytes());
    }
    pack
}

fn put(server: &Server, name: &str, bytes: &[u8]) {
    let folder = server.data().join("packs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

async fn list(server: &Server, phone: &Phone) -> PacksResponse {
    server.send(Call::get("/v1/packs").signed(phone.key(), NOW)).await.read()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_an_operator_puts_into_the_folder_is_listed_and_its_chunks_make_it_up_again() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    assert_eq!(list(&server, &phone).await, PacksResponse::default());
    let bytes = archive(600_000, 7);
    put(&server, "sunan.pmtiles", &bytes);
    put(&server, "sunan.json", r#"{"name": {"zh": "肃南县", "en": "Sunan"}, "attribution": "© x"}"#.as_bytes());
    put(&server, "notes.txt", b"no pack");
    put(&server, "broken.pmtiles", b"no pack either");
    let packs = list(&server, &phone).await.packs;
    assert_eq!(packs.len(), 1);
    let pack = &packs[0];
    assert_eq!((pack.id.as_str(), pack.name.zh.as_str(), pack.attribution.as_str()), ("sunan", "肃南县", "© x"));
    assert_eq!((pack.bytes, pack.zooms, pack.chunks.len()), (600_000, [0, 10], 3));
    assert_eq!(pack.sha256, to_hex(&sha256(&[&bytes])));
    let mut joined = Vec::new();
    for (index, hash) in pack.chunks.iter().enumerate() {
        let path = format!("/v1/packs/{}/{index}", pack.sha256);
        let chunk = server.send(Call::get(&path).signed(phone.key(), NOW)).await.ok().body;
        assert_eq!(&to_hex(&sha256(&[&chunk])), hash);
        joined.extend(chunk);
    }
    assert_eq!(joined, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_another_pack_and_what_is_not_there_is_not_found() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    put(&server, "a.pmtiles", &archive(300_000, 1));
    let old = list(&server, &phone).await.packs.remove(0);
    put(&server, "a.pmtiles", &archive(300_001, 2));
    // Before anybody asked for the list again the old chunks are gone: better none than those of another file.
    let path = |sha256: &str, chunk: &str| format!("/v1/packs/{sha256}/{chunk}");
    for path in
        [path(&old.sha256, "1"), path(&old.sha256, "2"), path(&"0".repeat(64), "0"), path("..", "0"), path("x", "-1")]
    {
        let reply = server.send(Call::get(&path).signed(phone.key(), NOW)).await;
        assert_eq!(reply.error(), (404, "not_found".to_owned()), "{path}");
    }
    let new = list(&server, &phone).await.packs.remove(0);
    assert_eq!(new.id, old.id);
    assert_ne!(new.sha256, old.sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_enrolled_and_not_revoked_phones_get_packs() {
    let server = Server::start().await;
    put(&server, "a.pmtiles", &archive(1_000, 1));
    assert_eq!(server.send(Call::get("/v1/packs")).await.status, 401);
    let phone = server.phone(1).await;
    let sha256 = list(&server, &phone).await.packs.remove(0).sha256;
    server.revoke(&phone).await;
    for path in ["/v1/packs".to_owned(), format!("/v1/packs/{sha256}/0")] {
        assert_eq!(server.send(Call::get(&path).signed(phone.key(), NOW)).await.status, 403, "{path}");
    }
}
