//! A recognized file into a reading plan: which cell of a row is what, in which decimal mark, date order and currency.

use super::layout::{Columns, ControlKind, Footer, Layout, header_key};
use super::recognize::Recognized;
use super::records::Dialect;
use super::{ReadOptions, item::Field};
use crate::ident::{Currency, DateOrder, SalePeriod, date_order_evidence, period_in_file_name};
use crate::money::{DecimalEvidence, DecimalMark, ExponentEvidence, decimal_evidence};

/// What every row of a file is read by.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The layout's id.
    pub layout: String,
    /// The layout's name for people.
    pub layout_name: String,
    /// Stands for all that the layout says.
    pub layout_digest: String,
    /// Who sent the file.
    pub sender: String,
    /// DSP of rows without a store column.
    pub dsp: String,
    /// Whose ids the `dsp_id` cells are.
    pub dsp_id_namespace: String,
    /// How rows and cells are parted; `columns` is set.
    pub dialect: Dialect,
    /// Header cells as written.
    pub header: Vec<String>,
    /// Columns of each item field, in [`Field::ALL`] order.
    pub fields: [Vec<usize>; Field::ALL.len()],
    /// Columns of the other facts.
    pub territory: Vec<usize>,
    /// Usage type.
    pub usage: Vec<usize>,
    /// Appended to the usage type.
    pub usage_also: Vec<usize>,
    /// Values of both that mean nothing, as header keys.
    pub usage_blank: Vec<String>,
    /// Units.
    pub quantity: Vec<usize>,
    /// Sale period in one cell.
    pub period: Vec<usize>,
    /// First and last day.
    pub period_start: Vec<usize>,
    /// Last day.
    pub period_end: Vec<usize>,
    /// The money column.
    pub amount: usize,
    /// Where the currency comes from.
    pub currency: CurrencyRule,
    /// Decimal mark of the file.
    pub decimal: DecimalMark,
    /// Digits to which a spreadsheet has cut small amounts, so that amounts of just so many are not taken; `None` when none are cut.
    pub cut_to: Option<u32>,
    /// Order of day and month.
    pub date_order: Option<DateOrder>,
    /// Period of rows that do not say it.
    pub default_period: SalePeriod,
    /// Lines that are not records.
    pub footers: Vec<FooterRule>,
    /// Whether a first cell may begin with this byte in a footer.
    pub footer_first: [bool; 256],
}

/// Where the currency of a row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrencyRule {
    /// A column.
    Column(usize),
    /// The same for all rows.
    Fixed(Currency),
}

/// A footer label ready for comparison.
#[derive(Debug, Clone)]
pub struct FooterRule {
    /// The label as a header key.
    pub key: String,
    /// What its value counts.
    pub control: Option<ControlKind>,
    /// Whether records end here.
    pub stop: bool,
}

/// Something that only a person can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What cannot be known from the file.
    pub reason: String,
    /// The option that answers it.
    pub remedy: String,
    /// What is asked for; `None` when no option answers it.
    pub asks: Option<Asks>,
}

/// What a file can leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The currency of its amounts.
    Currency,
    /// Their decimal mark.
    DecimalMark,
    /// The order of day and month.
    DateOrder,
}

/// A plan whose decimal mark may not be decided yet.
pub(super) struct Draft {
    pub plan: Plan,
    pub decimal: MarkVotes,
    exponents: ExponentEvidence,
    decimal_default: Option<DecimalMark>,
    order_votes: (u64, u64),
    undecided_dates: bool,
}

/// Evidence for the decimal mark, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MarkVotes {
    dot: u64,
    comma: u64,
    ambiguous: u64,
}

impl MarkVotes {
    pub(super) fn add(&mut self, cell: &[u8]) {
        match decimal_evidence(cell) {
            DecimalEvidence::None => {}
            DecimalEvidence::Ambiguous => self.ambiguous += 1,
            DecimalEvidence::Only(DecimalMark::Dot) => self.dot += 1,
            DecimalEvidence::Only(DecimalMark::Comma) => self.comma += 1,
        }
    }

    /// Whether more of the file has to be looked at.
    pub(super) fn needs_more(self) -> bool {
        self.ambiguous > 0 && self.dot == self.comma
    }

    fn decided(self) -> Option<DecimalMark> {
        match self.dot.cmp(&self.comma) {
            std::cmp::Ordering::Greater => Some(DecimalMark::Dot),
            std::cmp::Ordering::Less => Some(DecimalMark::Comma),
            std::cmp::Ordering::Equal => None,
        }
    }
}

impl Draft {
    /// Resolves columns, currency and period; looks at the rows of `head` for decimal mark and date order.
    pub(super) fn new(found: Recognized, file_name: &str, common: &[Footer], options: &ReadOptions) -> Result<Self, Question> {
        let keys: Vec<String> = found.header.iter().map(|h| header_key(h)).collect();
        let layout = found.layout;
        let resolve = Resolver { keys: &keys, header: &found.header };
        let (amount, currency) = resolve.amount(&layout, &found.preamble, options)?;
        let c = &layout.columns;
        let date_order = layout.date_order;
        let mut plan = Plan {
            fields: item_columns(c).map(|names| resolve.columns(names)),
            territory: resolve.columns(&c.territory),
            usage: resolve.columns(&c.usage),
            usage_also: resolve.columns(&c.usage_also),
            usage_blank: c.usage_blank.iter().map(|b| header_key(b)).collect(),
            quantity: resolve.columns(&c.quantity),
            period: resolve.columns(&c.period),
            period_start: resolve.columns(&c.period_start),
            period_end: resolve.columns(&c.period_end),
            amount,
            currency,
            decimal: layout.decimal_mark().unwrap_or(DecimalMark::Dot),
            cut_to: None,
            date_order,
            default_period: SalePeriod::UNKNOWN,
            footers: Vec::new(),
            footer_first: [false; 256],
            dialect: found.dialect,
            header: found.header.clone(),
            layout: layout.id.clone(),
            layout_name: layout.name.clone(),
            layout_digest: layout.digest.clone(),
            sender: layout.sender.clone(),
            dsp: layout.dsp.clone(),
            dsp_id_namespace: layout.dsp_id_namespace.clone(),
        };
        resolve.refuse_duplicates(&plan)?;
        plan.default_period = default_period(&layout, &found.preamble, file_name, date_order);
        plan.set_footers(layout.footer.iter().chain(common));
        Ok(Self {
            plan,
            decimal: MarkVotes::default(),
            exponents: ExponentEvidence::default(),
            decimal_default: layout.decimal_mark(),
            order_votes: (0, 0),
            undecided_dates: false,
        })
    }

    /// Looks at one record for evidence.
    pub(super) fn look(&mut self, row: &super::records::Row<'_>) {
        if row.flags.is_ragged {
            return;
        }
        self.decimal.add(row.cell(self.plan.amount));
        self.exponents.add(row.cell(self.plan.amount));
        if self.plan.date_order.is_none() {
            for &column in self.plan.period.iter().chain(&self.plan.period_start).chain(&self.plan.period_end) {
                let text = String::from_utf8_lossy(row.cell(column));
                match date_order_evidence(&text) {
                    Some(DateOrder::Dmy) => self.order_votes.0 += 1,
                    Some(_) => self.order_votes.1 += 1,
                    None => {
                        self.undecided_dates |= SalePeriod::parse(&text, None) == Err(crate::ident::PeriodError::Undecided);
                    }
                }
            }
        }
    }

    /// The finished plan.
    pub(super) fn finish(mut self, options: &ReadOptions) -> Result<Plan, Question> {
        self.plan.cut_to = self.exponents.cut();
        // The file's own amounts come first, then what the person said, then what the sender is known to write.
        match self.decimal.decided().or(options.decimal).or(self.decimal_default) {
            Some(mark) => self.plan.decimal = mark,
            None if self.decimal.ambiguous > 0 => {
                return Err(Question {
                    reason: format!(
                        "its amounts (column “{}”) could be read either way: 1.234 may be one or a thousand",
                        self.plan.header[self.plan.amount]
                    ),
                    remedy: "Say which with --decimal dot or --decimal comma".into(),
                    asks: Some(Asks::DecimalMark),
                });
            }
            None => {}
        }
        if self.plan.date_order.is_none() {
            self.plan.date_order = match self.order_votes.0.cmp(&self.order_votes.1) {
                std::cmp::Ordering::Greater => Some(DateOrder::Dmy),
                std::cmp::Ordering::Less => Some(DateOrder::Mdy),
                std::cmp::Ordering::Equal if options.date_order.is_some() => options.date_order,
                std::cmp::Ordering::Equal if self.undecided_dates => {
                    return Err(Question {
                        reason: "its dates could be read either way: 03/04 may be March or April".into(),
                        remedy: "Say which with --date-order mdy or --date-order dmy".into(),
                        asks: Some(Asks::DateOrder),
                    });
                }
                std::cmp::Ordering::Equal => None,
            };
        }
        Ok(self.plan)
    }
}

impl Plan {
    /// Cells in a row.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.header.len()
    }

    /// Which column was taken for what, for people to check.
    #[must_use]
    pub fn column_use(&self) -> Vec<(String, String)> {
        let mut used = Vec::new();
        let mut push = |field: &str, columns: &[usize]| {
            used.extend(columns.iter().map(|&c| (field.to_owned(), self.header[c].clone())));
        };
        for (field, columns) in Field::ALL.iter().zip(&self.fields) {
            push(field.name(), columns);
        }
        push("territory", &self.territory);
        push("usage_type", &self.usage);
        push("usage_type", &self.usage_also);
        push("quantity", &self.quantity);
        push("sale_period", &self.period);
        push("sale_period_start", &self.period_start);
        push("sale_period_end", &self.period_end);
        push("amount", &[self.amount]);
        match &self.currency {
            CurrencyRule::Column(column) => push("currency", &[*column]),
            CurrencyRule::Fixed(currency) => used.push(("currency".into(), format!("always {currency}"))),
        }
        used
    }

    fn set_footers<'a>(&mut self, footers: impl Iterator<Item = &'a Footer>) {
        for footer in footers {
            let key = header_key(&footer.label);
            if let Some(&first) = key.as_bytes().first() {
                self.footer_first[usize::from(first)] = true;
                self.footer_first[usize::from(first.to_ascii_uppercase())] = true;
            }
            self.footers.push(FooterRule { key, control: footer.control, stop: footer.stop });
        }
    }
}

fn item_columns(c: &Columns) -> [&Vec<String>; Field::ALL.len()] {
    [&c.dsp, &c.isrc, &c.upc, &c.dsp_id, &c.title, &c.version, &c.artist, &c.label, &c.release, &c.duration]
}

struct Resolver<'a> {
    keys: &'a [String],
    header: &'a [String],
}

impl Resolver<'_> {
    fn column(&self, name: &str) -> Option<usize> {
        let key = header_key(name);
        self.keys.iter().position(|k| *k == key)
    }

    fn columns(&self, names: &[String]) -> Vec<usize> {
        let mut columns = Vec::new();
        for column in names.iter().filter_map(|n| self.column(n)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    fn amount(&self, layout: &Layout, preamble: &[Vec<String>], options: &ReadOptions) -> Result<(usize, CurrencyRule), Question> {
        for entry in &layout.amount {
            let Some(column) = self.column(&entry.column) else { continue };
            if let Some(name) = &entry.currency_column {
                if let Some(currency) = self.column(name) {
                    return Ok((column, CurrencyRule::Column(currency)));
                }
                if entry.currency.is_none() {
                    continue;
                }
            }
            let code = entry.currency.as_deref().unwrap_or("ask");
            if let Ok(currency) = Currency::parse(code) {
                return Ok((column, CurrencyRule::Fixed(currency)));
            }
            let stated = labelled(preamble, &layout.preamble.currency).and_then(|text| Currency::parse(&text).ok());
            let answer = stated.or_else(|| {
                let of_layout = options.currencies.iter().find(|(id, _)| id.as_deref() == Some(layout.id.as_str()));
                of_layout.or_else(|| options.currencies.iter().find(|(id, _)| id.is_none())).map(|(_, currency)| *currency)
            });
            return answer.map(|currency| (column, CurrencyRule::Fixed(currency))).ok_or_else(|| Question {
                reason: format!("“{}” does not say its currency (column “{}”), and nobody may guess it", layout.name, self.header[column]),
                remedy: format!("Say it with --currency {}=EUR (or USD, …)", layout.id),
                asks: Some(Asks::Currency),
            });
        }
        Err(Question {
            reason: format!("“{}” has none of its money columns", layout.name),
            remedy: "Describe the columns in a layout file and give it with --layout FILE".into(),
            asks: None,
        })
    }

    /// A column that is used must be the only one of its name.
    fn refuse_duplicates(&self, plan: &Plan) -> Result<(), Question> {
        let currency = match plan.currency {
            CurrencyRule::Column(column) => Some(column),
            CurrencyRule::Fixed(_) => None,
        };
        let others = [&plan.territory, &plan.usage, &plan.usage_also, &plan.quantity, &plan.period, &plan.period_start, &plan.period_end];
        let used = plan.fields.iter().flatten().chain(others.into_iter().flatten()).copied().chain([plan.amount]).chain(currency);
        for column in used {
            let twins: Vec<usize> = (0..self.keys.len()).filter(|&c| self.keys[c] == self.keys[column]).collect();
            if twins.len() > 1 {
                return Err(Question {
                    reason: format!(
                        "the header has the column “{}” {} times (columns {}), so nobody can know which one counts",
                        self.header[column],
                        twins.len(),
                        join_numbers(&twins)
                    ),
                    remedy: "Remove or rename the one that does not count".into(),
                    asks: None,
                });
            }
        }
        Ok(())
    }
}

fn join_numbers(columns: &[usize]) -> String {
    columns.iter().map(|c| (c + 1).to_string()).collect::<Vec<_>>().join(", ")
}

/// The value of a label above the header: the cell to its right, or the one below it when the label stands in a row of labels.
fn labelled(preamble: &[Vec<String>], labels: &[String]) -> Option<String> {
    for label in labels {
        let key = header_key(label);
        for (row_index, row) in preamble.iter().enumerate() {
            let Some(column) = row.iter().position(|cell| header_key(cell.trim_end_matches(':')) == key) else { continue };
            let right = row.get(column + 1).filter(|c| c.bytes().any(|b| b.is_ascii_digit()) || Currency::parse(c).is_ok());
            let below = preamble.get(row_index + 1).and_then(|next| next.get(column));
            if let Some(value) = right.or(below).filter(|v| !v.trim().is_empty()) {
                return Some(value.clone());
            }
        }
    }
    None
}

fn default_period(layout: &Layout, preamble: &[Vec<String>], file_name: &str, order: Option<DateOrder>) -> SalePeriod {
    let start = labelled(preamble, &layout.preamble.period_start);
    let end = labelled(preamble, &layout.preamble.period_end);
    let stated = match (start, end) {
        (Some(start), Some(end)) => SalePeriod::parse_pair(&start, &end, order).ok(),
        (Some(start), None) => SalePeriod::parse(&start, order).ok(),
        _ => None,
    };
    stated.or_else(|| if layout.file_name.period { period_in_file_name(file_name) } else { None }).unwrap_or(SalePeriod::UNKNOWN)
}
