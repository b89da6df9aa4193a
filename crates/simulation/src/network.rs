//! The network between phones and server: it drops, repeats, delays, cuts, damages, and sometimes somebody else answers.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use greenshield_client::ports::{HttpRequest, HttpResponse, TransportError};
use greenshield_domain::ids::{CheckpointId, Epoch, LogId, OpId};
use greenshield_domain::op::{Draft, SignedOp};
use greenshield_domain::statement::{Checkpoint, Receipt};
use greenshield_domain::wire::{PullPage, PushReply, split_push};
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;

use crate::faults::{Counter, Mix};
use crate::mutant::Mutant;
use crate::server::{Server, call};

const DAY_MILLIS: i64 = 86_400_000;

/// One network and the server behind it.
pub struct Network {
    /// The server.
    pub server: RefCell<Server>,
    /// How unlucky.
    pub mix: Cell<Mix>,
    /// What happened.
    pub counter: Counter,
    /// Time of day, true everywhere.
    pub now_millis: Cell<i64>,
    /// The mistake that is tried.
    pub mutant: Option<Mutant>,
    rng: RefCell<SplitMix>,
    late: RefCell<Vec<(u64, HttpRequest, Vec<u8>)>>,
    messages: Cell<u64>,
    impostor: SeededKey,
    pushed_before: RefCell<BTreeSet<OpId>>,
}

impl Network {
    /// A network in front of a server.
    #[must_use]
    pub fn new(server: Server, mut rng: SplitMix, mix: Mix, mutant: Option<Mutant>, now_millis: i64) -> Self {
        Self {
            server: RefCell::new(server),
            mix: Cell::new(mix),
            counter: Counter::default(),
            now_millis: Cell::new(now_millis),
            mutant,
            impostor: SeededKey::new(rng.next_u64()),
            rng: RefCell::new(rng),
            late: RefCell::default(),
            messages: Cell::new(0),
            pushed_before: RefCell::default(),
        }
    }

    fn happens(&self, name: &str, per_ten_thousand: u64) -> bool {
        let happens = self.rng.borrow_mut().happens(per_ten_thousand);
        if happens {
            self.counter.count(name);
        }
        happens
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.rng.borrow_mut().below(bound as u64)).unwrap()
    }

    /// Sends a request of a phone.
    ///
    /// # Errors
    /// [`TransportError`]; whether the server did it is not known then.
    pub async fn send(
        &self,
        request: HttpRequest,
        key_of: impl Fn(&LogId) -> Option<SeededKey>,
    ) -> Result<HttpResponse, TransportError> {
        let mix = self.mix.get();
        self.counter.count("messages");
        self.messages.set(self.messages.get() + 1);
        self.deliver_late(self.messages.get()).await;
        let request = self.signed_again(request, key_of);
        if self.happens("dropped", mix.dropped) {
            return Err(TransportError::Offline);
        }
        let is_push = request.method == "POST" && request.path == "/v1/ops";
        if is_push && self.happens("impostor replies", mix.impostor) {
            return Ok(self.impostor_reply(&request.body));
        }
        if self.happens("delivered late", mix.late) {
            let due = self.messages.get() + 1 + self.below(12) as u64;
            let body = request.body.clone();
            self.late.borrow_mut().push((due, request, body));
            return Err(TransportError::Timeout);
        }
        if self.happens("delivered twice", mix.repeated) {
            self.deliver(&request).await;
        }
        let (body, damaged) = self.damaged(request.body.clone());
        let response = self.deliver_body(&request, body).await;
        // A reply is protected by TLS: damage on the way back is a lost reply.
        if damaged || self.happens("replies lost", mix.reply_lost) {
            return if damaged && self.below(2) == 0 { Ok(response) } else { Err(TransportError::Timeout) };
        }
        Ok(response)
    }

    fn damaged(&self, mut body: Vec<u8>) -> (Vec<u8>, bool) {
        let mix = self.mix.get();
        if body.is_empty() {
            return (body, false);
        }
        let cut = self.happens("cut", mix.cut);
        if cut {
            body.truncate(self.below(body.len()));
        }
        let flipped = !body.is_empty() && self.happens("bits flipped", mix.flipped);
        if flipped {
            let at = self.below(body.len());
            body[at] ^= 1 << self.below(8);
        }
        (body, cut || flipped)
    }

    /// What was under way arrives, in an order of its own.
    pub async fn deliver_late(&self, upto: u64) {
        let (due, rest) = self.late.take().into_iter().partition(|(due, ..)| *due <= upto);
        self.late.replace(rest);
        let due: Vec<(u64, HttpRequest, Vec<u8>)> = due;
        for (_, request, body) in due {
            self.deliver_body(&request, body).await;
        }
    }

    /// Hands a request to the server.
    pub async fn deliver(&self, request: &HttpRequest) -> HttpResponse {
        self.deliver_body(request, request.body.clone()).await
    }

    async fn deliver_body(&self, request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
        let is_push = request.method == "POST" && request.path == "/v1/ops";
        if self.mutant == Some(Mutant::ClockRefused) && is_push && self.has_clock_far_off(&body) {
            return HttpResponse { status: 400, headers: Vec::new(), body: Vec::new() };
        }
        if self.mutant == Some(Mutant::ScopeKept) && request.path.starts_with("/v1/scope") {
            return HttpResponse { status: 404, headers: Vec::new(), body: Vec::new() };
        }
        let router = self.server.borrow().router();
        let response = call(router, request, body).await;
        let is_snapshot = request.path.starts_with("/v1/snapshot?");
        if request.method == "GET" && (is_snapshot || request.path.starts_with("/v1/ops?")) && response.status == 200 {
            if is_snapshot {
                self.counter.count("pages of snapshots");
            }
            return self.mutated_page(response);
        }
        response
    }

    fn has_clock_far_off(&self, body: &[u8]) -> bool {
        let mut ops = split_push(body).0.into_iter().filter_map(|bytes| SignedOp::decode(bytes).ok());
        ops.any(|op| (op.header().wall_millis - self.now_millis.get()).abs() > DAY_MILLIS)
    }

    /// Commits that become visible after later ones; and authors taken from the session.
    fn mutated_page(&self, response: HttpResponse) -> HttpResponse {
        let Ok(mut page) = PullPage::decode(&response.body) else { return response };
        match self.mutant {
            Some(Mutant::SequenceAsCursor) if page.ops.len() > 1 && self.below(3) == 0 => {
                let last = page.ops.len() - 1;
                page.ops.remove(self.below(last));
            }
            Some(Mutant::CarrierIsAuthor) => {
                let carrier = page.ops.first().map(|op| op.account);
                page.ops.iter_mut().for_each(|op| op.account = carrier.unwrap_or(op.account));
            }
            _ => return response,
        }
        HttpResponse { body: page.encode(), ..response }
    }

    /// An op that was tried before gets a new signature, and with it a new id.
    fn signed_again(&self, request: HttpRequest, key_of: impl Fn(&LogId) -> Option<SeededKey>) -> HttpRequest {
        if self.mutant != Some(Mutant::IdOverSignature) || request.method != "POST" || request.path != "/v1/ops" {
            return request;
        }
        let again = |bytes: &[u8]| {
            let op = SignedOp::decode(bytes).unwrap();
            if self.pushed_before.borrow_mut().insert(op.id()) {
                return bytes.to_vec();
            }
            let Some(key) = key_of(&op.header().log) else { return bytes.to_vec() };
            let header = op.header().clone();
            let draft = Draft {
                log: header.log,
                seq: header.seq,
                prev: header.prev,
                wall_millis: header.wall_millis,
                boot: header.boot,
                mono_millis: header.mono_millis,
                seen: header.seen,
                record: header.record,
                kind: header.kind,
                deps: header.deps,
                seed: self.rng.borrow_mut().bytes(),
                entries: op.body().entries().cloned().collect(),
            };
            let unsigned = draft.freeze().unwrap();
            let signature = key.sign(&unsigned.message());
            unsigned.seal(signature).bytes().to_vec()
        };
        let body = split_push(&request.body).0.into_iter().flat_map(again).collect();
        HttpRequest { body, ..request }
    }

    /// A portal or a swapped server says thank you.
    fn impostor_reply(&self, body: &[u8]) -> HttpResponse {
        let epoch = Epoch([0xee; 8]);
        let receipt = |bytes: &[u8]| {
            let op = SignedOp::decode(bytes).ok()?;
            let (log, seq) = (op.header().log, op.header().seq);
            let received_millis = self.now_millis.get();
            let checkpoint = CheckpointId::NONE;
            let receipt = Receipt { epoch, log, from: seq, upto: seq, head: op.id(), received_millis, checkpoint };
            Some(self.impostor.sign_statement(&receipt))
        };
        let checkpoint = Checkpoint { epoch, size: 0, root: [0; 32], time_millis: self.now_millis.get() };
        let reply = PushReply {
            results: Vec::new(),
            heads: Vec::new(),
            receipts: split_push(body).0.into_iter().filter_map(receipt).collect(),
            lease: None,
            time_millis: self.now_millis.get(),
            epoch,
            checkpoint: self.impostor.sign_statement(&checkpoint),
        };
        HttpResponse { status: 200, headers: Vec::new(), body: reply.encode() }
    }
}
