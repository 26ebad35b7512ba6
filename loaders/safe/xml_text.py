"""XML without its traps: no entities of its own, no document types from elsewhere, no bottomless nesting.

defusedxml refuses what expands or fetches; here also a DOCTYPE that names anything outside the file, and
XInclude. Nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from cmdb.errors import TooLarge, Unreadable
from loaders.safe.limits import MAX_DEPTH, MAX_XML_NODES, TOO_DEEP
from loaders.source import Source

_XINCLUDE = "{http://www.w3.org/2001/XInclude}"


class Element:
    """An element with the line it starts on.

    Attributes
    ----------
    tag
        Its name without a namespace.
    namespace
        That, empty where it has none.
    attributes
        Values by name; a name in a namespace stands as `{namespace}name`.
    """

    __slots__ = ("attributes", "children", "line", "namespace", "pieces", "tag")

    def __init__(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        namespace, _, self.tag = name.rpartition("}")
        self.namespace = namespace.removeprefix("{")
        self.attributes = attributes
        self.line = line
        self.children: list[Element] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        """The text directly in it, pieces between children put together, without blanks around it."""
        return "".join(self.pieces).strip()

    def get(self, name: str) -> str | None:
        """An attribute's value, `None` where it is missing or empty."""
        return self.attributes.get(name) or None

    def first(self, *path: str) -> Element | None:
        """The first element at the end of a way through children, by their names."""
        return next(self.every(*path), None)

    def every(self, *path: str) -> Iterator[Element]:
        """All elements at the end of a way through children, by their names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.tag == path[0]:
                yield from child.every(*path[1:])

    def text_at(self, *path: str) -> str | None:
        """The text of the first element at the end of a way, `None` where there is none."""
        found = self.first(*path)
        return (found.text or None) if found else None


def read_xml(source: Source) -> Element:
    """Read an XML document.

    Raises
    ------
    Unreadable
        If it is not XML, defines entities, refers to anything outside the file or is nested too deep.
    TooLarge
        If it holds too many elements.
    """
    tree = _Tree(source)
    parser = _Parser(tree)
    tree.line = lambda: int(parser.parser.CurrentLineNumber)
    try:
        parser.feed(source.data)
        parser.close()
    except ParseError as error:
        line, column = error.position
        problem = f"this is not XML: {str(error).partition(':')[0]}"
        raise source.unreadable(problem, line, column + 1) from None
    except DefusedXmlException:
        raise source.unreadable(
            "entities and document types are not read", tree.line(), cure="Remove the DOCTYPE."
        ) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise Unreadable(f"{source.name} cannot be read: {error}. Save it as UTF-8.") from None
    return tree.root


class _Parser(DefusedXMLParser):
    """Accepts a DOCTYPE that is nothing but a name, as Nmap writes it."""

    def __init__(self, target: _Tree) -> None:
        super().__init__(target=target)
        self.parser.StartDoctypeDeclHandler = self._refuse_more_than_a_name

    def _refuse_more_than_a_name(
        self, _: str, system: str | None, public: str | None, has_subset: int
    ) -> None:
        if system or public or has_subset:
            raise DefusedXmlException


class _Tree:
    """Puts elements together as the parser tells of them."""

    def __init__(self, source: Source) -> None:
        self.line: Callable[[], int] = lambda: 1
        self._source = source
        self._outside = Element("", {}, 1)
        self._open = [self._outside]
        self._counted = 0

    @property
    def root(self) -> Element:
        """The outermost element of a document that was read to its end."""
        return self._outside.children[0]

    def start(self, tag: str, attributes: Mapping[str, str]) -> Element:
        """Take the start of an element."""
        if tag.startswith(_XINCLUDE):
            self._refuse("XInclude is not read")
        if len(self._open) > MAX_DEPTH:
            self._refuse(TOO_DEEP)
        self._counted += 1 + len(attributes)
        if self._counted > MAX_XML_NODES:
            raise TooLarge(
                f"{self._source.name} holds more than {MAX_XML_NODES:,} elements and attributes."
                " Split it into several files."
            )
        element = Element(tag, attributes, self.line())
        self._open[-1].children.append(element)
        self._open.append(element)
        return element

    def end(self, _: str) -> Element:
        """Take the end of an element."""
        return self._open.pop()

    def data(self, text: str) -> None:
        """Take text."""
        self._open[-1].pieces.append(text)

    def _refuse(self, problem: str) -> NoReturn:
        raise self._source.unreadable(problem, self.line())
