//! Sums by status as rows of a table.

use std::borrow::Cow;

use crate::desk::LineSum;
use crate::desk::overview::{ByStatus, NOT_GIVEN, Overview};
use crate::desk::query::FilterField;
use crate::ident::Currency;
use crate::matching::Status;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{bidi, numbers};
use crate::ui::text;

use super::{By, filter};

/// The columns: a name, every status, all together, rows.
pub(super) fn columns(name: &'static str) -> [Column; 9] {
    [
        Column {
            id: "name",
            title: name,
            ..Column::text("name", "Name", 130.0).unsortable()
        },
        Column::number("all", "All", 150.0).unsortable(),
        Column::number("matched", "Matched", 150.0).unsortable(),
        Column::number("ambiguous", "Ambiguous", 140.0).unsortable(),
        Column::number("unmatched", "Unmatched", 140.0).unsortable(),
        Column::number("ignored", "Ignored", 140.0).unsortable(),
        Column::number("held", "Held", 140.0).unsortable(),
        Column::number("quarantined", "Quarantined", 140.0).unsortable(),
        Column::number("rows", "Rows", 84.0).unsortable(),
    ]
}

/// One row.
pub(super) struct OverviewRow {
    pub name: String,
    pub sums: ByStatus,
    pub all: LineSum,
}

/// The rows of one dimension.
pub(super) struct SumRows {
    by: By,
    currency: Currency,
    pub rows: Vec<OverviewRow>,
}

impl SumRows {
    pub(super) fn of(overview: &Overview, by: By, currency: Currency) -> Self {
        // A sum that does not fit was found when the overview was made.
        let row = |name: String, sums: &ByStatus| OverviewRow {
            name,
            sums: *sums,
            all: sums.all().unwrap_or_default(),
        };
        let named = |all: &[(String, ByStatus)]| {
            all.iter()
                .map(|(name, sums)| row(name.clone(), sums))
                .collect()
        };
        let rows = match by {
            By::Dsp => named(&overview.dsps),
            By::Territory => named(&overview.territories),
            By::Period => {
                let name = |period: &crate::ident::SalePeriod| {
                    if period.days().is_some() {
                        period.to_string()
                    } else {
                        NOT_GIVEN.to_owned()
                    }
                };
                overview
                    .periods
                    .iter()
                    .map(|(period, sums)| row(name(period), sums))
                    .collect()
            }
        };
        Self { by, currency, rows }
    }

    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(super) fn currency(&self) -> Currency {
        self.currency
    }

    /// The filter of the review for a row; `None` when its money is in no line.
    pub(super) fn filter(&self, row: u64) -> Option<String> {
        let field = match self.by {
            By::Dsp => FilterField::Dsp,
            By::Territory => FilterField::Territory,
            By::Period => FilterField::Period,
        };
        filter(
            field,
            &self.rows.get(usize::try_from(row).ok()?)?.name,
            self.currency,
        )
    }

    fn sum(row: &OverviewRow, column: usize) -> &LineSum {
        column
            .checked_sub(2)
            .and_then(|at| Status::ALL.get(at))
            .map_or(&row.all, |status| row.sums.of(*status))
    }
}

impl TableSource for SumRows {
    fn row_count(&self) -> u64 {
        self.len()
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let row = &self.rows[row as usize];
        match column {
            0 => TableCell::new(bidi::display(&row.name)),
            8 => TableCell::new(numbers::count(row.all.rows)),
            _ => {
                let sum = Self::sum(row, column);
                let tone = if sum.rows == 0 {
                    Tone::Subdued
                } else {
                    Tone::Normal
                };
                TableCell::new(text::exact(sum.amount)).tone(if column == 1 {
                    Tone::Strong
                } else {
                    tone
                })
            }
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let row = &self.rows[row as usize];
        match column {
            0 => Cow::Borrowed(row.name.as_str()),
            8 => row.all.rows.to_string().into(),
            _ => Self::sum(row, column).amount.to_string().into(),
        }
    }
}
