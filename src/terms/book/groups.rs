//! Contracts whose accounts are joined.

use std::collections::{BTreeMap, BTreeSet};

use crate::ident::Currency;
use crate::terms::contracts::Book;
use crate::terms::input::{Fault, Place};

/// A group as written.
pub(super) struct Group {
    /// Names of contracts, and of other groups.
    pub members: Vec<String>,
    pub place: Place,
}

/// Joins contracts. Groups may have groups as members. A group that contains itself, and a contract
/// in two groups, are faults.
pub(super) fn join_groups(book: &mut Book, groups: &BTreeMap<String, Group>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = groups
        .iter()
        .filter_map(|(name, group)| contains_itself(name, group, groups))
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    let inner: BTreeSet<&String> = groups
        .values()
        .flat_map(|group| &group.members)
        .filter(|member| groups.contains_key(*member))
        .collect();
    for (name, group) in groups.iter().filter(|(name, _)| !inner.contains(name)) {
        let number = book.groups.len();
        book.groups.push(name.clone());
        let mut currency = None;
        for member in contracts_of(name, groups) {
            faults.extend(join(book, member, number, &group.place, &mut currency));
        }
    }
    faults
}

/// Joins one contract; `currency` is that of the first of the group.
fn join(
    book: &mut Book,
    member: &str,
    number: usize,
    place: &Place,
    currency: &mut Option<Currency>,
) -> Vec<Fault> {
    let fault = |problem: String, remedy: &str| Fault::new(place, "members", problem, remedy);
    let Some(index) = book.contract(member) else {
        return vec![fault(
            format!("there is no contract {member:?}"),
            "correct the name, or give the file that has it",
        )];
    };
    let mut faults = Vec::new();
    let contract = &mut book.contracts[index.index()];
    if let Some(other) = contract.group.replace(number) {
        let problem = format!(
            "contract {member:?} is in the groups {:?} and {:?}",
            book.groups[other], book.groups[number]
        );
        faults.push(fault(problem, "leave it in one of them"));
    }
    let first = *currency.get_or_insert(contract.currency);
    if first != contract.currency {
        let problem = format!(
            "accounts of the group are kept in {first} and {}",
            contract.currency
        );
        let remedy = "keep accounts that are joined in one currency";
        faults.push(fault(problem, remedy));
    }
    faults
}

fn contains_itself(name: &str, group: &Group, groups: &BTreeMap<String, Group>) -> Option<Fault> {
    let cycle = cycle(name, groups, &mut vec![name])?;
    Some(Fault::new(
        &group.place,
        "members",
        format!("the group contains itself: {cycle}"),
        "take one of them out of the other",
    ))
}

fn members<'a>(name: &str, groups: &'a BTreeMap<String, Group>) -> &'a [String] {
    groups.get(name).map_or(&[], |group| &group.members)
}

fn cycle<'a>(
    name: &'a str,
    groups: &'a BTreeMap<String, Group>,
    path: &mut Vec<&'a str>,
) -> Option<String> {
    for member in members(name, groups) {
        if let Some(start) = path.iter().position(|p| p == member) {
            let mut names = path[start..].to_vec();
            names.push(member);
            return Some(names.join(" > "));
        }
        path.push(member);
        if let Some(found) = cycle(member, groups, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

/// The contracts of a group, those of its groups among them.
fn contracts_of<'a>(name: &str, groups: &'a BTreeMap<String, Group>) -> Vec<&'a str> {
    let members = members(name, groups).iter();
    members
        .flat_map(|member| {
            if groups.contains_key(member) {
                contracts_of(member, groups)
            } else {
                vec![member.as_str()]
            }
        })
        .collect()
}
