import pytest

from cmdb.errors import CmdbError, TooLarge, Unreadable
from loaders.safe import Element, read_xml
from loaders.safe.limits import MAX_XML_NODES
from loaders.source import Source


def xml(text: str) -> Element:
    """Read a document named scan.xml."""
    return read_xml(Source("scan.xml", text.encode()))


def test_elements_know_their_place_and_text() -> None:
    """An element tells its line, its attributes and the text directly in it."""
    root = xml('<run by="me">\n <host>\n  <name> a<b/>b </name></host></run>')
    name = root.first("host", "name")
    assert name is not None
    assert (root.get("by"), name.line, name.text) == ("me", 3, "ab")
    assert root.text_at("host", "name") == "ab"
    assert root.text_at("host", "serial") is None


def test_namespaces_stand_apart_from_names() -> None:
    """A way through a document needs no namespaces."""
    root = xml('<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components/></bom>')
    assert (root.namespace, root.tag) == ("http://cyclonedx.org/schema/bom/1.4", "bom")
    assert root.first("components") is not None


def test_a_doctype_that_is_only_a_name_is_accepted() -> None:
    """Nmap writes one."""
    assert xml("<!DOCTYPE nmaprun>\n<nmaprun/>").tag == "nmaprun"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1/b"> %b;]><a/>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        '<!DOCTYPE a PUBLIC "a" "http://127.0.0.1/a.dtd"><a/>',
        "<!DOCTYPE a []><a/>",
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></a>',
        "<a>&b;</a>",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        '<?xml version="1.0" encoding="klingon"?><a/>',
        "<a>" * 101,
        "<a>" * 100_000 + "</a>" * 100_000,
    ],
)
def test_traps_are_refused_by_name(text: str) -> None:
    """What expands, fetches, nests without end or is broken gives one error that names the file."""
    with pytest.raises(Unreadable, match=r"^scan\.xml"):
        xml(text)


def test_a_billion_laughs_are_refused_at_once() -> None:
    """The file is small, what it would become is not."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(Unreadable, match="entities"):
        xml(f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]><a>&l9;</a>')


def test_the_place_of_a_fault_is_told() -> None:
    """The message leads to the line."""
    with pytest.raises(Unreadable, match=r"^scan\.xml line 3, column 3: this is not XML: mismatched tag\.$"):
        xml("<a>\n<b>\n</a>")


@pytest.mark.slow
def test_a_document_has_a_size_limit() -> None:
    """A file of nothing but tags ends before memory does."""
    with pytest.raises(TooLarge, match=r"^scan\.xml"):
        xml("<a>" + "<b/>" * MAX_XML_NODES + "</a>")


def test_bytes_may_be_of_any_encoding_that_they_declare() -> None:
    """A declaration counts; bytes that do not keep to it are refused."""
    declared = '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'
    assert read_xml(Source("scan.xml", declared.encode("latin-1"))).text == "é"
    with pytest.raises(CmdbError, match=r"^scan\.xml"):
        read_xml(Source("scan.xml", "<a>é</a>".encode("latin-1")))
