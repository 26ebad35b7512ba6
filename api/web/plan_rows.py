"""Rows of a plan: its parts as tabs, and the entries of one part in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from api.service.showing import STEPS
from api.web.facts import field_words, in_words
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed
from impact.wording import capital, count

Document = Mapping[str, Any]

ROWS = 50
"""How many entries are shown at once."""

FIELDS = 8
"""How many fields of something new a row tells."""

_FIRST = ("added", "changed", "retired", "unresolved", "lonely")
_LABELS = {
    "added": ("Add", "Added"),
    "changed": ("Change", "Changed"),
    "retired": ("Retire", "Retired"),
    "unresolved": ("Unresolved", "Unresolved"),
    "lonely": ("Alone", "Alone"),
    "rejected": ("Left out", "Left out"),
    "kept": ("Held back", "Held back"),
    "warnings": ("Warnings", "Warnings"),
}
MEANINGS = {
    "unresolved": "They refer to what is not there. Nothing comes of them until what they name is imported.",
    "lonely": "These have no relation, so that no harm could ever reach them, or come from them.",
    "rejected": "These parts of the files cannot be used.",
    "kept": "These values stay, because a source of higher rank says otherwise.",
}
"""What those parts mean that are no steps."""

_VERBS = {"added": ("adds", "added"), "changed": ("changes", "changed"), "retired": ("retires", "retired")}


class Tab(NamedTuple):
    """One part of a plan: its name in addresses and on the page, and how many entries it has."""

    name: str
    label: str
    total: int


class End(NamedTuple):
    """An item that a row speaks of: its key, what it is called, and whether a page shows it."""

    key: str
    name: str
    shown: bool


class FieldRow(NamedTuple):
    """A field that gets another value, or whose value another source answers for from then on."""

    field: str
    before: str
    after: str
    note: str


class Row(NamedTuple):
    """One entry in words.

    Attributes
    ----------
    ends
        The item it is about, or the two of a relation.
    words
        What the relation is called.
    label
        The item's class.
    fields
        What is done to it, field by field.
    left
        How many fields are not told.
    text
        What else there is to say.
    where
        Where the files tell of it.
    """

    ends: tuple[End, ...] = ()
    words: str = ""
    label: str = ""
    fields: Sequence[FieldRow] = ()
    left: int = 0
    text: str = ""
    where: str = ""


def tabs(totals: Mapping[str, int], *, done: bool = False) -> list[Tab]:
    """The parts of a plan; of those that are rare only the ones that hold anything."""
    return [
        Tab(part, label[done], totals.get(part, 0))
        for part, label in _LABELS.items()
        if part in totals and (part in _FIRST or totals[part])
    ]


def current(tabs: Sequence[Tab], asked: str) -> Tab:
    """The tab that is asked for, else the first that holds anything."""
    return next((one for one in tabs if one.name == asked), next((one for one in tabs if one.total), tabs[0]))


def summary(document: Document, *, done: bool = False) -> str:
    """How many items and relations are added, changed and retired, in a sentence; empty if none is."""
    told = []
    for how, verbs in _VERBS.items():
        numbers = [(document[what][how], what.removesuffix("s")) for what in ("items", "relations")]
        nouns = [count(number, noun) for number, noun in numbers if number]
        if nouns:
            told.append(f"{verbs[done]} {listed(nouns)}")
    return f"{capital('; '.join(told))}." if told else ""


def beside(document: Document, totals: Mapping[str, int]) -> str:
    """How many steps the counts leave out, in a sentence; empty if none."""
    counted = sum(document[what][how] for what in ("items", "relations") for how in STEPS)
    left = sum(totals[how] for how in STEPS) - counted
    return f"Beside these, {count(left, 'change')} about people, teams or sources." if left > 0 else ""


def share(retiring: Document | None) -> str:
    """Which share of its source's items is retired, and how large it may be; empty if none is.

    Examples
    --------
    >>> share({"items": 4, "of": 252, "limit": 0.2})
    'Retire 4 of 252 (1.6 %, limit 20 %).'
    """
    if retiring is None:
        return ""
    items, of = retiring["items"], retiring["of"]
    told = f"{100 * items / of:.1f}".removesuffix(".0")
    return f"Retire {items:,} of {of:,} ({told} %, limit {100 * retiring['limit']:.0f} %)."


@dataclass(frozen=True)
class Rows:
    """The words for entries.

    Attributes
    ----------
    there
        Which steps are about what has a page already.
    file
        The only file there is, which need not be named in every row.
    """

    vocabulary: Vocabulary
    now: datetime
    there: frozenset[str] = frozenset({"change", "retire"})
    file: str = ""

    def told(self, part: str, entries: Iterable[Any]) -> list[Row]:
        """Entries of one part as rows."""
        return [self._row(part, one) for one in entries]

    def _row(self, part: str, entry: Any) -> Row:  # noqa: ANN401  each part has entries of its own
        match part:
            case "warnings":
                return Row(text=entry)
            case "lonely":
                return Row((End(entry, entry, "add" in self.there),))
            case "rejected":
                return Row(text=entry["reason"], where=self._where(entry))
            case "unresolved":
                return self._about(entry)._replace(text=_perhaps(entry), where=self._where(entry))
            case "kept":
                told = FieldRow(
                    field_words(entry["field"]),
                    self._value(entry["field"], entry["value"]),
                    self._value(entry["field"], entry["offered"]),
                    "",
                )
                by = f"by {entry['by']}; {entry['offered_by']} says otherwise"
                return self._about(entry)._replace(fields=[told], text=by, where=self._where(entry))
        return self._step(entry)

    def _step(self, step: Document) -> Row:
        fields = [] if step["action"] == "retire" else [self._field(one) for one in step["fields"]]
        most = FIELDS if step["action"] == "add" else len(fields)
        shown = step["action"] in self.there
        about = self._about(step, shown=shown)
        return about._replace(fields=fields[:most], left=max(len(fields) - most, 0), where=self._where(step))

    def _about(self, entry: Document, *, shown: bool = False) -> Row:
        if "type" in entry:
            ends = tuple(End(key, key, shown=False) for key in (entry["source"], entry["target"]))
            known = self.vocabulary.relations.get(entry["type"])
            return Row(ends, known.label if known else entry["type"])
        key = entry["key"]
        label = self.vocabulary.classes[entry["class"]].label if "class" in entry else ""
        return Row((End(key, entry.get("name", key), shown),), label=label)

    def _field(self, one: Document) -> FieldRow:
        moved = one["was_from"] is not None and one["was_from"] != one["from"]
        after = self._value(one["field"], one["after"])
        note = f"by {one['was_from']} until now" if moved else ""
        if one["before"] == one["after"]:
            after, note = "stays", f"now by {one['from']}"
        return FieldRow(field_words(one["field"]), self._value(one["field"], one["before"]), after, note)

    def _where(self, entry: Document) -> str:
        return (entry["where"] or "").removeprefix(f"{self.file} ")

    def _value(self, field: str, value: object) -> str:
        return in_words(value, self.vocabulary.fields.get(field), self.now)


def _perhaps(entry: Document) -> str:
    missing, names = [entry[end] for end in entry["missing"]], entry["candidates"]
    told = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not there"
    rest = entry["candidates_total"] - len(names)
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{told}; perhaps {', '.join(names)}{more}" if names else told
