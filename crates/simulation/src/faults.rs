//! How unlucky a world is, and what it counted.

use std::cell::RefCell;

/// Faults in ten thousand: messages for the network, steps for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// The request never arrives.
    pub dropped: u64,
    /// The request arrives twice.
    pub repeated: u64,
    /// The request arrives after later ones, and nobody waits for the reply.
    pub late: u64,
    /// The body ends early.
    pub cut: u64,
    /// A bit of the body is another one.
    pub flipped: u64,
    /// The reply never comes back, after the server did it.
    pub reply_lost: u64,
    /// Somebody else answers a push, with receipts of another key.
    pub impostor: u64,
    /// A phone dies: between two calls, or in a transaction before or after its commit.
    pub phone_kill: u64,
    /// The server dies and starts again from what is on its disk.
    pub server_kill: u64,
    /// A clock is moved.
    pub clock_jump: u64,
    /// A phone is full.
    pub quota_full: u64,
    /// A phone is revoked.
    pub revocation: u64,
    /// Somebody gets another area, or a record is moved into one.
    pub scope_change: u64,
    /// Values of a record are erased.
    pub erasure: u64,
    /// The server is restored from a backup.
    pub server_restore: u64,
    /// The profile of a phone is put back to an older state, or goes on twice.
    pub profile_copy: u64,
}

impl Mix {
    /// The mix that is promised.
    pub const PROMISED: Mix = Mix {
        dropped: 500,
        repeated: 500,
        late: 1_000,
        cut: 100,
        flipped: 50,
        reply_lost: 200,
        impostor: 20,
        phone_kill: 100,
        server_kill: 20,
        clock_jump: 50,
        quota_full: 20,
        revocation: 5,
        scope_change: 20,
        erasure: 20,
        server_restore: 1,
        profile_copy: 5,
    };
    /// The rare ones ten times as often.
    pub const UNLUCKY: Mix = Mix {
        cut: 300,
        flipped: 300,
        reply_lost: 700,
        impostor: 200,
        phone_kill: 1_000,
        server_kill: 200,
        clock_jump: 500,
        quota_full: 200,
        revocation: 50,
        scope_change: 200,
        erasure: 200,
        server_restore: 60,
        profile_copy: 60,
        ..Mix::PROMISED
    };
    /// Nothing goes wrong.
    pub const NONE: Mix = Mix {
        dropped: 0,
        repeated: 0,
        late: 0,
        cut: 0,
        flipped: 0,
        reply_lost: 0,
        impostor: 0,
        phone_kill: 0,
        server_kill: 0,
        clock_jump: 0,
        quota_full: 0,
        revocation: 0,
        scope_change: 0,
        erasure: 0,
        server_restore: 0,
        profile_copy: 0,
    };
}

/// Names of what is counted, in the order of a report.
pub const NAMES: [&str; 27] = [
    "seeds",
    "phones",
    "steps",
    "ops saved",
    "photos saved",
    "messages",
    "dropped",
    "delivered twice",
    "delivered late",
    "cut",
    "bits flipped",
    "replies lost",
    "impostor replies",
    "phone kills",
    "kills inside a transaction",
    "server kills",
    "clock jumps",
    "phones full",
    "revocations",
    "people moved",
    "records moved",
    "server restores",
    "profiles restored",
    "profiles cloned",
    "pages of snapshots",
    "decisions",
    "erasures",
];

/// What happened how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts([u64; NAMES.len()]);

impl Counts {
    /// Adds another world.
    pub fn add(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// How often.
    ///
    /// # Panics
    /// For a name that is not counted.
    #[must_use]
    pub fn of(&self, name: &str) -> u64 {
        self.0[place(name)]
    }

    /// Names and numbers, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        NAMES.iter().copied().zip(self.0)
    }
}

fn place(name: &str) -> usize {
    let found = NAMES.iter().position(|known| *known == name);
    found.unwrap_or_else(|| panic!("{name} is not counted"))
}

/// The counter that the parts of a world share.
#[derive(Debug, Default)]
pub struct Counter(RefCell<Counts>);

impl Counter {
    /// It happened.
    pub fn count(&self, name: &str) {
        self.0.borrow_mut().0[place(name)] += 1;
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.borrow().clone()
    }
}
