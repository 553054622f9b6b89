"""Picks the window or the command line, and imports neither before it must."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from evenview import __version__, cli
from evenview.core.errors import ColumnsNeededError, SeveralFilesError, UserError
from evenview.core.progress import Cancelled

DONE, BUG, INPUT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program. Returns 0 when done, 2 for what the user can mend, 1 for a bug."""
    _print_anything()
    try:
        code = _dispatch(list(sys.argv[1:] if arguments is None else arguments))
        if sys.stdout:
            sys.stdout.flush()  # here, where a reader that has gone away is caught
    except UserError as error:
        if isinstance(error, ColumnsNeededError):
            cli.show(error.preview)
        for one in error.errors if isinstance(error, SeveralFilesError) else (error,):
            cli.tell(str(one))
        return INPUT
    except (Cancelled, KeyboardInterrupt):
        cli.tell("stopped; nothing half-written is left.")
        return INPUT
    except BrokenPipeError:
        _print_no_more()
        return DONE
    except OSError as error:
        _print_no_more()
        cli.tell(f"the system refuses: {error}.")
        return INPUT
    except MemoryError:
        cli.tell("there is not enough memory for this. Choose a coarser grid, or a larger machine.")
        return INPUT
    except Exception as error:
        traceback.print_exc()
        cli.tell(f"this is a bug in Evenview {__version__}, please report it: {error}")
        return BUG
    return code


def _print_anything() -> None:
    """Letters that the terminal or file does not know are escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _print_no_more() -> None:
    """What is still to be printed goes nowhere: Python would try once more at its end."""
    with suppress(AttributeError, OSError):  # closed by the shell, or no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in cli.COMMANDS:
        return cli.run(first, arguments[1:])
    if first in ("-h", "--help"):
        print(cli.overview())
        return DONE
    if first in ("-V", "--version"):
        print(f"evenview {__version__}")
        return DONE
    return _window(arguments)


def _window(arguments: list[str]) -> int:
    from evenview import display

    demo = "--demo" in arguments
    names = [name for name in arguments if name != "--demo"]
    unknown = [name for name in names if name.startswith("-")]
    if unknown:
        raise UserError(f"Unknown option {unknown[0]}", hint="See 'evenview --help'.")
    reason = display.problem()
    if reason:
        raise UserError(
            reason, hint="'evenview figure FILE -o OUT.png' draws the same picture without one."
        )
    from evenview.gui.app import run

    return run([Path(name) for name in names], demo=demo)


if __name__ == "__main__":
    sys.exit(main())
