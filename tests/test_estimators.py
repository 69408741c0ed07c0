"""The estimators do what scikit-learn asks of any, and their formula says what they will do."""

import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import onestep
from onestep import OneStepClassifier, OneStepRegressor
from onestep.inputs import read
from onestep.network import TrainedLayer

N, FAR = 20, slice(3000, None)


def classes(count=2, size=9000):
    """Classes that differ in their means; texts."""
    rng = np.random.default_rng(count)
    y = rng.integers(0, count, size)
    X = rng.standard_normal((size, N)) + 2.5 * np.eye(N)[y]
    return 10 * X + 3, np.array(["ant", "bee", "cat"])[y]


def numbers(size=9000):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((size, N))
    return 10 * X + 3, 50 + 4 * (X @ np.linspace(-1, 1, N) + rng.standard_normal(size))


@pytest.mark.parametrize(
    "estimator",
    [
        OneStepClassifier(width=40),
        OneStepClassifier(width=40, loss="logistic", intercept=True),
        OneStepRegressor(width=40),
    ],
    ids=str,
)
def test_scikit_learn_has_nothing_to_say_against_them(estimator):
    """All checks; of those that scikit-learn leaves out, one is for arrays of other libraries."""
    found = check_estimator(estimator, on_skip=None, on_fail="raise")
    assert len(found) > 40
    left_out = {each["check_name"] for each in found if each["status"] != "passed"}
    assert left_out <= {"check_array_api_input"}


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("options", [{}, {"activation": "tanh", "step": 30.0, "width": 100}])
def test_the_predicted_error_is_the_error_of_classes_that_were_not_seen(count, options):
    """Within 7 %: 5 for the moments, and 2 for the readout's own sample."""
    X, y = classes(count)
    found = OneStepClassifier(random_state=1, **options).fit(X[:3000], y[:3000])
    scores = found.decision_function(X[FAR])
    codes = (
        np.where(y == "bee", 1.0, -1.0)
        if count == 2
        else np.eye(3)[np.unique(y, return_inverse=True)[1]]
    )
    each = (codes[FAR] - scores) ** 2
    measured = each.sum(axis=-1).mean() / 2 if count > 2 else each.mean() / 2
    assert found.prediction_.status == "converged"
    assert found.predicted_error_ == pytest.approx(measured, rel=0.07)
    assert found.predicted_error_ < 0.7 / 2  # of labels that tell nothing, about 1/2


def test_the_predicted_error_is_that_of_numbers_and_of_the_score():
    X, y = numbers()
    found = OneStepRegressor(activation="tanh", random_state=1).fit(X[:3000], y[:3000])
    score = found.score(X[FAR], y[FAR])
    assert score > 0.6
    assert 1 - 2 * found.predicted_error_ == pytest.approx(score, abs=0.05)


def test_other_losses_are_predicted_for_classes_with_their_accuracy():
    X, y = classes()
    found = OneStepClassifier(loss="logistic", intercept=True, random_state=0).fit(
        X[:3000], y[:3000]
    )
    margin = np.where(y[FAR] == "bee", 1, -1) * found.decision_function(X[FAR])
    assert found.predicted_error_ == pytest.approx(np.log1p(np.exp(-margin)).mean(), rel=0.07)
    assert found.prediction_.accuracy == pytest.approx(found.score(X[FAR], y[FAR]), abs=0.02)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda X, y: OneStepClassifier().fit(X[:50], y[:50]),
            "half of the inputs are for the step: 20",
        ),
        (
            lambda X, y: OneStepClassifier().fit(X[:300], y[:300]),
            "too few for their moments.*; 5% are",
        ),
        (lambda X, y: OneStepClassifier(activation="he(4)").fit(X, y), "is above"),
        (lambda X, y: OneStepRegressor(loss="huber").fit(X, X[:, 0]), "loss = 'huber'"),
        (
            lambda X, y: OneStepClassifier().fit(np.where(y[:, None] == "ant", 1.0, X), y),
            "are equal",
        ),
    ],
)
def test_where_the_theory_refuses_there_is_a_reason_and_no_number(make, reason):
    found = make(*classes(size=2000))
    assert np.isnan(found.predicted_error_)
    assert found.prediction_.status == "out of range"
    assert re.search(reason, found.prediction_.reason), found.prediction_.reason


def test_they_work_in_a_pipeline_and_a_grid():
    data = read("digits", drop_constant=True)
    chain = make_pipeline(StandardScaler(), OneStepClassifier(width=50, random_state=0))
    search = GridSearchCV(
        chain,
        {"onestepclassifier__ridge": [1e-3, 10.0], "onestepclassifier__activation": ["tanh"]},
        cv=3,
    ).fit(data.X, data.y)
    assert search.best_params_["onestepclassifier__ridge"] == 1e-3
    assert search.best_score_ > 0.8
    X, y = numbers(600)
    search = GridSearchCV(OneStepRegressor(random_state=0), {"width": [1, 50]}, cv=3).fit(X, y)
    assert search.best_params_ == {"width": 50}


def test_the_network_is_that_of_the_library():
    """One step from a random layer; features as `TrainedLayer` has them."""
    X, y = numbers(500)
    random, trained = (
        OneStepRegressor(width=30, step=s, random_state=5).fit(X, y) for s in (0, 50)
    )
    change = np.linalg.svd(trained.layer_ - random.layer_, compute_uv=False)
    assert change[0] > 5 * change[1]  # nearly rank one
    layer = TrainedLayer(trained.layer_, onestep.activations.get("relu"), *_any_law())
    scores = layer.features((X - trained.mean_) * trained.scale_).T @ trained.readout_
    assert np.allclose(trained.predict(X), trained.label_mean_ + trained.label_scale_ * scores)
    assert np.mean(((X - trained.mean_) * trained.scale_) ** 2) == pytest.approx(1)


def _any_law():
    inputs = onestep.inputs.spiked(N, (1.0,), 1, 0.0, 0.0, np.random.default_rng(0))
    return inputs, onestep.inputs.Linear(np.zeros(N))


def test_a_fit_forgets_the_former_and_a_pickle_keeps_the_prediction():
    X, y = classes(size=3000)
    found = OneStepClassifier(width=100, random_state=0).fit(X, y)
    first = found.predicted_error_
    again = pickle.loads(pickle.dumps(found))
    assert again.predicted_error_ == first and np.array_equal(again.predict(X), found.predict(X))
    second = found.fit(X[1000:], y[1000:]).predicted_error_
    assert second != first
    other = clone(found).fit(X, y)
    assert other.predicted_error_ == first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width = 0"),
        ({"step": -1.0}, "step = -1.0"),
        ({"ridge": 0.0}, "ridge = 0.0"),
        ({"loss": "cubic"}, "loss = 'cubic'"),
        ({"activation": "rleu"}, "rleu"),
    ],
)
def test_what_is_out_of_range_is_refused_by_fit(options, message):
    for estimator, (X, y) in (
        (OneStepClassifier, classes(size=99)),
        (OneStepRegressor, numbers(99)),
    ):
        with pytest.raises(ValueError, match=message):
            estimator(**options).fit(X, y)
    with pytest.raises(ValueError, match="loss = 'hinge'"):
        OneStepRegressor(loss="hinge").fit(*numbers(99))


def _run(code):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_scikit_learn_is_loaded_by_the_estimators_only():
    loaded = (
        "import sys, onestep; onestep.simulate; onestep.OwnNetwork; print('sklearn' in sys.modules)"
    )
    assert _run(loaded).strip() == "False"


def test_without_scikit_learn_it_is_said_which_extra_is_missing():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import onestep\nonestep.OwnNetwork\n"
        "for name in ('OneStepClassifier', 'OneStepRegressor', 'estimators'):\n"
        "    try: getattr(onestep, name)\n"
        "    except ImportError as error: print(error)"
    )
    lines = _run(code).splitlines()
    assert len(lines) == 3 and all("pip install 'onestep[sklearn]'" in each for each in lines)
