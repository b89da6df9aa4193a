//! What all files of XML share: text that can not break them, positions.

/// Text between tags or in an attribute. Characters that XML 1.0 does not know are left out.
pub(super) fn escape(text: &str) -> String {
    let known = |c: &char| !c.is_control() || ['\n', '\t'].contains(c);
    text.chars().filter(known).filter(|c| !['\u{fffe}', '\u{ffff}'].contains(c)).fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

/// Degrees × 1e7 as degrees, exactly.
pub(super) fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    format!("{sign}{}.{:07}", e7.unsigned_abs() / 10_000_000, e7.unsigned_abs() % 10_000_000)
}

/// Centimetres as metres, exactly.
pub(super) fn metres(cm: i64) -> String {
    let sign = if cm < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cm.unsigned_abs() / 100, cm.unsigned_abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_the_file() {
        assert_eq!(escape("<a href=\"x\">&'\u{0}\u{b}\u{ffff}\n"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\n");
        assert_eq!([degrees(-5), degrees(1_004_517_000)], ["-0.0000005", "100.4517000"]);
        assert_eq!(metres(-150), "-1.50");
    }
}
