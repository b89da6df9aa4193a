//! Killed under load: the server, and the database below it. What had a receipt is there afterwards.

use greenshield_pg_harness::Cluster;
use greenshield_testkit::rng::SplitMix;

use super::running::{Machine, nothing_is_lost, under_load};

const PHONES: u64 = 20;
/// Kills of an ordinary run; `GREENSHIELD_KILLS` asks for more.
const ROUNDS: usize = 10;

fn rounds() -> usize {
    std::env::var("GREENSHIELD_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

fn kill_the_server(machine: &Machine) {
    let first = machine.serve(&[], 1);
    let mut pushers = machine.pushers(&first.address, 1..PHONES + 1);
    let (mut running, mut dice) = (Some(first), SplitMix::new(42));
    for _ in 0..rounds() {
        let server = running.take().unwrap_or_else(|| machine.serve(&[], 1));
        let address = server.address.clone();
        under_load(&mut pushers, &[&address], 5 + dice.below(40), || server.kill());
    }
    let server = machine.serve(&[], 1);
    nothing_is_lost(&server.address, &mut pushers);
    server.terminate();
}

#[test]
fn killed_under_load_a_server_over_sqlite_loses_no_receipted_op() {
    kill_the_server(&Machine::new());
}

#[test]
fn killed_under_load_a_server_over_postgresql_loses_no_receipted_op() {
    kill_the_server(&Machine::on(&Cluster::shared().database()));
}

#[test]
fn a_killed_postgresql_loses_no_receipted_op_and_the_server_goes_on_without_a_restart() {
    let mut cluster = Cluster::start();
    let machine = Machine::on(&cluster.database());
    let server = machine.serve(&[], 1);
    let mut pushers = machine.pushers(&server.address, 1..PHONES + 1);
    let mut dice = SplitMix::new(43);
    for _ in 0..rounds() {
        under_load(&mut pushers, &[&server.address], 5 + dice.below(40), || cluster.kill_and_restart());
    }
    nothing_is_lost(&server.address, &mut pushers);
    server.terminate();
}
