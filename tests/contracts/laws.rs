//! Laws that hold whatever the contracts say: no money is lost, minus is the mirror of plus, and neither the order of rows nor the number of
//! threads is to be seen in what comes out.

use std::collections::BTreeMap;

use ledgerline::ident::Currency;
use ledgerline::money::Amount;
use ledgerline::settlement::Settled;
use ledgerline::terms::{Balances, Book};
use proptest::prelude::*;

use super::slow::{Deal, Label, Shelved, album_terms, label, shelved};
use super::{Texts, currency};

/// What is wrong with the postings of a settlement, added up from the outside.
fn lost_money(settled: &Settled) -> Vec<String> {
    let book = &settled.inputs.book;
    let mut wrong = Vec::new();
    let mut all: BTreeMap<Currency, Amount> = BTreeMap::new();
    let mut balances: BTreeMap<(String, Currency), Amount> = BTreeMap::new();
    for t in settled.movements() {
        for (account, amount) in [(&t.debit, t.amount), (&t.credit, t.amount.negated())] {
            let sum = all.entry(t.currency).or_default();
            *sum = sum.plus(amount).unwrap();
            let balance = balances
                .entry((account.label(book), t.currency))
                .or_default();
            *balance = balance.plus(amount).unwrap();
        }
        if t.reason.clause.is_empty() {
            wrong.push(format!("{t:?} names no clause"));
        }
    }
    wrong.extend(
        all.iter()
            .filter(|(_, sum)| !sum.is_zero())
            .map(|(c, sum)| format!("{c} does not sum to zero but to {sum}")),
    );
    for ((account, code), balance) in &balances {
        if (account.starts_with("contract:") || account.starts_with("earned:"))
            && !balance.is_zero()
        {
            wrong.push(format!("{account} keeps {balance} {code}"));
        }
    }
    let lines = &settled.payables;
    for line in lines {
        let paid = balances
            .get(&(
                format!("payable:{}", book.payees[line.payee].name),
                line.currency,
            ))
            .copied()
            .unwrap_or_default();
        if paid.negated() != line.payable {
            wrong.push(format!("{line:?} is not what the postings pay: {paid}"));
        }
        let sum = line
            .carried_in
            .plus(line.earned)
            .unwrap()
            .minus(line.tax)
            .unwrap();
        if sum != line.exact {
            wrong.push(format!("{line:?} does not add up"));
        }
        let unit = 10i128.pow(20 - line.currency.minor_digits());
        if line
            .payable
            .to_narrow()
            .is_none_or(|raw| raw % unit != 0 || raw < 0)
        {
            wrong.push(format!("{line:?} cannot be paid"));
        }
    }
    for (code, rounding) in &settled.rounding {
        let half = Amount::from_raw(10i128.pow(20 - code.minor_digits()) / 2);
        if rounding.magnitude() > half.magnitude() {
            wrong.push(format!("rounding in {code} is {rounding}"));
        }
    }
    wrong
}

fn reversed(texts: &Texts) -> Texts {
    let turn = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\n") + "\n"
    };
    let mut other = texts.clone();
    other.cells = turn(&texts.cells);
    other.rates = texts.rates.iter().map(|r| turn(r)).collect();
    if !texts.balances.is_empty() {
        other.balances = turn(&texts.balances);
    }
    other
}

fn everything(settled: &Settled) -> String {
    let movements: Vec<String> = settled.movements().map(|t| format!("{t:?}")).collect();
    format!(
        "{movements:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        settled.payables, settled.rounding, settled.closing, settled.proof
    )
}

/// A label whose steps are all proportional: no debts, reserves, minimum, tiers or taxes that look at the sign.
fn proportional() -> impl Strategy<Value = Label> {
    label().prop_map(|mut label| {
        for party in &mut label.parties {
            (party.residence, party.minimum) = ("US", "0");
        }
        label.deals.iter_mut().for_each(without_thresholds);
        label.carried.iter_mut().for_each(|c| *c = None);
        label
    })
}

fn without_thresholds(deal: &mut Deal) {
    deal.advances.clear();
    (
        deal.reserve,
        deal.shared_cost,
        deal.payee_advance,
        deal.adjustment,
    ) = (None, None, None, None);
    // Units below zero count for nothing.
    deal.album_lines = deal.album_lines.filter(|rule| *rule != "units");
    deal.rates.retain(|r| {
        matches!(
            r,
            super::slow::RateTerm::Income(_) | super::slow::RateTerm::PerUnit(_)
        )
    });
    if deal.rates.is_empty() {
        deal.profile = "net-receipts";
    }
}

fn mirrored(label: &Label) -> Label {
    let mut mirror = label.clone();
    for sale in &mut mirror.sales {
        sale.amount = sale
            .amount
            .strip_prefix('-')
            .map_or_else(|| format!("-{}", sale.amount), str::to_owned);
        sale.units = sale
            .units
            .strip_prefix('-')
            .map_or_else(|| format!("-{}", sale.units), str::to_owned);
    }
    mirror
}

/// What can become different from one version of contracts to the next.
#[derive(Debug, Clone)]
enum Change {
    Fee(usize, &'static str),
    Tracks(usize, Vec<String>),
    Territory(usize, Option<&'static str>),
    From(usize, Option<&'static str>),
    Shares(usize, &'static str),
    Comes(usize, Box<Deal>),
    Goes(usize),
    Joined(bool),
    Minimum(usize, &'static str),
    Form(usize),
    CatchUp(bool),
    Albums(usize, (Vec<String>, Option<&'static str>)),
    Release(Option<Shelved>),
}

fn change() -> impl Strategy<Value = Change> {
    let pick = |values: &'static [&'static str]| prop::sample::select(values);
    let tracks = prop::collection::btree_set(0..6usize, 1..4)
        .prop_map(|tracks| tracks.into_iter().map(|t| format!("T{t}")).collect());
    prop_oneof![
        (0..4usize, pick(&["0", "0.05", "0.4"])).prop_map(|(at, fee)| Change::Fee(at, fee)),
        (0..4usize, tracks).prop_map(|(at, tracks)| Change::Tracks(at, tracks)),
        (0..4usize, prop::option::of(pick(&["US", "FR"])))
            .prop_map(|(at, territory)| Change::Territory(at, territory)),
        (0..4usize, prop::option::of(Just("2026-09")))
            .prop_map(|(at, month)| Change::From(at, month)),
        (0..4usize, pick(&["0.25", "1/3", "1"])).prop_map(|(at, share)| Change::Shares(at, share)),
        // With the shares of two parties, which every label has.
        (0..5usize, super::slow::deal(2)).prop_map(|(at, deal)| Change::Comes(at, Box::new(deal))),
        (0..4usize).prop_map(Change::Goes),
        any::<bool>().prop_map(Change::Joined),
        (0..3usize, pick(&["0", "5", "25.00"]))
            .prop_map(|(at, minimum)| Change::Minimum(at, minimum)),
        (0..3usize).prop_map(Change::Form),
        any::<bool>().prop_map(Change::CatchUp),
        (0..4usize, album_terms()).prop_map(|(at, terms)| Change::Albums(at, terms)),
        prop::option::of(shelved(true, true)).prop_map(Change::Release),
    ]
}

impl Change {
    fn apply(&self, label: &mut Label) {
        let (deals, parties) = (label.deals.len(), label.parties.len());
        match self {
            Self::Fee(at, fee) => label.deals[at % deals].fees = vec![fee],
            Self::Tracks(at, tracks) => label.deals[at % deals].tracks.clone_from(tracks),
            Self::Territory(at, territory) => label.deals[at % deals].not_in = *territory,
            Self::From(at, month) => label.deals[at % deals].from_month = *month,
            Self::Shares(at, share) => {
                let rest = match *share {
                    "0.25" => "0.75",
                    "1/3" => "2/3",
                    _ => "0",
                };
                label.deals[at % deals].shares = vec![(0, *share), (1, rest)];
            }
            // In the middle, so that the others get other names and numbers.
            Self::Comes(at, deal) => label.deals.insert(at % (deals + 1), (**deal).clone()),
            Self::Goes(at) if deals > 1 => drop(label.deals.remove(at % deals)),
            Self::Goes(_) => {}
            Self::Minimum(at, minimum) => label.parties[at % parties].minimum = minimum,
            Self::Form(at) => label.parties[at % parties].has_form ^= true,
            Self::CatchUp(has_catch_up) => label.has_catch_up = *has_catch_up,
            Self::Albums(at, terms) => {
                let deal = &mut label.deals[at % deals];
                (deal.releases, deal.album_lines) = terms.clone();
            }
            Self::Release(Some(release)) => {
                drop(label.releases.insert("R1".into(), release.clone()))
            }
            Self::Release(None) => drop(label.releases.remove("R1")),
            Self::Joined(_) => {}
        }
        // Accounts that are joined stay so, whoever comes.
        let is_joined = if let Self::Joined(is_joined) = self {
            *is_joined
        } else {
            !label.joined.is_empty()
        };
        label
            .deals
            .iter_mut()
            .enumerate()
            .for_each(|(at, deal)| deal.name = format!("C{at}"));
        label.joined = if is_joined {
            (0..label.deals.len()).collect()
        } else {
            Vec::new()
        };
        if is_joined {
            label
                .deals
                .iter_mut()
                .for_each(|deal| deal.currency = "EUR");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_mix_of_contracts_conserves_money(label in label()) {
        let settled = label.texts().settle();
        let wrong = lost_money(&settled);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn minus_is_the_mirror_of_plus(label in proportional()) {
        let (plus, minus) = (label.texts().settle(), mirrored(&label).texts().settle());
        prop_assert_eq!(plus.payables.len(), minus.payables.len());
        for (a, b) in plus.payables.iter().zip(&minus.payables) {
            prop_assert_eq!(a.exact, b.exact.negated());
        }
        prop_assert_eq!(plus.movements().count() >= minus.payables.len(), true);
    }

    #[test]
    fn neither_the_order_of_rows_nor_the_number_of_threads_shows(label in label()) {
        let texts = label.texts();
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| texts.settle());
        let four = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap().install(|| reversed(&texts).settle());
        prop_assert_eq!(everything(&one), everything(&four));
    }

    #[test]
    fn changed_contracts_give_what_settling_everything_anew_gives(start in label(), changes in prop::collection::vec(change(), 1..5)) {
        let (mut label, mut settled) = (start.clone(), start.texts().settle());
        for change in changes {
            change.apply(&mut label);
            let texts = label.texts();
            settled = settled.with_contracts(book_of(&texts)).unwrap();
            prop_assert_eq!(everything(&settled), everything(&texts.settle()), "after {:?}", change);
        }
    }

    #[test]
    fn closing_balances_open_the_next_settlement(label in label()) {
        let first = label.texts().settle();
        let rows: Vec<String> = first.closing.rows().iter().map(|row| row.join(",")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let next = Texts { cells: super::cells(&[]), ..label.texts() }.with_balances(&rows).of("2027-09");
        let opening = next.inputs().unwrap().opening;
        let without_zeros = |mut b: Balances| {
            b.reserves.retain(|_, a| !a.is_zero());
            b
        };
        prop_assert_eq!(without_zeros(opening), without_zeros(first.closing.clone()));
        let wrong = lost_money(&next.settle());
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The check of postings finds a settlement whose payables are not what was posted.
#[test]
fn money_that_is_lost_is_found() {
    let text = "[[payee]]\nname = \"A\"\ncurrency = \"USD\"\n[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\n[[contract.split]]\nshares = { A = 1 }\n";
    let mut settled = Texts::new(text, &["T,US,2026-09,stream,DSP,1,10,USD"]).settle();
    assert_eq!(lost_money(&settled), Vec::<String>::new());
    settled.payables[0].payable = super::amount("9.99");
    assert_eq!(lost_money(&settled).len(), 1);
    settled
        .rounding
        .add(currency("USD"), super::amount("0.02"))
        .unwrap();
    assert_eq!(lost_money(&settled).len(), 2);
}

/// A contract with an advance and a reserve, and balances of both; `more` stands before it.
fn with_balances(more: &str, split: &str) -> Texts {
    let payee = "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"\n";
    let contract = |name: &str, track: &str, split: &str| {
        format!(
            "[[contract]]\nname = \"{name}\"\nprofile = \"royalty\"\ncurrency = \"USD\"\ntracks = [\"{track}\"]\n\
             [[contract.rate]]\nrate = 0.5\n[[contract.reserve]]\nrate = 0.1\nrelease = {{ 6 = 1 }}\n\
             [[contract.advance]]\nname = \"advance\"\namount = 40\ndate = 2026-01-01\n\
             [[contract.split]]\nname = \"{split}\"\nshares = {{ Ada = 1 }}\n"
        )
    };
    let more = if more.is_empty() {
        String::new()
    } else {
        contract(more, "T0", "all")
    };
    let rows = [
        "T0,US,2026-09,stream,DSP,1,7,USD",
        "T1,US,2026-09,stream,DSP,1,100,USD",
    ];
    let balances = [
        "unrecouped,M,,advance,,USD,12.5,",
        "reserve,M,,all,,USD,3,2026-09-30",
        "carried_forward,,Ada,,,USD,1.25,",
    ];
    Texts::new(
        &(payee.to_owned() + &more + &contract("M", "T1", split)),
        &rows,
    )
    .with_balances(&balances)
}

fn book_of(texts: &Texts) -> Book {
    Book::read(&[(
        "contracts.toml".into(),
        texts.contracts.clone().into_bytes(),
    )])
    .unwrap()
}

/// Accounts are named by numbers, and these change when a contract comes or goes.
#[test]
fn a_contract_that_comes_or_goes_leaves_the_balances_of_the_others_where_they_are() {
    let (alone, joined) = (with_balances("", "all"), with_balances("A", "all"));
    let (before, after) = (alone.settle(), joined.settle());
    assert_eq!(
        everything(&before.with_contracts(book_of(&joined)).unwrap()),
        everything(&after)
    );
    assert_eq!(
        everything(&after.with_contracts(book_of(&alone)).unwrap()),
        everything(&before)
    );
}

#[test]
fn contracts_that_lack_what_a_balance_is_about_are_refused() {
    let renamed = book_of(&with_balances("", "everyone"));
    let fault = with_balances("", "all")
        .settle()
        .with_contracts(renamed)
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("opening balances, line ") && fault.contains("has no split \"all\""),
        "{fault}"
    );
}
