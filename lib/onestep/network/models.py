"""Readout models: what stands in the place of the trained layer's activation, compared in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .._support import check
from .._support.arrays import Array
from ..activations import Activation
from ..hermite import GaussianFunction, HermiteExpansion, OfActivation, OfPolynomial


@dataclass(frozen=True)
class FeatureMap:
    """``phi = k^{-1/2} (function(F^ x) + noise * zeta)``, zeta iid N(0, 1) for every entry.

    Attributes
    ----------
    function, gaussian
        Applied entry by entry, to a new array; and the same as seen by Gaussian preactivations.
    noise
        Size of the noise, >= 0.

    Examples
    --------
    >>> from onestep import activations
    >>> Network().feature_map(activations.get("relu"), scale=1.0, degree=3).noise
    0.0
    """

    function: Callable[[Array], Array]
    gaussian: GaussianFunction
    noise: float


class Model(Protocol):
    """A readout model: `name` is its coordinate in the results.

    Examples
    --------
    >>> model: Model = HermiteModel(degree=2, name="parabola")
    >>> model.name
    'parabola'
    """

    @property
    def name(self) -> str:
        """Name in the results."""

    def feature_map(self, activation: Activation, scale: float, degree: int) -> FeatureMap:
        """Features for a student `activation` whose preactivations have bulk size `scale`."""


@dataclass(frozen=True)
class Network:
    """The network itself: features ``sigma(F^ x)``.

    Examples
    --------
    >>> Network().name
    'network'
    """

    name: str = "network"

    def feature_map(self, activation: Activation, scale: float, degree: int) -> FeatureMap:
        """The activation, without noise; `scale` and `degree` do not enter."""
        return FeatureMap(activation, OfActivation(activation), 0.0)


@dataclass(frozen=True)
class HermiteModel:
    """The paper's polynomial model: ``sum_{p<=l} h_p(b) He_p(z/b) + h*_l(b) zeta``.

    Attributes
    ----------
    degree
        l >= 0; None takes the degree that `simulate` was given.
    scale_factor, noise_factor
        Multiply ``b = sqrt(n/tr)``, in [1e-3, 1e3], and ``h*_l``, in [0, 1e3]. Theory says 1; other
        values are negative controls.
    name
        Name in the results.

    Examples
    --------
    >>> from onestep import activations
    >>> line = HermiteModel(degree=1).feature_map(activations.get("relu"), scale=1.0, degree=3)
    >>> line.function.degree, round(line.noise**2, 6)  # 1/4 - 1 / (2 pi)
    (1, 0.090845)
    """

    degree: int | None = None
    scale_factor: float = 1.0
    noise_factor: float = 1.0
    name: str = "hermite"

    def __post_init__(self) -> None:
        if self.degree is not None:
            check.keep(self, degree=check.integer("degree", self.degree, 0))
        check.keep(
            self,
            scale_factor=check.number("scale_factor", self.scale_factor, 1e-3, 1e3),
            noise_factor=check.number("noise_factor", self.noise_factor, 0.0, 1e3),
        )

    def feature_map(self, activation: Activation, scale: float, degree: int) -> FeatureMap:
        """The polynomial of the activation at `scale`, and the size of its noise."""
        l = degree if self.degree is None else self.degree
        expansion = HermiteExpansion.of(activation, degree=l, scale=scale * self.scale_factor)
        return FeatureMap(
            expansion, OfPolynomial(expansion), self.noise_factor * expansion.residual
        )


MODELS: dict[str, Model] = {"network": Network(), "hermite": HermiteModel()}
"""Models that can be given by name."""


def resolve(model: str | Model) -> Model:
    """Model of a name in `MODELS`, or the model itself; ValueError if it is neither."""
    if hasattr(model, "feature_map") and hasattr(model, "name"):
        return model
    return MODELS[check.choice("models", model, MODELS)]


def named_models(models: Sequence[str | Model]) -> list[Model]:
    """The models of a call; ValueError unless there is one and their names differ."""
    if isinstance(models, str) or not isinstance(models, Iterable):
        raise ValueError(f"models = {models!r} is not allowed: a list of names or models is needed")
    resolved = [resolve(model) for model in models]
    names = [model.name for model in resolved]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"models have the names {names!r}: at least one, all different, is needed")
    return resolved
