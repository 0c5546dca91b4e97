"""Movies: MP4 where ffmpeg is there, else GIF; frames from a figure that is drawn once and changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.output.atomic import OutputError

RATE = 12  # frames a second
BLOCK = 16  # pixels: sides of a video are multiples of it
DOTS = 100
Frame = NDArray[np.uint8]


def encoder() -> str:
    """An ffmpeg program: that of imageio-ffmpeg, else the system's; empty without."""
    if find_spec("imageio_ffmpeg") is not None:
        from imageio_ffmpeg import get_ffmpeg_exe

        try:
            return str(get_ffmpeg_exe())
        except RuntimeError:  # the package came without its program
            pass
    return shutil.which("ffmpeg") or ""


def write_movie(frames: Iterable[Frame], stem: Path, rate: int = RATE) -> tuple[Path, str]:
    """Write frames (height, width, 3) as `stem`.mp4, or `stem`.gif where there is no ffmpeg.

    Returns
    -------
    Path, str
        The file, and what to install for MP4 where it is a GIF.
    """
    program = encoder()
    path = stem.with_name(f"{stem.name}.{'mp4' if program else 'gif'}")
    with tempfile.TemporaryDirectory(dir=stem.parent, prefix=".movie") as folder:
        temporary = Path(folder) / path.name
        if program:
            _mp4(frames, temporary, rate, program)
        else:
            _gif(frames, temporary, rate)
        temporary.replace(path)
    return path, "" if program else 'a GIF instead of an MP4: no ffmpeg (pip install "coldrack[movie]")'


def _mp4(frames: Iterable[Frame], path: Path, rate: int, program: str) -> None:
    """H.264 in the pixel format that every player knows; the frames are piped to ffmpeg one by one."""
    import subprocess

    process: Any = None
    for frame in frames:
        frame = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]  # the format needs even sides
        if process is None:
            command = [program, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
                       f"{frame.shape[1]}x{frame.shape[0]}", "-r", str(rate), "-i", "-", "-an", "-c:v", "libx264", "-crf", "20",
                       "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.stdin.write(np.ascontiguousarray(frame).tobytes())
        except BrokenPipeError:
            break
    if process is None:
        raise OutputError("no frames for a movie")
    said = process.communicate()[1]
    if process.returncode:
        raise OutputError(f"ffmpeg made no movie: {said.decode(errors='replace').strip().splitlines()[-1:]}")


def _gif(frames: Iterable[Frame], path: Path, rate: int) -> None:
    """All frames share the first one's palette, so that colours do not flicker."""
    from PIL import Image

    pictures: list[Any] = []
    for frame in frames:
        image = Image.fromarray(frame)
        pictures.append(image.quantize(palette=pictures[0], dither=Image.Dither.NONE) if pictures else image.quantize(128))
    if not pictures:
        raise OutputError("no frames for a movie")
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=round(1000 / rate), loop=0)


def figure_frames(fig: Any, changes: Iterable[Callable[[], None]]) -> Iterator[Frame]:
    """The figure after each change, as pixels; the layout is fixed after the first one so that nothing jumps."""
    width, height = (BLOCK * max(1, round(DOTS * s / BLOCK)) for s in fig.get_size_inches())
    fig.set_dpi(DOTS)
    fig.set_size_inches(width / DOTS, height / DOTS)
    for n, change in enumerate(changes):
        change()
        fig.canvas.draw()
        if n == 0:
            fig.set_layout_engine("none")
        yield np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
