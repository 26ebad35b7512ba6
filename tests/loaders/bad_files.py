"""Files that no tool should have written: damaged, disguised, or made to do harm."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from functools import cache

DEEP = 100_000
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10))
_ALIASES = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40))]
)
_QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 50}</x>'
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{}">]><x>&e;</x>'
_INCLUDE = '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></x>'


@cache
def bad_files() -> dict[str, bytes]:
    """Files that are refused whatever format is asked for, by their names."""
    return {name: text.encode() for name, text in _TEXTS.items()} | _BYTES | _packed()


_TEXTS = {
    "nothing.json": "",
    "nothing.yaml": "",
    "nothing.csv": "",
    "blanks.json": " \n\t\r\n ",
    "blanks.xml": "   \n",
    "comments.yaml": "# nothing\n---\n---\n# here\n",
    "deep.json": "[" * DEEP + "]" * DEEP,
    "deep-mapping.json": '{"a":' * DEEP + "1" + "}" * DEEP,
    "deep.xml": "<a>" * DEEP + "</a>" * DEEP,
    "deep.yaml": "- " * DEEP + "x",
    "deep-flow.yaml": "{a: " * DEEP + "1" + "}" * DEEP,
    "laughs.xml": f'<?xml version="1.0"?><!DOCTYPE l [{_LAUGHS}]><l>&l9;</l>',
    "laughs.graphml": f"<!DOCTYPE graphml [{_LAUGHS}]><graphml>&l9;</graphml>",
    "quadratic.xml": _QUADRATIC,
    "parameter.xml": '<!DOCTYPE x [<!ENTITY % a "b"> %a;]><x/>',
    "file.xml": _OUTSIDE.format("file:///etc/passwd"),
    "web.xml": _OUTSIDE.format("http://127.0.0.1:9/x"),
    "dtd.xml": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    "include.xml": _INCLUDE,
    "aliases.yaml": _ALIASES,
    "itself.yaml": "&a [*a]",
    "merges.yaml": f"x: &x {{{', '.join(f'k{n}: 1' for n in range(2_000))}}}\ny:\n" + "- {<<: *x}\n" * 2_000,
    "runs.yaml": "!!python/object/apply:os.system [echo]",
    "half.json": '{"items": ["\\ud800"]}',
    "half.yaml": 'items: ["\\ud800"]',
    "infinite.json": '{"items": [NaN, Infinity, -Infinity]}',
    "large.json": '{"items": [1e999]}',
    "digits.json": f'{{"items": [{"9" * 5_000}]}}',
    "digits.yaml": f"items: [{'9' * 5_000}]",
    "comma.json": '{"items": [1,],}',
    "lines.json": '{"items": []}\n{"items": []}\n',
    "junk.json": '{"items": []} and more',
    "twice.json": '{"items": [], "items": []}',
    "html.json": "<!DOCTYPE html><html><body>Log in</body></html>",
    "html.csv": "<html><head><title>Log in</title></head></html>",
    "many.json": "[" + "0," * 2_000_001 + "0]",
}

_BYTES = {
    "mark.json": b"\xef\xbb\xbf",
    "mark.yaml": b"\xff\xfe",
    "picture.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "picture.json": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "nul.json": b'{"items": [\x00]}',
    "nul.yaml": b"items: \x00\n",
    "nul.xml": b"<x>\x00</x>",
    "latin.xml": '<?xml version="1.0" encoding="UTF-8"?><x n="Zürich"/>'.encode("latin-1"),
    "latin.json": '{"items": ["Zürich"]}'.encode("latin-1"),
    "unknown.xml": b'<?xml version="1.0" encoding="x-none"?><x/>',
    "half.xml": b"\xff\xfe<\x00x",
    "odd.json": b"\xff\xfe{\x00}\x00\x00",
    "gzip.gz": b"\x1f\x8b",
}


def _packed() -> dict[str, bytes]:
    """Archives that are bombs, puzzles or broken; none of them is large itself."""
    bomb = bytes(100 * 2**20)
    small = gzip.compress(b'{"items": []}')
    return {
        "empty.json.gz": gzip.compress(b""),
        "cut.json.gz": small[:-9],
        "twice.json.gz": gzip.compress(small),
        "bomb.json.gz": gzip.compress(bomb, 1),
        "bomb.json.xz": lzma.compress(bomb, preset=0),
        "bomb.zip": _zip({"a.json": bomb}),
        "nothing.zip": _zip({}),
        "several.zip": _zip({"a.json": b"{}", "b.json": b"{}"}),
        "many.zip": _zip({f"{n}": b"" for n in range(10_000)}),
        "escape.zip": _zip({"../../etc/x": b"{", "/abs": b"{", "C:\\x": b"{"}),
        "bomb.xlsx": _zip({"[Content_Types].xml": b"<x/>", "xl/sharedStrings.xml": bomb}),
        "cut.zip": _zip({"a.json": b'{"items": []}'})[:-30],
    }


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()
