"""Help of commands in plain text: what a text says stands there as it is, brackets included.

Typer's own is a styled one. It takes words in brackets for styles and leaves them out, and what
arguments say, too, if click is 8.5 or later; and to import what it needs takes as long as all else.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

import click
import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import ArgumentInfo

C = TypeVar("C", bound=Callable[..., Any])

_WIDEST = 100


class Command(TyperCommand):
    """A command whose options stand under their headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_parameters(self, ctx, formatter)


class Group(TyperGroup):
    """Commands under their headings, in the order in which they were declared."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_parameters(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
            rows = sections.setdefault(getattr(command, "rich_help_panel", None) or "Commands", [])
            rows.append((name, first.replace("\n", " ")))
        _write(formatter, sections)


class App(typer.Typer):
    """Commands with such a help; a defect of theirs shows as it is."""

    def __init__(self, **how: Any) -> None:
        super().__init__(
            cls=Group,
            rich_markup_mode=None,
            suggest_commands=False,  # click does, too
            pretty_exceptions_enable=False,
            context_settings={"max_content_width": _WIDEST},
            **how,
        )

    def command(self, name: str | None = None, **how: Any) -> Callable[[C], C]:
        return super().command(name, **{"cls": Command, **how})


def _write_parameters(
    command: click.Command, context: click.Context, formatter: click.HelpFormatter
) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            # Typer's, which it overrides, imports Rich to put backslashes before brackets.
            record = click.Option.get_help_record(parameter, context)
            usual = "Options"
        else:
            required = "  [required]" if parameter.required else ""
            text = _said_of(parameter, command)
            record = parameter.make_metavar(context), f"{text}{required}"
            usual = "Arguments"
        if record:
            heading = getattr(parameter, "rich_help_panel", None) or usual
            sections.setdefault(heading, []).append(record)
    _write(formatter, sections)


def _said_of(argument: click.Parameter, command: click.Command) -> str:
    """The help of an argument where it was declared: click from 8.5 on loses what Typer tells."""
    if command.callback is None:
        return ""
    hints = get_type_hints(inspect.unwrap(command.callback), include_extras=True)
    told = getattr(hints[argument.name or ""], "__metadata__", ())
    return next((one.help or "" for one in told if isinstance(one, ArgumentInfo)), "")


def _write(formatter: click.HelpFormatter, sections: dict[str, list[tuple[str, str]]]) -> None:
    for heading, rows in sections.items():
        with formatter.section(click.style(heading, bold=True)):
            formatter.write_dl([(click.style(name, fg="cyan"), text) for name, text in rows])
