"""The table as Markdown, with its columns aligned."""

from collections.abc import Sequence

from bench.measures import Row, Spread

HEADINGS = ("measure", "size", "ours", "control", "ratio", "to reach", "reached")


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEADINGS))]
    lines = [_line(cell, widths) for cell in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.measure,
        f"{row.size:,}",
        figure(row.ours, row.unit),
        figure(row.control, row.unit) if row.control is not None else "",
        row.ratio,
        row.goal.words if row.goal else "",
        row.verdict,
    )


def figure(spread: Spread, unit: str) -> str:
    """A median with its unit, and the range where there is one."""
    middle = f"{_number(spread.middle)} {unit}"
    if spread.count == 1:
        return middle
    return f"{middle} [{_number(spread.low)} to {_number(spread.high)}]"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
