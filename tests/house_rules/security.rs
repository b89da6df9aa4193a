//! `SECURITY.md` names the test of each attack, and the tests are there.

use super::reader::{all_rust, read, root};

/// What stands between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn every_attack_of_the_table_has_its_test() {
    let sources = all_rust();
    let table = read("SECURITY.md");
    let rows: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()).collect();
    assert!(rows.len() >= 20, "twenty attacks at least, and there are {}", rows.len());
    let mut findings = Vec::new();
    for row in rows {
        let names: Vec<&str> = quoted(row).collect();
        for name in &names {
            let is_function = name.matches('_').count() >= 3;
            let is_there = if is_function {
                sources.iter().any(|source| source.text.contains(&format!("fn {name}(")))
            } else if name.ends_with(".test.mjs") {
                root().join("tests/e2e").join(name).is_file()
            } else {
                true
            };
            if !is_there {
                findings.push(format!("SECURITY.md: there is no test {name}"));
            }
        }
        if names.is_empty() {
            findings.push(format!("SECURITY.md: no test in {row}"));
        }
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}
