"""The benchmark's job in DuckDB: read, normalize, resolve, totals by status, payout per payee, and with --lines every row.

Written the way a good SQL author would for speed, not as a row-by-row program:

* the statement is read once with every column typed beforehand (no sniffing), and grouped to distinct items at once, so that
  only some hundred thousand items are resolved and never a row;
* titles are turned into keys only where a title decides (shared ISRCs, and rows without an ISRC);
* with --lines the statement is read a second time and joined to the resolved items, on one 64-bit hash of the five columns
  that tell items apart: faster than joining on five texts, and as exact, because every row belongs to one of the items
  and their hashes are checked to differ;
* amounts are DECIMAL(38,20), which DuckDB adds as 128-bit integers: exact.

Two things are easier here than in Ledgerline, in DuckDB's favor: the `row` column of lines.csv is empty (numbering the rows
makes DuckDB read the file with one thread; --row-numbers does it nevertheless), and the row order is free. Rules that do not
occur in the generated data are left out: decisions, durations, damaged UPCs, several ids in one cell, `ISRC` prefixes.
"""

import argparse
import json
import os
import resource
import sys
import time

import duckdb

STATEMENT_COLUMNS = [
    "Adjustment Type", "Day", "Country", "Asset ID", "Asset Title", "Asset Labels", "Asset Channel ID", "Asset Type",
    "Custom ID", "ISRC", "UPC", "GRid", "Artist", "Album", "Label", "Administer Publish Rights", "Owned Views",
    "YouTube Revenue Split : Auction", "YouTube Revenue Split : Reserved",
    "YouTube Revenue Split : Partner Sold YouTube Served", "YouTube Revenue Split : Partner Sold Partner Served",
    "YouTube Revenue Split", "Partner Revenue : Auction", "Partner Revenue : Reserved",
    "Partner Revenue : Partner Sold YouTube Served", "Partner Revenue : Partner Sold Partner Served", "Partner Revenue",
]
STATEMENT_TYPES = {"Owned Views": "BIGINT", "Partner Revenue": "DECIMAL(38,20)"}
CATALOG_COLUMNS = [
    "track_id", "isrc", "upc", "title", "version", "artist", "label", "duration", "release_title", "catalog_number",
    "payee", "youtube_asset_id",
]

# The macros say once what the codes and titles are compared as.
MACROS = r"""
create macro isrc_code(cell) as nullif(replace(replace(upper(cell), '-', ''), ' ', ''), '');
create macro not_given(cell) as lower(trim(cell)) in
    ('', 'n/a', 'na', 'none', 'null', 'nan', '-', '--', 'unknown', 'no isrc', 'no upc', '0', '#n/a');
create macro is_isrc(code) as regexp_full_match(code, '[A-Z]{2}[A-Z0-9]{3}[0-9]{7}');
create macro gtin_14(cell) as
    case when regexp_full_match(cell, '[0-9]{8}|[0-9]{11,14}') then lpad(cell, 14, '0') end;
create macro title_key(words) as trim(regexp_replace(
    regexp_replace(lower(strip_accents(words)), '[''’ʼ‘`´]', '', 'g'), '[^\p{L}\p{N}]+', ' ', 'g'));
create macro decimal_text(amount) as
    case when amount = 0 then '0' else rtrim(rtrim(amount::varchar, '0'), '.') end;
create macro text_cell(words) as case when left(words, 1) in ('=', '+', '-', '@') then '''' || words else words end;
"""

# One row per track with its codes in comparable form. Only what resolving and paying needs.
CATALOG = """
create {temporary} table catalog as
select track_id, isrc_code(isrc) as isrc, gtin_14(upc) as upc, title || ' ' || version as title, label, payee,
       nullif(youtube_asset_id, '') as asset_id
from {catalog}
"""

ITEMS = """
create temporary table items as
select row_number() over () as item, *,
       case when is_isrc(isrc_code(isrc_cell)) then isrc_code(isrc_cell) end as isrc,
       not not_given(isrc_cell) as isrc_given,
       gtin_14(replace(replace(upc_cell, ' ', ''), '-', '')) as upc,
       not not_given(upc_cell) as upc_given
from (
    select "ISRC" as isrc_cell, "UPC" as upc_cell, "Asset ID" as asset_id, "Asset Title" as title, "Label" as label,
           count(*) as rows, sum("Owned Views") as quantity, sum("Partner Revenue") as amount
    from {statement}
    group by all
)
"""

# Each narrowing keeps the candidates that fit when any of them fits. `left_n` counts what is left after it.
RESOLVE = """
create temporary table by_isrc as
select item, track_id, payee, items.upc = catalog.upc as upc_fits, items.title as item_title, catalog.title as title,
       items.label as item_label, catalog.label as label, count(*) over (partition by item) as n
from items join catalog using (isrc);

create temporary table by_isrc_one as
select item, track_id, payee, 'isrc' as reason from by_isrc where n = 1;

create temporary table shared_upc as
select *, count(*) over (partition by item) as left_upc,
       title_key(title) = title_key(item_title) as title_fits
from (select *, coalesce(bool_or(upc_fits) over (partition by item), false) as any_fits from by_isrc where n > 1)
where not any_fits or coalesce(upc_fits, false);

create temporary table shared_title as
select *, count(*) over (partition by item) as left_title, title_key(label) = title_key(item_label) as label_fits
from (select *, bool_or(title_fits) over (partition by item) as any_title from shared_upc)
where not any_title or title_fits;

create temporary table shared_label as
select *, count(*) over (partition by item) as left_label
from (select *, bool_or(label_fits) over (partition by item) as any_label from shared_title)
where not any_label or label_fits;

create temporary table by_isrc_shared as
select item, any_value(track_id) as track_id, any_value(payee) as payee, min(left_label) as left_label,
       case when min(left_upc) = 1 then 'isrc_upc' when min(left_title) = 1 then 'isrc_title'
            when min(left_label) = 1 then 'isrc_label' else 'isrc_shared' end as reason
from shared_label group by item;

create temporary table open_items as
select * from items anti join by_isrc using (item);

create temporary table by_asset as
select item, any_value(track_id) as track_id, any_value(payee) as payee, count(*) as n
from open_items join catalog using (asset_id) group by item;

create temporary table by_upc as
select item, any_value(track_id) filter (fits) as track_id, any_value(payee) filter (fits) as payee,
       count(*) filter (fits) as n
from (
    select item, track_id, payee, title_key(catalog.title) = title_key(open_items.title) as fits
    from (select * from open_items anti join by_asset using (item)) as open_items join catalog using (upc)
    where not isrc_given
)
group by item;

create temporary table resolved as
select items.item, isrc_cell, upc_cell, items.asset_id, title, label, rows, quantity, amount,
       coalesce(isrc, isrc_cell) as isrc,
       case when items.upc is null then upc_cell else replace(replace(upc_cell, ' ', ''), '-', '') end as upc,
       case when one.item is not null then 'matched'
            when shared.item is not null then if(left_label = 1, 'matched', 'ambiguous')
            when asset.item is not null then if(asset.n = 1, 'matched', 'ambiguous')
            when by_upc.n = 1 then 'matched'
            when by_upc.n > 1 then 'ambiguous'
            else 'unmatched' end as status,
       case when one.item is not null then one.reason
            when shared.item is not null then shared.reason
            when asset.item is not null then if(asset.n = 1, 'dsp_id', 'dsp_id_shared')
            when isrc_given then if(isrc is null, 'isrc_unreadable', 'isrc_unknown')
            when by_upc.n = 1 then 'upc_title'
            when by_upc.n > 1 then 'upc_title_shared'
            when by_upc.n = 0 then 'upc_release'
            when upc_given then 'upc_unknown'
            else 'no_identifier' end as reason,
       coalesce(one.track_id, shared.track_id, asset.track_id, by_upc.track_id) as any_track,
       coalesce(nullif(coalesce(one.payee, shared.payee, asset.payee, by_upc.payee), ''), '(no payee)') as any_payee
from items
left join by_isrc_one one using (item)
left join by_isrc_shared shared using (item)
left join by_asset asset using (item)
left join by_upc using (item);
"""

TOTALS = """
copy (
    select 'USD' as currency, status, sum(rows)::varchar as rows, sum(quantity)::varchar as quantity,
           decimal_text(sum(amount)) as amount
    from resolved group by status order by status
) to '{out}/totals.csv' (header, delimiter ',')
"""

PAYOUTS = """
copy (
    select any_payee as payee, 'USD' as currency, sum(rows)::varchar as rows, sum(quantity)::varchar as quantity,
           decimal_text(sum(amount)) as exact_amount
    from resolved where status = 'matched' group by any_payee order by any_payee
) to '{out}/payouts.csv' (header, delimiter ',')
"""

# All that lines.csv needs of an item, ready to write.
LINE_ITEMS = """
create temporary table line_items as
select hash(isrc_cell, upc_cell, asset_id, title, label) as item_hash, status, reason,
       if(status = 'matched', any_track, '') as track_id, if(status = 'matched', text_cell(any_payee), '') as payee,
       isrc, upc, text_cell(title) as title
from resolved
"""

LINES = """
copy (
    select '{file}' as file, {row} as row, status, reason, track_id, payee, line_items.isrc as isrc,
           line_items.upc as upc, line_items.title as title, text_cell("Artist") as artist, "Country" as territory,
           substr("Day", 1, 4) || '-' || substr("Day", 5, 2) as sale_period,
           if("Adjustment Type" = 'None', "Asset Type", "Asset Type" || '/' || "Adjustment Type") as usage_type,
           "Owned Views" as quantity, decimal_text("Partner Revenue") as amount, 'USD' as currency
    from (select *, hash("ISRC", "UPC", "Asset ID", "Asset Title", "Label") as item_hash from {statement}) statement
    join line_items using (item_hash)
) to '{out}/lines.csv' (header, delimiter ',')
"""


def main():
    arguments = parse_arguments()
    started = time.perf_counter()
    connection = duckdb.connect(
        arguments.database or ":memory:",
        read_only=bool(arguments.database) and not arguments.make_database,
        config={"threads": arguments.threads, "preserve_insertion_order": arguments.row_numbers},
    )
    connection.execute("set enable_progress_bar = false")
    connection.execute(MACROS.replace("create macro", "create temporary macro"))
    if arguments.digest:
        print(json.dumps(digest(connection, arguments.digest)))
        return
    if arguments.memory_limit:
        connection.execute(f"set memory_limit = '{arguments.memory_limit}'")
    if arguments.make_database:
        connection.execute(CATALOG.format(temporary="", catalog=read_csv(arguments.catalog, CATALOG_COLUMNS, {})))
        connection.close()
        print(json.dumps({"seconds": time.perf_counter() - started, "peak_rss_bytes": peak_rss_bytes()}))
        return

    os.makedirs(arguments.out, exist_ok=True)
    if arguments.catalog:
        connection.execute(
            CATALOG.format(temporary="temporary", catalog=read_csv(arguments.catalog, CATALOG_COLUMNS, {}))
        )
    catalog_seconds = time.perf_counter() - started
    statement = read_csv(arguments.statement, STATEMENT_COLUMNS, STATEMENT_TYPES)
    connection.execute(ITEMS.format(statement=statement))
    items_seconds = time.perf_counter() - started
    connection.execute(RESOLVE)
    connection.execute(TOTALS.format(out=arguments.out))
    connection.execute(PAYOUTS.format(out=arguments.out))
    resolved_seconds = time.perf_counter() - started
    if arguments.lines:
        source = statement
        row = "''"
        if arguments.row_numbers:
            source, row = f"(select *, row_number() over () + 1 as row_number from {statement})", "row_number"
        file = os.path.basename(arguments.statement).replace("'", "''")
        connection.execute(LINE_ITEMS)
        hashes, of_items = connection.execute("select count(distinct item_hash), count(*) from line_items").fetchone()
        if hashes != of_items:
            sys.exit("two items have the same hash: join on the columns instead")
        connection.execute(LINES.format(file=file, row=row, statement=source, out=arguments.out))
    seconds = time.perf_counter() - started
    rows, items = connection.execute("select sum(rows), count(*) from resolved").fetchone()
    print(json.dumps({
        "tool": "duckdb",
        "version": duckdb.__version__,
        "threads": arguments.threads,
        "seconds": seconds,
        "catalog_seconds": catalog_seconds,
        "statement_seconds": seconds - catalog_seconds,
        "items_seconds": items_seconds - catalog_seconds,
        "resolve_seconds": resolved_seconds - items_seconds,
        "lines_seconds": seconds - resolved_seconds,
        "rows": int(rows),
        "items": items,
        "rows_per_second": int(rows) / seconds,
        "peak_rss_bytes": peak_rss_bytes(),
    }))


def read_csv(path, names, types):
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in names)
    quoted = path.replace("'", "''")
    # A null string that cannot occur keeps empty cells as empty text, so that plain equality joins them.
    return (
        f"read_csv('{quoted}', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '\\N', columns = {{{columns}}})"
    )


def digest(connection, path):
    """What two files of lines have in common when their row order differs: a sum of hashes for each column and for rows."""
    source = "read_csv('{}', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')".format(
        path.replace("'", "''")
    )
    names = [name for name, *_ in connection.execute(f"describe select * from {source}").fetchall() if name != "row"]
    cells = [f"coalesce(\"{name}\", '')" for name in names]
    sums = [f"sum(hash({cell}))::varchar" for cell in cells] + [f"sum(hash({', '.join(cells)}))::varchar", "count(*)::varchar"]
    values = connection.execute(f"select {', '.join(sums)} from {source}").fetchone()
    return dict(zip([*names, "whole rows", "count"], values))


def peak_rss_bytes():
    # Linux counts in KiB, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", help="catalog.csv, read within the run")
    parser.add_argument("--database", help="database file with the catalog table (instead of --catalog)")
    parser.add_argument("--make-database", action="store_true", help="write --catalog into --database and stop")
    parser.add_argument("--statement")
    parser.add_argument("--out")
    parser.add_argument("--lines", action="store_true", help="also write lines.csv")
    parser.add_argument("--row-numbers", action="store_true", help="fill the row column of lines.csv")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", help="DuckDB's memory_limit, for example 4GB")
    parser.add_argument("--digest", metavar="FILE", help="print sums of hashes of a lines.csv and stop")
    return parser.parse_args()


if __name__ == "__main__":
    main()
