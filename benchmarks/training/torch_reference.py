"""Baseline: times a training step of MoCoGAN (Tulyakov et al., CVPR 2018) in PyTorch on the CPU.

It has the paper's 64x64 networks (width 64), 16 frames, z_content 50 and z_motion 10. A step updates the image
discriminator, the video discriminator and the generator once each. Each update uses new fakes, as in the authors' code.
`make bench-torch` installs PyTorch into a separate environment.

    .tools/torch/bin/python -m benchmarks.training.torch_reference --batch 8 --steps 7 --dtype bf16 [--sample]

Prints one JSON line with median seconds per step and clips per second. With --sample it times only the generation.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch
from torch import nn

_FRAMES, _CHANNELS, _SIZE = 16, 3, 64
_DIM_CONTENT, _DIM_MOTION = 50, 10
_SLOPE = 0.2  # negative slope of the leaky ReLUs
_WARM_UP = 2  # steps


class Generator(nn.Module):
    """Generates clips or single frames from random latents."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rnn = nn.GRUCell(_DIM_MOTION, _DIM_MOTION)
        layers: list[nn.Module] = []
        channels = _DIM_CONTENT + _DIM_MOTION
        for outputs, stride, padding in ((8, 1, 0), (4, 2, 1), (2, 2, 1), (1, 2, 1)):
            outputs *= width
            layers += [
                nn.ConvTranspose2d(channels, outputs, 4, stride, padding, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(True),
            ]
            channels = outputs
        last = nn.ConvTranspose2d(channels, _CHANNELS, 4, 2, 1, bias=False)
        self.net = nn.Sequential(*layers, last, nn.Tanh())

    def latents(self, count: int) -> torch.Tensor:
        """-> [count * 16, 60, 1, 1]: z_content concatenated with the GRU states."""
        state, states = torch.randn(count, _DIM_MOTION), []
        for _ in range(_FRAMES):
            state = self.rnn(torch.randn(count, _DIM_MOTION), state)
            states.append(state)
        content = torch.randn(count, 1, _DIM_CONTENT).expand(count, _FRAMES, _DIM_CONTENT)
        latents = torch.cat([content, torch.stack(states, 1)], 2)
        return latents.reshape(count * _FRAMES, -1, 1, 1)

    def videos(self, count: int) -> torch.Tensor:
        """-> [count, 3, 16, 64, 64] in [-1, 1]."""
        frames = self.net(self.latents(count)).view(count, _FRAMES, _CHANNELS, _SIZE, _SIZE)
        return frames.permute(0, 2, 1, 3, 4)

    def images(self, count: int) -> torch.Tensor:
        """-> [count, 3, 64, 64] in [-1, 1], random frames of twice as many clips."""
        latents = self.latents(2 * count)
        return self.net(latents[torch.randperm(len(latents))[:count]])


def image_discriminator(width: int) -> nn.Sequential:
    """D_I: [N, 3, 64, 64] -> logits [N, 1, 4, 4]."""

    def convolution(inputs: int, outputs: int) -> nn.Conv2d:
        return nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)

    return nn.Sequential(
        convolution(_CHANNELS, width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(width, 2 * width),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(2 * width, 4 * width),
        nn.BatchNorm2d(4 * width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(4 * width, 1),
    )


def video_discriminator(width: int) -> nn.Sequential:
    """D_V: [N, 3, 16, 64, 64] -> logits [N, 1, 4, 4, 4]."""

    def convolution(inputs: int, outputs: int) -> nn.Conv3d:
        return nn.Conv3d(inputs, outputs, 4, stride=(1, 2, 2), padding=(0, 1, 1), bias=False)

    return nn.Sequential(
        convolution(_CHANNELS, width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(width, 2 * width),
        nn.BatchNorm3d(2 * width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(2 * width, 4 * width),
        nn.BatchNorm3d(4 * width),
        nn.LeakyReLU(_SLOPE, True),
        convolution(4 * width, 1),
    )


class Step:
    """The networks, optimizers and one batch of random clips. Each call does one step."""

    def __init__(self, batch_size: int, width: int, bfloat16: bool) -> None:
        self.generator = Generator(width)
        self.image_discriminator, self.video_discriminator = (
            image_discriminator(width),
            video_discriminator(width),
        )
        self._batch_size, self._bfloat16 = batch_size, bfloat16
        self._generator_optimizer = _adam(self.generator)
        self._image_optimizer = _adam(self.image_discriminator)
        self._video_optimizer = _adam(self.video_discriminator)
        self._cross_entropy = nn.BCEWithLogitsLoss()
        self._videos = torch.rand(batch_size, _CHANNELS, _FRAMES, _SIZE, _SIZE) * 2 - 1
        self._images = self._videos[:, :, 0].contiguous()

    def __call__(self) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            fakes = self.generator.images(self._batch_size)
            self._update(self.image_discriminator, self._image_optimizer, self._images, fakes)
            fakes = self.generator.videos(self._batch_size)
            self._update(self.video_discriminator, self._video_optimizer, self._videos, fakes)
            self._generator_optimizer.zero_grad()
            images = self.image_discriminator(self.generator.images(self._batch_size))
            videos = self.video_discriminator(self.generator.videos(self._batch_size))
            (self._wants(images, 1) + self._wants(videos, 1)).backward()
            self._generator_optimizer.step()

    def sample(self) -> torch.Tensor:
        """Generates clips [B, 3, 16, 64, 64] without training."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16), torch.no_grad():
            return self.generator.eval().videos(self._batch_size)

    def _update(
        self,
        discriminator: nn.Module,
        optimizer: torch.optim.Optimizer,
        real: torch.Tensor,
        fakes: torch.Tensor,
    ) -> None:
        optimizer.zero_grad()
        real_logits, fake_logits = discriminator(real), discriminator(fakes.detach())
        (self._wants(real_logits, 1) + self._wants(fake_logits, 0)).backward()
        optimizer.step()

    def _wants(self, logits: torch.Tensor, target: int) -> torch.Tensor:
        return self._cross_entropy(logits, torch.full_like(logits, target))


def _adam(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999), weight_decay=1e-5)


def main() -> None:
    """Times the steps after a warm-up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--sample", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    step = Step(options.batch, options.width, options.dtype == "bf16")
    run = step.sample if options.sample else step
    for _ in range(_WARM_UP):
        run()
    times = []
    for _ in range(options.steps):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    results = {"name": "torch_reference", **vars(options)}
    results["sec_per_step"] = round(median, 4)
    results["clips_per_sec"] = round(options.batch / median, 2)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
