//! `cargo xtask run`: from a fresh clone to a running demo city.
//!
//! The server takes the place of this process, so Ctrl-C and signals reach it directly; a small helper process reads
//! the server's JSON lines and shows them as links a person can open.

use std::io::{BufRead, stdin};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::{env, fs};

use serde_json::Value;

use crate::process::{At, Failure, Outcome, Program, step};
use crate::toolchain::Places;
use crate::web;

/// The hidden command that makes the server's lines readable.
pub(crate) const PRINT_LINKS: &str = "print-links";
const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// Builds the app and the server and becomes the server.
pub(crate) fn run(places: &Places, words: &[&str]) -> Outcome<()> {
    let address = words.first().copied().unwrap_or(DEFAULT_ADDRESS);
    if !places.root.join("dist/index.html").is_file() {
        eprintln!("The first run sets up the tools and builds everything: about 15 to 25 min on two cores.");
        eprintln!("Later runs start within seconds.\n");
    }
    web::build(places)?;
    step("building the server (about 4 min the first time)", || build_server(places))?;
    serve(places, address)
}

pub(crate) fn build_server(places: &Places) -> Outcome<()> {
    Program::new("building the server", "cargo").args(["build", "-p", "greenshield-server"]).dir(&places.root).run()
}

fn serve(places: &Places, address: &str) -> Outcome<()> {
    let data = places.target.join("demo");
    fs::create_dir_all(&data).at(&data)?;
    let own = env::current_exe().at(&places.root)?;
    let start = |program: &str, source| Failure::Start { program: program.to_owned(), source };
    let mut printer = Program::new("the printer", own).args([PRINT_LINKS]).into_command();
    let mut printer = printer.stdin(Stdio::piped()).spawn().map_err(|source| start("the printer", source))?;
    let lines = printer.stdin.take().map_or_else(Stdio::inherit, Stdio::from);
    let server = Program::new("the server", places.server("debug"))
        .args(["serve", "--demo", "--demo-city", "--listen", address, "--data"])
        .args([&data])
        .dir(&places.root);
    // Only comes back when the server cannot be started.
    let source = server.into_command().stdout(lines).exec();
    Err(start("greenshield", source))
}

/// Shows each JSON line of the server as a person wants to read it; any other line as it is.
pub(crate) fn print_links() -> Outcome<()> {
    for line in stdin().lock().lines().map_while(Result::ok) {
        println!("{}", readable(&line));
    }
    Ok(())
}

fn readable(line: &str) -> String {
    let fact = serde_json::from_str::<Value>(line).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(address) = fact["listening"].as_str() {
        return format!(
            "\n  绿盾 Greenshield is running at {address}\n  Ctrl-C ends it. Each link below enrols one browser, once:\n"
        );
    }
    if let Some(invite) = fact["invite"].as_object() {
        let field = |name: &str| invite.get(name).map(text).unwrap_or_default();
        return format!("  {:<10} {}", field("role"), field("url"));
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invites_become_links_and_unknown_lines_stay() {
        let invite = readable(r#"{"invite":{"role":"volunteer","url":"http://127.0.0.1:8080/#/enrol/ABC"}}"#);
        assert_eq!(invite, "  volunteer  http://127.0.0.1:8080/#/enrol/ABC");
        assert!(readable(r#"{"listening":"http://127.0.0.1:8080"}"#).contains("at http://127.0.0.1:8080\n"));
        assert_eq!(readable("hello"), "hello");
    }
}
