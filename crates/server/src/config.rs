//! Flags of the command line, each also from the environment as `GREENSHIELD_…`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The Greenshield server.
#[derive(Debug, Parser)]
#[command(name = "greenshield", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How log lines on stderr look.
    #[arg(long, env = "GREENSHIELD_LOG_FORMAT", value_enum, default_value_t = LogFormat::Pretty, global = true)]
    pub log_format: LogFormat,
    /// Which log lines are written, e.g. `info` or `greenshield_server=debug`.
    #[arg(long, env = "GREENSHIELD_LOG", default_value = "info", global = true)]
    pub log: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the server until it gets SIGTERM or SIGINT.
    Serve(Serve),
    /// Works on the data of a server, whether it runs or not.
    Admin {
        /// What to do.
        #[command(subcommand)]
        command: Admin,
    },
}

/// Runs the server.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Folder of the database and the blobs; made when missing.
    #[arg(long, env = "GREENSHIELD_DATA")]
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "GREENSHIELD_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Makes invented people and prints an invite for each.
    #[arg(long, env = "GREENSHIELD_DEMO", value_parser = FalseyValueParser::new())]
    pub demo: bool,
    /// Serves the app from this folder instead of the embedded copy.
    #[arg(long, env = "GREENSHIELD_WEB_DIR")]
    pub web_dir: Option<PathBuf>,
    /// Address that phones use, for invite links; without it the address listened on.
    #[arg(long, env = "GREENSHIELD_URL")]
    pub url: Option<String>,
}

/// Works on the data of a server.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Makes an account and prints a link that enrols one phone.
    Invite {
        /// Folder of the server.
        #[arg(long, env = "GREENSHIELD_DATA")]
        data: PathBuf,
        /// Role word of the city package, e.g. volunteer, auxiliary, officer, desk.
        #[arg(long)]
        role: String,
        /// Name to show; without it the role's name.
        #[arg(long)]
        name: Option<String>,
        /// Address that phones use; without it the one of the last start.
        #[arg(long)]
        url: Option<String>,
        /// How long the link is good.
        #[arg(long, default_value_t = 168)]
        hours: u32,
    },
    /// Revokes a phone or a person: ops that arrive from now on are held, reading ends at once.
    Revoke {
        /// Folder of the server.
        #[arg(long, env = "GREENSHIELD_DATA")]
        data: PathBuf,
        /// The log of the phone, in hex.
        #[arg(long, required_unless_present = "account", conflicts_with = "account")]
        log: Option<String>,
        /// The account of the person, in hex.
        #[arg(long)]
        account: Option<String>,
    },
    /// After a restore from a backup: starts a new epoch, so that every phone compares and refills. The server must be
    /// stopped.
    NewEpoch {
        /// Folder of the server.
        #[arg(long, env = "GREENSHIELD_DATA")]
        data: PathBuf,
    },
}
