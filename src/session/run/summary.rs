//! `summary.json`: what a run read, what became of it, and the proof.

use serde::Serialize;

use super::{LeftOut, Run};
use crate::contents::Overlap;
use crate::ident::Currency;
use crate::journal::Change;
use crate::matching::Status;
use crate::money::Amount;
use crate::payout::Totals;
use crate::results::ResultFile;
use crate::settlement::ProofLine;
use crate::statement::NotTaken;
use crate::statement::import::AsideRows;
use crate::statement::ledger::{ControlTotal, LineLedger};
use crate::statement::likeness::{Money, Shared};
use crate::statement::loss::Loss;
use crate::statement::plan::PeriodSource;
use crate::statement::shape::OtherTable;

/// Version of `summary.json`.
pub(super) const SUMMARY_VERSION: u32 = 1;

/// `summary.json`.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    version: u32,
    fingerprint: &'a str,
    statements: Vec<StatementSummary<'a>>,
    not_taken: Vec<NotTakenSummary<'a>>,
    overlaps: Vec<OverlapSummary<'a>>,
    totals: Vec<TotalSummary>,
    proof: Vec<ProofSummary<'a>>,
    files: Vec<ResultFile>,
    run: RunSummary,
}

#[derive(Debug, Serialize)]
struct StatementSummary<'a> {
    file: &'a str,
    layout: &'a str,
    rows: u64,
    sale_period: &'a str,
    /// Who says the sale period.
    period_source: PeriodSource,
    /// Records whose sale period nobody says.
    #[serde(skip_serializing_if = "is_zero")]
    without_period: u64,
    control_totals: &'a [ControlTotal],
    /// Rows that are no sales, by a rule of the layout.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aside: &'a [AsideRows],
    /// Other tables with money in the file.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other_tables: &'a [OtherTable],
    totals: Vec<TotalSummary>,
    balanced: bool,
    line_ledger: LineLedger,
    columns: std::collections::BTreeMap<&'a str, Vec<&'a str>>,
    /// Why columns were taken, in sentences.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    because: &'a [String],
    flagged_rows: u64,
    quarantine: &'a Loss,
    accepted: Vec<&'static str>,
    content_hash: &'a str,
}

/// A file that does not count, and why.
#[derive(Debug, Serialize)]
struct NotTakenSummary<'a> {
    file: &'a str,
    reason: &'static str,
    rows: Option<u64>,
    quarantined: Option<u64>,
    money: MoneySummary<'a>,
    /// Statements that have its rows already.
    same_as: &'a [String],
}

/// Money that nobody knows is never shown as zero.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum MoneySummary<'a> {
    Unknown(&'static str),
    Known(&'a [Money]),
}

/// Two statements with many rows in common.
#[derive(Debug, Serialize)]
struct OverlapSummary<'a> {
    files: [&'a str; 2],
    #[serde(flatten)]
    shared: &'a Shared,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Debug, Serialize)]
struct TotalSummary {
    currency: Currency,
    status: Status,
    rows: u64,
    items: u64,
    quantity: Amount,
    amount: Amount,
}

#[derive(Debug, Serialize)]
struct ProofSummary<'a> {
    #[serde(flatten)]
    line: &'a ProofLine,
    holds: bool,
}

/// What differs from run to run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunSummary {
    /// Wall-clock seconds in thousandths, as text would be: `12.345`.
    seconds: Thousandths,
    rows_per_second: u64,
    threads: usize,
    peak_rss_bytes: Option<u64>,
    journal_head: JournalHead,
}

/// Where the journal stood: its last hash, which names times and people and so differs between workspaces of the same content.
#[derive(Debug, Clone, Default, Serialize)]
pub struct JournalHead {
    hash: String,
    entries: u64,
}

impl JournalHead {
    pub(super) fn of(history: &[Change]) -> Self {
        Self {
            hash: history
                .last()
                .map(|c| c.entry.hash.clone())
                .unwrap_or_default(),
            entries: history.len() as u64,
        }
    }
}

/// A number of milliseconds that is written as seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Thousandths(u64);

impl Serialize for Thousandths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        let number: serde_json::Number =
            serde_json::from_str(&text).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl RunSummary {
    /// Of a run that took so long over so many rows.
    #[must_use]
    pub fn new(
        elapsed: std::time::Duration,
        rows: u64,
        threads: usize,
        journal_head: JournalHead,
    ) -> Self {
        let millis = u64::try_from(elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let rows_per_second = rows.saturating_mul(1000) / millis;
        Self {
            seconds: Thousandths(millis),
            rows_per_second,
            threads,
            peak_rss_bytes: peak_rss_bytes(),
            journal_head,
        }
    }
}

/// Most memory that the process has held, where the system tells (Linux).
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}

impl Run {
    pub(super) fn summary(&self, files: Vec<ResultFile>, run: RunSummary) -> Summary<'_> {
        let statements = self.statements.iter().map(|s| {
            let mut columns: std::collections::BTreeMap<&str, Vec<&str>> =
                std::collections::BTreeMap::new();
            for (field, header) in &s.record.columns {
                columns.entry(field).or_default().push(header);
            }
            StatementSummary {
                file: &s.record.name,
                layout: &s.record.layout,
                rows: s.record.records,
                sale_period: &s.record.sale_period,
                period_source: s.record.period_source,
                without_period: s.record.without_period,
                control_totals: &s.record.control_totals,
                aside: &s.record.aside,
                other_tables: &s.record.tables,
                totals: total_summaries(&s.totals),
                balanced: s.is_balanced,
                line_ledger: s.record.ledger,
                columns,
                because: &s.record.reasons,
                flagged_rows: s.record.flagged_rows,
                quarantine: &s.loss,
                accepted: s.record.accepted.words(),
                content_hash: &s.record.content_hash,
            }
        });
        Summary {
            version: SUMMARY_VERSION,
            fingerprint: &self.fingerprint,
            statements: statements.collect(),
            not_taken: self.not_taken.iter().map(NotTakenSummary::of).collect(),
            overlaps: self.overlaps(),
            totals: total_summaries(&self.sums.totals),
            proof: self
                .proof
                .iter()
                .map(|line| ProofSummary {
                    line,
                    holds: line.holds(),
                })
                .collect(),
            files,
            run,
        }
    }
}

impl Run {
    /// Each pair once, whichever of the two was taken first.
    fn overlaps(&self) -> Vec<OverlapSummary<'_>> {
        let pairs = self.statements.iter().flat_map(|s| {
            s.overlaps
                .iter()
                .map(move |overlap| (s.record.name.as_str(), overlap))
        });
        let mut all: Vec<OverlapSummary<'_>> = pairs
            .map(|(name, overlap)| OverlapSummary::of(name, overlap))
            .collect();
        all.sort_by(|a, b| a.files.cmp(&b.files));
        all
    }
}

impl<'a> OverlapSummary<'a> {
    fn of(name: &'a str, overlap: &'a Overlap) -> Self {
        let mut files = [name, overlap.file.as_str()];
        files.sort_unstable();
        Self {
            files,
            shared: &overlap.shared,
        }
    }
}

impl<'a> NotTakenSummary<'a> {
    fn of(left_out: &'a LeftOut) -> Self {
        let refused = Self {
            file: &left_out.file,
            reason: "refused",
            rows: None,
            quarantined: None,
            money: MoneySummary::Unknown("unknown"),
            same_as: &[],
        };
        match &left_out.why {
            None => refused,
            Some(NotTaken::Quarantine(loss)) => Self {
                reason: "quarantine",
                rows: Some(loss.rows),
                quarantined: Some(loss.quarantined_rows),
                ..refused
            },
            Some(NotTaken::Duplicate(again)) => Self {
                reason: "duplicate",
                rows: Some(again.rows),
                money: MoneySummary::Known(&again.money),
                same_as: &again.files,
                ..refused
            },
        }
    }
}

fn total_summaries(totals: &Totals) -> Vec<TotalSummary> {
    totals
        .iter()
        .map(|((currency, status), t)| TotalSummary {
            currency: *currency,
            status: *status,
            rows: t.rows,
            items: t.items,
            quantity: t.quantity,
            amount: t.amount,
        })
        .collect()
}
