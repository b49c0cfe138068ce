//! What the workspace keeps of a statement besides its cube.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::accepted::{Accepted, Overlap};
use crate::ident::{Currency, DateOrder, SalePeriod};
use crate::journal::StatementImported;
use crate::money::DecimalMark;
use crate::review::Origin;
use crate::statement::import::{AsideRows, BatchStarts, Imported, RecordsEnd};
use crate::statement::ledger::{ControlTotal, LineLedger};
use crate::statement::loss::{Loss, Severity};
use crate::statement::plan::PeriodSource;
use crate::statement::shape::OtherTable;
use crate::statement::source::{FileMark, Part};
use crate::statement::spread::BatchIndex;
use crate::statement::{Accept, BATCH_ROWS, ReadOptions};

/// One statement of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRecord {
    /// Version of this record.
    pub version: u32,
    /// Name of the file, for archives followed by the member's.
    pub name: String,
    /// Where the file was.
    pub path: PathBuf,
    /// BLAKE3 of the decompressed file.
    pub content_hash: String,
    /// BLAKE3 of its text without byte order mark and carriage returns.
    pub text_hash: String,
    /// Decompressed bytes.
    pub content_bytes: u64,
    /// Layout.
    pub layout: String,
    /// Layout, for people.
    pub layout_name: String,
    /// Stands for all that the layout says.
    pub layout_digest: String,
    /// Period of rows that do not say theirs.
    pub default_period: String,
    /// Who sent it.
    pub sender: String,
    /// DSP of rows without a store column.
    pub dsp: String,
    /// Whose ids its `dsp_id` are.
    pub dsp_id_namespace: String,
    /// Which column was taken for what.
    pub columns: Vec<(String, String)>,
    /// Decimal mark.
    pub decimal: DecimalMark,
    /// Order of day and month.
    pub date_order: Option<DateOrder>,
    /// The currency, when it is the same for all rows.
    pub currency: Option<Currency>,
    /// Encoding.
    pub encoding: String,
    /// Records, those in quarantine included.
    pub records: u64,
    /// Rows with stray quotes that could be read.
    pub flagged_rows: u64,
    /// Sale periods of all records.
    pub sale_period: String,
    /// What every line is.
    pub ledger: LineLedger,
    /// Totals that the file states.
    pub control_totals: Vec<ControlTotal>,
    /// Line of the footer that ends the records.
    pub stop_line: u64,
    /// Lines of totals among the records; records of older versions knew none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sum_lines: Vec<u64>,
    /// Rows that are no sales, by a rule of the layout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<AsideRows>,
    /// Other tables with money in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<OtherTable>,
    /// Who says the sale period.
    #[serde(default)]
    pub period_source: PeriodSource,
    /// Records whose sale period nobody says.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub without_period: u64,
    /// Why columns were taken for what, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Rows in a batch; records of older versions do not say, unless a person had said it.
    pub batch_rows: Option<usize>,
    /// Where the batches begin.
    pub batch_starts: BatchStarts,
    /// Where the batches begin in the decompressed file, in bytes; records of older versions do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch_offsets: Vec<u64>,
    /// Rows as a spreadsheet counts them; 0 when an older version took the statement.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows: u64,
    /// The file on disk as it was; older versions did not look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<FileMark>,
    /// What it loses in quarantine, if anything; older versions did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
    /// What a person took on purpose although it looked wrong.
    #[serde(default, skip_serializing_if = "Accepted::is_empty")]
    pub accepted: Accepted,
    /// Statements taken before it that have many of its rows, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlaps: Vec<Overlap>,
    /// Files of the cube with their BLAKE3.
    pub files: Vec<(String, String)>,
    /// When it was taken, in UTC.
    pub imported_at: String,
}

/// Rows in a batch when the record does not say.
const OLD_BATCH_ROWS: usize = 50_000;

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl StatementRecord {
    pub(crate) fn new(part: &Part, imported: &Imported, options: &ReadOptions) -> Self {
        let plan = &imported.plan;
        Self {
            version: 1,
            name: imported.name.clone(),
            path: part.path.clone(),
            content_hash: imported.read.content_hash.to_hex().to_string(),
            text_hash: imported.read.text_hash.to_hex().to_string(),
            content_bytes: imported.read.content_bytes,
            layout: plan.layout.clone(),
            layout_name: plan.layout_name.clone(),
            layout_digest: plan.layout_digest.clone(),
            default_period: plan.default_period.to_string(),
            sender: plan.sender.clone(),
            dsp: plan.dsp.clone(),
            dsp_id_namespace: plan.dsp_id_namespace.clone(),
            columns: plan.column_use(),
            decimal: plan.decimal,
            date_order: plan.date_order,
            currency: plan.currency.of_all(),
            encoding: imported.encoding.to_owned(),
            records: imported.records,
            flagged_rows: imported.flagged_rows,
            sale_period: imported.sale_period.to_string(),
            ledger: imported.ledger,
            control_totals: imported.control_totals.clone(),
            stop_line: imported.stop_line,
            sum_lines: imported.sum_lines.clone(),
            aside: imported.aside.clone(),
            tables: imported.tables.clone(),
            period_source: plan.period_source,
            without_period: imported.without_period,
            reasons: plan.reasons.clone(),
            batch_rows: Some(options.batch_rows.unwrap_or(BATCH_ROWS)),
            batch_starts: imported.batch_starts.clone(),
            batch_offsets: imported.batch_offsets.clone(),
            rows: imported.rows,
            mark: Some(imported.read.mark),
            loss: None,
            accepted: Accepted::default(),
            overlaps: Vec::new(),
            files: Vec::new(),
            imported_at: jiff::Timestamp::now().to_string(),
        }
    }

    /// The record of a statement that was never a file.
    pub(crate) fn bare(name: &str, dsp: &str) -> Self {
        Self {
            version: 1,
            name: name.to_owned(),
            path: PathBuf::from(name),
            content_hash: String::new(),
            text_hash: blake3::hash(name.as_bytes()).to_hex().to_string(),
            content_bytes: 0,
            layout: String::new(),
            layout_name: String::new(),
            layout_digest: String::new(),
            default_period: String::new(),
            sender: String::new(),
            dsp: dsp.to_owned(),
            dsp_id_namespace: String::new(),
            columns: Vec::new(),
            decimal: DecimalMark::Dot,
            date_order: None,
            currency: None,
            encoding: "UTF-8".to_owned(),
            records: 0,
            flagged_rows: 0,
            sale_period: String::new(),
            ledger: LineLedger::default(),
            control_totals: Vec::new(),
            stop_line: 0,
            sum_lines: Vec::new(),
            aside: Vec::new(),
            tables: Vec::new(),
            period_source: PeriodSource::Rows,
            without_period: 0,
            reasons: Vec::new(),
            batch_rows: None,
            batch_starts: BatchStarts::default(),
            batch_offsets: Vec::new(),
            rows: 0,
            mark: None,
            loss: None,
            accepted: Accepted::default(),
            overlaps: Vec::new(),
            files: Vec::new(),
            imported_at: String::new(),
        }
    }

    /// By what it was read, in one line: a different reading of the same text is a different statement.
    #[must_use]
    pub fn reading(&self) -> String {
        format!(
            "{}|{}|{:?}|{:?}|{:?}|{}|{:?}",
            self.layout,
            self.layout_digest,
            self.decimal,
            self.date_order,
            self.currency,
            self.default_period,
            self.columns
        )
    }

    /// Names the statement in the workspace: its text and how it was read.
    #[must_use]
    pub fn key(&self) -> String {
        let reading = blake3::hash(self.reading().as_bytes()).to_hex();
        format!(
            "{}-{}",
            &self.text_hash[..32.min(self.text_hash.len())],
            &reading.as_str()[..8]
        )
    }

    /// What the statement says for all of its items.
    #[must_use]
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            namespace: &self.dsp_id_namespace,
            dsp: &self.dsp,
            statement: &self.text_hash,
        }
    }

    /// Lines that are no records.
    #[must_use]
    pub fn end(&self) -> RecordsEnd {
        RecordsEnd {
            stop_line: self.stop_line,
            sum_lines: self.sum_lines.clone(),
        }
    }

    /// Takes over when the same reading of the same text was taken as `there`, and what was answered and found then. The file may have
    /// been renamed, moved or packed since: rows are shown from where and what it is now.
    pub(crate) fn continue_from(&mut self, there: &Self) {
        self.files.clone_from(&there.files);
        if self.batch_starts != there.batch_starts {
            // Read in other batches: the index speaks of those from before, so rows are looked for in all.
            self.files.retain(|(name, _)| name != BatchIndex::FILE);
        }
        self.imported_at.clone_from(&there.imported_at);
        self.accepted.clone_from(&there.accepted);
        self.overlaps.clone_from(&there.overlaps);
    }

    /// What somebody should know of it, each in a sentence without a full stop; `is_there` says which statements of the workspace are left.
    #[must_use]
    pub fn warnings(&self, is_there: impl Fn(&str) -> bool) -> Vec<String> {
        let mut warnings = self.accepted.sentences();
        if let Some(loss) = self
            .loss
            .as_ref()
            .filter(|loss| loss.severity() == Severity::Warning)
        {
            warnings.push(format!("{}. {}", loss.sentence(), Loss::REMEDY));
        }
        warnings.extend(
            self.overlaps
                .iter()
                .filter(|overlap| is_there(&overlap.key))
                .map(Overlap::sentence),
        );
        warnings
    }

    /// The event of taking the statement; `replaced` is an earlier reading of its file.
    pub(crate) fn imported(&self, replaced: Option<&Self>) -> StatementImported {
        let accepted = (!self.accepted.is_empty()).then(|| {
            serde_json::to_value(&self.accepted)
                .expect("what was accepted has only text and numbers")
        });
        StatementImported {
            key: self.key(),
            record: serde_json::to_value(self).expect("a record has only text, numbers and lists"),
            replaces: replaced.map(Self::key),
            accepted,
        }
    }

    pub(crate) fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json)
            .ok()
            .filter(|r: &Self| r.version == 1 && r.text_hash.len() == 64)
    }

    /// The encoding by which the file was read, for reading it once more.
    #[must_use]
    pub fn forced_encoding(&self) -> Option<&'static encoding_rs::Encoding> {
        encoding_rs::Encoding::for_label(self.encoding.as_bytes())
    }

    /// The options that read the file as it was read when it was taken.
    #[must_use]
    pub fn options(&self, given: &ReadOptions) -> ReadOptions {
        ReadOptions {
            decimal: Some(self.decimal),
            date_order: self.date_order,
            currencies: self.currency.map(|c| vec![(None, c)]).unwrap_or_default(),
            periods: SalePeriod::from_canonical(&self.default_period)
                .filter(|p| p.days().is_some())
                .map(|p| (None, p))
                .into_iter()
                .collect(),
            encoding: self.forced_encoding(),
            limits: given.limits,
            batch_rows: Some(self.batch_rows.unwrap_or(OLD_BATCH_ROWS)),
            accept: Accept::default(),
        }
    }
}
