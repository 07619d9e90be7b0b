#!/usr/bin/env bash
# typer 0.20.1 with click 8.5.1, which it allows: the help of arguments is gone. click's Argument has had a parameter
# `help` since 8.5.0 and sets it, None unless it is given; typer's sets its help before and doesn't hand it on. Flower
# 1.41 and 1.42 want typer before 0.21, so who installs them gets this pair.
#
# Seen: --help shows what an option says and not what an argument says; with click 8.4 it shows both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat >"$folder/command.py" <<'PY'
from typing import Annotated

import typer


def command(
    name: Annotated[str, typer.Argument(help="What the argument says.")],
    much: Annotated[int, typer.Option(help="What the option says.")] = 1,
) -> None:
    pass


typer.run(command)
PY
for click in 8.5.1 '<8.5'; do
    case $click in [0-9]*) click="==$click" ;; esac
    "$folder/venv/bin/pip" install -q typer==0.20.1 "click$click"
    COLUMNS=100 "$folder/venv/bin/python" "$folder/command.py" --help >"$folder/help$click"
    grep -q "What the option says" "$folder/help$click"
    echo "click$click: $(grep -c "What the argument says" "$folder/help$click" || true) line(s) of the argument's help"
done
! grep -q "What the argument says" "$folder/help==8.5.1"
grep -q "What the argument says" "$folder/help<8.5"
