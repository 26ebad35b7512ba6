from collections.abc import Callable
from pathlib import Path

import pytest

from cmdb.errors import Unreadable
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring

ReadHosts = Callable[..., Observations]


@pytest.fixture
def read_hosts(vocabulary: Vocabulary) -> ReadHosts:
    """Return a function that reads a report with these hosts."""

    def read_report(*hosts: str) -> Observations:
        text = (
            f'<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap">{"".join(hosts)}</nmaprun>'
        )
        return read(Source("scan.xml", text.encode()), vocabulary)

    return read_report


def host(*parts: str, state: str = "up", address: str = "10.0.0.7", mac: str = "") -> str:
    """Write a host."""
    addresses = f'<address addr="{address}" addrtype="ipv4"/>' if address else ""
    addresses += f'<address addr="{mac}" addrtype="mac" vendor="Acme"/>' if mac else ""
    return f'<host><status state="{state}"/>{addresses}{"".join(parts)}</host>'


def real(real_data: Path, name: str, vocabulary: Vocabulary) -> Observations:
    """Read a real report."""
    return read(Source(name, (real_data / "nmap-xml" / name).read_bytes()), vocabulary)


def test_a_real_scan_of_two_hosts(real_data: Path, vocabulary: Vocabulary) -> None:
    """Both hosts of a small scan appear with their names and open ports."""
    seen = real(real_data, "2_hosts.xml", vocabulary)
    assert [(one.source_id, one.name) for one in seen.items] == [
        ("127.0.0.1", "localhost"),
        ("74.207.244.221", "scanme.nmap.org"),
    ]
    assert seen.items[1].attributes == {
        "hostname": "scanme.nmap.org",
        "ip_addresses": ["74.207.244.221"],
        "ports": [22, 80, 9929],
    }
    assert "ip_addresses" not in seen.items[0].attributes
    assert seen.warnings == (
        "Known only by an address that every machine has, not told apart from others: localhost.",
    )


def test_a_real_scan_of_a_network(real_data: Path, vocabulary: Vocabulary) -> None:
    """Of 256 addresses four answered; nothing is said of the others but how many there are."""
    seen = real(real_data, "full_sudo5.xml", vocabulary)
    assert [one.source_id for one in seen.items] == [
        "6c:2e:85:19:af:00",
        "88:1f:a1:23:ee:02",
        "192.168.1.4",
        "00:1f:3c:87:66:50",
    ]
    assert {one.class_name for one in seen.items} == {"server"}
    systems = [one.attributes.get("operating_system") for one in seen.items]
    windows = "Microsoft Windows Vista SP0 or SP1, Server 2008 SP1, or Windows 7"
    assert systems == [None, None, None, windows]
    assert seen.warnings == ("252 hosts that did not answer were left out.",)
    assert (seen.partial, seen.rejected, seen.relations) == (True, (), ())


def test_a_real_scan_is_imported_by_address(real_data: Path, vocabulary: Vocabulary) -> None:
    """Hosts without names get their addresses as keys, and a second import changes nothing."""
    store = SqliteStore(None, Clock())
    seen = real(real_data, "full_sudo5.xml", vocabulary)
    found = bring(store, vocabulary, seen)
    assert (found.unresolved, found.rejected) == ((), ())
    keys = {one.key for one in store.read().items.values()}
    assert {"192.168.1.1", "192.168.1.3", "192.168.1.4", "192.168.1.5"} <= keys
    assert bring(store, vocabulary, seen).operations == ()
    store.close()


def test_a_machine_keeps_its_identity_when_its_address_changes(read_hosts: ReadHosts) -> None:
    """The hardware address counts before the other, in one spelling."""
    before = read_hosts(host(mac="6C:2E:85:19:AF:00"))
    after = read_hosts(host(mac="6c-2e-85-19-af-00", address="10.0.0.9"))
    assert before.items[0].source_id == after.items[0].source_id == "6c:2e:85:19:af:00"
    assert after.items[0].attributes == {
        "ip_addresses": ["10.0.0.9"],
        "mac_addresses": ["6c:2e:85:19:af:00"],
    }


def test_names_of_the_name_service_come_first(read_hosts: ReadHosts) -> None:
    """What somebody typed is the name only where the name service has none."""
    names = (
        '<hostnames><hostname name="typed" type="user"/><hostname name="web.example" type="PTR"/></hostnames>'
    )
    only = '<hostnames><hostname name="typed" type="user"/></hostnames>'
    assert read_hosts(host(names)).items[0].name == "web.example"
    assert read_hosts(host(only)).items[0].name == "typed"


def test_only_open_ports_are_told(read_hosts: ReadHosts) -> None:
    """A port that may be open, is closed or is no port is left out."""
    ports = "".join(
        f'<port protocol="tcp" portid="{number}"><state state="{state}"/></port>'
        for number, state in (
            ("443", "open"),
            ("80", "open"),
            ("443", "open"),
            ("81", "closed"),
            ("82", "open|filtered"),
            ("x", "open"),
            ("123456", "open"),
            ("", "open"),
        )
    )
    seen = read_hosts(host(f"<ports>{ports}<port portid='7'/></ports>"))
    assert seen.items[0].attributes["ports"] == [80, 443]


@pytest.mark.parametrize(
    ("matches", "system"),
    [
        ([("Linux 5", "100"), ("Linux 4", "96")], "Linux 5"),
        ([("Linux 5", "94")], None),
        ([("Linux 5", "100"), ("A radio", "100")], None),
        ([("Linux 5", "100"), ("Linux 5", "100")], "Linux 5"),
        ([("Linux 5", "sure"), ("", "100")], None),
    ],
)
def test_only_a_sure_operating_system_is_told(
    read_hosts: ReadHosts, matches: list[tuple[str, str]], system: str | None
) -> None:
    """One guess that is much better than the others is taken, several equal ones are not."""
    guesses = "".join(f'<osmatch name="{name}" accuracy="{accuracy}"/>' for name, accuracy in matches)
    attributes = read_hosts(host(f"<os>{guesses}</os>")).items[0].attributes
    assert attributes.get("operating_system") == system


def test_one_machine_with_several_addresses(read_hosts: ReadHosts) -> None:
    """Hosts with one hardware address are one machine, and that is said."""
    mac = "6c:2e:85:19:af:00"
    ports = '<ports><port portid="{}"><state state="open"/></port></ports>'
    first, second = host(ports.format(80), mac=mac), host(ports.format(22), mac=mac, address="10.0.0.8")
    seen = read_hosts(first, second)
    (item,) = seen.items
    assert item.attributes == {
        "ip_addresses": ["10.0.0.7", "10.0.0.8"],
        "mac_addresses": [mac],
        "ports": [22, 80],
    }
    assert seen.warnings == (
        f"Several hosts of the report have one hardware address and are taken for one machine: {mac}.",
    )


@pytest.mark.parametrize(
    "silent",
    [host(state="down"), host(state="unknown"), "<host/>", "<host><status/></host>", "<host>up</host>"],
)
def test_what_did_not_answer_is_no_item(read_hosts: ReadHosts, silent: str) -> None:
    """A host that is not up is counted and left out."""
    seen = read_hosts(silent)
    assert (seen.items, seen.warnings) == ((), ("1 host that did not answer was left out.",))


def test_a_host_without_an_address_is_listed(read_hosts: ReadHosts) -> None:
    """A host that nobody can know again is rejected with its line; the rest is read."""
    seen = read_hosts(host(address=""), host())
    (fault,) = seen.rejected
    assert (fault.pointer, fault.detail) == ("scan.xml line 3", "This host has no address.")
    assert len(seen.items) == 1


def test_an_empty_report(read_hosts: ReadHosts) -> None:
    """A scan that found nothing is a report of nothing."""
    assert read_hosts().items == ()


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE nmaprun [<!ENTITY a "a">]>',
        '<!DOCTYPE nmaprun PUBLIC "a" "http://example.com/a.dtd">',
    ],
)
def test_a_document_type_from_elsewhere_is_refused(vocabulary: Vocabulary, head: str) -> None:
    """The bare document type of every report is fine, one that defines or fetches anything is not."""
    with pytest.raises(Unreadable, match=r"^scan\.xml"):
        read(Source("scan.xml", f"{head}<nmaprun/>".encode()), vocabulary)


def test_everything_said_fits_the_vocabulary(real_data: Path, vocabulary: Vocabulary) -> None:
    """Every attribute is a field of its class and passes its check."""
    fields = vocabulary.item_fields("server")
    for name in ("2_hosts.xml", "full_sudo5.xml"):
        for item in real(real_data, name, vocabulary).items:
            assert all(fields[field].check(value) is not None for field, value in item.attributes.items())
