"""Settings: where they come from, and what is refused."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from api.cli.serving import address, check_reach, listen
from api.settings import (
    LOOPBACK,
    SETTINGS,
    Settings,
    default_store,
    demo_store,
    read_settings,
    store_location,
    system_user,
)
from cmdb.errors import Conflict, WrongUsage

HERE = "127.0.0.1"
ANYWHERE = "0.0.0.0"  # noqa: S104  that is what must be refused


def test_nothing_set_is_a_file_in_the_data_folder() -> None:
    """By default there is one store, no further vocabulary, and nobody has a token."""
    found = read_settings({})
    assert found == Settings(default_store(), (), {}, cache=found.cache)
    assert found.cache is not None
    assert found.cache.is_absolute()
    assert read_settings({"CMDB_CACHE": "/var/cache/mine"}).cache == Path("/var/cache/mine")
    assert default_store().is_absolute()


def test_the_demo_never_touches_the_store_of_everyday() -> None:
    """The two files lie side by side."""
    assert demo_store() != default_store()
    assert demo_store().parent == default_store().parent


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///relative.db", Path("relative.db")),
        ("sqlite:///sub/relative.db", Path("sub/relative.db")),
        ("sqlite:////absolute/path.db", Path("/absolute/path.db")),
        ("sqlite:////with a blank/ä.db", Path("/with a blank/ä.db")),
        ("sqlite://", None),
    ],
)
def test_store_urls(url: str, path: Path | None) -> None:
    """Three slashes lead from here, four from the root, two to memory."""
    assert store_location(url, {}) == path
    assert read_settings({"CMDB_STORE": url}).store == path


@pytest.mark.parametrize(
    "url",
    [
        "demo.db",
        "/srv/demo.db",
        "sqlite:",
        "sqlite:/x.db",
        "sqlite://x.db",
        "sqlite:///",
        "mysql://x",
        "SQLITE://",
    ],
)
def test_what_is_no_store_url(url: str) -> None:
    """It is refused with the forms that would do."""
    with pytest.raises(WrongUsage, match="Write sqlite:///relative"):
        read_settings({"CMDB_STORE": url})


def test_what_is_given_wins_over_the_environment() -> None:
    """An option is nearer than a variable; an empty one is none."""
    environment = {"CMDB_STORE": "sqlite:///there.db", "CMDB_VOCABULARY": "there.toml"}
    given = read_settings(environment, store="sqlite:///here.db", vocabulary="here.toml")
    assert (given.store, given.vocabulary) == (Path("here.db"), (Path("here.toml"),))
    found = read_settings(environment, store="", vocabulary=None)
    assert (found.store, found.vocabulary) == (Path("there.db"), (Path("there.toml"),))


def test_tokens() -> None:
    """Names by token; a token may hold an equals sign, and blanks around a pair do not count."""
    found = read_settings({"CMDB_TOKENS": " ada=one, bob=two== ,"})
    assert found.tokens == {"one": "ada", "two==": "bob"}


@pytest.mark.parametrize(
    "text", ["hunter2", "=hunter2", "ada=", "ada=one,hunter2", "ada=hunter2,bob=hunter2"]
)
def test_malformed_tokens_are_refused_without_telling_them(text: str) -> None:
    """A mistake in a secret is no reason to print it."""
    with pytest.raises(WrongUsage) as refused:
        read_settings({"CMDB_TOKENS": text})
    assert "hunter2" not in refused.value.detail


@pytest.mark.parametrize("host", [ANYWHERE, "::", "", "192.0.2.7", "cmdb.example.com"])
def test_without_tokens_only_this_machine(host: str) -> None:
    """Listening beyond it is refused until there are tokens."""
    with pytest.raises(WrongUsage, match="CMDB_TOKENS"):
        check_reach(Settings(None), host)
    check_reach(Settings(None, tokens={"one": "ada"}), host)


@pytest.mark.parametrize("host", sorted(LOOPBACK))
def test_this_machine_needs_no_tokens(host: str) -> None:
    """Each of its names will do, and makes an address."""
    check_reach(Settings(None), host)
    assert address(host, 8000).endswith(":8000")
    assert address("::1", 8000) == "http://[::1]:8000"


def test_a_taken_port_is_refused() -> None:
    """Two servers cannot have one port; the second says which."""
    with socket.create_server((HERE, 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} of {HERE} cannot be listened on"):
            listen(HERE, port)
    with listen(HERE, port) as second:
        assert second.getsockname()[1] == port


def no_such_user() -> str:
    """Fail as the operating system does when a user's number has no name."""
    raise KeyError("getpwuid(): uid not found: 54321")


def test_a_user_without_a_name_is_known_by_number() -> None:
    """Containers often run under a number that no name belongs to."""
    assert system_user(no_such_user) == f"uid-{os.getuid()}"
    assert system_user(lambda: "ada") == "ada"


def test_every_setting_has_a_default_and_help() -> None:
    """The table that the reference is made from is complete, and names each variable once."""
    assert all(one.default and one.help.endswith(".") for one in SETTINGS)
    assert len({one.variable for one in SETTINGS}) == len(SETTINGS)
    source = Path(read_settings.__code__.co_filename).read_text("utf-8")
    assert all(f'environment.get("{one.variable}"' in source for one in SETTINGS)
