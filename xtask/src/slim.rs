//! Takes from style sheets and scripts what only their readers need: comments, indents, empty lines.
//!
//! On purpose no minifier: nothing is renamed, joined or understood, so nothing can change its meaning. A script keeps whatever
//! stands beside code on its line; its texts of several lines must not need their indents.

/// A style sheet without comments.
pub(crate) fn style(text: &str) -> String {
    let mut rest = text;
    let mut slim = String::with_capacity(text.len());
    while let Some((before, behind)) = rest.split_once("/*") {
        slim.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, after)| after);
    }
    slim.push_str(rest);
    lines(slim.lines().map(str::trim))
}

/// A script without the comments that have lines of their own.
pub(crate) fn script(text: &str) -> String {
    lines(text.lines().map(str::trim).filter(|line| !line.starts_with("//")))
}

fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_loses_its_comments_and_nothing_else() {
        let text = "/* Why\n   so. */\n.a {\n  color: red; /* loud */\n\n  margin: 0;\n}\n";
        assert_eq!(style(text), ".a {\ncolor: red;\nmargin: 0;\n}\n");
        assert_eq!(style("/* never ends"), "\n");
    }

    #[test]
    fn a_script_keeps_what_stands_beside_code() {
        let text =
            "// Owns: nothing.\nconst BUILD = /*BUILD*/\"dev\"; // filled\n  // indented\n  call(\"http://x\");\n";
        assert_eq!(script(text), "const BUILD = /*BUILD*/\"dev\"; // filled\ncall(\"http://x\");\n");
    }
}
