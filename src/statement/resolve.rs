//! Which column of a file is what: money, its currency, and the period of rows that do not say theirs.

use super::ReadOptions;
use super::evidence::{Numbers, Reasons, Sample, names_a_currency};
use super::layout::{AmountColumn, Layout, RowRule};
use super::names::{HeaderNames, currency_sign, header_key};
use super::plan::{Asks, CurrencyRule, PeriodSource, Plan, Question, RowTest};
use crate::ident::{Currency, DateOrder, SalePeriod, period_in_file_name, period_in_text};

/// The money of a file.
pub(super) struct MoneyColumn {
    pub column: usize,
    pub plus: Vec<usize>,
    pub currency: CurrencyRule,
}

/// Finds columns by the names of a layout and by what the rows say.
pub(super) struct Resolver<'a> {
    pub names: &'a HeaderNames,
    pub header: &'a [String],
    pub layout: &'a Layout,
    pub preamble: &'a [Vec<String>],
    pub sample: &'a Sample,
}

impl Resolver<'_> {
    pub(super) fn columns(&self, names: &[String]) -> Vec<usize> {
        let mut columns = Vec::new();
        for column in names.iter().filter_map(|n| self.names.find(n)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// The money column and its currency. Of a file that is known by its names alone the rows are asked, too.
    pub(super) fn money(
        &self,
        options: &ReadOptions,
        reasons: &mut Reasons,
    ) -> Result<MoneyColumn, Question> {
        let numbers = Numbers::of(
            self.sample,
            self.names,
            self.header.len(),
            self.layout.decimal_mark(),
        );
        if self.layout.is_generic() {
            let mut candidates: Vec<usize> = Vec::new();
            for column in self
                .layout
                .amount
                .iter()
                .filter_map(|a| self.names.find(&a.column))
            {
                if !candidates.contains(&column) {
                    candidates.push(column);
                }
            }
            let quantities = self.columns(&self.layout.columns.quantity);
            let column = numbers
                .money(&candidates, &quantities, self.header, reasons)
                .ok_or_else(|| self.no_money())?;
            let entries: Vec<&AmountColumn> = self
                .layout
                .amount
                .iter()
                .filter(|a| self.names.find(&a.column) == Some(column))
                .collect();
            let currency = self.currency_of(column, &entries, &numbers, options, reasons)?;
            return Ok(MoneyColumn {
                column,
                plus: Vec::new(),
                currency,
            });
        }
        for entry in &self.layout.amount {
            let Some(column) = self.names.find(&entry.column) else {
                continue;
            };
            if entry
                .currency_column
                .as_ref()
                .is_some_and(|name| self.names.find(name).is_none())
                && entry.currency.is_none()
            {
                continue;
            }
            let fixed = entry
                .currency
                .as_deref()
                .and_then(|code| Currency::parse(code).ok());
            // A name that says another currency than the layout knows is another edition's.
            if fixed.is_some()
                && self
                    .names
                    .currency(column)
                    .is_some_and(|said| Some(said) != fixed)
            {
                continue;
            }
            let currency = self.currency_of(column, &[entry], &numbers, options, reasons)?;
            return Ok(MoneyColumn {
                column,
                plus: self.columns(&entry.plus),
                currency,
            });
        }
        Err(self.no_money())
    }

    fn no_money(&self) -> Question {
        Question {
            reason: format!("“{}” has none of its money columns", self.layout.name),
            remedy: "Describe the columns in a layout file and give it with --layout FILE".into(),
            asks: None,
        }
    }

    /// The currency of a money column: what its name says, a column beside it, the layout, a line above the header, or a person.
    fn currency_of(
        &self,
        column: usize,
        entries: &[&AmountColumn],
        numbers: &Numbers<'_>,
        options: &ReadOptions,
        reasons: &mut Reasons,
    ) -> Result<CurrencyRule, Question> {
        let is_generic = self.layout.is_generic();
        let layout_column = || {
            entries
                .iter()
                .find_map(|a| self.names.find(a.currency_column.as_deref()?))
        };
        if !is_generic && let Some(currency) = layout_column() {
            return Ok(CurrencyRule::Column(currency));
        }
        if let Some(currency) = self.names.currency(column) {
            return Ok(CurrencyRule::Fixed(currency));
        }
        let fixed = entries
            .iter()
            .find_map(|a| Currency::parse(a.currency.as_deref()?).ok());
        if let Some(currency) = fixed {
            return Ok(CurrencyRule::Fixed(currency));
        }
        if let Some((currency, reason)) = numbers.currency_column(column, self.header) {
            reasons.extend(Some(reason).filter(|r| !r.is_empty()));
            return Ok(CurrencyRule::Column(currency));
        }
        if let Some(currency) = layout_column() {
            return Ok(CurrencyRule::Column(currency));
        }
        if let Some((currency, line)) =
            currency_above(self.preamble, &self.layout.preamble.currency)
        {
            reasons.push(format!(
                "the currency stands in line {line}, above the header"
            ));
            return Ok(CurrencyRule::Fixed(currency));
        }
        if let Some(currency) = numbers.currency_in_cells(column) {
            reasons.push(format!(
                "each amount of “{}” says {currency}",
                self.header[column]
            ));
            return Ok(CurrencyRule::Cells(currency));
        }
        let of_layout = options
            .currencies
            .iter()
            .find(|(id, _)| id.as_deref() == Some(self.layout.id.as_str()));
        let answer = of_layout
            .or_else(|| options.currencies.iter().find(|(id, _)| id.is_none()))
            .map(|(_, currency)| *currency);
        answer.map(CurrencyRule::Fixed).ok_or_else(|| Question {
            reason: format!(
                "“{}” does not say its currency (column “{}”), and nobody may guess it",
                self.layout.name, self.header[column]
            ),
            remedy: format!("Say it with --currency {}=EUR (or USD, …)", self.layout.id),
            asks: Some(Asks::Currency),
        })
    }

    /// Rules for rows whose column the file has.
    pub(super) fn row_tests(&self) -> Vec<RowTest> {
        let rules = self.layout.row.iter();
        rules
            .filter_map(|rule| {
                rule.column
                    .split('|')
                    .find_map(|name| self.names.find(name))
                    .map(|column| row_test(rule, column))
            })
            .collect()
    }

    /// A column that is used must be the only one of its name.
    pub(super) fn refuse_duplicates(&self, plan: &Plan) -> Result<(), Question> {
        for column in plan.used_columns() {
            let twins: Vec<usize> = self.names.twins(column).collect();
            if twins.len() > 1 && !self.is_repeated(&twins) {
                return Err(Question {
                    reason: format!(
                        "the header has the column “{}” {} times (columns {}), so nobody can know which one counts",
                        self.header[column],
                        twins.len(),
                        twins
                            .iter()
                            .map(|c| (c + 1).to_string())
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                    remedy: "Remove or rename the one that does not count".into(),
                    asks: None,
                });
            }
        }
        Ok(())
    }

    /// Whether columns of one name differ in their spelling and hold the same in every row that was looked at.
    fn is_repeated(&self, columns: &[usize]) -> bool {
        let spelled_apart = columns
            .windows(2)
            .all(|pair| self.header[pair[0]] != self.header[pair[1]]);
        spelled_apart
            && !self.sample.rows.is_empty()
            && self.sample.rows.iter().all(|row| {
                columns
                    .windows(2)
                    .all(|pair| row.get(pair[0]) == row.get(pair[1]))
            })
    }

    /// The period of rows that do not say theirs, and who says it.
    pub(super) fn default_period(
        &self,
        file_name: &str,
        order: Option<DateOrder>,
        rows_say_it: bool,
        options: &ReadOptions,
    ) -> (SalePeriod, PeriodSource) {
        let order = order.or(options.date_order);
        if let Some(period) = self.period_above(order) {
            return (period, PeriodSource::Header);
        }
        let of_layout = options
            .periods
            .iter()
            .find(|(id, _)| id.as_deref() == Some(self.layout.id.as_str()));
        if let Some((_, period)) =
            of_layout.or_else(|| options.periods.iter().find(|(id, _)| id.is_none()))
        {
            return (
                *period,
                if rows_say_it {
                    PeriodSource::Rows
                } else {
                    PeriodSource::Person
                },
            );
        }
        if (self.layout.file_name.period || !rows_say_it)
            && let Some(period) = period_in_file_name(file_name)
        {
            return (
                period,
                if rows_say_it {
                    PeriodSource::Rows
                } else {
                    PeriodSource::FileName
                },
            );
        }
        (
            SalePeriod::UNKNOWN,
            if rows_say_it {
                PeriodSource::Rows
            } else {
                PeriodSource::Nobody
            },
        )
    }

    fn period_above(&self, order: Option<DateOrder>) -> Option<SalePeriod> {
        let labels = &self.layout.preamble;
        let start = labelled(self.preamble, &labels.period_start);
        let end = labelled(self.preamble, &labels.period_end);
        let stated = match (start, end) {
            (Some(start), Some(end)) => SalePeriod::parse_pair(&start, &end, order).ok(),
            (Some(start), None) => SalePeriod::parse(&start, order).ok(),
            _ => None,
        };
        stated
            .or_else(|| {
                labelled(self.preamble, &labels.period).and_then(|text| {
                    SalePeriod::parse(&text, order)
                        .ok()
                        .or_else(|| period_in_text(&text))
                })
            })
            .or_else(|| self.period_in_lines(order))
    }

    /// The one period that lines above the header speak of.
    fn period_in_lines(&self, order: Option<DateOrder>) -> Option<SalePeriod> {
        let mut found: Option<SalePeriod> = None;
        for row in self
            .preamble
            .iter()
            .filter(|row| row.iter().filter(|c| !c.trim().is_empty()).count() <= 3)
        {
            let text = row.join(" ");
            let key = header_key(&text);
            // When a statement was made or paid is not what it is about.
            if [
                "created",
                "generated",
                "issued",
                "printed",
                "paid",
                "paymentdate",
                "reportdate",
                "erstellt",
                "druck",
            ]
            .iter()
            .any(|w| key.contains(w))
            {
                continue;
            }
            let is_about_periods = PERIOD_WORDS.iter().any(|word| key.contains(word));
            let cell = row
                .iter()
                .filter(|_| is_about_periods)
                .find_map(|cell| SalePeriod::parse(cell, order).ok());
            let Some(period) = cell
                .or_else(|| period_in_text(&text))
                .filter(|p| p.days().is_some())
            else {
                continue;
            };
            if found.is_some_and(|other| other != period) {
                return None;
            }
            found = Some(period);
        }
        found
    }
}

/// Words of lines that say a period.
const PERIOD_WORDS: [&str; 16] = [
    "period",
    "zeitraum",
    "monat",
    "quartal",
    "month",
    "quarter",
    "période",
    "mois",
    "trimestre",
    "periodo",
    "mes",
    "período",
    "mês",
    "okres",
    "期間",
    "利用月",
];

fn row_test(rule: &RowRule, column: usize) -> RowTest {
    RowTest {
        column,
        values: rule.values.iter().map(|v| header_key(v)).collect(),
        filled: rule.filled,
        what: rule.what,
        because: rule.because.clone(),
        sign: rule.sign,
    }
}

/// The value of a label above the header: the cell to its right, or the one below it when the label stands in a row of labels.
fn labelled(preamble: &[Vec<String>], labels: &[String]) -> Option<String> {
    for label in labels {
        let key = header_key(label);
        for (row_index, row) in preamble.iter().enumerate() {
            let Some(column) = row.iter().position(|cell| header_key(cell) == key) else {
                continue;
            };
            let right = row
                .get(column + 1)
                .filter(|c| c.bytes().any(|b| b.is_ascii_digit()) || Currency::parse(c).is_ok());
            let below = preamble
                .get(row_index + 1)
                .and_then(|next| next.get(column));
            if let Some(value) = right.or(below).filter(|v| !v.trim().is_empty()) {
                return Some(value.clone());
            }
        }
    }
    None
}

/// The one currency that lines above the header state (`Currency;AUD`, `Currency: AUD`, `All amounts in EUR`), with its line.
fn currency_above(preamble: &[Vec<String>], labels: &[String]) -> Option<(Currency, usize)> {
    let mut found: Option<(Currency, usize)> = None;
    let is_label = |cell: &str| {
        names_a_currency(&header_key(cell))
            || labels
                .iter()
                .any(|label| header_key(label) == header_key(cell))
    };
    for (index, row) in preamble.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let right = || {
                row[column + 1..]
                    .iter()
                    .find(|c| !c.trim().is_empty())
                    .and_then(|c| currency_sign(c))
            };
            let said = if is_label(cell) {
                right()
                    .or_else(|| {
                        preamble
                            .get(index + 1)
                            .and_then(|next| next.get(column))
                            .and_then(|c| currency_sign(c))
                    })
                    .or_else(|| currency_in_text(cell))
            } else {
                currency_of_amounts(cell)
            };
            match (said, found) {
                (Some(said), Some((other, _))) if said != other => return None,
                (Some(said), None) => found = Some((said, index + 1)),
                _ => {}
            }
        }
    }
    found
}

/// `Currency: AUD`.
fn currency_in_text(cell: &str) -> Option<Currency> {
    cell.rsplit([':', '=', ' ']).next().and_then(currency_sign)
}

/// `All amounts in EUR`.
fn currency_of_amounts(cell: &str) -> Option<Currency> {
    let key = cell.to_lowercase();
    let speaks = [
        "amounts",
        "figures",
        "beträge",
        "montants",
        "importes",
        "valores",
        "importi",
        "royalties",
    ]
    .iter()
    .any(|word| key.contains(word));
    let (_, said) = key
        .rsplit_once(" in ")
        .or_else(|| key.rsplit_once(" en "))
        .or_else(|| key.rsplit_once(" em "))?;
    if speaks {
        currency_sign(said.trim_end_matches(['.', ')']))
    } else {
        None
    }
}
