"""What a clip is: the one description of a video's way into a clip, shared by every decoder."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class IngestConfig(BaseModel):
    """How videos become clips `[num_frames, stored_size, stored_size, 3]` uint8."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decoder: Literal["pyav", "tfio"] = Field("pyav", description="library that decodes the videos")
    num_frames: int = Field(16, ge=2, le=256, description="frames in a clip (T)")
    size: int = Field(
        64, ge=8, le=512, description="height and width of the model's clips in pixels"
    )
    store_size: int | None = Field(
        None,
        ge=8,
        le=1024,
        description="height and width kept on disk (default: size); Transform resizes to `size`",
    )
    frame_stride: int = Field(1, ge=1, le=1000, description="take every n-th frame")
    fps: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="take frames by presentation time at this rate; excludes frame_stride",
    )
    clips_per_video: int | None = Field(
        None, ge=1, description="at most N clips of a video; clips never overlap (default: all)"
    )
    clip_placement: Literal["uniform", "random", "first"] = Field(
        "uniform",
        description="where the clips_per_video clips lie: spread evenly, by `seed`, or at the start",
    )
    seed: int = Field(0, ge=0, lt=2**63, description="of clip_placement=random")
    short_videos: Literal["reject", "loop", "pad"] = Field(
        "reject",
        description="a video too short for a clip: left out, repeated, or its last frame held",
    )
    resize: Literal["center_crop", "pad", "squash"] = Field(
        "center_crop", description="how a frame that is not square becomes square"
    )
    resize_filter: Literal["area", "bilinear"] = Field(
        "area",
        description=(
            "area averages all source pixels; bilinear is `tf.image.resize`'s default, and like the "
            "seed takes all colors for BT.601"
        ),
    )
    images: Literal["auto", "strips", "frames"] = Field(
        "auto",
        description=(
            "what PNG and JPEG files are: film strips, or the numbered frames of one video per "
            "folder; auto tells by shape and name"
        ),
    )
    eval_fraction: float = Field(
        0.1, gt=0, lt=1, description="fraction of the videos held out for evaluation"
    )
    max_rejected_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        description="fraction of rejected files, copies among them, above which the run fails",
    )
    max_pixels: int = Field(
        8192 * 8192, ge=1, description="pixels of a frame above which a video is rejected"
    )
    max_seconds: float = Field(
        6 * 3600.0, gt=0, description="playing time above which a video is rejected"
    )
    decode_timeout: float = Field(
        120.0,
        gt=0,
        description=(
            "processor seconds that decoding may take beyond the video's playing time; a decoder "
            "that does nothing at all is ended after 5 minutes"
        ),
    )
    max_memory_mb: int = Field(
        2048, ge=256, description="memory of a decoding process in MiB; tfio takes up to 12 GiB"
    )

    @model_validator(mode="after")
    def _one_sampling_rule(self) -> IngestConfig:
        if self.fps is not None and self.frame_stride != 1:
            raise ValueError(
                f"fps={self.fps} and frame_stride={self.frame_stride} exclude each other: "
                "set one of them"
            )
        return self

    @model_validator(mode="after")
    def _placement_of_some_clips(self) -> IngestConfig:
        if self.clips_per_video is None and self.clip_placement != "uniform":
            raise ValueError(
                f"clip_placement={self.clip_placement} places clips_per_video clips, and without that "
                "number all clips are cut: set clips_per_video, or leave clip_placement out"
            )
        return self

    @property
    def stored_size(self) -> int:
        """Height and width in pixels of the clips on disk."""
        return self.store_size or self.size
