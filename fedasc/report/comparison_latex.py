"""A comparison as a table of a paper."""

from collections.abc import Sequence
from itertools import groupby

from fedasc.report.comparison_table import cells
from fedasc.report.rows import Row

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def comparison_latex(standings: Sequence[Row]) -> str:
    """A tabular to be read into a paper with its `input`; it needs the package booktabs."""
    head = (
        *("Strategy", "Aggregator", r"Accuracy (\%)", "Gain", "Over comp.", "$p$"),
        *(r"Worse (\%)", r"than comp.\ (\%)", "Bytes up", r"Rec.\ AUC"),
        *(r"Link (\%)", r"$\varepsilon$", "Memory", "MACs"),
    )
    lines = [
        "% \\usepackage{booktabs}",
        f"% {standings[0]['n_repetitions']} repetitions; $p$ with Holm's correction",
        f"\\begin{{tabular}}{{ll{'r' * (len(head) - 2)}}}",
        "\\toprule",
        f"{' & '.join(head)} \\\\",
    ]
    for strategy, group in groupby(standings, key=lambda row: row["strategy"]):
        lines.append("\\midrule")
        for number, entry in enumerate(group):
            numbers = cells(entry)
            mark = "$^*$" if entry["sends_raw"] else ""
            row = (
                "" if number else escaped(strategy),
                f"{escaped(entry['aggregator'])}{mark}",
                *map(_in_latex, numbers[:4]),
                *(text.replace("∞", r"$\infty$") for text in numbers[4:]),
            )
            lines.append(f"{' & '.join(row)} \\\\")
    lines += ["\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX prints it."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def _in_latex(number: str) -> str:
    """A number with a sign, an interval or a comparison."""
    return f"${number.replace(' ±', chr(92) + 'pm ')}$" if number else ""
