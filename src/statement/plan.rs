//! A recognized file into a reading plan: which cell of a row is what, in which decimal mark, date order and currency.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::layout::{ControlKind, Footer, LayoutColumns, RuleKind, Sign, header_key};
use super::ledger::StatedTotal;
use super::names::HeaderNames;
use super::recognize::Recognized;
use super::records::Dialect;
use super::resolve::Resolver;
use super::shape::OtherTable;
use super::{ReadOptions, item::Field};
use crate::ident::{Currency, DateOrder, SalePeriod, date_order_evidence};
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
    /// Free text in which the sale period stands.
    pub period_in: Vec<usize>,
    /// The money column.
    pub amount: usize,
    /// Columns that are added to it.
    pub amount_plus: Vec<usize>,
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
    /// Who says the period.
    pub period_source: PeriodSource,
    /// What rows are, by their cells; the first that holds decides.
    pub rows: Vec<RowTest>,
    /// Other tables with money, above the header.
    pub tables: Vec<OtherTable>,
    /// Totals that stand above the header.
    pub(super) stated: Vec<StatedTotal>,
    /// Why columns were taken, in sentences.
    pub reasons: Vec<String>,
    /// Lines that are not records.
    pub footers: Vec<FooterRule>,
    /// The fewest bytes of a footer whose key begins with a byte, by that byte; 0 where none does.
    pub footer_first: [u8; 256],
    /// The first of the footers that have a key.
    pub(super) footer_keys: HashMap<String, usize, FixedState>,
}

/// Where the currency of a row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrencyRule {
    /// A column.
    Column(usize),
    /// The same for all rows.
    Fixed(Currency),
    /// The same for all rows, and said beside each amount.
    Cells(Currency),
}

impl CurrencyRule {
    /// The column, when there is one.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::Column(column) => Some(*column),
            Self::Fixed(_) | Self::Cells(_) => None,
        }
    }

    /// The currency of all rows, when it is the same.
    #[must_use]
    pub fn of_all(&self) -> Option<Currency> {
        match self {
            Self::Column(_) => None,
            Self::Fixed(currency) | Self::Cells(currency) => Some(*currency),
        }
    }
}

/// Who says the sale period of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodSource {
    /// Its rows.
    #[default]
    Rows,
    /// A line above the header.
    Header,
    /// A person.
    Person,
    /// Only the name of the file.
    FileName,
    /// Nobody.
    Nobody,
}

/// A rule for rows, ready for comparison.
#[derive(Debug, Clone)]
pub struct RowTest {
    /// The column that decides.
    pub column: usize,
    /// Values for which it holds, as header keys.
    pub values: Vec<String>,
    /// Whether it holds for filled cells, or for empty ones.
    pub filled: Option<bool>,
    /// What the row is then.
    pub what: RuleKind,
    /// Why it is set aside.
    pub because: String,
    /// How amount and units of a record count.
    pub sign: Option<Sign>,
}

impl RowTest {
    /// Whether the rule holds for a cell.
    pub(super) fn holds(&self, cell: &[u8]) -> bool {
        match self.filled {
            Some(filled) => filled != cell.trim_ascii().is_empty(),
            None => {
                let key = header_key(&String::from_utf8_lossy(cell));
                self.values.contains(&key)
            }
        }
    }
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
    /// Whether all layouts have it.
    pub is_shared: bool,
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
    /// Whether it is taken although much of it is in quarantine.
    Quarantine,
    /// Whether it is taken although its rows are those of other statements.
    Duplicate,
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

impl Plan {
    /// Where a file gives the first and the last day of sales, these are nearer to the sales than the
    /// period in which they were accounted: only columns that are about sales stay.
    fn prefer_days_of_sales(&mut self, names: &HeaderNames) {
        if self.period_start.is_empty() || self.period_end.is_empty() {
            return;
        }
        self.period.retain(|column| {
            ["sale", "sold", "activity", "usage", "transaction"]
                .iter()
                .any(|word| names.key(*column).contains(word))
        });
    }

    /// Whether a column says the sale period.
    fn rows_say_period(&self) -> bool {
        [&self.period, &self.period_start, &self.period_in]
            .iter()
            .any(|columns| !columns.is_empty())
    }
}

impl Draft {
    /// Resolves columns, currency and period; looks at the rows of `head` for decimal mark and date order.
    pub(super) fn new(
        found: Recognized,
        file_name: &str,
        common: &[Footer],
        options: &ReadOptions,
    ) -> Result<Self, Question> {
        let names = HeaderNames::of(&found.header);
        let layout = &found.layout;
        let resolve = Resolver {
            names: &names,
            header: &found.header,
            layout,
            preamble: &found.preamble,
            sample: &found.sample,
        };
        let mut reasons = Vec::new();
        let money = resolve.money(options, &mut reasons)?;
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
            period_in: resolve.columns(&c.period_in),
            amount: money.column,
            amount_plus: money.plus,
            currency: money.currency,
            decimal: layout.decimal_mark().unwrap_or(DecimalMark::Dot),
            cut_to: None,
            date_order,
            default_period: SalePeriod::UNKNOWN,
            period_source: PeriodSource::Nobody,
            rows: resolve.row_tests(),
            tables: found.tables.clone(),
            stated: found.stated.clone(),
            reasons,
            footers: Vec::new(),
            footer_first: [0; 256],
            footer_keys: HashMap::default(),
            dialect: found.dialect.clone(),
            header: found.header.clone(),
            layout: layout.id.clone(),
            layout_name: layout.name.clone(),
            layout_digest: layout.digest.clone(),
            sender: layout.sender.clone(),
            dsp: layout.dsp.clone(),
            dsp_id_namespace: layout.dsp_id_namespace.clone(),
        };
        if layout.is_generic() {
            plan.prefer_days_of_sales(&names);
        }
        resolve.refuse_duplicates(&plan)?;
        (plan.default_period, plan.period_source) =
            resolve.default_period(file_name, date_order, plan.rows_say_period(), options);
        plan.set_footers(
            layout
                .footer
                .iter()
                .map(|f| (f, false))
                .chain(common.iter().map(|f| (f, true))),
        );
        let decimal_default = layout.decimal_mark();
        Ok(Self {
            plan,
            decimal: MarkVotes::default(),
            exponents: ExponentEvidence::default(),
            decimal_default,
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
            for &column in self
                .plan
                .period
                .iter()
                .chain(&self.plan.period_start)
                .chain(&self.plan.period_end)
            {
                let text = String::from_utf8_lossy(row.cell(column));
                match date_order_evidence(&text) {
                    Some(DateOrder::Dmy) => self.order_votes.0 += 1,
                    Some(_) => self.order_votes.1 += 1,
                    None => {
                        self.undecided_dates |= SalePeriod::parse(&text, None)
                            == Err(crate::ident::PeriodTextError::Undecided);
                    }
                }
            }
        }
    }

    /// The finished plan.
    pub(super) fn finish(mut self, options: &ReadOptions) -> Result<Plan, Question> {
        self.plan.cut_to = self.exponents.cut();
        // The file's own amounts come first, then what the person said, then what the sender is known to write.
        match self
            .decimal
            .decided()
            .or(options.decimal)
            .or(self.decimal_default)
        {
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
                        reason: "its dates could be read either way: 03/04 may be March or April"
                            .into(),
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
            used.extend(
                columns
                    .iter()
                    .map(|&c| (field.to_owned(), self.header[c].clone())),
            );
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
        push("sale_period", &self.period_in);
        push("amount", &[self.amount]);
        push("amount", &self.amount_plus);
        match &self.currency {
            CurrencyRule::Column(column) => push("currency", &[*column]),
            CurrencyRule::Fixed(currency) | CurrencyRule::Cells(currency) => {
                used.push(("currency".into(), format!("always {currency}")))
            }
        }
        used
    }

    /// Every column that is read.
    pub(super) fn used_columns(&self) -> impl Iterator<Item = usize> + '_ {
        let currency = self.currency.column();
        let others = [
            &self.territory,
            &self.usage,
            &self.usage_also,
            &self.quantity,
            &self.period,
            &self.period_start,
            &self.period_end,
        ];
        let more = [&self.period_in, &self.amount_plus];
        let lists = self
            .fields
            .iter()
            .chain(others)
            .chain(more)
            .flatten()
            .copied();
        lists
            .chain(self.rows.iter().map(|rule| rule.column))
            .chain([self.amount])
            .chain(currency)
    }

    fn set_footers<'a>(&mut self, footers: impl Iterator<Item = (&'a Footer, bool)>) {
        for (footer, is_shared) in footers {
            let key = header_key(&footer.label);
            if let Some(&first) = key.as_bytes().first() {
                let bytes = u8::try_from(key.len()).unwrap_or(u8::MAX);
                for first in [first, first.to_ascii_uppercase()] {
                    let fewest = &mut self.footer_first[usize::from(first)];
                    *fewest = if *fewest == 0 {
                        bytes
                    } else {
                        bytes.min(*fewest)
                    };
                }
            }
            self.footer_keys
                .entry(key.clone())
                .or_insert(self.footers.len());
            self.footers.push(FooterRule {
                key,
                control: footer.control,
                stop: footer.stop,
                is_shared,
            });
        }
    }
}

fn item_columns(c: &LayoutColumns) -> [&Vec<String>; Field::ALL.len()] {
    [
        &c.dsp,
        &c.isrc,
        &c.upc,
        &c.dsp_id,
        &c.title,
        &c.version,
        &c.artist,
        &c.label,
        &c.release,
        &c.duration,
    ]
}
