import os
from pathlib import Path

import pytest

from cmdb.errors import CmdbError, NotFound, Unreadable, WrongUsage
from cmdb.vocabulary import Vocabulary
from loaders.detect import LOADERS, read, read_all
from loaders.files import files
from loaders.source import Source
from loaders.tables.mapping_file import read_mapping


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("items: [{key: a, class: server}]", "native"),
        ("relations: []", "native"),
        ('{"items": []}', "native"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a}", "kubernetes"),
        ("apiVersion: v1\nkind: List\nitems: []", "kubernetes"),
        ("just: a note\n---\n{apiVersion: v1, kind: Secret}", "kubernetes"),
        ("services: {web: {image: nginx}}", "compose"),
        ("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}", "backstage"),
        ('{"data": [{"parent": "a", "child": "b", "callCount": 1}]}', "jaeger"),
        ('{"version": 4, "terraform_version": "1.0.0", "resources": []}', "terraform"),
        ('{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": []}', "cyclonedx"),
        ('<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>', "cyclonedx"),
        ('[{"model": "dcim.site", "pk": 1, "fields": {"name": "a"}}]', "netbox"),
        ('{"result": [{"sys_id": "a", "sys_class_name": "cmdb_ci_server"}]}', "servicenow"),
        ('{"deviceid": "a", "itemtype": "Computer", "content": {}}', "glpi"),
        ("<!DOCTYPE nmaprun>\n<nmaprun/>", "nmap"),
        (
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph/></graphml>',
            "graphml",
        ),
        ("key,class\na,server\n", "table"),
    ],
)
def test_formats_are_recognised(vocabulary: Vocabulary, text: str, format: str) -> None:
    """A file needs no flag: its content says what it is."""
    assert read(Source("upload", text.encode()), vocabulary).format == format


def test_manifests_of_one_cluster_are_read_together(vocabulary: Vocabulary) -> None:
    """A Service in one file finds its workload in another, as in a folder with a file for each object."""
    service = b"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}}}"
    pods = b"{metadata: {labels: {app: a}}, spec: {containers: [{image: i}]}}"
    workload = b"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: %b}}" % pods
    native = Source("c.yaml", b"items: [{key: c, class: server}]")
    seen = read_all([Source("a.yaml", service), native, Source("b.yaml", workload)], vocabulary)
    assert {one.format: len(one.items) for one in seen} == {"native": 1, "kubernetes": 2}
    (relation,) = seen[-1].relations
    assert (relation.type, relation.target.name) == ("depends_on", "deployment:default:a")


def test_a_format_can_be_asked_for(vocabulary: Vocabulary) -> None:
    """Named, a loader reads the file as its own and lists what is wrong with that."""
    source = Source("a.yaml", b"apiVersion: v1\nkind: Service\nmetadata: {name: a}")
    seen = read(source, vocabulary, "native")
    assert (seen.format, len(seen.rejected)) == ("native", 3)


def test_a_mapping_without_a_table_is_wrong_usage(vocabulary: Vocabulary) -> None:
    """Nobody is left to believe that it had an effect."""
    mapping = read_mapping(Source("m.toml", b'[[items]]\nclass = "server"\nid = "Host"\n'), vocabulary)
    table, native = Source("a.csv", b"Host\na\n"), Source("a.yaml", b"items: [{key: a, class: server}]")
    assert len(read_all([native, table], vocabulary, mapping=mapping)) == 2
    with pytest.raises(WrongUsage, match="none of these files is a table"):
        read_all([native], vocabulary, mapping=mapping)


def test_an_unknown_format_is_wrong_usage(vocabulary: Vocabulary) -> None:
    """The message lists the formats there are."""
    with pytest.raises(WrongUsage) as caught:
        read(Source("a.yaml", b""), vocabulary, "kubernets")
    known = ", ".join(loader.FORMAT for loader in LOADERS)
    assert str(caught.value) == (
        f"There is no format “kubernets”; there are {known}. Did you mean kubernetes?"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.yaml", b"- {key: a, class: server}"),
        ("a.yaml", b"name,class\nweb,server\n"),
        ("a.yaml", b"<note><to>all</to></note>"),
        ("a.yaml", b"resources: [{name: a}]"),
        ("a.json", b'"items"'),
        ("a.json", b"null"),
    ],
)
def test_unrecognised_content_is_refused(vocabulary: Vocabulary, name: str, data: bytes) -> None:
    """The message names the file and says what was looked for."""
    with pytest.raises(Unreadable) as caught:
        read(Source(name, data), vocabulary)
    assert str(caught.value).startswith(f"{name} is in no format that is known here. Looked for: ")
    assert all(loader.LOOKS_LIKE in str(caught.value) for loader in LOADERS)


def test_what_is_unknown_in_a_folder_is_passed_over(vocabulary: Vocabulary, tmp_path: Path) -> None:
    """It is warned of and nothing is retired for it; by its own name, or alone, it is refused."""
    (tmp_path / "estate.yaml").write_bytes(b"items: [{key: c, class: server}]")
    (tmp_path / "values.yaml").write_bytes(b"replicas: 3")
    (seen,) = read_all([*files([tmp_path])], vocabulary)
    assert [item.source_id for item in seen.items] == ["c"]
    assert seen.partial
    told = "was passed over: it is in no format that is known here, so nothing is retired."
    assert seen.warnings == (f"{tmp_path / 'values.yaml'} {told}",)
    with pytest.raises(Unreadable, match=r"values\.yaml is in no format"):
        read_all([*files([tmp_path / "estate.yaml", tmp_path / "values.yaml"])], vocabulary)
    (tmp_path / "estate.yaml").unlink()
    with pytest.raises(Unreadable, match=r"values\.yaml is in no format"):
        read_all([*files([tmp_path])], vocabulary)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.yaml", b""),
        ("a.json", b" \n"),
        ("a.yaml", b"# nothing\n---\n"),
        ("a.yaml", b"\xef\xbb\xbf"),
        ("a.yaml", b"\xff\xfe"),
    ],
)
def test_an_empty_file_is_refused(vocabulary: Vocabulary, name: str, data: bytes) -> None:
    """A file without content is no import of nothing."""
    with pytest.raises(Unreadable, match=f"{name} is empty"):
        read(Source(name, data), vocabulary)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x1f\x8b\x08\x00",
        b"PK\x03\x04\x00\x00",
        b"{" * 100_000,
        b"items: &a [*a]",
        b"items: [{key: a, class: server}]\nitems: []",
        b"items: [{key: a, class: !!python/name:os.system x}]",
        b"items: [{key: a\x00, class: server}]",
    ],
)
def test_bad_files_are_refused_by_name(vocabulary: Vocabulary, data: bytes) -> None:
    """Whatever a file holds, the answer is one error that names it."""
    for name in ("bad.yaml", "bad.json", "bad"):
        with pytest.raises(CmdbError, match=r"^bad"):
            read(Source(name, data), vocabulary)


def test_formats_have_different_names() -> None:
    """A format's name leads to one loader."""
    assert len({loader.FORMAT for loader in LOADERS}) == len(LOADERS)


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    """All YAML and JSON below it, sorted; others and hidden ones are left out."""
    for name in (
        "b.yml",
        "a.json",
        "c.YAML",
        "sub/deep/d.yaml",
        "e.txt",
        ".git/f.yaml",
        ".g.yaml",
        "h.yaml/i",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    found = list(files([tmp_path, tmp_path / "e.txt"]))
    assert [source.data.decode() for source in found] == [
        "a.json",
        "b.yml",
        "c.YAML",
        "sub/deep/d.yaml",
        "e.txt",
    ]
    assert found[0].name == str(tmp_path / "a.json")


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What another program prints can be read."""
    (tmp_path / "piped").write_bytes(b"items: []")
    with (tmp_path / "piped").open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        assert list(files([Path("-")])) == [Source("standard input", b"items: []")]


def test_missing_and_unreadable_files_are_told_apart(tmp_path: Path) -> None:
    """A name that does not exist is not found; a file that cannot be opened is unreadable."""
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(NotFound, match=r"There is no file or folder .*none\.yaml"):
        list(files([tmp_path / "none.yaml"]))
    with pytest.raises(NotFound, match="holds no file that ends in"):
        list(files([tmp_path]))
    with pytest.raises(Unreadable, match=r"loop\.yaml cannot be read"):
        list(files([tmp_path / "loop.yaml"]))
    with pytest.raises(CmdbError, match="cannot be read"):
        list(files([Path("a\x00b")]))


@pytest.mark.parametrize("missing", [True, False])
def test_a_name_that_is_not_utf_8_is_told(tmp_path: Path, *, missing: bool) -> None:
    """As bytes that can be read, also for a file deep in a folder: no log could hold the name itself."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/estate-\xff.yaml"))
    if not missing:
        path.write_text("items: []")
    for given in [path] if missing else [path, tmp_path]:
        with pytest.raises(Unreadable, match=r"estate-\\xff\.yaml is not UTF-8 text. Rename the file"):
            list(files([given]))
