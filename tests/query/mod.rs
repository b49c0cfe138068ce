//! The review's questions against a second opinion: a slow and obvious way to answer them, on small random desks.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledgerline::catalog::CatalogState;
use ledgerline::desk::query::{
    Clears, Direction, Facet, FacetValue, Filter, FilterField, FilterTerm, LineColumn, LineScope,
    LinesView, Op, Pattern, QueryError, SearchIndex, Searcher, SortKey, Test, Value, ViewQuestion,
    ViewTotal, complete, tsv, write_view_csv,
};
use ledgerline::desk::{Desk, LineId, Loaded};
use ledgerline::ident::{Currency, Isrc, SalePeriod, Upc, is_not_given, text_key};
use ledgerline::matching::{DecidedTracks, Outcomes, Status, Why};
use ledgerline::money::Amount;
use ledgerline::review::{Action, Decision, Decisions, SplitPart, Target};
use ledgerline::statement::cube::{Cell, Cube};
use ledgerline::statement::dims::Dims;
use ledgerline::statement::item::Field;
use proptest::prelude::*;

// ------------------------------------------------------------------------------------------------ desks

const PAYEES: [&str; 3] = ["Ada B", "Björk", ""];
const TRACKS: [(&str, u32); 4] = [("HQ-1", 0), ("HQ-2", 1), ("T 3", 2), ("♥", 0)];

/// One item of a statement: numbers that choose from the lists below, and its cells.
#[derive(Debug, Clone)]
struct Spec {
    fields: [usize; 10],
    why: usize,
    tracks: Vec<usize>,
    cells: BTreeMap<u32, (u64, i64)>,
}

fn choices(field: Field) -> &'static [&'static str] {
    match field {
        Field::Dsp => &["", "Spotify", "Deezer", "YouTube Music"],
        Field::Isrc => &[
            "",
            "USX123000001",
            "us-x12-30-00002",
            "DEA450000003",
            "n/a",
            "broken-7",
        ],
        Field::Upc => &[
            "",
            "085365572676",
            "00085365572676",
            "4006381333931",
            "8.5E+11",
        ],
        Field::DspId => &["", "A123", "a-123_x", "♥"],
        Field::Title => &[
            "",
            "Love",
            "Love Song",
            "Café del Mar",
            "CAFE",
            "♥",
            "Don’t Go",
            "12\"",
            "a|b",
            "lovelove",
        ],
        Field::Version => &["", "Remix", "Live"],
        Field::Artist => &["", "Björk", "bjork", "Ada B", "N\"ø"],
        Field::Label => &["", "Tidewater", "TIDE-WATER", "X", "=Sum"],
        Field::Release => &["", "Night Drive", "Love"],
        Field::Duration => &["", "180"],
    }
}

const BASE_WHYS: [Why; 7] = [
    Why::Isrc,
    Why::UpcTitle,
    Why::IsrcShared,
    Why::DspIdShared,
    Why::IsrcUnknown,
    Why::UpcRelease,
    Why::NoIdentifier,
];

fn dims() -> Vec<Dims> {
    let dims = |currency, territory: &str, month, usage: &str| Dims {
        currency: Currency::parse(currency).unwrap(),
        territory: territory.to_owned(),
        period: if month == 0 {
            SalePeriod::UNKNOWN
        } else {
            SalePeriod::month(2026, month).unwrap()
        },
        usage: usage.to_owned(),
    };
    let mut all = vec![
        dims("EUR", "NO", 8, "stream"),
        dims("EUR", "NO", 9, "stream"),
        dims("EUR", "SE", 9, "download"),
        dims("USD", "", 0, ""),
        dims("USD", "NO", 9, "Sub Stream"),
        dims("USD", "Worldwide", 7, "stream"),
    ];
    all.sort();
    all
}

fn spec() -> impl Strategy<Value = Spec> {
    let cells = prop::collection::btree_map(
        0..6u32,
        (1..5u64, prop_oneof![-9..9i64, Just(1000), Just(-1000)]),
        1..4,
    );
    (
        any::<[u8; 10]>(),
        0..BASE_WHYS.len(),
        prop::collection::vec(0..TRACKS.len(), 1..3),
        cells,
    )
        .prop_map(|(fields, why, tracks, cells)| {
            let of = |place: usize| usize::from(fields[place]) % choices(Field::ALL[place]).len();
            Spec {
                fields: std::array::from_fn(of),
                why,
                tracks,
                cells,
            }
        })
}

fn loaded(name: &str, specs: &[Spec]) -> Loaded {
    let items = specs
        .iter()
        .map(|s| std::array::from_fn(|place| choices(Field::ALL[place])[s.fields[place]]));
    let amount = |n: i64| Amount::from_raw(i128::from(n) * 10i128.pow(19));
    let cell = |item: usize, dim: u32, rows: u64, n: i64| Cell {
        item: item as u32,
        dim,
        rows,
        quantity: Amount::from_integer(n / 2),
        amount: amount(n),
    };
    let cells = specs.iter().enumerate().flat_map(|(item, s)| {
        s.cells
            .iter()
            .map(move |(dim, (rows, n))| cell(item, *dim, *rows, *n))
    });
    let cube = Cube::of_parts(items, dims(), cells.collect());
    let outcome = |s: &Spec| {
        let why = BASE_WHYS[s.why];
        let tracks = match why.status() {
            Status::Matched => &s.tracks[..1],
            Status::Ambiguous => &s.tracks[..],
            _ => &s.tracks[1..],
        };
        (why, tracks.iter().map(|t| TRACKS[*t]).collect())
    };
    Loaded::of_cube(
        name,
        "Spotify",
        cube,
        Outcomes::of_parts(specs.iter().map(outcome)),
    )
    .unwrap()
}

fn tracks() -> DecidedTracks {
    DecidedTracks::of(TRACKS.iter().map(|(id, payee)| ((*id).to_owned(), *payee)))
}

fn desk(specs: &[Vec<Spec>]) -> Desk {
    let statements = specs
        .iter()
        .zip(["spotify_2026-09.csv", "youtube.csv"])
        .map(|(specs, name)| Arc::new(loaded(name, specs)))
        .collect();
    let payees = PAYEES.map(str::to_owned).to_vec();
    Desk::new(
        statements,
        payees,
        CatalogState::default(),
        Decisions::default(),
        &tracks(),
    )
    .unwrap()
}

/// The desk after some decisions: a line, and what is done with its item or ISRC.
fn decided(desk: &Desk, choices: &[(u32, usize)]) -> Desk {
    let lines = desk.lines().len() as u32;
    let mut decisions = Decisions::default();
    let mut touched = Vec::new();
    for (seq, (line, action)) in choices.iter().enumerate().filter(|_| lines > 0) {
        let line = line % lines;
        let part = |track: &str, share| SplitPart {
            track: track.into(),
            share,
        };
        let action = match action {
            0 => Action::Assign {
                track: "HQ-2".into(),
            },
            1 => Action::Split {
                parts: vec![part("HQ-1", 1), part("T 3", 2)],
            },
            2 => Action::Ignore,
            3 => Action::Hold,
            4 => Action::Leave,
            _ => Action::Assign {
                track: "gone".into(),
            },
        };
        let target = match desk.isrc(line).filter(|_| seq % 2 == 1) {
            Some(isrc) => Target::Isrc {
                isrc,
                dsp: None,
                upc: None,
            },
            None => Target::Item {
                item: desk.lines().code(line),
                dsp: None,
            },
        };
        decisions.apply(
            &Decision {
                target: target.clone(),
                action,
                note: String::new(),
            },
            seq as u64,
        );
        touched.push(target);
    }
    desk.with_decisions(decisions, &tracks(), &touched).unwrap()
}

// ------------------------------------------------------------------------------------------------ the slow way

/// A text in the form in which it is compared.
fn key(text: &str) -> String {
    let key = text_key(text);
    if key.is_empty() {
        text.trim()
            .to_lowercase()
            .chars()
            .filter(|c| !c.is_control())
            .collect()
    } else {
        key
    }
}

fn code(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// Whether a text fits a pattern, letter by letter.
fn like(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', pattern)), None) => like(pattern, text),
        (Some(('*', rest)), Some((_, shorter))) => like(rest, text) || like(pattern, shorter),
        (Some((p, pattern)), Some((t, text))) => p == t && like(pattern, text),
        (Some(_), None) => false,
    }
}

fn fits(field: FilterField, op: Op, value: &Value, text: &str) -> bool {
    let Value::Text(Pattern(typed)) = value else {
        return false;
    };
    if !typed.is_empty() && typed.chars().all(|c| c == '*') {
        return !text.is_empty();
    }
    let is_signs = typed.split('*').all(|part| text_key(part).is_empty());
    let parts = typed.split('*').map(|part| match field {
        FilterField::Isrc | FilterField::Upc => code(part),
        _ if is_signs => key(part),
        _ => text_key(part),
    });
    let mut pattern = parts.collect::<Vec<_>>().join("*");
    let mut text = text.to_owned();
    if op == Op::Contains {
        pattern = format!("*{pattern}*");
    } else if field == FilterField::Upc {
        (pattern, text) = (
            pattern.trim_start_matches('0').to_owned(),
            text.trim_start_matches('0').to_owned(),
        );
    }
    like(
        &pattern.chars().collect::<Vec<_>>(),
        &text.chars().collect::<Vec<_>>(),
    )
}

fn isrc(text: &str) -> String {
    Isrc::parse(text).map_or_else(
        |_| {
            if is_not_given(text) {
                String::new()
            } else {
                code(text)
            }
        },
        |isrc| isrc.to_string().to_lowercase(),
    )
}

fn upc(text: &str) -> String {
    Upc::parse(text).map_or_else(
        |_| {
            if is_not_given(text) {
                String::new()
            } else {
                code(text)
            }
        },
        |upc| upc.to_string(),
    )
}

/// The texts of a field, as compared.
fn texts(desk: &Desk, line: LineId, field: FilterField) -> Vec<String> {
    let of = |field: Field| desk.field(line, field);
    let many = |texts: Vec<&str>| {
        if texts.is_empty() {
            vec![String::new()]
        } else {
            texts.into_iter().map(key).collect()
        }
    };
    match field {
        FilterField::Status => vec![key(desk.status(line).code())],
        FilterField::Reason => vec![key(desk.why(line).code())],
        FilterField::Dsp => vec![key(desk.lines().dsp(line))],
        FilterField::Title => vec![key(of(Field::Title))],
        FilterField::Version => vec![key(of(Field::Version))],
        FilterField::Artist => vec![key(of(Field::Artist))],
        FilterField::Label => vec![key(of(Field::Label))],
        FilterField::Release => vec![key(of(Field::Release))],
        FilterField::Isrc => vec![isrc(of(Field::Isrc))],
        FilterField::Upc => vec![upc(of(Field::Upc))],
        FilterField::DspId => vec![key(of(Field::DspId))],
        FilterField::Track => many(desk.track_ids(line)),
        FilterField::Payee => many(desk.payees(line)),
        FilterField::Currency => vec![key(desk.lines().currency(line).code())],
        FilterField::Item => vec![desk.lines().code(line).to_string()],
        _ => panic!("{field:?} is not a text of a line"),
    }
}

fn has_word(desk: &Desk, line: LineId, word: &str) -> bool {
    use FilterField::{Artist, DspId, Isrc, Label, Payee, Release, Title, Track, Upc, Version};
    let anywhere = [
        Title, Version, Artist, Label, Release, Isrc, Upc, DspId, Payee, Track,
    ];
    let is_in = |field: FilterField, word: &str| {
        texts(desk, line, field)
            .iter()
            .any(|text| text.contains(word))
    };
    let code = code(word);
    anywhere.iter().any(|field| is_in(*field, &key(word)))
        || (!code.is_empty() && (is_in(Isrc, &code) || is_in(Upc, &code)))
}

fn compares(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Is | Op::Contains => ordering.is_eq(),
        Op::Less => ordering.is_lt(),
        Op::AtMost => ordering.is_le(),
        Op::More => ordering.is_gt(),
        Op::AtLeast => ordering.is_ge(),
    }
}

/// Whether a test of the line itself holds.
fn holds(desk: &Desk, line: LineId, test: &Test) -> bool {
    let (field, op, values) = match test {
        Test::Word(words) => return words.iter().any(|word| has_word(desk, line, word)),
        Test::Field { field, op, values } => (*field, *op, values),
    };
    let sum = desk.lines().sum(line);
    values.iter().any(|value| match (field, value) {
        (FilterField::Amount, Value::Decimal(other)) => compares(op, sum.amount.cmp(other)),
        (FilterField::Quantity, Value::Decimal(other)) => compares(op, sum.quantity.cmp(other)),
        (FilterField::Rows, Value::Count(other)) => compares(op, sum.rows.cmp(other)),
        (FilterField::Candidates, Value::Count(other)) => {
            compares(op, (desk.track_ids(line).len() as u64).cmp(other))
        }
        (field, _) if field.is_of_cells() => cells(desk, line)
            .iter()
            .any(|(file, dims, _)| cell_holds(file, dims, test)),
        _ => texts(desk, line, field)
            .iter()
            .any(|text| fits(field, op, value, text)),
    })
}

fn cells(desk: &Desk, line: LineId) -> Vec<(String, Dims, Amount)> {
    let mut all = Vec::new();
    for member in desk.lines().members(line) {
        let statement = desk.statement(*member);
        for cell in statement.cells(member.item as usize) {
            let dims = statement.cube.dims[cell.dim as usize].clone();
            if dims.currency == desk.lines().currency(line) {
                all.push((statement.record.name.clone(), dims, cell.amount));
            }
        }
    }
    all
}

fn cell_holds(file: &str, dims: &Dims, test: &Test) -> bool {
    let Test::Field { field, op, values } = test else {
        return true;
    };
    values.iter().any(|value| match (field, value) {
        (FilterField::Territory, _) => fits(*field, *op, value, &key(&dims.territory)),
        (FilterField::Usage, _) => fits(*field, *op, value, &key(&dims.usage)),
        (FilterField::File, _) => fits(*field, *op, value, &key(file)),
        (_, Value::Period(other)) => match (dims.period.days(), other.days()) {
            (Some((first, last)), Some((other_first, other_last))) => match op {
                Op::Less => last < other_first,
                Op::AtMost => last <= other_last,
                Op::More => first > other_last,
                Op::AtLeast => first >= other_first,
                _ => first >= other_first && last <= other_last,
            },
            (own, other) => own.is_none() && other.is_none(),
        },
        _ => fits(*field, *op, value, &key(&dims.period.to_string())),
    })
}

fn is_shown(desk: &Desk, line: LineId, filter: &Filter, scope: LineScope) -> bool {
    let is_of_cells = |term: &&FilterTerm| matches!(&term.test, Test::Field { field, .. } if field.is_of_cells() && !term.is_negated);
    let (together, alone): (Vec<&FilterTerm>, Vec<&FilterTerm>) =
        filter.terms.iter().partition(is_of_cells);
    let needs_person = matches!(
        desk.status(line),
        Status::Unmatched | Status::Ambiguous | Status::Held
    );
    (scope == LineScope::All || needs_person)
        && alone
            .iter()
            .all(|term| holds(desk, line, &term.test) != term.is_negated)
        && (together.is_empty()
            || cells(desk, line)
                .iter()
                .any(|(file, dims, _)| together.iter().all(|t| cell_holds(file, dims, &t.test))))
}

fn shown(desk: &Desk, filter: &Filter, scope: LineScope) -> Vec<LineId> {
    (0..desk.lines().len() as LineId)
        .filter(|line| is_shown(desk, *line, filter, scope))
        .collect()
}

fn compare(desk: &Desk, a: LineId, b: LineId, key: SortKey, direction: Direction) -> Ordering {
    let sum = |line: LineId| desk.lines().sum(line);
    let text = |field: FilterField| {
        let (a, b) = (texts(desk, a, field), texts(desk, b, field));
        (a[0].is_empty().cmp(&b[0].is_empty()), a[0].cmp(&b[0]))
    };
    let dsp = |line: LineId| desk.lines().dsp(line).to_owned();
    let (empty, order) = match key {
        SortKey::Amount => (
            Ordering::Equal,
            sum(a).amount.magnitude().cmp(&sum(b).amount.magnitude()),
        ),
        SortKey::SignedAmount => (Ordering::Equal, sum(a).amount.cmp(&sum(b).amount)),
        SortKey::Rows => (Ordering::Equal, sum(a).rows.cmp(&sum(b).rows)),
        SortKey::Quantity => (Ordering::Equal, sum(a).quantity.cmp(&sum(b).quantity)),
        SortKey::Title => text(FilterField::Title),
        SortKey::Artist => text(FilterField::Artist),
        SortKey::Label => text(FilterField::Label),
        SortKey::Release => text(FilterField::Release),
        SortKey::Isrc => text(FilterField::Isrc),
        SortKey::Upc => text(FilterField::Upc),
        SortKey::Dsp => (
            dsp(a).is_empty().cmp(&dsp(b).is_empty()),
            dsp(a).cmp(&dsp(b)),
        ),
        SortKey::Currency => (
            Ordering::Equal,
            desk.lines().currency(a).cmp(&desk.lines().currency(b)),
        ),
        SortKey::Status => (Ordering::Equal, desk.status(a).cmp(&desk.status(b))),
        SortKey::Reason => (Ordering::Equal, desk.why(a).code().cmp(desk.why(b).code())),
        SortKey::Candidates => (
            Ordering::Equal,
            desk.track_ids(a).len().cmp(&desk.track_ids(b).len()),
        ),
    };
    empty.then(if direction == Direction::Descending {
        order.reverse()
    } else {
        order
    })
}

/// The values of a facet with their lines and money.
fn counted(
    desk: &Desk,
    lines: &[LineId],
    field: FilterField,
) -> BTreeMap<String, (u64, BTreeMap<Currency, i128>)> {
    let mut values: BTreeMap<String, (u64, BTreeMap<Currency, i128>)> = BTreeMap::new();
    for &line in lines {
        let whole = |value: String| vec![(value, desk.lines().sum(line).amount)];
        let parts: Vec<(String, Amount)> = match field {
            FilterField::Territory => cells(desk, line)
                .into_iter()
                .map(|(_, dims, amount)| (dims.territory, amount))
                .collect(),
            FilterField::Period => cells(desk, line)
                .into_iter()
                .map(|(_, dims, amount)| (dims.period.to_string(), amount))
                .collect(),
            FilterField::Dsp => whole(desk.lines().dsp(line).to_owned()),
            FilterField::Currency => whole(desk.lines().currency(line).to_string()),
            FilterField::Status => whole(desk.status(line).code().to_owned()),
            FilterField::Reason => whole(desk.why(line).code().to_owned()),
            field => whole(texts(desk, line, field).remove(0)),
        };
        let distinct: BTreeSet<&String> = parts.iter().map(|(value, _)| value).collect();
        distinct
            .into_iter()
            .for_each(|value| values.entry(value.clone()).or_default().0 += 1);
        for (value, amount) in &parts {
            *values
                .get_mut(value)
                .unwrap()
                .1
                .entry(desk.lines().currency(line))
                .or_default() += amount.floor_raw();
        }
    }
    values
}

// ------------------------------------------------------------------------------------------------ both ways agree

fn term() -> impl Strategy<Value = String> {
    const TERMS: [&str; 62] = [
        "love",
        "lo",
        "lov",
        "cafe",
        "usx12",
        "us-x12",
        "HQ-1",
        "ada",
        "8536",
        "♥",
        "e",
        "love|bjork",
        "\"love song\"",
        "12\"",
        "broken-7",
        "gone",
        "status:unmatched",
        "status:matched|held",
        "reason:isrc_shared",
        "reason:isrc*",
        "reason~shared",
        "dsp:spotify",
        "dsp:*e*|deezer",
        "dsp~music",
        "title:love",
        "title~love",
        "title:*",
        "title:\"\"",
        "title:♥",
        "title:l*e",
        "version:live|remix",
        "artist:bjork",
        "artist:\"\"",
        "label:tidewater",
        "label:tide*",
        "label~t*r",
        "release~drive",
        "isrc:US*",
        "isrc:USX12-30-00001",
        "isrc:*",
        "isrc~30",
        "upc:85365572676",
        "upc:0853*",
        "upc:\"\"",
        "dsp_id:a*",
        "dsp_id:*",
        "track:HQ-1",
        "track:HQ*",
        "track:\"\"",
        "payee:\"Ada B\"",
        "payee:*",
        "payee:\"(no payee)\"",
        "amount>0",
        "amount<=-0.5|100",
        "amount!=0.3",
        "rows>=3",
        "quantity<0",
        "candidates>1",
        "candidates=0",
        "currency:usd",
        "currency:*r",
        "item:*a*",
    ];
    const CELLS: [&str; 12] = [
        "territory:NO",
        "territory:NO|SE",
        "territory:\"\"",
        "territory:*",
        "period:2026-09",
        "period<2026-09",
        "period:2026-0*",
        "period:\"\"",
        "period>=2026-07..2026-08",
        "usage~stream",
        "usage:sub*",
        "file:spotify*",
    ];
    let terms = prop_oneof![3 => prop::sample::select(TERMS.to_vec()), 1 => prop::sample::select(CELLS.to_vec())];
    (terms, prop::bool::weighted(0.2)).prop_map(|(term, is_negated)| {
        if is_negated {
            format!("-{term}")
        } else {
            term.to_owned()
        }
    })
}

fn sort() -> impl Strategy<Value = Vec<(SortKey, Direction)>> {
    use SortKey::{
        Amount, Artist, Candidates, Currency, Dsp, Isrc, Label, Quantity, Reason, Release, Rows,
        SignedAmount, Status, Title, Upc,
    };
    let keys = vec![
        Amount,
        SignedAmount,
        Rows,
        Quantity,
        Title,
        Artist,
        Label,
        Release,
        Isrc,
        Upc,
        Dsp,
        Currency,
        Status,
        Reason,
        Candidates,
    ];
    prop::collection::vec(
        (
            prop::sample::select(keys),
            prop::sample::select(vec![Direction::Ascending, Direction::Descending]),
        ),
        0..3,
    )
}

fn agree(
    searcher: &mut Searcher,
    desk: &Arc<Desk>,
    text: &str,
    scope: LineScope,
    sort: &[(SortKey, Direction)],
) {
    let filter = Filter::parse(text);
    assert_eq!(filter.issues, [], "{text}");
    let question = ViewQuestion {
        generation: 7,
        desk: Arc::clone(desk),
        filter: filter.clone(),
        scope,
        sort: sort.to_vec(),
        want_facets: true,
    };
    let view = searcher.answer(&question, &|| false).unwrap();
    let mut lines = shown(desk, &filter, scope);
    sums_agree(desk, &lines, &view);
    for facet in &view.facets {
        facet_agrees(desk, &filter, scope, facet);
    }
    let usual = [
        (SortKey::Amount, Direction::Descending),
        (SortKey::Currency, Direction::Ascending),
    ];
    let sort = if sort.is_empty() { &usual } else { sort };
    lines.sort_by(|a, b| {
        sort.iter()
            .fold(Ordering::Equal, |so_far, (key, direction)| {
                so_far.then_with(|| compare(desk, *a, *b, *key, *direction))
            })
    });
    assert_eq!(*view.rows, lines, "{text} {sort:?}");
    assert_eq!(
        view.open_total as usize,
        shown(desk, &Filter::default(), LineScope::NeedsPerson).len()
    );
}

fn sums_agree(desk: &Desk, lines: &[LineId], view: &LinesView) {
    let mut totals: BTreeMap<Currency, ViewTotal> = BTreeMap::new();
    let mut open: BTreeMap<Currency, Vec<u128>> = BTreeMap::new();
    for &line in lines {
        let (sum, items) = (
            desk.lines().sum(line),
            desk.lines().members(line).len() as u64,
        );
        let total = totals.entry(desk.lines().currency(line)).or_default();
        total
            .add(&ViewTotal {
                lines: 1,
                items,
                rows: sum.rows,
                quantity: sum.quantity,
                amount: sum.amount,
            })
            .unwrap();
        if matches!(
            desk.status(line),
            Status::Unmatched | Status::Ambiguous | Status::Held
        ) {
            open.entry(desk.lines().currency(line))
                .or_default()
                .push(sum.amount.magnitude().units());
        }
    }
    assert_eq!(view.totals, totals.into_iter().collect::<Vec<_>>());
    let clears = open.into_iter().map(|(currency, mut sizes)| {
        sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
        let all: u128 = sizes.iter().sum();
        let reached = |n: &usize| sizes[..*n].iter().sum::<u128>() >= all - all / 100;
        (
            currency,
            Clears {
                lines: (0..=sizes.len()).find(reached).unwrap() as u64,
                of: sizes.len() as u64,
            },
        )
    });
    assert_eq!(view.clears, clears.collect::<Vec<_>>());
}

fn facet_agrees(desk: &Desk, filter: &Filter, scope: LineScope, facet: &Facet) {
    let mut others = filter.clone();
    others
        .terms
        .retain(|term| !matches!(&term.test, Test::Field { field, .. } if *field == facet.field));
    let lines = shown(desk, &others, scope);
    let name = |value: &FacetValue| {
        if facet.field == FilterField::Label {
            key(&value.value)
        } else {
            value.value.clone()
        }
    };
    let money = |value: &FacetValue| {
        value
            .money
            .iter()
            .map(|(currency, amount)| (*currency, amount.floor_raw()))
            .collect::<BTreeMap<_, _>>()
    };
    let values: BTreeMap<_, _> = facet
        .values
        .iter()
        .map(|value| (name(value), (value.lines, money(value))))
        .collect();
    assert_eq!(
        values,
        counted(desk, &lines, facet.field),
        "{:?} of {filter}",
        facet.field
    );
    assert_eq!((values.len(), facet.more), (facet.values.len(), 0));
    // Every facet ties out with the totals of the lines that it counts.
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    facet
        .values
        .iter()
        .flat_map(|v| &v.money)
        .for_each(|(currency, amount)| *sums.entry(*currency).or_default() += amount.floor_raw());
    let mut want: BTreeMap<Currency, i128> = BTreeMap::new();
    lines.iter().for_each(|line| {
        *want.entry(desk.lines().currency(*line)).or_default() +=
            desk.lines().sum(*line).amount.floor_raw()
    });
    assert_eq!(sums, want, "{:?} of {filter}", facet.field);
}

proptest! {
    #[test]
    fn the_fast_answers_are_those_of_the_slow_and_obvious_way(
        specs in prop::collection::vec(prop::collection::vec(spec(), 0..25), 1..3),
        questions in prop::collection::vec((prop::collection::vec(term(), 0..4), any::<bool>(), sort()), 1..6),
        choices in prop::collection::vec((any::<u32>(), 0..6usize), 0..6),
    ) {
        // One searcher for all questions: what it remembers must not change an answer.
        let mut searcher = Searcher::default();
        let before = Arc::new(desk(&specs));
        let after = Arc::new(decided(&before, &choices));
        for (place, (terms, is_all, sort)) in questions.iter().enumerate() {
            let scope = if *is_all { LineScope::All } else { LineScope::NeedsPerson };
            let desk = if place % 2 == 0 { &after } else { &before };
            agree(&mut searcher, desk, &terms.join(" "), scope, sort);
        }
        agree(&mut searcher, &Arc::new(desk(&specs[..1])), &questions[0].0.join(" "), LineScope::All, &[]);
    }

    #[test]
    fn a_word_typed_letter_by_letter_finds_what_it_finds_at_once(specs in prop::collection::vec(spec(), 0..40), word in prop::sample::select(vec!["love song", "us-x12-3", "café d", "00085", "ada b"])) {
        let desk = Arc::new(desk(&[specs]));
        let mut searcher = Searcher::default();
        for end in (1..=word.len()).filter(|end| word.is_char_boundary(*end)) {
            agree(&mut searcher, &desk, &format!("\"{}\"", &word[..end]), LineScope::All, &[]);
        }
    }

    #[test]
    fn totals_of_a_desk_are_the_same_after_decisions_as_when_built_with_them(specs in prop::collection::vec(spec(), 0..25), choices in prop::collection::vec((any::<u32>(), 0..6usize), 0..6)) {
        let before = desk(&[specs]);
        let after = decided(&before, &choices);
        let anew = Desk::new(after.statements().to_vec(), PAYEES.map(str::to_owned).to_vec(), CatalogState::default(), after.decisions().clone(), &tracks()).unwrap();
        prop_assert_eq!(after.totals(), anew.totals());
        prop_assert_eq!(after.decided_lines().collect::<Vec<_>>(), anew.decided_lines().collect::<Vec<_>>());
    }
}

#[test]
fn a_question_that_is_out_of_date_is_not_answered() {
    let question = ViewQuestion {
        generation: 1,
        desk: Arc::new(desk(&[vec![Spec {
            fields: [1; 10],
            why: 4,
            tracks: vec![0],
            cells: [(0, (1, 5))].into(),
        }]])),
        filter: Filter::default(),
        scope: LineScope::All,
        sort: Vec::new(),
        want_facets: false,
    };
    let mut searcher = Searcher::default();
    assert_eq!(
        searcher.answer(&question, &|| true).err(),
        Some(QueryError::Stale)
    );
    assert_eq!(*searcher.answer(&question, &|| false).unwrap().rows, [0]);
}

#[test]
fn lines_are_written_with_all_columns_and_guarded() {
    let mut fields = [1; 10];
    fields[Field::Label as usize] = 4;
    let desk = desk(&[vec![Spec {
        fields,
        why: 0,
        tracks: vec![0],
        cells: [(0, (2, -5))].into(),
    }]]);
    let mut csv = Vec::new();
    write_view_csv(&desk, &[0], &mut csv).unwrap();
    let item = desk.lines().code(0);
    let header = "status,reason,isrc,upc,title,version,artist,label,release,dsp,dsp_id,rows,quantity,amount,currency,track,payee,candidates,item\n";
    let line = format!(
        "matched,isrc,USX123000001,085365572676,Love,Remix,Björk,'=Sum,Night Drive,Spotify,A123,2,-2,-0.5,EUR,HQ-1,Ada B,,{item}\n"
    );
    assert_eq!(String::from_utf8(csv).unwrap(), format!("{header}{line}"));
    assert_eq!(
        tsv(&desk, &[0], &[LineColumn::Title, LineColumn::Amount]),
        "title\tamount\nLove\t-0.5\n"
    );
}

#[test]
fn values_with_most_money_are_offered_first() {
    let spec = |label: usize, n: i64| {
        let mut fields = [1; 10];
        (fields[Field::Label as usize], fields[Field::Title as usize]) = (label, label);
        Spec {
            fields,
            why: 4,
            tracks: vec![0],
            cells: [(0, (1, n))].into(),
        }
    };
    let index = SearchIndex::of(&desk(&[vec![spec(1, 5), spec(3, -900), spec(4, 7)]]));
    let offered = |text: &str| {
        complete(text, text.len(), Some(&index))
            .suggestions
            .into_iter()
            .map(|s| s.insert)
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("label:"), ["X", "\"=Sum\"", "Tidewater"]);
    assert_eq!(offered("dsp:sp"), ["Spotify"]);
    assert_eq!(offered("territory:n"), ["NO"]);
    assert_eq!(offered("period:"), ["2026-07", "2026-08", "2026-09"]);
    assert_eq!(offered("file:"), ["spotify_2026-09.csv"]);
}
