"""The entry point: runs a command and turns errors into words and exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence

import click
import orjson

from api.cli import (  # noqa: F401  each adds its commands to the root
    asking,
    assessing,
    changing,
    comparing,
    completing,
    demo,
    editing,
    fixing,
    importing,
    judging,
    keeping,
    looking,
    owning,
    present,
    proving,
    relating,
    serving,
    undoing,
)
from api.cli.root import root
from api.cli.words import clean
from api.problems import outcome, problem
from cmdb.errors import CmdbError, WrongUsage

INTERRUPTED = 130
FAULTS_AT_MOST = 20
MANY_OBJECTS = 100_000
"""After so many new objects Python looks for circles among them; an answer has many objects and no circle."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `cmdb` and exit: 0 done, 1 refused or not found, 2 wrong usage, 3 store away, 4 said no."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a glyph that the terminal lacks is no reason to fail
    gc.set_threshold(MANY_OBJECTS)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    try:
        exit_code: int | None = root.main(list(arguments), prog_name="cmdb", standalone_mode=False)
    except CmdbError as error:
        return _refuse(error, as_json="--json" in arguments)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return outcome(WrongUsage("")).exit_code
    except click.ClickException as error:
        return _refuse(WrongUsage(_with_help(error)), as_json="--json" in arguments)
    except OSError as error:  # the output cannot be written, as on a full disk; Python would try once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = f"This cannot be written: {error.strerror or error}."
        return _refuse(CmdbError(reason), as_json="--json" in arguments)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return exit_code or 0


def _with_help(error: click.ClickException) -> str:
    """What was wrong with the command, and where it is told how it is right."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{error.format_message()} See {context.command_path if context else 'cmdb'} --help."


def _refuse(error: CmdbError, *, as_json: bool) -> int:
    if as_json:
        click.echo(orjson.dumps(problem(error)), err=True)
    else:
        click.echo(clean(error.detail), err=True)
        alone = len(error.faults) == 1
        faults = [one for one in error.faults if not (alone and one.detail in error.detail)]
        for fault in faults[:FAULTS_AT_MOST]:
            click.echo(clean(f"  {fault.pointer}: {fault.detail}"), err=True)
        if len(faults) > FAULTS_AT_MOST:
            click.echo(f"  … {len(faults) - FAULTS_AT_MOST} more; --json lists them all", err=True)
    return outcome(error).exit_code
