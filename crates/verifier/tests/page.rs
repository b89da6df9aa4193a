//! The page has words for everything that it can have to say, in both languages, and none that nobody sees.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::evidence::archive::ArchiveError;
use greenshield_domain::evidence::{Finding, Signer};
use greenshield_domain::ids::{BlobId, OpId};
use greenshield_domain::signature::PublicKey;
use greenshield_verifier::IntakeError;

const PAGE: &str = include_str!("../page/page.html");
const SCRIPTS: [&str; 2] = [include_str!("../page/page.js"), include_str!("../page/engine.js")];
const WORDS: [&str; 2] = [include_str!("../page/zh-CN.json"), include_str!("../page/en.json")];

type Words = BTreeMap<String, String>;

/// Chinese and English; a file that does not read has no words.
fn words() -> [Words; 2] {
    WORDS.map(|text| serde_json::from_str(text).unwrap_or_default())
}

/// One of each; the match makes a new one a fault of this file.
fn findings() -> Vec<Finding> {
    let (name, op, blob) = (String::new(), OpId([0; 32]), BlobId([0; 32]));
    let all = vec![
        Finding::Archive(ArchiveError::Name),
        Finding::Missing(name.clone()),
        Finding::Unreadable(name.clone()),
        Finding::Altered(name.clone()),
        Finding::Unlisted(name),
        Finding::OtherServer(PublicKey([4; 65])),
        Finding::Op(0),
        Finding::Place(op),
        Finding::NoLog(op),
        Finding::NoReceipt(op),
        Finding::NotIncluded(op),
        Finding::Log(0),
        Finding::NoFile(blob),
        Finding::Stray(blob),
        Finding::Signature(Signer::Log(op)),
    ];
    for finding in &all {
        match finding {
            Finding::Archive(_) | Finding::Missing(_) | Finding::Unreadable(_) | Finding::Altered(_) => {}
            Finding::Unlisted(_) | Finding::OtherServer(_) | Finding::Op(_) | Finding::Place(_) => {}
            Finding::NoLog(_) | Finding::NoReceipt(_) | Finding::NotIncluded(_) | Finding::Log(_) => {}
            Finding::NoFile(_) | Finding::Stray(_) | Finding::Signature(_) => {}
        }
    }
    all
}

/// What stands between `open` and `close`, every time.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

/// The keys that page and scripts ask for.
fn asked() -> BTreeSet<String> {
    let mut asked: BTreeSet<String> = between(PAGE, "data-t=\"", '"').into_iter().map(str::to_owned).collect();
    asked.extend(between(PAGE, "data-t-label=\"", '"').into_iter().map(str::to_owned));
    asked.extend(SCRIPTS.iter().flat_map(|script| between(script, "t(\"", '"')).map(str::to_owned));
    asked.extend(findings().iter().map(|finding| format!("finding.{}", finding.code())));
    let faults = [IntakeError::TooLarge { size_bytes: 0 }, IntakeError::Size { expected: 0, came: 0 }];
    asked.extend(faults.iter().map(|fault| format!("fault.{}", fault.code())));
    asked
}

#[test]
fn both_languages_have_every_word_that_is_asked_for_and_no_other() {
    for words in words() {
        assert_eq!(words.keys().cloned().collect::<BTreeSet<_>>(), asked());
    }
}

#[test]
fn both_languages_fill_in_the_same_things() {
    let gaps = |text: &str| between(text, "{", '}').into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let [chinese, english] = words();
    for (key, text) in &chinese {
        assert_eq!(gaps(text), gaps(&english[key]), "{key}");
        assert!(!text.trim().is_empty() && !english[key].trim().is_empty(), "{key}");
    }
}

#[test]
fn the_page_asks_nothing_of_a_network() {
    for text in [PAGE].iter().chain(&SCRIPTS) {
        for word in ["http:", "https:", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "src=\"/", "href=\"/"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
