from urllib.parse import quote

from tests.api.conftest import NewClient
from tests.api.responses import is_problem

MAPPING = '[[items]]\nclass = "server"\nid = "Host"\n'
TABLE = b"Host,Room\nweb,1\n"


def test_a_table_over_http_takes_its_mapping_in_the_address(new_client: NewClient) -> None:
    """The mapping's text is a parameter; without it the table is refused, and a wrong one is too."""
    client = new_client()
    address = "/api/v1/imports?name=servers.csv"
    assert is_problem(client.post(address, content=TABLE), 422)
    assert is_problem(client.post(f"{address}&mapping={quote('[[items')}", content=TABLE), 400)
    done = client.post(f"{address}&mapping={quote(MAPPING)}", content=TABLE).json()
    assert (done["formats"], done["items"]["added"], done["rejected"]) == (["table"], 1, [])


def test_the_same_table_under_another_mapping_is_another_request(new_client: NewClient) -> None:
    """An idempotency key that was used with one mapping is refused with another."""
    client = new_client()
    statuses = [
        client.post(
            f"/api/v1/imports?name=servers.csv&mapping={quote(mapping)}",
            content=TABLE,
            headers={"Idempotency-Key": "once"},
        ).status_code
        for mapping in (MAPPING, MAPPING, MAPPING.replace("server", "virtual_machine"))
    ]
    assert statuses == [200, 200, 422]
