//! The invitation: from what a person opened or pasted to the code in it, and from a code to the link that is handed over.

use greenshield_domain::ids::AccountId;
use greenshield_domain::wire::InviteResponse;

use super::qr::QrPath;

/// A one-time link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whom it invites.
    pub account: AccountId,
    /// The name of that person.
    pub name: String,
    /// The role word of that person.
    pub role: String,
    /// The link.
    pub link: String,
    /// The same for a camera.
    pub qr: Option<QrPath>,
    /// From when on it is refused, ms since 1970, server clock.
    pub expires_millis: i64,
}

impl Invitation {
    /// Of what the server made; `origin` is where this app lives.
    #[must_use]
    pub fn of(made: InviteResponse, origin: &str) -> Self {
        let link = format!("{}/#/enrol/{}", origin.trim_end_matches('/'), made.code);
        let qr = QrPath::of(&link);
        let InviteResponse { account, name, role, expires_millis, .. } = made;
        Self { account, name, role, link, qr, expires_millis }
    }
}

/// The code of an address fragment `/enrol/CODE`.
#[must_use]
pub fn code_of_fragment(fragment: &str) -> Option<String> {
    let code = fragment.trim_start_matches('#').trim_start_matches('/').strip_prefix("enrol/")?;
    let code = code.split(['?', '&', '/']).next().unwrap_or_default().trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// The code of what somebody pasted: a whole link, words around a link, or the code alone.
#[must_use]
pub fn code_of_text(text: &str) -> Option<String> {
    if let Some(at) = text.find("#/enrol/") {
        return code_of_fragment(text[at..].split_whitespace().next().unwrap_or_default());
    }
    let code: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (!code.is_empty() && code.len() <= 200).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_links_and_alone() {
        assert_eq!(code_of_fragment("/enrol/AB12"), Some("AB12".to_owned()));
        assert_eq!(code_of_text("快来 http://localhost:8080/#/enrol/AB12 点开"), Some("AB12".to_owned()));
        assert_eq!(code_of_text(" AB 12\n"), Some("AB12".to_owned()));
        assert_eq!(code_of_text("  "), None);
        assert_eq!(code_of_fragment("/records"), None);
    }
}
