//! `POST /v1/enrol`: a genesis with a code, or with the signature of the log that it carries on, becomes a log.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::to_hex;
use greenshield_domain::op::{Genesis, SignedOp};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{EnrolRequest, EnrolResponse, SignedJson};

use crate::app::Shared;
use crate::error::ApiError;
use crate::invites::code_hash;
use crate::keys::NativeCheck;
use crate::sequencer::{Enrol, Voucher};
use crate::{auth, body};

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Json<EnrolResponse>, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = auth::caller(&app, &parts).await?;
    let EnrolRequest { code, op } = body::read_json(&parts.headers, body).await?;
    let voucher = match caller {
        // A revoked phone must not get a fresh log.
        Some(caller) if code.is_empty() => {
            caller.may(Action::Read)?;
            Voucher::OldLog(caller.log)
        }
        _ => Voucher::Code(code_hash(&code)),
    };
    let bad = |_| ApiError::Bad { code: "genesis", message: "this is not a genesis signed by its own key" };
    let bytes = URL_SAFE_NO_PAD.decode(&op).map_err(|_| bad(()))?;
    let op = SignedOp::decode(&bytes).map_err(|_| bad(()))?;
    let genesis = Genesis::read(&op).map_err(|_| bad(()))?;
    let op = Arc::new(op.verify(&genesis.key, &NativeCheck).map_err(|_| bad(()))?);
    let log = op.header().log;
    let done = app.sequencer.enrol(Enrol { op, genesis, voucher }).await?;
    Ok(Json(EnrolResponse {
        log,
        account: done.account,
        certificate: SignedJson::from(&done.certificate),
        receipt: SignedJson::from(&app.key.sign(&done.receipt)?),
        lease: to_hex(&done.lease),
        time_millis: done.time_millis,
    }))
}
