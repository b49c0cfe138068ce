//! The arguments of each command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::payout_args::{PayoutCommand, TermsCommand};
use crate::ident::{Currency, DateOrder, SalePeriod};
use crate::money::DecimalMark;

/// Turns streaming reports into royalty payments that add up to the last digit.
#[derive(Debug, Parser)]
#[command(name = "ledgerline", version, max_term_width = 110)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
// The command `help` is our own: it knows the chapters of the guide, too.
#[command(disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<ProgramCommand>,
    /// Workspace to open in the window, and statement files to import into it; without a folder the workspace that was open last
    #[arg(value_name = "WORKSPACE or FILE")]
    pub open: Vec<PathBuf>,
}

impl Arguments {
    /// The workspace and the files that the window is to open: a first path that is a folder is the workspace.
    ///
    /// # Errors
    /// A sentence, when the first is neither a file nor a folder and not plainly the path of a new one: it may be a mistyped command.
    pub(super) fn to_open(&self) -> Result<(Option<PathBuf>, Vec<PathBuf>), String> {
        match self.open.split_first() {
            Some((first, files)) if !first.is_file() => {
                if !first.is_dir() && first.components().count() < 2 {
                    let name = first.display();
                    return Err(format!(
                        "{name} is not a command, file or folder; for a new workspace give a path such as ./{name}, see: ledgerline help"
                    ));
                }
                Ok((Some(first.clone()), files.to_vec()))
            }
            _ => Ok((None, self.open.clone())),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum ProgramCommand {
    /// Match the statements of a month to the catalog and write summary, exceptions and payout
    Reconcile(ReconcileArguments),
    /// Settle cells by contracts, without a catalog or workspace: postings, payables, balances and the proof
    Settle(SettleArguments),
    /// Show the arithmetic behind what a payee gets, step by step, from the same files as settle
    Explain(ExplainArguments),
    /// Contracts, exchange rates and opening balances of a workspace
    Terms {
        #[command(subcommand)]
        command: TermsCommand,
    },
    /// What a workspace pays by its contracts, period by period
    Payout {
        #[command(subcommand)]
        command: PayoutCommand,
    },
    /// The label's own tracks
    Catalog {
        #[command(subcommand)]
        command: CatalogCommand,
    },
    /// Reports of DSPs and distributors
    Statement {
        #[command(subcommand)]
        command: StatementCommand,
    },
    /// Layouts: what the columns of a sender's statements mean
    Layout {
        #[command(subcommand)]
        command: LayoutCommand,
    },
    /// Decisions about items that did not match by themselves
    Decide {
        #[command(subcommand)]
        command: DecideCommand,
    },
    /// The journal: everything that was ever done to a workspace
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Read a delimited file line by line and write its rows as clean CSV, with every odd row flagged
    Read(ReadArguments),
    /// Show the options of a command, or a chapter of the guide
    Help {
        /// A command, or a chapter; without one the list of both
        #[arg(value_name = "COMMAND or CHAPTER")]
        words: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct SettleArguments {
    /// Cells: CSV of track, territory, period, usage, dsp, quantity, amount, currency
    #[arg(long, value_name = "FILE")]
    pub cells: PathBuf,
    #[command(flatten)]
    pub terms: Terms,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub more: MoreOutputs,
    /// Catalog that has the names of tracks and releases for the statements
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "statements")]
    pub catalog: Vec<PathBuf>,
    /// Threads to use; 0 means one for each core
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

impl MoreOutputs {
    pub(super) fn is_any(&self) -> bool {
        self.statements || !self.payout_file.is_empty()
    }
}

/// What is written besides the tables of a settlement.
#[derive(Debug, Args)]
pub(super) struct MoreOutputs {
    /// Write a statement for each payee and currency too, as CSV and as PDF, into the folder `statements`
    #[arg(long, requires = "out")]
    pub statements: bool,
    /// Who sends the statements; without it the label of the cells, if there is only one
    #[arg(long, value_name = "NAME", requires = "statements")]
    pub sender: Option<String>,
    /// Write the payments for a bank or provider too: payables, sepa, paypal, or a profile of --columns
    #[arg(long, value_name = "PROFILE", requires = "out")]
    pub payout_file: Vec<String>,
    /// File with profiles of payout files
    #[arg(long, value_name = "FILE", requires = "payout_file")]
    pub columns: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The payee, as the contracts name them
    #[arg(long, value_name = "NAME")]
    pub payee: String,
    /// The currency of the payable
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub currency: Currency,
    /// Cells: the file that was settled
    #[arg(long, value_name = "FILE")]
    pub cells: PathBuf,
    #[command(flatten)]
    pub terms: Terms,
    /// Threads to use; 0 means one for each core
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// By what money is settled.
#[derive(Debug, Args)]
pub(super) struct Terms {
    /// Contracts with their payees (TOML or CSV)
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub contracts: Vec<PathBuf>,
    #[command(flatten)]
    pub more: MoreTerms,
    /// The month that is settled, such as 2026-09; the month of the last sales when not given
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    pub period: Option<SalePeriod>,
}

/// By what money is settled, if it is not the catalog's payee who gets all of it.
#[derive(Debug, Args)]
pub(super) struct OptionalTerms {
    /// Contracts with their payees (TOML or CSV); without any the catalog's payee gets all of a track's money
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub contracts: Vec<PathBuf>,
    #[command(flatten)]
    pub more: MoreTerms,
}

/// What contracts may need besides.
#[derive(Debug, Args)]
pub(super) struct MoreTerms {
    /// Exchange rates (CSV, or the table of the European Central Bank)
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "contracts")]
    pub rates: Vec<PathBuf>,
    /// Opening balances (CSV): balances.csv of the settlement before
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "contracts")]
    pub balances: Vec<PathBuf>,
}

pub(super) fn parse_code(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|e| e.to_string())
}

pub(super) fn parse_month(text: &str) -> Result<SalePeriod, String> {
    SalePeriod::from_canonical(text)
        .filter(|p| p.days().is_some())
        .ok_or_else(|| "write a month as 2026-09".into())
}

#[derive(Debug, Args)]
pub(super) struct ReconcileArguments {
    /// Catalog files (CSV or TSV)
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "workspace")]
    pub catalog: Vec<PathBuf>,
    /// Statement files (CSV, TSV; plain, gzip, zip or zstd)
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub statement: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Workspace to use; without one a temporary workspace is made and removed
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Write lines.csv too: one line for each row of each statement
    #[arg(long)]
    pub lines: bool,
    /// Threads to use; 0 means one for each core
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[command(flatten)]
    pub reading: ReadingArguments,
    #[command(flatten)]
    pub terms: OptionalTerms,
}

/// What a person may have to say about files.
#[derive(Debug, Args)]
pub(super) struct ReadingArguments {
    /// Currency of files that do not say it: LAYOUT=EUR, or EUR for all of them
    #[arg(long, value_name = "[LAYOUT=]CODE", value_parser = parse_currency)]
    pub currency: Vec<(Option<String>, Currency)>,
    /// Sale period of files that do not say it, such as 2026-09, 2026-Q3 or 2026-07..2026-09: LAYOUT=PERIOD, or PERIOD for all of
    /// them. With --contracts the month that is settled, too
    #[arg(long, value_name = "[LAYOUT=]PERIOD", value_parser = parse_period)]
    pub period: Vec<(Option<String>, SalePeriod)>,
    /// Decimal mark of amounts, where the files cannot tell
    #[arg(long, value_enum)]
    pub decimal: Option<Decimal>,
    /// Order of day and month in dates, where the files cannot tell
    #[arg(long, value_enum)]
    pub date_order: Option<Order>,
    /// Encoding of text that is not UTF-8 and has no byte order mark; Windows-1252 when not given
    #[arg(long, value_name = "NAME", value_parser = parse_encoding)]
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Layout files of your own, tried before the built-in ones
    #[arg(long, value_name = "FILE")]
    pub layout: Vec<PathBuf>,
    /// Take statements of which more than 5 % is in quarantine, too; what could be read of them counts
    #[arg(long)]
    pub accept_quarantine: bool,
    /// Count statements whose rows are those of others, too: two accounts may have the same figures
    #[arg(long)]
    pub accept_duplicate: bool,
    /// How many times its size a packed file may grow
    #[arg(long, value_name = "TIMES", default_value_t = 250)]
    pub max_expansion: u64,
    /// Rows in a batch; results do not depend on it
    #[arg(long, value_name = "ROWS", hide = true)]
    pub batch_rows: Option<usize>,
}

fn parse_encoding(name: &str) -> Result<&'static encoding_rs::Encoding, String> {
    let found = encoding_rs::Encoding::for_label(name.as_bytes());
    found.ok_or_else(|| "no encoding has this name; use windows-1251, iso-8859-2 or another name of the WHATWG encoding standard".into())
}

fn parse_currency(text: &str) -> Result<(Option<String>, Currency), String> {
    let (layout, code) = match text.split_once('=') {
        Some((layout, code)) => (Some(layout.to_owned()), code),
        None => (None, text),
    };
    Ok((layout, Currency::parse(code).map_err(|e| e.to_string())?))
}

fn parse_period(text: &str) -> Result<(Option<String>, SalePeriod), String> {
    let (layout, period) = match text.split_once('=') {
        Some((layout, period)) => (Some(layout.to_owned()), period),
        None => (None, text),
    };
    let canonical = SalePeriod::from_canonical(period).filter(|p| p.days().is_some());
    let read = canonical.or_else(|| SalePeriod::parse(period, None).ok());
    Ok((
        layout,
        read.ok_or(
            "write a period as 2026-09, 2026-Q3, 2026-07..2026-09 or 2026-08-30..2026-09-26",
        )?,
    ))
}

impl ReadingArguments {
    /// The month that contracts settle: the last one of the period that is given for all files.
    pub(super) fn settled_month(&self) -> Option<SalePeriod> {
        let period = self.period.iter().find(|(layout, _)| layout.is_none())?.1;
        let (year, month, _) = period.days()?.1.to_ymd();
        SalePeriod::month(year, month).ok()
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Decimal {
    /// 1,234.56
    Dot,
    /// 1.234,56
    Comma,
}

impl From<Decimal> for DecimalMark {
    fn from(value: Decimal) -> Self {
        match value {
            Decimal::Dot => Self::Dot,
            Decimal::Comma => Self::Comma,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Order {
    /// Month/day/year
    Mdy,
    /// Day/month/year
    Dmy,
}

impl From<Order> for DateOrder {
    fn from(value: Order) -> Self {
        match value {
            Order::Mdy => Self::Mdy,
            Order::Dmy => Self::Dmy,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// Import catalog files; importing the same file again changes nothing
    Import {
        /// Catalog files (CSV or TSV)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
        /// Threads to use; 0 means one for each core
        #[arg(long, default_value_t = 0)]
        threads: usize,
    },
    /// List the ISRCs that several tracks share
    Duplicates {
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum StatementCommand {
    /// Import statement files
    Import {
        /// Statement files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
        /// Threads to use; 0 means one for each core
        #[arg(long, default_value_t = 0)]
        threads: usize,
        #[command(flatten)]
        reading: ReadingArguments,
    },
    /// List the statements of a workspace
    List {
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
    },
    /// Take a statement out of the workspace; its file is not touched
    Remove {
        /// Its file name, or the beginning of its key
        name: String,
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum LayoutCommand {
    /// Propose a layout that reads a file which no layout fits: TOML to look through, and to give with --layout
    New(NewLayoutArguments),
}

#[derive(Debug, Args)]
pub(super) struct NewLayoutArguments {
    /// The statement file (plain, gzip, zip or zstd)
    pub file: PathBuf,
    /// Where the layout goes; standard output when not given
    #[arg(long, value_name = "LAYOUT.toml")]
    pub out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Name of the sender, and of the layout; that of the file when not given
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Which file of an archive
    #[arg(long, value_name = "NAME")]
    pub member: Option<String>,
    /// Currency of the statement, if it does not say it
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub currency: Option<Currency>,
    /// Encoding of text that is not UTF-8 and has no byte order mark; Windows-1252 when not given
    #[arg(long, value_name = "NAME", value_parser = parse_encoding)]
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

/// Which item is decided on, and for whom.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// The item's code: last column of exceptions.csv
    pub item: String,
    /// Workspace
    #[arg(long, value_name = "DIR")]
    pub workspace: PathBuf,
    /// Only for this DSP; otherwise for all
    #[arg(long)]
    pub dsp: Option<String>,
    /// Why
    #[arg(long, default_value = "")]
    pub note: String,
    /// Who decides; the user's name by default
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// Which entry of the journal is taken back or taken again.
#[derive(Debug, Args)]
pub(super) struct Reversed {
    /// Its number: first column of `decide list`
    pub seq: u64,
    /// Workspace
    #[arg(long, value_name = "DIR")]
    pub workspace: PathBuf,
    /// Who does it; the user's name by default
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum DecideCommand {
    /// Give an item's money to a track
    Assign {
        #[command(flatten)]
        choice: Choice,
        /// The track's id
        track: String,
    },
    /// The item is not the label's
    Ignore {
        #[command(flatten)]
        choice: Choice,
    },
    /// The item waits
    Hold {
        #[command(flatten)]
        choice: Choice,
    },
    /// Earlier decisions about the item no longer hold
    Clear {
        #[command(flatten)]
        choice: Choice,
    },
    /// Take back an entry of decisions; what holds then is what all others give
    Undo(Reversed),
    /// Take an entry again that was undone
    Redo(Reversed),
    /// List all decisions, oldest first
    List {
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Compute every hash of the journal anew and compare it with the database; nothing is written
    Verify {
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
        /// A head that was noted earlier; an error when the journal no longer holds it
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// List all entries as CSV: who, when, what
    Log {
        /// Workspace
        #[arg(long, value_name = "DIR")]
        workspace: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct ReadArguments {
    /// The file
    pub file: PathBuf,
    /// Separator of cells: a character, several, or `tab`; found out when not given
    #[arg(long)]
    pub delimiter: Option<String>,
    /// Quote character, or `none`
    #[arg(long, default_value = "\"")]
    pub quote: String,
    /// Escape character inside quotes, or `none`; the quote itself by default
    #[arg(long)]
    pub escape: Option<String>,
    /// Encoding of the text
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Which file of an archive
    #[arg(long, value_name = "NAME")]
    pub member: Option<String>,
    /// How many times its size a packed file may grow
    #[arg(long, value_name = "TIMES", default_value_t = 250)]
    pub max_expansion: u64,
    /// What ends a row
    #[arg(long, value_enum, default_value_t = LineEnd::Auto)]
    pub record_end: LineEnd,
    /// Lines before the first row
    #[arg(long, default_value_t = 0, value_name = "LINES")]
    pub preamble: usize,
    /// Cells in a row; the first row decides when not given
    #[arg(long, value_name = "CELLS")]
    pub columns: Option<usize>,
    /// Where the rows go; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where the flags go; standard error when not given
    #[arg(long, value_name = "FILE")]
    pub flags: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LineEnd {
    /// Line feed, or carriage return when there is no line feed
    Auto,
    /// Line feed
    Lf,
    /// Carriage return and line feed
    Crlf,
    /// Carriage return
    Cr,
}

impl ProgramCommand {
    /// Threads that were asked for; 0 means one for each core.
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Reconcile(arguments) => arguments.threads,
            Self::Settle(arguments) => arguments.threads,
            Self::Explain(arguments) => arguments.threads,
            Self::Terms { command } => command.threads(),
            Self::Payout { command } => command.threads(),
            Self::Catalog {
                command: CatalogCommand::Import { threads, .. },
            }
            | Self::Statement {
                command: StatementCommand::Import { threads, .. },
            } => *threads,
            _ => 0,
        }
    }
}
