"""A reader's data, in every format, give arrays or a reason why not."""

import gzip
import importlib.util
import pickle

import numpy as np
import pandas as pd
import pytest

from onestep.inputs import LEAST, Data, read
from onestep.inputs.reading import state

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4))
Y = np.arange(60) % 3


def table(**columns):
    return pd.DataFrame(X, columns=list("abcd")).assign(**columns)


def written(folder, kind, inputs=X, labels=Y):
    """A file of the kind with these arrays; its path."""
    path = folder / f"my.{kind}"
    if kind == "npz":
        np.savez(path, X=inputs, y=labels)
    elif kind == "npy":
        path = folder / "train_X.npy"
        np.save(path, inputs)
        np.save(folder / "train_y.npy", labels)
    else:
        frame = pd.DataFrame(inputs, columns=list("abcd")).assign(Label=labels)
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["npz", "npy", "csv", "csv.gz"])
def test_a_file_gives_its_arrays_back(tmp_path, kind):
    found = read(written(tmp_path, kind))
    assert np.allclose(found.X, X, atol=1e-12)
    assert np.array_equal(found.y, Y)
    assert found.names == ("0", "1", "2")


def test_parquet_is_a_table_like_any(tmp_path, monkeypatch):
    """Where a reader of Parquet is, pandas asks it; here it is one that knows this file only."""
    (tmp_path / "my.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "pyarrow")
    monkeypatch.setattr(pd, "read_parquet", lambda path: table(y=Y))
    found = read(tmp_path / "my.parquet")
    assert np.array_equal(found.X, X) and np.array_equal(found.y, Y)


def test_without_a_reader_parquet_is_refused_by_name(tmp_path, monkeypatch):
    (tmp_path / "my.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ValueError, match=r"my\.parquet' is not allowed: Parquet needs pyarrow.*\.csv"
    ):
        read(tmp_path / "my.parquet")


def test_classes_may_be_words_and_images_have_axes():
    found = Data.of(X.reshape(60, 2, 2), np.array(["cat", "dog", "emu"], dtype=object)[Y])
    assert found.names == ("cat", "dog", "emu")
    assert np.array_equal(found.X, X)
    assert Data.of(X, (Y > 0)[:, None]).names == ("False", "True")
    assert np.array_equal(Data.of(X, Y.astype(float)).y, Y)


def changed(row, column, value):
    array = X.copy()
    array[row, column] = value
    return array


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (changed(7, 2, np.nan), Y, "NaN or infinite, the first in row 7, column 2"),
        (changed(7, 2, -np.inf), Y, "NaN or infinite"),
        (changed(7, 2, 1e200), Y, "1e100"),
        (changed(slice(None), 3, 2.5), Y, r"1 constant columns \(3\).*drop_constant"),
        (np.ones((60, 4)), Y, "constant"),
        (X, np.zeros(60), "one class"),
        (X, Y[:59], "60 rows and y 59"),
        (X, np.where(np.arange(60) < LEAST - 1, 0, 1), f"{LEAST - 1} samples of the class '0'"),
        (X, np.where(Y == 1, np.nan, Y), "NaN"),
        (X, np.eye(3)[Y], r"y has shape \(60, 3\)"),
        (X, Y + 1j, "complex"),
        (X, np.array([None, 1, "a"], dtype=object)[Y], "object"),
        (X[:, 0], Y, r"X has shape \(60,\)"),
        (X + 1j, Y, "complex"),
        (X.astype(str), Y, "real numbers"),
        (X[:0], Y[:0], r"shape \(0, 4\)"),
    ],
)
def test_what_is_wrong_with_arrays_is_told(inputs, labels, message):
    with pytest.raises(ValueError, match=message):
        Data.of(inputs, labels)


def test_labels_are_numbers_if_they_are_floats_and_some_are_not_whole():
    for y in (X[:, 0], (Y + 0.5)[:, None], (Y + 0.5).astype(np.float32)):
        found = Data.of(X, y)
        assert found.names == () and np.array_equal(found.y, np.ravel(y))
    for y in (Y, Y.astype(float), Y > 0, Y.astype(str)):
        assert Data.of(X, y).names


def test_what_labels_are_can_be_said(tmp_path):
    found = Data.of(X, np.arange(60), labels="numbers")
    assert found.names == () and np.array_equal(found.y, np.arange(60.0))
    for kind in ("npz", "npy", "csv"):
        assert read(written(tmp_path, kind), labels="numbers").names == ()
        assert np.allclose(read(written(tmp_path, kind, labels=X[:, 0])).y, X[:, 0], atol=1e-12)
    for labels, kind, message in [
        (np.arange(60), "auto", "1 samples of the class '0'.*labels = 'numbers' takes them"),
        (Y + 0.5, "classes", "labels such as 0.5"),
        (Y.astype(str), "numbers", "real numbers are needed"),
        (np.ones(60), "numbers", "of which 1 are different"),
        (np.where(Y == 1, np.inf, Y), "numbers", "infinite"),
        (1e200 * X[:, 0], "numbers", "above 1e100"),
        (Y, "ranks", r"labels = 'ranks' is not allowed: one of \['auto', 'classes', 'numbers'\]"),
    ]:
        with pytest.raises(ValueError, match=message):
            Data.of(X, labels, labels=kind)
    with pytest.raises(ValueError, match="y has 19 labels"):
        Data.of(X[:19], X[:19, 0])


def test_large_whole_floats_are_classes_of_their_own():
    """As 64-bit integers they would be one."""
    assert Data.of(X, np.where(Y == 0, 1e20, 2e20)).names == (str(10**20), str(2 * 10**20))
    assert Data.of(X, np.where(Y == 0, -0.0, 1.0)).names == ("0", "1")


def test_constant_columns_are_left_out_on_request():
    found = Data.of(changed(slice(None), 3, 2.5), Y, drop_constant=True)
    assert np.array_equal(found.X, X[:, :3])
    assert found.constant == 1
    with pytest.raises(ValueError, match="constant columns only"):
        Data.of(np.ones((60, 4)), Y, drop_constant=True)


def test_duplicates_are_counted():
    assert Data.of(np.vstack([X, X[:5]]), np.concatenate([Y, Y[:5]])).duplicates == 5


class Harm:
    """What a pickle can do: a file that exists once it was loaded."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_no_pickle_is_ever_loaded(tmp_path):
    trap = tmp_path / "harmed"
    objects = np.array([Harm(trap)] * 60, dtype=object)
    np.savez(tmp_path / "a.npz", X=X, y=objects)
    np.savez(tmp_path / "b.npz", X=objects[:, None], y=Y)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", objects)
    for name in ("c.npz", "d.pkl", "e.joblib", "f.pt", "g.pickle"):
        (tmp_path / name).write_bytes(pickle.dumps(Harm(trap)))
    for name in ("a.npz", "b.npz", "X.npy", "c.npz", "d.pkl", "e.joblib", "f.pt", "g.pickle"):
        with pytest.raises(ValueError, match="pickle"):
            read(tmp_path / name)
    assert not trap.exists()


def test_files_that_are_no_data_are_refused_in_words(tmp_path):
    np.savez(tmp_path / "other.npz", data=X, labels=Y)
    np.save(tmp_path / "alone_X.npy", X)
    np.save(tmp_path / "alone.npy", X)
    np.save(tmp_path / "one.npy", X)
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "bad.csv.gz").write_bytes(b"no gzip")
    (tmp_path / "short.csv.gz").write_bytes(gzip.compress(b"a,y\n" * 999)[:20])
    whole = written(tmp_path, "npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    table().to_csv(tmp_path / "unlabelled.csv", index=False)
    table(y=Y, label=Y).to_csv(tmp_path / "twice.csv", index=False)
    table(y=Y, name="x").to_csv(tmp_path / "words.csv", index=False)
    table(y=np.where(Y == 1, np.nan, Y)).to_csv(tmp_path / "missing.csv", index=False)
    np.savetxt(tmp_path / "headless.csv", np.column_stack([X, Y]), delimiter=",")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 4)
    for name, message in {
        "other.npz": "arrays X and y",
        "one.npz": "one array",
        "alone_X.npy": "alone_y.npy, are needed",
        "alone.npy": "inputs X.npy, and beside them y.npy",
        "empty.csv": "read",
        "empty.npz": "read",
        "bad.csv.gz": "read",
        "short.csv.gz": "read",
        "cut.npz": "read",
        "unlabelled.csv": "no labels: one column",
        "twice.csv": "one column named",
        "words.csv": r"\['name'\] hold no numbers",
        "missing.csv": "missing",
        "headless.csv": "first line of names",
        "binary.csv": "cannot be read",
        "my.xlsx": "ends in none of",
        "my.npz.gz": "ends in none of",
        "my": "ends in none of",
        "nothing.npz": "no such file",
    }.items():
        with pytest.raises(ValueError, match=message) as refusal:
            read(tmp_path / name)
        assert str(refusal.value).startswith(f"path = {name!r} is not allowed: ")


def test_the_state_of_a_file_changes_with_it_and_with_its_labels(tmp_path):
    path = written(tmp_path, "npy")
    before = state(path)
    np.save(tmp_path / "train_y.npy", Y[:30])
    assert state(path) != before == before
    assert "absent" in state(tmp_path / "other.csv")
    assert state("digits").startswith("digits.npz ")
