import json

import pytest

from mocogan.data.source.manifest import ManifestEntry, ManifestError, parse_manifest


def _csv(text: str) -> dict[bytes, ManifestEntry]:
    return parse_manifest("labels.csv", text.encode())


def _json(*rows: object) -> dict[bytes, ManifestEntry]:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    return parse_manifest("labels.jsonl", "\n".join(lines).encode())


def _labels(entries: dict[bytes, ManifestEntry]) -> dict[bytes, tuple[int, bytes, bytes]]:
    return {name: entry[:3] for name, entry in entries.items()}


def test_splits_have_the_names_that_people_use_and_groups_any():
    entries = _csv(
        "file,split,group\na,train,g 1\nb, Validation ,7\nc,val,\nd,test,\ne,,g 1\n"
    ) | _json({"file": "f", "split": "eval", "group": 7}, {"file": "g", "split": None})

    assert {name: entry[3:] for name, entry in entries.items()} == {
        b"a": ("train", b"g 1"),
        b"b": ("eval", b"7"),
        b"c": ("eval", b""),
        b"d": ("test", b""),
        b"e": ("", b"g 1"),
        b"f": ("eval", b"7"),
        b"g": ("", b""),
    }


def test_json_can_give_a_list_of_captions():
    entries = _json({"file": "a", "caption": ["one", "two\nthree"]}, {"file": "b", "caption": []})
    assert {name: entry.caption for name, entry in entries.items()} == {
        b"a": b"one\ntwo\nthree",
        b"b": b"",
    }
    for row in ({"file": "a", "caption": ["one", 2]}, {"file": "a", "label": ["one"]}):
        with pytest.raises(ManifestError, match="Give text or a number"):
            _json(row)


def test_csv_gives_label_and_caption():
    text = (
        "\ufefffile,label,caption\r\n"
        'a.mp4,walk,"two words, ""quoted"",\r\non two lines"\r\n'
        "\r\n"
        "caf\u00e9/b.mp4,\u00e9,\r\n"
    )

    assert _labels(_csv(text)) == {
        b"a.mp4": (3, b"walk", b'two words, "quoted",\r\non two lines'),
        "caf\u00e9/b.mp4".encode(): (5, "\u00e9".encode(), b""),
    }


def test_columns_may_be_fewer_and_in_any_order():
    assert _labels(_csv("file\na.mp4\n")) == {b"a.mp4": (2, b"", b"")}
    assert _labels(_csv("caption, file\nhello,a.mp4")) == {b"a.mp4": (2, b"", b"hello")}
    assert _csv("file,label\n") == {}


def test_json_gives_label_and_caption():
    entries = _json(
        "\ufeff" + json.dumps({"file": "a.mp4", "label": "walk", "caption": "a\nb"}),
        "",
        {"file": "b.mp4", "label": 3},
        {"file": "c.mp4", "label": 0.5, "caption": None},
        '{"file": "d\u2028.mp4"}\r',
        {"file": "caf\udce9.mp4", "label": ""},
    )

    assert _labels(entries) == {
        b"a.mp4": (1, b"walk", b"a\nb"),
        b"b.mp4": (3, b"3", b""),
        b"c.mp4": (4, b"0.5", b""),
        "d\u2028.mp4".encode(): (5, b"", b""),
        b"caf\xe9.mp4": (6, b"", b""),
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("./a.mp4", b"a.mp4"),
        ("walk//./a.mp4", b"walk/a.mp4"),
        ("walk/0001/", b"walk/0001"),
        ("walk/../a.mp4", b"a.mp4"),
        ("walk/../../a.mp4", b"../a.mp4"),
        ("/data//a.mp4", b"/data/a.mp4"),
        ("gs://bucket/a.mp4", b"gs://bucket/a.mp4"),
        ("./", b"."),
    ],
)
def test_names_are_normalized(written, meant):
    assert list(_csv(f"file\n{written}\n")) == list(_json({"file": written})) == [meant]


def test_the_same_line_twice_is_one_entry():
    entries = _csv("file,label\na.mp4,walk\n./a.mp4,walk\n")

    assert _labels(entries) == {b"a.mp4": (2, b"walk", b"")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"labels\.csv, line 1: the column 'file' is missing\. Add a column 'file'"),
        ("file,lable\n", r"line 1: column 'lable' is unknown\. Did you mean 'label'\?"),
        (
            "file;label\n",
            r"line 1: the header has only one column, 'file;label'\. Separate the fields with commas",
        ),
        ("file\tlabel\n", r"line 1: the header has only one column, 'file\\tlabel'\. Separate the"),
        (
            "file,label\na.mp4;walk\n",
            r"line 2: the number of fields is 1, but the header has 2\. Separate the fields",
        ),
        ("a.mp4,walk\n", r"line 1: .*\. The first line must be the header file,label,caption"),
        ("walk/1,walk,hello\n", r"The first line must be the header file,label,caption"),
        ("Filename,Class\n", r"line 1: column 'Filename' is unknown\. Did you mean 'file'\?"),
        (
            "file,length\n",
            r"column 'length' is unknown\. Allowed columns are file, label, caption, split, group",
        ),
        ("file,split\na.mp4,tset\n", r"line 2: split 'tset' is unknown\. Use train, eval \(also"),
        (
            "file,split,group\na.mp4,train,g\nb.mp4,,g\nc.mp4,val,g\n",
            r"line 4: group 'g' is in the split 'eval', but in 'train' on line 2\. Give all videos",
        ),
        ("label\nwalk\n", r"line 1: the column 'file' is missing"),
        ("file,label,label\n", r"line 1: a column appears twice\. Name each column only once"),
        (
            "file,label\na.mp4,b,c\n",
            r"line 2: the number of fields is 3, but the header has 2\. Put fields that",
        ),
        ("file,label\na.mp4\n", r"line 2: the number of fields is 1, but the header has 2"),
        ('file,label\na.mp4,"x" y\n', r"line 2: .*\. Quote fields as in RFC 4180"),
        ('file,label\na.mp4,"x\n\n', r"line 3: .*\. Quote fields as in RFC 4180"),
        ("file,label\n,walk\n", r"line 2: 'file' is empty\. Give the path of the video"),
        ("file\n\n\na\0b\n", r"line 4: the line has a NUL character"),
        (
            "file,label\na.mp4,walk\nb.mp4,run\n./a.mp4,run\n",
            r"line 4: 'a\.mp4' has different values on line 2\. Keep only one",
        ),
    ],
)
def test_csv_errors_name_line_and_fix(text, message):
    with pytest.raises(ManifestError, match=message):
        _csv(text)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            '{"file": "b.mp4"',
            r"labels\.jsonl, line 2: this is not JSON \(.*\)\. Write one object per line",
        ),
        ("[" * 100_000, r"line 2: this is not JSON"),
        ('{"file": "b.mp4", "label": ' + "1" * 10_000 + "}", r"line 2: this is not JSON"),
        (
            '{"file": "b.mp4", "label": "a", "label": "b"}',
            r"line 2: a key appears twice\. Name each key only once",
        ),
        ('{"file": "b.mp4", "label": NaN}', r"line 2: 'label' is nan\. Give text or a finite"),
        ('{"file": "b.mp4", "label": -Infinity}', r"line 2: 'label' is -inf\. Give text"),
        ('{"file": "b.mp4", "label": 1e999}', r"line 2: 'label' is inf\. Give text"),
        (["b.mp4"], r"line 2: this is not a JSON object\. Write one object per line, such as"),
        ({"file": "b.mp4", "text": "x"}, r"line 2: key 'text' is unknown\. Allowed keys are file"),
        ({"file_name": "b.mp4"}, r"line 2: key 'file_name' is unknown\. Did you mean 'file'\?"),
        ({"label": "walk"}, r"line 2: the key 'file' is missing"),
        ({"file": None}, r"line 2: 'file' is empty"),
        ({"file": "b.mp4", "label": ["walk"]}, r"line 2: 'label' is \['walk'\]\. Give text or a"),
        ({"file": "b.mp4", "label": True}, r"line 2: 'label' is True\. Give text or a number"),
        ({"file": "b.mp4", "label": "\ud83d"}, r"line 2: .* only half of a surrogate pair"),
        ({"file": "b\ud83d.mp4"}, r"line 2: .* only half of a surrogate pair"),
        ({"file": "a.mp4", "caption": "x"}, r"line 2: 'a\.mp4' has different values on line 1"),
    ],
)
def test_json_errors_name_line_and_fix(row, message):
    with pytest.raises(ManifestError, match=message):
        _json({"file": "a.mp4"}, row)


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_other_encodings_are_refused(name):
    with pytest.raises(ManifestError, match=r"line 2: this is not UTF-8\. Save the file as UTF-8"):
        parse_manifest(name, b"\ncaf\xe9")
    with pytest.raises(ManifestError, match=r"line 1: this is not UTF-8"):
        parse_manifest(name, "file,label".encode("utf-16"))
