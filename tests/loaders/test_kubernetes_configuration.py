import json
from typing import Any

import pytest

from cmdb.observations import Observations
from tests.loaders.conftest import Read

CART = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart"}, "spec": {"selector": {"a": "b"}}}


def config_map(name: str = "settings", **data: object) -> dict[str, Any]:
    """Describe a ConfigMap; an underline in a key stands for a dot."""
    entries = {key.replace("__", "."): value for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": entries}


def pod(container: dict[str, Any], volumes: object = (), name: str = "web") -> dict[str, Any]:
    """Describe a pod with one container."""
    spec = {"containers": [container], "volumes": list(volumes) if isinstance(volumes, tuple) else volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def manifest(*objects: dict[str, Any]) -> str:
    """Put objects into one file."""
    return "\n---\n".join(json.dumps(one) for one in objects)


def calls(seen: Observations) -> list[tuple[str, str, str]]:
    """Return who calls which Service, and by what it is known."""
    return [
        (one.source.name, one.target.name, str(one.attributes["role"]))
        for one in seen.relations
        if one.source.class_name == "workload"
    ]


ALL_OF_IT = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
ONE_ENTRY = {
    "env": [{"name": "CART", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "cart.addr"}}}]
}
MOUNTED = ({"name": "files", "configMap": {"name": "settings"}},)
PICKED = ({"configMap": {"name": "settings", "items": [{"key": "cart.addr", "path": "x"}]}},)
PROJECTED = ({"projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "settings"}}]}},)


@pytest.mark.parametrize(
    "workload",
    [
        pod(ALL_OF_IT),
        pod(ONE_ENTRY),
        pod({}, MOUNTED),
        pod({}, PICKED),
        pod({}, PROJECTED),
        {**pod({}), "spec": {"initContainers": [ALL_OF_IT]}},
    ],
    ids=["all variables", "one variable", "mounted", "picked", "projected", "before the others"],
)
def test_what_a_workload_reads_tells_what_it_calls(read_text: Read, workload: dict[str, Any]) -> None:
    """An address in a ConfigMap is a dependency of each workload that reads it, with its key as the role."""
    seen = read_text(manifest(workload, config_map(cart__addr="cart:7070"), CART))
    assert calls(seen) == [("pod:default:web", "service:default:cart", "ConfigMap settings, cart.addr")]
    (call,) = [one for one in seen.relations if one.source.class_name == "workload"]
    assert call.attributes["known"] == "inferred"
    assert call.where == "shop.yaml line 1, ConfigMap settings, cart.addr"
    assert [item.name for item in seen.items] == ["web", "cart"]
    assert seen.warnings == ("1 Service selects no workload in this file: cart",)


@pytest.mark.parametrize(
    "text",
    [
        "# shop\nname=web\ncart.url = http://cart:7070/api\n",
        "spring:\n  cart:\n    url: http://cart\n",
        '{"cart": {"url": "https://cart:443/"}, "n": 1}',
        "upstream:\n- cart:7070\n- other:7070\n",
        "location / {\n  proxy_pass http://cart:7070;\n}\n",
        "db: jdbc:postgresql://cart.default.svc:5432/db?user=x\nmode: fast\n",
        "brokers=a:1,cart:9092,b:2\n",
        "--address=cart:80 --verbose\n",
    ],
)
def test_addresses_in_files_of_settings_are_found(read_text: Read, text: str) -> None:
    """Properties, YAML, JSON and other texts are looked through line by line."""
    seen = read_text(manifest(pod({}, MOUNTED), config_map(app__conf=text), CART))
    assert calls(seen) == [("pod:default:web", "service:default:cart", "ConfigMap settings, app.conf")]


@pytest.mark.parametrize(
    "text",
    [
        "cart\nthe cart is here\n",
        "# http://cart:80\n",
        "name: cart\nkind: cart\n",
        "http://elsewhere:80\nmail: a@cart\n",
        "$(NAME)cart:80\n",
        '{"cart":7070}',
    ],
)
def test_words_and_comments_are_no_addresses(read_text: Read, text: str) -> None:
    """A Service's name alone in a text of settings means nothing."""
    seen = read_text(manifest(pod({}, MOUNTED), config_map(app__conf=text), CART))
    assert calls(seen) == []


def test_a_word_counts_under_a_name_for_addresses(read_text: Read) -> None:
    """In a map of many settings, a bare name is a host only where its key says so."""
    settings = config_map(DB_HOST="cart", MODULE="cart")
    assert calls(read_text(manifest(pod(ALL_OF_IT), settings, CART))) == [
        ("pod:default:web", "service:default:cart", "ConfigMap settings, DB_HOST")
    ]
    assert calls(read_text(manifest(pod(ALL_OF_IT), config_map(MODULE="cart"), CART))) == []


def test_a_clear_address_of_a_missing_service_is_named(read_text: Read) -> None:
    """It is listed as unresolved: in a variable as ever, in a text only with its whole name."""
    settings = config_map(TAX_URL="http://tax:80", text="a: http://x.pay.svc/\nb: http://other:80\n")
    seen = read_text(manifest(pod(ALL_OF_IT), settings))
    assert {target for _, target, _ in calls(seen)} == {"service:default:tax", "service:pay:x"}
    assert {one.target_called for one in seen.relations} == {"tax", "x"}


def test_several_addresses_in_one_variable_are_all_found(read_text: Read) -> None:
    """A list of brokers and options of a program count too."""
    other = {**CART, "metadata": {"name": "db"}}
    value = "-Da=http://cart:80/ -Ddb=jdbc:postgresql://db:5432/x"
    seen = read_text(manifest(pod({"env": [{"name": "JAVA_OPTS", "value": value}]}), CART, other))
    assert [target for _, target, _ in calls(seen)] == ["service:default:cart", "service:default:db"]


def test_a_shared_config_map_counts_for_each_reader(read_text: Read) -> None:
    """Two workloads that read it both call; one in another namespace reads another map."""
    far = pod(ALL_OF_IT, name="far")
    far["metadata"]["namespace"] = "other"
    objects = (pod(ALL_OF_IT), pod(ALL_OF_IT, name="api"), far, config_map(CART_ADDR="cart:80"), CART)
    seen = read_text(manifest(*objects))
    assert [source for source, *_ in calls(seen)] == ["pod:default:web", "pod:default:api"]
    assert seen.warnings[1:] == (
        "1 ConfigMap is not in this file, so the addresses in it are not known: settings",
    )


def test_missing_config_maps_are_named(read_text: Read) -> None:
    """All but optional ones, and the one with certificates that every namespace has."""
    names = ({"name": "b"}, {"name": "a"}, {"name": "c", "optional": True}, {"name": "kube-root-ca.crt"})
    seen = read_text(manifest(pod({"envFrom": [{"configMapRef": name} for name in names]})))
    assert seen.warnings == (
        "2 ConfigMaps are not in this file, so the addresses in them are not known: a and b",
    )


def test_an_entry_given_twice_differently_counts_as_none(read_text: Read) -> None:
    """Which of two texts is right cannot be told, in any order."""
    one, two = config_map(CART_ADDR="cart:80"), config_map(CART_ADDR="other:80")
    for order in ((one, two), (two, one)):
        assert calls(read_text(manifest(pod(ALL_OF_IT), *order, CART))) == []


def test_secrets_are_never_read(read_text: Read) -> None:
    """Neither the values of a Secret nor its name are kept, however a workload uses it."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}}
    secret |= {"stringData": {"CART_ADDR": "cart:80"}, "data": {"X_URL": "http://cart:80"}}
    container = {
        "envFrom": [{"secretRef": {"name": "keys"}}],
        "env": [{"name": "A_URL", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "CART_ADDR"}}}],
    }
    seen = read_text(manifest(pod(container, ({"secret": {"secretName": "keys"}},)), secret, CART))
    assert calls(seen) == []
    assert "keys" not in str((seen.items, seen.relations))


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], {}, {"name": 7}, [{"name": ["settings"]}]])
def test_wrong_shapes_in_what_is_read_mean_nothing(read_text: Read, wrong: object) -> None:
    """Whatever stands where a reference belongs, the workload itself is read."""
    reference = {"name": "X", "valueFrom": {"configMapKeyRef": wrong}}
    for container, volumes in (
        ({"envFrom": wrong}, wrong),
        ({"envFrom": [{"configMapRef": wrong}], "env": [reference]}, [{"configMap": wrong}]),
        ({}, [{"projected": wrong}, {"projected": {"sources": wrong}}]),
        ({}, [{"configMap": {"name": "settings", "items": wrong}}]),
    ):
        seen = read_text(manifest(pod(container, volumes), {**config_map(), "data": wrong}))
        assert [item.name for item in seen.items] == ["web"]
        assert seen.relations == ()
