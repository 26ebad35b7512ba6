import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmdb.model import Item
from cmdb.observations import Observations, SeenItem
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.harm import hurt

LAPTOP = "glpixps-2018-07-09-09-07-13"

ReadReal = Callable[[str], Observations]
ReadInventory = Callable[..., Observations]


@pytest.fixture
def read_real(real_data: Path, vocabulary: Vocabulary) -> ReadReal:
    """Return a function that reads a real inventory by the name of its file."""
    folder = real_data / "glpi-inventory"
    return lambda name: read(Source(f"{name}.json", (folder / f"{name}.json").read_bytes()), vocabulary)


@pytest.fixture
def read_inventory(vocabulary: Vocabulary) -> ReadInventory:
    """Return a function that reads an inventory with these sections."""

    def read_sections(head: dict[str, Any] | None = None, /, **content: object) -> Observations:
        document = {"deviceid": "web-1", "action": "inventory", "content": content, **(head or {})}
        return read(Source("web.json", json.dumps(document).encode()), vocabulary)

    return read_sections


def network(**content: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write head and sections of an inventory of a switch."""
    device = {"name": "sw1", "type": "Networking", "serial": "S1", "firmware": "1.2"}
    return {"itemtype": "NetworkEquipment"}, {"network_device": device, **content}


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def only(seen: Observations) -> SeenItem:
    """Return the only item."""
    (item,) = seen.items
    return item


def test_a_real_computer(read_real: ReadReal) -> None:
    """A laptop is one item with what its sections tell; addresses of its own guests' network are left out."""
    seen = read_real("computer_1")
    item = only(seen)
    assert (item.class_name, item.source_id, item.name) == ("server", LAPTOP, "glpixps")
    assert item.attributes == {
        "serial_number": "640HP72",
        "manufacturer": "Dell Inc.",
        "model": "XPS 13 9350",
        "memory_mb": 7800,
        "kind": "Laptop",
        "operating_system": "Fedora 31 (Workstation Edition)",
        "hostname": "glpixps",
        "cpus": 2,
        "disk_gb": 256.06,
        "ip_addresses": ["192.168.1.142", "192.168.1.118"],
        "mac_addresses": ["00:e0:4c:68:01:db", "44:85:00:2b:90:bc"],
        "software": [
            "expat 2.2.8-1.fc31",
            "gettext 0.20.1-3.fc31",
            "gitg 3.32.1-1.fc31",
            "gnome-calculator 3.34.1-1.fc31",
            "libcryptui 3.12.2-18.fc31",
            "tar 1.32-2.fc31",
        ],
    }
    assert (seen.format, seen.partial, seen.rejected, seen.warnings) == ("glpi", False, (), ())


def test_real_partial_inventories_change_one_section(read_real: ReadReal, vocabulary: Vocabulary) -> None:
    """After the full inventory each partial one touches only what it took anew, on the same computer."""
    store = SqliteStore(None, Clock())

    def laptop() -> Item:
        (found,) = (one for one in store.read().items.values() if one.class_name == "server")
        return found

    bring(store, vocabulary, read_real("computer_1"))
    full = dict(laptop().attributes)
    cpu, software = read_real("computer_1_partial_cpu"), read_real("computer_1_partial_softs")
    assert (cpu.partial, software.partial) == (True, True)
    assert "software" not in only(cpu).attributes
    assert "ip_addresses" not in only(software).attributes
    assert bring(store, vocabulary, cpu).operations == ()
    assert bring(store, vocabulary, software).items["changed"] == 1
    after = dict(laptop().attributes)
    assert {name for name in full.keys() | after.keys() if full.get(name) != after.get(name)} == {"software"}
    new = after["software"]
    assert isinstance(new, list)
    assert "gitg 3.33.0-1.fc31" in new
    assert "gitg 3.32.1-1.fc31" not in new
    store.close()


def test_real_network_equipment(read_real: ReadReal) -> None:
    """A switch is one item with all its ports' addresses, and a link for each neighbour it was told of."""
    seen = read_real("networkequipment_1")
    device, *links = seen.items
    assert (device.class_name, device.source_id) == ("network_device", "foo")
    assert device.name == "ucs6248up-cluster-pa3-B"
    shown = {
        name: device.attributes[name] for name in ("serial_number", "version", "location", "ip_addresses")
    }
    assert shown == {
        "serial_number": "SSI1912014B",
        "version": "5.0(3)N2(4.02b)",
        "location": "paris.pa3",
        "ip_addresses": ["10.2.5.10", "192.168.12.5"],
    }
    assert [one.class_name for one in links] == ["network_link"] * 5
    ends = {one.target_called for one in seen.relations if one.target_called}
    assert ends == {"sw2-mgmt-eqnx", "n9k-1-pa3", "n9k-2-pa3"}
    assert {one.attributes["known"] for one in seen.relations} == {"observed"}


def test_everything_said_fits_the_vocabulary(read_real: ReadReal, vocabulary: Vocabulary) -> None:
    """Every attribute is a field of its class and passes its check, every relation is allowed."""
    for name in ("computer_1", "computer_1_partial_cpu", "computer_1_partial_softs", "networkequipment_1"):
        seen = read_real(name)
        for item in seen.items:
            fields = vocabulary.item_fields(item.class_name)
            assert all(fields[field].check(value) is not None for field, value in item.attributes.items())
        for one in seen.relations:
            assert vocabulary.allows(one.type, one.source.class_name or "", one.target.class_name or "")


def test_neighbours_are_unresolved_until_they_are_there(read_real: ReadReal, vocabulary: Vocabulary) -> None:
    """A neighbour that nobody has inventoried is listed, and nothing else."""
    store = SqliteStore(None, Clock())
    found = bring(store, vocabulary, read_real("networkequipment_1"))
    assert (len(found.unresolved), found.rejected) == (5, ())
    assert bring(store, vocabulary, read_real("networkequipment_1")).operations == ()
    store.close()


@pytest.mark.parametrize(
    ("system", "class_name"),
    [
        ("Physical", "server"),
        ("", "server"),
        (None, "server"),
        ("VMware", "virtual_machine"),
        ("KVM", "virtual_machine"),
        ("Hyper-V", "virtual_machine"),
    ],
)
def test_virtual_and_real_computers(
    read_inventory: ReadInventory, system: str | None, class_name: str
) -> None:
    """A computer that runs under something is a virtual machine."""
    assert only(read_inventory(hardware={"vmsystem": system})).class_name == class_name


def test_accents_and_dates_in_device_ids(read_inventory: ReadInventory) -> None:
    """The id of a device is kept as the agent wrote it."""
    item = only(read_inventory({"deviceid": "café-2024-01-02-03-04-05"}, hardware={"name": "café"}))
    assert (item.source_id, item.name) == ("café-2024-01-02-03-04-05", "café")


def test_a_renamed_device_shows_what_it_is_known_by(read_inventory: ReadInventory) -> None:
    """With another device id, serial number and hardware address say that it is the same."""
    same: dict[str, Any] = {
        "bios": {"ssn": "S1"},
        "networks": [{"description": "eth0", "mac": "00:E0:4C:68:01:DB"}],
    }
    before, after = read_inventory(**same), read_inventory({"deviceid": "web-2"}, **same)
    assert only(before).source_id != only(after).source_id
    assert only(before).attributes == only(after).attributes
    assert only(after).attributes == {"serial_number": "S1", "mac_addresses": ["00:e0:4c:68:01:db"]}


def test_a_partial_inventory_keeps_the_full_host_name(read_inventory: ReadInventory) -> None:
    """Without the section that has the full name, the short one is not told in its place."""
    hardware = {"name": "web"}
    full = read_inventory(hardware=hardware, operatingsystem={"fqdn": "web.example.com", "name": "Debian"})
    assert only(full).attributes["hostname"] == "web.example.com"
    partial = read_inventory({"partial": True}, hardware=hardware, cpus=[{"core": 4}])
    assert only(partial).attributes == {"cpus": 4}


def test_processors_disks_and_interfaces(read_inventory: ReadInventory) -> None:
    """Cores add up only if all are known; what can be taken out, or leads to guests only, does not count."""
    seen = read_inventory(
        cpus=[{"core": 8}, {"core": "8"}],
        storages=[{"disksize": 1_000_000, "type": "disk"}, {"disksize": 700, "type": "CD"}],
        networks=[
            {"description": "bond0", "virtualdev": True, "ipaddress": "10.0.0.5", "mac": "00:e0:4c:68:01:db"},
            {"description": "docker0", "virtualdev": True, "ipaddress": "172.17.0.1"},
            {"description": "eth0", "virtualdev": False, "mac": "00:e0:4c:68:01:db", "speed": 40_000_000_000},
        ],
    )
    assert only(seen).attributes == {
        "cpus": 16,
        "disk_gb": 1000.0,
        "ip_addresses": ["10.0.0.5"],
        "mac_addresses": ["00:e0:4c:68:01:db"],
    }
    assert only(read_inventory(cpus=[{"core": 8}, {}])).attributes == {}


def test_thousands_of_packages_are_one_attribute(read_inventory: ReadInventory) -> None:
    """What is installed does not flood the graph."""
    packages = [{"name": f"package{number}", "version": "1"} for number in range(3_033)]
    item = only(read_inventory(softwares=[*packages, packages[0], {"version": "2"}, {"name": "bare"}]))
    assert len(item.attributes["software"]) == 3_034
    assert {"package7 1", "bare"} <= set(item.attributes["software"])


def test_databases_and_guests_run_on_the_computer(
    read_inventory: ReadInventory, vocabulary: Vocabulary
) -> None:
    """Databases, virtual machines and containers become items that are out without their host."""
    seen = read_inventory(
        hardware={"name": "host"},
        databases_services=[
            {"type": "mysql", "name": "MariaDB", "version": "10.5", "port": 3306, "size": 52_000},
            {"type": "postgresql", "port": 99_999},
            {"port": 1},
        ],
        virtualmachines=[
            {"name": "vm", "uuid": "6A25-01", "vmtype": "kvm", "vcpu": 4, "memory": 8192},
            {"name": "box", "uuid": "5506c9cf948e", "vmtype": "docker", "image": "postgres:16"},
            {"name": "old", "vmtype": "virtualbox"},
            {"vmtype": "kvm"},
        ],
    )
    classes = {one.source_id: one.class_name for one in seen.items}
    assert classes == {
        "web-1": "server",
        "database:web-1:MariaDB:3306": "database",
        "database:web-1:postgresql:99999": "database",
        "vm:6a25-01": "virtual_machine",
        "guest:web-1:box": "workload",
        "guest:web-1:old": "virtual_machine",
    }
    attributes = {one.source_id: one.attributes for one in seen.items}
    assert attributes["database:web-1:MariaDB:3306"] == {
        "engine": "mysql",
        "version": "10.5",
        "port": 3306,
        "size_gb": 52.0,
    }
    assert attributes["vm:6a25-01"] == {"cpus": 4, "memory_mb": 8192, "kind": "kvm"}
    assert attributes["guest:web-1:box"] == {"kind": "docker", "image": "postgres:16"}
    assert hurt(seen, vocabulary, "web-1") == {name: "out" for name in classes if name != "web-1"}


def test_a_stack_survives_the_loss_of_one_member(
    read_inventory: ReadInventory, vocabulary: Vocabulary
) -> None:
    """Stacked switches are members of a group the stack runs on, each with a serial number of its own."""
    chassis = [{"type": "chassis", "serial": serial, "model": "C9200"} for serial in ("A1", "B2")]
    head, sections = network(network_components=[*chassis, {"type": "fan", "serial": "F"}])
    seen = read_inventory(head, **sections)
    attributes = {one.source_id: one.attributes for one in seen.items}
    assert "serial_number" not in attributes["web-1"]
    assert attributes["member:web-1:A1"] == {"serial_number": "A1", "model": "C9200"}
    assert hurt(seen, vocabulary, "member:web-1:A1")["web-1"] == "at_risk"
    assert hurt(seen, vocabulary, "member:web-1:A1", "member:web-1:B2")["web-1"] == "out"


def test_one_chassis_is_no_stack(read_inventory: ReadInventory) -> None:
    """A switch of one piece keeps its serial number."""
    head, sections = network(network_components=[{"type": "chassis", "serial": "S1"}])
    assert only(read_inventory(head, **sections)).attributes["serial_number"] == "S1"


def test_a_link_is_the_same_from_both_sides(read_inventory: ReadInventory, vocabulary: Vocabulary) -> None:
    """What two switches tell of their link is one link; a lost neighbour takes the link, not the switch."""

    def port(name: str, neighbour: str, far: str, **more: object) -> dict[str, Any]:
        return {
            "ifname": name,
            "lldp": True,
            "connections": [{"sysname": neighbour, "ifdescr": far}],
            "ifspeed": 40_000_000_000,
            **more,
        }

    head, sections = network(network_ports=[port("e1", "sw2", "e9")])
    here = read_inventory(head, **sections)
    there = read_inventory(
        {**head, "deviceid": "web-2"}, network_device={"name": "sw2"}, network_ports=[port("e9", "sw1", "e1")]
    )
    assert here.items[1].source_id == there.items[1].source_id
    assert triples(here) == {
        ("link:sw1 e1:sw2 e9", "connects_via", "web-1"),
        ("link:sw1 e1:sw2 e9", "connects_via", "sw2"),
    }
    assert hurt(here, vocabulary, "web-1") == {"link:sw1 e1:sw2 e9": "out"}


def test_addresses_behind_a_port_are_no_neighbours(read_inventory: ReadInventory) -> None:
    """What only passes through a port was not told by a neighbour."""
    head, sections = network(network_ports=[{"ifname": "e1", "connections": [{"mac": "00:e0:4c:68:01:db"}]}])
    assert only(read_inventory(head, **sections)).source_id == "web-1"


@pytest.mark.parametrize("item_type", ["Printer", "Phone", "Unmanaged"])
def test_other_things_are_left_out(read_inventory: ReadInventory, item_type: str) -> None:
    """An inventory of something that is no configuration item is named."""
    seen = read_inventory({"itemtype": item_type}, hardware={"name": "x"})
    assert seen.items == ()
    assert seen.warnings == (
        (f"1 inventory of the type {item_type} was left out: such things are no configuration items here."),
    )


@pytest.mark.parametrize("device_id", [None, "", " ", [], {"a": 1}, True])
def test_an_inventory_of_nothing_is_listed(read_inventory: ReadInventory, device_id: object) -> None:
    """Without a device id nobody knows what the inventory is of."""
    seen = read_inventory({"deviceid": device_id})
    (fault,) = seen.rejected
    assert (fault.pointer, seen.items) == ("web.json", ())
    assert fault.detail.startswith("This inventory does not say of which device it is")


@pytest.mark.parametrize("junk", ["To be filled by O.E.M.", "None", "0"])
def test_junk_serial_numbers_are_told_as_they_are(read_inventory: ReadInventory, junk: str) -> None:
    """Which values never identify anything is decided where things are identified."""
    assert only(read_inventory(bios={"ssn": junk})).attributes == {"serial_number": junk}


SECTIONS = (
    "bios",
    "cpus",
    "databases_services",
    "hardware",
    "network_components",
    "network_device",
    "network_ports",
    "networks",
    "operatingsystem",
    "softwares",
    "storages",
    "virtualmachines",
)


@pytest.mark.parametrize(
    "wrong", [None, 7, -1, 1e300, True, "x", [], [7], [[{}]], [{"name": ["x"]}], {"name": {}}]
)
@pytest.mark.parametrize("item_type", ["Computer", "NetworkEquipment"])
def test_wrong_shapes_never_break_it(read_inventory: ReadInventory, item_type: str, wrong: object) -> None:
    """Whatever stands where a section or a value belongs, the device itself is read."""
    whole = read_inventory({"itemtype": item_type}, **dict.fromkeys(SECTIONS, wrong))
    names = (
        "mac",
        "ips",
        "serial",
        "type",
        "core",
        "disksize",
        "uuid",
        "port",
        "connections",
        "ifname",
        "lldp",
    )
    inner = [{"name": "a", **dict.fromkeys(names, wrong)}]
    parts = read_inventory({"itemtype": item_type}, **dict.fromkeys(SECTIONS, inner))
    assert whole.items[0].source_id == parts.items[0].source_id == "web-1"
