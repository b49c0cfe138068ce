//! Amounts as people read them. For showing only: nothing is computed from what is shown.

use super::{Amount, SCALE};

/// An amount to so many digits after the point, half away from zero, with groups of three digits before it and `−` for minus.
#[must_use]
pub fn shown(amount: Amount, digits: u32) -> String {
    let unit = 10u128.pow(SCALE - digits.min(SCALE));
    // Half of a unit has no more than twenty digits, so those beyond change nothing.
    let units = (amount.magnitude().units() + unit / 2) / unit;
    let scale = 10u128.pow(digits.min(SCALE));
    let sign = if amount.is_negative() && units > 0 {
        "−"
    } else {
        ""
    };
    let whole = grouped(&(units / scale).to_string());
    if digits == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{:0>1$}", units % scale, digits as usize)
    }
}

/// Whether an amount has no more than so many digits after the point, so that [`shown`] shows all of it.
#[must_use]
pub fn is_shown_whole(amount: Amount, digits: u32) -> bool {
    let size = amount.magnitude();
    size.rest() == 0
        && size
            .units()
            .is_multiple_of(10u128.pow(SCALE - digits.min(SCALE)))
}

/// Digits with a comma between groups of three; a minus in front becomes `−`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |rest| ("−", rest));
    let mut text = sign.to_owned();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_that_are_shown_short_are_known() {
        let amount = |text: &str| Amount::from_canonical(text).unwrap();
        for (text, digits, want, whole) in [
            ("-1234567.125", 3, "−1,234,567.125", true),
            ("-1234567.125", 2, "−1,234,567.13", false),
            ("0.004", 2, "0.00", false),
            ("-0.004", 2, "0.00", false),
            ("999.5", 0, "1,000", false),
            ("12", 0, "12", true),
            ("0.00000000000000000001", 20, "0.00000000000000000001", true),
            ("1.2500000000000000000000001", 2, "1.25", false),
            ("-1.2500000000000000000000001", 1, "−1.3", false),
        ] {
            assert_eq!(
                (
                    shown(amount(text), digits).as_str(),
                    is_shown_whole(amount(text), digits)
                ),
                (want, whole),
                "{text} to {digits}"
            );
        }
    }
}
