import json

import pytest

from mocogan.data.source.manifest import ManifestEntry, ManifestError, parse_manifest


def _csv(text: str) -> dict[bytes, ManifestEntry]:
    return parse_manifest("labels.csv", text.encode())


def _json(*rows: object) -> dict[bytes, ManifestEntry]:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    return parse_manifest("labels.jsonl", "\n".join(lines).encode())


def test_csv_gives_label_and_caption():
    text = (
        "\ufefffile,label,caption\r\n"
        'a.mp4,walk,"two words, ""quoted"",\r\non two lines"\r\n'
        "\r\n"
        "caf\u00e9/b.mp4,\u00e9,\r\n"
    )

    assert _csv(text) == {
        b"a.mp4": (3, b"walk", b'two words, "quoted",\r\non two lines'),
        "caf\u00e9/b.mp4".encode(): (5, "\u00e9".encode(), b""),
    }


def test_columns_may_be_fewer_and_in_any_order():
    assert _csv("file\na.mp4\n") == {b"a.mp4": (2, b"", b"")}
    assert _csv("caption, file\nhello,a.mp4") == {b"a.mp4": (2, b"", b"hello")}
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

    assert entries == {
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
    assert _csv("file,label\na.mp4,walk\n./a.mp4,walk\n") == {b"a.mp4": (2, b"walk", b"")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"labels\.csv, line 1: no column 'file'; name the videos in a column 'file'"),
        ("file,lable\n", r"line 1: unknown column 'lable'; did you mean 'label'\?"),
        ("file;label\n", r"line 1: the one column 'file;label'; use commas between the fields"),
        ("file\tlabel\n", r"line 1: the one column 'file\\tlabel'; use commas"),
        ("file,label\na.mp4;walk\n", r"line 2: 1 fields where the header has 2; use commas"),
        ("a.mp4,walk\n", r"line 1: .*; the first line must be the header file,label,caption"),
        ("walk/1,walk,hello\n", r"the first line must be the header file,label,caption"),
        ("Filename,Class\n", r"line 1: unknown column 'Filename'; did you mean 'file'\?"),
        ("file,split\n", r"unknown column 'split'; allowed are file, label, caption"),
        ("label\nwalk\n", r"line 1: no column 'file'"),
        ("file,label,label\n", r"line 1: a column twice; name each column once"),
        ("file,label\na.mp4,b,c\n", r"line 2: 3 fields where the header has 2; put fields that"),
        ("file,label\na.mp4\n", r"line 2: 1 fields where the header has 2"),
        ('file,label\na.mp4,"x" y\n', r"line 2: .*; quote fields as RFC 4180 says"),
        ('file,label\na.mp4,"x\n\n', r"line 3: .*; quote fields as RFC 4180 says"),
        ("file,label\n,walk\n", r"line 2: 'file' is empty; name the video"),
        ("file\n\n\na\0b\n", r"line 4: a NUL character"),
        (
            "file,label\na.mp4,walk\nb.mp4,run\n./a.mp4,run\n",
            r"line 4: 'a\.mp4' has another label or caption than on line 2; keep one",
        ),
    ],
)
def test_csv_errors_name_line_and_fix(text, message):
    with pytest.raises(ManifestError, match=message):
        _csv(text)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"file": "b.mp4"', r"labels\.jsonl, line 2: not JSON \(.*\); write one object a line"),
        ("[" * 100_000, r"line 2: not JSON"),
        ('{"file": "b.mp4", "label": ' + "1" * 10_000 + "}", r"line 2: not JSON"),
        (
            '{"file": "b.mp4", "label": "a", "label": "b"}',
            r"line 2: a key twice; name each key once",
        ),
        ('{"file": "b.mp4", "label": NaN}', r"line 2: 'label' is nan, no number; give text"),
        ('{"file": "b.mp4", "label": -Infinity}', r"line 2: 'label' is -inf, no number"),
        ('{"file": "b.mp4", "label": 1e999}', r"line 2: 'label' is inf, no number"),
        (["b.mp4"], r"line 2: no JSON object; write one object a line, such as"),
        ({"file": "b.mp4", "text": "x"}, r"line 2: unknown key 'text'; allowed are file"),
        ({"file_name": "b.mp4"}, r"line 2: unknown key 'file_name'; did you mean 'file'\?"),
        ({"label": "walk"}, r"line 2: no key 'file'"),
        ({"file": None}, r"line 2: 'file' is empty"),
        ({"file": "b.mp4", "label": ["walk"]}, r"line 2: 'label' is \['walk'\]; give text or a"),
        ({"file": "b.mp4", "label": True}, r"line 2: 'label' is True; give text or a number"),
        ({"file": "b.mp4", "label": "\ud83d"}, r"line 2: half a surrogate pair"),
        ({"file": "b\ud83d.mp4"}, r"line 2: half a surrogate pair"),
        ({"file": "a.mp4", "caption": "x"}, r"line 2: 'a\.mp4' has another label or caption"),
    ],
)
def test_json_errors_name_line_and_fix(row, message):
    with pytest.raises(ManifestError, match=message):
        _json({"file": "a.mp4"}, row)


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_other_encodings_are_refused(name):
    with pytest.raises(ManifestError, match=r"line 2: not UTF-8; save the file as UTF-8"):
        parse_manifest(name, b"\ncaf\xe9")
    with pytest.raises(ManifestError, match=r"line 1: not UTF-8"):
        parse_manifest(name, "file,label".encode("utf-16"))
