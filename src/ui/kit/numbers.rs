//! Whole numbers into the text of the window: groups of three digits, parts of a thousand, bytes and times.
//!
//! Invariant: only whole numbers come in. Amounts are formatted by whoever knows their currency.

/// A count with a comma between groups of three digits: `1,234,567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and the thing that is counted, in singular or plural: `1 row`, `2 rows`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Parts of a thousand as a percentage: `12.5%`. A share that is neither nothing nor all is never shown as 0% or 100% by whoever rounds
/// towards the middle; see [`permille`].
#[must_use]
pub fn percent(permille: u16) -> String {
    let whole = permille / 10;
    let tenth = permille % 10;
    if tenth == 0 {
        format!("{whole}%")
    } else {
        format!("{whole}.{tenth}%")
    }
}

/// How many thousandths `part` is of `whole`, rounded down, but 1 for the least part and 999 for all but the least.
#[must_use]
pub fn permille(part: u64, whole: u64) -> u16 {
    if part == 0 || whole == 0 {
        return 0;
    }
    if part >= whole {
        return 1000;
    }
    let exact = u128::from(part) * 1000 / u128::from(whole);
    u16::try_from(exact).unwrap_or(1000).clamp(1, 999)
}

/// Bytes in the unit that people read, with one digit after the point: `1.2 GB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut tenths = number / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1000, unit + 1);
    }
    format!("{}.{} {}", count(tenths / 10), tenths % 10, UNITS[unit])
}

/// A time to wait: `8 s`, `3 min`, `2 h 5 min`.
#[must_use]
pub fn seconds(number: u64) -> String {
    match number {
        0..=90 => format!("{number} s"),
        91..=5_400 => format!("{} min", number.div_ceil(60)),
        _ => format!("{} h {} min", number / 3600, number % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        for (number, text) in [
            (0, "0"),
            (12, "12"),
            (123, "123"),
            (1_234, "1,234"),
            (100_000_000, "100,000,000"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(
            (counted(1, "row", "rows"), counted(0, "row", "rows")),
            ("1 row".to_owned(), "0 rows".to_owned())
        );
    }

    #[test]
    fn the_least_part_is_not_nothing_and_all_but_the_least_is_not_all() {
        for (part, whole, parts) in [
            (0, 9, 0),
            (1, 1_000_000, 1),
            (1, 2, 500),
            (999_999, 1_000_000, 999),
            (9, 9, 1000),
            (1, 0, 0),
        ] {
            assert_eq!(permille(part, whole), parts, "{part} of {whole}");
        }
        assert_eq!(permille(u64::MAX - 1, u64::MAX), 999);
        assert_eq!(
            (percent(1), percent(500), percent(1000)),
            ("0.1%".to_owned(), "50%".to_owned(), "100%".to_owned())
        );
    }

    #[test]
    fn bytes_and_times_are_readable() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_260_000_000, "1.2 GB"),
            (999_999_999, "999.9 MB"),
        ] {
            assert_eq!(bytes(number), text);
        }
        for (number, text) in [(8, "8 s"), (91, "2 min"), (7_500, "2 h 5 min")] {
            assert_eq!(seconds(number), text);
        }
    }
}
