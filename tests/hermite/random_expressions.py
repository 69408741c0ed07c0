"""Random activations, scales and means, and what the library says of them."""

from __future__ import annotations

import random

_ONE = ("tanh", "sin", "cos", "atan", "erf", "asinh", "sigmoid", "gelu", "silu", "softplus", "relu",
        "abs", "elu", "hard_tanh", "exp_bump", "step", "erfc", "cosh", "sinh")  # fmt: skip
_FACTORS = ("0.3", "1", "2", "5", "17", "50", "1/7", "1/40")
_SHIFTS = ("0", "0.5", "-1", "3.1", "-7", "1/3")


def expression(draw: random.Random) -> str:
    """Return an expression in z: a shape, a sum, a product or a composition of shapes."""
    first = _shape(draw)
    match draw.randrange(6):
        case 0:
            return first
        case 1:
            return f"{first} + {draw.choice(_FACTORS)}*{_shape(draw)}"
        case 2:
            return f"({first})*({_shape(draw)})"
        case 3:
            return f"{draw.choice(('tanh', 'sin', 'cos', 'atan', 'erf', 'sigmoid'))}({first})"
        case 4:
            return f"({first})/(1 + ({_shape(draw)})**2)"
        case _:
            return f"exp({draw.choice(('-', ''))}{draw.choice(('sin', 'cos', 'tanh'))}({first}))"


def _shape(draw: random.Random) -> str:
    argument = f"({draw.choice(_FACTORS)}*z + {draw.choice(_SHIFTS)})"
    match draw.randrange(8):
        case 0:
            return f"{argument}**{draw.randint(1, 5)}"
        case 1:
            return f"exp(-{draw.choice(_FACTORS)}*{argument}**2)"
        case 2:
            return f"{draw.choice(('sin', 'cos', 'tanh'))}({argument}**{draw.randint(2, 3)})"
        case 3:
            return f"sqrt({draw.choice(('1 + z**2', 'abs(z)', 'abs(z - 1)', '2 + cos(z)'))})"
        case 4:
            return f"exp({draw.choice(('1/40*z', 'abs(z)*(-1)', 'z*(-1/3)', 'z**2/500'))})"
        case _:
            return f"{draw.choice(_ONE)}({argument})"


def law(draw: random.Random) -> tuple[float, float]:
    """Return scale and mean."""
    scale = 10 ** draw.uniform(-1.5, 1.6)
    mean = draw.choice((0.0, draw.gauss(0, 1), draw.gauss(0, 8), draw.gauss(0, 60)))
    return scale, mean
