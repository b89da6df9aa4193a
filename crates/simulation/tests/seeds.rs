//! Whatever the seed: nothing that was promised is broken; and a seed is one world, every time.

use greenshield_simulation::{run, run_many};

/// Seeds of an ordinary run; `GREENSHIELD_SEEDS` asks for more.
const SEEDS: u64 = 500;

#[test]
fn five_hundred_worlds_keep_every_promise() {
    let seeds = std::env::var("GREENSHIELD_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let counts = run_many(0, seeds).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(counts.of("seeds"), seeds);
    // Faults that never happened prove nothing.
    for (name, number) in counts.rows() {
        assert!(number > 0, "{name} never happened in {seeds} seeds");
    }
}

#[test]
fn worlds_that_once_broke_a_promise_keep_it() {
    // A server restored, the copied phone's profile too: only a reader had the second branch of that log.
    run(1_001_373, None).unwrap_or_else(|violation| panic!("{violation}"));
}

#[test]
fn a_seed_gives_the_same_world_every_time() {
    for seed in [1, 2, 3, 4] {
        let [one, two] = [(), ()].map(|()| run(seed, None).unwrap_or_else(|violation| panic!("{violation}")));
        assert_eq!(one, two, "seed {seed}");
    }
    let [one, two] = [5, 6].map(|seed| run(seed, None).unwrap_or_else(|violation| panic!("{violation}")));
    assert_ne!(one.trace, two.trace);
}
