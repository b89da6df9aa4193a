//! Documents of a record: files of any kind, kept as they came and handed out under the name that they had.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::Kind;
use greenshield_domain::incident::{BlobLink, is_mime};
use greenshield_domain::register::field;

use crate::state::unsent::size_words;
use crate::state::words::t;

/// Most bytes of one document.
pub const MOST_BYTES: u64 = 20 * 1024 * 1024;
/// Most characters of a name.
const NAME_CHARS: usize = 120;

/// A document of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// How large it is, and whether it still waits here.
    pub facts: String,
    /// Its file.
    pub link: BlobLink,
}

/// Whether records of a kind take documents.
#[must_use]
pub fn takes_documents(kind: &Kind) -> bool {
    kind.field(field::DOCUMENTS).is_some()
}

/// The documents of a record, by name.
#[must_use]
pub fn documents(view: &RecordView) -> Vec<Document> {
    let one = |found: &greenshield_client::engine::BlobView| {
        let waits = found.row.as_ref().is_some_and(|row| row.mine && row.delivered_millis.is_none());
        let size = size_words(found.link.size_bytes);
        let facts = if waits { format!("{size} \u{b7} {}", t("register.document_waits")) } else { size };
        let name = found.link.name.as_deref().map(safe_name).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| t("register.document_nameless").to_owned());
        Document { name, facts, link: found.link.clone() }
    };
    let mut all: Vec<Document> = view.documents.iter().map(one).collect();
    greenshield_domain::order::sort_by_key(&mut all, |document| (document.name.clone(), document.link.blob));
    all
}

/// The name under which a file is kept: its own, without what makes it a path or hides its end.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks of direction would show `exe.pdf` for what ends in `.exe`.
    let is_plain = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = last.chars().filter(is_plain).collect();
    let plain = plain.trim();
    match plain.chars().count() > NAME_CHARS {
        false => plain.to_owned(),
        // The end says what it is.
        true => {
            let end: String = plain.chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect();
            plain.chars().take(NAME_CHARS - 12).chain(end.chars()).collect()
        }
    }
}

/// What a file is that says nothing of itself.
pub const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file as the server takes it: what the system said, without parameters, if it is one.
#[must_use]
pub fn safe_mime(said: &str) -> String {
    let plain = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if is_mime(&plain) { plain } else { UNKNOWN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_one_that_the_server_takes() {
        assert_eq!(safe_mime("text/plain; charset=utf-8"), "text/plain");
        assert_eq!(safe_mime("Application/PDF"), "application/pdf");
        for odd in ["", "pdf", "a/b/c", "text/pl ain", "文/件", "/"] {
            assert_eq!(safe_mime(odd), UNKNOWN, "{odd:?}");
        }
    }

    #[test]
    fn a_name_is_no_path_hides_nothing_and_keeps_its_end() {
        assert_eq!(safe_name("../../etc/方案.pdf"), "方案.pdf");
        assert_eq!(safe_name("c:\\temp\\方案 1.docx "), "方案 1.docx");
        assert_eq!(safe_name("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        let long = format!("{}.pdf", "长".repeat(300));
        assert!(safe_name(&long).ends_with(".pdf") && safe_name(&long).chars().count() == 120);
    }
}
