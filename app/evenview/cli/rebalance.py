"""Thin the crowded views: write the kept particles, and the excluded ones if wanted.

Kept rows are byte for byte the rows of the input; the input is never written over. Say --help
together with --strategy NAME for one strategy alone. Outputs that are there already are replaced.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.core.errors import UserError
from evenview.core.plan import Order, Plan, Thinning
from evenview.core.thinning import Strategy
from evenview.strategies import DEFAULT, parameters, strategies
from evenview.tasks import rebalance


def configure(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Add the options, those of the chosen strategy made from its parameters."""
    common.add_file(parser)
    common.add_reading(parser)
    common.add_output(parser, "KEPT", "the particles that stay, in the format of FILE")
    parser.add_argument("--excluded", metavar="EXCLUDED", type=Path, help="the particles that go")
    parser.add_argument(
        "--recipe", metavar="R.json", type=Path, help="how it was done, for 'evenview replay'"
    )
    _add_choice(parser)
    common.add_sphere(parser)
    chosen = _chosen(arguments)
    for name, strategy in strategies().items():
        if chosen in (None, name):
            _add_parameters(parser, strategy)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    strategy = strategies()[options.strategy]
    values = {
        about.name: getattr(options, about.name)
        for about in parameters(strategy)
        if getattr(options, about.name, None) is not None
    }
    thinning = Thinning(
        strategy=strategy(**values),
        minimum=options.minimum,
        keep_halves=options.keep_halves,
        order=parse_order(options.order),
        seed=options.seed,
    )
    plan = Plan(grid=options.grid, symmetry=options.symmetry, look=options.look, thinning=thinning)
    request = rebalance.RebalanceRequest(
        options.file,
        plan,
        options.output,
        options.excluded,
        options.recipe,
        common.reading(options),
    )
    return common.report(rebalance.run(request, common.progress()), options.json)


def parse_order(text: str) -> Order:
    """Read "random", "COLUMN:asc" or "COLUMN:desc". Raises `UserError`."""
    if text == "random":
        return Order()
    column, colon, sense = text.rpartition(":")
    if not colon or not column or sense not in ("asc", "desc"):
        raise UserError(
            f"--order {text} is not understood",
            hint="Say random, COLUMN:desc (the highest stay first) or COLUMN:asc (the lowest).",
        )
    return Order(column, descending=sense == "desc")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which particles stay")
    group.add_argument(
        "--strategy",
        type=_underscored,
        choices=list(strategies()),
        default=DEFAULT,
        help="(default %(default)s)",
    )
    group.add_argument(
        "--order",
        default="random",
        metavar="random|COLUMN:asc|COLUMN:desc",
        help="which particles of a crowded bin stay: any (random), or those with the lowest (asc) "
        "or highest (desc) value in a numeric column (default %(default)s)",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the random choice (default %(default)s)",
    )
    group.add_argument(
        "--minimum", type=int, default=0, metavar="N", help="never thin a bin below this many"
    )
    group.add_argument(
        "--keep-halves",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="thin both half-sets alike, so that they stay balanced (default: yes)",
    )


def _add_parameters(parser: argparse.ArgumentParser, strategy: type[Strategy]) -> None:
    group = parser.add_argument_group(f"strategy {strategy.name}", strategy.help)
    for about in parameters(strategy):
        bounds = f"{about.low:,} to {about.high:,} {about.unit}".rstrip()
        words = f"{about.help} ({bounds}, default {about.default:,})"
        group.add_argument(
            "--" + about.name.replace("_", "-"),
            dest=about.name,
            type=int if about.whole else float,
            metavar="N" if about.whole else "X",
            help=words.replace("%", "%%"),
        )


def _chosen(arguments: Sequence[str]) -> str | None:
    """The strategy the arguments name, or None where all should be shown (help)."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    finder.add_argument("--strategy", type=_underscored)
    named: str | None = finder.parse_known_args(list(arguments))[0].strategy
    asks_help = any(word in ("-h", "--help") for word in arguments)
    if named is None and not asks_help:
        return DEFAULT
    return named


def _underscored(name: str) -> str:
    """best-trade is best_trade."""
    return name.replace("-", "_")
