import io

import pytest
from PIL import Image

from mocogan.data.source.images.image_size import image_size


def _encode(
    width: int, height: int, file_format: str, mode: str = "RGB", **options: object
) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), 7).save(file, file_format, **options)
    return file.getvalue()


EXIF = Image.Exif()
EXIF[0x010E] = "x" * 60_000  # a description that pushes the size far back
IMAGES = {
    "png": _encode(300, 20, "PNG"),
    "png, gray": _encode(300, 20, "PNG", "L"),
    "jpeg": _encode(300, 20, "JPEG"),
    "jpeg, progressive": _encode(300, 20, "JPEG", progressive=True),
    "jpeg, metadata": _encode(300, 20, "JPEG", exif=EXIF, comment="y" * 1000),
    "webp": _encode(300, 20, "WEBP"),
    "webp, lossless": _encode(300, 20, "WEBP", lossless=True),
    "webp, extended": _encode(300, 20, "WEBP", exif=EXIF),
    "bmp": _encode(300, 20, "BMP"),
}


@pytest.mark.parametrize("content", IMAGES.values(), ids=IMAGES.keys())
def test_tells_width_and_height(content):
    assert image_size(content) == (300, 20)


def test_other_forms_of_bmp():
    os2 = b"BM" + bytes(12) + (12).to_bytes(4, "little") + bytes([44, 1, 20, 0])
    top_down = bytearray(IMAGES["bmp"])
    top_down[22:26] = (-20).to_bytes(4, "little", signed=True)

    assert image_size(os2) == image_size(bytes(top_down)) == (300, 20)


def test_an_image_of_no_width_has_no_size():
    assert image_size(IMAGES["png"][:16] + bytes(4) + IMAGES["png"][20:]) is None


@pytest.mark.parametrize("content", IMAGES.values(), ids=IMAGES.keys())
def test_a_head_cut_anywhere_gives_the_size_or_nothing(content):
    sizes = {image_size(content[:length]) for length in range(min(len(content), 2000))}

    assert sizes <= {None, (300, 20)}
    assert image_size(content[:17]) is None


@pytest.mark.parametrize(
    "content", [b"", b"no image at all, but some text", b"\xff\xd8\xff" + bytes(99)]
)
def test_anything_else_has_none(content):
    assert image_size(content) is None
