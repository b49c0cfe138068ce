//! A decimal with fifty-eight digits after the point: twenty in one integer, and what lies beyond them in another.

use std::fmt;

use thiserror::Error;

/// Digits after the decimal point of the integer that nearly all of an [`Amount`] is in: most reports carry up to nineteen.
pub const SCALE: u32 = 20;

/// Digits beyond those of [`SCALE`] that are kept too.
pub const REST_SCALE: u32 = 38;

/// Ten to the power of [`SCALE`].
const UNIT: i128 = 10i128.pow(SCALE);

/// Ten to the power of [`REST_SCALE`]: so many parts has the last of the twenty digits. Two rests add up to less than 2^128.
const REST_UNIT: u128 = 10u128.pow(REST_SCALE);

/// An exact amount of money or number of units, with up to 58 digits after the point.
///
/// `raw`, a 128-bit integer of 10^-20ths, is the amount rounded down, the same as Polars' and Parquet's `Decimal(38, 20)`; `rest`, below
/// 10^38, are the 10^-58ths above it. So amounts compare as the two numbers do, one after the other. A rest other than zero is rare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount {
    raw: i128,
    rest: u128,
}

/// The size of an [`Amount`] without its sign, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Magnitude {
    units: u128,
    rest: u128,
}

impl Magnitude {
    /// Whole 10^-20ths; what is less than one of them is left out.
    #[must_use]
    pub const fn units(self) -> u128 {
        self.units
    }

    /// The 10^-58ths beyond the whole 10^-20ths.
    #[must_use]
    pub const fn rest(self) -> u128 {
        self.rest
    }
}

/// A sum left the exact range of about 1.7·10^18 whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a sum leaves the exact range of 18 digits before the point; split the statement and import its parts"
)]
pub struct AmountOverflow;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self { raw: 0, rest: 0 };

    /// The amount of so many 10^-20ths.
    #[must_use]
    pub const fn from_raw(raw: i128) -> Self {
        Self { raw, rest: 0 }
    }

    /// The amount of so many 10^-20ths and, above them, 10^-58ths; `None` when the latter make a 10^-20th or more.
    #[must_use]
    pub const fn from_parts(raw: i128, rest: u128) -> Option<Self> {
        if rest < REST_UNIT {
            Some(Self { raw, rest })
        } else {
            None
        }
    }

    /// How many whole 10^-20ths it is, rounded down: without the rest.
    #[must_use]
    pub const fn floor_raw(self) -> i128 {
        self.raw
    }

    /// How many 10^-58ths it is above [`Self::floor_raw`].
    #[must_use]
    pub const fn rest(self) -> u128 {
        self.rest
    }

    /// How many 10^-20ths it is, when twenty digits after the point are enough.
    #[must_use]
    pub const fn to_narrow(self) -> Option<i128> {
        if self.rest == 0 { Some(self.raw) } else { None }
    }

    /// A whole number.
    #[must_use]
    pub fn from_integer(units: i64) -> Self {
        // i64::MAX is below 10^19, so the product is below 10^39/10 and fits 128 bits only up to 1.7·10^18.
        Self::from_raw(i128::from(units).checked_mul(UNIT).unwrap_or(if units < 0 {
            i128::MIN
        } else {
            i128::MAX
        }))
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, AmountOverflow> {
        if self.rest | other.rest == 0 {
            return self
                .raw
                .checked_add(other.raw)
                .map(Self::from_raw)
                .ok_or(AmountOverflow);
        }
        let rest = self.rest + other.rest;
        let carry = rest >= REST_UNIT;
        let (sum, is_out) = self.raw.overflowing_add(other.raw);
        let (raw, is_out_again) = sum.overflowing_add(i128::from(carry));
        // Out of the range and back is in the range.
        if is_out != is_out_again {
            return Err(AmountOverflow);
        }
        Ok(Self {
            raw,
            rest: if carry { rest - REST_UNIT } else { rest },
        })
    }

    /// The exact difference.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, AmountOverflow> {
        if self.rest | other.rest == 0 {
            return self
                .raw
                .checked_sub(other.raw)
                .map(Self::from_raw)
                .ok_or(AmountOverflow);
        }
        let borrow = self.rest < other.rest;
        let (difference, is_out) = self.raw.overflowing_sub(other.raw);
        let (raw, is_out_again) = difference.overflowing_sub(i128::from(borrow));
        if is_out != is_out_again {
            return Err(AmountOverflow);
        }
        Ok(Self {
            raw,
            rest: if borrow {
                self.rest + REST_UNIT - other.rest
            } else {
                self.rest - other.rest
            },
        })
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
        match self.rest {
            0 => Self::from_raw(-self.raw),
            // −(raw + rest) = (−raw − 1) + (1 − rest), and −raw − 1 is raw with all its bits turned.
            rest => Self {
                raw: !self.raw,
                rest: REST_UNIT - rest,
            },
        }
    }

    /// Size without sign, for ordering by money at stake.
    #[must_use]
    pub const fn magnitude(self) -> Magnitude {
        if self.raw < 0 && self.rest > 0 {
            return Magnitude {
                units: (!self.raw).unsigned_abs(),
                rest: REST_UNIT - self.rest,
            };
        }
        Magnitude {
            units: self.raw.unsigned_abs(),
            rest: self.rest,
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.raw == 0 && self.rest == 0
    }

    /// Whether it is less than zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.raw < 0
    }

    /// Whether it is more than zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        !self.is_negative() && !self.is_zero()
    }

    /// Appends the decimal text: no exponent, no trailing zeros, `-` for negative, `0` for zero.
    pub fn write_to(self, out: &mut Vec<u8>) {
        if self.is_negative() {
            out.push(b'-');
        }
        let size = self.magnitude();
        let (whole, fraction) = split(size.units);
        write_digits(whole, out);
        if size.rest > 0 {
            return write_long_fraction(fraction, size.rest, out);
        }
        if fraction == 0 {
            return;
        }
        // Two halves of ten digits: 64-bit divisions are many times faster than 128-bit ones.
        let high = (fraction >> 10) as u64 / 5u64.pow(10);
        let low = (fraction - u128::from(high) * 10_000_000_000) as u64;
        let mut digits = [b'.'; 1 + SCALE as usize];
        write_ten(high, &mut digits[1..11]);
        write_ten(low, &mut digits[11..]);
        let end = digits
            .iter()
            .rposition(|&d| d != b'0')
            .map_or(0, |last| last + 1);
        out.extend_from_slice(&digits[..end]);
    }
}

/// Whole units and the rest, below [`UNIT`].
fn split(size: u128) -> (u128, u128) {
    // 10^20 is 2^20 times 5^20; most amounts without their last twenty bits fit 64 bits, which divide many times faster.
    let whole = u64::try_from(size >> SCALE).map_or_else(
        |_| size / UNIT as u128,
        |high| u128::from(high / 5u64.pow(SCALE)),
    );
    (whole, size - whole * UNIT as u128)
}

/// All 58 digits after the point but for zeros at the end.
fn write_long_fraction(mut fraction: u128, mut rest: u128, out: &mut Vec<u8>) {
    let mut digits = [b'.'; 1 + (SCALE + REST_SCALE) as usize];
    let (upper, lower) = digits[1..].split_at_mut(SCALE as usize);
    for digit in lower.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    for digit in upper.iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    let end = digits
        .iter()
        .rposition(|&d| d != b'0')
        .map_or(0, |last| last + 1);
    out.extend_from_slice(&digits[..end]);
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
        let is_decimal = whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > (SCALE + REST_SCALE) as usize || !is_decimal {
            return None;
        }
        let (fraction, beyond) = fraction.split_at(fraction.len().min(SCALE as usize));
        let zeros = |missing: usize| std::iter::repeat_n(b'0', missing);
        let mut raw: i128 = 0;
        for byte in whole
            .bytes()
            .chain(fraction.bytes())
            .chain(zeros(SCALE as usize - fraction.len()))
        {
            let digit = i128::from(byte - b'0');
            raw = raw
                .checked_mul(10)?
                .checked_add(if negative { -digit } else { digit })?;
        }
        let digits_beyond = beyond
            .bytes()
            .chain(zeros(REST_SCALE as usize - beyond.len()));
        let rest = digits_beyond.fold(0u128, |rest, byte| rest * 10 + u128::from(byte - b'0'));
        if negative && rest > 0 {
            return Some(Self {
                raw: raw.checked_sub(1)?,
                rest: REST_UNIT - rest,
            });
        }
        Some(Self { raw, rest })
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
            assert_eq!(Amount::from_raw(raw).to_string(), want);
            assert_eq!(Amount::from_canonical(want), Some(Amount::from_raw(raw)));
        }
    }

    #[test]
    fn text_of_any_size_reads_back() {
        let mut state = 1u128;
        for round in 0..20_000 {
            state = state
                .wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645)
                .wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
            let amount = Amount::from_raw(state as i128 >> (round % 128));
            let text = amount.to_string();
            assert_eq!(Amount::from_canonical(&text), Some(amount), "{text}");
            let digits = format!("{:021}", amount.raw.unsigned_abs());
            let (whole, fraction) = digits.split_at(digits.len() - 20);
            let sign = if amount.raw < 0 { "-" } else { "" };
            assert_eq!(
                text,
                format!("{sign}{whole}.{fraction}")
                    .trim_end_matches('0')
                    .trim_end_matches('.')
            );
        }
    }

    #[test]
    fn digits_beyond_the_twentieth_are_kept_with_either_sign() {
        for text in [
            "0.000000000000000000001",
            "-0.000000000000000000001",
            "0.0000000000000000000000000000000000000000000000000000000001",
            "-0.0000000000000000000000000000000000000000000000000000000001",
            "999999999999999.9999999999999999999999999999999999999999999999999999999999",
            "-1701411834604692317.31687303715884105727999",
            "0.0186728975848186227451855789361133903342",
        ] {
            let amount = Amount::from_canonical(text).unwrap();
            assert_eq!(amount.to_string(), text);
            assert_eq!(amount.to_narrow(), None, "{text}");
            assert_eq!(amount.negated().negated(), amount);
            assert_eq!(amount.negated().magnitude(), amount.magnitude());
            assert_eq!(amount.plus(amount.negated()), Ok(Amount::ZERO));
            assert_eq!(amount.minus(amount), Ok(Amount::ZERO));
            assert_eq!(amount.is_negative(), text.starts_with('-'));
            assert_eq!(amount.is_positive(), !text.starts_with('-'));
            assert_eq!(serde_round_trip(amount), amount);
        }
        for text in [
            "0.00000000000000000000000000000000000000000000000000000000001",
            "-1701411834604692317.316873037158841057281",
            ".5",
            "1e5",
        ] {
            assert_eq!(Amount::from_canonical(text), None, "{text}");
        }
    }

    fn serde_round_trip(amount: Amount) -> Amount {
        serde::Deserialize::deserialize(
            serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&amount.to_string()),
        )
        .unwrap()
    }

    #[test]
    fn sums_carry_into_the_twentieth_digit_and_borrow_from_it() {
        let amount = |text: &str| Amount::from_canonical(text).unwrap();
        for (a, b, sum) in [
            (
                "0.000000000000000000006",
                "0.000000000000000000005",
                "0.000000000000000000011",
            ),
            (
                "0.000000000000000000006",
                "-0.000000000000000000005",
                "0.000000000000000000001",
            ),
            (
                "-0.000000000000000000006",
                "0.000000000000000000005",
                "-0.000000000000000000001",
            ),
            (
                "1",
                "-0.0000000000000000000000000000000000000000000000000000000001",
                "0.9999999999999999999999999999999999999999999999999999999999",
            ),
            (
                "0.5",
                "0.0000000000000000000000000000001",
                "0.5000000000000000000000000000001",
            ),
        ] {
            assert_eq!(amount(a).plus(amount(b)), Ok(amount(sum)), "{a} + {b}");
            assert_eq!(amount(b).plus(amount(a)), Ok(amount(sum)), "{b} + {a}");
            assert_eq!(
                amount(a).minus(amount(b).negated()),
                Ok(amount(sum)),
                "{a} - -{b}"
            );
            assert!(
                amount(a).cmp(&amount(b)) == amount(a).minus(amount(b)).unwrap().cmp(&Amount::ZERO),
                "{a} and {b}"
            );
        }
        assert!(
            amount("-0.000000000000000000005").magnitude()
                < amount("0.000000000000000000006").magnitude()
        );
        assert!(
            amount("-0.000000000000000000015").magnitude()
                > amount("0.00000000000000000001").magnitude()
        );
        assert_eq!(amount("-0.000000000000000000015").magnitude().units(), 1);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let (most, least, one) = (
            Amount::from_raw(i128::MAX),
            Amount::from_raw(i128::MIN),
            Amount::from_raw(1),
        );
        assert_eq!(most.plus(one), Err(AmountOverflow));
        assert_eq!(least.minus(one), Err(AmountOverflow));
        let half = Amount {
            raw: 0,
            rest: REST_UNIT / 2,
        };
        assert_eq!(
            most.plus(half),
            Ok(Amount {
                raw: i128::MAX,
                rest: REST_UNIT / 2
            })
        );
        assert_eq!(most.plus(half).unwrap().plus(half), Err(AmountOverflow));
        assert_eq!(least.minus(half), Err(AmountOverflow));
        // What is out of the range only without the carry is in it.
        assert_eq!(
            half.plus(least).unwrap().plus(Amount {
                raw: -1,
                rest: REST_UNIT / 2
            }),
            Ok(least)
        );
        assert_eq!(
            most.minus(Amount {
                raw: -1,
                rest: REST_UNIT / 2
            })
            .unwrap(),
            Amount {
                raw: i128::MAX,
                rest: REST_UNIT / 2
            }
        );
    }
}
