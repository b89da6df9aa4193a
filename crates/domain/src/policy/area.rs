//! Areas by their codes: GB/T 2260 for counties, the twelve digits of the statistical office for towns and villages.
//!
//! Owns: which code lies in which. Refuses: geometry; whoever writes down a place says the code that it lies in.

/// Digits at the end of each level: province, city, county, town, village.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// A code without the zeros that stand for "all of it": `620700` → `6207`, `620723101000` → `620723101`.
#[must_use]
pub fn significant(code: &str) -> &str {
    let mut code = code;
    while let Some(level) = LEVELS.iter().position(|digits| *digits == code.len()).filter(|level| *level > 0) {
        let (upper, last) = code.split_at(LEVELS[level - 1]);
        if last.bytes().any(|digit| digit != b'0') {
            break;
        }
        code = upper;
    }
    code
}

/// Whether an area lies in another one, or is the same.
#[must_use]
pub fn contains(outer: &str, inner: &str) -> bool {
    significant(inner).starts_with(significant(outer))
}

/// How many digits the codes of the next level have; `None` below a village.
#[must_use]
pub fn next_level(code: &str) -> Option<usize> {
    let own = significant(code).len();
    LEVELS.into_iter().find(|digits| *digits > own)
}

/// Whether text is the code of an area: digits, as many as a level has.
#[must_use]
pub fn is_code(code: &str) -> bool {
    LEVELS.contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_contains_its_counties_towns_and_villages_and_nothing_else() {
        for (outer, inner, expected) in [
            ("620700", "620723", true),
            ("620700", "620723101001", true),
            ("620723", "620723101000", true),
            ("620723000000", "620723101001", true),
            ("620723101000", "620723101001", true),
            ("620723101001", "620723101000", false),
            ("620723", "620700", false),
            ("620723", "620724", false),
            ("620723101001", "620723101001", true),
        ] {
            assert_eq!(contains(outer, inner), expected, "{outer} {inner}");
        }
        assert!(is_code("620723") && is_code("620723101001") && !is_code("6207231") && !is_code("62072x"));
    }
}
