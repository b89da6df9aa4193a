//! The people who share this phone: each has a database of their own, and one is open at a time.

use serde::{Deserialize, Serialize};

/// The database of the first person of a phone.
pub const FIRST: &str = "main";

/// Somebody's database on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What tells the database from the others.
    pub database: String,
    /// Whose it is; empty = nobody's yet.
    pub name: String,
}

/// Everybody of this phone. Kept outside of the databases, so that the page of a locked one can tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks(pub Vec<Mark>);

impl Marks {
    /// With the open database and whose it is; the same when that is known. `None` = nothing changed.
    #[must_use]
    pub fn with(&self, database: &str, name: &str) -> Option<Self> {
        let mut marks = self.0.clone();
        match marks.iter_mut().find(|mark| mark.database == database) {
            Some(mark) if mark.name == name || name.is_empty() => return None,
            Some(mark) => name.clone_into(&mut mark.name),
            None => marks.push(Mark { database: database.to_owned(), name: name.to_owned() }),
        }
        Some(Self(marks))
    }

    /// Everybody but the one whose database is open.
    #[must_use]
    pub fn others(&self, open: &str) -> Vec<Mark> {
        self.0.iter().filter(|mark| mark.database != open).cloned().collect()
    }

    /// A database that is nobody's yet, if there is one: a person who changed their mind leaves no trace.
    #[must_use]
    pub fn unused(&self, open: &str) -> Option<String> {
        self.others(open).into_iter().find(|mark| mark.name.is_empty()).map(|mark| mark.database)
    }
}

/// The name of something that is kept outside of the databases for each of them.
#[must_use]
pub fn own_name(name: &str, database: &str) -> String {
    if database == FIRST { name.to_owned() } else { format!("{name}.{database}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_of_a_phone_is_known_once_and_keeps_the_name() {
        let one = Marks::default().with(FIRST, "").unwrap();
        assert_eq!(one.with(FIRST, ""), None);
        let one = one.with(FIRST, "甲").unwrap();
        assert_eq!(one.with(FIRST, ""), None, "a locked database does not tell whose it is");
        let two = one.with("b", "").unwrap();
        assert_eq!(two.unused(FIRST).as_deref(), Some("b"));
        let two = two.with("b", "乙").unwrap();
        let names: Vec<String> = two.others("b").into_iter().map(|mark| mark.name).collect();
        assert_eq!((names, two.unused(FIRST)), (vec!["甲".to_owned()], None));
        assert_eq!((own_name("owner", FIRST).as_str(), own_name("owner", "b").as_str()), ("owner", "owner.b"));
    }
}
