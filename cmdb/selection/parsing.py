"""From the text of a selection to its value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput
from lark.lark import PostLex

from cmdb.errors import WrongUsage
from cmdb.selection.fields import FIELDS, NONE, SHORT, known_values
from cmdb.selection.refusals import refused, unexpected
from cmdb.selection.tree import (
    PLAIN,
    WORDS,
    Both,
    Condition,
    Direction,
    Either,
    Named,
    Others,
    Selection,
    Walk,
)
from cmdb.spelling import did_you_mean
from cmdb.vocabulary import Vocabulary

LONGEST = 10_000
"""How many characters a selection may have."""

DEEPEST = 20
"""How many parentheses may be open at once."""

_STEPS = re.compile(r"[0-9]{1,6}")

_FEW = 10
"""How many values a message lists."""

_GRAMMAR = rf"""
    ?start: union
    ?union: both (_OR both)*
    ?both: one (_AND one)*
    ?one: _NOT set -> others
        | set
    ?set: DIRECTION atom [_WITHIN WORD] -> walk
        | atom
    ?atom: FIELD _value ("," _value)* -> condition
        | _value -> named
        | "(" union ")"
    _value: WORD | QUOTED

    _AND.2: /and(?!{PLAIN})/
    _OR.2: /or(?!{PLAIN})/
    _NOT.2: /not(?!{PLAIN})/
    _WITHIN.2: /within(?!{PLAIN})/
    DIRECTION.2: /(?:upstream|downstream)(?!{PLAIN})/
    FIELD.2: /(?:{"|".join([*FIELDS, *SHORT])}):/
    WORD: /(?!(?:{"|".join(WORDS)})(?!{PLAIN})){PLAIN}+/
    QUOTED: /'(?:[^']|'')*'|"(?:[^"]|"")*"/
    BLANKS: /[\s+]+/
    %ignore BLANKS
"""


def parse_selection(text: str, vocabulary: Vocabulary) -> Selection:
    """Read a selection.

    Raises
    ------
    WrongUsage
        If the text is not one, or asks for a class, family, tier or status that the vocabulary does not know.

    Examples
    --------
    >>> from cmdb.vocabulary_files import load_vocabulary
    >>> parse_selection("class:database", load_vocabulary())
    Condition(field='class', values=('database',))
    >>> str(parse_selection("(a or (b)) and upstream(c) within 2", load_vocabulary()))
    '(a or b) and upstream c within 2'
    """
    if len(text) > LONGEST:
        raise WrongUsage(f"The selection has {len(text):,} characters; {LONGEST:,} is the most.")
    if not text.replace("+", " ").strip():
        raise WrongUsage("The selection is empty. Name a key, or a condition such as class:database.")
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise unexpected(error, text) from None
    except _TooDeep as error:
        raise refused(text, error.place, f"more than {DEEPEST} parentheses are open at once.") from None
    return _Reading(text, vocabulary).selection(tree)


def meant(key: str) -> str:
    """A hint for a key that nothing has: what it would be as a condition, or nothing.

    Examples
    --------
    >>> meant("clas:database"), meant("web-*"), meant("upstream:checkout")
    (' Did you mean class:database?', ' Did you mean key:web-*?', ' Did you mean upstream checkout?')
    """
    before, colon, value = key.partition(":")
    if colon and before in WORDS:
        return f" Did you mean {before} {value}?"
    hint = did_you_mean(before, [*FIELDS, *SHORT]) if colon else ""
    if hint:
        return f"{hint.removesuffix('?')}:{value}?"
    return f" Did you mean key:{key}?" if "*" in key else ""


class _TooDeep(Exception):
    """Too many parentheses are open at once."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class _Depth(PostLex):
    """Watches the parentheses, before anything is made of what is in them."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Pass the words on while the parentheses are not too many."""
        depth = 0
        for token in stream:
            depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
            if depth > DEEPEST:
                raise _TooDeep(token.start_pos or 0)
            yield token


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", postlex=_Depth(), maybe_placeholders=False)


@dataclass(frozen=True)
class _Reading:
    """Makes the value of what was parsed, and checks what its words stand for."""

    text: str
    vocabulary: Vocabulary

    def selection(self, tree: Tree[Token]) -> Selection:
        """The value of a part; parts do not nest deeper than parentheses do."""
        match tree.data:
            case "named":
                return Named(_unquoted(_word(tree, 0)))
            case "condition":
                return self._condition(tree)
            case "walk":
                return self._walk(tree)
            case "others":
                return Others(self._part(tree, 0))
            case "both":
                return Both(tuple(self._parts(tree, Both)))
            case _:
                return Either(tuple(self._parts(tree, Either)))

    def _parts(self, tree: Tree[Token], kind: type[Both | Either]) -> Iterator[Selection]:
        """The parts of a whole; those of a part of the same kind are parts of the whole itself."""
        for place in range(len(tree.children)):
            part = self._part(tree, place)
            if isinstance(part, kind):
                yield from part.parts
            else:
                yield part

    def _part(self, tree: Tree[Token], place: int) -> Selection:
        return self.selection(cast("Tree[Token]", tree.children[place]))

    def _walk(self, tree: Tree[Token]) -> Walk:
        direction = cast("Direction", str(_word(tree, 0)))
        steps = _word(tree, 2) if len(tree.children) > 2 else None
        if steps is not None and not _STEPS.fullmatch(steps):
            raise self._refused(steps, f"“{steps}” is no number of steps. Write it in up to six digits.")
        return Walk(direction, self._part(tree, 1), None if steps is None else int(steps))

    def _condition(self, tree: Tree[Token]) -> Condition:
        short, *values = (_word(tree, place) for place in range(len(tree.children)))
        field = SHORT.get(short[:-1], short[:-1])
        return Condition(field, tuple(self._value(field, one) for one in values))

    def _value(self, field: str, word: Token) -> str | None:
        if word == NONE and FIELDS[field].can_lack:
            return None
        value, known = _unquoted(word), known_values(field, self.vocabulary)
        if known and not any(map(Condition(field, (value,)).accepts, known)):
            every = f" It is one of: {', '.join(known)}." if len(known) <= _FEW else ""
            hint = did_you_mean(value, known) or every
            raise self._refused(word, f"there is no {field} “{value}”.{hint}")
        return value

    def _refused(self, word: Token, what: str) -> WrongUsage:
        return refused(self.text, word.start_pos or 0, what)


def _word(tree: Tree[Token], place: int) -> Token:
    return cast("Token", tree.children[place])


def _unquoted(word: Token) -> str:
    mark = word[0] if word.type == "QUOTED" else ""
    return word[1:-1].replace(mark * 2, mark) if mark else str(word)
