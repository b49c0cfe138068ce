//! Results into files: each is there whole or not at all.

mod atomic;
mod lines;
mod paper;
mod settled;
mod statements;
mod tables;

pub use atomic::{ExportError, ExportSet, OutFile};
pub(crate) use lines::{LineFile, LineSource, shown_isrc, shown_upc};
pub use paper::{Sheet, SheetBlock, SheetColumn, SheetLook, SheetRow, SheetSide, SheetTable};
pub use settled::{
    JOURNAL_COLUMNS, PAYABLE_COLUMNS, POSTING_COLUMNS, Turnover, write_balances, write_journal,
    write_payables, write_payout_file, write_postings,
};
pub use statements::{
    INDEX_COLUMNS, Letterhead, STATEMENT_COLUMNS, statement_csv, statement_pdf, statement_sheet,
    statement_stems, write_statement_index,
};
pub use tables::{
    EXCEPTION_COLUMNS, ExceptionLine, LogLine, PAYOUT_COLUMNS, QUARANTINE_COLUMNS,
    write_exceptions, write_log, write_payouts, write_quarantine, write_rows, write_table,
};

/// Puts an apostrophe before a text that a spreadsheet would run as a formula. Never for numbers and codes: it would corrupt a
/// negative amount.
#[must_use]
pub fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn formulas_are_guarded_and_plain_text_is_not() {
        for (text, want) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-x", "'-x"),
            ("@a", "'@a"),
            ("Song", "Song"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), want);
        }
    }
}
