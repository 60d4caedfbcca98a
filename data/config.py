"""How videos become clips: the configuration that all decoders share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from mocogan.data.settings import Settings

DataSetName = Literal[
    "auto",
    "folder",
    "films",
    "ucf101",
    "hmdb51",
    "kinetics",
    "something_something",
    "kth",
    "weizmann",
    "moving_mnist",
    "bair",
    "stylegan_v",
    "sky_timelapse",
    "face_crops",
    "webdataset",
    "videofolder",
]


class IngestConfig(Settings):
    """How videos become clips `[num_frames, stored_size, stored_size, 3]` uint8."""

    decoder: Literal["pyav", "tfio"] = Field("pyav", description="decoding library")
    dataset: DataSetName = Field(
        "auto", description="data set in the data folder (auto: recognize it)"
    )
    view: str | None = Field(
        None, description="camera (bair) or official list (ucf101, hmdb51) of a data set"
    )
    check: Literal["time", "content"] = Field(
        "time",
        description="how unchanged videos are told: name, size and time, or content",
    )
    num_frames: int = Field(16, ge=2, le=256, description="frames per clip")
    size: int = Field(64, ge=8, le=512, description="height and width of generated clips in pixels")
    store_size: int | None = Field(
        None,
        ge=8,
        le=1024,
        description="height and width of stored clips in pixels (null: size)",
    )
    frame_stride: int = Field(
        1, ge=1, le=1000, description="distance between the frames of a clip, in source frames"
    )
    fps: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="frames per second of a clip (null: every frame_stride-th frame)",
    )
    clips_per_video: int | None = Field(
        None, ge=1, description="maximum number of clips per video (null: all)"
    )
    clip_placement: Literal["uniform", "random", "first"] = Field(
        "uniform",
        description="position of the clips that clips_per_video selects",
    )
    seed: int = Field(0, ge=0, lt=2**63, description="seed of clip_placement=random")
    short_videos: Literal["reject", "loop", "pad"] = Field(
        "reject",
        description="treatment of videos that are shorter than one clip",
    )
    video_stream: int | None = Field(
        None,
        ge=0,
        description="number of the video stream, from 0 (null: as players choose)",
    )
    resize: Literal["center_crop", "pad", "squash"] = Field(
        "center_crop", description="method that makes frames square"
    )
    resize_filter: Literal["area", "bilinear"] = Field(
        "area",
        description="resize filter; bilinear is for preset seed and assumes BT.601 colors",
    )
    hdr: Literal["tone_map", "reject"] = Field(
        "tone_map", description="treatment of HDR videos (PQ, HLG)"
    )
    images: Literal["auto", "strips", "frames"] = Field(
        "auto",
        description="meaning of image files: film strips or numbered frames",
    )
    eval_fraction: float = Field(
        0.1, gt=0, lt=1, description="share of the videos in the eval split"
    )
    max_rejected_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        description="maximum share of rejected files, duplicates included",
    )
    max_pixels: int = Field(8192 * 8192, ge=1, description="maximum pixels per source frame")
    max_seconds: float = Field(
        6 * 3600.0, gt=0, description="maximum duration of a video in seconds"
    )
    decode_timeout: float = Field(
        120.0,
        gt=0,
        description="maximum CPU seconds per video, beyond its duration",
    )
    max_memory_mb: int = Field(
        2048, ge=256, description="maximum memory of a decoder process in MiB"
    )

    @model_validator(mode="after")
    def _one_sampling_rule(self) -> IngestConfig:
        if self.fps is not None and self.frame_stride != 1:
            raise ValueError(
                f"fps={self.fps} and frame_stride={self.frame_stride} exclude each other. "
                "Set only one of them"
            )
        return self

    @model_validator(mode="after")
    def _placement_of_some_clips(self) -> IngestConfig:
        if self.clips_per_video is None and self.clip_placement != "uniform":
            raise ValueError(
                f"clip_placement={self.clip_placement} has no effect without clips_per_video. "
                "Either set clips_per_video, or remove clip_placement"
            )
        return self

    @property
    def stored_size(self) -> int:
        """Height and width in pixels of the clips on disk."""
        return self.store_size or self.size
