from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations, SeenItem
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import terraform
from loaders.content import Content
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.harm import hurt

LINEAGE = "85f5bee6-139e-8db2-ae5d-82aa82f62611"
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'


def resource(
    address: str, *keys: object, needs: Iterable[str] = (), attributes: object = None, **more: object
) -> dict[str, Any]:
    """Write a resource with an instance for each key, or with one without a key."""
    module, _, rest = address.rpartition(".aws_") if address.startswith("module") else ("", "", address[4:])
    kind, name = f"aws_{rest}".split(".")
    instances = [
        {"index_key": key, "attributes": attributes, "dependencies": [*needs]} for key in keys or (None,)
    ]
    body = {"mode": "managed", "type": kind, "name": name, "provider": PROVIDER, "instances": instances}
    return {**body, **({"module": module} if module else {}), **more}


def state(*resources: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write a state."""
    head = {"version": 4, "terraform_version": "1.0.8", "serial": 1, "lineage": LINEAGE}
    return {**head, "resources": [*resources], **more}


def seen(*resources: object, **more: Any) -> Observations:  # noqa: ANN401
    """Read a state of these resources."""
    return terraform.read(Content("prod.tfstate", [state(*resources, **more)]))


def short(source_id: str) -> str:
    """Return an id without the lineage in front."""
    return source_id.removeprefix(f"{LINEAGE}:")


def triples(found: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(short(one.source.name), one.type, short(one.target.name)) for one in found.relations}


def only(found: Observations) -> SeenItem:
    """Return the one item there is."""
    (item,) = found.items
    return item


def managed(document: dict[str, Any]) -> set[str]:
    """Return the addresses of what a state of version 4 manages, worked out in another way."""
    return {
        ".".join(filter(None, (one.get("module"), one["type"], one["name"])))
        + (f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else "")
        for one in document["resources"]
        if one["mode"] == "managed"
        for instance in one["instances"]
    }


def test_every_managed_resource_of_the_real_states(real_data: Path, vocabulary: Vocabulary) -> None:
    """Real states of several versions and clouds arrive with all they manage, sixteen resources."""
    store, every = SqliteStore(None, Clock()), []
    for path in sorted((real_data / "terraform-state").iterdir()):
        found = read(Source(path.name, path.read_bytes()), vocabulary)
        assert {item.name for item in found.items} == managed(json.loads(path.read_bytes()))
        assert (found.format, found.rejected) == ("terraform", ())
        every.append(found)
    plan = bring(store, vocabulary, *every)
    assert (plan.items["added"], plan.relations["added"], plan.rejected) == (16, 1, ())
    assert len(plan.unresolved) == 17
    assert bring(store, vocabulary, *every).operations == ()
    store.close()


def test_what_a_real_resource_says(real_data: Path, vocabulary: Vocabulary) -> None:
    """Kind, provider, region, identifier and tags are taken, and nothing else."""
    path = real_data / "terraform-state" / "aws_internet_gateway-terraform.tfstate"
    gateway = only(read(Source(path.name, path.read_bytes()), vocabulary))
    assert gateway.source_id == "cc4be827-a907-1623-961b-0fc1ce33973e:aws_internet_gateway.main"
    assert gateway.attributes == {
        "kind": "aws_internet_gateway",
        "provider": "aws",
        "region": "eu-west-3",
        "cloud_id": "arn:aws:ec2:eu-west-3:047081014315:internet-gateway/igw-0184eb41aadc62d1c",
        "labels": ["Name=main"],
    }


def test_a_real_access_key_stays_where_it_is(real_data: Path, vocabulary: Vocabulary) -> None:
    """A key for the cloud is an item, and its value is nowhere."""
    path = real_data / "terraform-state" / "module.iam_iam-user-terraform.tfstate"
    found = read(Source(path.name, path.read_bytes()), vocabulary)
    assert {item.name for item in found.items} == {
        "module.iam_iam-user.aws_iam_access_key.this_no_pgp[0]",
        "module.iam_iam-user.aws_iam_user.this[0]",
    }
    assert "AKIA" not in repr(found)
    assert len(found.relations) == 1


def test_truncated_states_are_refused(real_data: Path, vocabulary: Vocabulary) -> None:
    """A state that ends anywhere is one clear error."""
    path = real_data / "terraform-state" / "aws_route-terraform.tfstate"
    data = path.read_bytes().rstrip()
    for sixteenth in range(16):
        with pytest.raises(CmdbError, match=r"cut\.tfstate"):
            read(Source("cut.tfstate", data[: len(data) * sixteenth // 16]), vocabulary)


@pytest.mark.parametrize(
    ("key", "address"),
    [
        (None, "aws_vpc.main"),
        (0, "aws_vpc.main[0]"),
        ("eu", 'aws_vpc.main["eu"]'),
        ("", 'aws_vpc.main[""]'),
        ('a."b"', 'aws_vpc.main["a.\\"b\\""]'),
        ("münchen", 'aws_vpc.main["münchen"]'),
    ],
)
def test_keys_of_instances(key: object, address: str) -> None:
    """Instances are named as Terraform names them."""
    item = only(seen(resource("aws_vpc.main", key)))
    assert (item.name, item.source_id) == (address, f"{LINEAGE}:{address}")


@pytest.mark.parametrize("key", [[], {}, 1.5, True])
def test_a_key_that_is_none_is_listed(key: object) -> None:
    """The other instances are read."""
    found = seen(resource("aws_vpc.main", key, "eu"))
    assert [fault.detail for fault in found.rejected] == ["This is no instance of aws_vpc.main."]
    assert [item.name for item in found.items] == ['aws_vpc.main["eu"]']


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        (PROVIDER, "aws"),
        ('provider["registry.opentofu.org/hashicorp/google"].eu', "google"),
        ("provider.azurerm", "azurerm"),
        ("module.x.provider.aws.alias", "aws"),
        (None, "aws"),
        (7, "aws"),
    ],
)
def test_providers(provider: object, name: str) -> None:
    """All versions write the provider in their own way; the type tells it where none is given."""
    assert only(seen(resource("aws_vpc.main", provider=provider))).attributes["provider"] == name


@pytest.mark.parametrize(
    ("attributes", "cloud_id"),
    [
        ({"id": "vpc-0f3ac2b7909b6bedd"}, "vpc-0f3ac2b7909b6bedd"),
        ({"arn": "arn:aws:s3:::logs", "id": "logs"}, "arn:aws:s3:::logs"),
        ({"id": "p/x", "self_link": "https://cloud/p/x"}, "https://cloud/p/x"),
        ({"id": "/subscriptions/1/resourceGroups/x"}, "/subscriptions/1/resourceGroups/x"),
        ({"id": "/subscriptions/1/s", "subnet_id": "/subscriptions/1/s"}, None),
        ({"id": "admin"}, None),
        ({"id": "AKIA5QYBVVD2VIEMMUIQ"}, None),
        ({"id": 7}, None),
        ({}, None),
    ],
)
def test_only_identifiers_of_the_whole_world_identify(attributes: object, cloud_id: str | None) -> None:
    """A short name that others may have too, or that is another resource's, identifies nothing."""
    found = only(seen(resource("aws_thing.main", attributes=attributes))).attributes
    assert found.get("cloud_id") == cloud_id


def test_an_identifier_of_several_is_nobodys() -> None:
    """What only says something of another resource has its identifier, and must not be taken for it."""
    topic = {"arn": "arn:aws:sns:eu-west-1:1:orders"}
    found = seen(
        resource("aws_sns_topic.orders", attributes=topic),
        resource("aws_sns_topic_policy.orders", attributes=topic),
        resource("aws_a.x", attributes={"id": "i-0184eb41"}),
        resource("aws_b.x", attributes={"id": "i-0184eb41"}),
    )
    assert [item.attributes.get("cloud_id") for item in found.items] == [topic["arn"], None, None, None]


def test_secrets_are_never_taken() -> None:
    """Nothing sensitive, nothing that looks like a secret and nothing beyond a few attributes is read."""
    attributes = {
        "id": "db",
        "password": "hunter2",
        "user_data": "#!/bin/sh hunter2",
        "public_ip": "hunter2",
        "tags": {"Name": "db", "api_key": "hunter2", "url": "https://me:hunter2@host/"},
        "labels": {"a": "hunter2"},
    }
    body = resource("aws_db.main", attributes=attributes)
    path = [{"type": "get_attr", "value": "labels"}]
    body["instances"][0]["sensitive_attributes"] = [path]
    found = seen(body)
    assert "hunter2" not in repr(found)
    assert only(found).attributes["labels"] == ["id=db", "Name=db"]


def test_dependencies() -> None:
    """What a resource was made after is what it depends on, in the file or not; data sources are left out."""
    found = seen(
        resource("aws_route.r", needs=["aws_vpc.main", "aws_gone.x", "data.aws_ami.web", "aws_vpc.main"]),
        resource("aws_vpc.main", "eu"),
        {"mode": "data", "type": "aws_ami", "name": "web", "instances": [{}]},
    )
    assert triples(found) == {
        ("aws_route.r", "depends_on", 'aws_vpc.main["eu"]'),
        ("aws_route.r", "depends_on", "aws_gone.x"),
    }
    assert {one.attributes["known"] for one in found.relations} == {"declared"}
    assert found.relations[1].target_called == "aws_gone.x"
    assert found.warnings == (
        "Left out: 1 data source that is only read",
        "Left out: 1 dependency on a data source",
    )


def test_several_instances_are_all_needed(vocabulary: Vocabulary) -> None:
    """A dependency on a resource with several instances is one on a group of which every member counts."""
    found = seen(
        resource("aws_lb.a", needs=["aws_vm.web"]),
        resource("aws_lb.b", needs=["aws_vm.web"]),
        resource("aws_vm.web", 0, 1, 2),
    )
    group = next(item for item in found.items if item.class_name == "redundancy_group")
    assert (short(group.source_id), group.name) == ("aws_vm.web", "aws_vm.web instances")
    assert group.attributes == {"needs": "100%"}
    assert len(found.relations) == 5
    states = hurt(found, vocabulary, f"{LINEAGE}:aws_vm.web[1]")
    assert (states[f"{LINEAGE}:aws_lb.a"], states[f"{LINEAGE}:aws_lb.b"]) == ("out", "out")


def test_many_instances_of_many_do_not_multiply() -> None:
    """Thousands of instances that depend on thousands are as many relations, not millions."""
    keys = range(3_000)
    found = seen(resource("aws_a.x", *keys, needs=["aws_b.x"]), resource("aws_b.x", *keys))
    assert len(found.relations) == 6_000


def test_instances_of_a_module_stay_among_themselves() -> None:
    """States name resources without the keys of modules: what is meant stands in the same instance."""
    parts = [
        resource(f'module.shop["{key}"].aws_{kind}.x', needs=needs)
        for key in ("eu", "us")
        for kind, needs in (("web", ["module.shop.aws_db.x", "module.shop.module.net.aws_lan.x"]), ("db", []))
    ]
    nets = [resource(f'module.shop["{key}"].module.net[0].aws_lan.x') for key in ("eu", "us")]
    found = seen(*parts, *nets, resource("aws_top.x", needs=["module.shop.aws_db.x"]))
    assert {one for one in triples(found) if one[1] == "depends_on"} == {
        ('module.shop["eu"].aws_web.x', "depends_on", 'module.shop["eu"].aws_db.x'),
        ('module.shop["eu"].aws_web.x', "depends_on", 'module.shop["eu"].module.net[0].aws_lan.x'),
        ('module.shop["us"].aws_web.x', "depends_on", 'module.shop["us"].aws_db.x'),
        ('module.shop["us"].aws_web.x', "depends_on", 'module.shop["us"].module.net[0].aws_lan.x'),
        ("aws_top.x", "depends_on", "module.shop.aws_db.x"),
    }
    assert only_names(found, "redundancy_group") == ["module.shop.aws_db.x instances"]


def only_names(found: Observations, class_name: str) -> list[str | None]:
    """Return the names of the items of a class."""
    return [item.name for item in found.items if item.class_name == class_name]


def test_states_do_not_share_resources(vocabulary: Vocabulary) -> None:
    """The same address in two states is two resources; the same identifier is one."""
    store = SqliteStore(None, Clock())
    test, prod = (
        terraform.read(Content(f"{name}.tfstate", [state(resource("aws_vpc.main"), lineage=name)]))
        for name in ("test", "prod")
    )
    bring(store, vocabulary, test)
    assert bring(store, vocabulary, prod).items["added"] == 1
    assert len(store.read().items) == 2
    store.close()


def test_older_states() -> None:
    """States of version 3 have resources by module, numbers behind a dot and flat attributes."""
    web = {
        "type": "aws_web",
        "depends_on": ["aws_db.main", "aws_disk.d.*", "module.net", "data.aws_ami.x"],
        "primary": {
            "id": "i-0184eb41aadc62d1c",
            "attributes": {
                "tags.%": "1",
                "tags.Name": "web",
                "private_ip": "10.0.0.7",
                "password": "hunter2",
            },
        },
        "provider": "provider.aws",
    }
    made = {"type": "aws_db", "depends_on": [], "primary": {"id": "x", "attributes": {}}}
    gone = {"type": "aws_db", "primary": None, "deposed": [{"id": "y"}]}
    resources = {
        "aws_web.main": web,
        "aws_db.main": made,
        "aws_disk.d.0": made,
        "aws_disk.d.1": made,
        "aws_db.gone": gone,
        "data.aws_ami.x": made,
    }
    modules = [{"path": ["root", "shop"], "resources": resources}, {"path": ["root"], "resources": {}}]
    found = terraform.read(Content("old.tfstate", [{"version": 3, "lineage": LINEAGE, "modules": modules}]))
    assert set(only_names(found, "cloud_resource")) == {
        "module.shop.aws_web.main",
        "module.shop.aws_db.main",
        "module.shop.aws_disk.d[0]",
        "module.shop.aws_disk.d[1]",
    }
    assert found.items[0].attributes == {
        "kind": "aws_web",
        "provider": "aws",
        "namespace": "module.shop",
        "cloud_id": "i-0184eb41aadc62d1c",
        "ip_addresses": ["10.0.0.7"],
        "labels": ["Name=web"],
    }
    assert {one for one in triples(found) if one[1] == "depends_on"} == {
        ("module.shop.aws_web.main", "depends_on", "module.shop.aws_db.main"),
        ("module.shop.aws_web.main", "depends_on", "module.shop.aws_disk.d"),
    }
    assert found.warnings == (
        "Left out: 1 data source that is only read and 1 object that waits to be destroyed",
        "Left out: 1 dependency on a data source and 1 dependency on a whole module",
    )


def test_what_waits_to_be_destroyed_is_left_out() -> None:
    """An object that was replaced is not what its address means any more."""
    body = resource("aws_vpc.main", None, None)
    body["instances"][1]["deposed"] = "a1b2c3d4"
    found = seen(body)
    assert only(found).name == "aws_vpc.main"
    assert found.warnings == ("Left out: 1 object that waits to be destroyed",)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (7, "This is no resource with a mode, a type and a name."),
        ({"mode": "managed", "type": "aws_x"}, "This is no resource with a mode, a type and a name."),
        (
            {"mode": "odd", "type": "aws_x", "name": "y"},
            "This is no resource with a mode, a type and a name.",
        ),
        (
            {"mode": "managed", "type": "a b", "name": "y"},
            "This is no resource with a mode, a type and a name.",
        ),
        ({"mode": "managed", "type": "aws_x", "name": "y"}, "aws_x.y has no list of instances."),
        (resource("aws_x.y", instances=[7]), "This is no instance of aws_x.y."),
        (resource("aws_x.y", needs=["?"]), "One of its dependencies is not the address of a resource."),
        (resource("aws_x.y", needs=["aws_x.y"]), "aws_x.y is among its own dependencies."),
    ],
)
def test_what_means_nothing_is_listed(wrong: object, problem: str) -> None:
    """The rest of the state is read, and the place is told."""
    found = seen(resource("aws_vpc.main"), wrong)
    (fault,) = found.rejected
    assert fault.pointer.startswith("prod.tfstate, resources[1]")
    assert fault.detail == problem
    assert "aws_vpc.main" in only_names(found, "cloud_resource")


@pytest.mark.parametrize("wrong", [None, 7, "x", [7], [[]], [None], {}, {"a": [7]}, True, 1.5])
def test_wrong_shapes_never_break_it(wrong: Any) -> None:  # noqa: ANN401
    """Whatever stands where something else belongs, it is read or listed."""
    for key in ("instances", "provider", "module", "mode", "type", "name"):
        seen(resource("aws_vpc.main") | {key: wrong})
    for key in ("attributes", "dependencies", "depends_on", "sensitive_attributes", "index_key", "deposed"):
        seen(resource("aws_vpc.main", instances=[{key: wrong}]))
    for key in ("id", "arn", "tags", "labels", "region", "public_ip", "self_link", "ami"):
        seen(resource("aws_vpc.main", attributes={key: wrong}))
    module = {
        "path": wrong,
        "resources": {"aws_vpc.main": wrong, "x": {"primary": wrong, "depends_on": wrong}},
    }
    for modules in (wrong, [wrong], [module]):
        terraform.read(Content("old.tfstate", [{"version": 3, "lineage": wrong, "modules": modules}, wrong]))


@pytest.mark.parametrize("version", [0, 5, -1, "4", None, 4.0, True])
def test_versions_that_are_not_known(version: object) -> None:
    """A state that may mean something else is not guessed at."""
    found = seen(resource("aws_vpc.main"), version=version)
    assert found.items == ()
    assert len(found.rejected) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "bomFormat": "CycloneDX", "components": []},
        {"version": 4, "resources": []},
        {"version": "3.8", "serial": 1, "resources": []},
        {"serial": 1, "resources": []},
        {"version": 4, "serial": 1, "resources": {}},
        [],
        None,
    ],
)
def test_other_files_are_not_claimed(document: object) -> None:
    """A version and resources alone do not make a state."""
    assert not terraform.recognises(Content("a.json", [document]))
    assert terraform.recognises(Content("a.json", [state()]))
