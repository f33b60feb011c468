"""The stages of a bench, run in one process on the scratch database."""

from __future__ import annotations

import json
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean

from django.apps import apps

from chengdan.config.bench.clients import measure_clients
from chengdan.config.bench.definitions import short_publish, whole_publish
from chengdan.config.bench.figures import Figure, MissingError, Report, conditions, timed
from chengdan.config.bench.floor import captured_with_floor
from chengdan.config.bench.importing import measure_imports
from chengdan.config.bench.lists import measure_exposure, measure_lists
from chengdan.config.bench.serving import measure_serving
from chengdan.config.bench.ways import PLAIN, Way, stock_load
from chengdan.config.bench.world import BenchWorld, world_make

WARM_RUNS = 10

Acts = list[tuple[str, Callable[[], object]]]
Stage = Callable[[Report, BenchWorld, bool], None]


def measure_all(path: str, quick: bool, full: bool) -> None:
    """Run every stage and write the figures to `path`; a stage that fails is named, not fatal."""
    report = Report(conditions=conditions())
    world = world_make()
    sizes = [2_000] if quick else [100_000] + ([1_000_000] if full else [])
    stages: list[tuple[str, Stage]] = [
        ("plain and full way", measure_ways),
        ("serving process", measure_serving),
        ("ways over HTTP", measure_clients),
        ("exposure", measure_exposure),
        ("imports", measure_imports),
        ("order lists", lambda found, here, small: measure_lists(found, here, sizes)),
    ]
    for name, stage in stages:
        try:
            stage(report, world, quick)
        except MissingError as missing:
            report.missing[name] = str(missing)
        except Exception as error:
            traceback.print_exc()
            report.failed.append(f"{name} ({type(error).__name__})")
    Path(path).write_text(json.dumps(report.plain(), ensure_ascii=False), encoding="utf-8")


def measure_ways(report: Report, world: BenchWorld, quick: bool) -> None:
    """Time orders on their way through the services, then one more for queries and floor."""
    rooms = [name for name in ("shipping", "billing") if not apps.is_installed(_room(name))]
    runs = 2 if quick else 20
    if not rooms:
        stock_load(world, boxes=2_000)
    for kind, publish in (("plain", short_publish), ("full", whole_publish)):
        publish(world.system)
        _measure_way(report, world, kind, runs, only_orders=bool(rooms))
    if rooms:
        raise MissingError(f"acts after the order need {', '.join(rooms)}")


def _room(name: str) -> str:
    return f"chengdan.modules.{name}"


def _acts(world: BenchWorld, kind: str, *, only_orders: bool) -> Acts:
    way = Way(world)
    acts = way.plain() if kind == "plain" else way.full()
    return [item for item in acts if item[0] in PLAIN[:2]] if only_orders else acts


def _measure_way(
    report: Report, world: BenchWorld, kind: str, runs: int, *, only_orders: bool
) -> None:
    by_act: dict[str, list[float]] = {}
    # The first orders also pay for imports, caches, and the plans that the server keeps.
    cold = 1 if runs < 5 else WARM_RUNS
    for _run in range(runs + cold):
        spent: dict[str, float] = {}
        for name, act in _acts(world, kind, only_orders=only_orders):
            spent[name] = spent.get(name, 0.0) + timed(act, 1)[0]
        for name, value in spent.items():
            by_act.setdefault(name, []).append(value)
    warm = {name: values[cold:] for name, values in by_act.items()}
    acts = _acts(world, kind, only_orders=only_orders)
    counts, floors = captured_with_floor(acts, runs=1 if runs < 5 else 3)
    totals = [sum(values) for values in zip(*warm.values(), strict=True)]
    queries = Counter[str]()
    for name, count in counts:
        queries[name] += count
    each = [count for _name, count in counts]
    note = f"queries per act {mean(each):.1f}, at most {max(each)}"
    note += "; orders only" if only_orders else ""
    report.figures.append(
        Figure(
            f"{kind} way, services",
            totals,
            rows=1,
            queries=sum(each),
            floor=sum(floors.values()),
            target="≤ 120 ms" if kind == "plain" else "≤ 300 ms, ≤ 8 × floor",
            note=f"{len(acts)} transactions, {note}",
        )
    )
    for name, values in warm.items():
        report.figures.append(
            Figure(f"  {kind}: {name}", values, queries=queries[name], floor=floors[name])
        )
