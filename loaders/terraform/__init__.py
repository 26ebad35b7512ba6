"""Terraform and OpenTofu states: what a configuration made, and what each part was made after.

Every managed resource becomes a cloud resource. Data sources are only read, so they belong to somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenItem, SeenRelation
from cmdb.words import listed
from loaders.content import Content
from loaders.safe.place import where
from loaders.shapes import text
from loaders.terraform.attributes import attributes
from loaders.terraform.cloud_ids import cloud_ids
from loaders.terraform.relations import CLASS, Estate
from loaders.terraform.state import State

FORMAT = "terraform"
LOOKS_LIKE = "a state with “version”, “serial” or “lineage”, and “resources” or “modules”"
TEXT_KEYS: frozenset[str] = frozenset()

_MARKS = frozenset({"lineage", "serial", "terraform_version"})
_LEFT_OUT = {
    "data": ("1 data source that is only read", "{} data sources that are only read"),
    "deposed": ("1 object that waits to be destroyed", "{} objects that wait to be destroyed"),
}
_SKIPPED = {
    "data": ("1 dependency on a data source", "{} dependencies on data sources"),
    "module": ("1 dependency on a whole module", "{} dependencies on whole modules"),
}


def recognises(content: Content) -> bool:
    """Whether a document is a state."""
    return any(_is_state(document) for document in content.documents)


def read(content: Content) -> Observations:
    """Say what a state holds.

    Returns
    -------
    Observations
        A resource on which something depends and that the state does not have is the end of a relation all
        the same, so that it is listed as unresolved.
    """
    found: list[SeenItem | SeenRelation | Fault] = []
    left_out: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for document in content.documents:
        if not isinstance(document, dict):
            found.append(Fault(where(content.name, document), f"This is not {LOOKS_LIKE}."))
            continue
        state = State(text(document.get("lineage")) or "")
        state.take(content.name, document)
        estate = Estate(state)
        found += (*state.faults, *_items(state, estate), *estate.relations(), *estate.groups.values())
        left_out += state.left_out
        skipped += estate.skipped
    return Observations(
        FORMAT,
        items=tuple(one for one in found if isinstance(one, SeenItem)),
        relations=tuple(one for one in found if isinstance(one, SeenRelation)),
        rejected=tuple(one for one in found if isinstance(one, Fault)),
        warnings=(*_counted(left_out, _LEFT_OUT), *_counted(skipped, _SKIPPED)),
    )


def _items(state: State, estate: Estate) -> Iterator[SeenItem]:
    for one, cloud_id in zip(state.instances, cloud_ids(state.instances), strict=True):
        address = one.address.text
        source_id = estate.source_id(address)
        yield SeenItem(CLASS, source_id, address, attributes(one, cloud_id), one.where, (source_id,))


def _counted(counts: Counter[str], words: dict[str, tuple[str, str]]) -> Iterator[str]:
    said = [words[name][counts[name] > 1].format(counts[name]) for name in words if counts[name]]
    if said:
        yield f"Left out: {listed(said)}"


def _is_state(document: object) -> bool:
    return (
        isinstance(document, dict)
        and type(document.get("version")) is int
        and not _MARKS.isdisjoint(document)
        and (isinstance(document.get("resources"), list) or isinstance(document.get("modules"), list))
    )
