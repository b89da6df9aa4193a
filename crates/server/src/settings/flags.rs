//! Flags of the command line, made from the table.
//!
//! Owns: their names and their help. Refuses: their meaning; a value is checked where all sources meet.

use std::collections::BTreeMap;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::table::{Kind, SETTINGS, Scope, Setting};

const EVERY: u8 = 0;
const DATA: u8 = 1;
const SERVE: u8 = 2;

/// Flags that every command takes.
pub type EveryFlags = Flags<EVERY>;
/// Flags of commands that work on the data of a server.
pub type DataFlags = Flags<DATA>;
/// Flags of `serve`.
pub type ServeFlags = Flags<SERVE>;

/// The flags that were given, by the key of their setting.
#[derive(Debug, Clone, Default)]
pub struct Flags<const OF: u8>(pub BTreeMap<&'static str, String>);

impl<const OF: u8> Flags<OF> {
    fn settings() -> impl Iterator<Item = &'static Setting> {
        SETTINGS.iter().filter(|setting| match setting.scope {
            Scope::Every => OF == EVERY,
            Scope::Data => OF == DATA || OF == SERVE,
            Scope::Serve => OF == SERVE,
        })
    }
}

impl<const OF: u8> Args for Flags<OF> {
    fn augment_args(command: Command) -> Command {
        Self::settings().fold(command, |command, setting| command.arg(arg(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const OF: u8> FromArgMatches for Flags<OF> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for setting in Self::settings() {
            if let Ok(Some(text)) = matches.try_get_one::<String>(setting.key) {
                self.0.insert(setting.key, text.clone());
            }
        }
        Ok(())
    }
}

fn arg(setting: &Setting) -> Arg {
    let word = match setting.kind {
        Kind::Text => "TEXT",
        Kind::Path => "PATH",
        Kind::Address => "IP:PORT",
        Kind::Addresses => "IP,IP",
        Kind::Bucket | Kind::Web => "URL",
        Kind::Switch => "BOOL",
        Kind::Choice(_) => "WORD",
        Kind::Number(..) => "N",
    };
    let default = setting.default.map(|default| format!(", default: {default}")).unwrap_or_default();
    let arg = Arg::new(setting.key)
        .long(setting.flag())
        .value_name(word)
        .help(format!("{} [env: {}{default}]", setting.help, setting.env()))
        .global(setting.scope == Scope::Every)
        .action(ArgAction::Set);
    match setting.kind {
        Kind::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        _ => arg,
    }
}
