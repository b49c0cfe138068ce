//! Lines of exceptions.csv, over all statements of a run.

use std::collections::HashMap;

use crate::contents::StatementRecord;
use crate::export::ExceptionLine;
use crate::ident::Currency;
use crate::matching::{Outcomes, Status};
use crate::money::Amount;
use crate::review::ItemCode;
use crate::session::SessionError;
use crate::statement::cube::Cube;
use crate::statement::item::Field;

/// Collects exceptions over statements: the same item in the same currency is one line.
#[derive(Default)]
pub(super) struct Exceptions {
    pub(super) lines: Vec<ExceptionLine>,
    places: HashMap<(Vec<String>, Currency), usize>,
}

impl Exceptions {
    pub(super) fn add(
        &mut self,
        record: &StatementRecord,
        cube: &Cube,
        outcomes: &Outcomes,
    ) -> Result<(), SessionError> {
        // Cells are sorted by item and then by currency, so most cells belong to the line before.
        let mut last: Option<(u32, Currency, usize)> = None;
        for cell in cube.cells() {
            let item = cell.item as usize;
            if outcomes.why(item).status() == Status::Matched {
                continue;
            }
            let currency = cube.dims[cell.dim as usize].currency;
            let place = match last {
                Some((item, last_currency, place))
                    if (item, last_currency) == (cell.item, currency) =>
                {
                    place
                }
                _ => self.place(record, &cube.fields(item), (outcomes, item), currency),
            };
            last = Some((cell.item, currency, place));
            let line = &mut self.lines[place];
            line.rows += cell.rows;
            line.quantity = line.quantity.plus(cell.quantity)?;
            line.amount = line.amount.plus(cell.amount)?;
        }
        Ok(())
    }

    fn place(
        &mut self,
        record: &StatementRecord,
        fields: &[&str; Field::ALL.len()],
        outcome: (&Outcomes, usize),
        currency: Currency,
    ) -> usize {
        let dsp = if fields[Field::Dsp as usize].is_empty() {
            record.dsp.as_str()
        } else {
            fields[Field::Dsp as usize]
        };
        let code = ItemCode::of(fields, record.origin());
        let mut key: Vec<String> = fields.iter().map(|f| (*f).to_owned()).collect();
        key.extend([dsp.to_owned(), code.to_string()]);
        *self.places.entry((key, currency)).or_insert_with(|| {
            self.lines
                .push(new_line(fields, dsp, code, outcome, currency));
            self.lines.len() - 1
        })
    }
}

fn new_line(
    fields: &[&str; Field::ALL.len()],
    dsp: &str,
    code: ItemCode,
    (outcomes, item): (&Outcomes, usize),
    currency: Currency,
) -> ExceptionLine {
    let field = |f: Field| fields[f as usize].to_owned();
    ExceptionLine {
        why: outcomes.why(item),
        isrc: crate::export::shown_isrc(fields[Field::Isrc as usize]),
        upc: crate::export::shown_upc(fields[Field::Upc as usize]),
        title: field(Field::Title),
        artist: field(Field::Artist),
        label: field(Field::Label),
        dsp: dsp.to_owned(),
        rows: 0,
        quantity: Amount::ZERO,
        amount: Amount::ZERO,
        currency,
        candidates: outcomes
            .tracks(item)
            .iter()
            .map(|hit| outcomes.id(*hit).to_owned())
            .collect(),
        item: code,
    }
}
