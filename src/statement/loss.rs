//! What a statement loses in quarantine: how many rows, how much money, and whether it may be taken without a person's word.
//!
//! Shares are compared exactly. Money of rows that say neither amount nor currency in a way that can be read is not zero but unknown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::cube::Cube;
use super::likeness::times;
use super::quarantine::{Quarantined, Reason};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};

/// One row, or one unit of money, in so many may be lost without a word: 0.5 %.
const WARN_ABOVE: u64 = 200;
/// One in so many may be lost without a person's word: 5 %.
const REFUSE_ABOVE: u64 = 20;
/// Characters of a row that a sentence quotes.
const QUOTED: usize = 80;

/// What a statement loses in quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Records of the statement, those in quarantine included.
    pub rows: u64,
    /// Rows in quarantine.
    pub quarantined_rows: u64,
    /// Those of them whose money is unknown.
    pub rows_with_unknown_money: u64,
    /// Rows in quarantine by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Money of rows in quarantine, as far as it could be read, in each currency that has some there.
    pub money: Vec<LostMoney>,
    /// The first row of the commonest reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstLost>,
}

/// Money of one currency. Negative amounts count by their size: a loss is not less because another row takes money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostMoney {
    /// The currency.
    pub currency: Currency,
    /// What lies in quarantine.
    pub quarantined: Amount,
    /// All that could be read, quarantine included.
    pub readable: Amount,
}

/// A row that is quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstLost {
    /// Why it is in quarantine.
    pub reason: Reason,
    /// 1-based row as a spreadsheet shows it.
    pub row_number: u64,
    /// Header of the offending cell; empty when it is the whole row.
    pub column: String,
    /// What is wrong with it.
    pub detail: String,
    /// The beginning of the row.
    pub text: String,
}

/// How bad a loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing, or next to nothing.
    Slight,
    /// Somebody should look at it.
    Warning,
    /// Too much to go on without a person's word.
    Grave,
}

fn size(amount: Amount) -> Amount {
    if amount < Amount::ZERO {
        amount.negated()
    } else {
        amount
    }
}

/// Whether nobody can know how much money a row in quarantine is about.
fn is_unknown(row: &Quarantined) -> bool {
    use Reason::{
        AmountMissing, AmountTooLarge, AmountUnreadable, BadEncoding, LineTooLong, Ragged,
    };
    match row.reason {
        Ragged | AmountMissing | AmountUnreadable | AmountTooLarge | LineTooLong => true,
        BadEncoding if row.amount.is_zero() => true,
        _ => row.currency == Currency::NONE,
    }
}

impl Loss {
    /// What to do about a loss with which a statement was taken.
    pub const REMEDY: &str = "Look at these rows in quarantine.csv; if columns are not what they were taken for, give a layout with --layout, \
        else ask the sender for a sound file";

    /// What a statement of so many records loses.
    ///
    /// # Errors
    /// [`AmountOverflow`] when its money by size leaves the exact range.
    pub fn of(cube: &Cube, quarantine: &[Quarantined], rows: u64) -> Result<Self, AmountOverflow> {
        let mut loss = Self {
            rows,
            quarantined_rows: quarantine.len() as u64,
            ..Self::default()
        };
        if quarantine.is_empty() {
            return Ok(loss);
        }
        let mut lost: BTreeMap<Currency, Amount> = BTreeMap::new();
        for row in quarantine {
            *loss.reasons.entry(row.reason).or_default() += 1;
            if is_unknown(row) {
                loss.rows_with_unknown_money += 1;
            } else if !row.amount.is_zero() {
                let sum = lost.entry(row.currency).or_default();
                *sum = sum.plus(size(row.amount))?;
            }
        }
        let mut readable = lost.clone();
        for cell in cube.cells() {
            if let Some(sum) = readable.get_mut(&cube.dims[cell.dim as usize].currency) {
                *sum = sum.plus(size(cell.amount))?;
            }
        }
        loss.money = lost
            .into_iter()
            .zip(readable.into_values())
            .map(|((currency, quarantined), readable)| LostMoney {
                currency,
                quarantined,
                readable,
            })
            .collect();
        loss.first = loss
            .commonest()
            .and_then(|(reason, _)| quarantine.iter().find(|row| row.reason == reason))
            .map(FirstLost::of);
        Ok(loss)
    }

    /// The reason of most rows.
    fn commonest(&self) -> Option<(Reason, u64)> {
        // Of two that are as common the first in the order of reasons, so that the sentence does not depend on chance.
        self.reasons
            .iter()
            .max_by_key(|(reason, count)| (**count, std::cmp::Reverse(**reason)))
            .map(|(reason, count)| (*reason, *count))
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if self.is_above(REFUSE_ABOVE) {
            Severity::Grave
        } else if self.rows_with_unknown_money > 0 || self.is_above(WARN_ABOVE) {
            Severity::Warning
        } else {
            Severity::Slight
        }
    }

    /// Whether more than one row, or one unit of money of any currency, in so many is lost.
    fn is_above(&self, one_in: u64) -> bool {
        let of_rows =
            u128::from(self.quarantined_rows) * u128::from(one_in) > u128::from(self.rows);
        // What does not fit is larger than what does.
        of_rows
            || self.money.iter().any(|money| {
                !times(money.quarantined, one_in).is_ok_and(|lost| lost <= money.readable)
            })
    }

    /// How much is lost, without a full stop.
    #[must_use]
    pub fn shares(&self) -> String {
        let verb = if self.quarantined_rows == 1 {
            "is"
        } else {
            "are"
        };
        let share = percent(self.quarantined_rows, self.rows);
        let mut text = format!(
            "{} of {} ({share}) {verb} in quarantine",
            self.quarantined_rows,
            rows(self.rows)
        );
        match self.rows_with_unknown_money {
            0 => {}
            all if all == self.quarantined_rows => text.push_str(", with unknown money"),
            some => _ = write!(text, ", {some} of them with unknown money"),
        }
        let money: Vec<String> = self
            .money
            .iter()
            .map(|m| format!("{} of the {} {}", m.quarantined, m.readable, m.currency))
            .collect();
        if !money.is_empty() {
            _ = write!(
                text,
                ", and with them {} that could be read",
                money.join(", ")
            );
        }
        text
    }

    /// How much is lost, mostly why, and where first; without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.shares();
        if let (Some((reason, count)), Some(first)) = (self.commonest(), &self.first) {
            _ = write!(
                text,
                "; most often {} ({}, {}), first in {}",
                reason.code(),
                rows(count),
                percent(count, self.rows),
                first.sentence()
            );
        }
        text
    }

    /// What the proof does not speak of, in words; `None` when no money is unknown and none in quarantine.
    #[must_use]
    pub fn caveat(&self, name: &str) -> Option<String> {
        let money: Vec<String> = self
            .money
            .iter()
            .map(|money| format!("{} {}", money.quarantined, money.currency))
            .collect();
        match (self.rows_with_unknown_money, money.is_empty()) {
            (0, true) => None,
            (0, false) => Some(format!(
                "in quarantine: {} of {name} with {}",
                rows(self.quarantined_rows),
                money.join(", ")
            )),
            (unknown, _) => Some(format!(
                "in quarantine: {} of {name} with unknown money",
                rows(unknown)
            )),
        }
    }
}

impl FirstLost {
    fn of(row: &Quarantined) -> Self {
        let text: String = row
            .raw
            .trim()
            .chars()
            .take(QUOTED)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let text = if row.raw.trim().chars().nth(QUOTED).is_some() {
            format!("{text}…")
        } else {
            text
        };
        Self {
            reason: row.reason,
            row_number: row.row_number,
            column: row.column.clone(),
            detail: row.detail.clone(),
            text,
        }
    }

    fn sentence(&self) -> String {
        let column = if self.column.is_empty() {
            String::new()
        } else {
            format!(", column “{}”", self.column)
        };
        format!(
            "row {}{column}: {} (“{}”)",
            self.row_number, self.detail, self.text
        )
    }
}

fn rows(count: u64) -> String {
    if count == 1 {
        "1 row".into()
    } else {
        format!("{count} rows")
    }
}

/// A share of rows for people, in hundredths of a percent.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    match (hundredths / 100, hundredths % 100) {
        (0, 0) => "less than 0.01 %".into(),
        (percent, 0) => format!("{percent} %"),
        (percent, rest) if rest % 10 == 0 => format!("{percent}.{} %", rest / 10),
        (percent, rest) => format!("{percent}.{rest:02} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cube::Cell;
    use super::super::dims::Dims;
    use super::*;

    fn row(reason: Reason, amount: i64, currency: &str) -> Quarantined {
        Quarantined {
            row_number: 7,
            line_number: 7,
            byte_offset: 0,
            column: "Amount".into(),
            reason,
            detail: "no number".into(),
            raw: "a\tb\n".into(),
            amount: Amount::from_integer(amount),
            currency: Currency::parse(currency).unwrap(),
            quantity: Amount::ZERO,
        }
    }

    /// A statement whose good rows come to these amounts of euros.
    fn cube(amounts: &[i64]) -> Cube {
        let dims = Dims {
            currency: Currency::parse("EUR").unwrap(),
            territory: "DE".into(),
            period: Default::default(),
            usage: String::new(),
        };
        let cell = |amount: &i64| Cell {
            item: 0,
            dim: 0,
            rows: 1,
            quantity: Amount::ZERO,
            amount: Amount::from_integer(*amount),
        };
        Cube::of_parts(
            std::iter::once([""; 10]),
            vec![dims],
            amounts.iter().map(cell).collect(),
        )
    }

    fn severity(amounts: &[i64], rows: u64, bad: &[Quarantined]) -> Severity {
        Loss::of(&cube(amounts), bad, rows).unwrap().severity()
    }

    #[test]
    fn the_limits_are_half_a_percent_and_five_percent_of_rows() {
        let bad = |count| vec![row(Reason::PeriodUnreadable, 0, "EUR"); count];
        for (count, rows, want) in [
            (0, 0, Severity::Slight),
            (0, 10, Severity::Slight),
            (1, 200, Severity::Slight),
            (1, 199, Severity::Warning),
            (5, 1000, Severity::Slight),
            (6, 1000, Severity::Warning),
            (50, 1000, Severity::Warning),
            (51, 1000, Severity::Grave),
            (1, 20, Severity::Warning),
            (1, 19, Severity::Grave),
            (3, 3, Severity::Grave),
        ] {
            assert_eq!(
                severity(&[100], rows, &bad(count)),
                want,
                "{count} of {rows}"
            );
        }
    }

    #[test]
    fn the_limits_are_the_same_for_money_by_its_size() {
        let bad = |amount| [row(Reason::PeriodUnreadable, amount, "EUR")];
        assert_eq!(severity(&[995], 10_000, &bad(5)), Severity::Slight);
        assert_eq!(severity(&[994], 10_000, &bad(5)), Severity::Warning);
        assert_eq!(severity(&[950], 10_000, &bad(50)), Severity::Warning);
        assert_eq!(severity(&[949], 10_000, &bad(50)), Severity::Grave);
        // Credits do not hide anything, on either side.
        assert_eq!(severity(&[500, -495], 10_000, &bad(-5)), Severity::Slight);
        assert_eq!(
            severity(
                &[949],
                10_000,
                &[
                    row(Reason::QuantityUnreadable, 25, "EUR"),
                    row(Reason::QuantityUnreadable, -25, "EUR")
                ]
            ),
            Severity::Grave
        );
        // Another currency is another sum, and one that is only in quarantine is lost whole.
        assert_eq!(
            severity(
                &[1_000_000],
                10_000,
                &[row(Reason::PeriodUnreadable, 1, "USD")]
            ),
            Severity::Grave
        );
        assert_eq!(
            severity(
                &[0],
                10_000,
                &[row(
                    Reason::PeriodUnreadable,
                    1_000_000_000_000_000_000,
                    "EUR"
                )]
            ),
            Severity::Grave
        );
    }

    #[test]
    fn any_row_whose_money_is_unknown_is_a_warning() {
        use Reason::{
            AmountMissing, AmountTooLarge, AmountUnreadable, BadEncoding, CurrencyUnreadable,
            LineTooLong, QuantityUnreadable, Ragged,
        };
        for reason in [
            Ragged,
            AmountMissing,
            AmountUnreadable,
            AmountTooLarge,
            LineTooLong,
            BadEncoding,
        ] {
            assert_eq!(
                severity(&[100], 1_000_000, &[row(reason, 0, "EUR")]),
                Severity::Warning,
                "{reason:?}"
            );
        }
        for reason in [CurrencyUnreadable, QuantityUnreadable] {
            assert_eq!(
                severity(&[100], 1_000_000, &[row(reason, 5, "XXX")]),
                Severity::Warning,
                "{reason:?}"
            );
        }
        assert_eq!(
            severity(&[100], 1_000_000, &[row(QuantityUnreadable, 0, "EUR")]),
            Severity::Slight
        );
    }

    #[test]
    fn the_sentence_names_the_commonest_reason_its_share_and_its_first_row() {
        let bad = [
            row(Reason::PeriodUnreadable, -2, "EUR"),
            row(Reason::AmountUnreadable, 0, "EUR"),
            row(Reason::AmountUnreadable, 0, "EUR"),
        ];
        let loss = Loss::of(&cube(&[98]), &bad, 1000).unwrap();
        assert_eq!(
            loss.sentence(),
            "3 of 1000 rows (0.3 %) are in quarantine, 2 of them with unknown money, and with them 2 of the 100 EUR that could be read; \
             most often amount_unreadable (2 rows, 0.2 %), first in row 7, column “Amount”: no number (“a b”)"
        );
        assert_eq!(
            loss.caveat("a.csv").as_deref(),
            Some("in quarantine: 2 rows of a.csv with unknown money")
        );
        let known = Loss::of(&cube(&[98]), &bad[..1], 1000).unwrap();
        assert_eq!(
            known.caveat("a.csv").as_deref(),
            Some("in quarantine: 1 row of a.csv with 2 EUR")
        );
        assert_eq!(
            Loss::of(&cube(&[98]), &[], 1000).unwrap().caveat("a.csv"),
            None
        );
        let json = serde_json::to_string(&loss).unwrap();
        assert_eq!(serde_json::from_str::<Loss>(&json).unwrap(), loss);
    }

    #[test]
    fn shares_are_cut_and_never_shown_as_nothing() {
        for (part, whole, want) in [
            (1, 3, "33.33 %"),
            (1, 20, "5 %"),
            (501, 10_000, "5.01 %"),
            (51, 1000, "5.1 %"),
            (1, 1 << 40, "less than 0.01 %"),
        ] {
            assert_eq!(percent(part, whole), want);
        }
    }
}
