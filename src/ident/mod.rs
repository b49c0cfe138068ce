//! Text of a report into the trade's identifiers: [`Isrc`], [`Upc`], [`Territory`], [`Currency`], [`SalePeriod`].
//!
//! Invariant: parsing never panics on any bytes and never guesses. What cannot be read is an error that says why;
//! what a spreadsheet has damaged is named as damaged.

mod currency;
mod currency_table;
mod isrc;
mod period;
mod territory;
mod territory_table;
mod title;
mod upc;

pub use currency::{Currency, CurrencyError};
pub use isrc::{Isrc, IsrcError};
pub use period::{
    DateOrder, Day, PeriodTextError, SalePeriod, date_order_evidence, period_in_file_name,
    period_in_text,
};
pub use territory::Territory;
pub use title::{text_key, title_key};
pub use upc::{Upc, UpcError};

/// Whether a cell says in words that there is no identifier (`N/A`, `none`, `no upc`, `-`, …).
///
/// The words are those seen in reports of distributors: Symphonic writes `N/A`, Bandcamp sellers `no upc` and `no sku`.
#[must_use]
pub fn is_not_given(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return true;
    }
    if text.len() > 8 {
        return false;
    }
    const WORDS: [&str; 13] = [
        "n/a", "na", "none", "null", "nan", "-", "--", "unknown", "no isrc", "no upc", "no sku",
        "0", "#n/a",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
