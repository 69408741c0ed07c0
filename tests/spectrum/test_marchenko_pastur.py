import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate

from onestep.spectrum import Bulk
from oracles import marchenko_pastur_density

FUNCTIONALS = ("resolvent", "squared_resolvent", "df1", "df2")

sizes = st.integers(1, 2000)
positive = st.floats(1e-8, 1e8)
bulks = st.builds(
    Bulk,
    sizes,
    sizes,
    st.floats(-3, 3),
    st.one_of(st.just(0.0), st.floats(0.01, 3)),
    st.floats(0, 2),
)


def of_eigenvalues(tau, omega):
    """The four functionals of a list of eigenvalues, per eigenvalue except df1 and df2."""
    tau = np.asarray(tau)
    near = 1 / (tau + omega)
    return {
        "resolvent": near.mean(),
        "squared_resolvent": (near**2).mean(),
        "df1": (tau * near).sum(),
        "df2": ((tau * near) ** 2).sum(),
    }


@pytest.mark.parametrize(("k", "n"), [(300, 600), (400, 400), (600, 300)])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_dense_random_matrices_have_these_functionals(k, n, noise):
    """Linear statistics of a Wishart matrix fluctuate by O(1/k): 5/k relative, 8 draws.

    Complex entries have the same limit and, unlike real ones, no bias of order 1/k.
    """
    bulk = Bulk(k, n, 0.7, noise, 0.9)
    rng = np.random.default_rng(1)
    spectra = []
    for _ in range(8):
        F = rng.standard_normal((k, n)) + 1j * rng.standard_normal((k, n))
        F *= 0.9 / np.sqrt(2 * n)
        spectra.append(np.linalg.eigvalsh(0.49 * F @ F.conj().T + noise**2 * np.eye(k)))
    high = 1.3 * bulk.edges[1]
    for omega in (0.05, 1.0, 30.0, -high):
        for name in FUNCTIONALS:
            found = float(getattr(bulk, name)(omega))
            drawn = np.mean([of_eigenvalues(tau, omega)[name] for tau in spectra])
            assert abs(found / drawn - 1) < 5 / k, (name, omega)


@pytest.mark.parametrize(("k", "n"), [(30, 100), (99, 100), (100, 100), (250, 100)])
@pytest.mark.parametrize("noise", [0.0, 0.8])
def test_functionals_are_integrals_of_the_density(k, n, noise):
    bulk = Bulk(k, n, 1.1, noise, 0.8)
    low, high = bulk.edges

    def average(function):
        # x = low + (high - low) sin^2 removes the square roots at the edges.
        def integrand(angle):
            x = low + (high - low) * np.sin(angle) ** 2
            return (
                function(x) * marchenko_pastur_density(bulk, x) * (high - low) * np.sin(2 * angle)
            )

        continuous = integrate.quad(integrand, 0, np.pi / 2, epsabs=0, epsrel=1e-11, limit=400)[0]
        return continuous + (bulk.atom * function(bulk.floor) if bulk.atom else 0.0)

    assert np.isclose(average(lambda x: 1.0), 1.0, rtol=1e-9)
    assert np.isclose(average(lambda x: x), bulk.mean, rtol=1e-9)
    outside = [0.02, 2.0, -1.1 * high] + ([-0.5 * (low + bulk.floor)] if low > bulk.floor else [])
    for omega in outside:
        for name in FUNCTIONALS:
            value = average(lambda x, name=name, omega=omega: of_eigenvalues(x, omega)[name])
            value *= k if name.startswith("df") else 1
            assert np.isclose(getattr(bulk, name)(omega), value, rtol=1e-7), (name, omega)


@given(bulks, positive)
def test_functionals_keep_their_digits(bulk, omega):
    """Against the quadratic equation solved with 80 digits, differentiated by its own formula."""
    assume(bulk.size == 0 or bulk.size > 1e-12)
    with mpmath.workdps(80):
        c = mpmath.mpf(bulk.k) / bulk.n
        A, floor, w = mpmath.mpf(bulk.size), mpmath.mpf(bulk.floor), mpmath.mpf(omega)

        def resolvent(omega):
            y = omega + floor
            p = y + A * (1 - c)
            root = mpmath.sqrt(p**2 + 4 * c * A * y)
            return (root - p) / (2 * c * A * y) if A else 1 / y

        r = resolvent(w)
        q = -mpmath.diff(resolvent, w, h=w * mpmath.mpf(10) ** -25)
        expected = {
            "resolvent": r,
            "squared_resolvent": q,
            "df1": bulk.k * (1 - w * r),
            "df2": bulk.k * (1 - 2 * w * r + w**2 * q),
        }
        for name, value in expected.items():
            found = mpmath.mpf(float(getattr(bulk, name)(omega)))
            # The expected value is itself a difference, good to 40 of its 80 digits.
            rounding = mpmath.mpf(10) ** -40 * max(r, q, bulk.k)
            assert abs(found - value) <= mpmath.mpf(1e-12) * abs(value) + rounding, name


@given(bulks, positive, st.floats(1.001, 10))
def test_functionals_fall_with_omega_and_are_ordered(bulk, omega, factor):
    for name in FUNCTIONALS:
        near, far = getattr(bulk, name)(np.array([omega, factor * omega]))
        assert 0 <= far <= near
    df1, df2 = bulk.df1(omega), bulk.df2(omega)
    assert df2 <= df1 * (1 + 1e-13) <= bulk.k * (1 + 1e-12)
    if bulk.noise == 0:
        assert df1 <= min(bulk.k, bulk.n) * (1 + 1e-12)


@given(bulks, st.floats(-5, 5), st.floats(1e-3, 5))
def test_complex_resolvent_is_the_one_of_a_measure(bulk, real, imaginary):
    """Im r < 0 above the real axis, |r| <= 1/|Im omega|, and it solves its equation."""
    omega = complex(real, imaginary)
    r = complex(bulk.resolvent(omega))
    assert r.imag < 0
    assert abs(r) <= (1 + 1e-12) / imaginary
    rest = 1 / r - bulk.size / (1 + bulk.ratio * bulk.size * r) - bulk.floor - omega
    assert abs(rest) < 1e-9 * (1 + abs(omega) + bulk.mean * max(1, bulk.ratio))


def test_the_atom_of_a_wide_layer_is_all_that_is_left_at_small_omega():
    bulk = Bulk(300, 100, 1.0, 0.0, 1.0)
    assert bulk.atom == pytest.approx(2 / 3)
    assert np.isclose(1e-14 * bulk.resolvent(1e-14), 2 / 3, rtol=1e-12)
    assert np.isclose(bulk.df1(1e-14), 100, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k = 0"),
        ({"n": 1.5}, "n = 1.5"),
        ({"slope": np.nan}, "slope"),
        ({"noise": -1.0}, "noise"),
        ({"scale": -1.0}, "scale"),
    ],
)
def test_bad_bulks_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Bulk(**({"k": 5, "n": 5, "slope": 1.0, "noise": 0.1, "scale": 1.0} | options))


@pytest.mark.parametrize("omega", [-1.0, np.nan, np.inf, -0.25, [1.0, -1.0]])
def test_the_spectrum_itself_is_refused(omega):
    with pytest.raises(ValueError, match="outside the spectrum"):
        Bulk(20, 10, 1.0, 0.5, 1.0).resolvent(omega)
