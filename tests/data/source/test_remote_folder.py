import subprocess
import sys

import pytest
from apache_beam.io.filesystem import BeamIOError
from apache_beam.io.filesystems import FileSystems

from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.remote_folder import check_file_system, read_remote_folder, remote_blocks
from tests.support import memory_file_system as memory


@pytest.fixture(autouse=True)
def _empty_store():
    memory.clear()
    yield
    memory.clear()


def test_tells_name_address_size_and_time_of_every_file():
    memory.put("mem://bucket/data/b.mp4", b"123", modified=1.5)
    memory.put("mem://bucket/data/walk/deep/a\n é", b"12345")
    memory.put("mem://bucket/data-2/c.mp4", b"x")
    memory.put("mem://bucket/data/empty/", b"")  # how object stores mark an empty folder

    for address in ("mem://bucket/data", "mem://bucket/data/"):
        contents = read_remote_folder(address)

        first, second = contents.files
        assert first == (b"b.mp4", "mem://bucket/data/b.mp4", 3, 1_500_000_000)
        assert second.name == "walk/deep/a\n é".encode()
        assert b"".join(remote_blocks(second.path, 2)) == b"12345"
        assert contents[1:] == ([], 0, 0)


def test_a_bucket_is_a_folder():
    memory.put("mem://bucket/a.mp4", b"1")

    assert [file.name for file in read_remote_folder("mem://bucket").files] == [b"a.mp4"]


def test_hidden_names_are_counted_and_no_more():
    for name in ("a.mp4", ".hidden", "walk/.hidden", ".git/a", ".git/b/c", "walk/.x/.y", "../a"):
        memory.put(f"mem://bucket/data/{name}", b"1")

    files, refusals, hidden_files, hidden_folders = read_remote_folder("mem://bucket/data")

    assert [file.name for file in files] == [b"a.mp4"]
    assert (refusals, hidden_files, hidden_folders) == ([], 2, 3)


def test_a_folder_named_like_a_pattern_is_meant_literally():
    memory.put("mem://bucket/[ab]*?/1.mp4", b"1")
    memory.put("mem://bucket/[ab]xx/2.mp4", b"1")
    memory.put("mem://bucket/axx/3.mp4", b"1")

    assert [file.name for file in read_remote_folder("mem://bucket/[ab]*?").files] == [b"1.mp4"]


def test_compressed_names_are_read_as_they_are():
    memory.put("mem://bucket/a.gz", b"not gzip")

    assert list(remote_blocks("mem://bucket/a.gz", 5)) == [b"not g", b"zip"]


def test_nothing_and_a_file_are_named():
    memory.put("mem://bucket/a.mp4", b"1")

    with pytest.raises(FileNotFoundError, match="'mem://bucket/no' does not exist or has no"):
        read_remote_folder("mem://bucket/no")
    with pytest.raises(NotADirectoryError, match=r"'mem://bucket/a\.mp4' is a file"):
        read_remote_folder("mem://bucket/a.mp4")


def test_every_reading_error_is_an_os_error():
    address = memory.put("mem://bucket/a.mp4", b"123456")
    memory.UNREADABLE[address] = 4

    with pytest.raises(OSError, match=r"'mem://bucket/a\.mp4' cannot be read: connection reset"):
        list(remote_blocks(address, 2))
    with pytest.raises(OSError, match=r"'mem://bucket/gone' cannot be read"):
        list(remote_blocks("mem://bucket/gone", 2))


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "in Beam's own"])
def test_an_error_while_listing_is_one_readable_line(monkeypatch, wrapped):
    error = memory.ConnectionLost("Timeout of 120.0s exceeded,\n" + "  last exception: x" * 100)

    def match(patterns, limits=None):
        raise BeamIOError("Match operation failed", {patterns[0]: error}) if wrapped else error

    monkeypatch.setattr(FileSystems, "match", match)

    with pytest.raises(
        OSError, match=r"'mem://bucket/data' cannot be listed: Timeout of"
    ) as caught:
        read_remote_folder("mem://bucket/data")
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 500
    assert message.endswith("the network and this machine's credentials for mem://")


def test_a_file_system_is_checked_before_anything_is_asked_of_it():
    check_file_system("mem://bucket/not/there")
    with pytest.raises(FileSystemUnavailable, match=r"no file system for ftp://"):
        check_file_system("ftp://host/a")


def test_an_unknown_scheme_is_named_with_those_there_are():
    with pytest.raises(FileSystemUnavailable, match=r"no file system for file://\. Use gs://"):
        read_remote_folder("file:///data")
    with pytest.raises(FileSystemUnavailable, match=r"s3:// \(apache-beam\[aws\]\)"):
        list(remote_blocks("ftp://host/a.mp4", 1))


@pytest.mark.parametrize(
    ("scheme", "module", "extra"),
    [
        ("gs", "google.cloud", "gcp"),
        pytest.param("s3", "boto3", "aws", marks=pytest.mark.exhaustive),
    ],
)
def test_a_missing_extra_is_named(scheme, module, extra):
    # In a process of its own, where the package cannot be imported, installed or not.
    program = f"""
import sys
class Missing:
    def find_spec(name, path=None, target=None):
        if name == {module!r} or name.startswith({module + "."!r}):
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Missing)
from mocogan.data.source.remote_folder import FileSystemUnavailable, read_remote_folder
try:
    read_remote_folder("{scheme}://bucket/data")
except FileSystemUnavailable as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout == (
        f"'{scheme}://bucket/data': {scheme}:// needs an extra package. Run `pip install apache-beam[{extra}]`\n"
    ), done.stderr
