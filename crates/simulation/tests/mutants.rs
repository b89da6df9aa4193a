//! Known-bad versions of the product are found, each within a few worlds, and by the promise that it breaks.

use greenshield_simulation::{Invariant, Mutant, run};

/// Worlds in which a mistake must show.
const MOST_SEEDS: u64 = 60;

/// The invariants by which a mistake may be seen; which one comes first depends on the world.
fn expected(mutant: Mutant) -> &'static [Invariant] {
    use Invariant as I;
    match mutant {
        Mutant::IdOverSignature => &[I::QueuesDrain, I::OneChain, I::SavedIsKept],
        Mutant::CursorBeforePage | Mutant::SequenceAsCursor => &[I::NoHole],
        // Two trees under one name, or what the later one never heard of.
        Mutant::NormalSync | Mutant::SameEpoch => &[I::ReceiptedIsStored, I::TreeGrows],
        Mutant::QueueByToken => &[I::SavedIsKept, I::QueuesDrain],
        Mutant::ReceiptNotVerified => &[I::ReceiptedIsStored],
        Mutant::ClearedByStatus => &[I::SavedIsKept],
        // Its own phone shows what nobody else has, or what it writes afterwards waits behind the hole.
        Mutant::WriteWithoutOutbox => &[I::SavedIsKept, I::SameRecords, I::QueuesDrain],
        Mutant::PushBeforeCommit => &[I::OneChain, I::QueuesDrain],
        Mutant::ClockRefused => &[I::QueuesDrain],
        Mutant::ScopeKept => &[I::OutsideScope],
        Mutant::ErasureKept => &[I::ErasedIsGone],
        Mutant::CarrierIsAuthor => &[I::RightAuthor],
    }
}

#[test]
fn every_known_mistake_is_found_and_by_the_promise_that_it_breaks() {
    let missed: Vec<String> = Mutant::ALL.into_iter().filter_map(|mutant| search(mutant).err()).collect();
    assert!(missed.is_empty(), "\n{}", missed.join("\n"));
}

fn search(mutant: Mutant) -> Result<(), String> {
    for seed in 0..MOST_SEEDS {
        let Err(violation) = run(seed, Some(mutant)) else { continue };
        if expected(mutant).contains(&violation.invariant) {
            return Ok(());
        }
        return Err(format!("{mutant:?} was expected to break one of {:?}\n{violation}", expected(mutant)));
    }
    Err(format!("{mutant:?} was not found in {MOST_SEEDS} worlds"))
}
