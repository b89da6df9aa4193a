//! The courier: somebody else's package goes to the server by tus, and its receipts file comes back.
//!
//! Refuses: to keep the file; it stays where the person has it until the receipts are handed back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenshield_domain::bundle::{BundleError, BundleHeader, MAX_HEADER_BYTES, ReceiptsFile};
use greenshield_domain::ids::{BlobHash, BlobId};
use greenshield_domain::seal::key_id;

use super::bundle::BundleFailure;
use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{FileSource, HttpRequest, HttpResponse, Ports};

/// Bytes of one request, and of one read.
const PIECE_BYTES: usize = 256 * 1024;
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
    /// Looks whether a file is a package for the server of this phone, without any network.
    ///
    /// # Errors
    /// [`BundleFailure`].
    pub async fn inspect_bundle<F: FileSource>(&self, file: &F) -> Result<BundleHeader, BundleFailure> {
        let begin = file.read(0, MAX_HEADER_BYTES).await?;
        let read = BundleHeader::read(&begin)?;
        let (header, _) = read.ok_or(BundleError::Shape("the file ends in its header"))?;
        let server = self.sealing_key().await?.ok_or(BundleFailure::NoSealingKey)?;
        if header.slot.key == key_id(&server) { Ok(header) } else { Err(BundleFailure::Foreign) }
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
        let name = match delivery.name {
            Some(name) => name,
            None => *delivery.name.insert(hash(file).await?),
        };
        let size = file.size_bytes();
        let begun = match delivery.path.clone() {
            Some(path) => self.send_signed(tus("HEAD", &path)).await,
            None => self.send_signed(creation(name, size)).await,
        };
        let reply = forget_if_gone(begun, delivery)?;
        note(delivery, &reply)?;
        while delivery.offset_bytes < size {
            let Some(path) = delivery.path.clone() else { return Err(foreign_reply()) };
            let body = file.read(delivery.offset_bytes, PIECE_BYTES).await?;
            let mut patch = tus("PATCH", &path);
            patch.headers.push(("content-type", "application/offset+octet-stream".to_owned()));
            patch.headers.push(("upload-offset", delivery.offset_bytes.to_string()));
            let reply = match self.send_signed(HttpRequest { body, ..patch }).await {
                Err(EngineError::Refused(refusal)) if refusal.body.code == "offset" => {
                    self.send_signed(tus("HEAD", &path)).await
                }
                other => other,
            };
            let reply = forget_if_gone(reply, delivery)?;
            note(delivery, &reply)?;
        }
        let reply = self.send_signed(request("GET", format!("/v1/bundles/{name}/receipts"))).await?;
        let receipts = ReceiptsFile::decode(&reply.body)?;
        if receipts.bundle == name.0 { Ok(reply.body) } else { Err(foreign_reply()) }
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

async fn hash<F: FileSource>(file: &F) -> Result<BlobId, BundleFailure> {
    let (mut hash, mut at) = (BlobHash::default(), 0);
    while at < file.size_bytes() {
        let part = file.read(at, PIECE_BYTES).await?;
        if part.is_empty() {
            break;
        }
        hash.update(&part);
        at += part.len() as u64;
    }
    Ok(hash.finish())
}
