//! The terms of a filter into sets of lines.
//!
//! Each term is looked for in all lines and remembered, so that a term that is typed letter by letter is looked for only among what it
//! found before, and the other terms cost nothing. What decisions change is put over it afterwards, for the decided lines alone.

use std::sync::Arc;

use memchr::memmem::Finder;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::bits::{BLOCK, Bits, BlockBits, MarkedLines};
use super::field::FilterField;
use super::filter::{Filter, FilterTerm, Op, Test, Value};
use super::fold::{Compiled, code_key, fold};
use super::index::{FIELD_END, LineBlock, NO_ONE, SearchIndex, SharedTexts, TRACK_END, TextField};
use super::standing::{LineStanding, Ruled, lines_where};
use super::view::{LineScope, QueryError};
use crate::desk::LineId;
use crate::ident::SalePeriod;
use crate::matching::Why;
use crate::money::Amount;
use crate::review::ItemCode;

/// Sets of lines that were found before, the latest last. They hold for one index.
#[derive(Debug, Default)]
pub(super) struct Cache {
    found: Vec<(Vec<Test>, Arc<Bits>)>,
}

/// How many sets are remembered.
const REMEMBERED: usize = 48;

impl Cache {
    fn of(&self, tests: &[Test]) -> Option<Arc<Bits>> {
        self.found
            .iter()
            .rev()
            .find(|(known, _)| known.as_slice() == tests)
            .map(|(_, bits)| Arc::clone(bits))
    }

    fn put(&mut self, tests: Vec<Test>, bits: &Arc<Bits>) {
        if self.found.len() == REMEMBERED {
            self.found.remove(0);
        }
        self.found.push((tests, Arc::clone(bits)));
    }

    /// The smallest known set that a longer word can only be in.
    fn around(&self, word: &str) -> Option<Arc<Bits>> {
        let text = fold(word);
        let code = code_key(word);
        let is_part = |known: &str| text.contains(&fold(known)) && code.contains(&code_key(known));
        let fits = |tests: &[Test]| matches!(tests, [Test::Word(words)] if words.len() == 1 && is_part(&words[0]));
        self.found
            .iter()
            .filter(|(tests, _)| fits(tests))
            .map(|(_, bits)| bits)
            .min_by_key(|bits| bits.count())
            .map(Arc::clone)
    }
}

/// Finds lines.
pub(super) struct Select<'a> {
    pub index: &'a SearchIndex,
    pub standing: &'a LineStanding,
    pub cache: &'a mut Cache,
    pub is_stale: &'a dyn Fn() -> bool,
}

/// What is asked about one field, ready to be compared.
struct FieldTest<'t> {
    test: &'t Test,
    op: Op,
    values: &'t [Value],
    patterns: Vec<Compiled>,
}

impl FieldTest<'_> {
    /// What the answer is remembered under.
    fn key(&self) -> Vec<Test> {
        vec![self.test.clone()]
    }

    fn fits(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.fits(text))
    }

    fn holds_for_amount(&self, amount: Amount) -> bool {
        self.values.iter().any(
            |value| matches!(value, Value::Decimal(other) if compares(self.op, &amount, other)),
        )
    }

    fn holds_for_count(&self, count: u64) -> bool {
        self.values
            .iter()
            .any(|value| matches!(value, Value::Count(other) if compares(self.op, &count, other)))
    }
}

impl Select<'_> {
    /// The lines that a filter leaves of a scope; terms about the field `but` are passed over.
    pub(super) fn lines(
        &mut self,
        filter: &Filter,
        scope: LineScope,
        but: Option<FilterField>,
    ) -> Result<Bits, QueryError> {
        let mut left = match scope {
            LineScope::NeedsPerson => self.standing.open.clone(),
            LineScope::All => Bits::all(self.index.lines.len()),
        };
        let (together, alone): (Vec<&FilterTerm>, Vec<&FilterTerm>) = filter
            .terms
            .iter()
            .filter(|term| but.is_none() || term.test.field() != but)
            .partition(|t| !t.is_negated && t.test.is_of_cells());
        if !together.is_empty() {
            let tests: Vec<Test> = together.into_iter().map(|term| term.test.clone()).collect();
            left.keep(&*self.cells(tests)?);
        }
        for term in alone {
            let found = self.test(&term.test)?;
            if term.is_negated {
                left.remove(&found)
            } else {
                left.keep(&found)
            }
        }
        Ok(left)
    }

    fn test(&mut self, test: &Test) -> Result<Arc<Bits>, QueryError> {
        match test {
            Test::Word(words) => {
                let mut found = (*self.word(&words[0])?).clone();
                for word in &words[1..] {
                    found.add(&*self.word(word)?);
                }
                self.rule(&mut found, |ruled, select| {
                    words.iter().any(|word| select.ruled_has_word(ruled, word))
                });
                Ok(Arc::new(found))
            }
            Test::Field { field, .. } if field.is_of_cells() => self.cells(vec![test.clone()]),
            Test::Field { field, op, values } => self.field(test, *field, *op, values),
        }
    }

    /// Puts what decisions made of lines over what was found without them.
    fn rule(&self, found: &mut Bits, holds: impl Fn(&Ruled, &Self) -> bool) {
        for ruled in &self.standing.ruled {
            found.set(ruled.line, holds(ruled, self));
        }
    }

    fn remembered(
        &mut self,
        tests: Vec<Test>,
        find: impl FnOnce(&Self) -> Result<Bits, QueryError>,
    ) -> Result<Arc<Bits>, QueryError> {
        if let Some(found) = self.cache.of(&tests) {
            return Ok(found);
        }
        let found = Arc::new(find(self)?);
        self.cache.put(tests, &found);
        Ok(found)
    }

    // -------------------------------------------------------------------------------------------- words

    /// Lines in which a word occurs, without decisions.
    fn word(&mut self, word: &str) -> Result<Arc<Bits>, QueryError> {
        let within = self.cache.around(word);
        self.remembered(vec![Test::Word(vec![word.to_owned()])], |select| {
            let within = within.unwrap_or_else(|| Arc::new(Bits::all(select.index.lines.len())));
            select.find_word(word, &within)
        })
    }

    fn find_word(&self, word: &str, within: &Bits) -> Result<Bits, QueryError> {
        let text = fold(word);
        let code = code_key(word);
        let (text, code) = (
            Finder::new(text.as_bytes()),
            (!code.is_empty() && code != text).then(|| Finder::new(code.as_bytes())),
        );
        let index = self.index;
        let shared = self.shared_with(&text);
        Bits::of_blocks(within, self.is_stale, &|bits, marks| {
            let block = &index.blocks[bits.block];
            scan(block, &text, bits, marks, |_| true);
            if let Some(code) = &code {
                scan(block, code, bits, marks, |place| {
                    is_in_code(block, place, code)
                });
            }
            let first = bits.first() as usize;
            for (numbers, has) in &shared {
                let numbers = &numbers[first..numbers.len().min(first + BLOCK)];
                let fitting = numbers
                    .iter()
                    .enumerate()
                    .filter(|(_, number)| has.get(**number as usize).copied().unwrap_or(false));
                fitting.for_each(|(place, _)| marks.mark(place));
            }
        })
    }

    /// The numbers of lines' names with the names in which a text occurs; lists without any are left out.
    fn shared_with(&self, text: &Finder<'_>) -> Vec<(&[u32], Vec<bool>)> {
        let index = self.index;
        let has = |keys: &[String]| -> Vec<bool> {
            keys.par_iter()
                .with_min_len(4096)
                .map(|key| text.find(key.as_bytes()).is_some())
                .collect()
        };
        let of_names = |names: &'_ SharedTexts| has(&names.keys);
        let all = [
            (index.artists.of_line.as_slice(), of_names(&index.artists)),
            (&index.labels.of_line, of_names(&index.labels)),
            (&index.releases.of_line, of_names(&index.releases)),
            (&index.payee_of, has(&index.payee_keys)),
        ];
        all.into_iter()
            .filter(|(_, has)| has.contains(&true))
            .collect()
    }

    fn ruled_has_word(&self, ruled: &Ruled, word: &str) -> bool {
        let text = fold(word);
        let code = code_key(word);
        let (block, place) = self.index.place(ruled.line);
        let line = ruled.line as usize;
        let texts = [
            TextField::Title,
            TextField::Version,
            TextField::Isrc,
            TextField::Upc,
            TextField::DspId,
        ]
        .map(|field| block.field(place, field));
        let names = [
            &self.index.artists,
            &self.index.labels,
            &self.index.releases,
        ]
        .map(|names| names.keys[names.of_line[line] as usize].as_str());
        let tracks = std::str::from_utf8(&ruled.tracks).expect("folded ids are text");
        let occurs = |other: &str| other.contains(text.as_str());
        texts.into_iter().chain(names).chain([tracks]).any(occurs)
            || ruled.payees.iter().any(|payee| occurs(payee))
            || (!code.is_empty()
                && texts[2..4]
                    .iter()
                    .any(|other| other.contains(code.as_str())))
    }

    // -------------------------------------------------------------------------------------------- fields

    fn field(
        &mut self,
        test: &Test,
        field: FilterField,
        op: Op,
        values: &[Value],
    ) -> Result<Arc<Bits>, QueryError> {
        let asked = FieldTest {
            test,
            op,
            values,
            patterns: patterns(field, op, values),
        };
        let index = self.index;
        match field {
            // What decisions change and costs little is not remembered.
            FilterField::Status => self.by_reason(&asked, |why| why.status().code()),
            FilterField::Reason => self.by_reason(&asked, Why::code),
            FilterField::Candidates => self.by_candidates(&asked),
            FilterField::Payee => self.by_payee(&asked),
            FilterField::Track => self.by_track(&asked),
            FilterField::Title => self.by_text(&asked, TextField::Title),
            FilterField::Version => self.by_text(&asked, TextField::Version),
            FilterField::Isrc => self.by_text(&asked, TextField::Isrc),
            FilterField::Upc => self.by_text(&asked, TextField::Upc),
            FilterField::DspId => self.by_text(&asked, TextField::DspId),
            FilterField::Artist => self.by_name(&asked, &index.artists),
            FilterField::Label => self.by_name(&asked, &index.labels),
            FilterField::Release => self.by_name(&asked, &index.releases),
            FilterField::Dsp => {
                let names = index.lines.dsp_names().iter();
                let mask = mask_of(names.map(String::as_str), |name| asked.fits(&fold(name)));
                self.where_line(&asked, |line| mask[index.lines.dsp_number(line) as usize])
            }
            FilterField::Currency => {
                let codes = index.currencies.iter().map(|c| c.code());
                let mask = mask_of(codes, |code| asked.fits(&fold(code)));
                self.where_line(&asked, |line| {
                    mask[index.currency_of[line as usize] as usize]
                })
            }
            FilterField::Amount => self.where_line(&asked, |line| {
                asked.holds_for_amount(index.lines.sum(line).amount)
            }),
            FilterField::Quantity => self.where_line(&asked, |line| {
                asked.holds_for_amount(index.lines.sum(line).quantity)
            }),
            FilterField::Rows => self.where_line(&asked, |line| {
                asked.holds_for_count(index.lines.sum(line).rows)
            }),
            FilterField::Item => match codes_of(values).filter(|_| op == Op::Is) {
                Some(codes) => Ok(Arc::new(self.of_codes(codes))),
                None => self.where_line(&asked, |line| {
                    asked.fits(&index.lines.code(line).to_string())
                }),
            },
            FilterField::Territory
            | FilterField::Period
            | FilterField::Usage
            | FilterField::File => self.cells(vec![test.clone()]),
        }
    }

    /// Lines for which a test holds, in the order of the lines.
    fn find(&self, holds: impl Fn(LineId) -> bool + Sync) -> Result<Bits, QueryError> {
        lines_where(self.index.lines.len(), self.is_stale, holds)
    }

    /// The same, remembered under what is asked.
    fn where_line(
        &mut self,
        asked: &FieldTest<'_>,
        holds: impl Fn(LineId) -> bool + Sync,
    ) -> Result<Arc<Bits>, QueryError> {
        self.remembered(asked.key(), |select| select.find(holds))
    }

    fn by_reason(
        &self,
        asked: &FieldTest<'_>,
        word: fn(Why) -> &'static str,
    ) -> Result<Arc<Bits>, QueryError> {
        let mask = Why::ALL.map(|why| asked.fits(&fold(word(why))));
        let whys = &self.standing.whys;
        let found = self.find(|line| mask[whys[line as usize] as usize])?;
        Ok(Arc::new(found))
    }

    fn by_candidates(&self, asked: &FieldTest<'_>) -> Result<Arc<Bits>, QueryError> {
        let index = self.index;
        let standing = self.standing;
        let found = self.find(|line| {
            let count = match standing.ruled(line) {
                Some(ruled) => ruled.candidates,
                None => index.candidates[line as usize],
            };
            asked.holds_for_count(u64::from(count))
        })?;
        Ok(Arc::new(found))
    }

    fn by_payee(&self, asked: &FieldTest<'_>) -> Result<Arc<Bits>, QueryError> {
        let index = self.index;
        let keys = index.payee_keys.iter().map(String::as_str);
        let mask = mask_of(keys, |key| asked.fits(key));
        let nobody = asked.fits("");
        let mut found = self.find(|line| match index.payee_of[line as usize] {
            NO_ONE => nobody,
            payee => mask.get(payee as usize).copied().unwrap_or(false),
        })?;
        self.rule(&mut found, |ruled, _| match ruled.payees.as_slice() {
            [] => nobody,
            payees => payees.iter().any(|payee| asked.fits(payee)),
        });
        Ok(Arc::new(found))
    }

    fn by_track(&mut self, asked: &FieldTest<'_>) -> Result<Arc<Bits>, QueryError> {
        let base = self.by_text(asked, TextField::Tracks)?;
        let mut found = (*base).clone();
        self.rule(&mut found, |ruled, _| {
            let mut patterns = asked.patterns.iter();
            patterns.any(|pattern| fits_any(pattern, &ruled.tracks, TRACK_END))
        });
        Ok(Arc::new(found))
    }

    fn by_text(
        &mut self,
        asked: &FieldTest<'_>,
        field: TextField,
    ) -> Result<Arc<Bits>, QueryError> {
        self.remembered(asked.key(), |select| {
            select.find_text(field, &asked.patterns)
        })
    }

    fn by_name(
        &mut self,
        asked: &FieldTest<'_>,
        names: &SharedTexts,
    ) -> Result<Arc<Bits>, QueryError> {
        self.remembered(asked.key(), |select| {
            let keys = names.keys.iter().map(String::as_str);
            let mask = mask_of(keys, |key| asked.fits(key));
            select.find(|line| mask[names.of_line[line as usize] as usize])
        })
    }

    fn of_codes(&self, codes: Vec<ItemCode>) -> Bits {
        let lines = &self.index.lines;
        let mut found = Bits::none(lines.len());
        for line in codes.into_iter().flat_map(|code| lines.of_code(code)) {
            found.set(line, true);
        }
        found
    }

    /// Lines of which one field of the blocks' texts fits a pattern.
    fn find_text(&self, field: TextField, patterns: &[Compiled]) -> Result<Bits, QueryError> {
        let index = self.index;
        let within = Bits::all(self.index.lines.len());
        let mark_end = if field == TextField::Tracks {
            TRACK_END
        } else {
            FIELD_END
        };
        Bits::of_blocks(&within, self.is_stale, &|bits, marks| {
            let block = &index.blocks[bits.block];
            for pattern in patterns {
                let fits = |place: usize| {
                    fits_any(pattern, block.field(place, field).as_bytes(), mark_end)
                };
                if pattern.needle().is_empty() {
                    (0..bits.count())
                        .filter(|place| fits(*place))
                        .for_each(|place| marks.mark(place));
                } else {
                    scan(block, &Finder::new(pattern.needle()), bits, marks, fits);
                }
            }
        })
    }

    // -------------------------------------------------------------------------------------------- cells

    /// Lines with a cell for which all of these tests hold.
    fn cells(&mut self, tests: Vec<Test>) -> Result<Arc<Bits>, QueryError> {
        self.remembered(tests.clone(), |select| select.find_cells(&tests))
    }

    fn find_cells(&self, tests: &[Test]) -> Result<Bits, QueryError> {
        let index = self.index;
        let items = (0..index.statements.len())
            .map(|s| self.items_of(s, &self.fitting_dims(s, tests)))
            .collect::<Result<Vec<_>, _>>()?;
        lines_where(index.lines.len(), self.is_stale, |line| {
            let currency = u32::from(index.currency_of[line as usize]);
            let has =
                |(other, found): &(u32, Bits), item: u32| *other == currency && found.has(item);
            index.lines.members(line).iter().any(|member| {
                items[member.statement as usize]
                    .iter()
                    .any(|found| has(found, member.item))
            })
        })
    }

    /// For each combination of a statement the number of its currency, when all tests hold for it.
    fn fitting_dims(&self, statement: usize, tests: &[Test]) -> Vec<Option<u32>> {
        let places = &self.index.places;
        let masks: Vec<Mask> = tests
            .iter()
            .map(|test| self.mask(statement, test))
            .collect();
        let fits = |dim: &[u32; 4]| masks.iter().all(|mask| mask.has(dim));
        debug_assert_eq!(places.of_dims.len(), self.index.statements.len());
        places.of_dims[statement]
            .iter()
            .map(|dim| fits(dim).then_some(dim[3]))
            .collect()
    }

    fn mask(&self, statement: usize, test: &Test) -> Mask {
        let Test::Field { field, op, values } = test else {
            return Mask {
                part: 0,
                fitting: Vec::new(),
            };
        };
        let places = &self.index.places;
        let patterns = patterns(*field, *op, values);
        let fits = |text: &str| patterns.iter().any(|pattern| pattern.fits(&fold(text)));
        match field {
            FilterField::Territory => Mask {
                part: 0,
                fitting: mask_of(places.territories.iter().map(String::as_str), fits),
            },
            FilterField::Usage => Mask {
                part: 2,
                fitting: mask_of(places.usages.iter().map(String::as_str), fits),
            },
            FilterField::Period => Mask {
                part: 1,
                fitting: places
                    .periods
                    .iter()
                    .map(|p| {
                        fits(&p.to_string())
                            || values
                                .iter()
                                .any(|v| matches!(v, Value::Period(v) if period_fits(*op, *p, *v)))
                    })
                    .collect(),
            },
            _ => Mask {
                part: 3,
                fitting: vec![
                    fits(&self.index.statements[statement].record.name);
                    self.index.currencies.len()
                ],
            },
        }
    }

    /// The items of a statement with a cell of a fitting combination, by currency.
    fn items_of(
        &self,
        statement: usize,
        dims: &[Option<u32>],
    ) -> Result<Vec<(u32, Bits)>, QueryError> {
        let mut currencies: Vec<u32> = dims.iter().flatten().copied().collect();
        currencies.sort_unstable();
        currencies.dedup();
        let statement = &self.index.statements[statement];
        currencies
            .into_iter()
            .map(|currency| {
                Ok((
                    currency,
                    lines_where(statement.cube.items(), self.is_stale, |item: LineId| {
                        statement
                            .cells(item as usize)
                            .iter()
                            .any(|cell| dims[cell.dim as usize] == Some(currency))
                    })?,
                ))
            })
            .collect()
    }
}

/// Which values of one part of a combination fit.
struct Mask {
    part: usize,
    fitting: Vec<bool>,
}

impl Mask {
    fn has(&self, dim: &[u32; 4]) -> bool {
        self.fitting
            .get(dim[self.part] as usize)
            .copied()
            .unwrap_or(false)
    }
}

fn mask_of<'a>(names: impl Iterator<Item = &'a str>, fits: impl Fn(&str) -> bool) -> Vec<bool> {
    names.map(fits).collect()
}

fn patterns(field: FilterField, op: Op, values: &[Value]) -> Vec<Compiled> {
    values
        .iter()
        .filter_map(|value| {
            if let Value::Text(pattern) = value {
                Some(Compiled::new(field, op, &pattern.0))
            } else {
                None
            }
        })
        .collect()
}

/// The items' codes, when all values are whole ones.
fn codes_of(values: &[Value]) -> Option<Vec<ItemCode>> {
    values
        .iter()
        .map(|value| {
            if let Value::Text(pattern) = value {
                ItemCode::try_from(pattern.0.clone()).ok()
            } else {
                None
            }
        })
        .collect()
}

fn compares<T: Ord>(op: Op, value: &T, other: &T) -> bool {
    match op {
        Op::Is | Op::Contains => value == other,
        Op::Less => value < other,
        Op::AtMost => value <= other,
        Op::More => value > other,
        Op::AtLeast => value >= other,
    }
}

/// Whether a sale period stands to another as asked; of one that is not known only equality can be asked.
pub(super) fn period_fits(op: Op, period: SalePeriod, other: SalePeriod) -> bool {
    let (Some((first, last)), Some((other_first, other_last))) = (period.days(), other.days())
    else {
        return op == Op::Is && period == other;
    };
    match op {
        Op::Is | Op::Contains => first >= other_first && last <= other_last,
        Op::Less => last < other_first,
        Op::AtMost => last <= other_last,
        Op::More => first > other_last,
        Op::AtLeast => first >= other_first,
    }
}

/// Whether a pattern fits one of the texts that a mark parts.
fn fits_any(pattern: &Compiled, texts: &[u8], mark: u8) -> bool {
    texts
        .split(|b| *b == mark)
        .any(|text| std::str::from_utf8(text).is_ok_and(|text| pattern.fits(text)))
}

/// Whether a text occurs in ISRC or UPC of a line.
fn is_in_code(block: &LineBlock, place: usize, code: &Finder<'_>) -> bool {
    [TextField::Isrc, TextField::Upc]
        .iter()
        .any(|field| code.find(block.field(place, *field).as_bytes()).is_some())
}

/// Marks the lines of a block in which a text occurs and that are accepted.
fn scan(
    block: &LineBlock,
    text: &Finder<'_>,
    bits: BlockBits<'_>,
    marks: &mut MarkedLines,
    accept: impl Fn(usize) -> bool,
) {
    let first = bits.first();
    // When few lines are left, only they are searched.
    if bits.count() < block.ends.len() / 16 {
        let has = |place: usize| text.find(block.line(place)).is_some() && accept(place);
        bits.iter()
            .map(|line| (line - first) as usize)
            .filter(|place| has(*place))
            .for_each(|place| marks.mark(place));
        return;
    }
    let mut from = 0;
    let mut place = 0;
    while let Some(found) = text.find(&block.text[from..]) {
        place = line_at(&block.ends, place, (from + found) as u32);
        if accept(place) {
            marks.mark(place);
        }
        from = block.ends[place] as usize;
        place += 1;
    }
}

/// The line that holds an offset, at or behind `place`: in growing steps, since the next hit is mostly near.
fn line_at(ends: &[u32], mut place: usize, offset: u32) -> usize {
    let mut step = 1;
    while place + step < ends.len() && ends[place + step - 1] <= offset {
        place += step;
        step *= 2;
    }
    let end = ends.len().min(place + step);
    place + ends[place..end].partition_point(|end| *end <= offset)
}

impl Test {
    /// The field that it is about.
    fn field(&self) -> Option<FilterField> {
        if let Self::Field { field, .. } = self {
            Some(*field)
        } else {
            None
        }
    }

    fn is_of_cells(&self) -> bool {
        self.field().is_some_and(FilterField::is_of_cells)
    }
}
