"""A small problem and its split layer."""

from onestep.network import TrainedLayer, draw
from onestep.surrogates.special import SplitLayer

small = {"n": 40, "m": 50, "k": 30, "alpha": 0.0, "beta": 0.9, "direction": "aligned"}


def layer_of(problem, trial=0):
    drawn = draw(problem, trial, 0)
    return drawn, SplitLayer.of(TrainedLayer.of(problem, drawn))
