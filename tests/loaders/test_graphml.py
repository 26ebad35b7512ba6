from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cmdb.errors import Unreadable
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import graphml
from loaders.content import Content
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.harm import hurt

REAL = {
    "Cesnet200603": (39, 44, 14),
    "Garr201101": (56, 76, 26),
    "Intranetwork": (39, 53, 35),
    "Psnc": (36, 41, 29),
    "York": (23, 24, 20),
}
KEYS = """
  <key id="d1" for="node" attr.name="label" attr.type="string"/>
  <key id="d2" for="node" attr.name="Latitude" attr.type="double"/>
  <key id="d3" for="node" attr.name="Longitude" attr.type="double"/>
  <key id="d4" for="node" attr.name="type"><default>router</default></key>
  <key id="d5" for="edge" attr.name="bandwidth"><default>1 Gbit/s</default></key>
"""


def source(*lines: str, edgedefault: str = "undirected", keys: str = "", name: str = "net.graphml") -> Source:
    """Put nodes and edges into a file."""
    body = "\n".join(lines)
    xmlns = 'xmlns="http://graphml.graphdrawing.org/xmlns"'
    text = f'<graphml {xmlns}>{keys}<graph id="G" edgedefault="{edgedefault}">\n{body}</graph></graphml>'
    return Source(name, text.encode())


def nodes(*ids: str) -> str:
    """Write nodes that say nothing more."""
    return "".join(f'<node id="{one}"/>' for one in ids)


def edges(*ends: str, **attributes: str) -> str:
    """Write edges between nodes of one letter each."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return "\n".join(f'<edge source="{one[0]}" target="{one[1]}"{more}/>' for one in ends)


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def classes(seen: Observations) -> Counter[str]:
    """Count the items by class."""
    return Counter(item.class_name for item in seen.items)


@pytest.mark.parametrize("name", REAL)
def test_real_networks(real_data: Path, vocabulary: Vocabulary, name: str) -> None:
    """Real topologies give each node and edge once, with ids that no other has."""
    path = real_data / "topology-graphml" / f"{name}.graphml"
    seen = read(Source(path.name, path.read_bytes()), vocabulary)
    found = classes(seen)
    assert (found["network_device"], found["network_link"], found["redundancy_group"]) == REAL[name]
    assert len({(item.class_name, item.source_id) for item in seen.items}) == len(seen.items)
    assert len(set(triples(seen))) == len(seen.relations)
    assert (seen.rejected, seen.warnings) == ((), ())


def test_real_networks_are_imported_side_by_side(real_data: Path, vocabulary: Vocabulary) -> None:
    """All of them arrive in one import, every node of each, and a second import changes nothing."""
    store = SqliteStore(None, Clock())
    files = sorted((real_data / "topology-graphml").iterdir())
    seen = [read(Source(str(path), path.read_bytes()), vocabulary) for path in files]
    plan = bring(store, vocabulary, *seen)
    assert plan.items["added"] == sum(map(sum, REAL.values()))
    assert (plan.rejected, plan.unresolved, plan.warnings) == ((), (), ())
    assert bring(store, vocabulary, *seen).operations == ()
    store.close()


def test_labels_are_names_only(real_data: Path, vocabulary: Vocabulary) -> None:
    """Two nodes of one label are two devices, and a label that says nothing is no name."""
    path = real_data / "topology-graphml"
    garr, intranetwork = (
        read(Source(name, (path / name).read_bytes()), vocabulary)
        for name in ("Garr201101.graphml", "Intranetwork.graphml")
    )
    geant = [item for item in garr.items if item.name == "GEANT"]
    assert len({item.source_id for item in geant}) == len(geant) == 2
    nameless = [
        item for item in intranetwork.items if item.name is None and item.class_name == "network_device"
    ]
    assert {item.attributes["kind"] for item in nameless} == {"hyperedge"}
    assert len(nameless) == 6


def test_a_node_says_what_it_is(vocabulary: Vocabulary) -> None:
    """Label, place and kind come from the keys that the file declares; a default fills in."""
    node = (
        '<node id="a"><data key="d1">Brno</data><data key="d2">49.2</data><data key="d3">16.6</data></node>'
    )
    seen = read(source(node, '<node id="b"><data key="d4">switch</data></node>', keys=KEYS), vocabulary)
    brno, other = seen.items
    assert (brno.source_id, brno.name, brno.qualified) == ("net:a", "Brno", ("net", "a"))
    assert brno.attributes == {"kind": "router", "latitude": 49.2, "longitude": 16.6}
    assert brno.where == "net.graphml line 8"
    assert (other.name, other.attributes) == (None, {"kind": "switch"})


def test_a_link_says_what_it_is(vocabulary: Vocabulary) -> None:
    """A link is named after its ends and says how much it carries."""
    seen = read(source(nodes("a", "b"), edges("ba"), keys=KEYS), vocabulary)
    (link,) = (item for item in seen.items if item.class_name == "network_link")
    assert (link.source_id, link.name) == ("net:a-b", "a to b")
    assert link.attributes == {"capacity": "1 Gbit/s"}


@pytest.mark.parametrize("label", ["", " ", "?", "None", "none", "null"])
def test_labels_that_say_nothing(vocabulary: Vocabulary, label: str) -> None:
    """Such nodes are nameless, not namesakes."""
    seen = read(source(f'<node id="a"><data key="d1">{label}</data></node>', keys=KEYS), vocabulary)
    assert [item.name for item in seen.items] == [None]


@pytest.mark.parametrize("value", ["", "north", "91", "-91", "nan", "inf", "1e999"])
def test_a_place_that_cannot_be_right_is_left_out(vocabulary: Vocabulary, value: str) -> None:
    """Coordinates are numbers on the globe or nothing."""
    seen = read(source(f'<node id="a"><data key="d2">{value}</data></node>', keys=KEYS), vocabulary)
    assert "latitude" not in seen.items[0].attributes


def test_a_site_with_two_links_survives_one(vocabulary: Vocabulary) -> None:
    """One of two links out leaves a site at risk; both cut it off, and what hangs on it too."""
    seen = read(source(nodes("a", "b", "c", "d"), edges("ab", "bc", "ca", "cd")), vocabulary)
    one = hurt(seen, vocabulary, "net:a-b")
    assert (one["net:a"], one["net:b"]) == ("at_risk", "at_risk")
    both = hurt(seen, vocabulary, "net:a-b", "net:b-c")
    assert both["net:b"] == "out"
    assert both.get("net:d") in {None, "at_risk"}
    assert hurt(seen, vocabulary, "net:c-d")["net:d"] == "out"


def test_a_node_takes_its_links_along(vocabulary: Vocabulary) -> None:
    """A node that is out cuts off what has no other link."""
    seen = read(source(nodes("a", "b", "c", "d"), edges("ab", "bc", "ca", "cd")), vocabulary)
    found = hurt(seen, vocabulary, "net:c")
    assert {name for name, state in found.items() if state == "out"} == {
        "net:b-c", "net:a-c", "net:c-d", "net:d", "links:net:c",
    }  # fmt: skip
    assert found["net:a"] == found["net:b"] == "at_risk"


def test_a_node_with_one_link_needs_it(vocabulary: Vocabulary) -> None:
    """Without a second link there is no group."""
    seen = read(source(nodes("a", "b"), edges("ab")), vocabulary)
    assert triples(seen) == {
        ("net:a-b", "depends_on", "net:a"),
        ("net:a-b", "depends_on", "net:b"),
        ("net:a", "connects_via", "net:a-b"),
        ("net:b", "connects_via", "net:a-b"),
    }


def test_parallel_links_are_several(vocabulary: Vocabulary) -> None:
    """Links between the same nodes are told apart, by their marks if any, and stand in for each other."""
    marked = '<edge source="a" target="b" id="x"/><edge source="b" target="a" id="y"/>'
    seen = read(source(nodes("a", "b"), edges("ab", "ba", "ab"), marked), vocabulary)
    links = {item.source_id for item in seen.items if item.class_name == "network_link"}
    assert links == {"net:a-b", "net:a-b:2", "net:a-b:3", "net:a-b:x", "net:a-b:y"}
    assert "net:a" not in hurt(seen, vocabulary, "net:a-b")


def test_marks_that_repeat_are_numbered(vocabulary: Vocabulary) -> None:
    """No two links share an id, whatever the file marks them with."""
    seen = read(source(nodes("a", "b"), edges("ab", "ab", id="2"), edges("ab", "ab")), vocabulary)
    links = [item.source_id for item in seen.items if item.class_name == "network_link"]
    assert len(set(links)) == len(links) == 4


def test_the_name_of_a_network_comes_first(vocabulary: Vocabulary) -> None:
    """The graph's own label qualifies its ids, else the name of the file without its folder."""
    key = '<key id="g" for="graph" attr.name="label"/>'
    labelled = source('<data key="g">Backbone</data>', nodes("a"), keys=key)
    assert read(labelled, vocabulary).items[0].source_id == "Backbone:a"
    for name in ("maps/Old Net.graphml", "maps\\Old Net.xml", "Old Net.graphml"):
        assert read(source(nodes("a"), name=name), vocabulary).items[0].source_id == "old net:a"


def test_edges_may_stand_before_their_nodes(vocabulary: Vocabulary) -> None:
    """The order in a file means nothing."""
    before, after = (
        read(source(*parts), vocabulary)
        for parts in ((edges("ab"), nodes("a", "b")), (nodes("a", "b"), edges("ab")))
    )
    assert triples(before) == triples(after)


def test_directions_are_read_as_dependencies(vocabulary: Vocabulary) -> None:
    """A directed edge is a dependency of its source, once for each pair, and the import says so."""
    seen = read(source(nodes("a", "b", "c"), edges("ab", "ab", "bc"), edgedefault="directed"), vocabulary)
    assert triples(seen) == {("net:a", "depends_on", "net:b"), ("net:b", "depends_on", "net:c")}
    assert len(seen.relations) == 2
    (warning,) = seen.warnings
    assert warning.endswith("its source depends on its target, in net")


def test_directions_both_ways_are_connections(vocabulary: Vocabulary) -> None:
    """Where each edge has one back, the two are one link."""
    there = source(nodes("a", "b", "c"), edges("ab", "ba", "bc", "cb"), edgedefault="directed")
    assert triples(read(there, vocabulary)) == triples(
        read(source(nodes("a", "b", "c"), edges("ab", "bc")), vocabulary)
    )


def test_an_edge_says_its_own_direction(vocabulary: Vocabulary) -> None:
    """What an edge says of itself counts before what the graph says of all."""
    seen = read(source(nodes("a", "b", "c"), edges("ab", directed="true"), edges("bc")), vocabulary)
    assert ("net:a", "depends_on", "net:b") in triples(seen)
    assert classes(seen) == {"network_device": 3, "network_link": 1}


def test_what_is_not_read_is_counted(vocabulary: Vocabulary) -> None:
    """Loops, inner graphs, ports and edges of many ends are named in one warning."""
    inner = '<node id="b"><port name="p"/><graph edgedefault="undirected"><node id="b::c"/></graph></node>'
    hyper = '<hyperedge><endpoint node="a"/><endpoint node="b"/></hyperedge>'
    seen = read(source(nodes("a"), inner, edges("aa", "bb"), hyper), vocabulary)
    assert classes(seen) == {"network_device": 2}
    assert seen.warnings == (
        (
            "Left out: 2 edges from nodes to themselves, 1 graph inside a node, "
            "1 edge between more than two nodes and 1 port"
        ),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("<node/>", "This node has no id."),
        ('<node id=" "/>', "This node has no id."),
        ('<node id="a"/>', "The id “a” is given to two nodes."),
        ('<edge source="a"/>', "This edge does not say which nodes it joins."),
    ],
)
def test_what_means_nothing_is_listed(vocabulary: Vocabulary, line: str, problem: str) -> None:
    """The rest is read, and the place is told."""
    seen = read(source(nodes("a"), line), vocabulary)
    (fault,) = seen.rejected
    assert (fault.pointer, fault.detail) == ("net.graphml line 3", problem)
    assert classes(seen) == {"network_device": 1}


def test_an_end_that_is_not_there_is_unresolved(vocabulary: Vocabulary) -> None:
    """A link to an unknown node is a link all the same."""
    store = SqliteStore(None, Clock())
    plan = bring(store, vocabulary, read(source(nodes("a"), edges("az")), vocabulary))
    assert [one.target for one in plan.unresolved] == ["net:z"]
    assert plan.items["added"] == 2
    store.close()


def test_labels_that_are_drawn(vocabulary: Vocabulary) -> None:
    """Drawing programs write the label inside the shape of a node."""
    keys = '<key id="k" for="node" yfiles.type="nodegraphics"/>'
    label = "<y:NodeLabel>Core 1</y:NodeLabel>"
    shape = f'<y:ShapeNode xmlns:y="http://www.yworks.com/xml/graphml">{label}</y:ShapeNode>'
    seen = read(source(f'<node id="n0"><data key="k">{shape}</data></node>', keys=keys), vocabulary)
    assert seen.items[0].name == "Core 1"


def test_several_graphs_of_one_file(vocabulary: Vocabulary) -> None:
    """Each graph of a file is read."""
    graph = '<graph edgedefault="undirected"><data key="g">%s</data><node id="%s"/></graph>'
    text = '<graphml><key id="g" attr.name="name"/>' + graph % ("x", "a") + graph % ("y", "b") + "</graphml>"
    seen = read(Source("two.graphml", text.encode()), vocabulary)
    assert [item.source_id for item in seen.items] == ["x:a", "y:b"]


def test_other_files_are_not_claimed(vocabulary: Vocabulary) -> None:
    """Only the root element decides; without a graph there is one clear fault."""
    assert not graphml.recognises(Content("a.json", [{"graphml": {}}]))
    with pytest.raises(Unreadable):
        read(Source("a.xml", b"<graph><node id='a'/></graph>"), vocabulary)
    assert [fault.detail for fault in read(Source("a.xml", b"<graphml/>"), vocabulary).rejected] == [
        "This is no GraphML file with a graph in it."
    ]
