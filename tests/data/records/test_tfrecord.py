import gzip
import io

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.tfrecord import TFRecordWriter, framed, piece_blocks, piece_records
from tests.support.records import read_records

RECORDS = [b"first", b"", bytes(np.random.default_rng(0).integers(0, 256, 200_000, np.uint8))]


def written(records) -> bytes:
    file = io.BytesIO()
    writer = TFRecordWriter(file)
    for record in records:
        writer.write(record)
    writer.close()
    return file.getvalue()


@pytest.mark.parametrize("records", [RECORDS, []], ids=["three", "none"])
def test_tensorflow_reads_what_is_written(tmp_path, records):
    path = tmp_path / "records.gz"
    path.write_bytes(written(records))

    assert read_records(path) == records


def test_tensorflow_would_write_the_same_content(tmp_path):
    path = tmp_path / "records.gz"
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for record in RECORDS:
            writer.write(record)

    assert gzip.decompress(written(RECORDS)) == gzip.decompress(path.read_bytes())


def test_the_same_records_give_the_same_bytes_with_neither_time_nor_name():
    content = written(RECORDS)

    assert content == written(RECORDS)
    flags, time = content[3], content[4:8]
    assert (flags, time) == (0, bytes(4))  # RFC 1952: FLG, MTIME


def test_tensorflow_reads_a_framed_record_from_an_uncompressed_file(tmp_path):
    path = tmp_path / "records"
    path.write_bytes(framed(b"first") + framed(b""))
    assert list(tf.data.TFRecordDataset(str(path)).as_numpy_iterator()) == [b"first", b""]


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


def test_a_piece_can_be_read_and_copied_without_the_rest(tmp_path):
    file = io.BytesIO()
    writer = TFRecordWriter(file)
    writer.write(b"before")
    writer.end_piece()
    for record in RECORDS:
        writer.write(record)
    piece = writer.end_piece()
    writer.write(b"after")
    writer.close()

    assert list(piece_records(piece_blocks(file, piece.offset, piece.length))) == RECORDS

    path = tmp_path / "copy.gz"
    with path.open("wb") as target:
        copy = TFRecordWriter(target)
        copied = copy.copy_piece(piece_blocks(file, piece.offset, piece.length))
        copy.close()
    assert read_records(path) == RECORDS
    assert (copied.length, copied.checksum) == (piece.length, piece.checksum)
    with pytest.raises(EOFError):
        list(piece_blocks(file, len(file.getvalue()) - 1, 2))
