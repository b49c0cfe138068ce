//! Amounts as people read them: groups of three digits, a fixed number of digits after the point, the currency behind.
//!
//! What is shown may be shorter than what is counted; whoever shows a short amount puts the exact one into the tooltip.

use crate::ident::Currency;
use crate::money::{Amount, grouped};

pub use crate::money::shown as rounded;

/// Digits that tables show after those of the currency: single streams pay fractions of a cent.
const FINE: u32 = 4;

/// An amount in full, with groups of three digits before the point.
#[must_use]
pub fn exact(amount: Amount) -> String {
    let text = amount.to_string();
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let grouped = grouped(whole);
    fraction.map_or_else(|| grouped.clone(), |f| format!("{grouped}.{f}"))
}

/// An amount in full, with its currency.
#[must_use]
pub fn exact_money(amount: Amount, currency: Currency) -> String {
    format!("{} {}", exact(amount), currency.code())
}

/// An amount to the smallest unit of its currency, with the currency: `1,284,310.22 USD`.
#[must_use]
pub fn money(amount: Amount, currency: Currency) -> String {
    format!(
        "{} {}",
        rounded(amount, currency.minor_digits()),
        currency.code()
    )
}

/// An amount for a column of a table, without its currency: four digits more than the currency has, always the same number.
#[must_use]
pub fn fine(amount: Amount, currency: Currency) -> String {
    rounded(amount, currency.minor_digits() + FINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_rounded_for_show() {
        let amount = |text: &str| Amount::from_canonical(text).unwrap();
        let usd = Currency::parse("USD").unwrap();
        let jpy = Currency::parse("JPY").unwrap();
        assert_eq!(exact(amount("-1234567.00012")), "−1,234,567.00012");
        assert_eq!(money(amount("1284310.224"), usd), "1,284,310.22 USD");
        assert_eq!(money(amount("2.355"), usd), "2.36 USD");
        assert_eq!(money(amount("-0.004"), usd), "0.00 USD");
        assert_eq!(money(amount("1999.5"), jpy), "2,000 JPY");
        assert_eq!(fine(amount("0.00431249"), usd), "0.004312");
        assert_eq!(fine(amount("-12"), jpy), "−12.0000");
    }
}
