//! Exponents that a spreadsheet has written: the form is that of a program, the digits may be cut. A column's amounts together tell.

/// Digits that spreadsheets leave of a small number in a cell of no format.
const GENERAL: u32 = 6;
/// Digits that they leave in the format for scientific numbers.
const SCIENTIFIC: u32 = 3;

/// What the amounts of one column say about its exponents.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExponentEvidence {
    /// Digits of the longest mantissa, and of the longest amount without an exponent.
    longest_mantissa: u32,
    longest_plain: u32,
    has_general: bool,
    has_scientific: bool,
}

impl ExponentEvidence {
    /// Looks at one amount.
    pub fn add(&mut self, cell: &[u8]) {
        match mantissa(cell) {
            Some(Mantissa { digits: 0, .. }) => {}
            Some(found) => {
                self.longest_mantissa = self.longest_mantissa.max(found.digits);
                self.has_general |= found.is_spreadsheets && found.digits == GENERAL;
                self.has_scientific |= found.is_spreadsheets && found.digits == SCIENTIFIC;
            }
            None => self.longest_plain = self.longest_plain.max(plain_digits(cell)),
        }
    }

    /// The number of digits of mantissas that a spreadsheet has cut; `None` when all exponents hold every digit.
    ///
    /// A cut column has mantissas of exactly the length to which spreadsheets cut, none longer, and plain amounts with more digits.
    #[must_use]
    pub fn cut(self) -> Option<u32> {
        let is_cut_to =
            |digits: u32| self.longest_mantissa == digits && self.longest_plain > digits;
        if self.has_general && is_cut_to(GENERAL) {
            return Some(GENERAL);
        }
        (self.has_scientific && is_cut_to(SCIENTIFIC)).then_some(SCIENTIFIC)
    }
}

/// Whether an amount has the form that spreadsheets write, cut to so many digits. Shorter ones are whole.
#[must_use]
pub fn is_shortened(cell: &[u8], digits: u32) -> bool {
    mantissa(cell).is_some_and(|found| found.is_spreadsheets && found.digits == digits)
}

struct Mantissa {
    /// From the first that is not zero.
    digits: u32,
    /// Whether spreadsheets write this form: one digit before the mark, `E`, a sign, two digits.
    is_spreadsheets: bool,
}

/// The mantissa of an amount in exponent form.
fn mantissa(cell: &[u8]) -> Option<Mantissa> {
    let at = cell.iter().position(|b| matches!(b, b'e' | b'E'))?;
    let before = &cell[..at];
    let exponent = cell[at + 1..].trim_ascii_end();
    let start = before.iter().position(u8::is_ascii_digit)?;
    let number = &before[start..];
    let marks = number.iter().filter(|b| matches!(b, b'.' | b',')).count();
    let digits_of = exponent
        .strip_prefix(b"+")
        .or_else(|| exponent.strip_prefix(b"-"));
    let exponent_digits = digits_of
        .unwrap_or(exponent)
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    if marks > 1
        || exponent_digits == 0
        || !number
            .iter()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    {
        return None;
    }
    let is_normal = number[0] != b'0' && number.get(1).is_none_or(|b| !b.is_ascii_digit());
    let is_spreadsheets =
        cell[at] == b'E' && digits_of.is_some() && exponent_digits == 2 && is_normal;
    let digits = number
        .iter()
        .filter(|b| b.is_ascii_digit())
        .skip_while(|b| **b == b'0')
        .count() as u32;
    Some(Mantissa {
        digits,
        is_spreadsheets,
    })
}

/// Digits of an amount without zeros at either end.
fn plain_digits(cell: &[u8]) -> u32 {
    let digits = || cell.iter().filter(|b| b.is_ascii_digit());
    let zeros = digits().take_while(|b| **b == b'0').count()
        + digits().rev().take_while(|b| **b == b'0').count();
    digits().count().saturating_sub(zeros) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_mantissas_are_told_from_whole_ones_by_their_column() {
        let cases: [(&[&str], Option<u32>); 13] = [
            (&["7.38427E-05", "0.0123456789"], Some(6)),
            (&["7,38427E-05", "0,0123456789"], Some(6)),
            (&["7.38427E-05", "8.3E-05", "-0.0123456789"], Some(6)),
            (&["7.38427E-05", "0.012345"], None),
            (&["7.38427E-05", "0.0120000000"], None),
            (&["7.38427E-05", "7.384271E-05", "0.0123456789"], None),
            (&["7.3842689137e-05", "8.3E-05", "0.0123456789"], None),
            (&["7.38427e-05", "0.0123456789"], None),
            (&["7.38427E-5", "0.0123456789"], None),
            (&["7.38E-05", "0.1234"], Some(3)),
            (&["7.38E-05", "8.30E-05", "$ 1,234.50"], Some(3)),
            (&["7.38E-05", "0.123", "0E-18"], None),
            (&["7.38E-05", "7.3842E-05", "0.1234"], None),
        ];
        for (cells, want) in cases {
            let mut evidence = ExponentEvidence::default();
            cells.iter().for_each(|cell| evidence.add(cell.as_bytes()));
            assert_eq!(evidence.cut(), want, "{cells:?}");
        }
    }

    #[test]
    fn only_mantissas_of_that_very_length_are_cut() {
        for (cell, digits, want) in [
            ("7.38427E-05", 6, true),
            ("-7,38427E-05", 6, true),
            ("8.3E-05", 6, false),
            ("7.38427e-05", 6, false),
            ("7.38427E-5", 6, false),
            ("0.38427E-05", 5, false),
            ("7.38E-05", 3, true),
            ("7.38427E-05", 3, false),
            ("0.00E+00", 3, false),
            ("12 EUR", 2, false),
            ("1.5", 2, false),
            ("", 6, false),
        ] {
            assert_eq!(is_shortened(cell.as_bytes(), digits), want, "{cell}");
        }
    }
}
