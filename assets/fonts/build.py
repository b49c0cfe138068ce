#!/usr/bin/env python3
"""Makes the fonts in this folder from the packages that README.md names.

Usage: build.py DEBIAN_ROOT NOTO_EMOJI OUT
DEBIAN_ROOT holds the unpacked packages (dpkg-deb -x PACKAGE.deb DEBIAN_ROOT). Needs fonttools (pip install fonttools==4.68.0).
Same inputs, same bytes: time stamps are not renewed.
"""
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Ledgerline Sans"
# No `calt`: Inter's turns "->" into an arrow and the x of "12x34" into a multiplication sign. A report is shown as it was written.
LATIN_FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk"]
HANGUL = [(0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)]
SYMBOLS = [(0x2190, 0x21FF), (0x2300, 0x23FF), (0x2460, 0x24FF), (0x25A0, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27BF), (0x2B00, 0x2BFF)]
UNCHANGED = ["Arabic", "Armenian", "Bengali", "Devanagari", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Malayalam", "Tamil", "Telugu", "Thai"]


def open_font(path, number=-1):
    return TTFont(path, fontNumber=number, recalcTimestamp=False)


def cut(font, unicodes, features):
    """Keeps these characters and features, and drops hints, which egui does not use."""
    options = subset.Options(layout_features=features, hinting=False, notdef_outline=True, name_IDs=["*"], recalc_timestamp=False)
    options.drop_tables += ["DSIG", "vhea", "vmtx", "VORG", "BASE"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)


def tabular(font):
    """Makes the digits of equal width the ones that plain text gets: egui cannot switch on `tnum`."""
    table = font["GSUB"].table
    record = next(r for r in table.FeatureList.FeatureRecord if r.FeatureTag == "tnum")
    mapping = {}
    for index in record.Feature.LookupListIndex:
        for sub in table.LookupList.Lookup[index].SubTable:
            mapping.update(getattr(sub, "ExtSubTable", sub).mapping)
    for cmap in (table for table in font["cmap"].tables if table.isUnicode()):
        for digit in range(0x30, 0x3A):
            # Tables may share one dictionary, so a digit can have been mapped already.
            cmap.cmap[digit] = mapping.get(cmap.cmap[digit], cmap.cmap[digit])
    # In one weight the 4 is two units of 2816 narrower than the others; in a column of amounts even that adds up.
    digits = [font.getBestCmap()[digit] for digit in range(0x30, 0x3A)]
    width = max(font["hmtx"][name][0] for name in digits)
    for name in digits:
        font["hmtx"][name] = (width, font["hmtx"][name][1])


def rename(font, style):
    """A changed font must not pass for the original."""
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = FAMILY
        elif record.nameID == 4:
            record.string = f"{FAMILY} {style}"
        elif record.nameID in (3, 6):
            record.string = f"{FAMILY.replace(' ', '')}-{style}"
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [f"{FAMILY.replace(' ', '')}-{style}"]
        cff.topDictIndex[0].FamilyName, cff.topDictIndex[0].FullName = FAMILY, f"{FAMILY} {style}"


def ranges(pairs):
    return [c for first, last in pairs for c in range(first, last + 1)]


def main(root, emoji, out):
    fonts = root / "usr/share/fonts"
    for style in ("Regular", "Medium"):
        font = open_font(fonts / f"opentype/inter/Inter-{style}.otf")
        tabular(font)
        cut(font, font.getBestCmap().keys(), LATIN_FEATURES)
        rename(font, style)
        font.save(out / f"LedgerlineSans-{style}.otf")
    for name in UNCHANGED:
        shutil.copyfile(fonts / f"truetype/noto/NotoSans{name}-Regular.ttf", out / f"NotoSans{name}-Regular.ttf")
    cjk = fonts / "opentype/noto/NotoSansCJK-Regular.ttc"
    korean = next(i for i in range(12) if open_font(cjk, i)["name"].getDebugName(1) == "Noto Sans CJK KR")
    font = open_font(cjk, korean)
    cut(font, ranges(HANGUL), [])
    font.save(out / "NotoSansCJKkr-Hangul.otf")
    font = open_font(fonts / "truetype/noto/NotoSansSymbols2-Regular.ttf")
    cut(font, ranges(SYMBOLS), [])
    font.save(out / "NotoSansSymbols2-Signs.ttf")
    shutil.copyfile(fonts / "truetype/droid/DroidSansFallbackFull.ttf", out / "DroidSansFallbackFull.ttf")
    shutil.copyfile(emoji, out / "NotoEmoji-Regular.ttf")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
