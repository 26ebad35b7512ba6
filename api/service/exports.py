"""Exporting: the native file of a view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from api.service.workspace import Selected, Workspace
from cmdb.errors import Unavailable, WrongUsage
from cmdb.export import WRITERS
from cmdb.model import Graph
from cmdb.values import Value
from cmdb.words import listed
from impact.documents.brief import FORMAT, Document, relation
from impact.picture import Link, Picture
from impact.selecting import part
from impact.wording import NAMED, capital, count
from loaders.safe.limits import LONG_TEXT, MAX_JSON_VALUES, MAX_YAML_VALUES
from loaders.source import MAX_BYTES

_TOO_LARGE = (
    "One import does not read a file as large as this. To move everything to another store, use"
    " cmdb backup and cmdb restore."
)


class Exported(NamedTuple):
    """A file, and the document that says what it holds."""

    data: bytes
    document: Document


@dataclass(frozen=True)
class Exports:
    """The use case of taking items and relations out."""

    workspace: Workspace

    def export(self, view: str = "live", format: str = "yaml", *, select: str | None = None) -> Exported:
        """The native file of everything in a view, as yaml or json, or of what a selection means.

        A selection's file holds its items and the relations among them; the document names as `cut` those
        that lead out of it.

        Raises
        ------
        WrongUsage
            If there is no such format, or the view or the selection is malformed.
        NotFound
            If the selection means nothing, or names a key that nothing has.
        Unavailable
            If the store is away: a file cannot say of itself that it may be out of date.
        """
        if format not in WRITERS:
            raise WrongUsage(f"There is no format “{format}” to export; there are {', '.join(WRITERS)}.")
        scene = self.workspace.scene(view)
        if scene.stale:
            raise Unavailable("The store is away, and an export could not say that it is out of date.")
        picture = scene.picture
        places = None if select is None else scene.find_some([Selected(select)])[0]
        graph, cut = (picture.graph(), []) if places is None else part(picture, places)
        data = WRITERS[format](graph)
        importable = _importable(graph, data, format)
        items, relations = count(len(graph.items), "item"), count(len(graph.relations), "relation")
        document = {
            "format": FORMAT,
            "revision": graph.revision,
            "view": scene.view,
            "detail": f"{capital(items)} and {relations} exported, as of revision {graph.revision}.",
            "items": len(graph.items),
            "relations": len(graph.relations),
            "cut": [relation(picture, one) for one in cut],
            "importable": importable,
            "warnings": [*_left_out(picture, cut), *([] if importable else [_TOO_LARGE])],
        }
        return Exported(data, scene.answered(document))


def _left_out(picture: Picture, cut: list[Link]) -> Iterator[str]:
    if cut:
        names = listed([picture.sentence(one) for one in cut], NAMED)
        leads = count(len(cut), "relation that leads", "relations that lead")
        yield f"Without {leads} out of the selection: {names}."


def _importable(graph: Graph, data: bytes, format: str) -> bool:
    """Whether one import reads a file as large as this."""
    too_many = data.count(b",") > MAX_JSON_VALUES if format == "json" else _values(graph) > MAX_YAML_VALUES
    return not too_many and len(data) <= MAX_BYTES


def _values(graph: Graph) -> int:
    """How many values there are in a YAML file of the graph, as its reader counts them."""
    each = [one.attributes for one in graph.items.values()]
    each += [one.attributes for one in graph.relations.values()]
    return sum(1 + 2 * (3 + len(one)) + sum(map(_more, one.values())) for one in each)


def _more(value: Value) -> int:
    """What a value counts beyond one: the entries of a list, the length of a long text."""
    if isinstance(value, list):
        return sum(1 + _more(one) for one in value)
    return len(value) // LONG_TEXT if isinstance(value, str) else 0
