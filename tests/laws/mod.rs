//! Laws on random cases: parsing never panics and undoes displaying, sums are exact, allocation conserves money, reading loses no byte.
//!
//! A law is a function that gives back what is wrong, so that a test at the end of each part can show that it finds a thing that breaks it.

mod identifiers {
    use ledgerline::ident::{
        Currency, DateOrder, Day, Isrc, SalePeriod, Territory, Upc, text_key, title_key,
    };
    use ledgerline::money::{Amount, DecimalMark, parse_amount};
    use proptest::prelude::*;

    const ORDERS: [Option<DateOrder>; 4] = [
        None,
        Some(DateOrder::Mdy),
        Some(DateOrder::Dmy),
        Some(DateOrder::Ymd),
    ];

    /// How many codes there are: two letters, three letters or digits, seven digits.
    const ISRCS: u64 = 26 * 26 * 36 * 36 * 36 * 10_000_000;
    /// Largest amount of one row, in 10^-20ths: fifteen digits before and twenty after the point.
    const LARGEST: i128 = 10i128.pow(35) - 1;
    /// Parts of the twentieth digit that are kept beyond it.
    const PARTS: u128 = 10u128.pow(38);

    /// Reads a text as everything that a cell can be; a panic is the only fault.
    fn read_as_everything(text: &str) {
        let _ = Isrc::parse(text);
        let _ = Upc::parse(text);
        let _ = Upc::digits_as_written(text);
        let _ = Currency::parse(text);
        let _ = Territory::parse(text).as_str().len();
        let _ = SalePeriod::from_canonical(text);
        for order in ORDERS {
            let _ = SalePeriod::parse(text, order);
            let _ = SalePeriod::parse_pair(text, text, order);
        }
        let _ = Amount::from_canonical(text);
        let _ = (text_key(text), title_key(text, text));
    }

    fn read_bytes(bytes: &[u8]) {
        let _ = Isrc::parse_bytes(bytes);
        for mark in [DecimalMark::Dot, DecimalMark::Comma] {
            let _ = parse_amount(bytes, mark);
        }
        read_as_everything(&String::from_utf8_lossy(bytes));
    }

    /// Texts that get far into a parser: made of the pieces that cells of this kind are made of.
    fn almost_a_cell() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[0-9]{1,15}",
            "[A-Z]{1,4}",
            "[-+., /:'\"=()_T\u{A0}\u{2212}\u{202F}]{1,3}",
            prop::sample::select(vec![
                "ISRC", "empty:", "US$", "$", "€", "EUR", "kr", "Sept", "January", "FEB", "Q", "Z",
                "am", "E+11", "e-18", ".0", "..", "n/a", "é", "ß", "İ", "ﷺ", "\u{301}", "\u{FEFF}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    fn day() -> impl Strategy<Value = Day> {
        (1900..2200i32, 1..13u32, 1..32u32)
            .prop_filter_map("the calendar has no such day", |(y, m, d)| {
                Day::new(y, m, d).ok()
            })
    }

    fn period() -> impl Strategy<Value = SalePeriod> {
        let range = (day(), day()).prop_map(|(a, b)| {
            SalePeriod::range(a.min(b), a.max(b)).expect("the end is not before the start")
        });
        let months =
            (1900..2200i32, 1..13u32, 1900..2200i32, 1..13u32).prop_map(|(y1, m1, y2, m2)| {
                SalePeriod::months((y1, m1).min((y2, m2)), (y1, m1).max((y2, m2)))
                    .expect("the end is not before the start")
            });
        let month = (1900..2200i32, 1..13u32)
            .prop_map(|(y, m)| SalePeriod::month(y, m).expect("the month exists"));
        prop_oneof![range, months, month, Just(SalePeriod::UNKNOWN)]
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            read_bytes(&bytes);
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            read_bytes(text.as_bytes());
        }

        #[test]
        fn no_text_that_is_almost_a_cell_makes_a_parser_panic(text in almost_a_cell()) {
            read_bytes(text.as_bytes());
        }

        #[test]
        fn an_isrc_is_read_back_and_sorts_as_its_text(a in 0..ISRCS, b in 0..ISRCS) {
            let (a, b) = (Isrc::from_u64(a).unwrap(), Isrc::from_u64(b).unwrap());
            prop_assert_eq!(Isrc::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(Isrc::from_u64(a.to_u64()), Some(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn a_spelling_of_an_isrc_is_twelve_characters_that_read_the_same(
            text in "[ -]?(ISRC|isrc)?[: ]?[A-Za-z]{2}-?[A-Za-z0-9]{3}-?[0-9]{2} ?[0-9]{5}",
        ) {
            let isrc = Isrc::parse(&text);
            prop_assert!(isrc.is_ok(), "{}", text);
            let shown = isrc.unwrap().to_string();
            prop_assert_eq!(shown.len(), 12);
            prop_assert_eq!(Isrc::parse(&shown), isrc);
        }

        #[test]
        fn a_upc_is_read_back_unless_it_looks_rounded(number in 0..100_000_000_000_000u64, zeros in 0..6u32) {
            let number = number / 10u64.pow(zeros) * 10u64.pow(zeros);
            let upc = Upc::from_u64(number).unwrap();
            let looks_rounded = number.is_multiple_of(100_000) && !upc.has_valid_check_digit();
            match Upc::parse(&upc.to_string()) {
                Ok(again) => prop_assert!(again == upc && !looks_rounded),
                Err(error) => prop_assert!(error.is_damage() && looks_rounded, "{upc}"),
            }
        }

        #[test]
        fn a_sale_period_is_read_back(period in period()) {
            let shown = period.to_string();
            prop_assert_eq!(SalePeriod::from_canonical(&shown), Some(period));
            let mut written = Vec::new();
            period.write_to(&mut written);
            prop_assert_eq!(String::from_utf8(written).unwrap(), shown);
        }

        #[test]
        fn a_day_is_read_back_and_follows_the_one_before(day in day()) {
            let (y, m, d) = day.to_ymd();
            prop_assert_eq!(Day::new(y, m, d), Ok(day));
            prop_assert_eq!(day.to_string(), format!("{y:04}-{m:02}-{d:02}"));
            if d > 1 {
                prop_assert!(Day::new(y, m, d - 1).unwrap() < day);
            }
        }

        #[test]
        fn an_amount_is_read_back(raw in any::<i128>(), shift in 0..127u32, rest in 0..PARTS, zeros in 0..39u32) {
            let rest = rest / 10u128.pow(zeros.min(38)) * 10u128.pow(zeros.min(38));
            let amount = Amount::from_parts(raw >> shift, rest).unwrap();
            prop_assert_eq!(amount.to_narrow().is_some(), rest == 0);
            prop_assert_eq!(Amount::from_canonical(&amount.to_string()), Some(amount));
            let mut written = Vec::new();
            amount.write_to(&mut written);
            prop_assert_eq!(String::from_utf8(written).unwrap(), amount.to_string());
        }

        #[test]
        fn an_amount_of_one_row_is_read_back_in_both_conventions(raw in -LARGEST..=LARGEST, shift in 0..116u32, rest in prop_oneof![Just(0), 0..PARTS]) {
            let amount = Amount::from_parts(raw >> shift, rest).unwrap();
            let dot = amount.to_string();
            prop_assert_eq!(parse_amount(dot.as_bytes(), DecimalMark::Dot), Ok(amount));
            prop_assert_eq!(parse_amount(dot.replace('.', ",").as_bytes(), DecimalMark::Comma), Ok(amount));
        }

        #[test]
        fn an_exponent_moves_the_point_and_loses_nothing(digits in "[1-9][0-9]{0,30}", before in 1..31usize, power in -20..=9i32, upper in any::<bool>()) {
            let before = before.min(digits.len()).min(6);
            let (whole, fraction) = digits.split_at(before);
            let point = if fraction.is_empty() { "" } else { "." };
            let letter = if upper { 'E' } else { 'e' };
            let zeros = "0".repeat(20);
            let at = (zeros.len() + before).checked_add_signed(power as isize).unwrap();
            let all = format!("{zeros}{digits}{zeros}");
            let plain = format!("{}.{}", &all[..at], &all[at..]);
            let want = parse_amount(plain.as_bytes(), DecimalMark::Dot).unwrap();
            prop_assert_eq!(parse_amount(format!("{whole}{point}{fraction}{letter}{power}").as_bytes(), DecimalMark::Dot), Ok(want));
        }

        #[test]
        fn keys_of_titles_do_not_change_when_taken_again(title in "[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Z}]{0,20}", version in "[ -~]{0,12}") {
            // No marks of their own: behind an apostrophe, which is deleted, they would join another letter and be sorted anew.
            let key = title_key(&title, &version);
            prop_assert_eq!(text_key(&key), key.clone());
            prop_assert_eq!(title_key(&title.to_lowercase(), &version.to_uppercase()), title_key(&title.to_lowercase(), &version));
        }
    }

    #[test]
    fn a_text_that_was_changed_on_its_way_would_be_noticed() {
        // The laws compare with what went in: one digit more or less is another value.
        let isrc = Isrc::from_u64(7).unwrap();
        assert_ne!(Isrc::parse(&isrc.to_string().replace('7', "8")), Ok(isrc));
        assert_ne!(
            SalePeriod::from_canonical("2026-09"),
            SalePeriod::from_canonical("2026-10")
        );
        assert_ne!(
            SalePeriod::from_canonical("2026-09-01..2026-10-01"),
            SalePeriod::from_canonical("2026-09..2026-10")
        );
        assert_ne!(
            Amount::from_canonical("0.00000000000000000001"),
            Some(Amount::ZERO)
        );
        assert!(
            std::panic::catch_unwind(|| read_bytes(b"x".repeat(3).get(4..).unwrap())).is_err(),
            "a panic is a fault"
        );
    }
}

mod sums {
    use ledgerline::money::{Amount, DecimalMark, REST_SCALE, SCALE, parse_amount};
    use num_bigint::BigInt;
    use num_rational::Ratio;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;

    /// An amount as a report writes it: up to fifteen digits before and forty after the point, mostly up to twenty.
    fn amount_text() -> impl Strategy<Value = String> {
        let fraction = (
            0..100_000_000_000_000_000_000u128,
            0..100_000_000_000_000_000_000u128,
        );
        (
            any::<bool>(),
            1..=15usize,
            prop_oneof![0..=20usize, 0..=40usize],
            0..1_000_000_000_000_000u64,
            fraction,
        )
            .prop_map(
                |(is_negative, whole_digits, fraction_digits, whole, (upper, lower))| {
                    let (whole, fraction) =
                        (format!("{whole:015}"), format!("{upper:020}{lower:020}"));
                    let point = if fraction_digits > 0 { "." } else { "" };
                    format!(
                        "{}{}{point}{}",
                        if is_negative { "-" } else { "" },
                        &whole[15 - whole_digits..],
                        &fraction[..fraction_digits]
                    )
                },
            )
    }

    /// The same number as a fraction, by the schoolbook.
    fn exact(text: &str) -> Ratio<BigInt> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits: BigInt = format!("{whole}{fraction}")
            .parse()
            .expect("it has only digits");
        Ratio::new(digits, BigInt::from(10).pow(fraction.len() as u32))
    }

    /// Law: the sum of the parsed amounts is the sum of the fractions, to the last digit.
    fn sum_is_exact<'a>(
        texts: impl Iterator<Item = &'a String>,
        want: &Ratio<BigInt>,
    ) -> Result<(), String> {
        let mut sum = Amount::ZERO;
        for text in texts {
            let amount = parse_amount(text.as_bytes(), DecimalMark::Dot)
                .map_err(|e| format!("{text}: {e}"))?;
            sum = sum.plus(amount).map_err(|e| e.to_string())?;
        }
        let parts = BigInt::from(sum.floor_raw()) * BigInt::from(10).pow(REST_SCALE) + sum.rest();
        let got = Ratio::new(parts, BigInt::from(10).pow(SCALE + REST_SCALE));
        if got == *want && exact(&sum.to_string()) == *want {
            Ok(())
        } else {
            Err(format!("{sum} is not {want}"))
        }
    }

    /// Any amount at all.
    fn any_amount() -> impl Strategy<Value = Amount> {
        (
            any::<i128>(),
            prop_oneof![Just(0), 0..10u128.pow(REST_SCALE)],
        )
            .prop_map(|(raw, rest)| Amount::from_parts(raw, rest).unwrap())
    }

    fn exact_sum(texts: &[String]) -> Ratio<BigInt> {
        texts
            .iter()
            .fold(Ratio::from_integer(BigInt::ZERO), |sum, text| {
                sum + exact(text)
            })
    }

    /// The same hundred thousand amounts in every run.
    fn many_amounts() -> Vec<String> {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let strategy = amount_text();
        (0..100_000)
            .map(|_| {
                strategy
                    .new_tree(&mut runner)
                    .expect("nothing is filtered")
                    .current()
            })
            .collect()
    }

    #[test]
    fn a_hundred_thousand_amounts_have_the_same_exact_sum_in_any_order() {
        let mut texts = many_amounts();
        let want = exact_sum(&texts);
        sum_is_exact(texts.iter(), &want).unwrap();
        sum_is_exact(texts.iter().rev(), &want).unwrap();
        texts.sort_by_key(|text| blake3::hash(text.as_bytes()).to_hex().to_string());
        sum_is_exact(texts.iter(), &want).unwrap();
        // By the digits from behind: small and large amounts, of both signs, well mixed.
        texts.sort_by_key(|text| text.chars().rev().collect::<String>());
        sum_is_exact(texts.iter(), &want).unwrap();
    }

    proptest! {
        #[test]
        fn any_amounts_have_an_exact_sum(texts in prop::collection::vec(amount_text(), 0..300)) {
            let law = sum_is_exact(texts.iter(), &exact_sum(&texts));
            prop_assert_eq!(law, Ok(()));
        }

        #[test]
        fn a_sum_is_undone_by_the_difference((a, b) in (any_amount(), any_amount())) {
            let half = |amount: Amount| Amount::from_parts(amount.floor_raw() >> 2, amount.rest()).unwrap();
            let (a, b) = (half(a), half(b));
            let sum = a.plus(b).expect("a quarter of the range twice fits");
            prop_assert_eq!(a.cmp(&b), a.minus(b).unwrap().cmp(&Amount::ZERO));
            prop_assert_eq!(a.minus(b), Ok(b.minus(a).unwrap().negated()));
            prop_assert_eq!(sum.minus(b), Ok(a));
            prop_assert_eq!(b.plus(a), Ok(sum));
        }

        #[test]
        fn a_sum_fits_or_is_an_error((a, b) in (any_amount(), any_amount())) {
            let of = |amount: Amount| BigInt::from(amount.floor_raw()) * BigInt::from(10).pow(REST_SCALE) + amount.rest();
            let one = BigInt::from(10).pow(REST_SCALE);
            for (got, want) in [(a.plus(b), of(a) + of(b)), (a.minus(b), of(a) - of(b))] {
                match got {
                    Ok(sum) => prop_assert_eq!(of(sum), want),
                    Err(_) => prop_assert!(want >= (BigInt::from(i128::MAX) + 1) * &one || want < BigInt::from(i128::MIN) * &one),
                }
            }
        }
    }

    #[test]
    fn one_lost_digit_among_many_amounts_would_be_noticed() {
        let texts = many_amounts();
        let mut want = exact_sum(&texts);
        want += Ratio::new(BigInt::from(1), BigInt::from(10).pow(SCALE + REST_SCALE));
        assert!(sum_is_exact(texts.iter(), &want).is_err());
        assert!(sum_is_exact(texts[1..].iter(), &exact_sum(&texts)).is_err());
    }

    #[expect(
        clippy::float_arithmetic,
        reason = "it shows what binary floating point would make of the same amounts"
    )]
    fn float_sum<'a>(texts: impl Iterator<Item = &'a String>) -> String {
        let mut sum = 0.0f64;
        for text in texts {
            sum += text.parse::<f64>().expect("it is a decimal number");
        }
        format!("{sum:.20}")
    }

    #[test]
    fn floating_point_would_not_pass() {
        let texts = many_amounts();
        let want = exact_sum(&texts);
        let (forwards, backwards) = (float_sum(texts.iter()), float_sum(texts.iter().rev()));
        assert_ne!(exact(&forwards), want);
        assert_ne!(exact(&backwards), want);
        assert_ne!(forwards, backwards, "it depends on the order");
    }
}

mod allocation {
    use ledgerline::money::{
        Allocation, Amount, REST_SCALE, Ratio, SCALE, allocate, divide, split, spread,
    };
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn unit(minor_digits: u32) -> i128 {
        10i128.pow(SCALE - minor_digits)
    }

    fn total(amounts: &[Amount]) -> BigInt {
        amounts.iter().map(|a| of(*a)).sum()
    }

    /// So many 10^-58ths.
    fn of(amount: Amount) -> BigInt {
        BigInt::from(amount.floor_raw()) * BigInt::from(10).pow(REST_SCALE) + amount.rest()
    }

    fn negated(amounts: &[Amount]) -> Vec<Amount> {
        amounts.iter().map(|a| a.negated()).collect()
    }

    /// Law: whole units, each less than one from the exact amount; with the rounding, which is at most half a unit, they add up exactly.
    fn conserves(exact: &[Amount], got: &Allocation, minor_digits: u32) -> Result<(), String> {
        let unit = of(Amount::from_raw(unit(minor_digits)));
        if got.payable.len() != exact.len() {
            return Err("not as many payable amounts as exact ones".into());
        }
        if total(&got.payable) + of(got.rounding) != total(exact) {
            return Err(format!(
                "{:?} and {} are not the sum of {exact:?}",
                got.payable, got.rounding
            ));
        }
        if of(got.rounding).magnitude() * 2u32 > *unit.magnitude() {
            return Err(format!("{} was rounded away", got.rounding));
        }
        match exact.iter().zip(&got.payable).find(|(e, p)| {
            of(**p) % &unit != BigInt::ZERO || (of(**p) - of(**e)).magnitude() >= unit.magnitude()
        }) {
            Some((e, p)) => Err(format!("{e} became {p}")),
            None => Ok(()),
        }
    }

    /// How many amounts of each remainder were rounded up. Where remainders are equal the earlier amount comes first, so this, and not
    /// who it was, is free of the order.
    fn rounded_up(
        exact: &[Amount],
        payable: &[Amount],
        minor_digits: u32,
    ) -> Vec<((i128, u128), bool)> {
        let mut all: Vec<_> = exact
            .iter()
            .zip(payable)
            .map(|(e, p)| (remainder(*e, minor_digits), p > e))
            .collect();
        all.sort_unstable();
        all
    }

    /// What an amount has above whole units.
    fn remainder(amount: Amount, minor_digits: u32) -> (i128, u128) {
        (
            amount.floor_raw().rem_euclid(unit(minor_digits)),
            amount.rest(),
        )
    }

    fn has_equal_remainders(exact: &[Amount], minor_digits: u32) -> bool {
        let mut remainders: Vec<(i128, u128)> =
            exact.iter().map(|a| remainder(*a, minor_digits)).collect();
        remainders.sort_unstable();
        remainders.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Payable amounts in the order of their exact ones.
    fn matched(exact: &[Amount], payable: &[Amount]) -> Vec<(Amount, Amount)> {
        let mut pairs: Vec<_> = exact.iter().copied().zip(payable.iter().copied()).collect();
        pairs.sort_unstable();
        pairs
    }

    /// Amounts of every size, with few digits (many equal remainders), with many, and such that add up to nothing.
    fn amounts() -> impl Strategy<Value = Vec<Amount>> {
        let tenths_of_a_cent = (-20_000..20_000i128).prop_map(|n| n * unit(3));
        let full = (any::<i128>(), 15..120u32).prop_map(|(raw, shift)| raw >> shift);
        let rest = prop_oneof![Just(0), Just(5 * 10u128.pow(37)), 0..10u128.pow(REST_SCALE)];
        let amount = (prop_oneof![tenths_of_a_cent, full], rest)
            .prop_map(|(raw, rest)| Amount::from_parts(raw, rest).unwrap());
        (prop::collection::vec(amount, 0..40), any::<bool>()).prop_map(
            |(mut amounts, is_balanced)| {
                if is_balanced {
                    amounts.push(Amount::sum(amounts.iter().copied()).unwrap().negated());
                }
                amounts
            },
        )
    }

    /// Law: parts add up to the whole, mirrored parts to the mirrored whole.
    fn parts_add_up(whole: Amount, parts: &[Amount], mirrored: &[Amount]) -> Result<(), String> {
        if total(parts) != of(whole) || negated(mirrored) != parts {
            return Err(format!(
                "{parts:?} and {mirrored:?} are no parts of {whole}"
            ));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn allocation_conserves_money(exact in amounts(), digits in 0..5u32) {
            let law = conserves(&exact, &allocate(&exact, digits).unwrap(), digits);
            prop_assert_eq!(law, Ok(()));
        }

        #[test]
        fn allocation_of_negative_amounts_is_the_mirror_image(exact in amounts(), digits in 0..5u32) {
            let (got, mirrored) = (allocate(&exact, digits).unwrap(), allocate(&negated(&exact), digits).unwrap());
            prop_assert_eq!(negated(&mirrored.payable), got.payable);
            prop_assert_eq!(mirrored.rounding.negated(), got.rounding);
        }

        #[test]
        fn parts_of_an_amount_add_up_to_its_last_digit(exact in amounts(), weights in prop::collection::vec(0..100u32, 1..8)) {
            let sum = i64::from(weights.iter().sum::<u32>());
            prop_assume!(sum > 0);
            let shares: Vec<Ratio> = weights.iter().map(|w| Ratio::new(i64::from(*w), sum).unwrap()).collect();
            for &whole in &exact {
                prop_assert_eq!(parts_add_up(whole, &split(whole, &weights), &split(whole.negated(), &weights)), Ok(()));
                prop_assert_eq!(parts_add_up(whole, &divide(whole, &shares).unwrap(), &divide(whole.negated(), &shares).unwrap()), Ok(()));
                if let (Ok(parts), Ok(mirrored)) = (spread(whole, &exact), spread(whole.negated(), &exact)) {
                    prop_assert_eq!(parts_add_up(whole, &parts, &mirrored), Ok(()));
                }
                let part = shares[0].of(whole).unwrap();
                prop_assert_eq!(shares[0].of(whole.negated()).unwrap(), part.negated());
                prop_assert_eq!(whole.minus(part).unwrap().plus(part), Ok(whole), "whoever takes the counterpart takes the difference");
            }
        }

        #[test]
        fn allocation_does_not_depend_on_the_order(
            (exact, shuffled) in amounts().prop_flat_map(|exact| (Just(exact.clone()), Just(exact).prop_shuffle())),
            digits in 0..5u32,
        ) {
            let (got, again) = (allocate(&exact, digits).unwrap(), allocate(&shuffled, digits).unwrap());
            prop_assert_eq!(got.rounding, again.rounding);
            prop_assert_eq!(rounded_up(&exact, &got.payable, digits), rounded_up(&shuffled, &again.payable, digits));
            if !has_equal_remainders(&exact, digits) {
                prop_assert_eq!(matched(&exact, &got.payable), matched(&shuffled, &again.payable));
            }
        }
    }

    #[test]
    fn rounding_each_amount_by_itself_and_other_mistakes_would_be_noticed() {
        let amounts = |texts: &[&str]| {
            texts
                .iter()
                .map(|t| Amount::from_canonical(t).unwrap())
                .collect::<Vec<_>>()
        };
        let exact = amounts(&["0.004", "0.004", "0.004"]);
        let wrong = |payable: &[&str], rounding: &str| {
            let allocation = Allocation {
                payable: amounts(payable),
                rounding: Amount::from_canonical(rounding).unwrap(),
            };
            conserves(&exact, &allocation, 2)
        };
        assert_eq!(wrong(&["0", "0.01", "0"], "0.002"), Ok(()));
        assert!(
            wrong(&["0", "0", "0"], "0.012").is_err(),
            "each by itself: more than half a unit is lost"
        );
        assert!(wrong(&["0", "0", "0"], "0").is_err(), "and in silence");
        assert!(
            wrong(&["0.02", "0", "-0.01"], "0.002").is_err(),
            "more than a unit from the exact amount"
        );
        assert!(wrong(&["0.012", "0", "0"], "0").is_err(), "no whole unit");
        assert!(wrong(&["0.01"], "0.002").is_err(), "someone is left out");
        // Who comes first gets it, whatever the remainders: that would depend on the order.
        let (one, other) = (amounts(&["0.001", "0.007"]), amounts(&["0.007", "0.001"]));
        let first = amounts(&["0.01", "0"]);
        assert_ne!(rounded_up(&one, &first, 2), rounded_up(&other, &first, 2));
        assert_ne!(matched(&one, &first), matched(&other, &first));
    }
}

mod reading {
    use ledgerline::statement::records::{Dialect, ReadRows, RecordEnd, RowReader, read_rows};
    use proptest::prelude::*;

    type Table = Vec<Vec<String>>;

    fn written(table: &Table) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(Vec::new());
        for row in table {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn texts(read: &ReadRows) -> Table {
        read.rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect()
            })
            .collect()
    }

    /// Law: the cells that were written are read, and nothing is odd about them.
    fn reads_back(table: &Table, read: &ReadRows) -> Result<(), String> {
        if texts(read) == *table && read.flags.is_empty() {
            Ok(())
        } else {
            Err(format!("{read:?}\nis not\n{table:?}"))
        }
    }

    /// Tables in which a cell over several lines has no separator in it, nor has its row. With separators such a line could be a row by
    /// itself, and then it is taken for one on purpose (a stray quote must not swallow rows) and flagged: see the law after it.
    fn table() -> impl Strategy<Value = Table> {
        let cell_with_separators = "[a-c,;\"' \t]{0,6}";
        let cell_with_lines = "[a-c;\"' \t\r\n]{0,6}";
        (2..7usize).prop_flat_map(move |columns| {
            let row = prop_oneof![
                prop::collection::vec(cell_with_separators, columns),
                prop::collection::vec(cell_with_lines, columns)
            ];
            prop::collection::vec(row, 1..9)
        })
    }

    fn any_table() -> impl Strategy<Value = Table> {
        (2..7usize).prop_flat_map(|columns| {
            prop::collection::vec(prop::collection::vec("[ab,\"\r\n]{0,6}", columns), 1..9)
        })
    }

    /// Law: rows lie one behind the other from the first byte to the last, and so do their lines.
    fn accounts_for_every_byte(
        bytes: &[u8],
        dialect: &Dialect,
        rows: &[(usize, usize, usize, u64, u64)],
    ) -> Result<(), String> {
        let (mut at, mut line_at, mut taken) = (0, 0, 0);
        for &(start, end, next, line, lines) in rows {
            // A row behind a lone carriage return begins within the line before.
            let line_begins = if lines == 0 {
                at > 0 && line + 1 == line_at
            } else {
                line == line_at
            };
            let is_in_order =
                start == at && end >= start && next >= end && next > start && line_begins;
            if !is_in_order {
                return Err(format!(
                    "a row at {start}..{end} with line {line}, where the one before had ended at {at} with line {line_at}"
                ));
            }
            taken += next - start;
            (at, line_at) = (next, line + lines.max(1));
        }
        let ends = bytes.iter().filter(|b| **b == dialect.line_end()).count() as u64;
        let physical_lines =
            ends + u64::from(bytes.last().is_some_and(|b| *b != dialect.line_end()));
        if (taken, line_at) == (bytes.len(), physical_lines) {
            return Ok(());
        }
        Err(format!(
            "{taken} bytes in {line_at} lines are accounted for, there are {} in {physical_lines}",
            bytes.len()
        ))
    }

    /// Reads all rows, every cell of them too; start, end and next of each, its line and how many it takes.
    fn spans(
        bytes: &[u8],
        dialect: &Dialect,
        columns: usize,
    ) -> Vec<(usize, usize, usize, u64, u64)> {
        let mut reader = RowReader::new(bytes, dialect, columns);
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row() {
            let longest = row.cells().map(<[u8]>::len).max().unwrap_or(0);
            assert!(longest <= row.span.len() && row.cell(row.len()).is_empty());
            assert!(
                row.is_empty() || columns == 0 || row.flags.is_ragged == (row.len() != columns)
            );
            rows.push((
                row.span.start,
                row.span.end,
                row.next,
                row.line,
                u64::from(row.lines),
            ));
        }
        rows
    }

    fn dialects(bytes: &[u8]) -> Vec<Dialect> {
        let usual = Dialect::new(b',');
        [
            usual.clone(),
            Dialect::new(b'\t'),
            Dialect {
                delimiter: b",,".to_vec(),
                ..usual.clone()
            },
            Dialect {
                escape: Some(b'\\'),
                ..usual.clone()
            },
            Dialect {
                escape: None,
                ..usual.clone()
            },
            Dialect {
                quote: None,
                escape: None,
                ..usual.clone()
            },
            Dialect {
                record_end: RecordEnd::CrLf,
                ..usual.clone()
            },
            Dialect {
                record_end: RecordEnd::Cr,
                ..usual
            },
        ]
        .map(|dialect| dialect.decided(bytes))
        .to_vec()
    }

    fn check_every_dialect(bytes: &[u8]) -> Result<(), String> {
        for dialect in dialects(bytes) {
            for columns in 0..=6 {
                let rows = spans(bytes, &dialect, columns);
                accounts_for_every_byte(bytes, &dialect, &rows)
                    .map_err(|fault| format!("{columns} columns, {dialect:?}: {fault}"))?;
            }
            let _ = read_rows(bytes, &dialect);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn tables_are_read_back(table in table()) {
            let law = reads_back(&table, &read_rows(&written(&table), &Dialect::default()));
            prop_assert_eq!(law, Ok(()));
        }

        #[test]
        fn any_table_is_read_back_or_flagged(table in any_table()) {
            let read = read_rows(&written(&table), &Dialect::default());
            if read.flags.is_empty() {
                prop_assert_eq!(texts(&read), table);
            } else {
                // Up to the first flagged row nothing is different.
                let row = read.flags[0].row as usize;
                prop_assert_eq!(&texts(&read)[..row], &table[..row]);
            }
        }

        #[test]
        fn every_byte_belongs_to_one_row(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(check_every_dialect(&bytes), Ok(()));
        }

        #[test]
        fn every_byte_of_odd_quoting_belongs_to_one_row(
            bytes in prop::collection::vec(prop::sample::select(b"ab,,\"\"\n\n\r\t\\ ".to_vec()), 0..120),
        ) {
            prop_assert_eq!(check_every_dialect(&bytes), Ok(()));
        }
    }

    proptest! {
        // Longer than what the reader looks at at once (64 KiB), so fewer of them.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_byte_of_a_long_text_belongs_to_one_row(
            pieces in prop::collection::vec(prop_oneof![
                8 => "[a-z]{1,8}(,[a-z]{0,8}){2}\n",
                1 => "\"[a-z]{1,20}\n[a-z,]{1,20}\",x,y\n",
                1 => "[a-z,\"\n\r]{1,40}",
                1 => Just("long,".repeat(4_000)),
            ], 50..200),
            repeat in 1..40usize,
            columns in 0..=6usize,
        ) {
            let bytes = pieces.concat().repeat(repeat).into_bytes();
            let bytes = &bytes[..bytes.len().min(1 << 20)];
            let dialect = Dialect::default().decided(bytes);
            prop_assert_eq!(accounts_for_every_byte(bytes, &dialect, &spans(bytes, &dialect, columns)), Ok(()));
        }
    }

    #[test]
    fn a_swallowed_row_and_a_skipped_byte_would_be_noticed() {
        let table: Table = (0..100)
            .map(|n| vec![n.to_string(), "x".into(), "y".into()])
            .collect();
        let bytes = written(&table);
        assert_eq!(
            reads_back(&table, &read_rows(&bytes, &Dialect::default())),
            Ok(())
        );
        // The usual reader, given one stray quote, ends with half of the rows and no error; the law sees it.
        let stray = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("\n50,x,", "\n50,x,\"")
            .into_bytes();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&stray[..]);
        let usual: Vec<Vec<Vec<u8>>> = reader
            .byte_records()
            .map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect())
            .collect();
        assert_eq!(usual.len(), 51);
        assert!(
            reads_back(
                &table,
                &ReadRows {
                    rows: usual,
                    flags: Vec::new()
                }
            )
            .is_err()
        );
        assert!(
            reads_back(&table, &read_rows(&stray, &Dialect::default())).is_err(),
            "a flag is not silence"
        );
        // A row left out, a row twice, and one that ends a byte early.
        let dialect = Dialect::default().decided(&bytes);
        let rows = spans(&bytes, &dialect, 3);
        assert_eq!(accounts_for_every_byte(&bytes, &dialect, &rows), Ok(()));
        let without = [&rows[..7], &rows[8..]].concat();
        let twice = [&rows[..8], &rows[7..]].concat();
        let mut short = rows.clone();
        short[99].2 -= 1;
        for wrong in [without, twice, short, rows[..99].to_vec()] {
            assert!(accounts_for_every_byte(&bytes, &dialect, &wrong).is_err());
        }
    }
}
