//! How often one address and one device may ask.
//!
//! Owns: the rates, and whose request it is behind a proxy. Refuses: to count peers on this machine: that is a tool of the
//! operator, or a proxy that did not say for whom it asks. A phone that is told to wait keeps everything and comes back.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use greenshield_domain::ids::LogId;

use crate::error::ApiError;
use crate::metrics;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// What one device may ask in a second, over a while; a village behind one address has many of them.
const DEVICE_A_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// What it may ask at once after a rest: the pieces of its photos.
const DEVICE_AT_ONCE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// Tries to enrol from one address in a second: a class that enrols together passes, somebody who guesses codes does not.
const ENROLMENTS_A_SECOND: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// And at once.
const ENROLMENTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(120).unwrap();
/// At once, for each request that an address may make in a second.
const BURST: u32 = 10;
/// Where codes are tried.
const ENROLMENT: &str = "/v1/enrol";

type Keyed<K, C> = RateLimiter<K, HashMapStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

fn ask<K, C: Clock + Clone>(limiter: &Keyed<K, C>, clock: &C, key: &K) -> Result<(), ApiError>
where
    K: Clone + Eq + std::hash::Hash,
{
    limiter.check_key(key).map_err(|refused| {
        metrics::refused("rate_limited");
        ApiError::TooOften { wait: whole_seconds(refused.wait_time_from(clock.now())) }
    })
}

/// Never zero: at once is what was refused.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

/// What counts as one address: of IPv6 the network, since a subscriber has a whole one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// The rate of devices whose signature was good. An unproven name is not counted, or anybody could shut out a device.
#[derive(Debug)]
pub struct DeviceLimit<C: Clock = MonotonicClock> {
    logs: Keyed<LogId, C>,
    clock: C,
}

impl<C: Clock + Clone> DeviceLimit<C> {
    /// With a clock.
    #[must_use]
    pub fn new(clock: C) -> Self {
        let quota = Quota::per_second(DEVICE_A_SECOND).allow_burst(DEVICE_AT_ONCE);
        Self { logs: RateLimiter::hashmap_with_clock(quota, clock.clone()), clock }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`ApiError::TooOften`].
    pub fn ask(&self, log: &LogId) -> Result<(), ApiError> {
        ask(&self.logs, &self.clock, log)
    }

    /// Forgets those who rested.
    pub fn sweep(&self) {
        self.logs.retain_recent();
        self.logs.shrink_to_fit();
    }
}

/// The rate of addresses, before anything else is looked at.
#[derive(Debug)]
pub struct AddressLimit<C: Clock = MonotonicClock> {
    requests: Option<Keyed<IpAddr, C>>,
    enrolments: Keyed<IpAddr, C>,
    proxies: Vec<IpAddr>,
    clock: C,
}

impl<C: Clock + Clone> AddressLimit<C> {
    /// With requests a second (0 = any number) and the proxies that are believed beside those on this machine.
    #[must_use]
    pub fn new(a_second: u32, proxies: Vec<IpAddr>, clock: C) -> Self {
        let requests = NonZeroU32::new(a_second).map(|rate| {
            let quota =
                Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(BURST - 1)));
            RateLimiter::hashmap_with_clock(quota, clock.clone())
        });
        let quota = Quota::per_second(ENROLMENTS_A_SECOND).allow_burst(ENROLMENTS_AT_ONCE);
        let enrolments = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { requests, enrolments, proxies, clock }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`ApiError::TooOften`].
    pub fn ask(&self, peer: Peer, headers: &HeaderMap, path: &str) -> Result<(), ApiError> {
        let Some(address) = self.asker(peer, headers) else { return Ok(()) };
        let address = network(address);
        if let Some(requests) = &self.requests {
            ask(requests, &self.clock, &address)?;
        }
        if path.starts_with(ENROLMENT) { ask(&self.enrolments, &self.clock, &address) } else { Ok(()) }
    }

    /// Forgets those who rested.
    pub fn sweep(&self) {
        for limiter in self.requests.iter().chain([&self.enrolments]) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.proxies.contains(&address)
    }

    /// The nearest address that is no proxy of ours; what a stranger wrote into the header stands left of it.
    fn asker(&self, Peer(peer): Peer, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        if !self.is_proxy(peer) {
            return Some(peer);
        }
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let hops = hops.into_iter().rev().map_while(|hop| hop.parse::<IpAddr>().ok()).map(|hop| hop.to_canonical());
        hops.into_iter().find(|hop| !self.is_proxy(*hop)).or_else(|| (!peer.is_loopback()).then_some(peer))
    }
}

/// Stands before the routes.
pub async fn guard(State(limit): State<Arc<AddressLimit>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    match peer.map_or(Ok(()), |peer| limit.ask(peer, request.headers(), request.uri().path())) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const FAR: &str = "203.0.113.7";

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    fn forwarded(by: &[&str]) -> HeaderMap {
        by.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap())).collect()
    }

    fn wait(outcome: Result<(), ApiError>) -> Option<u64> {
        match outcome {
            Ok(()) => None,
            Err(ApiError::TooOften { wait }) => Some(wait),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_address_that_asks_too_often_is_told_how_long_to_wait_and_the_others_are_not_touched() {
        let clock = FakeRelativeClock::default();
        let limit = AddressLimit::new(2, Vec::new(), clock.clone());
        let none = HeaderMap::new();
        for _ in 0..20 {
            assert_eq!(wait(limit.ask(peer(FAR), &none, "/")), None);
        }
        assert_eq!(wait(limit.ask(peer(FAR), &none, "/")), Some(1));
        assert_eq!(wait(limit.ask(peer("203.0.113.8"), &none, "/")), None);
        clock.advance(Duration::from_millis(500));
        assert_eq!(wait(limit.ask(peer(FAR), &none, "/")), None);
        clock.advance(Duration::from_secs(60));
        limit.sweep();
        assert_eq!(limit.requests.as_ref().map(RateLimiter::len), Some(0));
    }

    #[test]
    fn codes_can_not_be_guessed_fast_even_where_addresses_are_not_limited() {
        let limit = AddressLimit::new(0, Vec::new(), FakeRelativeClock::default());
        let none = HeaderMap::new();
        let tries = (0..1000).filter(|_| wait(limit.ask(peer(FAR), &none, "/v1/enrol/begin")).is_none());
        assert_eq!(tries.count(), 120);
        assert_eq!(wait(limit.ask(peer(FAR), &none, "/v1/ops")), None);
    }

    #[test]
    fn a_device_is_counted_by_its_log() {
        let clock = FakeRelativeClock::default();
        let limit = DeviceLimit::new(clock.clone());
        let (one, other) = (LogId([1; 32]), LogId([2; 32]));
        assert_eq!((0..2000).filter(|_| limit.ask(&one).is_ok()).count(), 1000);
        assert!(limit.ask(&other).is_ok());
        clock.advance(Duration::from_secs(1));
        assert_eq!((0..2000).filter(|_| limit.ask(&one).is_ok()).count(), 50);
    }

    #[test]
    fn behind_a_proxy_the_asker_is_whom_the_proxy_names_and_nobody_else_is_believed() {
        let limit = AddressLimit::new(1, vec!["10.0.0.1".parse().unwrap()], FakeRelativeClock::default());
        let asker =
            |from: &str, by: &[&str]| limit.asker(peer(from), &forwarded(by)).map(|address| address.to_string());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(asker(FAR, &[]), some(FAR));
        assert_eq!(asker(FAR, &["198.51.100.1"]), some(FAR));
        assert_eq!(asker("127.0.0.1", &[]), None);
        assert_eq!(asker("::ffff:127.0.0.1", &[FAR]), some(FAR));
        assert_eq!(asker("10.0.0.1", &["198.51.100.1, 203.0.113.7", "127.0.0.1"]), some(FAR));
        assert_eq!(asker("10.0.0.1", &["203.0.113.7, nonsense"]), some("10.0.0.1"));
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()).to_string(), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()).to_string(), "192.0.2.1");
    }
}
