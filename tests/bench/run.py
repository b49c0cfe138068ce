"""Runs Ledgerline, DuckDB and Polars in turn on the same files, checks that they agree to the last digit, prints the table.

    python3 tests/bench/run.py                          # 10 million rows against 2 million tracks
    python3 tests/bench/run.py --lines                  # with the consolidated file of all rows
    python3 tests/bench/run.py --scale 1000000,10000000,40000000
    python3 tests/bench/run.py --catalog-scale 20000000

Ledgerline's seconds are those of the whole process, from start to exit. DuckDB's and Polars' are taken inside Python after
their import, so that the start of the interpreter is not held against them. The exit code is 1 when results differ.
"""

import argparse
import csv
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
REPOSITORY = BENCH.parent.parent
GIB = 1 << 30


def main():
    arguments = parse_arguments()
    bench = Bench(arguments)
    print_heading(arguments)
    if arguments.catalog_scale:
        bench.catalog_scale(arguments.catalog_scale)
    elif arguments.scale:
        bench.scale(arguments.scale)
    else:
        bench.compare(arguments.rows)
    if arguments.runs:
        bench.write_runs(Path(arguments.runs))
    for problem in bench.problems:
        print(f"DIFFERENT: {problem}")
    sys.exit(1 if bench.problems else 0)


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = Path(arguments.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.tools = [tool for tool in ("ledgerline", "duckdb", "polars") if tool not in arguments.skip]
        self.binary = ledgerline_binary(arguments) if "ledgerline" in self.tools else None
        self.problems = []
        self.runs = []

    # --- what is measured ---

    def compare(self, rows):
        catalog, statement = self.catalog(self.arguments.tracks), self.statement(rows, self.arguments.tracks)
        warm_page_cache([catalog, statement])
        sections = [(measure, threads) for measure in self.arguments.measures for threads in self.arguments.threads]
        medians = {section: self.section(rows, catalog, statement, *section) for section in sections}
        print_table(
            ["measure", "threads", "tool", "seconds", "rows/s", "Ledgerline is faster by", "peak RSS"],
            [
                [measure, threads, tool, f"{median['seconds']:.2f}", f"{rows / median['seconds']:,.0f}",
                 ratio(median, results.get("ledgerline")), gigabytes(median["peak_rss_bytes"])]
                for (measure, threads), results in medians.items()
                for tool, median in results.items()
            ],
        )
        self.print_targets(rows, medians)

    def scale(self, sizes):
        threads = max(self.arguments.threads)
        table, medians = [], {}
        for rows in sizes:
            catalog, statement = self.catalog(self.arguments.tracks), self.statement(rows, self.arguments.tracks)
            warm_page_cache([catalog, statement])
            # The catalog costs the same at any size and would hide whether the rows are read in linear time.
            measure = "warm" if "warm" in self.arguments.measures else "cold"
            medians[rows] = self.section(rows, catalog, statement, measure, threads)
            for tool, median in medians[rows].items():
                table.append([
                    measure, f"{rows:,}", tool, f"{median['seconds']:.2f}",
                    f"{median['seconds'] / rows * 1e6:.3f}", gigabytes(median["peak_rss_bytes"]),
                    ratio(median, medians[rows].get("ledgerline")),
                ])
            if not self.arguments.keep:
                statement.unlink()
        print_table(
            ["measure", "rows", "tool", "seconds", "seconds per million rows", "peak RSS", "Ledgerline is faster by"], table
        )
        if "ledgerline" in self.tools and len(sizes) > 1:
            low, high = sorted(sizes)[-2:]
            left, right = medians[low]["ledgerline"], medians[high]["ledgerline"]
            growth = right["peak_rss_bytes"] / left["peak_rss_bytes"]
            slope = (right["seconds"] / high) / (left["seconds"] / low)
            print(f"- memory from {low:,} to {high:,} rows: × {growth:.2f} (target: at most 1.20): {verdict(growth <= 1.2)}")
            print(f"- seconds per row from {low:,} to {high:,} rows: × {slope:.2f} (linear: 1.00)")

    def catalog_scale(self, tracks):
        catalog = self.catalog(tracks)
        warm_page_cache([catalog])
        runs = []
        for _ in range(self.arguments.repeat):
            workspace = self.fresh_folder("workspace-scale")
            run = self.run([self.binary, "catalog", "import", catalog, "--workspace", workspace])
            runs.append({**run, "bytes": folder_bytes(workspace)})
            self.record("catalog-import", tracks, 0, "ledgerline", runs[-1])
        seconds, peak, disk = (statistics.median(run[key] for run in runs) for key in ("seconds", "peak_rss_bytes", "bytes"))
        print_table(
            ["tracks", "seconds", "tracks/s", "peak RSS", "on disk", "targets: < 2 GB of memory, < 1.2 GB on disk"],
            [[f"{tracks:,}", f"{seconds:.1f}", f"{tracks / seconds:,.0f}", gigabytes(peak), gigabytes(disk),
              f"{verdict(peak < 2e9)}, {verdict(disk < 1.2e9)}"]],
        )
        shutil.rmtree(self.work / "workspace-scale")

    def section(self, rows, catalog, statement, measure, threads):
        """Medians by tool. The tools take turns, so that a slow minute of the machine does not hit only one of them."""
        if measure == "warm":
            self.prepare_warm(catalog)
        runs = {tool: [] for tool in self.tools}
        for turn in range(self.arguments.repeat):
            results = {}
            for tool in self.tools:
                out = self.fresh_folder(f"out-{tool}")
                log(f"{measure}, {threads} threads, turn {turn + 1} of {self.arguments.repeat}: {tool}")
                run = getattr(self, f"run_{tool}")(catalog, statement, measure, threads, out)
                self.record(measure, rows, threads, tool, run)
                runs[tool].append(run)
                results[tool] = read_results(tool, out)
            self.compare_results(f"{rows:,} rows, {measure}, {threads} threads", results)
            if self.arguments.lines and turn == 0:
                self.compare_lines(f"{rows:,} rows, {measure}, {threads} threads")
        for tool in self.tools:
            shutil.rmtree(self.work / f"out-{tool}")
        return {
            tool: {key: statistics.median(run[key] for run in runs[tool]) for key in ("seconds", "peak_rss_bytes")}
            for tool in self.tools
        }

    def print_targets(self, rows, medians):
        if "ledgerline" not in self.tools:
            return
        threads = max(self.arguments.threads)
        wanted = 2.0 if self.arguments.lines else 3.0
        for measure in self.arguments.measures:
            results = medians[measure, threads]
            own = results["ledgerline"]
            if "duckdb" in results:
                factor = results["duckdb"]["seconds"] / own["seconds"]
                print(f"- {measure}: {factor:.2f} times DuckDB's speed (target: {wanted}): {verdict(factor >= wanted)}")
            speed = rows / own["seconds"]
            print(f"- {measure}: {speed / 1e6:.2f} million rows a second (mark to aim for: 3): {verdict(speed >= 3e6)}")
            peak = own["peak_rss_bytes"]
            print(f"- {measure}: peak memory {gigabytes(peak)} (target: under 1.5 GB): {verdict(peak < 1.5e9)}")
            if {1, 2} <= set(self.arguments.threads):
                factor = medians[measure, 1]["ledgerline"]["seconds"] / medians[measure, 2]["ledgerline"]["seconds"]
                print(f"- {measure}: 2 threads are {factor:.2f} times 1 thread (target: 1.8): {verdict(factor >= 1.8)}")

    # --- agreement ---

    def compare_results(self, where, results):
        (first, wanted), *others = results.items()
        for tool, found in others:
            for kind in ("totals", "payouts"):
                for key in sorted(wanted[kind].keys() | found[kind].keys()):
                    left, right = wanted[kind].get(key), found[kind].get(key)
                    if left != right:
                        self.problems.append(f"{where}, {kind} of {', '.join(key)}: {first} {left}, {tool} {right}")
                        break

    def compare_lines(self, where):
        digests = {tool: self.digest(self.work / f"out-{tool}" / "lines.csv") for tool in self.tools}
        (first, wanted), *others = digests.items()
        for tool, found in others:
            columns = [name for name in wanted if wanted[name] != found.get(name)]
            if columns:
                self.problems.append(f"{where}, lines.csv of {first} and {tool}: {', '.join(columns)}")

    def digest(self, path):
        command = [sys.executable, BENCH / "duckdb_job.py", "--digest", path]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    # --- the tools ---

    def run_ledgerline(self, catalog, statement, measure, threads, out):
        command = [self.binary, "reconcile"]
        if measure == "warm":
            # A fresh copy for each run: in a used workspace the statement would be recognized as already imported.
            workspace = self.fresh_folder("workspace")
            shutil.copytree(self.work / "workspace-catalog", workspace, dirs_exist_ok=True)
            command += ["--workspace", workspace]
        else:
            command += ["--catalog", catalog]
        command += ["--statement", statement, "--out", out, "--threads", threads]
        return self.run(command + self.lines_option())

    def run_duckdb(self, catalog, statement, measure, threads, out):
        source = ["--database", self.work / "catalog.duckdb"] if measure == "warm" else ["--catalog", catalog]
        return self.run_job("duckdb_job.py", source, statement, threads, out)

    def run_polars(self, catalog, statement, measure, threads, out):
        source = ["--parquet", self.work / "catalog.parquet"] if measure == "warm" else ["--catalog", catalog]
        return self.run_job("polars_job.py", source, statement, threads, out)

    def run_job(self, script, source, statement, threads, out):
        command = [sys.executable, BENCH / script, *source, "--statement", statement, "--out", out, "--threads", threads]
        run = self.run(command + self.lines_option())
        return {**run, "process_seconds": run["seconds"], **json.loads(run["stdout"].splitlines()[-1])}

    def lines_option(self):
        return ["--lines"] if self.arguments.lines else []

    def prepare_warm(self, catalog):
        for name in ("catalog.duckdb", "catalog.parquet"):
            (self.work / name).unlink(missing_ok=True)
        if "ledgerline" in self.tools:
            workspace = self.fresh_folder("workspace-catalog")
            self.run([self.binary, "catalog", "import", catalog, "--workspace", workspace])
        if "duckdb" in self.tools:
            database = self.work / "catalog.duckdb"
            self.run([sys.executable, BENCH / "duckdb_job.py", "--catalog", catalog, "--database", database, "--make-database"])
        if "polars" in self.tools:
            parquet = self.work / "catalog.parquet"
            self.run([sys.executable, BENCH / "polars_job.py", "--catalog", catalog, "--parquet", parquet, "--make-parquet"])

    def run(self, command):
        """Wall-clock seconds and peak memory of one process; ends the benchmark when it fails."""
        command = [str(word) for word in command]
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            started = time.perf_counter()
            process = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=self.work)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            stdout.seek(0)
            stderr.seek(0)
            if process.returncode != 0:
                sys.exit(f"{shlex.join(command)}\nfailed with {process.returncode}:\n{stderr.read().decode()[-4000:]}")
            return {
                "seconds": seconds,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                # Linux counts in KiB, macOS in bytes.
                "peak_rss_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
                "stdout": stdout.read().decode(),
            }

    # --- files ---

    def catalog(self, tracks):
        folder = self.work / f"tracks-{tracks}"
        return self.generate(folder / "catalog.csv", 0, tracks, "--catalog-only")

    def statement(self, rows, tracks):
        folder = self.work / f"tracks-{tracks}"
        return self.generate(folder / f"youtube_{rows}.csv", rows, tracks, "--statement-only")

    def generate(self, path, rows, tracks, part):
        # The name says all that the content depends on, but for the seed.
        done = path.parent / f"{path.stem}.seed-{self.arguments.seed}"
        if not (path.exists() and done.exists()):
            log(f"generating {path.name}")
            command = shlex.split(self.arguments.generator)
            command += ["--rows", rows, "--tracks", tracks, "--seed", self.arguments.seed, "--out", path.parent, part]
            subprocess.run([str(word) for word in command], check=True, cwd=REPOSITORY)
            for stale in path.parent.glob(f"{path.stem}.seed-*"):
                stale.unlink()
            done.touch()
        return path

    def fresh_folder(self, name):
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def record(self, measure, rows, threads, tool, run):
        kept = {key: value for key, value in run.items() if key not in ("stdout", "tool", "threads", "rows")}
        self.runs.append({"measure": measure, "rows": rows, "threads": threads, "tool": tool, **kept})
        log(f"  {run['seconds']:.2f} s, {gigabytes(run['peak_rss_bytes'])}")

    def write_runs(self, path):
        names = list(dict.fromkeys(name for run in self.runs for name in run))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.runs)


# --- results ---


def read_results(tool, out):
    """Totals and payouts as text: comparing text is what "to the last digit" means."""
    if tool == "ledgerline":
        lines = json.loads((out / "summary.json").read_text(encoding="utf-8"))["totals"]
    else:
        lines = read_csv(out / "totals.csv")
    return {
        "totals": {
            (line["currency"], line["status"]): (str(line["rows"]), str(line["quantity"]), str(line["amount"]))
            for line in lines
            if str(line["rows"]) != "0"
        },
        "payouts": {
            (line["payee"], line["currency"]): (line["rows"], line["quantity"], line["exact_amount"])
            for line in read_csv(out / "payouts.csv")
            # Only Ledgerline has this line: what its payable amounts were rounded by.
            if not (line["payee"] == "(rounding)" and line["rows"] == "0")
        },
    }


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def warm_page_cache(paths):
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 24):
                pass


def folder_bytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def ratio(median, own):
    return f"× {median['seconds'] / own['seconds']:.2f}" if own and median is not own else ""


def gigabytes(size):
    return f"{size / 1e9:.2f} GB"


def verdict(met):
    return "met" if met else "**missed**"


# --- printing ---


def print_heading(arguments):
    print(f"- machine: {cpu_model()}, {os.cpu_count()} cores, {memory_gib()} GiB of memory, {sys.platform}")
    print(f"- commit: {commit()}")
    print(f"- command: `{shlex.join(['python3', 'tests/bench/run.py', *shown_words()])}`")
    tracks = arguments.catalog_scale or arguments.tracks
    print(f"- {tracks:,} tracks, seed {arguments.seed}, medians of {arguments.repeat} runs, versions: {versions()}\n")


def shown_words():
    """The command line without the places of one's own folders."""
    words, kept = iter(sys.argv[1:]), []
    for word in words:
        name, separator, _ = word.partition("=")
        if name in ("--work", "--binary", "--generator", "--runs"):
            if not separator:
                next(words, None)
        else:
            kept.append(word)
    return kept


def print_table(head, lines):
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for line in lines:
        print("| " + " | ".join(str(cell) for cell in line) + " |")
    print(flush=True)


def cpu_model():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    import platform

    return platform.processor() or platform.machine()


def memory_gib():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB)


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, text=True)

    head = git("rev-parse", "--short", "HEAD")
    if head.returncode != 0:
        return "none yet"
    return head.stdout.strip() + (" with changes" if git("status", "--porcelain").stdout.strip() else "")


def versions():
    from importlib import metadata

    found = []
    for name in ("duckdb", "polars"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def log(message):
    print(message, file=sys.stderr, flush=True)


# --- the command ---


def ledgerline_binary(arguments):
    if arguments.binary:
        return Path(arguments.binary).resolve()
    subprocess.run(["cargo", "build", "--release"], check=True, cwd=REPOSITORY)
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")).resolve() / "release" / "ledgerline"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--tracks", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", action="store_true", help="with lines.csv, which is also compared between the tools")
    parser.add_argument("--threads", type=numbers, default=[1, 2], help="numbers of threads to measure with")
    parser.add_argument("--measures", type=words, default=["cold", "warm"], help="cold: catalog read within the run; warm: imported before")
    parser.add_argument("--repeat", type=int, default=3, metavar="K", help="runs of each tool; the median counts")
    parser.add_argument("--scale", type=numbers, metavar="ROWS,ROWS", help="time and memory over several sizes, with the most threads")
    parser.add_argument("--catalog-scale", type=int, metavar="TRACKS", help="only import a catalog of that many tracks")
    parser.add_argument("--skip", type=words, default=[], help="tools to leave out: polars, duckdb, ledgerline")
    parser.add_argument("--keep", action="store_true", help="with --scale: keep each generated statement")
    parser.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "ledgerline-bench"), help="folder for data and outputs")
    parser.add_argument("--binary", help="the ledgerline program (default: built with cargo build --release)")
    parser.add_argument("--generator", default="cargo run --quiet --release --example bench-data --", help="the generator's command")
    parser.add_argument("--runs", metavar="FILE", help="write every single run to this CSV file")
    arguments = parser.parse_args()
    for name in ("work", "runs"):
        if getattr(arguments, name):
            setattr(arguments, name, os.path.abspath(getattr(arguments, name)))
    unknown = set(arguments.measures) - {"cold", "warm"} | set(arguments.skip) - {"ledgerline", "duckdb", "polars"}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def numbers(text):
    return [int(word) for word in text.replace("_", "").split(",")]


def words(text):
    return text.split(",")


if __name__ == "__main__":
    main()
