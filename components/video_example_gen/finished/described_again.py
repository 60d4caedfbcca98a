"""Records of clips with another name, class or caption of their video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mocogan.components.video_example_gen.video import Video
from mocogan.data.records.example_proto import Example
from mocogan.data.records.keys import CAPTION, LABEL, VIDEO_ID


def described_again(records: Iterable[bytes], video: Video) -> Iterator[bytes]:
    """Yields serialized tf.Examples with the name, the class and the caption of `video`.

    The bytes are those that decoding the video would give.
    """
    texts = {VIDEO_ID: video.video_id, LABEL: video.label, CAPTION: video.caption}
    for record in records:
        example = Example.FromString(record)
        for name, text in texts.items():
            example.features.feature[name].bytes_list.value[0] = text
        yield example.SerializeToString(deterministic=True)
