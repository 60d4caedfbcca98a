import gzip
import io

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.tfrecord import TFRecordWriter, read_records

RECORDS = [b"first", b"", bytes(np.random.default_rng(0).integers(0, 256, 200_000, np.uint8))]


def written(records) -> bytes:
    file = io.BytesIO()
    writer = TFRecordWriter(file)
    for record in records:
        writer.write(record)
    writer.close()
    return file.getvalue()


def repacked(records, change) -> io.BytesIO:
    """A file whose uncompressed bytes went through `change`."""
    return io.BytesIO(gzip.compress(change(gzip.decompress(written(records)))))


def test_tensorflow_reads_what_is_written(tmp_path):
    path = tmp_path / "records.gz"
    path.write_bytes(written(RECORDS))

    dataset = tf.data.TFRecordDataset(str(path), compression_type="GZIP")

    assert list(dataset.as_numpy_iterator()) == RECORDS


def test_what_tensorflow_wrote_is_read(tmp_path):
    path = tmp_path / "records.gz"
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for record in RECORDS:
            writer.write(record)

    with open(path, "rb") as file:
        assert list(read_records(file)) == RECORDS


def test_a_file_without_records_is_whole(tmp_path):
    path = tmp_path / "none.gz"
    path.write_bytes(written([]))

    assert list(read_records(io.BytesIO(written([])))) == []
    dataset = tf.data.TFRecordDataset(str(path), compression_type="GZIP")
    assert list(dataset.as_numpy_iterator()) == []


def test_the_same_records_give_the_same_bytes_with_neither_time_nor_name():
    content = written(RECORDS)

    assert content == written(RECORDS)
    flags, time = content[3], content[4:8]
    assert (flags, time) == (0, bytes(4))  # RFC 1952: FLG, MTIME


def test_size_follows_what_reaches_the_file_which_stays_open():
    file = io.BytesIO()
    writer = TFRecordWriter(file)
    sizes = []
    for _ in range(10):
        writer.write(RECORDS[2])
        assert writer.size == len(file.getvalue())
        sizes.append(writer.size)
    writer.close()

    assert writer.size == len(file.getvalue()) > 10 * len(RECORDS[2])
    assert sizes == sorted(sizes)
    assert sizes[-1] > 8 * len(RECORDS[2]), "little is held back"


@pytest.mark.parametrize(
    ("place", "offset"),
    [(0, 0), (8, 0), (12, 0), (17, 0), (21, 21), (40, 37)],
    ids=["length", "its checksum", "record", "its checksum ", "second length", "third"],
)
def test_a_changed_byte_is_found_and_its_record_named(place, offset):
    def flip(content: bytes) -> bytes:
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    with pytest.raises(ValueError, match=f"the record at byte {offset} is damaged"):
        list(read_records(repacked(RECORDS, flip)))


@pytest.mark.parametrize("kept", [1, 11, 14, 19])
def test_a_cut_record_is_found(kept):
    with pytest.raises(ValueError, match="the record at byte 0 is damaged or cut off"):
        list(read_records(repacked([b"first"], lambda content: content[:kept])))


def test_a_cut_or_damaged_gzip_stream_is_found():
    content = written(RECORDS)
    damaged = content[:1000] + bytes(200) + content[1200:]
    for bad in (content[:-4], content[: len(content) // 2], damaged, b"nothing of the kind" * 9):
        with pytest.raises(ValueError, match="the record at byte"):
            list(read_records(io.BytesIO(bad)))
