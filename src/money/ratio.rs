//! Exact ratios: shares, rates, prices per unit and exchange rates, and amounts divided by them so that the parts add up.
//!
//! A product that would need more than twenty digits after the point is rounded once, to the nearest of them and half away from zero;
//! whoever takes the counterpart takes the difference, so nothing is lost. What is divided is divided to the twentieth digit: digits of
//! the amount beyond it stay together, in the first part that is not zero of itself.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use super::amount::{Amount, AmountOverflow, REST_SCALE};
use super::round::give_rest;

/// A fraction that is not negative, in lowest terms: `0.25`, `12.5 %`, `1/3`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

/// The text is no ratio.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no number such as 0.25, 25 % or 1/3, with at most 18 digits")]
pub struct RatioError(pub String);

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// The whole.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// The fraction of two numbers; `None` for a negative one and for division by zero.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if numerator < 0 || denominator <= 0 {
            return None;
        }
        let common = greatest_common_divisor(i128::from(numerator), i128::from(denominator)) as i64;
        Some(Self {
            numerator: numerator / common,
            denominator: denominator / common,
        })
    }

    /// Reads a decimal, a percentage or a fraction.
    ///
    /// # Errors
    /// [`RatioError`] for anything else, for negative numbers, and for more than 18 digits.
    pub fn parse(text: &str) -> Result<Self, RatioError> {
        let error = || RatioError(text.chars().take(40).collect());
        let trimmed = text.trim();
        if let Some((upper, lower)) = trimmed.split_once('/') {
            let upper = decimal(upper.trim()).ok_or_else(error)?;
            let lower = decimal(lower.trim()).ok_or_else(error)?;
            return upper.over(lower).ok_or_else(error);
        }
        match trimmed.strip_suffix('%') {
            Some(percent) => decimal(percent.trim_end())
                .and_then(|p| {
                    p.over(Self {
                        numerator: 100,
                        denominator: 1,
                    })
                })
                .ok_or_else(error),
            None => decimal(trimmed).ok_or_else(error),
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// What is missing to the whole; `None` when it is more than that.
    #[must_use]
    pub fn rest(self) -> Option<Self> {
        Self::new(self.denominator - self.numerator, self.denominator)
    }

    /// One divided by it; `None` for zero.
    #[must_use]
    pub fn inverse(self) -> Option<Self> {
        Self::new(self.denominator, self.numerator)
    }

    /// The exact sum; `None` when its lowest terms do not fit 63 bits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let a = i128::from(self.numerator) * i128::from(other.denominator);
        let b = i128::from(other.numerator) * i128::from(self.denominator);
        Self::of_wide(
            a.checked_add(b)?,
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }

    /// The exact product; `None` when its lowest terms do not fit 63 bits.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let upper = i128::from(self.numerator) * i128::from(other.numerator);
        Self::of_wide(
            upper,
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }

    fn over(self, other: Self) -> Option<Self> {
        self.times(other.inverse()?)
    }

    fn of_wide(upper: i128, lower: i128) -> Option<Self> {
        let common = greatest_common_divisor(upper, lower);
        Self::new(
            i64::try_from(upper / common).ok()?,
            i64::try_from(lower / common).ok()?,
        )
    }

    /// This part of an amount, to the nearest of the twenty digits, half away from zero. A whole multiple needs no rounding, and keeps
    /// every digit.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it does not fit.
    pub fn of(self, amount: Amount) -> Result<Amount, AmountOverflow> {
        if self == Self::ONE {
            return Ok(amount);
        }
        let size = amount.magnitude();
        let units = i128::try_from(size.units()).map_err(|_| AmountOverflow)?;
        // What the digits beyond the twentieth add to the product: whole units of the twentieth digit, and parts of one.
        let (carried, beyond) = multiply_divide(
            size.rest(),
            self.numerator.unsigned_abs().into(),
            10u128.pow(REST_SCALE),
        )?;
        let carried = i128::try_from(carried).map_err(|_| AmountOverflow)?;
        let (floor, left) = self.of_size(units, carried)?;
        let product = if self.denominator == 1 {
            Amount::from_parts(floor, beyond).ok_or(AmountOverflow)?
        } else {
            Amount::from_raw(
                floor
                    .checked_add(i128::from(self.is_half_or_more(left, beyond)))
                    .ok_or(AmountOverflow)?,
            )
        };
        Ok(if amount.is_negative() {
            product.negated()
        } else {
            product
        })
    }

    /// Whether so many parts of the denominator, and 10^-38ths of such a part, are half a unit or more.
    fn is_half_or_more(self, left: i128, beyond: u128) -> bool {
        let lower = i128::from(self.denominator);
        2 * left >= lower || (2 * left + 1 == lower && beyond >= 10u128.pow(REST_SCALE) / 2)
    }

    /// The part rounded down, and what is left over in parts of the denominator; `carried` is added to the product before it is divided.
    fn of_size(self, size: i128, carried: i128) -> Result<(i128, i128), AmountOverflow> {
        let upper = i128::from(self.numerator);
        let lower = i128::from(self.denominator);
        let left = (size % lower) * upper + carried;
        let whole = (size / lower)
            .checked_mul(upper)
            .and_then(|w| w.checked_add(left / lower))
            .ok_or(AmountOverflow)?;
        Ok((whole, left % lower))
    }
}

fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn decimal(text: &str) -> Option<Ratio> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) || text.ends_with('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let numerator = whole
        .bytes()
        .chain(fraction.bytes())
        .try_fold(0i64, |n, b| {
            n.checked_mul(10)?.checked_add(i64::from(b - b'0'))
        })?;
    Ratio::new(
        numerator,
        10i64.checked_pow(u32::try_from(fraction.len()).ok()?)?,
    )
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        left.cmp(&(i128::from(other.numerator) * i128::from(self.denominator)))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As a decimal where it has one of at most 18 digits, else as a fraction.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(digits) = (0..=18u32).find(|d| 10i128.pow(*d) % i128::from(self.denominator) == 0)
        else {
            return write!(f, "{}/{}", self.numerator, self.denominator);
        };
        let unit = 10i128.pow(digits);
        let value = i128::from(self.numerator) * (unit / i128::from(self.denominator));
        match digits {
            0 => write!(f, "{value}"),
            _ => write!(
                f,
                "{}.{:0width$}",
                value / unit,
                value % unit,
                width = digits as usize
            ),
        }
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Divides an amount by shares that sum to one whole: each gets its part rounded down to the last of the twenty digits; what is missing
/// goes to the largest remainders, ties to the earlier share. Digits of the amount beyond the twentieth are not divided: the first share
/// above zero takes them. A negative amount is the mirror image.
///
/// # Errors
/// [`AmountOverflow`] when the amount is the smallest of all, which has no mirror image, or when the shares are not one whole.
pub fn divide(amount: Amount, shares: &[Ratio]) -> Result<Vec<Amount>, AmountOverflow> {
    if let [only] = shares
        && *only == Ratio::ONE
    {
        return Ok(vec![amount]);
    }
    let size = i128::try_from(amount.magnitude().units()).map_err(|_| AmountOverflow)?;
    let mut parts = shares
        .iter()
        .map(|share| share.of_size(size, 0))
        .collect::<Result<Vec<_>, _>>()?;
    let given = parts
        .iter()
        .try_fold(0i128, |sum, (part, _)| sum.checked_add(*part))
        .ok_or(AmountOverflow)?;
    let missing = usize::try_from(size - given).map_err(|_| AmountOverflow)?;
    if missing > parts.len() {
        return Err(AmountOverflow);
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    // Remainders have different denominators: both are below 2^63, so the products fit.
    let larger_first = |a: usize, b: usize| {
        let left = parts[a].1 * i128::from(shares[b].denominator);
        let right = parts[b].1 * i128::from(shares[a].denominator);
        right.cmp(&left)
    };
    order.sort_by(|a, b| larger_first(*a, *b));
    for &index in order.iter().take(missing) {
        parts[index].0 += 1;
    }
    let parts = parts
        .into_iter()
        .map(|(part, _)| Amount::from_raw(part))
        .collect();
    Ok(with_rest(amount, parts, |at| !shares[at].is_zero()))
}

/// Parts of an amount's size, given what it has beyond the twentieth digit and its sign.
fn with_rest(
    amount: Amount,
    mut parts: Vec<Amount>,
    may_take: impl Fn(usize) -> bool,
) -> Vec<Amount> {
    if amount.is_negative() {
        give_rest(amount.negated(), &mut parts, may_take);
        return parts.into_iter().map(Amount::negated).collect();
    }
    give_rest(amount, &mut parts, may_take);
    parts
}

/// Spreads an amount in proportion to other amounts of any sign: the parts add up to it. As [`divide`], to the last of the twenty digits;
/// digits of the amount beyond it go to the first weight that is not zero. Where weights have such digits themselves, they count up to the
/// 31st digit of the largest weight. An amount that is the sum of the weights is parted into these very weights.
///
/// # Errors
/// [`AmountOverflow`] when the weights add up to nothing, so that there is no proportion, or a part does not fit.
pub fn spread(amount: Amount, weights: &[Amount]) -> Result<Vec<Amount>, AmountOverflow> {
    if weights.len() == 1 && !weights[0].is_zero() {
        return Ok(vec![amount]);
    }
    let sum = Amount::sum(weights.iter().copied())?;
    if sum == amount && !sum.is_zero() {
        return Ok(weights.to_vec());
    }
    if sum.plus(amount) == Ok(Amount::ZERO) && !sum.is_zero() {
        return weights
            .iter()
            .map(|weight| Amount::ZERO.minus(*weight))
            .collect();
    }
    let weights = whole_weights(weights)?;
    let total = weights
        .iter()
        .try_fold(0i128, |sum, weight| sum.checked_add(*weight))
        .ok_or(AmountOverflow)?;
    if total == 0 {
        return Err(AmountOverflow);
    }
    // The exact part has the sign of amount × weight × total. A negative amount is computed as the mirror image of the positive one.
    let units = amount.magnitude().units();
    let mut parts = Vec::with_capacity(weights.len());
    for weight in &weights {
        let (size, rest) = multiply_divide(units, weight.unsigned_abs(), total.unsigned_abs())?;
        let size = i128::try_from(size).map_err(|_| AmountOverflow)?;
        let is_negative = (*weight < 0) != (total < 0);
        // Rounded down, also below zero.
        parts.push(match (is_negative, rest) {
            (false, _) => (size, rest),
            (true, 0) => (-size, 0),
            (true, _) => (-size - 1, total.unsigned_abs() - rest),
        });
    }
    let size = i128::try_from(units).map_err(|_| AmountOverflow)?;
    let given = parts
        .iter()
        .try_fold(0i128, |sum, (part, _)| sum.checked_add(*part))
        .ok_or(AmountOverflow)?;
    let missing = usize::try_from(size.checked_sub(given).ok_or(AmountOverflow)?)
        .map_err(|_| AmountOverflow)?;
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(parts[index].1));
    for &index in order.iter().take(missing) {
        parts[index].0 += 1;
    }
    let parts = parts
        .into_iter()
        .map(|(part, _)| Amount::from_raw(part))
        .collect();
    Ok(with_rest(amount, parts, |at| weights[at] != 0))
}

/// Digits of the largest weight that count when weights have more than twenty after the point.
const WEIGHT_DIGITS: u32 = 31;

/// Weights as whole numbers in the same proportion: their 10^-20ths, or, when any has digits beyond them, smaller units, all rounded toward
/// zero.
fn whole_weights(weights: &[Amount]) -> Result<Vec<i128>, AmountOverflow> {
    if let Some(whole) = weights.iter().map(|weight| weight.to_narrow()).collect() {
        return Ok(whole);
    }
    let length = |largest: Option<u128>| {
        largest
            .and_then(u128::checked_ilog10)
            .map(|power| power + 1)
    };
    let units = length(
        weights
            .iter()
            .map(|weight| weight.magnitude().units())
            .max(),
    );
    let rests = length(weights.iter().map(|weight| weight.magnitude().rest()).max());
    // The largest weight keeps so many digits, which leaves room for the sum of millions.
    let surplus = units
        .map_or(rests.unwrap_or(0), |units| units + REST_SCALE)
        .saturating_sub(WEIGHT_DIGITS);
    let digits = REST_SCALE.saturating_sub(surplus);
    weights
        .iter()
        .map(|weight| {
            let size = weight.magnitude();
            let upper = size
                .units()
                .checked_mul(10u128.pow(digits))
                .ok_or(AmountOverflow)?;
            let whole = i128::try_from(upper + size.rest() / 10u128.pow(REST_SCALE - digits))
                .map_err(|_| AmountOverflow)?;
            Ok(if weight.is_negative() { -whole } else { whole })
        })
        .collect()
}

/// `a · b / divisor`, exactly: quotient and remainder. The product has up to 256 bits.
fn multiply_divide(a: u128, b: u128, divisor: u128) -> Result<(u128, u128), AmountOverflow> {
    if let Some(product) = a.checked_mul(b) {
        return Ok((product / divisor, product % divisor));
    }
    let (high, low) = wide_product(a, b);
    if high >= divisor {
        return Err(AmountOverflow);
    }
    // Long division, one bit at a time; the remainder stays below the divisor, so at most one bit of it is shifted out.
    let mut rest = high;
    let mut quotient = 0u128;
    for bit in (0..128).rev() {
        let carry = rest >> 127;
        rest = (rest << 1) | (low >> bit & 1);
        quotient <<= 1;
        if carry == 1 || rest >= divisor {
            rest = rest.wrapping_sub(divisor);
            quotient |= 1;
        }
    }
    Ok((quotient, rest))
}

fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let a1 = a >> 64;
    let a0 = a & HALF;
    let b1 = b >> 64;
    let b0 = b & HALF;
    let low = a0 * b0;
    let cross_a = a1 * b0;
    let cross_b = a0 * b1;
    let middle = (low >> 64) + (cross_a & HALF) + (cross_b & HALF);
    (
        a1 * b1 + (cross_a >> 64) + (cross_b >> 64) + (middle >> 64),
        (middle << 64) | (low & HALF),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn amount(text: &str) -> Amount {
        Amount::from_canonical(text).unwrap()
    }

    #[test]
    fn texts_become_fractions_in_lowest_terms() {
        let cases = [
            ("0.25", "0.25"),
            ("25 %", "0.25"),
            ("12.5%", "0.125"),
            ("1/3", "1/3"),
            ("20/60", "1/3"),
            ("1", "1"),
            ("0", "0"),
            ("1.10", "1.1"),
        ];
        for (text, want) in cases {
            assert_eq!(ratio(text).to_string(), want, "{text}");
        }
        for text in [
            "",
            "-0.1",
            "1e3",
            "0,5",
            ".",
            "1.",
            "a",
            "1/0",
            "1/",
            "%",
            "0.1234567890123456789",
            "99999999999999999999",
        ] {
            assert!(Ratio::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_is_rounded_once_and_half_away_from_zero() {
        let cases = [
            ("0.25", "100", "25"),
            ("1/3", "1", "0.33333333333333333333"),
            ("2/3", "1", "0.66666666666666666667"),
            ("0.5", "0.00000000000000000001", "0.00000000000000000001"),
            ("0.5", "-0.00000000000000000001", "-0.00000000000000000001"),
            ("1.5", "1000000000000000000", "1500000000000000000"),
        ];
        for (share, of, want) in cases {
            assert_eq!(
                ratio(share).of(amount(of)).unwrap().to_string(),
                want,
                "{share} of {of}"
            );
        }
        assert!(ratio("2").of(amount("1000000000000000000")).is_err());
    }

    #[test]
    fn parts_add_up_and_mirror() {
        let shares: [&[&str]; 4] = [
            &["1/3", "1/3", "1/3"],
            &["0.5", "0.3", "0.2"],
            &["1/7", "6/7"],
            &["1"],
        ];
        for texts in shares {
            let shares: Vec<Ratio> = texts.iter().map(|t| ratio(t)).collect();
            for of in [
                "100",
                "0.00000000000000000001",
                "-7.77",
                "1000000.00",
                "1701411834604692317.31687303715884105727",
            ] {
                let parts = divide(amount(of), &shares).unwrap();
                assert_eq!(
                    Amount::sum(parts.iter().copied()).unwrap(),
                    amount(of),
                    "{texts:?} of {of}"
                );
                let mirrored: Vec<Amount> = divide(amount(of).negated(), &shares)
                    .unwrap()
                    .into_iter()
                    .map(Amount::negated)
                    .collect();
                assert_eq!(mirrored, parts);
            }
        }
        assert!(divide(amount("1"), &[ratio("0.3"), ratio("0.3")]).is_err());
    }

    #[test]
    fn an_amount_is_spread_over_weights_of_any_sign() {
        let cases: [(&str, &[&str], &[&str]); 5] = [
            ("90", &["100", "50", "-50"], &["90", "45", "-45"]),
            ("-90", &["100", "50", "-50"], &["-90", "-45", "45"]),
            (
                "1",
                &["1", "1", "1"],
                &[
                    "0.33333333333333333334",
                    "0.33333333333333333333",
                    "0.33333333333333333333",
                ],
            ),
            ("10", &["-1", "-3"], &["2.5", "7.5"]),
            (
                "123456789012345.6789",
                &["999999999999999.99999999999999999999", "1"],
                &[
                    "123456789012345.5554432109876543222",
                    "0.1234567890123456778",
                ],
            ),
        ];
        for (of, weights, want) in cases {
            let weights: Vec<Amount> = weights.iter().map(|t| amount(t)).collect();
            let parts = spread(amount(of), &weights).unwrap();
            assert_eq!(Amount::sum(parts.iter().copied()).unwrap(), amount(of));
            if of.len() < 10 {
                assert_eq!(
                    parts,
                    want.iter().map(|t| amount(t)).collect::<Vec<_>>(),
                    "{of}"
                );
            }
        }
        assert!(spread(amount("1"), &[amount("1"), amount("-1")]).is_err());
    }

    #[test]
    fn wide_products_are_divided_exactly() {
        let (quotient, rest) = multiply_divide(u128::MAX, u128::MAX - 1, u128::MAX).unwrap();
        assert_eq!((quotient, rest), (u128::MAX - 1, 0));
        let (quotient, rest) =
            multiply_divide(10u128.pow(38), 10u128.pow(30), 3 * 10u128.pow(37)).unwrap();
        assert_eq!((quotient, rest), (10u128.pow(31) / 3, 10u128.pow(37)));
        assert!(multiply_divide(u128::MAX, 2, 1).is_err());
    }

    #[test]
    fn a_part_of_more_than_twenty_digits_is_the_nearest_one() {
        let cases = [
            (
                "1",
                "-0.0000000000000000000123",
                "-0.0000000000000000000123",
            ),
            ("3", "0.0000000000000000000123", "0.0000000000000000000369"),
            ("3", "-0.000000000000000000004", "-0.000000000000000000012"),
            ("0.5", "0.000000000000000000009", "0"),
            ("0.5", "0.00000000000000000001", "0.00000000000000000001"),
            ("1/3", "0.000000000000000000015", "0.00000000000000000001"),
            ("1/3", "-0.000000000000000000015", "-0.00000000000000000001"),
            ("1/3", "0.0000000000000000000149", "0"),
            ("5/3", "1.00000000000000000000999", "1.66666666666666666668"),
        ];
        for (share, of, want) in cases {
            assert_eq!(
                ratio(share).of(amount(of)).unwrap().to_string(),
                want,
                "{share} of {of}"
            );
        }
    }

    #[test]
    fn parts_of_more_than_twenty_digits_add_up_and_mirror() {
        let shares = ["1/3", "1/7", "11/21"].map(ratio);
        for of in [
            "0.000000000000000000001",
            "12.3456789012345678901234567890123456789",
            "-7.0000000000000000000000000000000001",
        ] {
            let parts = divide(amount(of), &shares).unwrap();
            assert_eq!(Amount::sum(parts.iter().copied()), Ok(amount(of)));
            let mirrored: Vec<Amount> = divide(amount(of).negated(), &shares)
                .unwrap()
                .into_iter()
                .map(Amount::negated)
                .collect();
            assert_eq!(mirrored, parts);
            assert!(
                parts[1..].iter().all(|part| part.to_narrow().is_some()),
                "{parts:?}"
            );
        }
    }

    #[test]
    fn weights_of_more_than_twenty_digits_count() {
        let spread_texts = |of: &str, weights: &[&str]| {
            let weights: Vec<Amount> = weights.iter().map(|t| amount(t)).collect();
            let parts = spread(amount(of), &weights)?;
            assert_eq!(
                Amount::sum(parts.iter().copied()),
                Ok(amount(of)),
                "{of} over {weights:?}"
            );
            Ok::<_, AmountOverflow>(parts.iter().map(Amount::to_string).collect::<Vec<_>>())
        };
        let tiny = [
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000003",
        ];
        assert_eq!(spread_texts("8", &tiny).unwrap(), ["2", "6"]);
        assert_eq!(spread_texts("-8", &tiny).unwrap(), ["-2", "-6"]);
        assert_eq!(
            spread_texts("0.0000000000000000000000000004", &tiny).unwrap(),
            tiny
        );
        assert_eq!(
            spread_texts(
                "12",
                &[
                    "-0.0000000000000000000000000001",
                    "0.0000000000000000000000000003"
                ]
            )
            .unwrap(),
            ["-6", "18"]
        );
        assert_eq!(
            spread_texts(
                "3",
                &["0", "0.000000000000000000005", "0.00000000000000000001"]
            )
            .unwrap(),
            ["0", "1", "2"]
        );
        assert!(
            spread_texts(
                "0.000000000000000000007",
                &["0", "1", "1.0000000000000000000000001"]
            )
            .unwrap()[1]
                .starts_with("0.000000000000000000007")
        );
        assert!(
            spread_texts(
                "1",
                &[
                    "0.0000000000000000000000000003",
                    "-0.0000000000000000000000000003"
                ]
            )
            .is_err()
        );
        let large = [
            "999999999999999.99999999999999999999999999",
            "999999999999999.99999999999999999999999998",
        ];
        spread_texts("1701411834604692317.1", &large).unwrap();
    }
}
