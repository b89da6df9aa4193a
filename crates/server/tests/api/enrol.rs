//! Enrolment: codes, genesis, lost replies, rotation.

use greenshield_domain::ids::{AccountId, to_hex};
use greenshield_domain::op::Continues;
use greenshield_domain::statement::{Certificate, Checkpoint, Receipt};
use greenshield_domain::wire::{BeginResponse, EnrolResponse, ResultCode};
use greenshield_testkit::build::LogBuilder;
use greenshield_testkit::keys::P256Check;

use super::support::{Call, HOUR, NOW, Server, codes, enrol_body, genesis};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_genesis_make_a_log_with_certificate_and_receipt() {
    let server = Server::start().await;
    let code = server.invite("义警甲", "volunteer").await;
    let begin: BeginResponse = server.begin(&code).await.read();
    assert_eq!((begin.name.as_str(), begin.role.as_str(), begin.city.as_str()), ("义警甲", "volunteer", "zhangye"));
    assert_eq!(begin.server_key, to_hex(&server.key().0));
    let checkpoint = begin.checkpoint.to_signed().unwrap().open::<Checkpoint>(&server.key(), &P256Check).unwrap();
    assert_eq!(checkpoint.size, 0);

    let (log, genesis) = genesis(1, &begin);
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let certificate: Certificate = enrolled.certificate.to_signed().unwrap().open(&server.key(), &P256Check).unwrap();
    assert_eq!((certificate.log, certificate.account, certificate.role), (log.log(), begin.account, begin.role));
    let receipt: Receipt = enrolled.receipt.to_signed().unwrap().open(&server.key(), &P256Check).unwrap();
    assert_eq!((receipt.from, receipt.upto, receipt.head, receipt.received_millis), (0, 0, genesis.id(), NOW));
    assert_eq!((enrolled.log, enrolled.account), (log.log(), begin.account));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_answered_again_and_other_devices_are_refused() {
    let server = Server::start().await;
    let code = server.invite("义警甲", "volunteer").await;
    let begin: BeginResponse = server.begin(&code).await.read();
    let (_, genesis) = genesis(1, &begin);
    let first: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    server.clock.advance(2 * HOUR);
    let again: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    assert_eq!((&again.certificate, &again.lease, again.log), (&first.certificate, &first.lease, first.log));
    let receipt = |reply: &EnrolResponse| reply.receipt.to_signed().unwrap().read_unchecked::<Receipt>().unwrap();
    assert_eq!(receipt(&again), receipt(&first));

    let (_, other) = super::support::genesis(2, &begin);
    assert_eq!(server.enrol_with(&code, &other).await.error(), (409, "used_code".to_owned()));
    assert_eq!(server.begin(&code).await.error(), (409, "used_code".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_expired_and_unfitting_enrolments_say_what_is_wrong() {
    let server = Server::start().await;
    let code = server.invite("义警甲", "volunteer").await;
    let begin: BeginResponse = server.begin(&code).await.read();
    let (_, good) = genesis(1, &begin);
    let wrong = "0".repeat(20);
    assert_eq!(server.begin(&wrong).await.error(), (404, "unknown_code".to_owned()));
    assert_eq!(server.enrol_with(&wrong, &good).await.error(), (404, "unknown_code".to_owned()));
    assert_eq!(server.enrol_with("", &good).await.error(), (404, "unknown_code".to_owned()));

    let other_nonce = LogBuilder::new(1, begin.account).genesis([9; 16]);
    assert_eq!(server.enrol_with(&code, &other_nonce).await.error(), (400, "genesis".to_owned()));
    let nonce = hex::decode(&begin.nonce).unwrap().try_into().unwrap();
    let other_account = LogBuilder::new(1, AccountId([9; 16])).genesis(nonce);
    assert_eq!(server.enrol_with(&code, &other_account).await.error(), (400, "genesis".to_owned()));
    let mut log = LogBuilder::new(1, begin.account);
    let record = log.record();
    let no_genesis = log.op(record, 10, &[], vec![].into_iter().chain([entry()]).collect());
    assert_eq!(server.enrol_with(&code, &no_genesis).await.error(), (400, "genesis".to_owned()));
    let mut forged = good.bytes().to_vec();
    let at = forged.len() - 1;
    forged[at] ^= 1;
    let body = serde_json::json!({ "code": code, "op": base64(&forged) });
    assert_eq!(server.send(Call::post("/v1/enrol").json(&body)).await.error(), (400, "genesis".to_owned()));

    server.clock.advance(HOUR);
    assert_eq!(server.begin(&code).await.error(), (410, "expired_code".to_owned()));
    assert_eq!(server.enrol_with(&code, &good).await.error(), (410, "expired_code".to_owned()));
    assert!(server.app().store_is_empty().await);
}

fn entry() -> greenshield_domain::op::Entry {
    greenshield_domain::op::Entry::set(6, greenshield_domain::cbor::Value::text("水"))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

trait Emptiness {
    async fn store_is_empty(&self) -> bool;
}

impl Emptiness for greenshield_server::app::App {
    async fn store_is_empty(&self) -> bool {
        use greenshield_server::store::Store as _;
        self.store.newest_pos().await.unwrap() == 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_broken_too_large_or_of_another_type_is_refused() {
    let server = Server::start().await;
    let post = |body: String| Call::post("/v1/enrol/begin").header("content-type", "application/json").body(body);
    assert_eq!(server.send(post("{".to_owned())).await.error(), (400, "bad_json".to_owned()));
    assert_eq!(server.send(post(" ".repeat(100_000))).await.error(), (413, "too_large".to_owned()));
    let text = Call::post("/v1/enrol/begin").header("content-type", "text/plain").body("{}");
    assert_eq!(server.send(text).await.error(), (415, "media_type".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_must_rotate_enrols_its_new_log_with_the_signature_of_the_old_one() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let last = phone.report();
    server.push(std::slice::from_ref(&last)).await;
    let old = Continues { log: phone.log.log(), seq: 1, head: last.id() };
    let mut new_log = LogBuilder::new(2, phone.log.account());
    let genesis = new_log.genesis_continuing([0; 16], old);
    let rotate = || Call::post("/v1/enrol").json(&enrol_body("", &genesis)).signed(phone.key(), NOW);
    let first: EnrolResponse = server.send(rotate()).await.read();
    let again: EnrolResponse = server.send(rotate()).await.read();
    assert_eq!((first.log, &first.certificate), (new_log.log(), &again.certificate));
    let (_, op) = greenshield_testkit::build::incident(&mut new_log, &Default::default());
    assert_eq!(server.push(&[op]).await.results, []);

    let stranger = server.phone(3).await;
    let mut stolen = LogBuilder::new(4, phone.log.account());
    let genesis = stolen.genesis_continuing([0; 16], old);
    let by_stranger = Call::post("/v1/enrol").json(&enrol_body("", &genesis)).signed(stranger.key(), NOW);
    assert_eq!(server.send(by_stranger).await.error(), (400, "genesis".to_owned()));
    assert_eq!(
        codes(&server.push(std::slice::from_ref(&genesis)).await.results),
        [(0, ResultCode::UnknownLog, "unknown_log")]
    );
    server.revoke(&phone).await;
    let by_revoked = Call::post("/v1/enrol").json(&enrol_body("", &genesis)).signed(phone.key(), NOW);
    assert_eq!(server.send(by_revoked).await.error(), (403, "revoked".to_owned()));
}
