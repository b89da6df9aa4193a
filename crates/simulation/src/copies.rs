//! Profiles that come back: a phone whose storage was restored from an older copy, and one whose storage goes on twice.
//!
//! Owns: images of profiles, and what may honestly be gone with a disk. Invariant: only ops that neither the image nor the
//! server has are forgotten; everything else is still promised.

use std::collections::BTreeSet;

use greenshield_client::ports::{LocalStore as _, Read, Table};
use greenshield_client::rows::OpRow;
use greenshield_domain::ids::OpId;
use greenshield_domain::op::SignedOp;

use crate::phone::Image;
use crate::world::{Phone, World};

/// How often, in ten thousand steps, somebody keeps a copy of a profile.
const IMAGES: u64 = 500;

impl World {
    /// Somebody copies a profile, or uses a copy.
    pub(crate) async fn copied_profiles(&mut self, phone: usize) {
        if self.mix.profile_copy == 0 {
            return;
        }
        if self.rng.happens(IMAGES) {
            self.images.insert(phone, self.crowd[phone].engine.ports().image());
        }
        if !self.rng.happens(self.mix.profile_copy) || self.crowd[phone].revoked {
            return;
        }
        match self.images.remove(&phone) {
            Some(image) => self.restore_profile(phone, &image).await,
            None => self.clone_profile(phone).await,
        }
    }

    /// The phone wakes up with the storage of some time ago. What was on it alone since then is lost with the disk.
    async fn restore_profile(&mut self, phone: usize, image: &Image) {
        let mut kept = ops_of(image).await;
        kept.extend(self.server_ops().await.iter().map(|op| SignedOp::decode(&op.op).unwrap().id()));
        self.saved.retain(|saved| saved.phone != phone || kept.contains(&saved.op));
        let device = self.crowd[phone].engine.ports().with_profile(image);
        self.crowd[phone].engine = device.start(self.city.clone()).await;
        self.crowd[phone].copied = true;
        self.network.counter.count("profiles restored");
        self.note(format!("the profile of phone {phone} was restored"));
    }

    /// Two phones go on with one storage.
    async fn clone_profile(&mut self, phone: usize) {
        let twin = &self.crowd[phone];
        let device = twin.engine.ports().with_profile(&twin.engine.ports().image());
        let (account, engine) = (twin.account, device.start(self.city.clone()).await);
        self.crowd[phone].copied = true;
        self.crowd.push(Phone { engine, account, revoked: false, copied: true });
        self.network.counter.count("profiles cloned");
        self.note(format!("phone {} is a copy of phone {phone}", self.crowd.len() - 1));
    }
}

async fn ops_of(image: &Image) -> BTreeSet<OpId> {
    let rows = image.rows.read(vec![Read::prefix(Table::Ops, &[], usize::MAX)]).await.unwrap();
    rows[0].iter().filter_map(|(_, bytes)| OpRow::decode(bytes).ok()).map(|row| row.op.id()).collect()
}
