import gzip
import struct

import numpy as np
import pytest

from onestep.inputs import ImageMixture, fashion
from onestep.inputs import fashion_sources as sources


def idx(array):
    head = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whatever would download fails, loudly."""

    def refused(*_, **__):
        raise AssertionError("a test of the loader must not use a network")

    monkeypatch.setattr("pooch.retrieve", refused)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Four small files with right digests, as the loader would find the real ones."""
    rng = np.random.default_rng(0)
    arrays, small = {}, {}
    for name, file in fashion._FILES.items():
        shape = (file.shape[0] // 1000, *file.shape[1:])
        arrays[name] = rng.integers(0, 10, shape, dtype=np.uint8)
        content = idx(arrays[name])
        small[name] = fashion._File(shape, fashion.hashlib.sha256(content).hexdigest(), "")
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(fashion, "_FILES", small)
    monkeypatch.setenv(fashion.VARIABLE, str(tmp_path))
    return tmp_path, arrays


def test_images_and_labels_stay_together(files):
    _, arrays = files
    data = fashion.load()
    assert data.pixels.shape == (70, 784) and data.pixels.dtype == np.uint8
    first, second = arrays["train-images-idx3-ubyte"], arrays["t10k-images-idx3-ubyte"]
    assert np.array_equal(data.pixels[:60].reshape(-1, 28, 28), first)
    assert np.array_equal(data.pixels[60:].reshape(-1, 28, 28), second)
    label = int(data.labels[0])
    assert np.array_equal(data.of(label)[0], data.pixels[0])
    assert sum(len(data.of(c)) for c in range(10)) == 70


def test_unpacked_files_serve_as_well(files):
    directory, _ = files
    before = fashion.load()
    for path in directory.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert np.array_equal(fashion.load().pixels, before.pixels)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: gzip.compress(gzip.decompress(raw)[:-1]), "bytes; its head"),
        (lambda raw: raw[:-20], "cannot be unpacked"),
        (lambda raw: gzip.compress(b"\x01" + gzip.decompress(raw)[1:]), "no IDX file"),
        (lambda raw: gzip.compress(gzip.decompress(raw)[:-1] + b"\xff"), "SHA-256"),
        (lambda raw: gzip.compress(idx(np.zeros(3, np.uint8))), "shape"),
        (lambda raw: gzip.compress(b"\x00\x00\x08\x03\x00"), "ends within its head"),
        (lambda raw: gzip.compress(b""), "no IDX file"),
    ],
)
@pytest.mark.parametrize("name", list(fashion._FILES))
def test_damaged_files_are_refused_by_name(files, name, damage, message):
    path = files[0] / f"{name}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(fashion.DamagedData, match=message) as caught:
        fashion.load()
    assert name in str(caught.value)


def test_what_is_missing_is_told_with_every_way_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv(fashion.VARIABLE, str(tmp_path))
    with pytest.raises(fashion.DataMissing) as named:
        fashion.load()
    assert str(tmp_path) in str(named.value)
    monkeypatch.delenv(fashion.VARIABLE)
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path / "absent")
    with pytest.raises(fashion.DataMissing) as unwanted:
        fashion.load(download=False)

    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path / "cache")
    with pytest.raises(fashion.DataMissing, match="AssertionError; fash") as failed:
        fashion.load()
    for error in (named, unwanted, failed):
        told = str(error.value)
        assert "apt install dataset-fashion-mnist" in told
        assert fashion.VARIABLE in told and sources.hosts() in told
        assert "train-images-idx3-ubyte.gz" in told


def test_the_state_changes_with_what_would_be_found(files, monkeypatch, tmp_path):
    directory, _ = files
    states = [fashion.state()]
    assert fashion.state() == states[0]
    (directory / "t10k-labels-idx1-ubyte.gz").touch()
    states.append(fashion.state())
    for path in directory.glob("*.gz"):
        path.write_bytes(path.read_bytes() + b"0")
    states.append(fashion.state())
    (directory / "t10k-labels-idx1-ubyte.gz").unlink()
    states.append(fashion.state())
    monkeypatch.setenv(fashion.VARIABLE, str(tmp_path / "elsewhere"))
    states.append(fashion.state())
    assert len(set(states)) == len(states)


def test_the_published_files_where_they_are_installed():
    try:
        data = fashion.load(download=False)
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")
    assert data.pixels.shape == (70000, 784)
    assert np.array_equal(np.bincount(data.labels), np.full(10, 7000))


def test_two_equal_classes_are_refused(files):
    with pytest.raises(ValueError, match=r"classes = \(3, 3\) is not allowed"):
        ImageMixture.of(fashion.load(), (3, 3), 1.0)


@pytest.mark.parametrize("label", [10, -1, "shoe", 1.5])
def test_labels_that_are_no_class_are_refused(files, label):
    with pytest.raises(ValueError, match="label"):
        fashion.load().of(label)
