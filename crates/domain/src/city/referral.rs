//! How units hand leads and cases over to each other: flows, and the limits of each step with the law that they rest on.

use serde::{Deserialize, Serialize};

use super::{ANY, CountBy, Date, Limit, Text, YearDay};

/// A way that something is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
    /// Units that hand over: departments of the catalogue, or [`ANY`].
    pub from: Vec<String>,
    /// Units that take over.
    pub to: Vec<String>,
    /// States of the workflow `referral` that it goes through.
    pub states: Vec<String>,
    /// Papers of `papers.json` that belong to it.
    pub papers: Vec<String>,
    /// The law that is proposed for its papers; may be empty.
    pub basis: Text,
}

impl Flow {
    /// Whether it may lead from one unit to another.
    #[must_use]
    pub fn leads(&self, from: &str, to: &str) -> bool {
        let has =
            |units: &[String], unit: &str| !unit.is_empty() && units.iter().any(|known| known == ANY || known == unit);
        from != to && has(&self.from, from) && has(&self.to, to)
    }
}

/// A limit of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepClock {
    /// Stable word.
    pub id: String,
    /// The flow.
    pub flow: String,
    /// The state in which it runs.
    pub state: String,
    /// How many.
    pub count: u32,
    /// Of what.
    pub by: CountBy,
    /// What has to be done in this time.
    pub what: Text,
    /// The law, with its article.
    pub basis: Text,
    /// Whether somebody compared it with the text of the law.
    pub checked: bool,
    /// From which day on it holds.
    pub effective_from: Date,
    /// Until which day, this one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Only for what these units hand over; none = all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_units: Vec<String>,
    /// Only for what these units take over; none = all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_units: Vec<String>,
}

impl StepClock {
    /// How long.
    #[must_use]
    pub fn limit(&self) -> Limit {
        Limit { count: self.count, by: self.by }
    }

    fn holds(&self, flow: &str, state: &str, from: &str, to: &str, on: Date) -> bool {
        let is_for = |units: &[String], unit: &str| units.is_empty() || units.iter().any(|known| known == unit);
        self.flow == flow
            && self.state == state
            && is_for(&self.from_units, from)
            && is_for(&self.to_units, to)
            && self.effective_from <= on
            && self.effective_until.is_none_or(|until| on <= until)
    }
}

/// `referrals.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referrals {
    /// The unit of the desk.
    pub home: String,
    /// From which day of the year the newer referrals are counted.
    pub count_since: YearDay,
    /// What stands beside every limit.
    pub notice: Text,
    /// Ways to hand over.
    pub flows: Vec<Flow>,
    /// Limits; of those that hold the first counts.
    pub clocks: Vec<StepClock>,
}

impl Referrals {
    /// A flow by its word.
    #[must_use]
    pub fn flow(&self, id: &str) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.id == id)
    }

    /// The limit that runs in a state that began on a day.
    #[must_use]
    pub fn clock(&self, flow: &str, state: &str, from: &str, to: &str, on: Date) -> Option<&StepClock> {
        self.clocks.iter().find(|clock| clock.holds(flow, state, from, to, on))
    }
}
