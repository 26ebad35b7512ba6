"""Judging the data: how far answers can be trusted, and what to fix first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from api.service.paging import next_of, page_of
from api.service.workspace import Scene, Selected, Workspace
from cmdb.errors import Unavailable, WrongUsage
from cmdb.spelling import did_you_mean
from cmdb.views import parse_view
from impact.candidates import KINDS
from impact.documents.brief import Document
from impact.documents.data import Judged, coverage_document, data_document
from impact.documents.lists import LISTS, Listed, list_document

IMPORT_FIRST = "Nothing is here yet. Import a file you already have: cmdb import FILE."


@dataclass(frozen=True)
class Data:
    """The use cases of judging the data."""

    workspace: Workspace

    def judge(
        self, view: str = "live", *, select: str | None = None, kinds: Collection[str] = KINDS
    ) -> Document:
        """How much of the estate answers can rest on, what is wrong with the rest, and what to fix first.

        Parameters
        ----------
        view
            What is judged; which sources have seen things is always told as of now.
        select
            A selection: only its items are judged, and relations at one of them.
        kinds
            Which fixes are looked for: relation, reference, owner.

        Raises
        ------
        WrongUsage
            If view, selection or a kind is malformed.
        NotFound
            If the selection names a key that nothing has, or means nothing.
        """
        _check(kinds)
        scene = self.workspace.scene(view)
        judged = Judged(_among(scene, select), kinds, plan_in(scene))
        document = data_document(scene.picture, scene.view, scene.when.at, judged)
        if not len(scene.picture) and scene.view == "live":
            document["detail"] = IMPORT_FIRST
        return scene.answered({**document, "sources": self._sources()})

    def rows(
        self,
        name: str,
        view: str = "live",
        *,
        select: str | None = None,
        limit: int | None = 50,
        cursor: str | None = None,
    ) -> Document:
        """What is behind one of the numbers of `judge`: the items, relations or references, one by one.

        Parameters
        ----------
        name
            One of `LISTS`.
        limit, cursor
            How many to tell of at most, `None` for all, and where to go on.

        Raises
        ------
        WrongUsage, NotFound
            As `judge`; also if there is no such list.
        """
        if name not in LISTS:
            raise WrongUsage(f"There is no list “{name}”.{did_you_mean(name, LISTS)}")
        part = slice(None) if limit is None else page_of(limit, cursor)
        scene = self.workspace.scene(view)
        among = Judged(_among(scene, select)).marks(scene.picture)
        document = list_document(scene.picture, scene.view, scene.when.at, Listed(name, among, part))
        return scene.answered({**document, "next": limit and next_of(part, document["total"])})

    def coverage(self, view: str = "live") -> Document:
        """What share of the estate answers can rest on."""
        scene = self.workspace.scene(view)
        return scene.answered(coverage_document(scene.picture, scene.view, scene.when.at))

    def _sources(self) -> list[Document] | None:
        try:
            return [one._asdict() for one in self.workspace.store.sources()]
        except Unavailable:  # a stale answer cannot tell; the rest of it can
            return None


def _among(scene: Scene, select: str | None) -> Collection[int] | None:
    return None if select is None else scene.find_some([Selected(select)])[0]


def _check(kinds: Collection[str]) -> None:
    unknown = next((kind for kind in kinds if kind not in KINDS), None)
    if unknown is not None or not kinds:
        hint = "" if unknown is None else did_you_mean(unknown, KINDS)
        raise WrongUsage(f"“{unknown or ''}” is no kind of fix.{hint} The kinds are: {', '.join(KINDS)}.")


def plan_in(scene: Scene) -> str | None:
    """The plan that a view lays over the graph, if it is one."""
    overlays = parse_view(scene.view).overlays
    return str(overlays[0]) if len(overlays) == 1 else None
