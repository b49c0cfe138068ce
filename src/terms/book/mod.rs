//! Records of contract files into a [`Book`], checked as a whole: every fault is found before any money moves.

mod clauses;
mod contract;
mod groups;
mod parties;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use contract::contract;
pub(crate) use contract::general_split;
use groups::{Group, join_groups};
use parties::{payee, profile, tax};

use crate::ident::Day;
use crate::terms::contracts::{Book, Payee, Profile, Tax};
use crate::terms::input::{Fault, Place, Record, contract_records};
use crate::terms::language::{Clause, Key, RecordKind};
use crate::terms::releases::Releases;

/// The profiles that ship.
const PROFILES: &str = include_str!("../../../assets/profiles.toml");

impl Book {
    /// Reads contract files, in any order.
    ///
    /// # Errors
    /// All faults, each with its place and what to do.
    pub fn read(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<Fault>> {
        let mut reader = BookReader::default();
        reader.take_all(contract_records("profiles.toml", PROFILES.as_bytes())?);
        for (name, bytes) in files {
            match contract_records(name, bytes) {
                Ok(records) => reader.take_all(records),
                Err(faults) => reader.faults.extend(faults),
            }
        }
        reader.finish()
    }
}

#[derive(Default)]
struct BookReader {
    faults: Vec<Fault>,
    payees: BTreeMap<String, Payee>,
    taxes: Vec<Tax>,
    profiles: Vec<Profile>,
    groups: BTreeMap<String, Group>,
    /// Contracts with the records of their clauses. They are read last, when all payees and profiles
    /// are known.
    contracts: BTreeMap<String, (Record, Vec<(Clause, Record)>)>,
    clauses: Vec<(Clause, Record)>,
    releases: Releases,
}

impl BookReader {
    fn take_all(&mut self, records: Vec<Record>) {
        for record in records {
            if let Err(fault) = self.take(record) {
                self.faults.push(fault);
            }
        }
    }

    fn take(&mut self, record: Record) -> Result<(), Fault> {
        let Some(kind) = RecordKind::of_word(&record.kind) else {
            return Err(record.unknown_kind());
        };
        match kind {
            RecordKind::Payee => {
                let payee = payee(record)?;
                let place = payee.place.clone();
                match self.payees.entry(payee.name.clone()) {
                    Entry::Vacant(entry) => drop(entry.insert(payee)),
                    Entry::Occupied(entry) => return Err(there_already(&place, entry.key())),
                }
            }
            RecordKind::Tax => {
                let tax = tax(record)?;
                if self.taxes.iter().any(|t| t.name == tax.name) {
                    return Err(there_already(&tax.place, &tax.name));
                }
                self.taxes.push(tax);
            }
            RecordKind::Profile => {
                let place = record.place.clone();
                let profile = profile(record)?;
                if self.profiles.iter().any(|p| p.name == profile.name) {
                    return Err(there_already(&place, &profile.name));
                }
                self.profiles.push(profile);
            }
            RecordKind::Group => self.take_group(record)?,
            RecordKind::Release => self.releases.take(record)?,
            RecordKind::Contract => {
                let mut record = record;
                let name = record.needed(Key::Name)?;
                if self.contracts.contains_key(&name) {
                    return Err(there_already(&record.place, &name));
                }
                self.contracts.insert(name, (record, Vec::new()));
            }
            RecordKind::Clause(clause) => self.clauses.push((clause, record)),
        }
        Ok(())
    }

    fn take_group(&mut self, mut record: Record) -> Result<(), Fault> {
        let place = record.place.clone();
        let name = record.needed(Key::Name)?;
        let members = record.list(Key::Members)?.unwrap_or_default();
        record.end()?;
        let group = Group {
            members,
            place: place.clone(),
        };
        match self.groups.insert(name.clone(), group) {
            Some(_) => Err(there_already(&place, &name)),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Book, Vec<Fault>> {
        self.give_clauses_to_contracts();
        let mut book = Book {
            payees: self.payees.into_values().collect(),
            taxes: self.taxes,
            profiles: self.profiles,
            releases: self.releases,
            ..Book::default()
        };
        let unknown_taxes = book
            .payees
            .iter()
            .filter_map(|payee| unknown_tax(payee, &book));
        self.faults.extend(unknown_taxes);
        for (name, (record, clauses)) in self.contracts {
            match contract(&book, &name, record, clauses) {
                Ok(contract) => book.contracts.push(contract),
                Err(fault) => self.faults.push(fault),
            }
        }
        if self.faults.is_empty() {
            self.faults = join_groups(&mut book, &self.groups);
        }
        self.faults.sort();
        if self.faults.is_empty() {
            Ok(book)
        } else {
            Err(self.faults)
        }
    }

    fn give_clauses_to_contracts(&mut self) {
        for (clause, record) in std::mem::take(&mut self.clauses) {
            if let Some((_, clauses)) = self.contracts.get_mut(&record.owner) {
                clauses.push((clause, record));
                continue;
            }
            let problem = format!(
                "the contract {:?} of this {} is in none of the files",
                record.owner, record.kind
            );
            let remedy = "correct the name, or give the file that has it";
            let fault = Fault::new(&record.place, "contract", problem, remedy);
            self.faults.push(fault);
        }
    }
}

fn there_already(place: &Place, name: &str) -> Fault {
    let problem = format!("{name:?} is there already");
    Fault::new(place, "name", problem, "give each a name of its own")
}

/// A form of a payee for a tax that nobody has written.
fn unknown_tax(payee: &Payee, book: &Book) -> Option<Fault> {
    let is_unknown = |form: &&(String, Day)| !book.taxes.iter().any(|t| t.name == form.0);
    let (form, _) = payee.forms.iter().find(is_unknown)?;
    let problem = format!("there is no tax {form:?}");
    let remedy = "correct the name, or add the tax";
    Some(Fault::new(&payee.place, "forms", problem, remedy))
}
