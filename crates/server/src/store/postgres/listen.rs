//! Hearing of commits of other processes: `LISTEN`, again and again after every loss of the connection.
//!
//! Owns: that nothing is missed: whoever listens anew asks for the newest position first. Refuses: to decide what the news
//! mean. Invariant: while it hears, this process shares the lock [`SERVING`](super::SERVING), so that nobody starts a new
//! epoch below it.

use std::convert::Infallible;
use std::time::Duration;

use greenshield_domain::ids::Epoch;
use sqlx::postgres::PgListener;

use super::rows::{fixed, uint};
use super::{CHANNEL, PostgresStore, SERVING, fault};
use crate::store::{Heard, Stored};

/// Between two attempts to connect.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

impl PostgresStore {
    /// Tells of the state of the database, now and after every commit of ops by any process, until it is dropped.
    pub async fn follow(&self, mut tell: impl FnMut(Heard) + Send) -> Infallible {
        loop {
            if let Err(error) = self.hear(&mut tell).await {
                tracing::warn!(%error, "commits of other processes are not heard");
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Listens until the connection is lost.
    async fn hear(&self, tell: &mut (impl FnMut(Heard) + Send)) -> Stored<()> {
        let mut listener = PgListener::connect_with(&self.readers).await.map_err(fault)?;
        listener.eager_reconnect(false);
        let share = sqlx::query("SELECT pg_advisory_lock_shared($1)").bind(SERVING);
        share.execute(&mut listener).await.map_err(fault)?;
        listener.listen(CHANNEL).await.map_err(fault)?;
        let mut heard = self.newest(&mut listener).await?;
        tell(heard);
        while let Some(news) = listener.try_recv().await.map_err(fault)? {
            if let Ok(newest_pos) = news.payload().parse() {
                heard.newest_pos = newest_pos;
                tell(heard);
            }
        }
        Ok(())
    }

    /// Asked on the connection that listens, so that no commit falls between the two.
    async fn newest(&self, listener: &mut PgListener) -> Stored<Heard> {
        let row = sqlx::query("SELECT epoch, (SELECT coalesce(max(pos), 0) FROM op) AS pos FROM server");
        let row = row.fetch_one(listener).await.map_err(fault)?;
        Ok(Heard { epoch: Epoch(fixed(&row, "server", "epoch")?), newest_pos: uint(&row, "op", "pos")? })
    }
}
