//! A query that is a code, or the beginning of one, into the tracks that carry it: straight from
//! the sorted indexes.

use super::Query;
use crate::catalog::{lookup, lookup_upcs, prefix};
use crate::ident::{Isrc, Upc};
use crate::workspace::{Workspace, WorkspaceError, family};

/// Shortest beginning of an ISRC that is looked up: country and registrant.
const MIN_ISRC: usize = 5;
/// Shortest beginning of an id of a DSP that is looked up.
const MIN_DSP_ID: usize = 4;

/// Ids of the tracks whose id, ISRC, UPC or id at a DSP the query is or begins, in that order, each
/// once.
pub(super) fn of_query(
    workspace: &Workspace,
    query: &Query,
    limit: usize,
) -> Result<Vec<String>, WorkspaceError> {
    let mut ids = by_id(workspace, &query.text, limit)?;
    if let Some((low, high)) = isrc_range(&query.text) {
        by_isrc(workspace, low, high, limit, &mut ids)?;
    }
    if let Ok(upc) = Upc::parse(&query.text) {
        let hits = lookup_upcs(workspace, &[upc])?;
        ids.extend(
            hits.of(0)
                .iter()
                .take(limit)
                .map(|hit| hits.id(*hit).to_owned()),
        );
    }
    if query.text.len() >= MIN_DSP_ID {
        by_dsp_id(workspace, &query.text, limit, &mut ids)?;
    }
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids.truncate(limit);
    Ok(ids)
}

fn by_id(workspace: &Workspace, text: &str, limit: usize) -> Result<Vec<String>, WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &lookup::track_key(text))?;
    let mut ids = Vec::new();
    while ids.len() < limit
        && let Some((key, _)) = scan.entry()?
    {
        ids.push(String::from_utf8_lossy(&key[1..]).into_owned());
        scan.step();
    }
    Ok(ids)
}

fn by_isrc(
    workspace: &Workspace,
    low: Isrc,
    high: Isrc,
    limit: usize,
    ids: &mut Vec<String>,
) -> Result<(), WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &[prefix::ISRC])?;
    scan.seek(&lookup::isrc_prefix(low));
    let end = ids.len() + limit;
    while ids.len() < end
        && let Some((key, _)) = scan.entry()?
    {
        let (isrc, track) = lookup::split_isrc_key(key)
            .ok_or_else(|| workspace.damaged("an ISRC of the catalog"))?;
        if isrc > high {
            break;
        }
        ids.push(track);
        scan.step();
    }
    Ok(())
}

/// The first and the last ISRC that begin with a text; hyphens and blanks do not count.
fn isrc_range(text: &str) -> Option<(Isrc, Isrc)> {
    let code: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if !(MIN_ISRC..=12).contains(&code.len()) || !code.is_ascii() {
        return None;
    }
    // An ISRC ends in digits.
    let first = Isrc::parse(&format!("{code:0<12}")).ok()?;
    let last = Isrc::parse(&format!("{code:9<12}")).ok()?;
    Some((first, last))
}

fn by_dsp_id(
    workspace: &Workspace,
    text: &str,
    limit: usize,
    ids: &mut Vec<String>,
) -> Result<(), WorkspaceError> {
    for namespace in namespaces(workspace)? {
        let mut wanted = lookup::dsp_id_prefix(&namespace, text);
        // Without the byte that ends the id, longer ids fit too.
        wanted.pop();
        let start = namespace.len() + 2;
        let mut scan = workspace.scan(family::CATALOG, &wanted)?;
        let end = ids.len() + limit;
        while ids.len() < end
            && let Some((key, _)) = scan.entry()?
        {
            let rest = &key[start..];
            let at = memchr::memchr(0, rest)
                .ok_or_else(|| workspace.damaged("a DSP's id in the catalog"))?;
            ids.push(String::from_utf8_lossy(&rest[at + 1..]).into_owned());
            scan.step();
        }
    }
    Ok(())
}

/// The names under which the catalog has ids of DSPs.
///
/// # Errors
/// [`WorkspaceError`] when the index cannot be read.
fn namespaces(workspace: &Workspace) -> Result<Vec<String>, WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &[prefix::DSP_ID])?;
    let mut names = Vec::new();
    while let Some((key, _)) = scan.entry()? {
        let at = memchr::memchr(0x1F, key)
            .ok_or_else(|| workspace.damaged("a DSP's id in the catalog"))?;
        let name = String::from_utf8_lossy(&key[1..at]).into_owned();
        let mut after = key[..at].to_vec();
        after.push(0x20);
        names.push(name);
        scan.seek(&after);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_isrc_is_a_range() {
        let range = |text| isrc_range(text).map(|(low, high)| (low.to_string(), high.to_string()));
        let want = Some(("USX123000000".to_owned(), "USX123099999".to_owned()));
        assert_eq!(
            range("US-X12-30"),
            want.as_ref()
                .map(|_| ("USX123000000".to_owned(), "USX123099999".to_owned()))
        );
        assert_eq!(range("usx1230"), want);
        assert_eq!(
            range("USX123000001"),
            Some(("USX123000001".to_owned(), "USX123000001".to_owned()))
        );
        assert_eq!(range("USX1"), None);
        assert_eq!(range("wonderwall"), None);
        assert_eq!(range("ÄÖÜÄÖÜ"), None);
    }
}
