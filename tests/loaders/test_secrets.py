import pytest

from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.secrets import redacted
from loaders.source import Source

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgres://shop:hunter2@db:5432/orders", "postgres://shop:[redacted]@db:5432/orders"),
        ("DB_PASSWORD=hunter2 and more", "DB_PASSWORD=[redacted] and more"),
        ('{"apiKey": "abc123"}', '{"apiKey": "[redacted]"}'),
        (f"before {KEY} after", "before [redacted] after"),
        ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
        ("Server=db;User=sa;Pwd=hunter2;", "Server=db;User=sa;Pwd=[redacted];"),
    ],
)
def test_secrets_are_covered(text: str, left: str) -> None:
    """What is around a secret stays."""
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text", ["checkout", "https://shop.example/path?page=2", "secrets-manager", "a token ring", "PK-4711", ""]
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Names and addresses that only sound like it are left alone."""
    assert redacted(text) == text


def test_files_are_stored_without_secrets(vocabulary: Vocabulary) -> None:
    """Values and lists are cleaned, relations too, and the reader is told where."""
    text = """
items:
  - {key: a, class: server, description: "postgres://u:hunter2@db/x", labels: [x, "password=hunter2"]}
  - {key: b, class: server}
relations:
  - {source: a, type: uses, target: b, still_works: "token: hunter2"}
"""
    seen = read(Source("shop.yaml", text.encode()), vocabulary)
    assert "hunter2" not in repr(seen)
    assert seen.items[0].attributes["labels"] == ["x", "password=[redacted]"]
    places = "shop.yaml line 3, items[0], shop.yaml line 6, relations[0]"
    assert seen.warnings == (f"What looked like a password, key or token was left out, at {places}.",)


@pytest.mark.parametrize("text", ["a" * 10**6, "a://" * 10**5, "password" * 10**5, "eyJ" * 10**5])
def test_long_texts_do_not_keep_it_busy(text: str) -> None:
    """No value makes the search run away; the test would not end."""
    assert redacted(text) == text
