//! A decimal with twenty digits after the point.

use std::fmt;

use thiserror::Error;

/// Digits after the decimal point of every [`Amount`]: real reports carry up to nineteen.
pub const SCALE: u32 = 20;

/// Ten to the power of [`SCALE`].
const UNIT: i128 = 10i128.pow(SCALE);

/// An exact amount of money or number of units: a 128-bit integer, twenty digits after the point.
///
/// The same representation is Polars' and Parquet's `Decimal(38, 20)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i128);

/// A sum left the exact range of about 1.7·10^18 whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a sum leaves the exact range of 38 digits with 20 after the point; split the statement and import its parts")]
pub struct AmountOverflow;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount of so many 10^-20ths.
    #[must_use]
    pub const fn from_raw(raw: i128) -> Self {
        Self(raw)
    }

    /// How many 10^-20ths it is.
    #[must_use]
    pub const fn raw(self) -> i128 {
        self.0
    }

    /// A whole number.
    #[must_use]
    pub fn from_integer(units: i64) -> Self {
        // i64::MAX is below 10^19, so the product is below 10^39/10 and fits 128 bits only up to 1.7·10^18.
        Self(i128::from(units).checked_mul(UNIT).unwrap_or(if units < 0 { i128::MIN } else { i128::MAX }))
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, AmountOverflow> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountOverflow)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, AmountOverflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountOverflow)
    }

    /// The exact sum of many.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a partial sum does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountOverflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// The same amount with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Size without sign, for ordering by money at stake.
    #[must_use]
    pub const fn magnitude(self) -> u128 {
        self.0.unsigned_abs()
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Appends the decimal text: no exponent, no trailing zeros, `-` for negative, `0` for zero.
    pub fn write_to(self, out: &mut Vec<u8>) {
        if self.0 < 0 {
            out.push(b'-');
        }
        let (whole, fraction) = split(self.0.unsigned_abs());
        write_digits(whole, out);
        if fraction == 0 {
            return;
        }
        // Two halves of ten digits: 64-bit divisions are many times faster than 128-bit ones.
        let high = (fraction >> 10) as u64 / 5u64.pow(10);
        let low = (fraction - u128::from(high) * 10_000_000_000) as u64;
        let mut digits = [b'.'; 1 + SCALE as usize];
        write_ten(high, &mut digits[1..11]);
        write_ten(low, &mut digits[11..]);
        let end = digits.iter().rposition(|&d| d != b'0').map_or(0, |last| last + 1);
        out.extend_from_slice(&digits[..end]);
    }
}

/// Whole units and the rest, below [`UNIT`].
fn split(size: u128) -> (u128, u128) {
    // 10^20 is 2^20 times 5^20; most amounts without their last twenty bits fit 64 bits, which divide many times faster.
    let whole = u64::try_from(size >> SCALE).map_or_else(|_| size / UNIT as u128, |high| u128::from(high / 5u64.pow(SCALE)));
    (whole, size - whole * UNIT as u128)
}

/// Ten digits of a number below 10^10, leading zeros included.
fn write_ten(mut value: u64, digits: &mut [u8]) {
    for pair in digits.as_chunks_mut::<2>().0.iter_mut().rev() {
        let two = (value % 100) as u8;
        *pair = [b'0' + two / 10, b'0' + two % 10];
        value /= 100;
    }
}

fn write_digits(mut value: u128, out: &mut Vec<u8>) {
    let mut digits = [0u8; 39];
    let mut start = digits.len();
    while value > u128::from(u64::MAX) {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    let mut small = value as u64;
    loop {
        start -= 1;
        digits[start] = b'0' + (small % 10) as u8;
        small /= 10;
        if small == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(40);
        self.write_to(&mut text);
        f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_canonical(&text).ok_or_else(|| serde::de::Error::custom("not a decimal amount"))
    }
}

impl Amount {
    /// Reads the text that [`Amount::write_to`] writes; any size the type can hold.
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || fraction.len() > SCALE as usize || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut raw: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', SCALE as usize - fraction.len())) {
            let digit = i128::from(byte - b'0');
            raw = raw.checked_mul(10)?.checked_add(if negative { -digit } else { digit })?;
        }
        Some(Self(raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_no_exponent_and_no_trailing_zeros() {
        let cases = [
            (0, "0"),
            (1, "0.00000000000000000001"),
            (-1, "-0.00000000000000000001"),
            (UNIT, "1"),
            (UNIT / 10, "0.1"),
            (-UNIT * 1234 - UNIT / 4, "-1234.25"),
            (i128::MAX, "1701411834604692317.31687303715884105727"),
            (i128::MIN, "-1701411834604692317.31687303715884105728"),
        ];
        for (raw, want) in cases {
            assert_eq!(Amount(raw).to_string(), want);
            assert_eq!(Amount::from_canonical(want), Some(Amount(raw)));
        }
    }

    #[test]
    fn text_of_any_size_reads_back() {
        let mut state = 1u128;
        for round in 0..20_000 {
            state = state.wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645).wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
            let amount = Amount(state as i128 >> (round % 128));
            let text = amount.to_string();
            assert_eq!(Amount::from_canonical(&text), Some(amount), "{text}");
            let digits = format!("{:021}", amount.0.unsigned_abs());
            let (whole, fraction) = digits.split_at(digits.len() - 20);
            let sign = if amount.0 < 0 { "-" } else { "" };
            assert_eq!(text, format!("{sign}{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.'));
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        assert_eq!(Amount(i128::MAX).plus(Amount(1)), Err(AmountOverflow));
        assert_eq!(Amount(i128::MIN).minus(Amount(1)), Err(AmountOverflow));
    }
}
