"""The solver of the scalar equations for a problem."""

from onestep import activations
from onestep.network import Network
from onestep.theory.limit import (
    Limit,
    coordinates,
)


def limit(problem, model=None):
    model = model or Network()
    features = model.feature_map(activations.get(problem.activation), problem.scale, 3)
    return Limit.of(coordinates(problem), problem.k, features)
