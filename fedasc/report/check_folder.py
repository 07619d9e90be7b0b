"""The check of a corpus: its table for the terminal, and everything in a folder."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Group
from rich.text import Text

from fedasc.atomic import new_folder
from fedasc.audio.sound import CLIPPED
from fedasc.corpus.parts import PARTS
from fedasc.corpus.pool import Pool
from fedasc.errors import printable
from fedasc.report.corpus_check import (
    TypeCount,
    corpus_counts,
    corpus_picture,
    corpus_table,
    left_out_reasons,
)
from fedasc.report.figures import save


def show_check(pool: Pool, parts: Sequence[str], folder: Path | None) -> Group:
    """What a pool holds, and what was left out and why.

    Args:
        pool: At least one clip of it usable.
        parts: The part of the split that each clip stands in.
        folder: Where to write counts.csv, left_out.csv, levels.csv and corpus.png, as PDF and SVG,
            too; must not exist.
    """
    counts = corpus_counts(pool.recordings, parts)
    left = [*pool.unusable, *pool.bursts]
    lines = [f"Left out, {len(left):,} recordings:" if left else "Nothing was left out."]
    lines += [f"  {n:,} {reason}" for reason, n in left_out_reasons(left).items()]
    lines += _odd_lines(pool)
    if folder:
        with new_folder(folder) as draft:
            _write_counts(draft / "counts.csv", counts)
            with _table(draft / "left_out.csv") as file:
                csv.writer(file).writerows([("recording", "reason"), *left])
            _write_levels(draft / "levels.csv", pool)
            picture = corpus_picture(
                counts,
                level_dbfs=pool.examined.level_dbfs,
                energy_peak_ratio=pool.examined.energy_peak_ratio,
                used=pool.examined.used,
                calibration_db_spl=pool.examined.calibration_db_spl,
            )
            save(picture, draft / "corpus.png", dpi=150)
    else:
        named = (*pool.unusable, *pool.notes)
        lines += [f"  {printable(name)}: {reason}" for name, reason in named]
    return Group(corpus_table(counts), Text("\n".join(lines)))


def check_summary(pool: Pool, parts: Sequence[str]) -> dict[str, Any]:
    """The same for programs; see `show_check`."""
    return {
        "n_clips": len(pool.recordings),
        "left_out": left_out_reasons([*pool.unusable, *pool.bursts]),
        "n_clipped": len(pool.clipped),
        "n_scaled": len(pool.scaled),
        "odd": left_out_reasons(pool.notes),
        "types": [
            {
                "label": count.label,
                "domain": count.domain,
                "type": count.type,
                "n_clips": count.n_clips,
                "n_groups": len(count.groups),
                "hours": count.hours,
                "n_by_part": count.n_by_part,
            }
            for count in corpus_counts(pool.recordings, parts)
        ],
    }


def _odd_lines(pool: Pool) -> list[str]:
    """What is used though something is wrong with it."""
    lines = []
    if pool.clipped:
        worst = pool.clipped[0]
        lines.append(
            f"Clipped, {len(pool.clipped):,} recordings: over {100 * CLIPPED:g} % of their samples "
            f"at full scale, at most {100 * worst.clipped:.2g} % ({printable(worst.name)})"
        )
    if pool.scaled:
        scales = ", ".join(f"{scale:g}" for scale in sorted({s.full_scale for s in pool.scaled}))
        lines.append(f"Scaled, {len(pool.scaled):,} recordings: full scale is {scales} in the file")
    if pool.notes:
        lines.append(f"Used, but odd, {len(pool.notes):,} recordings:")
        lines += [f"  {n:,} {reason}" for reason, n in left_out_reasons(pool.notes).items()]
    return lines


def _table(path: Path) -> TextIO:
    """A table to write, in which files' names stand as they are, UTF-8 or not."""
    return path.open("w", newline="", encoding="utf-8", errors="surrogateescape")


def _write_levels(path: Path, pool: Pool) -> None:
    """Levels of the recordings that are used, as they stood in their files."""
    with _table(path) as file:
        writer = csv.writer(file)
        writer.writerow(
            ("recording", "level_dbfs", "level_db_spl", "clipped", "full_scale", "note")
        )
        for source in pool.sources:
            spl = source.level_db_spl
            writer.writerow(
                [
                    *(source.name, source.level_dbfs, "" if spl is None else round(spl, 2)),
                    *(source.clipped, f"{source.full_scale:.12g}", source.note),
                ]
            )


def _write_counts(path: Path, counts: Sequence[TypeCount]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("label", "domain", "type", "clips", "groups", "hours", *PARTS))
        for count in counts:
            n_by_part = [count.n_by_part[part] for part in PARTS]
            writer.writerow(
                [
                    *(count.label, count.domain, count.type, count.n_clips, len(count.groups)),
                    *(round(count.hours, 4), *n_by_part),
                ]
            )
