//! The policy of a city, made ready to be asked: names became numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::NAMES;
use super::{Action, Facts, Standing};
use crate::city::{ANY, City, Grant, PeopleGrant, Relation};
use crate::verdict::FIRST_PROTOCOL_FIELD;

/// A set of things: some that are named, or all but some.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which<T> {
    AllBut(BTreeSet<T>),
    These(BTreeSet<T>),
}

impl<T: Ord> Which<T> {
    fn has(&self, thing: &T) -> bool {
        match self {
            Which::AllBut(others) => !others.contains(thing),
            Which::These(these) => these.contains(thing),
        }
    }

    fn is_all(&self) -> bool {
        matches!(self, Which::AllBut(others) if others.is_empty())
    }
}

/// One grant with numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    actions: Vec<Action>,
    relations: Vec<Relation>,
    kinds: Which<u32>,
    fields: Which<(u32, u32)>,
    except: BTreeSet<(u32, u32)>,
    protocol: BTreeSet<u32>,
}

impl Rule {
    fn new(grant: &Grant, city: &City) -> Self {
        let names = |list: &[String], name: &str| list.iter().any(|word| word == name);
        let is_any = |list: &[String]| names(list, ANY);
        let kinds = || city.kinds.iter().filter(|kind| grant.means(kind));
        let left_out = || city.kinds.iter().filter(|kind| !grant.means(kind)).map(|kind| kind.id);
        let fields = |list: &[String]| -> BTreeSet<(u32, u32)> {
            let of = |kind: &crate::city::Kind| {
                let named = kind.fields.iter().filter(|field| names(list, &field.name));
                named.map(|field| (kind.id, field.id)).collect::<Vec<_>>()
            };
            kinds().flat_map(of).collect()
        };
        Self {
            actions: grant.actions.clone(),
            relations: grant.relations.clone(),
            // A kind that this city does not know is of a newer one: it is meant wherever all are.
            kinds: if is_any(&grant.kinds) {
                Which::AllBut(left_out().collect())
            } else {
                Which::These(kinds().map(|kind| kind.id).collect())
            },
            fields: if is_any(&grant.fields) {
                Which::AllBut(BTreeSet::new())
            } else {
                Which::These(fields(&grant.fields))
            },
            except: fields(&grant.except),
            protocol: NAMES.iter().filter(|(name, _)| names(&grant.fields, name)).map(|(_, field)| *field).collect(),
        }
    }

    /// Whether it means this action with some field of a record.
    fn means(&self, who: &Standing, action: Action, facts: &Facts) -> bool {
        self.actions.contains(&action)
            && self.kinds.has(&facts.kind)
            && self.relations.iter().any(|relation| who.relates(*relation, facts))
    }

    fn has_field(&self, kind: u32, field: u32) -> bool {
        if field >= FIRST_PROTOCOL_FIELD {
            return self.protocol.contains(&field);
        }
        self.fields.has(&(kind, field)) && !self.except.contains(&(kind, field))
    }

    fn has_every_field(&self) -> bool {
        self.fields.is_all() && self.except.is_empty()
    }

    /// Whether it means every record for whoever stands like this.
    fn is_everywhere(&self, who: &Standing) -> bool {
        let everywhere = |relation: &Relation| match relation {
            Relation::All => true,
            Relation::Area => who.seat.areas.is_empty(),
            Relation::Own | Relation::Unit | Relation::Assigned | Relation::Helper => false,
        };
        self.kinds.is_all() && self.relations.iter().any(everywhere)
    }
}

/// The rights of one role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Rights {
    rules: Vec<Rule>,
    people: Vec<PeopleGrant>,
    /// The grants to read as they were written; names a scope.
    reading: Vec<u8>,
}

/// The policy of a city, ready to be asked by [`super::authorize`]. A role that it does not know may do nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    roles: BTreeMap<String, Rights>,
    /// Categories whose exact place is not for everybody.
    guarded: BTreeSet<String>,
}

impl Rules {
    /// Of a checked city.
    #[must_use]
    pub fn of(city: &City) -> Self {
        let rights = city.policy.roles.iter().map(|policy| {
            let reading = policy.grants.iter().filter(|grant| grant.actions.contains(&Action::Read));
            // Plain data with text keys always becomes JSON.
            let reading = serde_json::to_vec(&reading.collect::<Vec<_>>()).unwrap_or_default();
            let rules = policy.grants.iter().map(|grant| Rule::new(grant, city)).collect();
            (policy.role.clone(), Rights { rules, people: policy.people.clone(), reading })
        });
        let guarded = city.catalog.categories.iter().filter(|known| known.guarded_place).map(|known| known.id.clone());
        Self { roles: rights.collect(), guarded: guarded.collect() }
    }

    fn rules(&self, who: &Standing) -> &[Rule] {
        self.roles.get(&who.role).map_or(&[], |rights| &rights.rules)
    }

    pub(super) fn people(&self, who: &Standing) -> &[PeopleGrant] {
        self.roles.get(&who.role).map_or(&[], |rights| &rights.people)
    }

    pub(super) fn reading(&self, who: &Standing) -> &[u8] {
        self.roles.get(&who.role).map_or(&[], |rights| &rights.reading)
    }

    pub(super) fn anywhere(&self, who: &Standing, action: Action) -> bool {
        self.rules(who).iter().any(|rule| rule.actions.contains(&action))
    }

    pub(super) fn record(&self, who: &Standing, action: Action, facts: &Facts) -> bool {
        self.rules(who).iter().any(|rule| rule.means(who, action, facts))
    }

    pub(super) fn whole_record(&self, who: &Standing, action: Action, facts: &Facts) -> bool {
        self.rules(who).iter().any(|rule| rule.means(who, action, facts) && rule.has_every_field())
    }

    pub(super) fn field(&self, who: &Standing, action: Action, facts: &Facts, field: u32) -> bool {
        self.rules(who).iter().any(|rule| rule.means(who, action, facts) && rule.has_field(facts.kind, field))
    }

    /// Whether the exact place of reports of a category is not for everybody.
    #[must_use]
    pub fn guards(&self, category: &str) -> bool {
        self.guarded.contains(category)
    }

    /// Whether the city has this role.
    #[must_use]
    pub fn knows(&self, role: &str) -> bool {
        self.roles.contains_key(role)
    }

    /// Whether somebody reads every field of every record.
    #[must_use]
    pub fn reads_all(&self, who: &Standing) -> bool {
        let all =
            |rule: &Rule| rule.actions.contains(&Action::Read) && rule.has_every_field() && rule.is_everywhere(who);
        !who.revoked && self.rules(who).iter().any(all)
    }
}
