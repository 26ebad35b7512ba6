import pytest

from loaders.network_addresses import (
    hardware_address,
    hardware_addresses,
    network_address,
    network_addresses,
)


@pytest.mark.parametrize(
    "text", ["6C:2E:85:19:AF:00", "6c-2e-85-19-af-00", "6c2e.8519.af00", " 6c2e8519af00 "]
)
def test_hardware_addresses_have_one_spelling(text: str) -> None:
    """However a tool writes it, an address is the same."""
    assert hardware_address(text) == "6c:2e:85:19:af:00"


@pytest.mark.parametrize(
    "value", [None, 7, "", "x", "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "6c:2e:85:19:af", "6" * 10_000]
)
def test_what_is_no_hardware_address(value: object) -> None:
    """Anything else, and the addresses that are nobody's own, are left out."""
    assert hardware_address(value) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [("10.0.0.7", "10.0.0.7"), ("10.0.0.7/24", "10.0.0.7"), (" 2001:DB8::1/64", "2001:db8::1")],
)
def test_network_addresses_have_one_spelling(text: str, address: str) -> None:
    """A prefix says nothing of the machine."""
    assert network_address(text) == address


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "host",
        "10.0.0",
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104 - an address to leave out, nothing listens on it
        "::",
        "fe80::1%eth0",
        "169.254.1.1",
        "224.0.0.1",
    ],
)
def test_what_is_no_network_address(value: object) -> None:
    """Anything else, and addresses that any machine has, are left out."""
    assert network_address(value) is None


def test_lists_hold_each_address_once() -> None:
    """The order stays, repetitions and what is no address go."""
    assert network_addresses(["10.0.0.2", None, "10.0.0.1", "10.0.0.2/8"]) == ["10.0.0.2", "10.0.0.1"]
    assert hardware_addresses(["6c2e8519af00", 7, "6C:2E:85:19:AF:00"]) == ["6c:2e:85:19:af:00"]
