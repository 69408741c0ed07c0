// Numerical tools of the explorer: small symmetric matrices, kernels of low rank, Chebyshev series.
"use strict";

const OnestepAlgebra = (() => {
  const sum = (count, term) => {
    let total = 0;
    for (let i = 0; i < count; i++) total += term(i);
    return total;
  };
  // Four products at a time: the processor adds them side by side.
  function dot(a, b) {
    const size = a.length, whole = size - (size % 4);
    let one = 0, two = 0, three = 0, four = 0;
    for (let i = 0; i < whole; i += 4) {
      one += a[i] * b[i];
      two += a[i + 1] * b[i + 1];
      three += a[i + 2] * b[i + 2];
      four += a[i + 3] * b[i + 3];
    }
    for (let i = whole; i < size; i++) one += a[i] * b[i];
    return one + two + three + four;
  }
  const matrix = (rows, columns, entry) =>
    Array.from({ length: rows }, (_, i) => Float64Array.from({ length: columns }, (__, j) => entry(i, j)));
  const zeros = (rows, columns) => Array.from({ length: rows }, () => new Float64Array(columns));
  function times(a, b, found = new Float64Array(a.length)) {
    for (let i = 0; i < a.length; i++) found[i] = a[i] * b[i];
    return found;
  }
  // a + factor b, in the place of a.
  function add(a, factor, b) {
    for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
    return a;
  }

  // a + sum_i factor(i) rows[i], in the place of a; four rows at a time are read for one of a that is written.
  function combine(a, rows, factor) {
    const whole = rows.length - (rows.length % 4);
    for (let i = 0; i < whole; i += 4) {
      const [b, c, d, e] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]];
      const f = factor(i), g = factor(i + 1), h = factor(i + 2), l = factor(i + 3);
      for (let s = 0; s < a.length; s++) a[s] += f * b[s] + g * c[s] + h * d[s] + l * e[s];
    }
    for (let i = whole; i < rows.length; i++) add(a, factor(i), rows[i]);
    return a;
  }

  // Gram matrix of rows under weights.
  function gram(rows, weights) {
    const found = zeros(rows.length, rows.length), weighted = new Float64Array(weights.length);
    rows.forEach((row, i) => {
      times(row, weights, weighted);
      for (let j = 0; j <= i; j++) found[i][j] = found[j][i] = dot(weighted, rows[j]);
    });
    return found;
  }

  // By Jacobi's rotations, of what is not negligible beside the trace: increasing values, vectors in rows.
  function eigh(A) {
    const D = A.length, small = 1e-11 * sum(D, (i) => A[i][i]);
    const a = A.map((row) => row.slice());
    const V = matrix(D, D, (i, j) => Number(i === j));
    for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
      turned = false;
      for (let p = 0; p < D; p++) for (let q = p + 1; q < D; q++) {
        if (Math.abs(a[p][q]) <= small) continue;
        rotate(a, V, p, q);
        turned = true;
      }
    }
    const order = a.map((_, i) => i).sort((i, j) => a[i][i] - a[j][j]);
    return { values: order.map((i) => a[i][i]), vectors: order.map((i) => V[i]) };
  }

  function rotate(a, V, p, q) {
    const tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
    const c = 1 / Math.sqrt(1 + t * t), s = t * c;
    for (let j = 0; j < a.length; j++) {
      const column = a[j], x = column[p], y = column[q];
      column[p] = c * x - s * y;
      column[q] = s * x + c * y;
    }
    turn(V[p], V[q], c, s);
    turn(a[p], a[q], c, s);
  }

  function turn(row, other, c, s) {
    for (let j = 0; j < row.length; j++) {
      const x = row[j], y = other[j];
      row[j] = c * x - s * y;
      other[j] = s * x + c * y;
    }
  }

  // A = T T^T in place, T below the diagonal.
  function cholesky(A) {
    for (let j = 0; j < A.length; j++) {
      for (let i = 0; i <= j; i++) {
        let value = A[j][i];
        for (let l = 0; l < i; l++) value -= A[j][l] * A[i][l];
        A[j][i] = i < j ? value / A[i][i] : Math.sqrt(value);
      }
    }
    return A;
  }

  // T x = b.
  function forward(T, b) {
    const x = Float64Array.from(b);
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j < i; j++) x[i] -= T[i][j] * x[j];
      x[i] /= T[i][i];
    }
    return x;
  }

  // T^T x = b.
  function backward(T, b) {
    const x = Float64Array.from(b);
    for (let i = x.length - 1; i >= 0; i--) {
      x[i] /= T[i][i];
      for (let j = 0; j < i; j++) x[j] -= T[i][j] * x[i];
    }
    return x;
  }

  const product = (A, B) => A.map((row) => combine(new Float64Array(row.length), B, (i) => row[i]));

  // A x = b with pivots, for a few unknowns.
  function solve(A, b) {
    const a = A.map((row) => row.slice()), x = Float64Array.from(b);
    for (let i = 0; i < x.length; i++) {
      let best = i;
      for (let j = i + 1; j < x.length; j++) if (Math.abs(a[j][i]) > Math.abs(a[best][i])) best = j;
      [a[i], a[best], x[i], x[best]] = [a[best], a[i], x[best], x[i]];
      for (let j = i + 1; j < x.length; j++) {
        const factor = a[j][i] / a[i][i];
        for (let l = i; l < x.length; l++) a[j][l] -= factor * a[i][l];
        x[j] -= factor * x[i];
      }
    }
    for (let i = x.length - 1; i >= 0; i--) {
      for (let j = i + 1; j < x.length; j++) x[i] -= a[i][j] * x[j];
      x[i] /= a[i][i];
    }
    return x;
  }

  function highest(row) {
    let best = 0;
    for (let s = 1; s < row.length; s++) if (row[s] > row[best]) best = s;
    return best;
  }

  // Of several kernels K rows R with sum_r R_r(s) R_r(t) = K(s, t), up to a weighted trace: Cholesky's factors, whose
  // pivots are chosen together. `row(s)` are all K(s, .), and R at its pivots is triangular.
  function lowRank(diagonals, weights, row, left, most = 120) {
    const found = diagonals.map((each) => ({ missing: Float64Array.from(each), rows: [], pivots: [] }));
    const all = new Float64Array(weights.length);
    for (let round = 0; round < most; round++) {
      all.fill(0);
      for (const { missing } of found) for (let s = 0; s < all.length; s++) all[s] += weights[s] * Math.max(missing[s], 0);
      const best = highest(all);
      if (all.reduce((total, x) => total + x, 0) <= left) break;
      const high = found.map(({ missing }) => highest(times(missing, weights)));
      const worth = found.map(({ missing }, i) =>
        weights[best] * missing[best] > 0.1 * weights[high[i]] * missing[high[i]] && missing[best] > 1e-13 * diagonals[i][best]);
      if (!worth.includes(true)) break;
      row(best).forEach((next, i) => {
        const { missing, rows, pivots } = found[i];
        if (!worth[i]) return;
        const root = Math.sqrt(missing[best]);
        combine(next, rows, (each) => -rows[each][best]);
        for (let s = 0; s < next.length; s++) {
          next[s] /= root;
          missing[s] -= next[s] * next[s];
        }
        rows.push(next);
        pivots.push(best);
      });
    }
    return found;
  }

  // The same rows along the principal axes whose eigenvalue exceeds a floor, and those axes.
  function principal(rows, weights, floor) {
    const { values, vectors } = eigh(gram(rows, weights));
    const share = typeof floor === "function" ? floor(sum(values.length, (i) => values[i])) : floor;
    const axes = vectors.filter((_, i) => values[i] > share);
    return { axes, rows: axes.map((axis) => combine(new Float64Array(weights.length), rows, (i) => axis[i])) };
  }

  // ---------------------------------------------------------------- Chebyshev series

  function polynomials(x, count) {
    const T = new Float64Array(count);
    T[0] = 1;
    if (count > 1) T[1] = x;
    for (let j = 2; j < count; j++) T[j] = 2 * x * T[j - 1] - T[j - 2];
    return T;
  }

  const nodes = (count) => Array.from({ length: count }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / count));

  const transforms = {};
  function interpolated(values) {
    const count = values.length;
    const T = (transforms[count] ??= nodes(count).map((x) => polynomials(x, count)));
    return Float64Array.from({ length: count }, (_, j) =>
      ((j ? 2 : 1) / count) * sum(count, (i) => values[i] * T[i][j]));
  }

  // Series of the derivative.
  function derivative(series) {
    const count = series.length, found = new Float64Array(count);
    for (let j = count - 1; j > 0; j--)
      found[j - 1] = (j + 1 < count ? found[j + 1] : 0) + 2 * j * series[j];
    found[0] /= 2;
    return found;
  }

  function chebyshev(series, x) {
    let one = 0, two = 0;
    for (let i = series.length - 1; i > 0; i--) [one, two] = [2 * x * one - two + series[i], one];
    return x * one - two + series[0];
  }

  return { sum, dot, combine, matrix, zeros, times, add, gram, cholesky, forward, backward, solve, product, lowRank, principal, polynomials, nodes, interpolated, derivative, chebyshev };
})();
