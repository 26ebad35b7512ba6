import json
from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations, SeenItem
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.netbox.tables import life_cycle, role_called
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.harm import hurt


@pytest.fixture(scope="module")
def demo(real_data: Path) -> Source:
    """Return the dump of NetBox's public demonstration."""
    path = real_data / "netbox" / "netbox-demo-v3.6.json"
    return Source(path.name, path.read_bytes())


@pytest.fixture(scope="module")
def demo_seen(demo: Source, vocabulary: Vocabulary) -> Observations:
    """Return what the demonstration holds."""
    return read(demo, vocabulary)


class Estate:
    """A dump that is written row by row."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.rows: list[Any] = []
        self._vocabulary = vocabulary
        self._numbers = count(1_000)
        self._roles: dict[str, int] = {}

    def row(self, model: str, pk: int | str | None = None, /, **fields: object) -> Any:  # noqa: ANN401
        """Add a row and return its primary key."""
        pk = next(self._numbers) if pk is None else pk
        self.rows.append({"model": model, "pk": pk, "fields": fields})
        return pk

    def device(self, pk: int, role: str, **fields: object) -> int:
        """Add a device with a role."""
        if role not in self._roles:
            self._roles[role] = self.row("dcim.devicerole", name=role.title(), slug=role)
        self.row("dcim.device", pk, name=f"device {pk}", role=self._roles[role], **fields)
        return pk

    def circuit(self, pk: int, *routers: int, **fields: object) -> None:
        """Add a circuit, and a cable from each of one or two routers to an end of it."""
        self.row("circuits.circuit", pk, cid=f"C{pk}", **fields)
        for number, router in enumerate(routers):
            end = self.row("circuits.circuittermination", circuit=pk, term_side="AZ"[number])
            self.cable(pk * 10 + number, self.interface(router), ("circuits.circuittermination", end))

    def interface(self, device: int, **fields: object) -> tuple[str, Any]:
        """Add an interface and return what a cable ends at."""
        return "dcim.interface", self.row("dcim.interface", device=device, **fields)

    def cable(self, pk: int, a: tuple[str, Any], b: tuple[str, Any]) -> int:
        """Add a cable between two ends."""
        self.row("dcim.cable", pk, status="connected", type="cat6", label="")
        for side, (model, end) in (("A", a), ("B", b)):
            self.row(
                "dcim.cabletermination",
                cable=pk,
                cable_end=side,
                termination_type=model.split("."),
                termination_id=end,
            )
        return pk

    def join(self, pk: int, a: int, b: int) -> int:
        """Add a cable between new interfaces of two devices."""
        return self.cable(pk, self.interface(a), self.interface(b))

    def read(self) -> Observations:
        """Read what was written."""
        return read(Source("estate.json", json.dumps(self.rows).encode()), self._vocabulary)

    def hurt(self, *causes: str) -> dict[str, str]:
        """Tell the states of the devices, machines and clusters that suffer when something is out."""
        kinds = ("device:", "virtualmachine:", "cluster:", "rack:")
        states = hurt(self.read(), self._vocabulary, *causes)
        return {name: state for name, state in states.items() if name.startswith(kinds)}


@pytest.fixture
def estate(vocabulary: Vocabulary) -> Estate:
    """Return a dump without rows."""
    return Estate(vocabulary)


def item(seen: Observations, source_id: str) -> SeenItem:
    """Return the item with this id."""
    return next(one for one in seen.items if one.source_id == source_id)


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def kinds(seen: Observations) -> Counter[str]:
    """Count the items by the model of their row."""
    return Counter(one.source_id.partition(":")[0] for one in seen.items)


def test_the_real_demonstration(demo_seen: Observations) -> None:
    """The public demonstration gives its devices, machines and cables, each once."""
    found = kinds(demo_seen)
    assert (found["device"], found["virtualmachine"], found["cable"]) == (72, 180, 108)
    assert (found["site"], found["rack"], found["cluster"], found["powerfeed"]) == (24, 42, 32, 48)
    assert (found["provider"], found["circuit"], found["virtualchassis"]) == (9, 29, 4)
    assert len({(one.class_name, one.source_id) for one in demo_seen.items}) == len(demo_seen.items)
    classes = Counter(one.class_name for one in demo_seen.items if one.source_id.startswith("device:"))
    assert classes == {"network_device": 58, "power_feed": 13, "server": 1}
    assert Counter(one.class_name for one in demo_seen.items)["network_link"] == 108
    assert (demo_seen.format, demo_seen.rejected, demo_seen.partial) == ("netbox", (), False)


def test_the_real_demonstration_says_what_it_leaves_out(demo_seen: Observations) -> None:
    """Rows that are no configuration items are counted; users and sessions are not worth a word."""
    (warning,) = demo_seen.warnings
    assert warning.startswith("974 rows of models that are no configuration items were left out: 300 dcim.")
    assert "session" not in warning
    assert "auth" not in warning


def test_nameless_devices_and_namesakes_keep_apart(demo_seen: Observations, vocabulary: Vocabulary) -> None:
    """22 devices without a name and three with one become items of their own, with readable keys."""
    devices = [one for one in demo_seen.items if one.source_id.startswith("device:")]
    names = Counter(one.name for one in devices)
    assert (names[None], names["PP:MDF"]) == (22, 3)
    store = SqliteStore(None, Clock())
    found = bring(store, vocabulary, demo_seen)
    keys = {one.key for one in store.read().items.values()}
    assert {"device:74", "device:90", "device:91", "dmi01-akron-rtr01"} <= keys
    assert (found.unresolved, found.rejected) == ((), ())
    assert bring(store, vocabulary, demo_seen).operations == ()
    store.close()


def test_everything_said_fits_the_vocabulary(demo_seen: Observations, vocabulary: Vocabulary) -> None:
    """Every attribute is a field of its class and passes its check, every relation is allowed."""
    for one in demo_seen.items:
        fields = vocabulary.item_fields(one.class_name)
        assert all(fields[name].check(value) is not None for name, value in one.attributes.items())
    ids = {(one.class_name, one.source_id) for one in demo_seen.items}
    for relation in demo_seen.relations:
        assert {relation.source, relation.target} <= ids
        assert vocabulary.allows(
            relation.type, relation.source.class_name or "", relation.target.class_name or ""
        )


def test_a_router_of_the_demonstration(demo_seen: Observations) -> None:
    """A router reaches the world through either of its circuits, and has power from one cord."""
    assert triples(demo_seen) >= {
        ("device:1", "located_in", "rack:1"),
        ("device:1", "connects_via", "links:device:1"),
        ("cable:7", "member_of", "links:device:1"),
        ("cable:21", "member_of", "links:device:1"),
        ("cable:7", "connects_via", "circuit:1"),
        ("circuit:1", "connects_via", "providernetwork:1"),
        ("circuit:1", "depends_on", "provider:5"),
        ("device:1", "connects_via", "cable:61"),
        ("cable:61", "depends_on", "device:27"),
    }
    assert item(demo_seen, "device:1").attributes == {
        "status": "live",
        "labels": ["tenant=Dunder-Mifflin, Inc."],
        "kind": "Router",
        "manufacturer": "Cisco",
        "model": "ISR 1111-8P",
        "operating_system": "Cisco IOS",
    }


def test_what_fails_in_the_demonstration(demo_seen: Observations, vocabulary: Vocabulary) -> None:
    """One circuit costs a branch its reserve, both its network, and the power unit all of it."""
    assert hurt(demo_seen, vocabulary, "cable:7")["device:1"] == "at_risk"
    assert {**hurt(demo_seen, vocabulary, "cable:7", "cable:21")}["device:14"] == "out"
    dark = hurt(demo_seen, vocabulary, "device:27")
    assert (dark["device:1"], dark["device:14"]) == ("out", "out")


def test_a_trunk_that_all_links_share(demo_seen: Observations, vocabulary: Vocabulary) -> None:
    """Four links of a switch that run in one cable between buildings are no redundancy."""
    ends = {one.source.name for one in demo_seen.relations if one.target.name == "links:device:93"}
    assert {"cable:124", "cable:125", "cable:126", "cable:127"} < ends
    trunk = set.intersection(
        *(
            {one.target.name for one in demo_seen.relations if one.source.name == name}
            for name in ends
            if name.startswith("cable:")
        )
    )
    cable = next(name for name in sorted(trunk) if name.startswith("cable:"))
    assert hurt(demo_seen, vocabulary, cable)["device:93"] == "out"


def test_a_truncated_dump_is_refused(demo: Source, vocabulary: Vocabulary) -> None:
    """A dump that ends in the middle is no JSON, and that is said."""
    for sixteenth in range(1, 16):
        with pytest.raises(CmdbError, match=r"^cut\.json"):
            read(Source("cut.json", demo.data[: len(demo.data) * sixteenth // 16]), vocabulary)


@pytest.mark.parametrize(
    ("slug", "class_name"),
    [
        ("application-server", "server"),
        ("console-server", "network_device"),
        ("edge-firewall", "firewall"),
        ("load-balancer", "load_balancer"),
        ("pdu", "power_feed"),
        ("patch-panel", "network_device"),
        ("Kaffeemaschine", "network_device"),
    ],
)
def test_roles_decide_the_class(estate: Estate, slug: str, class_name: str) -> None:
    """A device is what its role says; a role that nobody knows makes it a network device."""
    estate.device(1, slug)
    assert item(estate.read(), "device:1").class_name == class_name


def test_the_table_of_roles_fits_the_vocabulary(vocabulary: Vocabulary) -> None:
    """Every class and status of the table exists."""
    words = ("pdu", "patch panel", "firewall", "load balancer", "router", "core", "spine", "tor", "server")
    assert {role_called(one).class_name for one in words} <= vocabulary.classes.keys()
    assert life_cycle("Staged") == "in_build"
    assert life_cycle("failed") is None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("active", {"status": "live"}),
        ("planned", {"status": "planned"}),
        ("staged", {"status": "in_build"}),
        ("inventory", {"status": "planned"}),
        ("decommissioning", {"status": "retiring"}),
        ("failed", {"labels": ["status=failed"]}),
        ("offline", {"labels": ["status=offline"]}),
        ("our-own", {"labels": ["status=our-own"]}),
        ("", {}),
    ],
)
def test_statuses(estate: Estate, status: str, said: Mapping[str, object]) -> None:
    """What is a place in a life becomes the status; how a thing is doing stays a label."""
    estate.device(1, "router", status=status)
    assert item(estate.read(), "device:1").attributes == {"kind": "Router", **said}


def test_what_is_known_of_a_device(estate: Estate) -> None:
    """Maker, model, numbers, platform, place, tags, tenant and addresses are attributes."""
    maker = estate.row("dcim.manufacturer", name="Acme")
    kind = estate.row("dcim.devicetype", manufacturer=maker, model="X1")
    floor = estate.row("dcim.location", name="Floor 2")
    estate.device(
        1,
        "router",
        device_type=kind,
        serial="S1",
        asset_tag="A1",
        platform=estate.row("dcim.platform", name="IOS 17"),
        location=estate.row("dcim.location", name="Row 3", parent=floor),
        tenant=estate.row("tenancy.tenant", name="Shop"),
        description="Edge",
        primary_ip4=50,
    )
    tag = estate.row("extras.tag", name="old")
    estate.row("extras.taggeditem", content_type=["dcim", "device"], object_id=1, tag=tag)
    interface = estate.interface(1, mac_address="00:11:22:AA:BB:CC")[1]
    assigned = {"assigned_object_type": ["dcim", "interface"], "assigned_object_id": interface}
    estate.row("ipam.ipaddress", 50, address="10.0.0.1/24", dns_name="edge.example.com", **assigned)
    estate.row("dcim.macaddress", mac_address="00:11:22:aa:bb:cd", **assigned)
    assert item(estate.read(), "device:1").attributes == {
        "kind": "Router",
        "manufacturer": "Acme",
        "model": "X1",
        "serial_number": "S1",
        "asset_tag": "A1",
        "operating_system": "IOS 17",
        "location": "Floor 2, Row 3",
        "description": "Edge",
        "labels": ["old", "tenant=Shop"],
        "hostname": "edge.example.com",
        "ip_addresses": ["10.0.0.1"],
        "mac_addresses": ["00:11:22:aa:bb:cc", "00:11:22:aa:bb:cd"],
    }


def test_where_things_stand(estate: Estate) -> None:
    """A device stands in its rack, else at its site; a blade in its chassis; a rack at its site."""
    north = estate.row("dcim.region", name="North")
    estate.row("dcim.site", 1, name="Here", latitude="52.500000", region=north, physical_address="Street 1")
    estate.row("dcim.rack", 2, name="R1", site=1)
    estate.device(3, "server", site=1, rack=2)
    estate.device(4, "router", site=1)
    estate.device(5, "blade", site=1, rack=2)
    estate.row("dcim.devicebay", device=3, installed_device=5)
    seen = estate.read()
    assert triples(seen) == {
        ("rack:2", "located_in", "site:1"),
        ("device:3", "located_in", "rack:2"),
        ("device:4", "located_in", "site:1"),
        ("device:5", "located_in", "device:3"),
    }
    assert item(seen, "site:1").attributes == {"address": "Street 1", "latitude": 52.5, "location": "North"}


def test_a_cluster_of_several_hosts_survives_one(estate: Estate) -> None:
    """Machines go on when one of several hosts is lost, and stop when all are."""
    estate.row("virtualization.cluster", 9, name="vm-cluster")
    estate.device(1, "server", cluster=9)
    estate.device(2, "server", cluster=9)
    estate.row("virtualization.virtualmachine", 7, name="web", cluster=9, device=1, vcpus="2.00", memory=4096)
    assert estate.hurt("device:1") == {"cluster:9": "at_risk", "virtualmachine:7": "at_risk"}
    assert estate.hurt("device:1", "device:2") == {"cluster:9": "out", "virtualmachine:7": "out"}
    machine = item(estate.read(), "virtualmachine:7")
    assert machine.attributes == {"cpus": 2, "memory_mb": 4096}


def test_a_cluster_of_one_host_and_a_machine_on_a_host(estate: Estate) -> None:
    """A single host is needed directly, by a cluster as by a machine without one."""
    estate.row("virtualization.cluster", 9, name="vm-cluster")
    estate.device(1, "server", cluster=9)
    estate.row("virtualization.virtualmachine", 7, name="web", device=1, vcpus="0.50")
    assert triples(estate.read()) == {
        ("cluster:9", "runs_on", "device:1"),
        ("virtualmachine:7", "runs_on", "device:1"),
    }


def test_both_ends_connect_via_a_single_cable(estate: Estate) -> None:
    """Two devices with one cable between them both need it, and the lower one the upper."""
    estate.device(1, "server")
    estate.device(2, "access-switch")
    estate.join(5, 1, 2)
    assert triples(estate.read()) == {
        ("device:1", "connects_via", "cable:5"),
        ("device:2", "connects_via", "cable:5"),
        ("cable:5", "connects_via", "device:2"),
    }
    assert estate.hurt("cable:5") == {"device:1": "out", "device:2": "out"}
    assert estate.hurt("device:2") == {"device:1": "out"}
    assert estate.hurt("device:1") == {}


def test_a_switch_with_many_cables_survives_one(estate: Estate) -> None:
    """A cut cable to a server cuts off this server; the switch needs its way up."""
    estate.device(1, "access-switch")
    estate.device(2, "router")
    estate.join(50, 1, 2)
    for server in (11, 12, 13):
        estate.device(server, "server")
        estate.join(server, server, 1)
    assert estate.hurt("cable:11") == {"device:11": "out"}
    assert estate.hurt("device:11") == {}
    everything = {f"device:{pk}": "out" for pk in (1, 11, 12, 13)}
    assert estate.hurt("device:1") == {name: "out" for name in everything if name != "device:1"}
    assert estate.hurt("device:2") == everything


def test_redundant_uplinks_absorb_one_loss(estate: Estate) -> None:
    """A server on two switches has nothing left to lose without one, and nothing without both."""
    estate.device(1, "server")
    for switch in (2, 3):
        estate.device(switch, "tor-switch")
        estate.join(switch * 10, 1, switch)
        estate.join(switch * 10 + 1, switch, estate.device(switch * 100, "router"))
    assert estate.hurt("cable:20") == {"device:1": "at_risk"}
    assert estate.hurt("device:2") == {"device:1": "at_risk"}
    assert estate.hurt("device:2", "device:3")["device:1"] == "out"
    assert estate.hurt("device:200", "device:300")["device:1"] == "out"


def test_links_downwards_are_no_way_out(estate: Estate) -> None:
    """A router that has lost both circuits is cut off, whatever stands below it still answers it."""
    estate.device(1, "router")
    estate.device(2, "access-switch")
    estate.circuit(5, 1)
    estate.circuit(6, 1)
    estate.join(70, 1, 2)
    estate.join(71, 1, 2)
    assert estate.hurt("circuit:5") == {"device:1": "at_risk", "device:2": "at_risk"}
    assert estate.hurt("circuit:5", "circuit:6") == {"device:1": "out", "device:2": "out"}
    assert estate.hurt("cable:70") == {"device:2": "at_risk"}


def test_neighbours_share_their_ways_out(estate: Estate) -> None:
    """Two joined core switches reach the world through the uplink of either, but not through a lost one."""
    for switch in (1, 2):
        estate.join(switch * 10, estate.device(switch, "core-switch"), estate.device(switch + 100, "router"))
        estate.circuit(switch + 4, switch + 100)
    estate.join(30, 1, 2)
    assert estate.hurt("cable:10") == {"device:1": "at_risk", "device:2": "at_risk"}
    both = estate.hurt("cable:10", "cable:20")
    assert (both["device:1"], both["device:2"]) == ("out", "out")
    assert estate.hurt("device:1") == {"device:2": "at_risk"}
    assert estate.hurt("cable:30") == {}


def test_a_chain_of_switches(estate: Estate) -> None:
    """What hangs behind a switch is cut off with it, and not what stands before it."""
    estate.join(10, estate.device(1, "access-switch"), estate.device(9, "router"))
    estate.join(20, estate.device(2, "access-switch"), 1)
    estate.join(30, estate.device(3, "access-switch"), 2)
    assert estate.hurt("cable:20") == {"device:2": "out", "device:3": "out"}
    assert estate.hurt("device:2") == {"device:3": "out"}
    assert estate.hurt("device:3") == {}


def test_a_virtual_chassis_acts_as_one(estate: Estate) -> None:
    """Members of a virtual chassis share their uplinks and are a group."""
    estate.row("dcim.virtualchassis", 8, name="stack")
    for switch in (1, 2):
        estate.device(switch, "access-switch", virtual_chassis=8)
        estate.join(switch * 10, switch, estate.device(switch + 100, "router"))
        estate.circuit(switch + 4, switch + 100)
    assert estate.hurt("cable:10") == {"device:1": "at_risk", "device:2": "at_risk"}
    assert estate.hurt("device:101") == {"device:1": "at_risk", "device:2": "at_risk"}
    assert ("device:1", "member_of", "virtualchassis:8") in triples(estate.read())


def test_roles_that_nobody_knows(estate: Estate) -> None:
    """Where roles say nothing, the device with more cables is taken to be nearer to the world."""
    estate.device(1, "Verteiler")
    for other in (2, 3):
        estate.device(other, "Rechner")
        estate.join(other * 10, other, 1)
    assert estate.hurt("device:1") == {"device:2": "out", "device:3": "out"}
    assert estate.hurt("cable:20") == {"device:2": "out"}
    assert estate.hurt("device:2") == {}


def test_a_link_to_an_equal_end_is_no_way_out(estate: Estate) -> None:
    """The heartbeat between two servers does not stand in for their network."""
    estate.device(9, "tor-switch")
    for server in (1, 2):
        estate.join(server * 10, estate.device(server, "server"), 9)
    estate.join(30, 1, 2)
    assert estate.hurt("cable:10")["device:1"] == "out"
    assert estate.hurt("cable:30") == {}


def test_management_and_console_cables_harm_nobody(estate: Estate) -> None:
    """A device goes on without the cables that it is only managed by."""
    estate.device(1, "router")
    estate.device(2, "access-switch")
    estate.device(3, "console-server")
    estate.join(10, 2, 1)
    estate.cable(20, estate.interface(2, mgmt_only=True), estate.interface(3))
    console = ("dcim.consoleport", estate.row("dcim.consoleport", device=2))
    server = ("dcim.consoleserverport", estate.row("dcim.consoleserverport", device=3))
    estate.cable(30, console, server)
    assert estate.hurt("cable:30") == {}
    assert "device:2" not in estate.hurt("cable:20")
    assert estate.hurt("cable:10")["device:2"] == "out"
    assert {("cable:30", "connects_via", "device:2"), ("cable:30", "connects_via", "device:3")} <= triples(
        estate.read()
    )


def test_a_way_through_patch_panels(estate: Estate) -> None:
    """A server needs every panel and cable on the way to its switch, strand by strand."""
    estate.device(1, "server")
    estate.device(2, "access-switch")
    panels = [estate.device(pk, "patch-panel") for pk in (3, 4)]
    rears = [estate.row("dcim.rearport", device=pk, positions=2) for pk in panels]
    fronts = [
        estate.row("dcim.frontport", device=panel, rear_port=rear, rear_port_position=2)
        for panel, rear in zip(panels, rears, strict=True)
    ]
    estate.cable(10, estate.interface(1), ("dcim.frontport", fronts[0]))
    estate.cable(11, ("dcim.rearport", rears[0]), ("dcim.rearport", rears[1]))
    estate.cable(12, ("dcim.frontport", fronts[1]), estate.interface(2))
    for cause in ("cable:10", "cable:11", "cable:12", "device:3", "device:4", "device:2"):
        assert estate.hurt(cause)["device:1"] == "out"
    assert estate.hurt("device:1") == {}


def test_a_circuit_between_two_sites(estate: Estate) -> None:
    """A line to another site is a way out for both ends; each is cut off without the other's device."""
    routers = [estate.device(pk, "router") for pk in (1, 2)]
    estate.circuit(5, *routers, provider=estate.row("circuits.provider", 6, name="Carrier"))
    assert estate.hurt("provider:6") == {"device:1": "out", "device:2": "out"}
    assert estate.hurt("cable:50") == {"device:1": "out", "device:2": "out"}
    assert estate.hurt("device:2") == {"device:1": "out"}
    assert item(estate.read(), "circuit:5").attributes == {"supplier": "Carrier", "contract": "C5"}


def power(estate: Estate, *feeds: int) -> None:
    """Add a server with a cord to a power unit on each of some feeds."""
    estate.device(1, "server")
    for feed in feeds:
        unit = estate.device(feed + 10, "pdu")
        inlet = estate.row("dcim.powerport", device=unit)
        outlet = estate.row("dcim.poweroutlet", device=unit, power_port=inlet)
        own = estate.row("dcim.powerport", device=1)
        estate.row("dcim.powerfeed", feed, name=f"F{feed}", voltage=230, amperage=16, power_panel=90)
        estate.cable(feed + 20, ("dcim.powerport", inlet), ("dcim.powerfeed", feed))
        estate.cable(feed + 30, ("dcim.powerport", own), ("dcim.poweroutlet", outlet))
    estate.row("dcim.powerpanel", 90, name="Panel")


def test_power_from_two_feeds(estate: Estate) -> None:
    """A server on two feeds survives one; what both feeds share is found."""
    power(estate, 100, 200)
    assert estate.hurt("powerfeed:100") == {"device:110": "out", "device:1": "at_risk"}
    assert estate.hurt("device:110") == {"device:1": "at_risk"}
    assert estate.hurt("powerfeed:100", "powerfeed:200")["device:1"] == "out"
    assert estate.hurt("powerpanel:90")["device:1"] == "out"


def test_power_from_one_feed(estate: Estate) -> None:
    """A server on one feed is dark without it, its cord or its power unit."""
    power(estate, 100)
    for cause in ("powerfeed:100", "device:110", "cable:120", "cable:130"):
        assert estate.hurt(cause)["device:1"] == "out"
    assert item(estate.read(), "powerfeed:100").attributes == {"capacity": "230 V, 16 A"}


def test_a_unit_with_two_inlets(estate: Estate) -> None:
    """An outlet that is wired to one of two inlets is dark without this one."""
    unit = estate.device(9, "pdu")
    for feed in (100, 200):
        inlet = estate.row("dcim.powerport", device=unit)
        outlet = estate.row("dcim.poweroutlet", device=unit, power_port=inlet)
        estate.row("dcim.powerfeed", feed, name=f"F{feed}")
        estate.cable(feed + 20, ("dcim.powerport", inlet), ("dcim.powerfeed", feed))
        own = estate.row("dcim.powerport", device=estate.device(feed + 1, "server"))
        estate.cable(feed + 30, ("dcim.powerport", own), ("dcim.poweroutlet", outlet))
    assert estate.hurt("powerfeed:100") == {
        "device:9": "at_risk",
        "device:101": "out",
        "device:201": "at_risk",
    }


def test_racks_on_two_feeds(estate: Estate) -> None:
    """What stands in a rack is dark when all feeds of the rack are."""
    estate.row("dcim.rack", 2, name="R1")
    estate.device(1, "server", rack=2)
    for feed in (100, 200):
        estate.row("dcim.powerfeed", feed, name=f"F{feed}", rack=2)
    assert estate.hurt("powerfeed:100") == {"rack:2": "at_risk"}
    assert estate.hurt("powerfeed:100", "powerfeed:200") == {"rack:2": "out", "device:1": "out"}


def test_services_and_contacts(estate: Estate) -> None:
    """Services run on what they are listed on; contacts support what they are named for."""
    estate.row("virtualization.virtualmachine", 7, name="web")
    estate.device(1, "server")
    estate.row("ipam.service", 2, name="https", protocol="tcp", ports="[443, 8443]", virtual_machine=7)
    estate.row(
        "ipam.service", 3, name="ssh", ports=[22], parent_object_type="dcim.device", parent_object_id=1
    )
    role = estate.row("tenancy.contactrole", name="On call")
    estate.row("tenancy.contact", 4, name="Ada", email="ada@example.com", phone="+49 1")
    named = {"contact": 4, "role": role, "object_type": ["dcim", "device"], "object_id": 1}
    estate.row("tenancy.contactassignment", priority="primary", **named)
    estate.row("tenancy.contactassignment", priority="inactive", **{**named, "object_id": 7})
    seen = estate.read()
    assert triples(seen) == {
        ("service:2", "runs_on", "virtualmachine:7"),
        ("service:3", "runs_on", "device:1"),
        ("device:1", "supported_by", "contact:4"),
    }
    assert item(seen, "service:2").attributes == {"ports": [443, 8443], "kind": "tcp"}
    assert item(seen, "contact:4").attributes == {"email": "ada@example.com", "phone": "+49 1"}


def test_older_and_newer_versions(estate: Estate) -> None:
    """Content types as numbers, ends in the cable itself and the role's old name are understood."""
    estate.rows.append(
        {"model": "contenttypes.contenttype", "pk": 33, "fields": {"app_label": "dcim", "model": "interface"}}
    )
    role = estate.row("dcim.devicerole", name="Router", slug="router")
    for pk in (1, 2):
        estate.row("dcim.device", pk, name=f"r{pk}", device_role=role)
    sides = {
        f"termination_{side}_{part}": value
        for side, pk in (("a", 1), ("b", 2))
        for part, value in (("type", 33), ("id", estate.interface(pk)[1]))
    }
    estate.row("dcim.cable", 5, **sides)
    estate.row("virtualization.cluster", 6, name="c", scope_type=["dcim", "site"], scope_id=3)
    assert triples(estate.read()) == {
        ("device:1", "connects_via", "cable:5"),
        ("device:2", "connects_via", "cable:5"),
        ("cluster:6", "located_in", "site:3"),
    }


def test_what_is_missing_is_named(estate: Estate, vocabulary: Vocabulary) -> None:
    """A site that the dump does not hold is listed as unresolved."""
    estate.device(1, "router", site=99)
    store = SqliteStore(None, Clock())
    (found,) = bring(store, vocabulary, estate.read()).unresolved
    assert found.where == "estate.json, [1]"
    store.close()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (7, "This is no row of a dump: it has no “model”."),
        ({"pk": 1, "fields": {}}, "This is no row of a dump: it has no “model”."),
        ({"model": ["dcim.site"], "fields": {}}, "This is no row of a dump: it has no “model”."),
        ({"model": "dcim.site", "pk": 1}, "This dcim.site has no “fields”."),
        ({"model": "dcim.site", "pk": 1, "fields": [1]}, "This dcim.site has no “fields”."),
        ({"model": "dcim.site", "fields": {}}, "This dcim.site has no “pk”."),
        ({"model": "dcim.site", "pk": True, "fields": {}}, "This dcim.site has no “pk”."),
        ({"model": "dcim.site", "pk": [1], "fields": {}}, "This dcim.site has no “pk”."),
        ({"model": "dcim.site", "pk": 10**30, "fields": {}}, "This dcim.site has no “pk”."),
        ({"model": "dcim.device", "pk": 1, "fields": {}}, "There is a dcim.device with the pk 1 above"),
    ],
)
def test_rows_that_mean_nothing_are_listed(estate: Estate, row: object, problem: str) -> None:
    """The rest of the dump is read; what has no meaning is rejected with its place."""
    estate.row("dcim.device", 1)
    estate.rows.append(row)
    seen = estate.read()
    (fault,) = seen.rejected
    assert fault.pointer == "estate.json, [1]"
    assert fault.detail.startswith(problem)
    assert len(seen.items) == 1


@pytest.mark.parametrize("wrong", [None, 7, -1, 1.5, True, "x", "", [], [7], ["dcim", "interface"], {"a": 1}])
def test_wrong_shapes_never_break_it(demo: Source, vocabulary: Vocabulary, wrong: object) -> None:
    """Whatever stands in every field of a row of each model, the row itself is read."""
    first = {row["model"]: row for row in json.loads(demo.data)}
    rows = [{**row, "fields": dict.fromkeys(row["fields"], wrong)} for row in first.values()]
    seen = read(Source("wrong.json", json.dumps(rows).encode()), vocabulary)
    assert kinds(seen)["device"] == 1


def test_ways_that_run_in_circles_end(estate: Estate) -> None:
    """Panels and circuits that lead back to themselves are followed once."""
    estate.device(1, "server")
    estate.device(2, "patch-panel")
    rear = estate.row("dcim.rearport", device=2)
    front = estate.row("dcim.frontport", device=2, rear_port=rear)
    estate.cable(10, estate.interface(1), ("dcim.frontport", front))
    estate.cable(11, ("dcim.rearport", rear), ("dcim.rearport", rear))
    estate.cable(12, estate.interface(1), estate.interface(1))
    assert kinds(estate.read())["cable"] == 3


def test_a_dump_is_recognised(estate: Estate) -> None:
    """A list of rows is a dump, whatever rows come first."""
    estate.row("auth.permission", 1, name="x")
    estate.row("dcim.site", 1, name="Here")
    assert estate.read().format == "netbox"
