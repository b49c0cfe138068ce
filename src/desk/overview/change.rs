//! Sums of two periods into the largest rises and falls.

use super::ByPeriod;
use crate::ident::SalePeriod;
use crate::money::{Amount, AmountOverflow};

/// By what changes are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Where the use happened.
    Dsp,
    /// Territory of sale.
    Territory,
    /// Label as reported.
    Label,
    /// Track of the catalog.
    Track,
}

impl Dimension {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Dsp, Self::Territory, Self::Label, Self::Track];

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Dsp => "DSP",
            Self::Territory => "Territory",
            Self::Label => "Label",
            Self::Track => "Track",
        }
    }
}

/// How the money of one value changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumChange {
    /// By which it is found: for tracks the id.
    pub key: String,
    /// Its name: for tracks the title.
    pub name: String,
    /// Money of the period before.
    pub before: Amount,
    /// Money of the period.
    pub after: Amount,
    /// The difference.
    pub difference: Amount,
    /// The difference in thousandths of what was before, cut towards zero; `None` when there was nothing before.
    pub per_mille: Option<i128>,
}

/// What changed, for each dimension in the order of [`Dimension::ALL`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    rises: [Vec<SumChange>; Dimension::ALL.len()],
    falls: [Vec<SumChange>; Dimension::ALL.len()],
}

/// Changes that are kept in each direction.
const KEPT: usize = 100;

impl Changes {
    pub(super) fn of(
        moving: &[Vec<(String, String, ByPeriod)>],
        before: Option<SalePeriod>,
        period: SalePeriod,
    ) -> Result<Self, AmountOverflow> {
        let mut changes = Self::default();
        for (index, values) in moving.iter().enumerate() {
            let mut all = Vec::new();
            for (key, name, sums) in values {
                let of = |p: Option<SalePeriod>| {
                    p.and_then(|p| sums.get(&p))
                        .copied()
                        .unwrap_or(Amount::ZERO)
                };
                let before = of(before);
                let after = of(Some(period));
                let difference = after.minus(before)?;
                if !difference.is_zero() {
                    all.push(SumChange {
                        key: key.clone(),
                        name: name.clone(),
                        before,
                        after,
                        difference,
                        per_mille: per_mille(before, difference),
                    });
                }
            }
            all.sort_by(|a, b| (b.difference, &a.key).cmp(&(a.difference, &b.key)));
            changes.rises[index] = all
                .iter()
                .take_while(|c| c.difference > Amount::ZERO)
                .take(KEPT)
                .cloned()
                .collect();
            changes.falls[index] = all
                .into_iter()
                .rev()
                .take_while(|c| c.difference < Amount::ZERO)
                .take(KEPT)
                .collect();
        }
        Ok(changes)
    }

    /// The largest rises, the largest first.
    #[must_use]
    pub fn rises(&self, dimension: Dimension) -> &[SumChange] {
        &self.rises[dimension as usize]
    }

    /// The largest falls, the largest first.
    #[must_use]
    pub fn falls(&self, dimension: Dimension) -> &[SumChange] {
        &self.falls[dimension as usize]
    }
}

/// A difference in thousandths of what was before, cut towards zero; `None` when there was nothing before, or less than the twentieth
/// digit behind the point shows. The sign is that of the
/// difference, also when what was before is negative.
#[must_use]
pub fn per_mille(before: Amount, difference: Amount) -> Option<i128> {
    let base = before.magnitude().units();
    let size = difference.magnitude().units();
    if base == 0 {
        return None;
    }
    // The whole part and the rest apart, so that no product leaves the range; beyond 10^17 units of money the last digit may be cut.
    let whole = size / base;
    let rest = size % base;
    let part = rest
        .checked_mul(1000)
        .map_or_else(|| rest / (base / 1000), |product| product / base);
    let thousandths =
        i128::try_from(whole.saturating_mul(1000).saturating_add(part)).unwrap_or(i128::MAX);
    Some(if difference.is_negative() {
        -thousandths
    } else {
        thousandths
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_whole_and_cut_towards_zero() {
        let amount = |text: &str| Amount::from_canonical(text).unwrap();
        for (before, difference, want) in [
            ("3", "1", Some(333)),
            ("3", "-1", Some(-333)),
            ("-3", "1", Some(333)),
            (
                "0.00000000000000000003",
                "0.00000000000000000001",
                Some(333),
            ),
            ("1", "-1", Some(-1000)),
            ("1", "12.5", Some(12_500)),
            ("1701411834604692317", "-1701411834604692317", Some(-1000)),
            ("0.00000000000000000001", "0", Some(0)),
            ("0", "5", None),
        ] {
            assert_eq!(
                per_mille(amount(before), amount(difference)),
                want,
                "{difference} of {before}"
            );
        }
    }
}
