"""Writes the reference of the command line, docs/cli-reference.md, and the manual page, docs/smstudio.1."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.cli.places import TARGET_OPTIONS

PAGE = Path("docs/cli-reference.md")
MANUAL = Path("docs/smstudio.1")

_HEAD = """# Command line: reference

Made by `python -m smstudio_ext.cli.manual`; `make lint` fails when it is out of date. The same as a manual page: `man smstudio`. What the commands
are for is in [cli.md](cli.md).

## Options of the target

Commands on what is on a target have these besides their own:
"""


@dataclass(frozen=True)
class Entry:
    """One command.

    Attributes:
        usage: arguments after its name.
        options: (spelling, help), without those of the target.
        on_target: it has those, too.
    """

    name: str
    usage: str
    text: str
    arguments: list[tuple[str, str]]
    options: list[tuple[str, str]]
    on_target: bool


def entries() -> list[Entry]:
    """Every command, in the order of the help."""
    import typer

    from smstudio_ext.cli.app import app

    return list(_walk(typer.main.get_command(app), "smstudio"))


def markdown(found: list[Entry]) -> str:
    """The reference page."""
    parts = [_HEAD, *_table(list(TARGET_OPTIONS))]
    for entry in found:
        parts.append(f"\n## {entry.name}\n\n`{entry.name}{entry.usage}`\n\n{entry.text}\n")
        parts += _table([*entry.arguments, *entry.options])
        if entry.on_target:
            parts.append("\n[Options of the target](#options-of-the-target), too.\n")
    return "".join(parts)


def _table(rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    return ["\n| | |\n| --- | --- |\n", *(f"| `{_cell(name)}` | {_cell(text)} |\n" for name, text in rows)]


def roff(found: list[Entry]) -> str:
    """The manual page."""
    lines = ['.TH SMSTUDIO 1 "" "smstudio_ext" "User Commands"', ".SH NAME"]
    lines += [
        "smstudio \\- Amazon SageMaker Studio on your own machine",
        ".SH SYNOPSIS",
        ".B smstudio",
        "COMMAND [ARGS]",
    ]
    lines += [".SH OPTIONS OF THE TARGET", "Commands on what is on a target have these besides their own."]
    for name, text in TARGET_OPTIONS:
        lines += [".TP", f".B {_roff(name)}", _roff(text)]
    lines.append(".SH COMMANDS")
    for entry in found:
        lines += [f".SS {_roff(entry.name + entry.usage)}", _roff(entry.text)]
        for name, text in [*entry.arguments, *entry.options]:
            lines += [".TP", f".B {_roff(name)}", _roff(text)]
        if entry.on_target:
            lines += [".PP", "And the options of the target."]
    lines += [
        ".SH EXIT STATUS",
        "0 done; 1 failed or refused; 2 wrong usage; 3 the job was stopped; 130 ended by Ctrl\\-C.",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _walk(command: Any, name: str) -> Iterator[Entry]:
    if hasattr(command, "commands"):
        if command.invoke_without_command and not command.no_args_is_help and " " in name:
            yield _entry(command, name)
        for each in command.list_commands(None):
            yield from _walk(command.get_command(None, each), f"{name} {each}")
        return
    yield _entry(command, name)


def _entry(command: Any, name: str) -> Entry:
    arguments, options, usage = [], [], ""
    for parameter in command.params:
        if type(parameter).__name__ == "TyperArgument":
            shown = parameter.name.upper()
            arguments.append((shown, parameter.help or ""))
            usage += f" {shown}" if parameter.required else f" [{shown}]"
        elif parameter.name not in ("help", "install_completion", "show_completion"):
            options.append((", ".join([*parameter.opts, *parameter.secondary_opts]), parameter.help or ""))
    on_target = set(TARGET_OPTIONS) <= set(options)
    return Entry(
        name,
        f"{usage} [OPTIONS]" if options else usage,
        inspect.cleandoc(command.help or ""),
        arguments,
        [each for each in options if not on_target or each not in TARGET_OPTIONS],
        on_target,
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def main() -> None:
    """Writes the files, or says (`--check`) that they are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    found = entries()
    for path, text in ((PAGE, markdown(found)), (MANUAL, roff(found))):
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            raise SystemExit(f"{path} is out of date: run python -m smstudio_ext.cli.manual")
        if not check:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
