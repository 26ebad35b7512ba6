"""A client for programs: the HTTP API as typed Python calls.

    with Client("http://127.0.0.1:8000") as cmdb:
        for one in cmdb.impact(["db-a"])["services"]:
            print(one["name"], one["state"])

Answers are the documents of the API as dictionaries. What the server refuses is raised as the error of
`cmdb.errors` that it is on the server too. Needs the extra `client`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn, Self
from urllib.parse import quote

import httpx2

from api.problems import known_problems
from cmdb.errors import CmdbError, Fault, Unavailable

Document = dict[str, Any]
Cause = str | Mapping[str, str]
"""A key, or a mapping such as {"key": "db-b", "state": "degraded"} or {"select": "class:server"}."""

TIMEOUT_SECONDS = 60.0
PAGE = 500
"""How many rows are asked for at once."""


class Client:
    """Asks a server.

    Parameters
    ----------
    url
        Where it is, such as http://127.0.0.1:8000.
    token
        The token it asks for, if it does.
    actor
        Who acts, where the server takes everybody's word for it.
    http
        A prepared connection, instead of one made from the other three.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        token: str | None = None,
        actor: str | None = None,
        http: httpx2.Client | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Cmdb-Actor": actor} if actor else {}
        self._http = http or httpx2.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    # ---------------------------------------------------------------- looking

    def show(self, key: str, view: str = "live") -> Document:
        """One item with its attributes and relations."""
        return self._get(f"/items/{_part(key)}", view=view)

    def history(self, key: str, view: str = "live") -> Document:
        """Everything that ever happened to an item."""
        return self._get(f"/items/{_part(key)}/history", view=view)

    def search(self, text: str = "", *, select: str | None = None, view: str = "live") -> Iterator[Document]:
        """Items by words or by a selection, page after page."""
        return self._pages("/search", q=text, select=select, view=view)

    def diff(self, before: str, after: str = "live") -> Document:
        """What is different in one view from another."""
        return self._get("/diff", **{"from": before, "to": after})

    def export(self, view: str = "live", *, select: str | None = None, format: str = "yaml") -> bytes:
        """A view, or a selection, as a native file."""
        return self._ask("GET", "/export", params=_given(view=view, select=select, format=format)).content

    def verify(self, noted: str | None = None) -> Document:
        """Whether history is as it was written."""
        return self._get("/verify", noted=noted)

    def live(self) -> Document:
        """Whether the server runs."""
        return _document(self._ask("GET", "/health/live", under=""))

    def ready(self) -> Document:
        """Whether it can answer, and which revision it knows; `Unavailable` if it cannot."""
        return _document(self._ask("GET", "/health/ready", under=""))

    def metrics(self) -> str:
        """Figures for Prometheus."""
        return self._ask("GET", "/metrics", under="").text

    # ---------------------------------------------------------------- asking

    def impact(
        self,
        causes: Sequence[Cause],
        *,
        view: str = "live",
        at: str | None = None,
        graph: bool = False,
        fields: Sequence[str] | None = None,
    ) -> Document:
        """What follows if some items are out, or in another state."""
        asked = {"causes": list(causes), "view": view, "at": at, "graph": graph}
        return self._post("/impact", asked | ({"fields": list(fields)} if fields else {}))

    def explain(  # noqa: PLR0913  each is a parameter of the route
        self,
        causes: Sequence[str],
        key: str,
        *,
        select: str | None = None,
        state: str = "out",
        view: str = "live",
        at: str | None = None,
    ) -> Document:
        """Why an item is hit, or why not; `select` names causes by a selection."""
        asked = {"cause": list(causes), "select": select, "state": state}
        return self._get("/explain", key=key, view=view, at=at, **asked)

    def not_hit(
        self,
        causes: Sequence[str] = (),
        *,
        select: str | None = None,
        state: str = "out",
        view: str = "live",
        at: str | None = None,
    ) -> Iterator[Document]:
        """Which services are not hit and why, page after page; `select` names causes by a selection."""
        asked = {"cause": list(causes), "select": select, "state": state}
        return self._pages("/not-hit", view=view, at=at, **asked)

    def depends(self, key: str, view: str = "live") -> Document:
        """What an item needs."""
        return self._get(f"/depends/{_part(key)}", view=view)

    def path(self, start: str, end: str, view: str = "live") -> Document:
        """How two items hang together."""
        return self._get("/paths", **{"from": start, "to": end, "view": view})

    def spof(
        self,
        keys: Sequence[str] = (),
        *,
        select: str | None = None,
        view: str = "live",
        at: str | None = None,
    ) -> Document:
        """Single points of failure, of some items or of every service."""
        return self._get("/spof", key=list(keys), select=select, view=view, at=at)

    def now(self, view: str = "live") -> Document:
        """What is wrong now: open incidents, and what is hurt."""
        return self._get("/now", view=view)

    def services(
        self, owner: str | None = None, view: str = "live", *, at: str | None = None
    ) -> Iterator[Document]:
        """How somebody's services are, by default everybody's, page after page."""
        return self._pages("/services", owner=owner, view=view, at=at)

    def simulate(
        self,
        items: Sequence[Cause] = (),
        *,
        out: Sequence[Cause] = (),
        view: str = "live",
        draws: int | None = None,
        seed: int | None = None,
    ) -> Document:
        """How much of the time items are out, by failure rates."""
        asked = {"items": list(items), "out": list(out), "view": view, "draws": draws, "seed": seed}
        return self._post("/simulate", asked)

    def data(
        self, view: str = "live", *, select: str | None = None, fix: Sequence[str] | None = None
    ) -> Document:
        """How far the map can be trusted, and what would mend it most; `fix` names kinds of fixes."""
        return self._get("/data", view=view, select=select, fix=fix)

    def data_list(self, list: str, view: str = "live", *, select: str | None = None) -> Iterator[Document]:
        """What is behind one of the numbers of `data`, such as `unowned` or `stale`, page after page."""
        return self._pages(f"/data/{_part(list)}", view=view, select=select)

    # ---------------------------------------------------------------- writing

    def import_file(  # noqa: PLR0913  each is a parameter of the route
        self,
        name: str,
        data: bytes,
        *,
        format: str | None = None,
        source: str | None = None,
        into: str | None = None,
        mapping: str | None = None,
        dry_run: bool = False,
        only: Sequence[str] | None = None,
        match: str | None = None,
        allow_retire: bool = False,
        seen: str | None = None,
        idempotency_key: str | None = None,
    ) -> Document:
        """Import a file as one commit, or with `dry_run` tell what that would do; `mapping` is TOML.

        `only` and `match` choose what a dry run shows; `seen` is the `digest` of one: no other is applied.
        """
        params = _given(
            name=name,
            format=format,
            source=source,
            into=into,
            mapping=mapping,
            dry_run=dry_run,
            only=only,
            match=match,
            allow_retire=allow_retire,
            seen=seen,
        )
        headers = _once(idempotency_key)
        return _document(self._ask("POST", "/imports", params=params, headers=headers, content=data))

    def undo(self, revision: int, *, dry_run: bool = False, idempotency_key: str | None = None) -> Document:
        """Take a commit back by another, or with `dry_run` tell what that would do."""
        path, headers = f"/revisions/{revision}/undo", _once(idempotency_key)
        return _document(self._ask("POST", path, params={"dry_run": dry_run}, headers=headers))

    def edit(
        self, key: str, values: Mapping[str, object], edition: str, *, into: str | None = None
    ) -> Document:
        """Give an item other values; `edition` is what `show` gave for it."""
        return self._change("PATCH", f"/items/{_part(key)}", edition, into, values)

    def relate(  # noqa: PLR0913  each is a part of the request
        self,
        source: str,
        type: str,
        target: str,
        values: Mapping[str, object] | None = None,
        *,
        edition: str | None = None,
        into: str | None = None,
    ) -> Document:
        """Add a relation, or with its edition give the one that is there other values."""
        return self._change("PUT", _relation(source, type, target), edition, into, values or {})

    def unrelate(
        self, source: str, type: str, target: str, edition: str, *, into: str | None = None
    ) -> Document:
        """Remove a relation; `edition` is what `show` gave for it."""
        return self._change("DELETE", _relation(source, type, target), edition, into)

    def confirm(  # noqa: PLR0913  each is a part of the request
        self,
        source: str,
        type: str,
        target: str,
        edition: str,
        *,
        into: str | None = None,
        idempotency_key: str | None = None,
    ) -> Document:
        """Note that a relation is so; `edition` is what `show` gave for it."""
        path = f"{_relation(source, type, target)}/confirm"
        return self._change("POST", path, edition, into, once=idempotency_key)

    def assign(self, key: str, owner: str, edition: str, *, into: str | None = None) -> Document:
        """Say who answers for an item, by key or by name; `edition` is what `show` gave for it."""
        return self._change("PUT", f"/items/{_part(key)}/owner", edition, into, {"owner": owner})

    def resolve(  # noqa: PLR0913  each is a part of the request
        self,
        key: str,
        type: str,
        refers_to: str,
        means: str,
        *,
        back: bool = False,
        into: str | None = None,
        idempotency_key: str | None = None,
    ) -> Document:
        """Say which item a source means by a name that leads nowhere."""
        said = {"type": type, "refers_to": refers_to, "back": back, "means": means}
        path = f"/items/{_part(key)}/references"
        return self._change("POST", path, None, into, said, once=idempotency_key)

    def change_new(self, change: Mapping[str, object], *, idempotency_key: str | None = None) -> Document:
        """Register a change as it would be written in a file; it gets the next number."""
        return self._change("POST", "/changes", None, None, change, once=idempotency_key)

    def change_list(
        self, *, stage: str | None = None, type: str | None = None, affects: str | None = None
    ) -> Iterator[Document]:
        """Changes, the newest number first, page after page; `affects` is the key of what they touch."""
        return self._pages("/changes", stage=stage, type=type, affects=affects)

    def change_show(self, key: str) -> Document:
        """One change."""
        return self._get(f"/changes/{_part(key)}")

    def change_edit(self, key: str, change: Mapping[str, object], edition: str) -> Document:
        """Alter the parts of a change that are given; `edition` is what `change_show` gave for it."""
        return self._change("PATCH", f"/changes/{_part(key)}", edition, None, change)

    def change_submit(
        self, key: str, *, edition: str | None = None, idempotency_key: str | None = None
    ) -> Document:
        """Submit a change: from then on what it touches is frozen."""
        return self._change("POST", f"/changes/{_part(key)}/submit", edition, None, once=idempotency_key)

    def change_assess(self, key: str, *, edition: str | None = None) -> Document:
        """Work out what a change does: as planned, if one of its steps fails, and if all of it fails."""
        return self._change("POST", f"/changes/{_part(key)}/assess", edition, None)

    def change_replay(self, key: str) -> Document:
        """The last assessment of a change, worked out again from what was there then."""
        return self._get(f"/changes/{_part(key)}/assessment")

    def change_cancel(
        self, key: str, *, edition: str | None = None, idempotency_key: str | None = None
    ) -> Document:
        """Cancel a change."""
        return self._change("POST", f"/changes/{_part(key)}/cancel", edition, None, once=idempotency_key)

    def withdraw(self, plan: str, key: str) -> Document:
        """Take everything out of a plan, given as CLASS:KEY, that is about an item."""
        return _document(self._ask("DELETE", f"/plans/{_part(plan)}/items/{_part(key)}"))

    # ---------------------------------------------------------------- how

    def _change(  # noqa: PLR0913  each is a part of the request
        self,
        method: str,
        path: str,
        edition: str | None,
        into: str | None,
        values: Mapping[str, object] | None = None,
        *,
        once: str | None = None,
    ) -> Document:
        headers = _once(once) | ({"If-Match": f'"{edition}"'} if edition is not None else {})
        body: dict[str, Any] = {} if values is None else {"json": dict(values)}
        return _document(self._ask(method, path, params=_given(into=into), headers=headers, **body))

    def _get(self, path: str, **params: object) -> Document:
        return _document(self._ask("GET", path, params=_given(**params)))

    def _pages(self, path: str, **params: object) -> Iterator[Document]:
        cursor = None
        while True:
            page = self._get(path, cursor=cursor, limit=PAGE, **params)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def _post(self, path: str, body: Mapping[str, object]) -> Document:
        return _document(self._ask("POST", path, json=dict(body)))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        under: str = "/api/v1",
        **sent: Any,  # noqa: ANN401  the library's own
    ) -> httpx2.Response:
        try:
            answer = self._http.request(method, f"{under}{path}", **sent)
        except httpx2.TransportError as error:
            raise Unavailable(f"{self._http.base_url} does not answer: {error}") from error
        if not answer.is_success:
            _refuse(answer)
        return answer


def _part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def _relation(source: str, type_name: str, target: str) -> str:
    return f"/items/{_part(source)}/relations/{_part(type_name)}/{_part(target)}"


def _once(key: str | None) -> dict[str, str]:
    """The header under which a request may be sent again."""
    return {"Idempotency-Key": key} if key else {}


def _given(**params: object) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _document(answer: httpx2.Response) -> Document:
    document: Document = answer.json()
    return document


def _refuse(answer: httpx2.Response) -> NoReturn:
    """Raise what a problem document tells."""
    problem: Document = {}
    with suppress(ValueError):  # a proxy on the way answers with something else
        problem = answer.json()
    slug = str(problem.get("type", "")).rpartition("/")[2]
    faults = tuple(Fault(one["pointer"], one["detail"]) for one in problem.get("errors", []))
    kind = known_problems().get(slug, CmdbError)
    raise kind(problem.get("detail") or f"The server answered {answer.status_code}.", faults)
