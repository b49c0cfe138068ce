//! The line ledger: every physical line of a file is one of these, and their bytes are the file.

use serde::{Deserialize, Serialize};

use super::layout::ControlKind;
use crate::money::Amount;

/// What the lines and bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineLedger {
    /// Physical lines of the file.
    pub physical_lines: u64,
    /// Above the header.
    pub preamble: u64,
    /// The header, and repetitions of it.
    pub header: u64,
    /// First lines of good records.
    pub records: u64,
    /// Further lines of records that go over several.
    pub continuation: u64,
    /// Blank lines.
    pub blank: u64,
    /// Totals and what follows them.
    pub footer: u64,
    /// Lines of rows in quarantine.
    pub quarantined: u64,
    /// Lines of rows that a rule of the layout sets aside.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub aside: u64,
    /// Rows that begin within a line, behind a lone carriage return.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub within: u64,
    /// Bytes of the decoded text.
    pub text_bytes: u64,
    /// Bytes that the parts above account for.
    pub accounted_bytes: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl LineLedger {
    /// Whether every line and every byte is accounted for.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        let lines = self.preamble
            + self.header
            + self.records
            + self.continuation
            + self.blank
            + self.footer
            + self.quarantined
            + self.aside;
        lines == self.physical_lines + self.within && self.accounted_bytes == self.text_bytes
    }

    /// Adds the counts of a batch.
    pub(super) fn add(&mut self, other: &Self) {
        self.preamble += other.preamble;
        self.header += other.header;
        self.records += other.records;
        self.continuation += other.continuation;
        self.blank += other.blank;
        self.footer += other.footer;
        self.quarantined += other.quarantined;
        self.aside += other.aside;
        self.within += other.within;
        self.accounted_bytes += other.accounted_bytes;
    }
}

/// A total that the sender wrote into the file, and what was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotal {
    /// The label in the file.
    pub label: String,
    /// What it counts.
    pub kind: ControlKind,
    /// What the file says.
    pub stated: String,
    /// What was read; several currencies cannot be added, so it is empty then.
    pub read: Option<String>,
    /// Whether both agree; `None` when they cannot be compared.
    pub agrees: Option<bool>,
}

/// A footer line with a value, before it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatedTotal {
    pub label: String,
    pub kind: ControlKind,
    pub text: String,
    pub value: Option<Amount>,
}
