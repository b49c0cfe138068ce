//! Arguments of `ledgerline terms` and `ledgerline payout`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::{MoreOutputs, parse_code, parse_month};
use crate::ident::{Currency, SalePeriod};

/// The workspace, and who is at work in it.
#[derive(Debug, Args)]
pub(super) struct At {
    /// Workspace
    #[arg(long, value_name = "DIR")]
    pub workspace: PathBuf,
    /// Threads to use; 0 means one for each core
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// Why, and by whom.
#[derive(Debug, Args)]
pub(super) struct Because {
    /// Why
    #[arg(long, default_value = "")]
    pub note: String,
    /// Who changes it; the user's name by default
    #[arg(long)]
    pub by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum TermsCommand {
    /// Import contracts (TOML or CSV), exchange rates and opening balances (CSV), all or none; what has the same kind and name is replaced
    Import {
        /// The files; what each one is, is seen from its first line
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        because: Because,
    },
    /// List payees, taxes, contracts, rates and balances
    List {
        #[command(flatten)]
        at: At,
    },
    /// Print one of them
    Show {
        /// payee, tax, profile, release, contract, group, rates or balances
        kind: String,
        /// Its name
        name: String,
        #[command(flatten)]
        at: At,
    },
    /// Write all of them as files that can be imported again
    Export {
        /// Folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Write contracts as CSV, not as TOML
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        at: At,
    },
    /// Take one of them out
    Remove {
        /// payee, tax, profile, release, contract, group, rates or balances
        kind: String,
        /// Its name
        name: String,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        because: Because,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PayoutCommand {
    /// Settle what is open by the contracts of the workspace, and show it; nothing is closed
    Show {
        /// The period, such as 2026-09; the month of the last sales that are open when not given
        #[arg(value_name = "PERIOD", value_parser = parse_month)]
        period: Option<SalePeriod>,
        /// Folder for payables.csv, postings.csv, balances.csv, corrections.csv and proof.json
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        more: MoreOutputs,
        #[command(flatten)]
        at: At,
    },
    /// Show what importing files of contracts, rates or balances would do to what is paid; nothing is changed
    WhatIf {
        /// The files, as for `terms import`
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The period, such as 2026-09; the month of the last sales that are open when not given
        #[arg(long, value_name = "PERIOD", value_parser = parse_month)]
        period: Option<SalePeriod>,
        #[command(flatten)]
        at: At,
    },
    /// Show the arithmetic behind what a payee gets, step by step
    Explain {
        /// The payee, as the contracts name them
        #[arg(long, value_name = "NAME")]
        payee: String,
        /// The currency of the payable
        #[arg(long, value_name = "CODE", value_parser = parse_code)]
        currency: Currency,
        /// A closed period; the open one when not given
        #[arg(value_name = "PERIOD", value_parser = parse_month)]
        period: Option<SalePeriod>,
        #[command(flatten)]
        at: At,
    },
    /// Close a period: its inputs and results are kept and never change; what is corrected later goes into the next one
    Close {
        /// The period, such as 2026-09
        #[arg(value_name = "PERIOD", value_parser = parse_month)]
        period: SalePeriod,
        #[command(flatten)]
        at: At,
        /// Who closes it; the user's name by default
        #[arg(long)]
        by: Option<String>,
    },
    /// List closed periods
    List {
        #[command(flatten)]
        at: At,
    },
    /// Settle a closed period again from what was kept, and compare every byte
    Verify {
        /// The period; all closed ones when not given
        #[arg(value_name = "PERIOD", value_parser = parse_month)]
        period: Option<SalePeriod>,
        #[command(flatten)]
        at: At,
    },
    /// Write what a closed period was settled from and came to
    Export {
        /// The period, such as 2026-09
        #[arg(value_name = "PERIOD", value_parser = parse_month)]
        period: SalePeriod,
        /// Folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        more: MoreOutputs,
        #[command(flatten)]
        at: At,
    },
}

impl TermsCommand {
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Import { at, .. }
            | Self::List { at }
            | Self::Show { at, .. }
            | Self::Export { at, .. }
            | Self::Remove { at, .. } => at.threads,
        }
    }
}

impl PayoutCommand {
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Show { at, .. }
            | Self::WhatIf { at, .. }
            | Self::Explain { at, .. }
            | Self::Close { at, .. }
            | Self::List { at }
            | Self::Verify { at, .. }
            | Self::Export { at, .. } => at.threads,
        }
    }
}
