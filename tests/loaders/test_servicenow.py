import json
from collections import Counter
from pathlib import Path

import pytest

from cmdb.errors import CmdbError, Unreadable
from cmdb.observations import ANY_CLASS, Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring

WEB, DB, ANN, OPS = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
DEPENDS_ON = "1a9cb166f1571100a92eb60da2bce5c5"
LINK = "https://example.service-now.com/api/now/table"


@pytest.fixture(scope="session")
def pages(real_data: Path, vocabulary: Vocabulary) -> dict[str, Observations]:
    """Return two real pages, of servers and of groups."""
    folder = real_data / "servicenow-table-api"
    return {one.stem: read(Source(one.name, one.read_bytes()), vocabulary) for one in folder.glob("*.json")}


@pytest.fixture
def read_rows(vocabulary: Vocabulary) -> "ReadRows":
    """Return a function that reads a page of rows."""
    return ReadRows(vocabulary)


class ReadRows:
    """Reads rows as a page of the Table API."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, *rows: object, name: str = "page.json") -> Observations:
        """Say what the page of these rows holds."""
        return read(Source(name, json.dumps({"result": rows}).encode()), self._vocabulary, "servicenow")


def server(**cells: object) -> dict[str, object]:
    """Write a row of a server."""
    return {"sys_id": WEB, "name": "web-1", "sys_class_name": "cmdb_ci_linux_server", **cells}


def reference(table: str, sys_id: str, shown: str | None = None) -> dict[str, str]:
    """Write a reference to a row, with what people read where that was asked for."""
    return {"link": f"{LINK}/{table}/{sys_id}", "value": sys_id} | ({"display_value": shown} if shown else {})


def rel(**cells: object) -> dict[str, object]:
    """Write a row that relates the web server, as parent, to the database."""
    return {
        "sys_id": "f" * 32,
        "parent": reference("cmdb_ci", WEB),
        "child": reference("cmdb_ci", DB, "db-1"),
        "type": reference("cmdb_rel_type", DEPENDS_ON),
        "parent.sys_class_name": "cmdb_ci_linux_server",
        "child.sys_class_name": "cmdb_ci_db_mssql_instance",
        **cells,
    }


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def test_the_real_servers(pages: dict[str, Observations]) -> None:
    """One query gives 40 servers of five tables, each of which keeps the name of its own."""
    seen = pages["cmdb_ci_server"]
    assert {one.class_name for one in seen.items} == {"server"}
    assert Counter(one.attributes["sys_class_name"] for one in seen.items) == {
        "cmdb_ci_server": 19,
        "cmdb_ci_win_server": 8,
        "cmdb_ci_unix_server": 7,
        "cmdb_ci_linux_server": 4,
        "cmdb_ci_aix_server": 2,
    }
    assert Counter(one.type for one in seen.relations) == {"supported_by": 41, "owned_by": 2}
    assert (seen.rejected, seen.warnings) == ((), ())


def test_real_values_are_values(pages: dict[str, Observations]) -> None:
    """Numbers are numbers, what is empty or -1 is not there, and identifiers are not shown as names."""
    items = pages["cmdb_ci_server"].items
    assert sum("memory_mb" in one.attributes for one in items) == 40 - 10 - 4
    assert sum(one.attributes.get("environment") == "production" for one in items) == 25
    assert {one.attributes["status"] for one in items} == {"live"}
    assert not any("location" in one.attributes or "manufacturer" in one.attributes for one in items)
    sap = next(one for one in items if one.attributes.get("serial_number"))
    assert sap.attributes["serial_number"] == "478933-e78-8823"


def test_the_real_groups(pages: dict[str, Observations]) -> None:
    """Groups are teams, recognised without the name of their table; managers and parents are relations."""
    seen = pages["sys_user_group"]
    assert Counter(one.class_name for one in seen.items) == {"team": 46}
    assert Counter(one.type for one in seen.relations) == {"owned_by": 6, "member_of": 3}
    desk = next(one for one in seen.items if one.attributes.get("email"))
    assert desk.attributes["email"] == "service.desk@yourcompany.com"
    assert not any(str(one.attributes.get("description", "")).startswith("\n") for one in seen.items)
    assert (seen.rejected, seen.warnings) == ((), ())


def test_importing_the_real_pages(pages: dict[str, Observations], vocabulary: Vocabulary) -> None:
    """What refers to people who were not exported is unresolved; a page imported twice changes nothing."""
    store = SqliteStore(None, Clock())
    done = bring(store, vocabulary, *pages.values())
    again = bring(store, vocabulary, pages["cmdb_ci_server"], *pages.values())
    classes = Counter(one.class_name for one in store.read().items.values())
    store.close()
    assert (classes["server"], classes["team"]) == (40, 46)
    assert (done.relations["added"], len(done.unresolved)) == (4, 48)
    assert not done.rejected
    assert not again.operations


def test_everything_said_fits_the_vocabulary(
    pages: dict[str, Observations], read_rows: ReadRows, vocabulary: Vocabulary
) -> None:
    """Every attribute is a field of its class and passes its check, every relation is allowed."""
    full = {
        "short_description": "a", "serial_number": "1", "asset_tag": "2", "used_for": "Test", "version": "3",
        "busines_criticality": "2 - somewhat critical", "model_number": "m", "fqdn": "a.example.com",
        "os": "Linux", "ip_address": "10.0.0.1", "mac_address": "00:11:22:33:44:55", "cpu_count": "4",
        "ram": "2048", "disk_space": "10.5", "tcp_port": "1433", "valid_to": "2027-01-01 00:00:00",
        "subject_common_name": "a", "issuer_common_name": "b", "attested_date": "2026-01-01 00:00:00",
        "location": reference("cmn_location", OPS, "Berlin"), "email": "a@example.com", "phone": "1",
        "manufacturer": reference("core_company", OPS, "ACME"), "time_zone": "Europe/Berlin",
        "owned_by": reference("sys_user", ANN, "Ann"),
        "support_group": reference("sys_user_group", OPS, "Ops"),
    }  # fmt: skip
    tables = ["cmdb_ci_vm_instance", "cmdb_ci_db_mssql_instance", "cmdb_ci_service", "cmdb_ci_certificate"]
    tables += ["cmdb_ci_lb", "cmdb_ci_rack", "cmdb_ci_business_app", "cmdb_ci_printer", "sys_user"]
    rows = [full | {"sys_id": str(n) * 32, "sys_class_name": table} for n, table in enumerate(tables)]
    for seen in (*pages.values(), read_rows(*rows)):
        for item in seen.items:
            fields = vocabulary.item_fields(item.class_name)
            assert all(fields[name].check(value) is not None for name, value in item.attributes.items())
        for one in seen.relations:
            fields = vocabulary.relation_fields(one.type)
            assert all(fields[name].check(value) for name, value in one.attributes.items())
            assert vocabulary.allows(one.type, one.source.class_name or "", one.target.class_name or "")


def test_every_class_and_relation_of_the_table_exists(vocabulary: Vocabulary) -> None:
    """The table names nothing that the vocabulary does not know."""
    from loaders.servicenow.tables import tables  # noqa: PLC0415 - the table, beside what it is tested with

    assert set(tables().classes.values()) <= vocabulary.classes.keys()
    assert {one.type for one in tables().relations if one.type} <= vocabulary.relations.keys()
    statuses = {status for meanings in tables().statuses.values() for status in meanings.values()} - {""}
    assert statuses <= set(tables().worst_first)


@pytest.mark.parametrize(
    ("table", "class_name", "is_listed"),
    [
        ("cmdb_ci_server", "server", True),
        ("cmdb_ci_esx_server", "server", True),
        ("cmdb_ci_vm_instance", "virtual_machine", True),
        ("cmdb_ci_service", "business_service", True),
        ("cmdb_ci_service_auto", "application_service", True),
        ("cmdb_ci_business_app", "application", True),
        ("cmdb_ci_appl", "application", True),
        ("cmdb_ci_lb", "load_balancer", True),
        ("cmdb_ci_netgear", "network_device", True),
        ("cmdb_ci_ip_firewall", "firewall", True),
        ("cmdb_ci_lb_f5_bigip", "load_balancer", False),
        ("cmdb_ci_db_mssql_instance", "database", False),
        ("cmdb_ci_storage_device", "data_store", False),
        ("cmdb_ci_printer", "cloud_resource", False),
        ("Linux Server", "server", True),
        ("Windows Server", "server", True),
    ],
)
def test_tables_have_classes(read_rows: ReadRows, table: str, class_name: str, *, is_listed: bool) -> None:
    """A table that is not listed is read as the nearest that is, which is said; labels are names too."""
    seen = read_rows(server(sys_class_name=table))
    (item,) = seen.items
    assert (item.class_name, item.attributes["sys_class_name"]) == (class_name, table)
    said = f"1 row of tables without a class of their own was read as the nearest: 1 {table} as {class_name}."
    assert seen.warnings == (() if is_listed else (said,))


def test_rows_of_other_tables_are_counted(read_rows: ReadRows) -> None:
    """Incidents and changes are not imported, and that is said."""
    rows = [{"sys_id": str(n) * 32, "sys_class_name": "incident"} for n in range(3)]
    seen = read_rows(server(), *rows, {"sys_id": OPS, "sys_class_name": "Change Request"})
    assert len(seen.items) == 1
    assert seen.warnings == (
        "4 rows of tables that are not read here were left out: 1 change_request and 3 incident.",
    )


def test_a_page_can_be_named_after_its_table(read_rows: ReadRows) -> None:
    """Where a row does not say of which table it is, the file's name may."""
    row = {"sys_id": WEB, "name": "web-1"}
    assert read_rows(row, name="exports/cmdb_ci_ip_switch-2.json").items[0].class_name == "network_device"
    assert read_rows(row, name="sys_user_group.json").items[0].class_name == "team"
    (fault,) = read_rows(row, name="page.json").rejected
    assert fault.detail == (
        "Nothing tells of which table this row is: ask for sys_class_name, or name the file after the table,"
        " for instance cmdb_ci_server.json."
    )


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("ram", "2048", "memory_mb", 2048),
        ("ram", "-1", "memory_mb", None),
        ("ram", "2,048", "memory_mb", None),
        ("ram", "9" * 5000, "memory_mb", None),
        ("ram", 2048, "memory_mb", None),
        ("ram", "", "memory_mb", None),
        ("ram", {"display_value": "2,048", "value": "2048"}, "memory_mb", 2048),
        ("cpu_count", "0", "cpus", None),
        ("disk_space", "40", "disk_gb", 40.0),
        ("disk_space", "1e9", "disk_gb", None),
        ("ip_address", "10.0.0.1, fe80::1", "ip_addresses", ["10.0.0.1", "fe80::1"]),
        ("ip_address", "::", "ip_addresses", None),
        ("ip_address", "unknown", "ip_addresses", None),
        ("fqdn", "web-1.example.com", "hostname", "web-1.example.com"),
        ("host_name", "web-1", "hostname", "web-1"),
        ("os", "Linux Red Hat", "operating_system", "Linux Red Hat"),
        ("used_for", "Production", "environment", "production"),
        ("busines_criticality", "1 - most critical", "tier", 1),
        ("busines_criticality", "10", "tier", None),
        ("attested_date", "2026-11-20 09:00:00", "verified_at", "2026-11-20T09:00:00Z"),
        ("attested_date", "2026-02-30 09:00:00", "verified_at", None),
        ("model_id", reference("cmdb_model", OPS, "DL380"), "model", "DL380"),
        ("model_id", reference("cmdb_model", OPS), "model", None),
        ("location", OPS, "location", None),
        ("location", "Berlin", "location", "Berlin"),
        ("sys_domain", {"link": f"{LINK}/sys_user_group/global", "value": "global"}, "owner", None),
        ("business_duration", "1970-01-20 21:55:00", "verified_at", None),
        ("install_status", "1", "status", "live"),
        ("install_status", {"display_value": "Retired", "value": "7"}, "status", "retired"),
        ("install_status", "In Maintenance", "status", "maintenance"),
        ("operational_status", "6", "status", "retired"),
        ("hardware_status", "in_stock", "status", "planned"),
    ],
)
def test_columns_are_fields(
    read_rows: ReadRows, column: str, value: object, field: str, expected: object
) -> None:
    """Texts become values of their field's type; what cannot be right is not there."""
    (item,) = read_rows(server(**{column: value})).items
    assert item.attributes.get(field) == expected


def test_the_status_furthest_from_serving_counts(read_rows: ReadRows) -> None:
    """A server that is retired by one column is retired, whatever another still says."""
    (item,) = read_rows(server(install_status="7", operational_status="1", hardware_status="installed")).items
    assert item.attributes["status"] == "retired"


def test_an_unknown_status_is_said(read_rows: ReadRows) -> None:
    """A value of one's own is left out with a warning."""
    seen = read_rows(server(install_status="42"))
    assert "status" not in seen.items[0].attributes
    assert seen.warnings == (
        "1 row with a status that is not known here was read without it: 1 install_status “42”.",
    )


def test_people_are_relations(read_rows: ReadRows) -> None:
    """Who owns and who looks after an item is a relation with its columns as roles, and a name if known."""
    ann = reference("sys_user", ANN, "Ann")
    seen = read_rows(
        server(owned_by=ann, assigned_to=ann, managed_by=reference("sys_user", ANN), support_group=OPS,
               change_control=reference("sys_user_group", OPS, "Board"))
    )  # fmt: skip
    assert triples(seen) == {(WEB, "owned_by", ANN), (WEB, "supported_by", ANN), (WEB, "supported_by", OPS)}
    owned = next(one for one in seen.relations if one.type == "owned_by")
    assert owned.target == ("person", ANN)
    assert owned.attributes == {"known": "declared", "role": "owned_by, assigned_to"}
    assert owned.target_called == "Ann"
    (item,) = seen.items
    assert (item.attributes["owner"], item.attributes["change_group"]) == ("Ann", "Board")
    assert "support_group" not in item.attributes


def test_a_link_knows_better_who_is_meant(read_rows: ReadRows) -> None:
    """A reference to a group is one to a team, also from a column that usually names a person."""
    (relation,) = read_rows(server(owned_by=reference("sys_user_group", OPS))).relations
    assert relation.target == ("team", OPS)


def test_links_without_values_are_enough(read_rows: ReadRows) -> None:
    """With display values alone, the identifier stands at the end of the link."""
    owner = {"display_value": "Ann", "link": f"{LINK}/sys_user/{ANN}"}
    assert triples(read_rows(server(owned_by=owner))) == {(WEB, "owned_by", ANN)}
    assert triples(read_rows(server(owned_by="Ann"))) == set()


def test_people_themselves_are_read(read_rows: ReadRows) -> None:
    """Users are persons, and a membership relates them to their team; who has left is retired."""
    user = {"sys_id": ANN, "user_name": "ann", "name": "Ann", "email": "ann@example.com", "active": "false"}
    member = {
        "sys_id": "e" * 32,
        "user": reference("sys_user", ANN),
        "group": reference("sys_user_group", OPS),
    }
    seen = read_rows(user, member)
    (item,) = seen.items
    assert (item.class_name, item.name) == ("person", "Ann")
    assert item.attributes == {"email": "ann@example.com", "status": "retired"}
    assert triples(seen) == {(ANN, "member_of", OPS)}


def test_the_parent_depends_on_the_child(read_rows: ReadRows) -> None:
    """“Depends on::Used by” runs from parent to child; the ends have the classes of their tables."""
    (relation,) = read_rows(rel()).relations
    assert (relation.source, relation.type, relation.target) == (
        ("server", WEB),
        "depends_on",
        ("database", DB),
    )
    assert (relation.attributes, relation.target_called) == ({"known": "declared"}, "db-1")


@pytest.mark.parametrize(
    ("name", "type_name", "from_parent"),
    [
        ("Depends on::Used by", "depends_on", True),
        ("depends ON::used BY", "depends_on", True),
        ("Runs on::Runs", "runs_on", True),
        ("Hosted on::Hosts", "runs_on", True),
        ("Virtualized by::Virtualizes", "runs_on", True),
        ("Contains::Contained by", "part_of", False),
        ("Members::Member of", "member_of", False),
        ("Cluster of::Cluster", "member_of", False),
        ("Connects to::Connected by", "connects_via", True),
        ("Provides::Provided by", "depends_on", False),
        ("Powers::Powered by", "depends_on", False),
    ],
)
def test_relation_types_have_a_direction(
    read_rows: ReadRows, name: str, type_name: str, *, from_parent: bool
) -> None:
    """Each type runs the way harm does, however its name is told."""
    ends = (WEB, type_name, DB) if from_parent else (DB, type_name, WEB)
    for told in ({"display_value": name, "value": "9" * 32}, name):
        assert triples(read_rows(rel(type=told))) == {ends}
    assert triples(read_rows(rel(type="9" * 32, **{"type.name": name}))) == {ends}


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"type": "Is like::Is like"}, "“Is like::Is like” is not in the table of relation types"),
        ({"type": ""}, "Its type is told by an identifier only: ask for sysparm_display_value=all."),
        ({"type": reference("cmdb_rel_type", "9" * 32)}, "Its type is told by an identifier only"),
        ({"parent": ""}, "It has no parent, or one without a sys_id."),
        ({"child": "db 1"}, "It has no child, or one without a sys_id."),
        ({"child": {"value": ["x"]}}, "It has no child, or one without a sys_id."),
    ],
)
def test_relations_that_cannot_be_used_are_listed(
    read_rows: ReadRows, cells: dict[str, object], problem: str
) -> None:
    """Each with its place and the reason."""
    seen = read_rows(rel(**cells))
    (fault,) = seen.rejected
    assert fault.pointer == "page.json, result[0]"
    assert fault.detail.startswith(problem)
    assert seen.relations == ()


def test_the_class_of_an_end_may_stand_elsewhere(read_rows: ReadRows) -> None:
    """An item of the same file tells its class, and so does a link to its own table."""
    told = {"parent.sys_class_name": "", "child.sys_class_name": "", "child": reference("cmdb_ci_lb", DB)}
    (relation,) = [one for one in read_rows(server(), rel(**told)).relations if one.type == "depends_on"]
    assert (relation.source, relation.target) == (("server", WEB), ("load_balancer", DB))


def test_an_end_of_untold_class_is_found_by_its_id(read_rows: ReadRows) -> None:
    """A page of relations alone need not say what it relates: whoever imported the item told its class."""
    told = {"parent.sys_class_name": "", "child.sys_class_name": ""}
    (relation,) = read_rows(rel(**told)).relations
    assert (relation.source, relation.target) == ((ANY_CLASS, WEB), (ANY_CLASS, DB))


def test_relations_without_harm_are_counted(read_rows: ReadRows) -> None:
    """A type along which nothing fails is left out on purpose, which rejects nothing."""
    seen = read_rows(rel(type="Manages::Managed by"))
    assert (seen.relations, seen.rejected) == ((), ())
    assert seen.warnings == (
        "1 row of relation types along which nothing fails was left out: 1 Manages::Managed by.",
    )


@pytest.mark.parametrize(
    "page",
    [
        {"result": [server()], "error": {"message": "maximum execution time exceeded", "detail": "x"}},
        {"error": {"message": "maximum execution time exceeded"}, "status": "failure"},
        {"result": [], "error": {"detail": "maximum execution time exceeded"}},
    ],
)
def test_a_failed_page_is_refused(vocabulary: Vocabulary, page: dict[str, object]) -> None:
    """Rows beside an error are not all there are, so none is imported; the message says what to do."""
    with pytest.raises(Unreadable) as caught:
        read(Source("page.json", json.dumps(page).encode()), vocabulary)
    assert str(caught.value).startswith(
        "page.json is a failed page: ServiceNow says “maximum execution time exceeded”."
    )
    assert "sysparm_limit" in str(caught.value)


def test_pages_are_recognised(vocabulary: Vocabulary) -> None:
    """Rows, a single row and an empty last page are; other files with a result are not."""
    for result in ([server()], server(), []):
        source = Source("page", json.dumps({"result": result}).encode())
        assert read(source, vocabulary).format == "servicenow"
    assert "no rows" in read(Source("page", b'{"result": []}'), vocabulary).warnings[0]
    for other in ({"result": [{"id": 1}]}, {"result": 7}, {"error": {"message": "a"}, "data": []}):
        with pytest.raises(Unreadable, match="no format"):
            read(Source("page.json", json.dumps(other).encode()), vocabulary)


@pytest.mark.parametrize(
    "wrong", [None, 7, "x", ["x"], [[]], {"a": 7}, {"value": {}}, {"link": 7}, {"link": "//"}]
)
def test_wrong_shapes_never_break_it(read_rows: ReadRows, wrong: object) -> None:
    """Whatever stands in a column, the other columns are read."""
    columns = ("owned_by", "ram", "ip_address", "install_status", "name", "os", "location", "fqdn", "active")
    for column in columns:
        assert len(read_rows(server(**{column: wrong})).items) == 1
    for column in ("parent", "child", "type", "parent.sys_class_name"):
        assert len(read_rows(rel(**{column: wrong})).items) == 0
    assert read_rows(server(sys_class_name=wrong)).items == () or wrong is not None


@pytest.mark.parametrize("sys_id", ["", None, 0, "a b", "x" * 101, ["a"]])
def test_a_row_needs_an_identifier(read_rows: ReadRows, sys_id: object) -> None:
    """Without one it could not be found again, so it is listed and not imported."""
    (fault,) = read_rows(server(sys_id=sys_id)).rejected
    assert fault.detail == "This row has no sys_id that can be used."


@pytest.mark.parametrize("document", [[], 7, "x", {}, {"result": 7}, {"result": [7]}, {"result": None}])
def test_what_is_no_page_is_listed(vocabulary: Vocabulary, document: object) -> None:
    """Read as a page because it was asked for, the file's content is rejected and never an error."""
    seen = read(Source("page.json", json.dumps(document).encode()), vocabulary, "servicenow")
    assert (len(seen.rejected), seen.items) == (1, ())


def test_a_truncated_file_is_refused(real_data: Path, vocabulary: Vocabulary) -> None:
    """A page that was cut anywhere is no JSON, which one clear error says."""
    data = (real_data / "servicenow-table-api" / "cmdb_ci_server.json").read_bytes().rstrip()
    for sixteenth in range(16):
        with pytest.raises(CmdbError, match=r"^cut\.json"):
            read(Source("cut.json", data[: len(data) * sixteenth // 16]), vocabulary)


def test_pages_with_display_values_are_read(read_rows: ReadRows) -> None:
    """Where every value comes with what people read, the stored one counts, and names are known."""
    plain = server(ram="2048", install_status="7", used_for="Test", location=OPS)
    shown = {
        "install_status": "Retired",
        "sys_class_name": "Linux Server",
        "location": "Berlin",
        "ram": "2,048",
    }
    row = {key: {"value": value, "display_value": shown.get(key, value)} for key, value in plain.items()}
    (item,) = read_rows(row).items
    assert (item.class_name, item.source_id, item.name) == ("server", WEB, "web-1")
    assert item.attributes == {
        "sys_class_name": "cmdb_ci_linux_server",
        "memory_mb": 2048,
        "status": "retired",
        "environment": "test",
        "location": "Berlin",
    }
