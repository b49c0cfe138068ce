//! The one place where money is rounded: exact amounts into payable ones, by largest remainder.

use super::amount::{Amount, AmountOverflow, REST_SCALE, SCALE};
use crate::ident::Currency;

/// Payable amounts and what rounding left over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// One payable amount for each input, in its order; each differs from the exact one by less than one minor unit.
    pub payable: Vec<Amount>,
    /// Σ exact − Σ payable: at most half a minor unit.
    pub rounding: Amount,
}

/// The smallest amount of a currency that can be paid: 0.01 USD, 1 JPY.
#[must_use]
pub fn smallest_unit(currency: Currency) -> Amount {
    let digits = currency.minor_digits().min(SCALE);
    Amount::from_raw(10i128.pow(SCALE - digits))
}

/// Rounds amounts to `minor_digits` so that their sum is the rounded sum (half away from zero).
///
/// Each amount gets its floor; the missing minor units go to the largest remainders, ties to the earlier input, so callers
/// sort by payee. A negative total is the mirror image of the positive one: `allocate(-x) = -allocate(x)`.
///
/// # Errors
/// [`AmountOverflow`] when a sum does not fit.
pub fn allocate(exact: &[Amount], minor_digits: u32) -> Result<Allocation, AmountOverflow> {
    let total = Amount::sum(exact.iter().copied())?;
    let leads_negative = || {
        exact
            .iter()
            .find(|a| !a.is_zero())
            .is_some_and(|a| a.is_negative())
    };
    if total.is_negative() || (total.is_zero() && leads_negative()) {
        let mirrored: Vec<Amount> = exact.iter().map(|a| a.negated()).collect();
        let positive = allocate_positive(&mirrored, total.negated(), minor_digits)?;
        return Ok(Allocation {
            payable: positive.payable.into_iter().map(Amount::negated).collect(),
            rounding: positive.rounding.negated(),
        });
    }
    allocate_positive(exact, total, minor_digits)
}

fn allocate_positive(
    exact: &[Amount],
    total: Amount,
    minor_digits: u32,
) -> Result<Allocation, AmountOverflow> {
    let unit = 10i128.pow(SCALE - minor_digits.min(SCALE));
    // Half of a unit of the twentieth digit lies in the rest; half of any other has no rest, so there the rest changes nothing.
    let half = if unit == 1 {
        i128::from(total.rest() >= 10u128.pow(REST_SCALE) / 2)
    } else {
        unit / 2
    };
    let rounded_units = total
        .floor_raw()
        .checked_add(half)
        .ok_or(AmountOverflow)?
        .div_euclid(unit);
    let mut units: Vec<i128> = exact
        .iter()
        .map(|a| a.floor_raw().div_euclid(unit))
        .collect();
    let floors: i128 = units.iter().sum();
    let missing = usize::try_from(rounded_units - floors).map_err(|_| AmountOverflow)?;
    let mut order: Vec<usize> = (0..exact.len()).collect();
    order.sort_by_key(|&index| {
        std::cmp::Reverse((
            exact[index].floor_raw().rem_euclid(unit),
            exact[index].rest(),
        ))
    });
    for &index in order.iter().take(missing) {
        units[index] += 1;
    }
    let payable = units
        .into_iter()
        .map(|count| {
            count
                .checked_mul(unit)
                .map(Amount::from_raw)
                .ok_or(AmountOverflow)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let paid = Amount::sum(payable.iter().copied())?;
    Ok(Allocation {
        rounding: total.minus(paid)?,
        payable,
    })
}

/// Divides an amount in proportion to weights, exactly: the parts add up to it. Each gets its share rounded down to the last of the
/// twenty digits; what is missing goes to the largest remainders, ties to the earlier weight. Digits of the amount beyond the twentieth
/// are not divided: the first weight above zero takes them. A negative amount is the mirror image.
///
/// With no weight above zero there is nobody to give to, and no part.
#[must_use]
pub fn split(amount: Amount, weights: &[u32]) -> Vec<Amount> {
    let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if total == 0 {
        return Vec::new();
    }
    if amount.is_negative() {
        return split(amount.negated(), weights)
            .into_iter()
            .map(Amount::negated)
            .collect();
    }
    // In two steps, so that no product leaves the range.
    let whole = amount.floor_raw() / total;
    let left = amount.floor_raw() % total;
    let mut parts: Vec<i128> = weights
        .iter()
        .map(|w| whole * i128::from(*w) + left * i128::from(*w) / total)
        .collect();
    let missing = amount.floor_raw() - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(left * i128::from(weights[i]) % total));
    for &index in order
        .iter()
        .take(usize::try_from(missing).expect("fewer units are missing than there are parts"))
    {
        parts[index] += 1;
    }
    let mut parts: Vec<Amount> = parts.into_iter().map(Amount::from_raw).collect();
    give_rest(amount, &mut parts, |at| weights[at] > 0);
    parts
}

/// Gives what an amount, which is not negative, has beyond the twentieth digit to the first part that may take it; parts have no such digits.
pub(super) fn give_rest(amount: Amount, parts: &mut [Amount], may_take: impl Fn(usize) -> bool) {
    if amount.rest() == 0 {
        return;
    }
    if let Some(taker) = (0..parts.len()).find(|at| may_take(*at)) {
        let part = parts[taker].floor_raw();
        parts[taker] =
            Amount::from_parts(part, amount.rest()).expect("the rest of an amount is one");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(texts: &[&str]) -> Vec<Amount> {
        texts
            .iter()
            .map(|t| Amount::from_canonical(t).unwrap())
            .collect()
    }

    #[test]
    fn the_largest_remainders_get_the_missing_units() {
        let cases: [(&[&str], u32, &[&str], &str); 6] = [
            (
                &["0.004", "0.004", "0.004"],
                2,
                &["0.01", "0", "0"],
                "0.002",
            ),
            (&["1.005", "2.005"], 2, &["1.01", "2"], "0"),
            (&["10.5", "0.4"], 0, &["11", "0"], "-0.1"),
            (
                &["-0.004", "-0.004", "-0.004"],
                2,
                &["-0.01", "0", "0"],
                "-0.002",
            ),
            (&["1.0004"], 3, &["1"], "0.0004"),
            (&[], 2, &[], "0"),
        ];
        for (exact, digits, payable, rounding) in cases {
            let got = allocate(&amounts(exact), digits).unwrap();
            assert_eq!(got.payable, amounts(payable), "{exact:?}");
            assert_eq!(got.rounding.to_string(), rounding, "{exact:?}");
        }
    }

    /// Every split of one percent steps over two to four payees (Foemmel's conundrum): sums exact, parts within a unit, mirrored, order-free.
    #[test]
    fn all_one_percent_splits_allocate_exactly() {
        let check = |shares: &[i128]| {
            for cents in [1i128, 3, 5, 100, 9_999] {
                let unit = 10i128.pow(SCALE - 2);
                let exact: Vec<Amount> = shares
                    .iter()
                    .map(|s| Amount::from_raw(cents * unit / 100 * s))
                    .collect();
                let got = allocate(&exact, 2).unwrap();
                assert_eq!(
                    Amount::sum(got.payable.iter().copied()).unwrap(),
                    Amount::from_raw(cents * unit)
                );
                assert!(got.rounding.is_zero());
                for (part, exact) in got.payable.iter().zip(&exact) {
                    assert!(
                        (part.floor_raw() - exact.floor_raw()).abs() < unit,
                        "{shares:?}"
                    );
                    assert_eq!(part.to_narrow().map(|raw| raw % unit), Some(0));
                }
                let negative: Vec<Amount> = exact.iter().map(|a| a.negated()).collect();
                let mirrored: Vec<Amount> = allocate(&negative, 2)
                    .unwrap()
                    .payable
                    .into_iter()
                    .map(Amount::negated)
                    .collect();
                assert_eq!(mirrored, got.payable);
            }
        };
        for a in 0..=100 {
            check(&[a, 100 - a]);
            for b in 0..=100 - a {
                check(&[a, b, 100 - a - b]);
                for c in 0..=100 - a - b {
                    check(&[a, b, c, 100 - a - b - c]);
                }
            }
        }
    }

    #[test]
    fn a_split_adds_up_and_mirrors() {
        let cases: [(i128, &[u32], &[i128]); 6] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (10, &[75, 25], &[8, 2]),
            (-10, &[75, 25], &[-8, -2]),
            (i128::MAX, &[1, 1], &[i128::MAX / 2 + 1, i128::MAX / 2]),
            (0, &[3, 4], &[0, 0]),
            (5, &[0, 1], &[0, 5]),
        ];
        for (amount, weights, want) in cases {
            let got: Vec<i128> = split(Amount::from_raw(amount), weights)
                .into_iter()
                .map(|a| a.to_narrow().unwrap())
                .collect();
            assert_eq!(got, want, "{amount} by {weights:?}");
        }
        assert!(split(Amount::from_raw(7), &[0, 0]).is_empty());
    }

    #[test]
    fn digits_beyond_the_twentieth_decide_between_equal_remainders_and_stay_in_the_rounding() {
        let cases: [(&[&str], u32, &[&str], &str); 5] = [
            (
                &["0.005", "0.0050000000000000000000000001"],
                2,
                &["0", "0.01"],
                "0.0000000000000000000000000001",
            ),
            (
                &["-0.005", "-0.0050000000000000000000000001"],
                2,
                &["0", "-0.01"],
                "-0.0000000000000000000000000001",
            ),
            (
                &["0.00499999999999999999999999999999"],
                2,
                &["0"],
                "0.00499999999999999999999999999999",
            ),
            (
                &["0.000000000000000000005"],
                20,
                &["0.00000000000000000001"],
                "-0.000000000000000000005",
            ),
            (
                &["1.000000000000000000000000000001", "-1"],
                2,
                &["1", "-1"],
                "0.000000000000000000000000000001",
            ),
        ];
        for (exact, digits, payable, rounding) in cases {
            let got = allocate(&amounts(exact), digits).unwrap();
            assert_eq!(got.payable, amounts(payable), "{exact:?}");
            assert_eq!(got.rounding.to_string(), rounding, "{exact:?}");
        }
    }

    #[test]
    fn a_split_gives_the_digits_beyond_the_twentieth_to_the_first_part() {
        for text in [
            "0.000000000000000000001",
            "-7.1234567890123456789012345678901234567",
            "3",
        ] {
            let amount = Amount::from_canonical(text).unwrap();
            for weights in [&[1, 1, 1][..], &[0, 2, 5], &[7]] {
                let parts = split(amount, weights);
                assert_eq!(
                    Amount::sum(parts.iter().copied()),
                    Ok(amount),
                    "{text} by {weights:?}"
                );
                assert_eq!(
                    split(amount.negated(), weights),
                    parts.iter().map(|p| p.negated()).collect::<Vec<_>>()
                );
                let takers = parts
                    .iter()
                    .enumerate()
                    .filter(|(_, p)| p.to_narrow().is_none())
                    .map(|(at, _)| at);
                let first = weights.iter().position(|w| *w > 0).unwrap();
                assert!(
                    takers.into_iter().all(|at| at == first),
                    "{text} by {weights:?}: {parts:?}"
                );
            }
        }
    }
}
