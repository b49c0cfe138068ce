//! One row into what it means, by the plan of its file.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::dims::{DimTable, Dims};
use super::evidence::names_money;
use super::item::{Field, push_field, split_key};
use super::layout::{ControlKind, RuleKind, Sign, header_key};
use super::memo::{ColumnGroup, MAX_KNOWN, Memo};
use super::names::{currency_of_amount, currency_sign, header_key_in};
use super::plan::{CurrencyRule, Plan, RowTest};
use super::quarantine::Reason;
use super::records::Row;
use super::sums::{is_named, is_total_label};
use crate::ident::{Currency, Isrc, SalePeriod, Territory, period_in_text};
use crate::money::{Amount, AmountError, SCALE, is_shortened, parse_amount};

/// What a row is.
#[derive(Debug)]
pub(super) enum RowVerdict {
    /// Nothing on it.
    Blank,
    /// The header again.
    Header,
    /// Not a record.
    Footer {
        label: String,
        control: Option<ControlKind>,
        value: String,
        stop: bool,
    },
    /// The names of another table; what follows belongs to it.
    OtherTable,
    /// A total by a rule of the layout.
    Total { label: String },
    /// No sale by a rule of the layout, with the number of the rule.
    Aside {
        rule: usize,
        currency: Currency,
        amount: Amount,
    },
    /// A record that cannot be taken; apart, so that good rows are not larger for it.
    Bad(Box<Bad>),
    /// A record; its item's key is in [`Interpreter::key`]. One that names no recording may be a total.
    Good {
        dim: u32,
        currency: Currency,
        quantity: Amount,
        amount: Amount,
        is_named: bool,
    },
}

/// Why a record cannot be taken, and what could be read of it.
#[derive(Debug)]
pub(super) struct Bad {
    pub reason: Reason,
    pub column: Option<usize>,
    pub detail: String,
    pub amount: Amount,
    pub currency: Currency,
    pub quantity: Amount,
}

/// Reads rows of one file; each thread has its own.
pub(super) struct Interpreter<'a> {
    plan: &'a Plan,
    dims: DimFinder<'a>,
    item: Memo,
    key: Vec<u8>,
    key_number: u64,
    /// Whether the last good row's item names a recording.
    is_named: bool,
    /// Whether lines of totals are known already, so that labels that all layouts share decide at once.
    pub(super) labels_decide: bool,
    /// Whether there is any carriage return in the text that is being read.
    pub(super) may_have_cr: bool,
}

/// A row that a rule of the layout calls a total.
#[cold]
fn total(row: &Row<'_>, rule: &RowTest) -> RowVerdict {
    let label = String::from_utf8_lossy(row.cell(rule.column));
    RowVerdict::Total {
        label: label.trim().to_owned(),
    }
}

/// A row whose territory, period, usage type or currency cannot be read. Without a currency its money
/// is not known.
#[cold]
fn bad_dims(fault: DimFault, quantity: Amount, amount: Amount) -> RowVerdict {
    let is_known = fault.currency != Currency::NONE;
    RowVerdict::Bad(Box::new(Bad {
        reason: fault.reason,
        column: fault.column,
        detail: fault.detail,
        amount: if is_known { amount } else { Amount::ZERO },
        currency: fault.currency,
        quantity,
    }))
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(plan: &'a Plan, dims: &'a DimTable) -> Self {
        let item = Memo::new(plan.fields.iter().flatten().copied());
        Self {
            plan,
            dims: DimFinder::new(plan, dims),
            item,
            key: Vec::new(),
            key_number: 0,
            is_named: true,
            labels_decide: true,
            may_have_cr: true,
        }
    }

    /// The key of the last good row's item.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// Changes whenever the key may have changed.
    pub(super) fn key_number(&self) -> u64 {
        self.key_number
    }

    /// What a row means.
    pub(super) fn read(&mut self, row: &Row<'_>) -> RowVerdict {
        if row.is_empty() {
            return RowVerdict::Blank;
        }
        if let Some(footer) = self.footer(row) {
            return footer;
        }
        if row.flags.is_ragged && !self.is_wide(row) {
            return self.not_a_record(row).unwrap_or_else(|| self.ragged(row));
        }
        let mut sign = None;
        if !self.plan.rows.is_empty()
            && let Some((number, rule)) = self.rule(row)
        {
            match rule.what {
                RuleKind::Record => sign = rule.sign,
                RuleKind::Aside => return self.aside(row, number),
                RuleKind::Total => return total(row, rule),
            }
        }
        let mut amount = match self.amount(row) {
            Ok(amount) => amount,
            Err((column, error)) => {
                return self
                    .not_a_record(row)
                    .unwrap_or_else(|| self.bad_amount(row, column, error));
            }
        };
        if let CurrencyRule::Cells(currency) = self.plan.currency
            && let Some(said) = self.other_currency(row, currency)
        {
            return self.bad_currency(said, currency, amount);
        }
        let mut quantity = match self.quantity(row) {
            Ok(quantity) => quantity,
            Err((column, detail)) => return self.bad_quantity(row, column, detail, amount),
        };
        if sign == Some(Sign::Minus) {
            amount = amount.min(amount.negated());
            quantity = quantity.min(quantity.negated());
        }
        match self.dims.number(row) {
            Ok((dim, currency)) => {
                if !self.item.is_same(row) {
                    self.build_key(row);
                    self.item.remember(row);
                }
                RowVerdict::Good {
                    dim,
                    currency,
                    quantity,
                    amount,
                    is_named: self.is_named,
                }
            }
            Err(fault) => bad_dims(fault, quantity, amount),
        }
    }

    #[cold]
    fn ragged(&self, row: &Row<'_>) -> RowVerdict {
        let detail = format!(
            "the row has {} cells, the header has {}",
            row.len(),
            self.plan.columns()
        );
        self.bad(Reason::Ragged, None, detail)
    }

    #[cold]
    fn bad_currency(&self, said: Currency, others: Currency, amount: Amount) -> RowVerdict {
        let detail = format!("the amount says {said}, and those above it {others}");
        let bad = self.fault(Reason::CurrencyUnreadable, Some(self.plan.amount), detail);
        RowVerdict::Bad(Box::new(Bad {
            currency: said,
            amount,
            ..bad
        }))
    }

    #[cold]
    fn bad_quantity(
        &self,
        row: &Row<'_>,
        column: usize,
        detail: String,
        amount: Amount,
    ) -> RowVerdict {
        let bad = self.fault(Reason::QuantityUnreadable, Some(column), detail);
        RowVerdict::Bad(Box::new(Bad {
            amount,
            currency: self.currency(row).unwrap_or(Currency::NONE),
            ..bad
        }))
    }

    /// The currency that stands beside an amount, when it is not that of the others.
    fn other_currency(&self, row: &Row<'_>, currency: Currency) -> Option<Currency> {
        let said = currency_of_amount(std::str::from_utf8(row.cell(self.plan.amount)).ok()?)?;
        (said != currency).then_some(said)
    }

    /// Whether all cells behind those of the header are empty: some programs end every record with separators.
    fn is_wide(&self, row: &Row<'_>) -> bool {
        let columns = self.plan.columns();
        row.len() > columns && (columns..row.len()).all(|c| row.cell(c).trim_ascii().is_empty())
    }

    /// The first rule of the layout that holds.
    fn rule(&self, row: &Row<'_>) -> Option<(usize, &'a RowTest)> {
        self.plan
            .rows
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.holds(row.cell(rule.column)))
    }

    fn aside(&self, row: &Row<'_>, rule: usize) -> RowVerdict {
        RowVerdict::Aside {
            rule,
            currency: self.currency(row).unwrap_or(Currency::NONE),
            amount: self.amount(row).unwrap_or_default(),
        }
    }

    /// The money of a row: its column, and those that are added to it.
    fn amount(&self, row: &Row<'_>) -> Result<Amount, (usize, AmountError)> {
        let plan = self.plan;
        let own = self.money(row.cell(plan.amount));
        if plan.amount_plus.is_empty() {
            return own.map_err(|error| (plan.amount, error));
        }
        let (mut sum, mut is_given) = match own {
            Ok(amount) => (amount, true),
            Err(AmountError::Missing) => (Amount::ZERO, false),
            Err(error) => return Err((plan.amount, error)),
        };
        for &column in &plan.amount_plus {
            match self.money(row.cell(column)) {
                Ok(amount) => {
                    (sum, is_given) = (
                        sum.plus(amount)
                            .map_err(|_| (column, AmountError::TooLarge))?,
                        true,
                    )
                }
                Err(AmountError::Missing) => {}
                Err(error) => return Err((column, error)),
            }
        }
        if is_given {
            Ok(sum)
        } else {
            Err((plan.amount, AmountError::Missing))
        }
    }

    fn bad(&self, reason: Reason, column: Option<usize>, detail: String) -> RowVerdict {
        RowVerdict::Bad(Box::new(self.fault(reason, column, detail)))
    }

    pub(super) fn fault(&self, reason: Reason, column: Option<usize>, detail: String) -> Bad {
        let currency = self.plan.currency.of_all().unwrap_or(Currency::NONE);
        Bad {
            reason,
            column,
            detail,
            amount: Amount::ZERO,
            currency,
            quantity: Amount::ZERO,
        }
    }

    fn bad_amount(&self, row: &Row<'_>, column: usize, error: AmountError) -> RowVerdict {
        let mut bad = self.fault(error.into(), Some(column), error.to_string());
        bad.currency = self.currency(row).unwrap_or(bad.currency);
        bad.quantity = self.quantity(row).unwrap_or_default();
        RowVerdict::Bad(Box::new(bad))
    }

    /// Blank cells only, or the header once more.
    fn not_a_record(&self, row: &Row<'_>) -> Option<RowVerdict> {
        if row.cells().all(|c| c.iter().all(u8::is_ascii_whitespace)) {
            return Some(RowVerdict::Blank);
        }
        let is_header = row.len() == self.plan.columns()
            && row
                .cells()
                .zip(&self.plan.header)
                .all(|(cell, name)| header_key(&String::from_utf8_lossy(cell)) == header_key(name));
        if is_header {
            return Some(RowVerdict::Header);
        }
        self.begins_another_table(row)
            .then_some(RowVerdict::OtherTable)
    }

    /// Whether a row has the names of other columns: words only, one of them of money.
    fn begins_another_table(&self, row: &Row<'_>) -> bool {
        let cells: Vec<std::borrow::Cow<'_, str>> =
            row.cells().map(String::from_utf8_lossy).collect();
        let filled = || cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty());
        filled().count() > 1
            && filled().all(|cell| {
                cell.len() < 80
                    && cell.chars().any(char::is_alphabetic)
                    && parse_amount(cell.as_bytes(), self.plan.decimal).is_err()
                    && SalePeriod::parse(cell, self.plan.date_order).is_err()
                    && Isrc::parse(cell).is_err()
            })
            && filled().any(names_money)
            && !filled().any(is_total_label)
            && self.knows_names(filled())
    }

    /// Whether most of some texts are names of columns rather than of tracks, artists and stores.
    fn knows_names<'c>(&self, texts: impl Iterator<Item = &'c str>) -> bool {
        const NAMES: [&str; 30] = [
            "track",
            "title",
            "song",
            "artist",
            "release",
            "album",
            "label",
            "upc",
            "ean",
            "isrc",
            "platform",
            "store",
            "dsp",
            "service",
            "retailer",
            "country",
            "territory",
            "region",
            "streams",
            "plays",
            "units",
            "quantity",
            "qty",
            "currency",
            "revenue",
            "royalt",
            "amount",
            "share",
            "period",
            "month",
        ];
        let mut known = 0;
        let mut all = 0;
        for text in texts {
            let key = header_key(text);
            all += 1;
            known += usize::from(
                NAMES.iter().any(|name| key.contains(name))
                    || self.plan.header.iter().any(|h| header_key(h) == key),
            );
        }
        known * 2 > all
    }

    /// A line whose first cell is a footer's label, and that names no recording (a song may be called “Total”).
    fn footer(&self, row: &Row<'_>) -> Option<RowVerdict> {
        let first = (0..row.len()).find(|&c| !row.cell(c).iter().all(u8::is_ascii_whitespace))?;
        let cell = row.cell(first).trim_ascii_start();
        let fewest = self.plan.footer_first[usize::from(*cell.first()?)];
        if fewest == 0 || cell.len() < usize::from(fewest) {
            return None;
        }
        let mut room = [0; 64];
        let index = match header_key_in(cell, &mut room) {
            Some(key) => self.plan.footer_keys.get(key),
            // Longer than any label.
            None if cell.is_ascii() => None,
            None => self
                .plan
                .footer_keys
                .get(header_key(&String::from_utf8_lossy(cell)).as_str()),
        };
        let (key, rules) =
            index.map(|&index| (&self.plan.footers[index].key, &self.plan.footers[index..]))?;
        let rule = rules.iter().find(|f| {
            f.key == *key && (self.labels_decide || !f.is_shared || f.control.is_some())
        })?;
        let label = String::from_utf8_lossy(cell).into_owned();
        if !row.flags.is_ragged && self.names_a_recording(row, first) {
            return None;
        }
        let value = (first + 1..row.len())
            .map(|c| row.cell(c))
            .find(|c| !c.is_empty())
            .unwrap_or_default();
        Some(RowVerdict::Footer {
            label,
            control: rule.control,
            value: String::from_utf8_lossy(value).trim().to_owned(),
            stop: rule.stop,
        })
    }

    /// Whether ISRC, UPC, DSP id or artist is given in a cell other than the label's own.
    fn names_a_recording(&self, row: &Row<'_>, label: usize) -> bool {
        [Field::Isrc, Field::Upc, Field::DspId, Field::Artist]
            .into_iter()
            .any(|field| {
                self.plan.fields[field as usize]
                    .iter()
                    .any(|&c| c != label && !row.cell(c).trim_ascii().is_empty())
            })
    }

    /// One cell of money.
    fn money(&self, cell: &[u8]) -> Result<Amount, AmountError> {
        match self.plan.cut_to {
            Some(left) if is_shortened(cell, left) => Err(AmountError::Shortened { left }),
            _ => parse_amount(cell, self.plan.decimal),
        }
    }

    /// Units. They are kept to the twentieth digit after the point; no sender writes more of them.
    fn quantity(&self, row: &Row<'_>) -> Result<Amount, (usize, String)> {
        let Some((column, cell)) = first_given(row, &self.plan.quantity) else {
            return Ok(Amount::ZERO);
        };
        let quantity =
            parse_amount(cell, self.plan.decimal).map_err(|error| (column, error.to_string()))?;
        if quantity.to_narrow().is_none() {
            return Err((column, format!("more than {SCALE} digits after the point")));
        }
        Ok(quantity)
    }

    pub(super) fn currency(&self, row: &Row<'_>) -> Option<Currency> {
        match self.plan.currency {
            CurrencyRule::Fixed(currency) | CurrencyRule::Cells(currency) => Some(currency),
            CurrencyRule::Column(column) => {
                read_currency(std::str::from_utf8(row.cell(column)).ok()?).ok()
            }
        }
    }

    /// The columns that a row could name its recording in do not, or only call it a total.
    pub(super) fn names_nothing(&self, row: &Row<'_>) -> bool {
        let fields = self
            .plan
            .fields
            .each_ref()
            .map(|columns| first_given(row, columns).map_or(&[][..], |(_, cell)| cell));
        let texts = fields.map(String::from_utf8_lossy);
        !is_named(&texts.each_ref().map(|text| text.as_ref()))
    }

    /// Units and money of a row, as far as they are numbers, for a row that may be no record.
    pub(super) fn numbers(&self, row: &Row<'_>) -> (Option<Amount>, Option<Amount>, Vec<Amount>) {
        let number = |cell: &[u8]| {
            parse_amount(cell, self.plan.decimal)
                .ok()
                .filter(|_| cell.iter().any(u8::is_ascii_digit))
        };
        let is_whole = !row.flags.is_ragged || self.is_wide(row);
        let amount = if is_whole {
            self.amount(row).ok()
        } else {
            None
        };
        let quantity = if is_whole {
            first_given(row, &self.plan.quantity).and_then(|(_, cell)| number(cell))
        } else {
            None
        };
        (
            amount,
            quantity,
            row.cells().filter_map(number).take(64).collect(),
        )
    }

    /// What a row that names no recording says of store, artist, territory, period and usage, for finding the records that share it.
    pub(super) fn facts(&self, row: &Row<'_>) -> (Vec<u8>, Dims) {
        let plan = self.plan;
        let text = |columns: &[usize]| {
            first_given(row, columns)
                .map(|(_, cell)| String::from_utf8_lossy(cell).into_owned())
                .unwrap_or_default()
        };
        let mut key = Vec::new();
        for columns in &plan.fields {
            push_field(&mut key, text(columns).as_bytes());
        }
        let says_period = first_given(row, &plan.period)
            .or_else(|| first_given(row, &plan.period_start))
            .is_some();
        let period = if says_period {
            period(plan, row).unwrap_or(SalePeriod::UNKNOWN)
        } else {
            SalePeriod::UNKNOWN
        };
        let territory = Territory::parse(&text(&plan.territory)).as_str().to_owned();
        let usage = usage(plan, &text(&plan.usage), &text(&plan.usage_also));
        (
            key,
            Dims {
                currency: Currency::NONE,
                territory,
                period,
                usage,
            },
        )
    }

    /// The item's key: its fields as written, trimmed.
    fn build_key(&mut self, row: &Row<'_>) {
        self.key_number += 1;
        self.key.clear();
        let mut is_named = false;
        for (field, columns) in Field::ALL.iter().zip(&self.plan.fields) {
            let cell = match columns.as_slice() {
                [] => &[][..],
                [one] => row.cell(*one).trim_ascii(),
                many => first_given(row, many).map_or(&[][..], |(_, cell)| cell),
            };
            is_named = is_named || is_plainly_a_code(*field, cell);
            if self.may_have_cr && memchr::memchr(b'\r', cell).is_some() {
                // A line end inside a cell is the same whether the file was converted or not.
                let unix: Vec<u8> = cell.iter().copied().filter(|b| *b != b'\r').collect();
                push_field(&mut self.key, &unix);
            } else {
                push_field(&mut self.key, cell);
            }
        }
        self.is_named = is_named || self.key_is_named();
    }

    fn key_is_named(&self) -> bool {
        let fields = split_key(&self.key);
        let texts = fields.map(String::from_utf8_lossy);
        is_named(&texts.each_ref().map(|text| text.as_ref()))
    }
}

/// Whether a cell is a code by its looks alone, so that no text needs to be looked at: nearly all rows have one.
fn is_plainly_a_code(field: Field, cell: &[u8]) -> bool {
    match (field, cell) {
        (Field::Isrc, [first, middle @ .., last]) => {
            (10..=13).contains(&middle.len())
                && first.is_ascii_alphabetic()
                && last.is_ascii_digit()
                && middle
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        }
        (Field::Upc, digits) => digits.len() >= 8 && digits.iter().all(u8::is_ascii_digit),
        (Field::DspId, id) => {
            id.iter().any(u8::is_ascii_digit) && id.iter().all(u8::is_ascii_graphic)
        }
        _ => false,
    }
}

/// Finds the number of a row's territory, period, usage and currency by the cells as written.
struct DimFinder<'a> {
    plan: &'a Plan,
    dims: &'a DimTable,
    territory: ColumnGroup,
    period: ColumnGroup,
    usage: ColumnGroup,
    currency: ColumnGroup,
    /// Days of one month and the month are one period.
    periods: HashMap<SalePeriod, u32, FixedState>,
    known: HashMap<[u32; 4], (u32, Currency), FixedState>,
    last: Option<([u32; 4], (u32, Currency))>,
}

#[derive(Debug)]
struct DimFault {
    reason: Reason,
    column: Option<usize>,
    detail: String,
    currency: Currency,
}

impl<'a> DimFinder<'a> {
    fn new(plan: &'a Plan, dims: &'a DimTable) -> Self {
        let currency: Vec<usize> = plan.currency.column().into_iter().collect();
        Self {
            plan,
            dims,
            territory: ColumnGroup::new(plan.territory.clone()),
            period: ColumnGroup::new(
                [
                    &plan.period[..],
                    &plan.period_start,
                    &plan.period_end,
                    &plan.period_in,
                ]
                .concat(),
            ),
            usage: ColumnGroup::new([&plan.usage[..], &plan.usage_also].concat()),
            currency: ColumnGroup::new(currency),
            periods: HashMap::default(),
            known: HashMap::default(),
            last: None,
        }
    }

    fn number(&mut self, row: &Row<'_>) -> Result<(u32, Currency), DimFault> {
        let Some(parts) = self.parts(row) else {
            return self.new_number(row);
        };
        if let Some((last, number)) = self.last
            && last == parts
        {
            return Ok(number);
        }
        let number = match self.known.get(&parts) {
            Some(&number) => number,
            None => {
                let number = self.new_number(row)?;
                if self.known.len() < MAX_KNOWN {
                    self.known.insert(parts, number);
                }
                number
            }
        };
        self.last = Some((parts, number));
        Ok(number)
    }

    fn new_number(&self, row: &Row<'_>) -> Result<(u32, Currency), DimFault> {
        let dims = self.read_dims(row)?;
        let currency = dims.currency;
        Ok((self.dims.number(dims), currency))
    }

    /// What the row says, part by part; nothing when its period cannot be read.
    fn parts(&mut self, row: &Row<'_>) -> Option<[u32; 4]> {
        let plan = self.plan;
        let periods = &mut self.periods;
        Some([
            self.territory.number(row, Some)?,
            self.period.number(row, |_| {
                let period = period(plan, row).ok()?;
                let next = periods.len() as u32;
                Some(*periods.entry(period).or_insert(next))
            })?,
            self.usage.number(row, Some)?,
            self.currency.number(row, Some)?,
        ])
    }

    fn read_dims(&self, row: &Row<'_>) -> Result<Dims, DimFault> {
        let plan = self.plan;
        let currency = match plan.currency {
            CurrencyRule::Fixed(currency) | CurrencyRule::Cells(currency) => currency,
            CurrencyRule::Column(column) => {
                let text = String::from_utf8_lossy(row.cell(column));
                read_currency(&text).map_err(|error| DimFault {
                    reason: Reason::CurrencyUnreadable,
                    column: Some(column),
                    detail: error.to_string(),
                    currency: Currency::NONE,
                })?
            }
        };
        let period = period(plan, row).map_err(|(column, error)| DimFault {
            reason: Reason::PeriodUnreadable,
            column: Some(column),
            detail: error.to_string(),
            currency,
        })?;
        let text = |columns: &[usize]| {
            first_given(row, columns)
                .map(|(_, cell)| String::from_utf8_lossy(cell).into_owned())
                .unwrap_or_default()
        };
        let territory = Territory::parse(&text(&plan.territory)).as_str().to_owned();
        let usage = usage(plan, &text(&plan.usage), &text(&plan.usage_also));
        Ok(Dims {
            currency,
            territory,
            period,
            usage,
        })
    }
}

fn usage(plan: &Plan, usage: &str, also: &str) -> String {
    let parts = [usage, also]
        .into_iter()
        .filter(|part| !part.is_empty() && !plan.usage_blank.contains(&header_key(part)));
    parts.collect::<Vec<_>>().join("/")
}

fn period(
    plan: &Plan,
    row: &Row<'_>,
) -> Result<SalePeriod, (usize, crate::ident::PeriodTextError)> {
    let order = plan.date_order;
    if let Some((column, cell)) = first_given(row, &plan.period) {
        return SalePeriod::parse(&String::from_utf8_lossy(cell), order).map_err(|e| (column, e));
    }
    let Some((column, start)) = first_given(row, &plan.period_start) else {
        let text = first_given(row, &plan.period_in).map(|(_, cell)| String::from_utf8_lossy(cell));
        return Ok(text
            .and_then(|text| period_in_text(&text))
            .unwrap_or(plan.default_period));
    };
    let end = first_given(row, &plan.period_end).map_or(&[][..], |(_, cell)| cell);
    SalePeriod::parse_pair(
        &String::from_utf8_lossy(start),
        &String::from_utf8_lossy(end),
        order,
    )
    .map_err(|e| (column, e))
}

/// A currency by its code, else by a sign or a name that only it has.
fn read_currency(text: &str) -> Result<Currency, crate::ident::CurrencyError> {
    Currency::parse(text).or_else(|error| currency_sign(text).ok_or(error))
}

/// The first cell that is not empty among columns that mean the same, trimmed.
fn first_given<'r>(row: &'r Row<'_>, columns: &[usize]) -> Option<(usize, &'r [u8])> {
    columns
        .iter()
        .map(|&column| (column, row.cell(column).trim_ascii()))
        .find(|(_, cell)| !cell.is_empty())
}
