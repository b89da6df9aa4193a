//! The rules of `calendar.json`, `referrals.json` and `papers.json`, and between them and the others.

use super::Faults;
use crate::city::paper::GAPS;
use crate::city::{ANY, City, FILES, FaultCode, Flow, Thing, Wrong, gaps};

/// Name of the workflow that referrals go through.
const WORKFLOW: &str = "referral";

pub(super) fn check(city: &City, faults: &mut Faults) {
    holidays(city, faults);
    flows(city, faults);
    clocks(city, faults);
    papers(city, faults);
}

fn holidays(city: &City, faults: &mut Faults) {
    let file = FILES[6];
    faults.unique(file, city.holidays.years.iter().map(|table| table.year), |i| format!("years[{i}].year"));
    for (i, table) in city.holidays.years.iter().enumerate() {
        for (j, off) in table.holidays.iter().enumerate() {
            let at = format!("years[{i}].holidays[{j}]");
            if off.until < off.from {
                faults.add(file, at.clone(), Wrong::of(FaultCode::Order), "it ends before it begins".to_owned());
            }
            if off.from.year != table.year || off.until.year != table.year {
                let problem = format!("it is not in {}; each year has its own days", table.year);
                faults.add(file, at, Wrong::numbers(FaultCode::Year, &[table.year.into()]), problem);
            }
        }
        for (j, worked) in table.workdays.iter().enumerate().filter(|(_, worked)| worked.year != table.year) {
            let problem = format!("{} is not in {}", String::from(*worked), table.year);
            let wrong = Wrong::numbers(FaultCode::Year, &[table.year.into()]);
            faults.add(file, format!("years[{i}].workdays[{j}]"), wrong, problem);
        }
    }
}

fn is_unit(city: &City, unit: &str) -> bool {
    city.catalog.departments.iter().any(|known| known.id == unit)
}

fn no_unit(unit: &str, at: String, faults: &mut Faults) {
    let wrong = Wrong::unknown(Thing::Department, unit);
    faults.add(FILES[7], at, wrong, format!("catalog.json has no department {unit:?}"));
}

fn flows(city: &City, faults: &mut Faults) {
    let (file, referrals) = (FILES[7], &city.referrals);
    if !is_unit(city, &referrals.home) {
        no_unit(&referrals.home, "home".to_owned(), faults);
    }
    faults.unique(file, referrals.flows.iter().map(|flow| &flow.id), |i| format!("flows[{i}].id"));
    for (i, Flow { from, to, states, papers, .. }) in referrals.flows.iter().enumerate() {
        for (word, units) in [("from", from), ("to", to)] {
            for (j, unit) in units.iter().enumerate().filter(|(_, unit)| *unit != ANY && !is_unit(city, unit)) {
                no_unit(unit, format!("flows[{i}].{word}[{j}]"), faults);
            }
        }
        let knows = |state: &str| city.workflow(WORKFLOW).is_some_and(|workflow| workflow.state(state).is_some());
        for (j, state) in states.iter().enumerate().filter(|(_, state)| !knows(state)) {
            let problem = format!("the workflow {WORKFLOW} has no state {state:?}");
            faults.add(file, format!("flows[{i}].states[{j}]"), Wrong::unknown(Thing::State, state), problem);
        }
        for (j, paper) in papers.iter().enumerate().filter(|(_, paper)| city.papers.paper(paper).is_none()) {
            let wrong = Wrong::unknown(Thing::Paper, paper);
            faults.add(file, format!("flows[{i}].papers[{j}]"), wrong, format!("papers.json has no paper {paper:?}"));
        }
    }
}

fn clocks(city: &City, faults: &mut Faults) {
    let (file, referrals) = (FILES[7], &city.referrals);
    faults.unique(file, referrals.clocks.iter().map(|clock| &clock.id), |i| format!("clocks[{i}].id"));
    for (i, clock) in referrals.clocks.iter().enumerate() {
        let at = |rest: &str| format!("clocks[{i}].{rest}");
        match referrals.flow(&clock.flow) {
            None => {
                let wrong = Wrong::unknown(Thing::Flow, &clock.flow);
                faults.add(file, at("flow"), wrong, format!("there is no flow {:?}", clock.flow));
            }
            Some(flow) if !flow.states.contains(&clock.state) => {
                let wrong = Wrong::unknown(Thing::State, &clock.state);
                faults.add(file, at("state"), wrong, format!("the flow {} has no state {:?}", flow.id, clock.state));
            }
            Some(_) => {}
        }
        if clock.effective_until.is_some_and(|until| until < clock.effective_from) {
            let wrong = Wrong::of(FaultCode::Order);
            faults.add(file, at("effective_until"), wrong, "it ends before it begins".to_owned());
        }
        for (word, units) in [("from_units", &clock.from_units), ("to_units", &clock.to_units)] {
            for (j, unit) in units.iter().enumerate().filter(|(_, unit)| !is_unit(city, unit)) {
                no_unit(unit, at(&format!("{word}[{j}]")), faults);
            }
        }
    }
}

fn papers(city: &City, faults: &mut Faults) {
    let file = FILES[8];
    faults.unique(file, city.papers.papers.iter().map(|paper| &paper.id), |i| format!("papers[{i}].id"));
    for (i, paper) in city.papers.papers.iter().enumerate() {
        for (path, text) in paper.texts() {
            for gap in gaps(text).filter(|gap| !GAPS.contains(gap)) {
                let problem = format!("there is no gap {{{gap}}}; there are {}", GAPS.join(", "));
                faults.add(file, format!("papers[{i}].{path}"), Wrong::unknown(Thing::Gap, gap), problem);
            }
        }
    }
}
