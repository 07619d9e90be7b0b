"""Tokens of Ray: whoever reaches a process of a cluster, and knows its token, may run code there.

Ray reads mode and token from the environment, once in a process, and hands both on to the processes
that it starts.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from ray import _raylet

from fedasc.errors import RunError

_MODE, _TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"
_ASKED_FIRST = "/ray.rpc.NodeInfoGcsService/GetClusterId"
_ANSWERS_WITHIN_S = 10.0


def new_token() -> str:
    """One that nobody guesses."""
    return secrets.token_hex(32)


@contextmanager
def shown(token: str | None) -> Iterator[None]:
    """Where Ray starts or joins a cluster with a token, or with none.

    Ray goes on to use it until `forget`; the environment doesn't hold it any longer.
    """
    before = {name: os.environ.pop(name, None) for name in (_MODE, _TOKEN)}
    os.environ |= {_MODE: "disabled"} if token is None else {_MODE: "token", _TOKEN: token}
    forget()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def forget() -> None:
    """Let Ray read the environment anew."""
    raylet: Any = _raylet
    raylet.AuthenticationTokenLoader.instance().reset_cache()
    raylet.Config.initialize("")


def token_for(address: str) -> str | None:
    """The user's token, if a cluster asks for one.

    It stands in RAY_AUTH_TOKEN, or in the file that RAY_AUTH_TOKEN_PATH names, or in
    ~/.ray/auth_token.

    Args:
        address: host:port of the cluster.

    Raises:
        RunError: If the cluster refuses it, or doesn't answer.
    """
    if is_let_in(address, None):
        return None
    token = _users_token()
    if token is None or not is_let_in(address, token):
        raise RunError(
            f"the Ray cluster at {address!r} asks for its token, and "
            f"{'none is given' if token is None else 'the one that is given is another'}; set "
            "RAY_AUTH_TOKEN to what `ray get-auth-token` says on its first machine"
        )
    return token


def is_let_in(address: str, token: str | None) -> bool:
    """Whether a cluster's first machine answers one who shows a token, or none.

    Raises:
        RunError: If it says nothing to that.
    """
    shown = [("authorization", f"Bearer {token}")] if token else []
    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            channel.unary_unary(_ASKED_FIRST)(b"", metadata=shown, timeout=_ANSWERS_WITHIN_S)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                return False
            raise RunError(
                f"what listens at {address!r} is no Ray cluster, or a busy one "
                f"({error.code().name}); give the address that `ray start --head` has told"
            ) from error
    return True


def _users_token() -> str | None:
    """As Ray finds it; Ray itself would forget the token of a cluster that this process is in."""
    if token := os.environ.get(_TOKEN, "").strip():
        return token
    named = os.environ.get(f"{_TOKEN}_PATH")
    try:
        return Path(named or Path.home() / ".ray" / "auth_token").read_text("utf-8").strip() or None
    except (OSError, ValueError, RuntimeError) as error:
        if named:
            raise RunError(
                f"{named}: no token can be read there; see RAY_AUTH_TOKEN_PATH"
            ) from error
    return None
