import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable

import pytest

from cmdb.errors import TooLarge, Unreadable
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.packed import unpacked
from loaders.source import MAX_BYTES, Source

pytestmark = pytest.mark.slow

NATIVE = b"items: [{key: a, class: server}]"


def zipped(*contents: bytes) -> bytes:
    """Pack files into an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(contents):
            archive.writestr(f"../../{number}.yaml", data)
    return buffer.getvalue()


PACKS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zip": zipped}


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_compressed_files_are_read_as_what_they_hold(
    vocabulary: Vocabulary, pack: Callable[[bytes], bytes]
) -> None:
    """The name does not matter, nor what an archive calls the file."""
    for name in ("a.yaml.gz", "a", "a.yaml"):
        assert len(read(Source(name, pack(NATIVE)), vocabulary).items) == 1


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_what_would_not_fit_is_refused(pack: Callable[[bytes], bytes]) -> None:
    """A few kilobytes that unpack to more than any file may hold are read up to that limit only."""
    with pytest.raises(TooLarge, match=r"^a\.gz holds more"):
        unpacked(Source("a.gz", pack(bytes(MAX_BYTES + 1))))


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
@pytest.mark.parametrize("sixteenths", range(8, 16))
def test_damage_is_told(pack: Callable[[bytes], bytes], sixteenths: int) -> None:
    """A file that was cut off names itself and the cure."""
    whole = pack(bytes(range(256)) * 40)
    with pytest.raises(Unreadable, match=r"^a cannot be unpacked: .* Make it again\.$"):
        unpacked(Source("a", whole[: len(whole) * sixteenths // 16]))


def test_archives_of_several_files_are_refused() -> None:
    """Which one is meant is not for us to say."""
    with pytest.raises(Unreadable, match="archive of 2 files"):
        unpacked(Source("a.zip", zipped(NATIVE, NATIVE)))
    with pytest.raises(Unreadable, match="archive of 0 files"):
        unpacked(Source("a.zip", zipped()))


def test_compressing_twice_is_refused() -> None:
    """One layer is convenience, two are a trap."""
    with pytest.raises(Unreadable, match="compressed twice"):
        unpacked(Source("a.gz", gzip.compress(gzip.compress(NATIVE))))


def test_an_empty_compressed_file_is_empty(vocabulary: Vocabulary) -> None:
    """It is told as any empty file is."""
    with pytest.raises(Unreadable, match=r"a\.gz is empty"):
        read(Source("a.gz", gzip.compress(b"")), vocabulary)
