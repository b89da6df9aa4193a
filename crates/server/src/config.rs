//! The command line: commands and what they take. Settings come from the table of `settings`.
//!
//! Owns: the words that a stranger reads in `--help`. Refuses: to act; `main` does.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::settings::{DataFlags, EveryFlags, ServeFlags};

/// How settings are found, told by every help.
const SOURCES: &str = "\
Every setting can be given as a flag, as an environment variable, or in one TOML file that --config or GREENSHIELD_CONFIG
names. A flag wins over the environment, the environment over the file, the file over the default.
Facts go to stdout, one JSON object a line; logs go to stderr.";

const EXAMPLES: &str = "\
Examples:
  greenshield serve --data /var/lib/greenshield --demo      try it: invented people, one invite link each
  greenshield serve --config /etc/greenshield.toml          real work
  greenshield admin invite --data /var/lib/greenshield --role volunteer --name Wang
  greenshield backup --data /var/lib/greenshield --to /backup/today
  greenshield webhooks --config /etc/greenshield.toml       how those stand who are told of changes
  greenshield config --config /etc/greenshield.toml         which settings hold, and where they come from

`greenshield COMMAND --help` explains a command. The manual is docs/operations.md.";

const SERVE_EXAMPLES: &str = "\
Example:
  greenshield serve --data /var/lib/greenshield --url https://greenshield.example.org

Only the data folder is needed. By default the server listens on this computer alone (127.0.0.1:8080), because a proxy in
front adds TLS: browsers give camera and position to https and localhost only. The first start makes the database and the key
that signs receipts. SIGTERM and SIGINT (Ctrl-C) end it in good order: running requests are answered first.";

const BACKUP_HELP: &str = "\
Example, every hour:
  greenshield backup --data /var/lib/greenshield --to /backup/greenshield && greenshield verify-backup /backup/greenshield

The database is copied first, then every blob that it names. The backup holds the key that signs receipts: keep it secret.
With a PostgreSQL database, pg_dump makes the backup; the command says how.";

const CITY_HELP: &str = "\
Example, another city:
  greenshield city export > mine.json        the package of this build, to change; with --data the one that holds there
  greenshield city check mine.json           every fault with its path, and what it changes
  greenshield serve --data DIR --city mine.json

Numbers and words that were ever used keep their meaning, so that old records always open. A changed package has a higher
version; phones take it with their next update of the app. An administrator can also bring a version in the browser, to hold
from a day on; of it and the file that --city names the one with the higher version holds.";

const WEBHOOKS_HELP: &str = "\
Example, in the settings file:
  [[webhooks]]
  name = \"gis\"
  url = \"https://gis.example.org/greenshield\"
  secret_file = \"/etc/greenshield/gis.secret\"     # echo whsec_$(openssl rand -base64 32)
  key = \"ID\"                                       # of an access key: `greenshield webhooks keys`
  kinds = [\"incident\"]

  greenshield webhooks --config FILE               how each receiver stands
  greenshield webhooks test gis --config FILE      sends a signed ping

What is sent and how a receiver checks it: docs/interfaces.md.";

/// The Greenshield server: reports from phones that are often offline, kept so that none is lost.
#[derive(Debug, Parser)]
#[command(name = "greenshield", version, about, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{SOURCES}"))]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The settings file (TOML) [env: GREENSHIELD_CONFIG]
    #[arg(long, value_name = "PATH", global = true)]
    pub config: Option<PathBuf>,
    /// Settings of every command.
    #[command(flatten)]
    pub flags: EveryFlags,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until it gets SIGTERM or SIGINT.
    #[command(after_help = SERVE_EXAMPLES, after_long_help = format!("{SERVE_EXAMPLES}\n\n{SOURCES}"))]
    Serve {
        /// Settings.
        #[command(flatten)]
        flags: ServeFlags,
    },
    /// Invite people, revoke phones, start a new epoch. Most of it works while the server runs.
    Admin {
        /// What to do.
        #[command(subcommand)]
        command: Admin,
    },
    /// Copy database and blobs into a folder, while the server runs. Again into the same folder, only new blobs are copied.
    #[command(after_help = BACKUP_HELP)]
    Backup {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// Folder of the backup; made when missing. Best on another disk.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Make a new data folder from a backup. It checks every file first and starts a new epoch, so that phones refill it.
    Restore {
        /// Settings; the data folder must be empty or missing.
        #[command(flatten)]
        flags: DataFlags,
        /// Folder of the backup.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
    },
    /// Check a backup: every file is there and has its hash, and the database is whole.
    VerifyBackup {
        /// Folder of the backup.
        dir: PathBuf,
    },
    /// Write a record with all that an outsider needs to check it into one zip, also while the server runs.
    Evidence {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// The record, in hex.
        #[arg(long, value_name = "ID")]
        record: String,
        /// Where to; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print which records were kept long enough, one line a class, also while the server runs. It changes nothing; the server erases, where that is switched on.
    Retention {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// Only look. There is nothing else to do by hand.
        #[arg(long, required = true)]
        dry_run: bool,
    },
    /// Print how the receivers of webhooks stand, one line each, also while the server runs; try one, resume one.
    #[command(after_help = WEBHOOKS_HELP)]
    Webhooks {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// What to do; without it they are printed.
        #[command(subcommand)]
        command: Option<WebhookCommand>,
    },
    /// Check an evidence file. It needs neither database nor server nor network; the exit code is 1 when something was found.
    Verify {
        /// The zip.
        file: PathBuf,
        /// The public key of the server that you trust, in hex; without it only the file's own key is checked.
        #[arg(long, value_name = "HEX")]
        server_key: Option<String>,
    },
    /// Look at city packages: kinds, categories, workflows, rights and papers of a city, as one file of data.
    #[command(after_help = CITY_HELP)]
    City {
        /// What to do.
        #[command(subcommand)]
        command: CityCommand,
    },
    /// Print the settings that hold as a TOML file, each with where it came from. Secrets are not shown.
    Config {
        /// Settings.
        #[command(flatten)]
        flags: ServeFlags,
    },
}

/// Works on city packages; it needs neither data nor a running server, and looks at the versions in the data when it is named.
#[derive(Debug, Subcommand)]
pub enum CityCommand {
    /// Print the package that holds, as one file to change.
    Export {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
    },
    /// Tell every fault of a package with its path, and what it changes. The exit code is 1 when something is wrong.
    Check {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// The package.
        file: PathBuf,
        /// The package that was used before; without it the one that holds.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}

/// Works with the receivers of webhooks that the settings file names.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Send a signed ping to a receiver and print what it answers. The exit code is 1 when it did not take it.
    Test {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// Name of the receiver.
        name: String,
    },
    /// Let a receiver that is paused, or waits for its next try, be tried within a minute.
    Resume {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// Name of the receiver.
        name: String,
    },
    /// Print the access keys that are good, with the ids that `key` of a webhook takes.
    Keys {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
    },
}

impl WebhookCommand {
    fn flags(&self) -> &DataFlags {
        match self {
            Self::Test { flags, .. } | Self::Resume { flags, .. } | Self::Keys { flags } => flags,
        }
    }
}

/// Works on the data of a server.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account and print a link that enrols one phone.
    Invite {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// Role word of the city package, e.g. volunteer, auxiliary, officer, desk.
        #[arg(long)]
        role: String,
        /// Name to show; without it the role's name.
        #[arg(long)]
        name: Option<String>,
        /// Unit of the person, a department of the city package, e.g. water; needed for a liaison.
        #[arg(long)]
        unit: Option<String>,
        /// Address that phones use; without it the one of the last start.
        #[arg(long)]
        url: Option<String>,
        /// How long the link is good.
        #[arg(long, default_value_t = 168)]
        hours: u32,
    },
    /// Revoke a phone or a person: ops that arrive from now on are held, reading ends at once.
    Revoke {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// The log of the phone, in hex.
        #[arg(long, required_unless_present = "account", conflicts_with = "account")]
        log: Option<String>,
        /// The account of the person, in hex.
        #[arg(long)]
        account: Option<String>,
    },
    /// Let an op that is held, or that was decided never to show, show from now on. The server may be running.
    Release {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// The op, in hex.
        #[arg(long, value_name = "ID")]
        op: String,
        /// Why, for people.
        #[arg(long)]
        reason: String,
    },
    /// Decide that an op never shows. It is kept, and can be released again.
    Void {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
        /// The op, in hex.
        #[arg(long, value_name = "ID")]
        op: String,
        /// Why, for people.
        #[arg(long)]
        reason: String,
    },
    /// After a restore by hand: start a new epoch, so that every phone compares and refills. The server must be stopped.
    NewEpoch {
        /// Settings.
        #[command(flatten)]
        flags: DataFlags,
    },
}

impl Command {
    /// The settings that were given as flags of the command itself.
    #[must_use]
    pub fn flags(&self) -> std::collections::BTreeMap<&'static str, String> {
        match self {
            Self::Serve { flags } | Self::Config { flags } => flags.0.clone(),
            Self::Backup { flags, .. }
            | Self::Restore { flags, .. }
            | Self::Evidence { flags, .. }
            | Self::Retention { flags, .. } => flags.0.clone(),
            Self::Webhooks { flags, command } => {
                let mut given = flags.0.clone();
                given.extend(command.as_ref().map(|command| command.flags().0.clone()).unwrap_or_default());
                given
            }
            Self::City { command: CityCommand::Export { flags } | CityCommand::Check { flags, .. } } => flags.0.clone(),
            Self::VerifyBackup { .. } | Self::Verify { .. } => std::collections::BTreeMap::new(),
            Self::Admin {
                command:
                    Admin::Invite { flags, .. }
                    | Admin::Revoke { flags, .. }
                    | Admin::Release { flags, .. }
                    | Admin::Void { flags, .. }
                    | Admin::NewEpoch { flags },
            } => flags.0.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_whole_and_every_serve_setting_is_in_its_help() {
        Cli::command().debug_assert();
        let mut cli = Cli::command();
        let serve = cli.find_subcommand_mut("serve").unwrap().render_long_help().to_string();
        for setting in crate::settings::table::SETTINGS {
            let flag = format!("--{}", setting.flag());
            let every = setting.scope == crate::settings::table::Scope::Every;
            assert!(every || serve.contains(&flag) && serve.contains(&setting.env()), "{flag}");
        }
    }

    #[test]
    fn flags_are_taken_before_and_after_the_command() {
        for line in [
            ["greenshield", "--log", "debug", "serve", "--data", "x", "--demo"],
            ["greenshield", "serve", "--data", "x", "--demo", "--log", "debug"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.flags.0.get("log").map(String::as_str), Some("debug"));
            let flags = cli.command.flags();
            assert_eq!(flags.get("data").map(String::as_str), Some("x"));
            assert_eq!(flags.get("demo").map(String::as_str), Some("true"));
        }
    }
}
