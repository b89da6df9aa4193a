//! The way of a package: from any file to the server by tus, and its receipts file back.
//!
//! Refuses: to keep anything; where the file lies and how far it is are the caller's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenshield_domain::bundle::{BundleError, BundleHeader, MAX_BUNDLE_BYTES, MAX_HEADER_BYTES, ReceiptsFile};
use greenshield_domain::ids::{BlobHash, BlobId};
use greenshield_domain::seal::key_id;

use super::bundle::BundleFailure;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{FileSource, HttpRequest, HttpResponse, Ports};

/// Bytes of one read of the hash.
const READ_BYTES: usize = 256 * 1024;
/// The server reads the whole package twice after its last byte.
const TIMEOUT_MILLIS: u32 = 120_000;

/// How far a delivery is. Keep it between tries, and the next one goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// SHA-256 of the file, once it was computed.
    pub name: Option<BlobId>,
    /// The upload on the server.
    pub path: Option<String>,
    /// Bytes that the server has.
    pub offset_bytes: u64,
}

impl<P: Ports> Engine<P> {
    /// Looks whether a file is a package for the server of this phone, without any network. Damage behind the header is for the
    /// server to find, unless bytes are missing that the header announces.
    ///
    /// # Errors
    /// [`BundleFailure`].
    pub async fn inspect_bundle<F: FileSource>(&self, file: &F) -> Result<BundleHeader, BundleFailure> {
        let begin = file.read(0, MAX_HEADER_BYTES).await?;
        let read = BundleHeader::read(&begin)?;
        let (header, used) = read.ok_or(BundleError::Shape("the file ends in its header"))?;
        let server = self.sealing_key().await?.ok_or(BundleFailure::NoSealingKey)?;
        if header.slot.key != key_id(&server) {
            return Err(BundleFailure::Foreign);
        }
        let least_bytes = header.runs.iter().fold(used as u64, |sum, run| sum.saturating_add(run.bytes));
        match file.size_bytes() {
            size if size > MAX_BUNDLE_BYTES => Err(BundleFailure::TooLarge),
            size if size < least_bytes => Err(BundleError::Shape("the file ends before its ops").into()),
            _ => Ok(header),
        }
    }

    /// Brings a package to the server and gives the receipts file to hand back. After an error call it again with the same
    /// `delivery`; nothing that arrived is sent twice.
    ///
    /// # Errors
    /// [`BundleFailure`].
    pub async fn deliver_bundle<F: FileSource>(
        &self,
        file: &F,
        delivery: &mut Delivery,
    ) -> Result<Vec<u8>, BundleFailure> {
        self.inspect_bundle(file).await?;
        loop {
            if let Some(receipts) = self.deliver_step(file, delivery).await? {
                return Ok(receipts);
            }
        }
    }

    /// Sends the next piece, so that whoever has other work does it in between. `None` = call again.
    ///
    /// # Errors
    /// [`BundleFailure`].
    pub async fn deliver_step<F: FileSource>(
        &self,
        file: &F,
        delivery: &mut Delivery,
    ) -> Result<Option<Vec<u8>>, BundleFailure> {
        let name = match delivery.name {
            Some(name) => name,
            None => *delivery.name.insert(hash(file).await?),
        };
        let size = file.size_bytes();
        let reply = match delivery.path.clone() {
            Some(path) if delivery.offset_bytes < size => self.send_piece(file, &path, delivery.offset_bytes).await?,
            Some(path) => self.send_signed(tus("HEAD", &path)).await,
            None => self.send_signed(creation(name, size)).await,
        };
        let reply = forget_if_gone(reply, delivery)?;
        note(delivery, &reply)?;
        if delivery.offset_bytes < size {
            return Ok(None);
        }
        let reply = self.send_signed(request("GET", format!("/v1/bundles/{name}/receipts"))).await?;
        let receipts = ReceiptsFile::decode(&reply.body)?;
        if receipts.bundle == name.0 { Ok(Some(reply.body)) } else { Err(foreign_reply()) }
    }

    async fn send_piece<F: FileSource>(
        &self,
        file: &F,
        path: &str,
        offset_bytes: u64,
    ) -> Result<Result<HttpResponse, EngineError>, BundleFailure> {
        let started_millis = self.ports.clock().mono_millis();
        let body = file.read(offset_bytes, self.piece_bytes.get()).await?;
        let piece_len = body.len();
        let mut patch = tus("PATCH", path);
        patch.headers.push(("content-type", "application/offset+octet-stream".to_owned()));
        patch.headers.push(("upload-offset", offset_bytes.to_string()));
        let reply = match self.send_signed(HttpRequest { body, ..patch }).await {
            Err(EngineError::Refused(refusal)) if refusal.body.code == "offset" => {
                self.send_signed(tus("HEAD", path)).await
            }
            other => other,
        };
        if reply.is_ok() {
            self.pace(started_millis, piece_len);
        }
        Ok(reply)
    }
}

fn foreign_reply() -> BundleFailure {
    EngineError::ForeignReply("bundle".to_owned()).into()
}

fn tus(method: &'static str, path: &str) -> HttpRequest {
    let headers = vec![("tus-resumable", "1.0.0".to_owned())];
    HttpRequest { headers, timeout_millis: TIMEOUT_MILLIS, ..request(method, path) }
}

fn creation(name: BlobId, size_bytes: u64) -> HttpRequest {
    let mut create = tus("POST", "/v1/bundles");
    create.headers.push(("upload-length", size_bytes.to_string()));
    create.headers.push(("upload-metadata", format!("sha256 {}", STANDARD.encode(name.to_hex()))));
    create
}

/// An upload that the server does not know any more, or refused, is begun anew by the next call.
fn forget_if_gone(
    reply: Result<HttpResponse, EngineError>,
    delivery: &mut Delivery,
) -> Result<HttpResponse, BundleFailure> {
    if let Err(EngineError::Refused(refusal)) = &reply
        && matches!(refusal.status, 404 | 410 | 422 | 460)
    {
        *delivery = Delivery::default();
    }
    Ok(reply?)
}

/// Takes place and offset over from a reply.
fn note(delivery: &mut Delivery, reply: &HttpResponse) -> Result<(), BundleFailure> {
    if let Some(location) = reply.header("location") {
        // Absolute or relative, it is a path of our own server.
        let path = location.find("/v1/bundles/").map(|at| location[at..].to_owned());
        delivery.path = Some(path.ok_or_else(foreign_reply)?);
    }
    let offset = reply.header("upload-offset").and_then(|text| text.parse().ok());
    delivery.offset_bytes = offset.ok_or_else(foreign_reply)?;
    Ok(())
}

pub(super) async fn hash<F: FileSource>(file: &F) -> Result<BlobId, BundleFailure> {
    let (mut hash, mut at) = (BlobHash::default(), 0);
    while at < file.size_bytes() {
        let part = file.read(at, READ_BYTES).await?;
        if part.is_empty() {
            break;
        }
        hash.update(&part);
        at += part.len() as u64;
    }
    Ok(hash.finish())
}
