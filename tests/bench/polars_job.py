"""The benchmark's job in Polars: read, normalize, resolve, totals by status, payout per payee, and with --lines every row.

The plan is that of duckdb_job.py (its comments say why): one streaming pass that groups the statement to distinct items, the
resolving on items only, title keys only where a title decides, and for --lines a second streaming pass joined to the items.

Amounts are Decimal(38, 20), read as such by the CSV reader and added as 128-bit integers: exact. A cell that Polars cannot read
becomes null without an error, so nulls are counted and end the run. The `row` column of lines.csv is filled: it costs
Polars nothing. Left out are the same rules as in DuckDB, because they do not occur in the generated data.
"""

import argparse
import json
import os
import resource
import sys
import time

STATEMENT_COLUMNS = [
    "Adjustment Type", "Day", "Country", "Asset ID", "Asset Title", "Asset Labels", "Asset Channel ID", "Asset Type",
    "Custom ID", "ISRC", "UPC", "GRid", "Artist", "Album", "Label", "Administer Publish Rights", "Owned Views",
    "YouTube Revenue Split : Auction", "YouTube Revenue Split : Reserved",
    "YouTube Revenue Split : Partner Sold YouTube Served", "YouTube Revenue Split : Partner Sold Partner Served",
    "YouTube Revenue Split", "Partner Revenue : Auction", "Partner Revenue : Reserved",
    "Partner Revenue : Partner Sold YouTube Served", "Partner Revenue : Partner Sold Partner Served", "Partner Revenue",
]
CATALOG_COLUMNS = [
    "track_id", "isrc", "upc", "title", "version", "artist", "label", "duration", "release_title", "catalog_number",
    "payee", "youtube_asset_id",
]
ITEM_KEY = ["ISRC", "UPC", "Asset ID", "Asset Title", "Label"]
NOT_GIVEN = [
    "", "n/a", "na", "none", "null", "nan", "-", "--", "unknown", "no isrc", "no upc", "0", "#n/a",
]


def main():
    arguments = parse_arguments()
    # Polars makes its thread pool when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)
    global pl
    import polars as pl

    started = time.perf_counter()
    if arguments.make_parquet:
        read_catalog(arguments.catalog).sink_parquet(arguments.parquet)
        print(json.dumps({"seconds": time.perf_counter() - started, "peak_rss_bytes": peak_rss_bytes()}))
        return

    os.makedirs(arguments.out, exist_ok=True)
    catalog = pl.scan_parquet(arguments.parquet) if arguments.parquet else read_catalog(arguments.catalog)
    catalog = catalog.collect(engine="streaming")
    catalog_seconds = time.perf_counter() - started
    items = read_items(arguments.statement)
    items_seconds = time.perf_counter() - started
    resolved = resolve(items, catalog)
    write_totals(resolved, os.path.join(arguments.out, "totals.csv"))
    write_payouts(resolved, os.path.join(arguments.out, "payouts.csv"))
    resolved_seconds = time.perf_counter() - started
    if arguments.lines:
        write_lines(arguments.statement, resolved, os.path.join(arguments.out, "lines.csv"))
    seconds = time.perf_counter() - started
    rows = resolved["rows"].sum()
    print(json.dumps({
        "tool": "polars",
        "version": pl.__version__,
        "threads": arguments.threads,
        "seconds": seconds,
        "catalog_seconds": catalog_seconds,
        "statement_seconds": seconds - catalog_seconds,
        "items_seconds": items_seconds - catalog_seconds,
        "resolve_seconds": resolved_seconds - items_seconds,
        "lines_seconds": seconds - resolved_seconds,
        "rows": rows,
        "items": len(resolved),
        "rows_per_second": rows / seconds,
        "peak_rss_bytes": peak_rss_bytes(),
    }))


# --- reading ---


def read_catalog(path):
    """One row per track with its codes in comparable form. Only what resolving and paying needs."""
    return scan_csv(path, {name: pl.String for name in CATALOG_COLUMNS}).select(
        "track_id",
        isrc_code(pl.col("isrc")).alias("isrc"),
        gtin_14(pl.col("upc")).alias("upc"),
        (pl.col("title") + " " + pl.col("version")).alias("title"),
        "label",
        "payee",
        empty_to_null(pl.col("youtube_asset_id")).alias("asset_id"),
    )


def scan_statement(path, **options):
    types = {"Owned Views": pl.Int64, "Partner Revenue": pl.Decimal(38, 20)}
    return scan_csv(path, {name: types.get(name, pl.String) for name in STATEMENT_COLUMNS}, **options)


def scan_csv(path, schema, **options):
    return pl.scan_csv(path, schema=schema, infer_schema=False, empty_string_is_null=False, **options)


def read_items(path):
    items = (
        scan_statement(path)
        .group_by(ITEM_KEY)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("Owned Views").sum().alias("quantity"),
            pl.col("Partner Revenue").sum().alias("amount"),
            (pl.col("Partner Revenue").is_null() | pl.col("Owned Views").is_null()).sum().alias("unreadable"),
        )
        .collect(engine="streaming")
    )
    if items["unreadable"].sum() > 0:
        sys.exit("Polars could not read some amounts or quantities")
    upc = pl.col("UPC").str.replace_all("[ -]", "")
    code = isrc_code(pl.col("ISRC"))
    return items.drop("unreadable").with_row_index("item").with_columns(
        pl.when(is_isrc(code)).then(code).alias("isrc"),
        given(pl.col("ISRC")).alias("isrc_given"),
        gtin_14(upc).alias("upc"),
        given(pl.col("UPC")).alias("upc_given"),
    )


# --- resolving ---


def resolve(items, catalog):
    candidates = items.select("item", "isrc", "upc", "Asset Title", "Label").join(catalog, on="isrc", how="inner")
    candidates = candidates.with_columns(pl.len().over("item").alias("n"))
    one = candidates.filter(pl.col("n") == 1).select(
        "item", "track_id", "payee", matched=pl.lit(True), reason=pl.lit("isrc")
    )
    several = narrow_shared(candidates.filter(pl.col("n") > 1))
    open_items = items.join(candidates, on="item", how="anti")
    by_asset = grouped(
        open_items.join(catalog, left_on="Asset ID", right_on="asset_id", how="inner"), "dsp_id", "dsp_id_shared"
    )
    open_items = open_items.join(by_asset, on="item", how="anti")
    on_release = (
        open_items.filter(~pl.col("isrc_given"))
        .join(catalog, on="upc", how="inner")
        .with_columns((title_key(pl.col("title")) == title_key(pl.col("Asset Title"))).alias("fits"))
    )
    by_upc = grouped(on_release.filter(pl.col("fits")), "upc_title", "upc_title_shared")
    known_upc = on_release.select("item").unique().with_columns(pl.lit(True).alias("release_known"))
    return (
        items.join(pl.concat([one, several, by_asset, by_upc]), on="item", how="left")
        .join(known_upc, on="item", how="left")
        .with_columns(
            pl.when(pl.col("matched"))
            .then(pl.lit("matched"))
            .when(pl.col("matched").not_())
            .then(pl.lit("ambiguous"))
            .otherwise(pl.lit("unmatched"))
            .alias("status"),
            pl.coalesce(
                "reason",
                pl.when(pl.col("isrc_given") & pl.col("isrc").is_null())
                .then(pl.lit("isrc_unreadable"))
                .when("isrc_given")
                .then(pl.lit("isrc_unknown"))
                .when("release_known")
                .then(pl.lit("upc_release"))
                .when("upc_given")
                .then(pl.lit("upc_unknown"))
                .otherwise(pl.lit("no_identifier")),
            ).alias("reason"),
            pl.when("matched").then("track_id").otherwise(pl.lit("")).alias("track_id"),
            pl.when("matched")
            .then(pl.coalesce(empty_to_null(pl.col("payee")), pl.lit("(no payee)")))
            .otherwise(pl.lit(""))
            .alias("payee"),
        )
    )


def narrow_shared(candidates):
    """Keeps the candidates that fit by UPC, then title, then label, each time only when any of them fits."""
    steps = [
        ("upc", (pl.col("upc") == pl.col("upc_right")).fill_null(False)),
        ("title", title_key(pl.col("title")) == title_key(pl.col("Asset Title"))),
        ("label", title_key(pl.col("label")) == title_key(pl.col("Label"))),
    ]
    for name, fits in steps:
        candidates = (
            candidates.with_columns(fits.alias("fits"))
            .filter(pl.col("fits") | ~pl.col("fits").any().over("item"))
            .with_columns(pl.len().over("item").alias("left_" + name))
        )
    return candidates.group_by("item").agg(
        pl.col("track_id").first(),
        pl.col("payee").first(),
        (pl.col("left_label").first() == 1).alias("matched"),
        pl.when(pl.col("left_upc").first() == 1)
        .then(pl.lit("isrc_upc"))
        .when(pl.col("left_title").first() == 1)
        .then(pl.lit("isrc_title"))
        .when(pl.col("left_label").first() == 1)
        .then(pl.lit("isrc_label"))
        .otherwise(pl.lit("isrc_shared"))
        .alias("reason"),
    )


def grouped(candidates, one, several):
    return candidates.group_by("item").agg(
        pl.col("track_id").first(),
        pl.col("payee").first(),
        (pl.len() == 1).alias("matched"),
        pl.when(pl.len() == 1).then(pl.lit(one)).otherwise(pl.lit(several)).alias("reason"),
    )


# --- writing ---


def write_totals(resolved, path):
    sums(resolved, "status").select(
        pl.lit("USD").alias("currency"), "status", "rows", "quantity", "amount"
    ).write_csv(path)


def write_payouts(resolved, path):
    sums(resolved.filter(pl.col("status") == "matched"), "payee").select(
        "payee", pl.lit("USD").alias("currency"), "rows", "quantity", pl.col("amount").alias("exact_amount")
    ).write_csv(path)


def sums(resolved, key):
    return (
        resolved.group_by(key)
        .agg(pl.col("rows").sum(), pl.col("quantity").sum(), pl.col("amount").sum())
        .with_columns(decimal_text(pl.col("amount")).alias("amount"))
        .sort(key)
    )


def write_lines(path, resolved, out):
    resolved = resolved.select(
        *ITEM_KEY,
        "status",
        "reason",
        "track_id",
        text_cell(pl.col("payee")).alias("payee"),
        pl.coalesce("isrc", "ISRC").alias("isrc_out"),
        pl.when(pl.col("upc").is_null()).then("UPC").otherwise(pl.col("UPC").str.replace_all("[ -]", "")).alias("upc_out"),
    ).lazy()
    usage = pl.col("Asset Type")
    (
        # Row 1 is the header.
        scan_statement(path, row_index_name="row", row_index_offset=2)
        .join(resolved, on=ITEM_KEY, how="inner")
        .select(
            pl.lit(os.path.basename(path)).alias("file"),
            "row",
            "status",
            "reason",
            "track_id",
            "payee",
            pl.col("isrc_out").alias("isrc"),
            pl.col("upc_out").alias("upc"),
            text_cell(pl.col("Asset Title")).alias("title"),
            text_cell(pl.col("Artist")).alias("artist"),
            pl.col("Country").alias("territory"),
            (pl.col("Day").str.slice(0, 4) + "-" + pl.col("Day").str.slice(4, 2)).alias("sale_period"),
            pl.when(pl.col("Adjustment Type") == "None")
            .then(usage)
            .otherwise(usage + "/" + pl.col("Adjustment Type"))
            .alias("usage_type"),
            pl.col("Owned Views").alias("quantity"),
            decimal_text(pl.col("Partner Revenue")).alias("amount"),
            pl.lit("USD").alias("currency"),
        )
        .sink_csv(out)
    )


# --- what codes and titles are compared as ---


def isrc_code(cell):
    return empty_to_null(cell.str.to_uppercase().str.replace_all("[ -]", ""))


def is_isrc(code):
    return code.str.contains("^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$")


def gtin_14(cell):
    return pl.when(cell.str.contains("^([0-9]{8}|[0-9]{11,14})$")).then(cell.str.zfill(14))


def given(cell):
    return ~cell.str.strip_chars().str.to_lowercase().is_in(NOT_GIVEN)


def title_key(words):
    return (
        words.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all("['’ʼ‘`´]", "")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )


def decimal_text(amount):
    text = amount.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(amount == 0).then(pl.lit("0")).otherwise(text)


def text_cell(words):
    return pl.when(words.str.contains("^[=+@-]")).then("'" + words).otherwise(words)


def empty_to_null(cell):
    return pl.when(cell != "").then(cell)


# --- the command ---


def peak_rss_bytes():
    # Linux counts in KiB, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", help="catalog.csv, read within the run")
    parser.add_argument("--parquet", help="the catalog as Parquet (instead of --catalog)")
    parser.add_argument("--make-parquet", action="store_true", help="write --catalog to --parquet and stop")
    parser.add_argument("--statement")
    parser.add_argument("--out")
    parser.add_argument("--lines", action="store_true", help="also write lines.csv")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
