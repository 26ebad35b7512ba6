"""What a program sends by mistake over HTTP is refused, not passed over."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.service import Service
from tests.api.conftest import ImportText, NewClient
from tests.api.responses import DB_A, is_problem

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/v1/items/checkout?veiw=@1", "“veiw”. Did you mean view?"),
        ("/health/live?view=@1", "takes no parameter “view”."),
        ("/api/v1/search?q=db&limits=3", "“limits”. Did you mean limit?"),
        ("/api/v1/explain?caus=power-f2&key=checkout", "“caus”. Did you mean cause?"),
        ("/api/v1/depends/checkout?depth=2", "“depth”. There is"),
        ("/api/v1/paths?from=checkout&to=fw-118&through=x", "There is from, to and view."),
        ("/api/v1/export?fromat=json", "Did you mean format?"),
        ("/api/v1/verify?note=x", "Did you mean noted?"),
        ("/api/v1/diff?from=@1&two=live", "“two”"),
        ("/health/ready?x=", "takes no parameter “x”."),
        ("/problems/not-found?%ff=1", "takes no parameter"),
    ],
)
def test_a_parameter_that_a_route_does_not_take(path: str, told: str, client: TestClient) -> None:
    """It is named, with the one that may be meant, instead of being ignored."""
    refused = client.get(path)
    assert is_problem(refused, 422)
    assert told in refused.json()["detail"]


def test_a_write_with_a_misspelt_parameter_writes_nothing(service: Service, new_client: NewClient) -> None:
    """What was meant to be a dry run is not an import."""
    client = new_client()
    refused = client.post("/api/v1/imports?dryrun=true", content=DB_A)
    assert is_problem(refused, 422)
    assert "Did you mean dry_run?" in refused.json()["detail"]
    assert service.workspace.store.head().revision == 0
    assert is_problem(client.post("/api/v1/impact?view=@1", json={"causes": ["db-a"]}), 422)
    assert is_problem(client.delete("/api/v1/plans/project:x/items/db-a?dry_run=true"), 422)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/v1/items/db-a", b'{"tier": 1, "owner": "ada", "tier": 2}'),
        ("PATCH", "/api/v1/items/db-a", b'{"tier": 1, "\\u0074ier": 1}'),
        ("POST", "/api/v1/impact", b'{"causes": [{"key": "x", "tier": 1, "tier": "out"}]}'),
    ],
)
def test_a_key_that_stands_twice_in_a_body(
    method: str, path: str, body: bytes, *, service: Service, new_client: NewClient, import_text: ImportText
) -> None:
    """Nobody guesses which of them is meant."""
    import_text(service, DB_A)
    refused = new_client().request(method, path, content=body, headers={**JSON, "If-Match": '"1"'})
    assert is_problem(refused, 400)
    assert (
        refused.json()["detail"]
        == "The key “tier” stands twice in one object of the body. Remove one of them."
    )
    assert service.workspace.store.head().revision == 1


def test_the_same_key_in_two_objects_is_fine(
    service: Service, new_client: NewClient, import_text: ImportText
) -> None:
    """Only within one object it is a slip."""
    import_text(service, DB_A + "  - {key: db-b, class: database}\n")
    causes = [{"key": "db-a"}, {"key": "db-b"}]
    assert new_client().post("/api/v1/impact", json={"causes": causes}).is_success


@pytest.mark.parametrize("name", [" ", "\t \n", " \u00a0\u2028"])
def test_a_name_of_nothing_but_blanks(
    name: str, service: Service, new_client: NewClient, import_text: ImportText
) -> None:
    """Neither an edit nor a plan nor an import gives an item one."""
    import_text(service, DB_A + "  - {key: p, class: project}\n")
    client = new_client()
    for view, into in (("live", ""), ("live%2Bproject:p", "?into=project:p")):
        seen = client.get(f"/api/v1/items/db-a?view={view}").headers["ETag"]
        path = f"/api/v1/items/db-a{into}"
        refused = client.patch(path, json={"name": name}, headers={"If-Match": seen})
        assert is_problem(refused, 422)
        assert "its name holds nothing but blanks" in refused.json()["detail"]
    item = {"key": "db-b", "class": "database", "name": name}
    refused = client.post("/api/v1/imports?name=x.json", json={"items": [item]})
    assert is_problem(refused, 422)
    assert refused.json()["errors"] == [
        {"pointer": "x.json, items[0]", "detail": "its name holds nothing but blanks"}
    ]
    assert service.workspace.store.head().revision == 1
