"""Thin the crowded views: write the kept particles, and the excluded ones if wanted.

Kept rows are byte for byte the rows of the input; the input is never written over. Say --help
together with --strategy NAME for one strategy alone. Outputs that are there already are replaced.
With --as-weights nothing is removed, and each particle has the weight in a column that its crowded
view leaves it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evenview.cli import common
from evenview.core.errors import UserError
from evenview.core.plan import Order, Plan, Thinning
from evenview.core.thinning import Strategy
from evenview.strategies import DEFAULT, Parameter, family, files, parameters, strategies
from evenview.tasks import rebalance, weigh
from evenview.tasks.weight_column import PRESENT, Weighting


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
    _add_weights(parser)
    common.add_sphere(parser)
    chosen = _chosen(arguments)
    known: set[str] = set()
    for strategy in strategies().values() if chosen is None else family(chosen):
        _add_parameters(parser, strategy, known)
    common.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    thinning = Thinning(
        strategy=_strategy(options),
        minimum=options.minimum,
        keep_halves=options.keep_halves,
        order=parse_order(options.order),
        seed=options.seed,
    )
    plan = Plan(grid=options.grid, symmetry=options.symmetry, look=options.look, thinning=thinning)
    if options.as_weights:
        return common.report(weigh.run(_weights(options, plan), common.progress()), options.json)
    _refuse_alone(options)
    request = rebalance.RebalanceRequest(
        options.file,
        plan,
        options.output,
        options.excluded,
        options.recipe,
        common.reading(options),
    )
    return common.report(rebalance.run(request, common.progress()), options.json)


def _weights(options: argparse.Namespace, plan: Plan) -> weigh.WeighRequest:
    if options.excluded is not None:
        raise UserError(
            "With --as-weights every particle stays, and none is left for --excluded",
            hint="Leave one of the two out.",
        )
    weighting = Weighting(options.weight_column or "", options.column_there or "refuse")
    return weigh.WeighRequest(
        options.file,
        plan,
        options.output,
        weighting,
        options.recipe,
        common.reading(options),
    )


def _refuse_alone(options: argparse.Namespace) -> None:
    """Raise `UserError` for options of weights where none are asked for."""
    for name in ("weight_column", "column_there"):
        if getattr(options, name) is not None:
            raise UserError(f"{_option(name)} is for weights", hint="Say --as-weights, too.")


def _strategy(options: argparse.Namespace) -> Strategy:
    """The strategy of the name, or the one of its family that takes what was given."""
    kin = family(_underscored(options.strategy))
    given = {
        name: getattr(options, name)
        for kind in kin
        for name in _names(kind)
        if getattr(options, name, None) is not None
    }
    for kind in kin:
        if given.keys() <= set(_names(kind)):
            return kind(**given)
    apart = [name for name in given if any(name not in _names(kind) for kind in kin)]
    raise UserError(
        f"Only one of {' and '.join(map(_option, apart))} can be followed",
        hint="Leave the other out.",
    )


def _names(strategy: type[Strategy]) -> list[str]:
    chosen, steered = files(strategy), parameters(strategy)
    return [*(file.name for file in chosen), *(about.name for about in steered)]


def _option(name: str) -> str:
    return "--" + _hyphenated(name)


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
        type=_hyphenated,
        choices=[_hyphenated(name) for name in strategies()],
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


def _add_weights(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "weights instead of fewer particles",
        "A particle weighs what would be left of its bin, 0 to 1, unrounded where the strategy can "
        "say it. RELION, cisTEM, FREALIGN and Xmipp take such weights. They change the balance and "
        "add no signal: where views meet in Fourier space, the map is worth at most (Σw)²/Σw² of "
        "their particles. --order, --seed and --keep-halves are then of no account.",
    )
    group.add_argument(
        "--as-weights",
        action="store_true",
        help="write all particles with their weights in a column, and remove none",
    )
    group.add_argument(
        "--weight-column",
        metavar="NAME",
        help="the column (default: the one that the programs of the format read; in star files of "
        "any format it may have any name)",
    )
    group.add_argument(
        "--column-there",
        choices=PRESENT,
        help="where that column holds other numbers than those of a weight of 1 (100 of "
        "occupancies): refuse, multiply them by the weights, or replace them (default refuse)",
    )


def _add_parameters(
    parser: argparse.ArgumentParser, strategy: type[Strategy], known: set[str]
) -> None:
    """Add the options of a strategy to those `known`, some of which it may share with others."""
    shared = [_option(name) for name in _names(strategy) if name in known]
    also = f" It takes {' and '.join(shared)}, as above." if shared else ""
    heading = _hyphenated(" or ".join(filter(None, (strategy.family, strategy.name))))
    group = parser.add_argument_group(f"strategy {heading}", strategy.help + also)
    for file in files(strategy):
        if file.name not in known:
            group.add_argument(
                _option(file.name),
                metavar="FILE",
                help=f"{file.help} (default: {file.none.lower()})",
            )
    for about in parameters(strategy):
        if about.name not in known:
            _add_number(group, about)
    known.update(_names(strategy))


def _add_number(group: argparse._ArgumentGroup, about: Parameter) -> None:
    bounds = f"{about.low:,} to {about.high:,} {about.unit}".rstrip()
    words = f"{about.help} ({bounds}, default {about.default:,})"
    group.add_argument(
        _option(about.name),
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


def _hyphenated(name: str) -> str:
    """best_trade, as a plan has it, is best-trade on the command line."""
    return name.replace("_", "-")
