"""Settings: one table of names, defaults and help, read from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from cmdb.errors import WrongUsage
from cmdb.stores.opening import Location, Server

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Setting:
    """One setting: the variable it is read from, its default in words, and what it is for."""

    variable: str
    default: str
    help: str


SETTINGS = (
    Setting(
        "CMDB_STORE",
        "a file in the user's data folder",
        "Where the graph is kept: sqlite:///relative.db, sqlite:////absolute/path.db, sqlite:// (memory), or"
        " a Neo4j server: neo4j://host:7687 or bolt://host:7687, encrypted with neo4j+s:// or bolt+s://.",
    ),
    Setting("CMDB_STORE_USER", "neo4j", "The user of the Neo4j server."),
    Setting("CMDB_STORE_PASSWORD", "none", "The password of that user; without one, none is sent."),
    Setting(
        "CMDB_CACHE",
        "a folder in the user's cache folder",
        "Where pictures of large graphs are kept, so that they need not be made from the store again, and for"
        " a day what was uploaded and not yet imported. It may be emptied at any time.",
    ),
    Setting("CMDB_VOCABULARY", "none", "A vocabulary file of your own, put on top of the built-in one."),
    Setting(
        "CMDB_LOG_LEVEL",
        "warning",
        "What the server writes to stderr, a JSON object a line: debug, info (with a line for each request),"
        " warning or error.",
    ),
    Setting(
        "CMDB_TOKENS",
        "none",
        "Who may use the server: NAME=TOKEN, several with commas between. Without tokens it listens on"
        " loopback only and takes everybody's word for who they are.",
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings as plain values.

    Attributes
    ----------
    store
        Where the graph is kept.
    vocabulary
        The user's own vocabulary files.
    tokens
        Names by token.
    cache
        The folder for what can be made again; without one, nothing is kept.
    log_level
        From which level on the server tells what it does, one of `LOG_LEVELS`.
    """

    store: Location
    vocabulary: tuple[Path, ...] = ()
    tokens: Mapping[str, str] | None = None
    cache: Path | None = None
    log_level: str = "warning"


def read_settings(
    environment: Mapping[str, str] | None = None, *, store: str | None = None, vocabulary: str | None = None
) -> Settings:
    """Read the settings; what is given explicitly wins over the environment.

    Raises
    ------
    WrongUsage
        If a setting cannot be understood.
    """
    environment = os.environ if environment is None else environment
    url = store or environment.get("CMDB_STORE")
    own = vocabulary or environment.get("CMDB_VOCABULARY")
    return Settings(
        store=store_location(url, environment) if url else default_store(),
        vocabulary=(Path(own),) if own else (),
        tokens=_tokens(environment.get("CMDB_TOKENS", "")),
        cache=Path(environment.get("CMDB_CACHE") or platformdirs.user_cache_dir("cmdb")),
        log_level=_log_level(environment.get("CMDB_LOG_LEVEL") or Settings.log_level),
    )


def _log_level(told: str) -> str:
    if told.lower() not in LOG_LEVELS:
        raise WrongUsage(f"CMDB_LOG_LEVEL is “{told}”; it can be {', '.join(LOG_LEVELS)}.")
    return told.lower()


_SERVERS = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://", "bolt+ssc://")


def store_location(url: str, environment: Mapping[str, str]) -> Location:
    """Where a store URL points.

    Raises
    ------
    WrongUsage
        If it is not a store URL.

    Examples
    --------
    >>> store_location("sqlite:////var/lib/cmdb.db", {})
    PosixPath('/var/lib/cmdb.db')
    >>> store_location("bolt://db:7687", {"CMDB_STORE_PASSWORD": "secret"})
    Server(url='bolt://db:7687', user='neo4j')
    """
    if url == "sqlite://":
        return None
    if url.startswith(_SERVERS):
        return _server(url, environment)
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        raise WrongUsage(
            f"“{url}” is not a store. Write sqlite:///relative.db, sqlite:////absolute/path.db,"
            " sqlite:// (memory), or neo4j://host:7687 or bolt://host:7687 for a Neo4j server."
        )
    return Path(path)


def _server(url: str, environment: Mapping[str, str]) -> Server:
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and parts.port != 0 and not (parts.path.strip("/") or parts.query)
    except ValueError:
        fits = False
    if not fits or "@" in url:
        raise WrongUsage(
            "The URL of a Neo4j server is a scheme, a host and a port: neo4j://host:7687. User and password"
            " are given by CMDB_STORE_USER and CMDB_STORE_PASSWORD."
        )
    user = environment.get("CMDB_STORE_USER") or Server.user
    return Server(url, user, environment.get("CMDB_STORE_PASSWORD") or None)


def default_store() -> Path:
    """The file in the user's data folder."""
    return Path(platformdirs.user_data_dir("cmdb")) / "cmdb.db"


def demo_store() -> Path:
    """The demo's own file, beside the default one."""
    return default_store().with_name("demo.db")


def system_user(look_up: Callable[[], str] = getuser) -> str:
    """Who runs this, by the operating system: the user's name, or the number of a user without one."""
    try:
        return look_up()
    except (KeyError, OSError):  # containers often run under a number that no name belongs to
        return f"uid-{os.getuid()}"


def _tokens(text: str) -> dict[str, str]:
    tokens: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        name, found, token = pair.partition("=")
        if not (name and found and token):
            raise WrongUsage("CMDB_TOKENS is not understood. Write NAME=TOKEN, several with commas between.")
        if token in tokens:
            raise WrongUsage(f"CMDB_TOKENS gives {tokens[token]} and {name} the same token.")
        tokens[token] = name
    return tokens
