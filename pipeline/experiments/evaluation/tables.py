"""Tables of the evaluation as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scipy import stats

from mocogan.evaluation.damages import DAMAGES
from mocogan.pipeline.experiments.evaluation.damage_table import SEEN
from mocogan.pipeline.experiments.evaluation.equality import Equality
from mocogan.pipeline.experiments.evaluation.gate_table import Refusals
from mocogan.pipeline.experiments.evaluation.power import Power

_LARGE = 1000.0


def damages(table: Mapping[str, Mapping[str, float]]) -> str:
    """z of each damage (rows) in each metric (columns). Bold values are at least SEEN."""
    metrics = list(next(iter(table.values())))
    rows = [
        [DAMAGES[name].description, *(_z(values[metric]) for metric in metrics)]
        for name, values in table.items()
    ]
    return _markdown(["damage", *metrics], rows)


def gate(refusals: Mapping[str, Refusals]) -> str:
    """How often each model is refused, and by what."""
    header = [
        "model",
        "kind",
        "largest place",
        "refused",
        "by",
        "refused beside real clips",
        "by",
    ]
    rows = []
    for name, row in refusals.items():
        damage = DAMAGES.get(name)
        kind = "real" if damage is None else "broken" if damage.broken else "finer"
        rows.append(
            [
                damage.description if damage else name,
                kind,
                f"{row.places[0]:.2f} to {row.places[1]:.2f}",
                f"{row.by_bounds} of {row.trials}",
                row.bound,
                f"{row.by_baseline} of {row.trials}",
                row.comparison,
            ]
        )
    return _markdown(header, rows)


def equality(rows: Iterable[Equality]) -> str:
    """Refused equal models with 95 % intervals (Clopper and Pearson)."""
    header = ["clips", "trials", "refused without a baseline", "refused as worse than the baseline"]
    return _markdown(
        header,
        [
            [
                str(row.num_clips),
                str(row.trials),
                _share(row.by_bounds, row.trials),
                _share(row.by_baseline, row.trials),
            ]
            for row in rows
        ],
    )


def power(counts: Sequence[int], by_count: Sequence[Mapping[str, Power]]) -> str:
    """The smallest refused share of damaged clips, without and with a baseline of real clips."""
    header = ["damage", *(f"{count} clips" for count in counts)]
    return _markdown(
        header,
        [
            [
                DAMAGES[name].description,
                *(
                    f"{_percent(powers[name].by_bounds)} / {_percent(powers[name].by_baseline)}"
                    for powers in by_count
                ),
            ]
            for name in by_count[0]
        ],
    )


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _z(value: float) -> str:
    text = f"> {_LARGE:.0f}" if value > _LARGE else f"{round(value, 1) + 0.0:.1f}"  # no "-0.0"
    return f"**{text}**" if value >= SEEN else text


def _share(count: int, total: int) -> str:
    interval = stats.binomtest(count, total).proportion_ci(0.95)
    return f"{count / total:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
