"""Fashion-MNIST: 70 000 grey images of 28 x 28 pixels (Xiao et al., arXiv 1708.07747; MIT licence).

They are looked for in the directory that the environment variable `VARIABLE` names, where Debian's
package puts them, and in a cache that is filled once from `fashion_sources.SOURCES`.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._support import check
from . import fashion_sources as sources

VARIABLE = "ONESTEP_FASHION_MNIST"
"""Environment variable that names a directory with the four files, as .gz or unpacked."""

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package ``dataset-fashion-mnist`` puts the files."""

NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
"""Names of the classes 0 to 9."""

PIXELS = 28 * 28


@dataclass(frozen=True)
class _File:
    """One of the four files: shape of its content, and digests of content and download."""

    shape: tuple[int, ...]
    sha256: str
    download_md5: str


# Digests of the *unpacked* content: a .gz repacked by a distribution differs, its content must not.
_FILES = {
    "train-images-idx3-ubyte": _File(
        (60000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    ),
    "train-labels-idx1-ubyte": _File(
        (60000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "25c81989df183df01b3e8a0aad5dffbe",
    ),
    "t10k-images-idx3-ubyte": _File(
        (10000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "bef4ecab320f06d8554ea6380940ec79",
    ),
    "t10k-labels-idx1-ubyte": _File(
        (10000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
}


class DataMissing(FileNotFoundError):
    """Fashion-MNIST is not on this machine and could not be downloaded; the message says why.

    Examples
    --------
    >>> DataMissing("a reason").remedy[:59]
    'Get it by one of: `apt install dataset-fashion-mnist` (Debi'
    """

    def __str__(self) -> str:
        return f"Fashion-MNIST is missing: {self.args[0]}. {self.remedy}"

    @property
    def remedy(self) -> str:
        """How to get it: on every machine the same, so that a page may say it."""
        files = ", ".join(f"{name}.gz" for name in _FILES)
        return (
            "Get it by one of: `apt install dataset-fashion-mnist` (Debian, Ubuntu); "
            f"a network that reaches {sources.hosts()}; or put the four files {files} into a "
            f"directory and set {VARIABLE} to it."
        )


class DamagedData(ValueError):
    """A file is there, but is not the published one; the message names file and difference.

    Examples
    --------
    >>> parse(b"not an image", "t10k-images")
    Traceback (most recent call last):
        ...
    onestep.inputs.fashion.DamagedData: t10k-images begins with '6e6f7420': no IDX file of bytes
    """


@dataclass(frozen=True)
class FashionMNIST:
    """All 70 000 images, those of the published training set first.

    Pixels have the shape (70000, 784), 0 to 255, one image a row; labels 0 to 9 the shape (70000,).

    Examples
    --------
    >>> pixels = np.arange(8, dtype=np.uint8).reshape(4, 2)  # four images of two pixels
    >>> data = FashionMNIST(pixels, np.array([0, 1, 0, 2], dtype=np.uint8))
    >>> data.of(0)
    array([[0, 1],
           [4, 5]], dtype=uint8)
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def of(self, label: int) -> NDArray[np.uint8]:
        """Pixels of one class, shape (7000, 784)."""
        if check.integer("label", label, 0) >= len(NAMES):
            raise ValueError(f"label = {label!r} is not allowed: a class from 0 to 9 is needed")
        return np.compress(self.labels == label, self.pixels, axis=0)


def load(*, download: bool = True) -> FashionMNIST:
    """Images and labels, from the first place that has them.

    Where they are not found, they may be downloaded (30 MB, once). Raises `DataMissing` if they are
    nowhere to be had, `DamagedData` if a file is not the published one.
    """
    directory = _installed() or _downloaded(download)
    train_x, train_y, test_x, test_y = (_read(directory, name) for name in _FILES)
    return FashionMNIST(
        np.concatenate([train_x, test_x]).reshape(-1, PIXELS), np.concatenate([train_y, test_y])
    )


def state() -> str:
    """What `load` would find: equal texts, equal files; nothing is read or downloaded.

    Directory, sizes and times of the four files, or where they are missing.

    Examples
    --------
    >>> state() == state()
    True
    """
    named = os.environ.get(VARIABLE)
    directory = _installed() or (sources.cache() if not named else None)
    if directory is None or not _holds_all(directory):
        return f"absent, {VARIABLE} = {named!r}"
    found = [(path.name, path.stat()) for name in _FILES if (path := _found(directory, name))]
    return f"{directory}: {[(name, each.st_size, each.st_mtime_ns) for name, each in found]}"


def parse(content: bytes, name: str) -> NDArray[np.uint8]:
    """Array of an unpacked IDX file of bytes, which messages call by a name.

    It holds two zero bytes, the type 8 of unsigned bytes, the number of axes, a big-endian 32-bit
    length of every axis, and the entries; other magic numbers and sizes are `DamagedData`.

    Examples
    --------
    >>> parse(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]), "three bytes")
    array([7, 8, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DamagedData(f"{name} begins with {content[:4].hex()!r}: no IDX file of bytes")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DamagedData(f"{name} ends within its head of {start} bytes")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    expected = start + int(np.prod(shape, dtype=object))
    if len(content) != expected:
        raise DamagedData(f"{name} has {len(content)} bytes; its head of shape {shape} {expected}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _found(directory: Path, name: str) -> Path | None:
    for path in (directory / f"{name}.gz", directory / name):
        if path.is_file():
            return path
    return None


def _holds_all(directory: Path) -> bool:
    return all(_found(directory, name) for name in _FILES)


def _read(directory: Path, name: str) -> NDArray[np.uint8]:
    path, expected = _found(directory, name), _FILES[name]
    assert path is not None
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedData(f"{path} cannot be unpacked: {error}") from error
    array = parse(content, str(path))
    if array.shape != expected.shape:
        raise DamagedData(f"{path} has the shape {array.shape}; {expected.shape} is needed")
    if hashlib.sha256(content).hexdigest() != expected.sha256:
        raise DamagedData(f"{path} has another SHA-256 than the published file: it was changed")
    return array


def _installed() -> Path | None:
    """Where somebody put the files; the only place that counts is the one named."""
    directory = Path(os.environ.get(VARIABLE) or DEBIAN)
    return directory if _holds_all(directory) else None


def _downloaded(allowed: bool) -> Path:
    """The cache, filled where that is allowed."""
    if named := os.environ.get(VARIABLE):
        raise DataMissing(f"{VARIABLE} = {named!r} does not hold all four files")
    if not allowed and not _holds_all(sources.cache()):
        raise DataMissing("it is not installed, and no download was allowed")
    try:  # a damaged file of the cache is replaced
        digests = {f"{name}.gz": file.download_md5 for name, file in _FILES.items()}
        return sources.download(digests) if allowed else sources.cache()
    except ConnectionError as error:
        raise DataMissing(f"its download failed ({error})") from error
