//! Backups of a running server: what they hold, what they refuse, and that damage is found.

use std::path::Path;

use greenshield_domain::ids::BlobId;
use greenshield_server::backup::{self, BackupError, MANIFEST};
use greenshield_server::blobs::relative;
use greenshield_server::place::Place;

use super::support::{Call, NOW, Server};
use super::tus::upload;

async fn make(server: &Server, to: &Path, at: i64) -> backup::Done {
    backup::make(&server.place(), to, at).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_holds_its_ops_and_blobs_and_the_next_one_copies_only_what_is_new() {
    let (server, dir) = (Server::start_on_file().await, tempfile::tempdir().unwrap());
    let mut phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    let first = make(&server, dir.path(), NOW).await;
    assert_eq!((first.copied, first.manifest.blobs, first.manifest.blob_bytes), (1, 1, 5));
    let push = server.send(Call::push(&phone.reports(3))).await.push_reply();
    assert_eq!(push.receipts.len(), 1);
    upload(&server, &phone, b"voice").await;
    let second = make(&server, dir.path(), NOW + 1).await;
    assert_eq!((second.copied, second.manifest.blobs), (1, 2));
    assert_eq!(second.manifest.newest_pos, first.manifest.newest_pos + 3);
    assert_eq!(backup::verify(dir.path()).await.unwrap(), second.manifest);
    let names = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(names, 4, "blobs, database, list, manifest; nothing of the backup before");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_changed_or_missing_file_of_a_backup_is_found_and_not_restored() {
    let (server, dir) = (Server::start_on_file().await, tempfile::tempdir().unwrap());
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    let manifest = make(&server, dir.path(), NOW).await.manifest;
    let photo = relative(&BlobId::of(b"photo"));
    for name in
        [photo.as_path(), Path::new(&manifest.database.name), Path::new(&manifest.list.name), Path::new(MANIFEST)]
    {
        let path = dir.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut broken = whole.clone();
        let middle = broken.len() / 2;
        broken[middle] ^= 1;
        // The blob may share its bytes with the data folder: the backup gets a file of its own.
        for bytes in [Some(broken), None] {
            std::fs::remove_file(&path).unwrap();
            if let Some(bytes) = bytes {
                std::fs::write(&path, bytes).unwrap();
            }
            assert!(backup::verify(dir.path()).await.is_err(), "{path:?}");
            let target = tempfile::tempdir().unwrap();
            assert!(backup::restore(&Place::from(target.path()), dir.path()).await.is_err());
            assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0);
            std::fs::write(&path, &whole).unwrap();
        }
    }
    backup::verify(dir.path()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_the_server_lost_is_named_and_does_not_stop_the_backup() {
    let (server, dir) = (Server::start_on_file().await, tempfile::tempdir().unwrap());
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    std::fs::remove_file(server.blob_file(&BlobId::of(b"photo"))).unwrap();
    let done = make(&server, dir.path(), NOW).await;
    assert_eq!(done.manifest.missing, [BlobId::of(b"photo")]);
    backup::verify(dir.path()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_gives_a_new_epoch_and_refuses_a_folder_that_is_used() {
    let (server, dir, target) =
        (Server::start_on_file().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    let manifest = make(&server, dir.path(), NOW).await.manifest;
    let used = backup::restore(&Place::from(server.data()), dir.path()).await;
    assert!(matches!(used, Err(BackupError::NotEmpty { .. })), "{used:?}");
    let place = Place::from(target.path());
    let (restored, epoch) = backup::restore(&place, dir.path()).await.unwrap();
    assert_eq!(restored, manifest);
    assert_ne!(epoch, manifest.epoch);
    let photo = target.path().join(relative(&BlobId::of(b"photo")));
    assert_eq!(std::fs::read(photo).unwrap(), b"photo");
    assert!(backup::restore(&place, dir.path()).await.is_err(), "it is a data folder now");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_postgresql_the_commands_of_postgresql_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { data: dir.path().to_owned(), database: Some("postgres://nowhere/x".to_owned()), blobs: None };
    let error = backup::make(&place, dir.path(), NOW).await.unwrap_err();
    assert!(error.to_string().contains("pg_dump --format=custom"), "{error}");
}
