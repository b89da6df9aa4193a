//! Golden vectors of the merge: small sets of ops of one record and what people see.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, LogId, OpId};
use greenshield_domain::merge::{Candidate, MergeRule, Merged, RecordOp, merge};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::wire::Verdict;

use super::json::Json;

/// Fields 1 to 4 stand for the four rules.
const RULES: [(u32, MergeRule, &str); 4] = [
    (1, MergeRule::Lww, "lww"),
    (2, MergeRule::Set, "set"),
    (3, MergeRule::Once, "once"),
    (4, MergeRule::Review, "review"),
];

/// (op, log, seq, deps, eff, verdict, entries (field, act, value))
type Row<'a> = (u8, u8, u64, &'a [u8], i64, &'a str, &'a [(u32, i64, &'a str)]);

pub(crate) fn merging() -> Json {
    let scenarios: [(&str, &[Row<'_>]); 10] = [
        (
            "lww: concurrent values; the newest shows, the other is a conflict",
            &[(1, 1, 1, &[], 10, "ok", &[(1, 0, "a")]), (2, 2, 1, &[], 20, "ok", &[(1, 0, "b")])],
        ),
        (
            "lww: what follows wins, even with an earlier clock",
            &[(1, 1, 1, &[], 90, "ok", &[(1, 0, "a")]), (2, 2, 1, &[1], 20, "ok", &[(1, 0, "b")])],
        ),
        (
            "lww: equal times; the greater op id wins",
            &[(9, 1, 1, &[], 10, "ok", &[(1, 0, "a")]), (2, 2, 1, &[], 10, "ok", &[(1, 0, "b")])],
        ),
        (
            "lww: the same value from two people is no conflict",
            &[(1, 1, 1, &[], 10, "ok", &[(1, 0, "a")]), (2, 2, 1, &[], 20, "ok", &[(1, 0, "a")])],
        ),
        (
            "the order inside a log counts without deps, and knowledge is passed on",
            &[
                (1, 1, 1, &[], 50, "ok", &[(1, 0, "a")]),
                (2, 1, 5, &[], 40, "ok", &[(1, 0, "b")]),
                (3, 2, 1, &[2], 30, "ok", &[(1, 0, "c")]),
            ],
        ),
        (
            "set: an add that the remove did not see wins; one that it saw is gone",
            &[
                (1, 1, 1, &[], 10, "ok", &[(2, 1, "x"), (2, 3, "y")]),
                (2, 2, 1, &[1], 20, "ok", &[(2, 2, "x"), (2, 2, "y")]),
                (3, 3, 1, &[], 5, "ok", &[(2, 1, "y"), (2, 1, "z")]),
            ],
        ),
        (
            "once: the first stays, a later one is a visible correction",
            &[
                (1, 1, 1, &[], 30, "ok", &[(3, 0, "here")]),
                (2, 2, 1, &[1], 10, "ok", &[(3, 0, "there")]),
                (3, 3, 1, &[], 40, "ok", &[(3, 0, "elsewhere")]),
            ],
        ),
        (
            "review: the first shows, the others wait for somebody who saw all",
            &[
                (1, 1, 1, &[], 10, "ok", &[(4, 0, "a")]),
                (2, 2, 1, &[], 20, "ok", &[(4, 0, "b")]),
                (3, 3, 1, &[2], 30, "ok", &[(4, 0, "c")]),
            ],
        ),
        (
            "review: decided by an op that saw all",
            &[
                (1, 1, 1, &[], 10, "ok", &[(4, 0, "a")]),
                (2, 2, 1, &[], 20, "ok", &[(4, 0, "b")]),
                (3, 3, 1, &[1, 2], 5, "ok", &[(4, 0, "b")]),
            ],
        ),
        (
            "held and void ops show nothing, hide nothing and are followed; a remove outside a set does nothing",
            &[
                (1, 1, 1, &[], 10, "ok", &[(1, 0, "a"), (3, 2, "nothing")]),
                (2, 2, 1, &[1], 20, "revoked", &[(1, 0, "b")]),
                (3, 3, 1, &[1], 30, "void", &[(1, 0, "c")]),
            ],
        ),
    ];
    let scenarios = scenarios.into_iter().map(|(about, rows)| scenario(about, rows));
    let rules = RULES
        .iter()
        .map(|(field, _, rule)| Json::Map(vec![("field", Json::Int(i64::from(*field))), ("rule", Json::text(rule))]));
    Json::Map(vec![
        (
            "about",
            Json::text(
                "Ops of one record and what the merge shows. Ids, logs and deps are shortened: n stands for n repeated.",
            ),
        ),
        ("rules", Json::list(rules)),
        ("scenarios", Json::list(scenarios)),
    ])
}

fn scenario(about: &str, rows: &[Row<'_>]) -> Json {
    let ops: Vec<RecordOp> = rows.iter().map(op).collect();
    let rule = |field| RULES.iter().find(|(f, ..)| *f == field).map_or(MergeRule::Lww, |(_, rule, _)| *rule);
    let merged = merge(&ops, rule);
    let rows = rows.iter().map(|(id, log, seq, deps, eff, verdict, entries)| {
        let entries = entries
            .iter()
            .map(|(field, act, value)| Json::list([Json::Int(i64::from(*field)), Json::Int(*act), Json::text(value)]));
        Json::Map(vec![
            ("op", Json::Int(i64::from(*id))),
            ("log", Json::Int(i64::from(*log))),
            ("seq", Json::uint(*seq)),
            ("deps", Json::list(deps.iter().map(|dep| Json::Int(i64::from(*dep))))),
            ("eff_millis", Json::Int(*eff)),
            ("verdict", Json::text(verdict)),
            ("entries", Json::list(entries)),
        ])
    });
    Json::Map(vec![("about", Json::text(about)), ("ops", Json::list(rows)), ("merged", shown(&merged))])
}

fn op((id, log, seq, deps, eff_millis, verdict, entries): &Row<'_>) -> RecordOp {
    let act = |act: i64| match act {
        0 => Act::Set,
        1 => Act::Add,
        2 => Act::Remove,
        _ => Act::Link,
    };
    RecordOp {
        id: OpId([*id; 32]),
        log: LogId([*log; 32]),
        account: AccountId([*log; 16]),
        seq: *seq,
        prev: None,
        deps: deps.iter().map(|dep| OpId([*dep; 32]).short()).collect(),
        eff_millis: *eff_millis,
        verdict: match *verdict {
            "ok" => Verdict::Ok,
            "void" => Verdict::Void,
            reason => Verdict::Held(reason.to_owned()),
        },
        entries: entries.iter().map(|(f, a, v)| Entry { field: *f, act: act(*a), value: Value::text(*v) }).collect(),
    }
}

fn shown(merged: &Merged) -> Json {
    let candidates = |candidates: &[Candidate]| {
        Json::list(candidates.iter().map(|c| {
            let value = c.value.as_text().unwrap_or_default();
            Json::Map(vec![("op", Json::Int(i64::from(c.op.0[0]))), ("value", Json::text(value))])
        }))
    };
    let fields = merged.fields.iter().map(|(field, state)| {
        Json::Map(vec![
            ("field", Json::Int(i64::from(*field))),
            ("shown", candidates(&state.shown)),
            ("conflicts", candidates(&state.conflicts)),
        ])
    });
    Json::Map(vec![
        ("fields", Json::list(fields)),
        ("heads", Json::list(merged.heads.iter().map(|head| Json::Int(i64::from(head.0[0]))))),
        ("held", Json::uint(merged.held as u64)),
    ])
}
