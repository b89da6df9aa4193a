//! Every role × every standing × every route: the door opens exactly where the policy says so, and a closed door tells nothing.
//!
//! A route that this table does not know fails the test, so a new one can not be forgotten.

use std::collections::BTreeSet;

use greenshield_domain::ids::AccountId;
use greenshield_domain::policy::{self, Action, Rules, Seat, Standing, Target};
use greenshield_domain::wire::{CBOR_SEQ_MIME, EnrolResponse};
use greenshield_server::routes;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::{Report, incident, photo};
use greenshield_testkit::keys::SeededKey;

use super::support::{Call, NOW, Reply, Server, genesis};
use super::tus::upload;

const PHOTO: &[u8] = b"a photo that nobody else may see";
const NOTHING: &str = "00000000000000000000000000000000";

/// Who may pass a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Everybody.
    Open,
    /// Anybody may bring; a signature that is there must be good.
    Carrier,
    /// Who signs and may do this.
    For(Action),
    /// Who shows an access key; nobody here has one.
    Key,
}

fn door(method: &str, path: &str) -> Option<Door> {
    Some(match (method, path) {
        ("OPTIONS", _) => Door::Open,
        ("POST", "/v1/enrol/begin") => Door::Open,
        ("GET", "/v1/log/checkpoint" | "/v1/health" | "/v1/ready" | "/v1/openapi.json" | "/v1/keys") => Door::Open,
        (_, "/v1/log/proof/inclusion" | "/v1/log/proof/consistency") => Door::Open,
        // With a code the code is the right; without one the log that vouches signs, and is asked for when it does.
        ("POST", "/v1/ops" | "/v1/enrol") => Door::Carrier,
        ("GET", "/v1/packs" | "/v1/packs/{sha256}/{chunk}") => Door::For(Action::Read),
        ("GET", "/v1/coverage") | ("POST", "/v1/workbook") => Door::For(Action::Read),
        ("GET", "/v1/ops" | "/v1/snapshot" | "/v1/scope" | "/v1/heads" | "/v1/me" | "/v1/me/looks") => {
            Door::For(Action::Read)
        }
        ("GET", "/v1/records/{record}/blobs/{sha256}") => Door::For(Action::Read),
        ("GET", "/v1/records/{record}/evidence" | "/v1/export") => Door::For(Action::Export),
        (_, path) if path.starts_with("/v1/blobs") || path.starts_with("/v1/bundles") => Door::For(Action::Upload),
        ("POST", "/v1/health") => Door::For(Action::Upload),
        ("GET", "/v1/devices") => Door::For(Action::People),
        (_, path) if path.starts_with("/ogc") => Door::Key,
        ("POST", "/v1/access-keys") => Door::For(Action::Export),
        ("GET", "/v1/access-keys") | ("POST", "/v1/access-keys/{id}/revoke") => Door::For(Action::Read),
        ("GET", "/v1/audit") => Door::For(Action::Audit),
        (_, path) if path.starts_with("/v1/city/") => Door::For(Action::Package),
        ("GET", "/v1/retention") => Door::For(Action::Retention),
        ("POST", "/v1/invites" | "/v1/roster/preview") => Door::For(Action::People),
        ("POST", "/v1/devices/{log}/revoke" | "/v1/devices/{log}/wipe") => Door::For(Action::People),
        // Also a revoked phone says that it wiped itself; of another phone nobody does.
        ("POST", "/v1/devices/{log}/wiped") => Door::For(Action::Upload),
        ("POST", "/v1/erasures" | "/v1/holds") => Door::For(Action::Erase),
        ("POST", "/v1/verdicts") | ("GET", "/v1/held") => Door::For(Action::Judge),
        _ => return None,
    })
}

/// How somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Active,
    PhoneRevoked,
    AccountRevoked,
    /// By a key that nobody enrolled.
    Stranger,
    Unsigned,
}

const WAYS: [Asks; 5] = [Asks::Active, Asks::PhoneRevoked, Asks::AccountRevoked, Asks::Stranger, Asks::Unsigned];

fn roles() -> Vec<String> {
    let city: serde_json::Value = serde_json::from_str(include_str!("../../../../city/city.json")).unwrap();
    let roles = city["roles"].as_array().unwrap().iter();
    roles.map(|role| role["id"].as_str().unwrap().to_owned()).collect()
}

async fn person(server: &Server, role: &str, seed: u64, asks: Asks) -> SeededKey {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let _: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let mut tx = server.app().store.begin().await.unwrap();
    match asks {
        Asks::PhoneRevoked => assert!(tx.revoke_log(log.log(), NOW).await.unwrap()),
        Asks::AccountRevoked => assert!(tx.revoke_account(log.account(), NOW).await.unwrap()),
        Asks::Active | Asks::Stranger | Asks::Unsigned => {}
    }
    tx.commit().await.unwrap();
    log.key
}

fn call(method: &'static str, path: &str, asks: Asks, key: &SeededKey) -> Call {
    let call = Call::new(method, path).header("tus-resumable", "1.0.0").header("content-type", CBOR_SEQ_MIME);
    match asks {
        Asks::Unsigned => call,
        Asks::Stranger => call.signed(&SeededKey::new(4_711), NOW),
        _ => call.signed(key, NOW),
    }
}

fn standing(role: &str, revoked: bool) -> Standing {
    Standing { account: AccountId([0; 16]), role: role.to_owned(), seat: Seat::default(), revoked }
}

/// What a closed door says, if it is closed.
fn refusal(rules: &Rules, door: Door, role: &str, asks: Asks) -> Option<(u16, &'static str)> {
    let revoked = matches!(asks, Asks::PhoneRevoked | Asks::AccountRevoked);
    match (door, asks) {
        (Door::Open, _) | (Door::Carrier, Asks::Unsigned) => None,
        (Door::Key, _) => Some((401, "access_key")),
        (_, Asks::Unsigned) => Some((401, "unauthorized")),
        (_, Asks::Stranger) => Some((401, "unknown_log")),
        (Door::Carrier, _) => None,
        (Door::For(action), _) if policy::authorize(rules, &standing(role, revoked), action, Target::Door) => None,
        (Door::For(_), _) if revoked => Some((403, "revoked")),
        (Door::For(_), _) => Some((403, "forbidden")),
    }
}

fn told(reply: &Reply) -> (u16, Vec<u8>) {
    (reply.status.as_u16(), reply.body.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_in_every_standing_meets_at_every_route_exactly_what_the_policy_says() {
    let server = Server::start().await;
    let mut author = server.phone(1).await;
    let report = Report { photos: vec![photo(PHOTO)], ..Report::default() };
    let (record, op) = incident(&mut author.log, &report);
    server.push(&[op]).await;
    upload(&server, &author, PHOTO).await;
    let (record, blob) = (record.to_hex(), report.photos[0].blob.to_hex());
    let (mut cells, mut seed) = (0, 100);
    let roles = roles();
    assert!(roles.len() > 3);
    for role in &roles {
        for asks in WAYS {
            seed += 1;
            let key = person(&server, role, seed, asks).await;
            for route in routes::table() {
                let door = door(route.method, route.path);
                let door = door.unwrap_or_else(|| panic!("{} {} is in no row of this test", route.method, route.path));
                let fill = |record: &str, blob: &str| {
                    let path = route.path.replace("{record}", record).replace("{sha256}", blob);
                    let path = path.replace("{collection}", "incident").replace("{item}", record);
                    path.replace("{upload}", NOTHING)
                        .replace("{log}", blob)
                        .replace("{id}", NOTHING)
                        .replace("{version}", "1")
                };
                let there = server.send(call(route.method, &fill(&record, &blob), asks, &key)).await;
                let cell = format!("{role} {asks:?} {} {}", route.method, route.path);
                cells += 1;
                let Some((status, code)) = refusal(&server.app().rules(), door, role, asks) else {
                    assert!(![401, 403].contains(&there.status.as_u16()), "{cell}: {}", there.status);
                    continue;
                };
                assert_eq!(there.status.as_u16(), status, "{cell}");
                if route.method != "HEAD" {
                    assert_eq!(there.error_body().code, code, "{cell}");
                }
                // A closed door says the same whether there is something behind it or not.
                let absent = fill(NOTHING, &"0".repeat(64));
                let absent = server.send(call(route.method, &absent, asks, &key)).await;
                assert_eq!(told(&there), told(&absent), "{cell}");
                assert!(!there.body.windows(PHOTO.len()).any(|bytes| bytes == PHOTO), "{cell}");
            }
        }
    }
    assert_eq!(cells, roles.len() * WAYS.len() * routes::table().len());
}

#[test]
fn every_action_of_the_policy_guards_a_route() {
    let guarded: BTreeSet<String> = routes::table()
        .iter()
        .filter_map(|route| match door(route.method, route.path) {
            Some(Door::For(action)) => Some(format!("{action:?}")),
            _ => None,
        })
        .collect();
    // What may be written is asked of every op of a push, which anybody may bring.
    let all = Action::ALL.into_iter().filter(|action| !matches!(action, Action::Write));
    let all = all.map(|action| format!("{action:?}")).collect();
    assert_eq!(guarded, all);
}
