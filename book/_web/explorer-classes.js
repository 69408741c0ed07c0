// Class errors of a readout by a loss, as lib/onestep/theory/limit/convex_scalar.py has them: scores of inputs by few
// modes, and two numbers for all inputs, their response V and variance q. Inputs are those of the first cluster, of
// label 1: those of the second are their mirror images, with the scores turned.
"use strict";

const OnestepClasses = (() => {
  const { sum, dot, times, add, gram, cholesky, forward, backward, product, combine } = OnestepAlgebra;
  const ROUNDS = 400;
  const SETTLED = 1e-6;
  const DUST = 1e-10; // for modes that vanish at all nodes
  const REACH = 8.5; // standard deviations of a score
  const FINE = 0.4; // standard deviations, and
  const SHORT = 0.7; // units of the score, that a step of its integral has at most

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  // z - V sigmoid(-z) = u, by Newton's method within brackets.
  function proximalPoint(u, V, start) {
    let low = u, high = u + V, z = Math.min(Math.max(start, low), high);
    for (let round = 0; round < 60; round++) {
      const p = sigmoid(-z), missed = z - V * p - u;
      if (missed > 0) high = z;
      else low = z;
      let next = z - missed / (1 + V * p * (1 - p));
      if (!(next >= low && next <= high)) next = 0.5 * (low + high);
      if (Math.abs(next - z) <= 1e-13 * (1 + Math.abs(z))) return next;
      z = next;
    }
    return z;
  }

  // E f, E f^2 and -E df/d omega over scores of mean o and variance q.
  const LOSSES = {
    square: (o, q, V) => {
      const a = 1 / (1 + V);
      return [a * (1 - o), a * a * ((1 - o) ** 2 + q), a];
    },
    logistic(o, q, V) {
      const size = Math.sqrt(q), count = Math.ceil(REACH / Math.min(FINE, SHORT / size)), step = REACH / count;
      let one = 0, two = 0, response = 0, z = -Infinity;
      for (let i = -count; i <= count; i++) {
        const x = i * step, weight = (step * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
        z = proximalPoint(o + size * x, V, z + size * step);
        const p = sigmoid(-z), slope = p * (1 - p);
        one += weight * p;
        two += weight * p * p;
        response += (weight * slope) / (1 + V * slope);
      }
      return [one, two, response];
    },
  };

  // The bulk and the kernels at omega, of modes that inputs of weights `counted` make orthonormal.
  function dressed(limit, omega, counted, start) {
    const { k, resolvent, slopes, types: { weights: w }, kernel, inputs } = limit;
    const g = resolvent(omega, start), [one, two] = slopes(omega, g);
    const found = { g, df1: k * (1 - omega * dot(w, g)), sides: [] };
    found.df2 = found.df1 - k * omega * dot(w, add(g.slice(), 1, one));
    limit.types.means.forEach(({ rows }, side) => {
      const { own, norm } = inputs.modes[side];
      const O = gram(own, counted);
      gram(norm, counted).forEach((row, i) => add(O[i], 1, row)[i] += DUST);
      const T = cholesky(O), under = rows.map((_, i) => Float64Array.from(rows, (__, j) => T[j]?.[i] * Number(j >= i)));
      const turned = (g) => { const K = kernel(rows, g); return product(product(under, K), transposed(under)); };
      const K = turned(g), change = turned(one), bend = turned(two);
      const L = K.map((row) => row.slice());
      L.forEach((row, i) => { row[i] += 1; });
      cholesky(L);
      const solve = (row) => backward(L, forward(L, row)), A = change.map(solve), trace = (M) => sum(M.length, (i) => M[i][i]);
      found.df1 -= trace(A);
      found.df2 -= trace(A) + trace(bend.map(solve)) - trace(product(A, A));
      found.sides.push({ T, K, solve, change });
    });
    return found;
  }

  const transposed = (M) => M.map((_, i) => Float64Array.from(M, (row) => row[i]));

  // Where numbers lead that approach their limit like powers: near interpolation they take hundreds of rounds.
  const extrapolated = ([one, two, three]) => three.map((x, i) => {
    const change = Math.log(x / two[i]), ratio = change / Math.log(two[i] / one[i]);
    return ratio > 0 && ratio < 0.999 ? x * Math.exp((change * ratio) / (1 - ratio)) : x;
  });

  // Probability of the wrong sign: scores of a group of inputs are together nearly Gaussian.
  function wrong({ weights: rho, groups }, o, q) {
    const share = [], mean = [], square = [];
    groups.forEach((i, s) => {
      share[i] = (share[i] ?? 0) + rho[s];
      mean[i] = (mean[i] ?? 0) + rho[s] * o[s];
      square[i] = (square[i] ?? 0) + rho[s] * o[s] ** 2;
    });
    return sum(share.length, (i) => {
      const center = mean[i] / share[i], variance = q + Math.max(square[i] / share[i] - center ** 2, 0);
      return share[i] * 0.5 * (1 - OnestepLimit.erf(center / Math.sqrt(2 * variance)));
    });
  }

  // Errors of classes by the fixed point.
  function answer(limit, m, lambda, loss) {
    const { inputs, k } = limit, { weights: rho } = inputs, S = rho.length, side = Number(limit.coordinates.turned);
    const own = inputs.modes[side].own, averages = LOSSES[loss];
    const past = [];
    let o = new Float64Array(S), q = 1, V = null, g = null;
    for (let round = 0; round < ROUNDS; round++) {
      if (V === null) { // as many responses as inputs, before any score is known
        const first = dressed(limit, lambda * k, rho, null);
        [V, g] = [first.df1 / m, first.g];
      }
      const f = new Float64Array(S), a = new Float64Array(S);
      let square = 0;
      for (let s = 0; s < S; s++) {
        const [one, two, response] = averages(o[s], q, V);
        a[s] = rho[s] * response;
        f[s] = rho[s] * one + a[s] * o[s];
        square += rho[s] * two;
      }
      const total = sum(S, (s) => a[s]);
      const at = dressed(limit, (lambda * k) / total, a.map((x) => x / total), g), { T, K, solve, change } = at.sides[side];
      g = at.g;
      // Along the modes that are orthonormal now: c, what the kernel makes of it, and the scores.
      const c = forward(T, own.map((row) => dot(row, f))), y = solve(c), fitted = add(c.slice(), -1, y); // K (1 + K)^-1 c
      const t = backward(T, fitted.map((x) => x / total)), scores = combine(new Float64Array(S), own, (i) => t[i]);
      const ridged = -sum(y.length, (i) => y[i] * dot(change[i], y)) / total;
      const seen = dot(c, fitted) / total - ridged - sum(S, (s) => a[s] * scores[s] ** 2);
      const next = [Math.max(seen, 0) / total + (square * at.df2) / (m * total * total), at.df1 / (m * total)];
      const moved = Math.max(Math.abs(next[0] / q - 1), Math.abs(next[1] / V - 1),
        Math.max(...scores.map((x, s) => Math.abs(x - o[s]) / Math.sqrt(q))));
      [o, q, V] = [scores, ...next];
      past.push(next);
      if (moved < SETTLED)
        return { error: wrong(inputs, o, q), left: m - at.df2 };
      if (round % 8 === 7) [q, V] = extrapolated(past.slice(-3));
    }
    throw new RangeError(`the scores of the ${loss} loss did not settle`);
  }

  return { answer };
})();
