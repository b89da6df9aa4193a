//! Whether a package may stand behind another one as its next version.
//!
//! Refuses: to look at its content, which [`super::compare`] does.

use super::{City, CityFault, FILES, FaultCode, Wrong};
use crate::policy::Action;

/// What stands against a package as the next version: another city, a number that is not above the `highest` that was ever given,
/// or that the role of whoever brings it could not bring another one.
#[must_use]
pub fn follows(before: &City, highest: u32, city: &City, role: &str) -> Vec<CityFault> {
    let mut faults = Vec::new();
    let mut fault = |file, path: &str, wrong, problem| {
        faults.push(CityFault { file, path: path.to_owned(), wrong, problem });
    };
    if city.info.id != before.info.id {
        let problem = format!("{:?} is another city than {:?}", city.info.id, before.info.id);
        fault(FILES[0], "id", Wrong::about(FaultCode::City, &city.info.id), problem);
    }
    if city.info.version <= highest {
        let wrong = Wrong::numbers(FaultCode::Version, &[city.info.version.into(), highest.into()]);
        let problem = format!("{} is not above {highest}, which was given already", city.info.version);
        fault(FILES[0], "version", wrong, problem);
    }
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    if !policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Package))) {
        let problem = format!("{role:?} would lose the action \"package\" and could not undo it");
        fault(FILES[5], "roles", Wrong::about(FaultCode::Lockout, role), problem);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_is_of_the_same_city_has_a_higher_number_and_locks_nobody_out() {
        let before = super::super::tests::city();
        let mut next = before.clone();
        next.info.version += 1;
        assert_eq!(follows(&before, before.info.version, &next, "admin"), []);
        let told = |highest, next: &City, role: &str| -> Vec<String> {
            follows(&before, highest, next, role).iter().map(ToString::to_string).collect()
        };
        assert_eq!(told(9, &next, "admin"), ["city.json: version: 2 is not above 9, which was given already"]);
        next.info.id = "elsewhere".to_owned();
        next.policy.roles.retain(|policy| policy.role != "admin");
        let told = told(1, &next, "admin");
        assert!(told[0].starts_with("city.json: id: \"elsewhere\" is another city"), "{told:?}");
        assert!(told[1].starts_with("policy.json: roles: \"admin\" would lose"), "{told:?}");
    }
}
