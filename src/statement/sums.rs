//! Lines that are sums of the records above them, whatever they are called, and what they state.
//!
//! A row that names no recording is looked at twice: when it is read, and when all sums are known. If its amount or its units are the
//! running sum since the header, or since the last such line, or of the records that share what it says (a store, an artist), it is
//! a total that the sender wrote, and is compared, not paid. Everything else stays what it was.

use std::collections::{HashMap, HashSet};

use super::cube::Cube;
use super::dims::Dims;
use super::item::{Field, split_key};
use super::layout::ControlKind;
use super::ledger::ControlTotal;
use super::names::{currency_sign, header_key};
use super::quarantine::Quarantined;
use crate::ident::{Currency, Isrc, SalePeriod, is_not_given};
use crate::money::{Amount, AmountOverflow};

/// Sums of records by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RecordSums {
    amounts: Vec<(Currency, Amount)>,
    quantity: Amount,
    rows: u64,
}

impl RecordSums {
    #[inline]
    pub(super) fn add(
        &mut self,
        currency: Currency,
        amount: Amount,
        quantity: Amount,
    ) -> Result<(), AmountOverflow> {
        self.add_amount(currency, amount)?;
        self.quantity = self.quantity.plus(quantity)?;
        self.rows += 1;
        Ok(())
    }

    fn add_amount(&mut self, currency: Currency, amount: Amount) -> Result<(), AmountOverflow> {
        match self.amounts.iter_mut().find(|(c, _)| *c == currency) {
            Some((_, sum)) => *sum = sum.plus(amount)?,
            None => self.amounts.push((currency, amount)),
        }
        Ok(())
    }

    fn plus(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        for (currency, amount) in &other.amounts {
            self.add_amount(*currency, *amount)?;
        }
        self.quantity = self.quantity.plus(other.quantity)?;
        self.rows += other.rows;
        Ok(())
    }

    fn since(&self, mark: &Self) -> Result<Self, AmountOverflow> {
        let mut rest = self.clone();
        for (currency, amount) in &mark.amounts {
            rest.add_amount(*currency, amount.negated())?;
        }
        rest.quantity = rest.quantity.minus(mark.quantity)?;
        rest.rows -= mark.rows;
        Ok(rest)
    }

    /// Takes over the sums of a currency, or of all when none is said, and the counts.
    fn take(&mut self, other: &Self, currency: Option<Currency>) {
        let of_one =
            currency.and_then(|currency| other.amounts.iter().find(|(c, _)| *c == currency));
        match of_one {
            Some((currency, amount)) => {
                self.amounts.retain(|(c, _)| c != currency);
                self.amounts.push((*currency, *amount));
            }
            None => self.amounts.clone_from(&other.amounts),
        }
        (self.quantity, self.rows) = (other.quantity, other.rows);
    }

    fn of(&self, currency: Option<Currency>) -> Option<Amount> {
        match currency {
            Some(_) if self.amounts.is_empty() => Some(Amount::ZERO),
            Some(currency) => self
                .amounts
                .iter()
                .find(|(c, _)| *c == currency)
                .map(|(_, amount)| *amount),
            None => match self.amounts.as_slice() {
                [] => Some(Amount::ZERO),
                [(_, amount)] => Some(*amount),
                _ => None,
            },
        }
    }

    /// Whether an amount is the sum in this currency, or in any when none is said.
    fn has(&self, amount: Amount, currency: Option<Currency>) -> bool {
        !amount.is_zero()
            && self
                .amounts
                .iter()
                .any(|(c, sum)| *sum == amount && currency.is_none_or(|said| said == *c))
    }
}

/// A row that names no recording.
#[derive(Debug)]
pub(super) struct Unnamed {
    /// Its 0-based row in the batch, its 0-based line in the file, and the lines it takes.
    pub row: u64,
    pub line: u64,
    pub lines: u64,
    /// Batch in the upper and record in the lower half.
    pub place: u64,
    /// The first cell that is no number.
    pub label: String,
    /// Whether a cell, or a rule of the layout, calls it a total.
    pub is_total: bool,
    /// Whether it is a line of words without any number.
    pub is_note: bool,
    /// What stands in the money column, when it is a number.
    pub amount: Option<Amount>,
    /// What stands in the units column, when it is a number.
    pub quantity: Option<Amount>,
    /// All numbers of the row.
    pub numbers: Vec<Amount>,
    /// The currency that the row has as a record.
    pub currency: Option<Currency>,
    /// The currency that one of its other cells says.
    pub said: Option<Currency>,
    /// The key of its item and the number of its dimensions, when it can be a record.
    pub key: Vec<u8>,
    pub dim: Option<u32>,
    /// What it says of store, artist and the like, and of territory, period and usage.
    pub facts: (Vec<u8>, Dims),
    /// What it is in quarantine for, when it cannot.
    pub bad: Option<Quarantined>,
    /// Flagged for a stray quote.
    pub is_flagged: bool,
    /// Sums of the batch above it.
    pub before: RecordSums,
}

/// More rows without a name are the file's way of writing, not its totals.
pub(super) const MAX_UNNAMED: u64 = 20_000;
/// Rows whose groups are looked for.
const MAX_GROUPS: usize = 4_000;

/// What a row that names no recording turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowRole {
    /// A record, or a row in quarantine.
    Record,
    /// A total or a note.
    Footer,
}

/// Walks over the batches of a file in order and tells totals from records.
#[derive(Debug, Default)]
pub(super) struct TotalFinder {
    total: RecordSums,
    /// The sums at the last total of each currency.
    mark: RecordSums,
    /// Lines of totals of a part of the records, with the sum of the part.
    groups: HashMap<u64, GroupSum>,
    /// Whether the last row that named nothing was a total, and no record came after it.
    is_behind_total: bool,
    /// Lines of totals, in order.
    pub lines: Vec<u64>,
    /// What they state.
    pub totals: Vec<ControlTotal>,
    /// Lines that call themselves totals but are not the sum of all records, with the place of what they state.
    pub unmatched: Vec<(u64, usize)>,
}

/// What the records come to that share what a total says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GroupSum {
    kind: ControlKind,
    sum: Amount,
}

/// What a total may be the sum of.
struct RunningSums<'a> {
    /// All records above it.
    all: &'a RecordSums,
    /// Those since the last total.
    since_mark: &'a RecordSums,
    /// The currency that the row says, or that its column says.
    own: Option<Currency>,
    /// The currency that the row says.
    said: Option<Currency>,
}

impl<'a> RunningSums<'a> {
    /// The sums that hold an amount: in the row's own currency first, else in the one that it says.
    fn with(&self, amount: Amount) -> Option<&'a RecordSums> {
        let both = [self.all, self.since_mark];
        let own = both.into_iter().find(|sums| sums.has(amount, self.own));
        own.or_else(|| both.into_iter().find(|sums| sums.has(amount, self.said)))
    }

    fn has_units(&self, units: Amount) -> bool {
        self.all.quantity == units || self.since_mark.quantity == units
    }
}

impl TotalFinder {
    /// One that knows the totals of parts.
    pub(super) fn with_groups(groups: HashMap<u64, GroupSum>) -> Self {
        Self {
            groups,
            ..Self::default()
        }
    }

    /// Puts the sums of parts beside the totals that call themselves so.
    pub(super) fn compare_with(&mut self, groups: &HashMap<u64, GroupSum>) {
        for (line, place) in &self.unmatched {
            if let Some(group) = groups.get(line) {
                let total = &mut self.totals[*place];
                total.kind = group.kind;
                total.stated = group.sum.to_string();
                total.read = Some(group.sum.to_string());
                total.agrees = Some(true);
            }
        }
    }

    /// Decides about the unnamed rows of one batch, whose records come to `sums`; `rows` is the number of rows above the batch.
    pub(super) fn batch(
        &mut self,
        unnamed: &[Unnamed],
        sums: &RecordSums,
        rows: u64,
    ) -> Result<Vec<RowRole>, AmountOverflow> {
        let base = self.total.clone();
        let mut extra = RecordSums::default();
        let mut standings = Vec::with_capacity(unnamed.len());
        for row in unnamed {
            let mut above = base.clone();
            above.plus(&row.before)?;
            above.plus(&extra)?;
            self.is_behind_total &= above.rows == self.mark.rows;
            let standing = self.decide(row, &above, rows)?;
            if standing == RowRole::Footer {
                self.lines.push(row.line);
                if !row.is_note {
                    let currency = row
                        .said
                        .or(row.currency)
                        .filter(|c| *c != Currency::NONE && above.amounts.len() > 1);
                    self.mark.take(&above, currency);
                    self.is_behind_total = true;
                }
            } else {
                let currency = row.currency.unwrap_or(Currency::NONE);
                let amount = row.amount.unwrap_or_default();
                extra.add(currency, amount, row.quantity.unwrap_or_default())?;
            }
            standings.push(standing);
        }
        self.total.plus(sums)?;
        self.total.plus(&extra)?;
        Ok(standings)
    }

    fn decide(
        &mut self,
        row: &Unnamed,
        above: &RecordSums,
        rows: u64,
    ) -> Result<RowRole, AmountOverflow> {
        if row.is_note && !row.is_total {
            return Ok(RowRole::Footer);
        }
        if let Some(&GroupSum { kind, sum }) = self.groups.get(&row.line) {
            self.state(row, rows, kind, sum, Some(sum));
            return Ok(RowRole::Footer);
        }
        let since_mark = above.since(&self.mark)?;
        let own = row.said.or(row.currency).filter(|c| *c != Currency::NONE);
        let running = RunningSums {
            all: above,
            since_mark: &since_mark,
            own,
            said: row.said,
        };
        let stated = row.amount.filter(|a| !a.is_zero());
        if let Some(amount) = stated
            && let Some(sums) = running.with(amount)
        {
            let read = sums
                .amounts
                .iter()
                .find(|(_, sum)| *sum == amount)
                .map(|(_, sum)| *sum);
            self.state(row, rows, ControlKind::Amount, amount, read);
            return Ok(RowRole::Footer);
        }
        let units = row.quantity.filter(|q| !q.is_zero());
        let fits_units = units.is_some_and(|units| running.has_units(units));
        let is_foreign = row.said.is_some_and(|said| above.of(Some(said)).is_none());
        match (stated, units) {
            // The sum in another currency stands below the sum, or has its units.
            (Some(amount), _)
                if is_foreign && (self.is_behind_total || (fits_units && above.rows > 1)) =>
            {
                self.state(row, rows, ControlKind::Amount, amount, None);
                Ok(RowRole::Footer)
            }
            (None, Some(units)) if fits_units => {
                self.state(row, rows, ControlKind::Quantity, units, Some(units));
                Ok(RowRole::Footer)
            }
            _ if row.is_total => {
                self.compare_named_total(row, rows, &running, is_foreign);
                Ok(RowRole::Footer)
            }
            _ => Ok(RowRole::Record),
        }
    }

    /// A row that calls itself a total: its number is compared, wherever it stands.
    fn compare_named_total(
        &mut self,
        row: &Unnamed,
        rows: u64,
        running: &RunningSums<'_>,
        is_foreign: bool,
    ) {
        let above = running.all;
        let fitting = row.numbers.iter().find(|n| running.with(**n).is_some());
        let stated = row.amount.filter(|a| !a.is_zero());
        let Some(number) = fitting
            .copied()
            .or(stated)
            .or_else(|| row.numbers.first().copied())
        else {
            return;
        };
        let read = running
            .with(number)
            .map(|_| number)
            .or_else(|| above.of(running.own));
        if read != Some(number) {
            self.unmatched.push((row.line, self.totals.len()));
        }
        if read == Some(number) || number != above.quantity {
            let read = read.filter(|_| !is_foreign);
            self.state(row, rows, ControlKind::Amount, number, read);
        } else {
            let units = Some(above.quantity);
            self.state(row, rows, ControlKind::Quantity, number, units);
        }
    }

    fn state(
        &mut self,
        row: &Unnamed,
        rows: u64,
        kind: ControlKind,
        stated: Amount,
        read: Option<Amount>,
    ) {
        let label = if row.label.is_empty() {
            format!("row {} without a name", rows + row.row + 1)
        } else {
            row.label.clone()
        };
        self.totals.push(ControlTotal {
            label,
            kind,
            stated: stated.to_string(),
            read: read.map(|r| r.to_string()),
            agrees: read.map(|read| read == stated),
        });
    }
}

/// The fields by which a total can be about a part of the records.
const GROUP_FIELDS: [Field; 4] = [Field::Dsp, Field::Artist, Field::Label, Field::Release];

/// The rows that are the sum of all records which share what they say of store, artist, label, release, territory, period and usage, by
/// their lines.
pub(super) fn group_totals(
    rows: &[&Unnamed],
    cube: &Cube,
) -> Result<HashMap<u64, GroupSum>, AmountOverflow> {
    let is_given = |amount: Option<Amount>| amount.is_some_and(|a| !a.is_zero());
    let rows: Vec<&Unnamed> = rows
        .iter()
        .copied()
        .filter(|row| is_given(row.amount) || is_given(row.quantity))
        .take(MAX_GROUPS)
        .collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let parts = parts_of(&rows, cube);
    let sums = sums_of_parts(&parts, cube)?;
    let mut found = HashMap::new();
    for (part, indices) in parts {
        let Some(sum) = sums.get(&part) else { continue };
        for index in indices {
            if let Some(group) = group_sum(rows[index], sum) {
                found.insert(rows[index].line, group);
            }
        }
    }
    Ok(found)
}

/// A part of the records: which facts tell it, one bit each, and what they are.
type PartFacts = (u32, Vec<String>);

/// The part that each row may be the total of, with the rows by their indices.
fn parts_of(rows: &[&Unnamed], cube: &Cube) -> HashMap<PartFacts, Vec<usize>> {
    let known = known_facts(cube);
    let mut parts: HashMap<PartFacts, Vec<usize>> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let fields = split_key(&row.facts.0).map(|f| String::from_utf8_lossy(f).into_owned());
        let said = facts_of(&fields.each_ref().map(String::as_str), &row.facts.1);
        // What no record says is a word for the total, not a fact.
        let mask = (0..FACTS)
            .filter(|fact| known[*fact].contains(&said[*fact]))
            .fold(0, |mask, fact| mask | 1 << fact);
        if mask != 0 {
            let part = (mask, part_of(said, mask));
            parts.entry(part).or_default().push(index);
        }
    }
    parts
}

fn sums_of_parts(
    parts: &HashMap<PartFacts, Vec<usize>>,
    cube: &Cube,
) -> Result<HashMap<PartFacts, RecordSums>, AmountOverflow> {
    let mut masks: Vec<u32> = parts.keys().map(|(mask, _)| *mask).collect();
    masks.sort_unstable();
    masks.dedup();
    let mut sums: HashMap<PartFacts, RecordSums> = HashMap::new();
    for cell in cube.cells().iter().filter(|_| !masks.is_empty()) {
        let fields = cube.fields(cell.item as usize);
        if !is_named(&fields) {
            continue;
        }
        let dims = &cube.dims[cell.dim as usize];
        for &mask in &masks {
            let part = (mask, part_of(facts_of(&fields, dims), mask));
            if parts.contains_key(&part) {
                let sum = sums.entry(part).or_default();
                sum.add_amount(dims.currency, cell.amount)?;
                sum.quantity = sum.quantity.plus(cell.quantity)?;
                sum.rows += cell.rows;
            }
        }
    }
    Ok(sums)
}

/// The sum that a row states, when it is that of its part.
fn group_sum(row: &Unnamed, sum: &RecordSums) -> Option<GroupSum> {
    let units = row.quantity.filter(|q| !q.is_zero());
    let own = row.said.or(row.currency).filter(|c| *c != Currency::NONE);
    match row.amount.filter(|a| !a.is_zero()) {
        Some(amount) => {
            let fits = units.is_none_or(|units| units == sum.quantity) && sum.has(amount, own);
            fits.then_some(GroupSum {
                kind: ControlKind::Amount,
                sum: amount,
            })
        }
        None => (units == Some(sum.quantity)).then_some(GroupSum {
            kind: ControlKind::Quantity,
            sum: sum.quantity,
        }),
    }
}

/// How many facts a total can be about.
const FACTS: usize = GROUP_FIELDS.len() + 3;

/// What a row says of each fact; nothing where it says nothing.
fn facts_of(fields: &[&str; Field::ALL.len()], dims: &Dims) -> [String; FACTS] {
    let period = if dims.period == SalePeriod::UNKNOWN {
        String::new()
    } else {
        dims.period.to_string()
    };
    let [dsp, artist, label, release] =
        GROUP_FIELDS.map(|f| fields[f as usize].trim().to_lowercase());
    [
        dsp,
        artist,
        label,
        release,
        dims.territory.to_lowercase(),
        period,
        dims.usage.to_lowercase(),
    ]
}

/// The facts of a mask.
fn part_of(facts: [String; FACTS], mask: u32) -> Vec<String> {
    facts
        .into_iter()
        .enumerate()
        .filter(|(fact, _)| mask >> fact & 1 == 1)
        .map(|(_, text)| text)
        .collect()
}

/// What the records of a cube say of each fact.
fn known_facts(cube: &Cube) -> [HashSet<String>; FACTS] {
    let mut known: [HashSet<String>; FACTS] = std::array::from_fn(|_| HashSet::new());
    for cell in cube.cells() {
        let fields = cube.fields(cell.item as usize);
        if is_named(&fields) {
            let facts = facts_of(&fields, &cube.dims[cell.dim as usize])
                .into_iter()
                .zip(&mut known);
            for (text, known) in facts.filter(|(text, _)| !is_not_given(text)) {
                if !known.contains(&text) {
                    known.insert(text);
                }
            }
        }
    }
    known
}

/// Whether the fields of an item name a recording or a release. What a sender writes into the column of a code and is none (`Total Earnings`,
/// `Exchange rate 30.06.25`) names nothing.
pub(super) fn is_named(fields: &[&str; Field::ALL.len()]) -> bool {
    let field = |f: Field| fields[f as usize];
    let given = |f: Field| !is_not_given(field(f)) && !is_total_label(field(f));
    let digits = |f: Field| field(f).bytes().filter(u8::is_ascii_digit).count();
    let is_one_word = |f: Field| !field(f).trim().contains(char::is_whitespace);
    let isrc = field(Field::Isrc);
    let has_isrc = Isrc::parse(isrc).is_ok()
        || (given(Field::Isrc) && is_one_word(Field::Isrc) && digits(Field::Isrc) >= 5);
    let title = field(Field::Title);
    // Songs may be called “Total”; those of somebody are.
    has_isrc
        || (given(Field::Upc) && digits(Field::Upc) >= 8)
        || (given(Field::DspId) && is_one_word(Field::DspId))
        || (!is_not_given(title) && (!is_total_label(title) || given(Field::Artist)))
}

/// Words that make a line a total, in the languages of statements.
const TOTALS: [&str; 48] = [
    "total",
    "totals",
    "totale",
    "totales",
    "totaal",
    "totalt",
    "totaux",
    "totais",
    "gesamt",
    "gesamtsumme",
    "gesamtbetrag",
    "summe",
    "zwischensumme",
    "endsumme",
    "endbetrag",
    "suma",
    "sum",
    "summa",
    "somme",
    "soma",
    "somma",
    "subtotal",
    "subtotals",
    "subtotale",
    "soustotal",
    "grandtotal",
    "razem",
    "ogółem",
    "łącznie",
    "итого",
    "всего",
    "celkem",
    "összesen",
    "toplam",
    "yhteensä",
    "samlet",
    "ialt",
    "合計",
    "総計",
    "小計",
    "总计",
    "合计",
    "小计",
    "總計",
    "總計金額",
    "kokonaissumma",
    "sumatotal",
    "totalgeneral",
];
/// Words that may stand beside them.
const BESIDE: [&str; 66] = [
    "amount",
    "amounts",
    "earnings",
    "earned",
    "revenue",
    "revenues",
    "royalty",
    "royalties",
    "payable",
    "paid",
    "due",
    "net",
    "netto",
    "gross",
    "brutto",
    "income",
    "payment",
    "payout",
    "balance",
    "units",
    "streams",
    "plays",
    "quantity",
    "sales",
    "in",
    "for",
    "of",
    "the",
    "this",
    "statement",
    "report",
    "period",
    "month",
    "quarter",
    "general",
    "grand",
    "sub",
    "all",
    "and",
    "to",
    "be",
    "your",
    "our",
    "en",
    "de",
    "der",
    "die",
    "das",
    "du",
    "la",
    "le",
    "el",
    "os",
    "betrag",
    "summe",
    "général",
    "generale",
    "row",
    "rows",
    "count",
    "line",
    "lines",
    "tax",
    "vat",
    "incl",
    "excl",
];

/// Whether a text is the name of a total and nothing else: `Total`, `TOTAL USD`, `Gesamt EUR`, `Total Earnings`, `Suma total`, `Total June 2025`.
#[must_use]
pub fn is_total_label(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 80 {
        return false;
    }
    let lower = text.to_lowercase();
    let whole = header_key(&lower);
    if TOTALS.contains(&whole.as_str()) {
        return true;
    }
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '$' && c != '€' && c != '£')
        .filter(|w| !w.is_empty())
        .collect();
    let is_total = |word: &str| TOTALS.contains(&word);
    if !words.first().is_some_and(|w| is_total(w))
        && !words.last().is_some_and(|w| is_total(w))
        && !words.iter().take(2).any(|w| is_total(w))
    {
        return false;
    }
    let others: Vec<&str> = words
        .iter()
        .copied()
        .filter(|w| !is_total(w) && !BESIDE.contains(w) && currency_sign(w).is_none() && *w != "$")
        .collect();
    others.is_empty() || SalePeriod::parse(&others.join(" "), None).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_known_by_their_words() {
        for label in [
            "Total",
            "TOTAL USD",
            "Gesamt",
            "Gesamt EUR",
            "Suma",
            "Suma total",
            "Total Earnings",
            "Grand Total:",
            "Sub-Total",
            "Totals:",
            "Total (USD)",
            "合計",
            "Total June 2025",
            "Sous-total",
            "Summe:",
            "Total Amount Due",
            "Row total",
        ] {
            assert!(is_total_label(label), "{label}");
        }
        for label in [
            "Total Eclipse",
            "Totally",
            "",
            "Sum 41",
            "The Sum of All Fears",
            "Spotify",
            "Low Sun",
            "Amount",
            "Summer",
        ] {
            assert!(!is_total_label(label), "{label}");
        }
    }

    fn amount(text: &str) -> Amount {
        Amount::from_canonical(text).unwrap()
    }

    fn unnamed(row: u64, stated: &str, before: &[&str]) -> Unnamed {
        let usd = Currency::parse("USD").unwrap();
        let mut sums = RecordSums::default();
        for value in before {
            sums.add(usd, amount(value), Amount::from_integer(1))
                .unwrap();
        }
        Unnamed {
            row,
            line: row,
            lines: 1,
            place: row,
            label: String::new(),
            is_total: false,
            is_note: false,
            amount: Some(amount(stated)),
            quantity: None,
            numbers: vec![amount(stated)],
            currency: Some(usd),
            said: None,
            key: Vec::new(),
            dim: Some(0),
            facts: (
                Vec::new(),
                Dims {
                    currency: usd,
                    territory: String::new(),
                    period: SalePeriod::UNKNOWN,
                    usage: String::new(),
                },
            ),
            bad: None,
            is_flagged: false,
            before: sums,
        }
    }

    #[test]
    fn running_sums_are_found_wherever_they_stand() {
        let rows = [
            unnamed(2, "3", &["1", "2"]),
            unnamed(4, "4.5", &["1", "2", "4.5"]),
            unnamed(5, "7.5", &["1", "2", "4.5"]),
            unnamed(7, "9", &["1", "2", "4.5", "5"]),
        ];
        let mut footing = TotalFinder::default();
        let standings = footing.batch(&rows, &rows[3].before.clone(), 10).unwrap();
        assert_eq!(
            standings,
            [
                RowRole::Footer,
                RowRole::Footer,
                RowRole::Footer,
                RowRole::Record
            ]
        );
        assert_eq!(
            footing
                .totals
                .iter()
                .map(|t| (t.label.as_str(), t.agrees))
                .collect::<Vec<_>>()[2],
            ("row 16 without a name", Some(true))
        );
        // What stayed a record counts for the sums below it, in this batch and in the next.
        let next = [unnamed(0, "21.5", &[])];
        assert_eq!(
            footing.batch(&next, &RecordSums::default(), 20).unwrap(),
            [RowRole::Footer]
        );
    }

    #[test]
    fn a_sum_in_another_currency_stands_below_the_sum() {
        let mut converted = unnamed(3, "1.74", &["1.14", "0.38"]);
        converted.said = Currency::parse("EUR").ok();
        let rows = [unnamed(2, "1.52", &["1.14", "0.38"]), converted];
        let standings = TotalFinder::default()
            .batch(&rows, &rows[0].before.clone(), 0)
            .unwrap();
        assert_eq!(standings, [RowRole::Footer, RowRole::Footer]);
        let mut alone = unnamed(2, "1.74", &["1.14", "0.38"]);
        alone.said = Currency::parse("EUR").ok();
        assert_eq!(
            TotalFinder::default()
                .batch(&[alone], &RecordSums::default(), 0)
                .unwrap(),
            [RowRole::Record]
        );
    }
}
