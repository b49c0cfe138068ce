//! Rows that cannot be taken, each with the reason and its place in the file.

use serde::{Deserialize, Serialize};

use crate::ident::Currency;
use crate::money::{Amount, AmountError};

/// Why a row is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// More or fewer cells than columns.
    Ragged,
    /// The amount's cell is empty.
    AmountMissing,
    /// The amount is no number.
    AmountUnreadable,
    /// The amount has too many digits.
    AmountTooLarge,
    /// The units are no number.
    QuantityUnreadable,
    /// The currency is not a code of ISO 4217.
    CurrencyUnreadable,
    /// The sale period is no date, or one that does not exist.
    PeriodUnreadable,
    /// The bytes are no text in the file's encoding, or hold NUL.
    BadEncoding,
    /// The line is longer than any record.
    LineTooLong,
}

impl Reason {
    /// All reasons, in the order of the guide.
    pub const ALL: [Self; 9] = [
        Self::Ragged,
        Self::AmountMissing,
        Self::AmountUnreadable,
        Self::AmountTooLarge,
        Self::QuantityUnreadable,
        Self::CurrencyUnreadable,
        Self::PeriodUnreadable,
        Self::BadEncoding,
        Self::LineTooLong,
    ];

    /// What is wrong with the row, for the guide.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ragged => "More or fewer cells than the header has",
            Self::AmountMissing => "The amount's cell is empty",
            Self::AmountUnreadable => {
                "The amount is not a number in the file's convention, or a spreadsheet has cut it: `8.59E+11` has 3 of 12 digits, and `7.38427E-05` stands in a column whose other amounts have more than six digits. Exponents that hold every digit (`7.3842689137e-05`, `8.3E-05`, `1.5e+2`) are read"
            }
            Self::AmountTooLarge => "More than 15 digits before or 58 after the point",
            Self::QuantityUnreadable => {
                "The units are not a number, or have more than 20 digits after the point; an empty cell is 0"
            }
            Self::CurrencyUnreadable => "The currency is not a code of ISO 4217",
            Self::PeriodUnreadable => {
                "The sale period is not a date or period in any known form, or is a day that does not exist"
            }
            Self::BadEncoding => "Bytes that are not text in the file's encoding, or NUL",
            Self::LineTooLong => "A line of more than 16 MiB",
        }
    }

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ragged => "ragged",
            Self::AmountMissing => "amount_missing",
            Self::AmountUnreadable => "amount_unreadable",
            Self::AmountTooLarge => "amount_too_large",
            Self::QuantityUnreadable => "quantity_unreadable",
            Self::CurrencyUnreadable => "currency_unreadable",
            Self::PeriodUnreadable => "period_unreadable",
            Self::BadEncoding => "bad_encoding",
            Self::LineTooLong => "line_too_long",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}

impl From<AmountError> for Reason {
    fn from(error: AmountError) -> Self {
        match error {
            AmountError::Missing => Self::AmountMissing,
            AmountError::Unreadable
            | AmountError::Exponent { .. }
            | AmountError::Shortened { .. } => Self::AmountUnreadable,
            AmountError::TooLarge => Self::AmountTooLarge,
        }
    }
}

/// A row in quarantine. Its amount counts in the totals as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// 1-based row as a spreadsheet shows it, header and preamble counted.
    pub row_number: u64,
    /// 1-based physical line of its beginning.
    pub line_number: u64,
    /// Offset in the decompressed file, in bytes.
    pub byte_offset: u64,
    /// Header of the offending cell; empty when it is the whole row.
    pub column: String,
    /// Why.
    pub reason: Reason,
    /// A sentence.
    pub detail: String,
    /// The row as it stands in the file (the first 4,096 bytes of it).
    pub raw: String,
    /// Its amount, zero when unreadable.
    pub amount: Amount,
    /// Its currency, [`Currency::NONE`] when unreadable.
    pub currency: Currency,
    /// Its units, zero when unreadable.
    pub quantity: Amount,
}

/// Most bytes of a raw row that are kept.
pub const RAW_BYTES: usize = 4096;
