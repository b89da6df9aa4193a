//! Deterministic simulation: real engines, the real server, and everything else from one seed.
//!
//! Owns: the world around the product (network, disks, clocks, people, operators), its faults and the invariants that must
//! hold afterwards. Refuses: to be shipped, and to know how the product works inside: it acts through ports, HTTP and files.
//!
//! Invariants: a seed fixes every step; a failure is a seed, the broken invariant and the command that repeats it.

#![expect(clippy::await_holding_refcell_ref, reason = "one thread, and one step of the world at a time")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a world that can not be built must stop its seed")]

pub mod check;
pub mod copies;
pub mod disk;
mod erased;
pub mod faults;
pub mod mutant;
pub mod network;
pub mod phone;
pub mod server;
pub mod violation;
pub mod world;

use std::sync::atomic::{AtomicU64, Ordering};

pub use faults::{Counts, Mix};
pub use mutant::Mutant;
pub use violation::{Invariant, Violation};
pub use world::World;

/// What a seed came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Hash over every step and its result.
    pub trace: [u8; 32],
    /// What happened how often.
    pub counts: Counts,
}

/// Runs the world of a seed to its end.
///
/// # Errors
/// The first [`Violation`].
pub fn run(seed: u64, mutant: Option<Mutant>) -> Result<Outcome, Box<Violation>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // Every other seed is ten times as unlucky: rare faults must meet each other within a few hundred seeds.
        let mix = match mutant {
            // What a copied profile does to its log looks like some of the mistakes.
            Some(_) => Mix { profile_copy: 0, ..Mix::UNLUCKY },
            None if seed % 2 == 1 => Mix::UNLUCKY,
            None => Mix::PROMISED,
        };
        let mut world = World::new(seed, mix, mutant).await;
        let steps = 40 + world.phones() * 8;
        for _ in 0..steps {
            world.step().await?;
        }
        world.heal();
        world.drain().await?;
        world.check().await?;
        Ok(world.outcome())
    })
}

/// Runs seeds on all cores.
///
/// # Errors
/// The violation of the least seed that was found.
pub fn run_many(first: u64, number: u64) -> Result<Counts, Box<Violation>> {
    let next = AtomicU64::new(first);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut counts = Counts::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + number {
                return Ok(counts);
            }
            match run(seed, None) {
                Ok(outcome) => counts.add(&outcome.counts),
                Err(violation) => {
                    // The others end their seeds and stop.
                    next.store(first + number, Ordering::Relaxed);
                    return Err(violation);
                }
            }
        }
    };
    let results: Vec<Result<Counts, Box<Violation>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
    });
    let mut counts = Counts::default();
    let mut worst: Option<Box<Violation>> = None;
    for result in results {
        match result {
            Ok(part) => counts.add(&part),
            Err(violation) if worst.as_ref().is_none_or(|worst| violation.seed < worst.seed) => worst = Some(violation),
            Err(_) => {}
        }
    }
    worst.map_or(Ok(counts), Err)
}
