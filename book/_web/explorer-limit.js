// The limit of the errors, as lib/onestep has it: theory/limit/coordinates.py and wide_kernel.py,
// spectrum/marchenko_pastur.py and theory/limit/kernel.py, in the same order and under the same names.
// Expansions of the activations come from the library, by way of the tables of studies/explorer.py.
"use strict";

const OnestepLimit = (() => {
  const DEGREE = 12; // of the kernel's series
  const KEEP = 1e-5; // monomials below this part of the floor are left out
  const SMALL = 1e-7; // powers of a share of a preactivation below this do not count
  const SHARE = 0.05; // of a preactivation, from which an axis is cut at 0
  const LARGEST = 3000000; // entries of the table of monomials

  const sum = (count, term) => {
    let total = 0;
    for (let i = 0; i < count; i++) total += term(i);
    return total;
  };
  const dot = (a, b) => sum(a.length, (i) => a[i] * b[i]);
  const matrix = (D, entry) =>
    Array.from({ length: D }, (_, i) => Array.from({ length: D }, (_, j) => entry(i, j)));
  const product = (A, B) => matrix(A.length, (i, j) => sum(B.length, (l) => A[i][l] * B[l][j]));
  const factorials = [1];
  for (let p = 1; p <= 24; p++) factorials.push(p * factorials[p - 1]);

  // ---------------------------------------------------------------- tables of expansions

  function chebyshev(series, x) {
    let one = 0, two = 0;
    for (let i = series.length - 1; i > 0; i--) {
      const next = 2 * x * one - two + series[i];
      two = one;
      one = next;
    }
    return x * one - two + series[0];
  }

  function lookup(table, index, scale) {
    if (!(scale > table.low && scale < table.high))
      throw new RangeError(`scale ${scale.toPrecision(3)} lies outside the tables`);
    const { low, high } = table;
    const x = (2 * Math.log(scale) - Math.log(low * high)) / Math.log(high / low);
    return chebyshev(table.series[index], x);
  }

  // The activation: sqrt(p!) h_p(tau), E sigma(tau g)^2 and E sigma'(tau g)^2.
  function network(table) {
    const growth = (tau) => Math.sqrt(1 + tau * tau);
    return {
      noise: 0,
      top: DEGREE,
      coefficient: (p, tau) => lookup(table, p, tau) * growth(tau),
      power: (tau) => lookup(table, DEGREE + 1, tau) * growth(tau) ** 2,
      squareSlope: (tau) => lookup(table, DEGREE + 2, tau),
    };
  }

  // Its polynomial sum_{p <= l} h_p(b) He_p(z/b), expanded again at another scale tau.
  function polynomial(activation, b, l) {
    const h = Array.from({ length: l + 1 }, (_, p) =>
      activation.coefficient(p, b) / Math.sqrt(factorials[p]));
    const kept = sum(l + 1, (p) => factorials[p] * h[p] ** 2);
    const coefficient = (q, tau) => {
      const ratio = tau / b;
      let total = 0;
      for (let j = 0; q + 2 * j <= l; j++) {
        const p = q + 2 * j;
        const weight = factorials[p] / (factorials[q] * 2 ** j * factorials[j]);
        total += h[p] * weight * ratio ** q * (ratio * ratio - 1) ** j;
      }
      return total * Math.sqrt(factorials[q]);
    };
    return {
      h,
      noise: Math.sqrt(Math.max(activation.power(b) - kept, 0)),
      top: l,
      coefficient,
      power: (tau) => sum(l + 1, (q) => coefficient(q, tau) ** 2),
    };
  }

  // ---------------------------------------------------------------- labels

  // All terms of the series are positive: it loses no digits.
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x, total = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }

  const TARGETS = {
    relu: (z) => Math.max(z, 0),
    tanh: Math.tanh,
    sigmoid: (z) => 1 / (1 + Math.exp(-z)),
    gelu: (z) => 0.5 * z * (1 + erf(z / Math.SQRT2)),
    erf,
    abs: Math.abs,
  };

  // ---------------------------------------------------------------- symmetric eigenproblems

  // Small matrices, by Jacobi's rotations: increasing values, vectors in columns.
  function eigh(A) {
    const D = A.length;
    const a = A.map((row) => row.slice());
    const V = matrix(D, (i, j) => Number(i === j));
    for (let sweep = 0; sweep < 60; sweep++) {
      const off = sum(D, (i) => sum(D, (j) => (i === j ? 0 : a[i][j] ** 2)));
      if (off <= 1e-40 * sum(D, (i) => a[i][i] ** 2)) break;
      for (let p = 0; p < D; p++) for (let q = p + 1; q < D; q++) rotate(a, V, p, q);
    }
    const order = a.map((_, i) => i).sort((i, j) => a[i][i] - a[j][j]);
    return { values: order.map((i) => a[i][i]), vectors: V.map((row) => order.map((i) => row[i])) };
  }

  function rotate(a, V, p, q) {
    if (a[p][q] === 0) return;
    const tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
    const c = 1 / Math.sqrt(1 + t * t), s = t * c;
    for (const row of [...a, ...V])
      [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
    for (let j = 0; j < a.length; j++)
      [a[p][j], a[q][j]] = [c * a[p][j] - s * a[q][j], s * a[p][j] + c * a[q][j]];
  }

  // Large ones: eigenvalues, and w on the eigenvectors, which are not needed themselves.
  function spectrum(G, w) {
    const { d, e } = tridiagonal(G, w);
    implicitQL(d, e, w);
    return { values: d, projected: w };
  }

  function tridiagonal(G, w) {
    const n = G.length, d = new Float64Array(n), e = new Float64Array(n);
    const v = new Float64Array(n), q = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      d[k] = G[k][k];
      if (k === n - 1) break;
      let norm = 0;
      for (let i = k + 1; i < n; i++) norm += G[i][k] ** 2;
      norm = Math.sqrt(norm);
      e[k] = G[k + 1][k] > 0 ? -norm : norm;
      if (norm === 0 || k === n - 2) {
        e[k] = G[k + 1][k];
        continue;
      }
      for (let i = k + 1; i < n; i++) v[i] = G[i][k];
      v[k + 1] -= e[k];
      reflect(G, w, v, q, k + 1);
    }
    return { d, e };
  }

  // G and w under the reflection along v, from the index `first` on.
  function reflect(G, w, v, q, first) {
    const n = G.length;
    let length = 0, along = 0, vp = 0;
    for (let i = first; i < n; i++) {
      length += v[i] * v[i];
      along += v[i] * w[i];
    }
    const beta = 2 / length;
    for (let i = first; i < n; i++) {
      const row = G[i];
      let total = 0;
      for (let j = first; j < n; j++) total += row[j] * v[j];
      q[i] = beta * total;
      vp += v[i] * q[i];
    }
    for (let i = first; i < n; i++) {
      q[i] -= 0.5 * beta * vp * v[i];
      w[i] -= beta * along * v[i];
    }
    for (let i = first; i < n; i++) {
      const row = G[i], vi = v[i], qi = q[i];
      for (let j = first; j < n; j++) row[j] -= vi * q[j] + qi * v[j];
    }
  }

  function implicitQL(d, e, w) {
    const n = d.length;
    for (let l = 0; l < n; l++) {
      for (let round = 0; ; round++) {
        let m = l;
        while (m < n - 1 && Math.abs(e[m]) > 1e-16 * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
        if (m === l) break;
        if (round > 100) throw new Error("the eigenvalues did not converge");
        chase(d, e, w, l, m);
      }
    }
  }

  // One implicit step with Wilkinson's shift on the block l..m.
  function chase(d, e, w, l, m) {
    let g = (d[l + 1] - d[l]) / (2 * e[l]);
    let r = Math.hypot(g, 1);
    g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
    let s = 1, c = 1, p = 0;
    for (let i = m - 1; i >= l; i--) {
      const f = s * e[i], b = c * e[i];
      r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r === 0) {
        d[i + 1] -= p;
        e[m] = 0;
        return;
      }
      s = f / r;
      c = g / r;
      g = d[i + 1] - p;
      r = (d[i] - g) * s + 2 * c * b;
      p = s * r;
      d[i + 1] = g + p;
      g = c * r - b;
      [w[i + 1], w[i]] = [s * w[i] + c * w[i + 1], c * w[i] - s * w[i + 1]];
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
  }

  // ---------------------------------------------------------------- special coordinates

  function sizes(problem) {
    const { n, alpha, beta } = problem;
    const theta = n ** (beta * (1 - alpha)), trace = n + theta;
    return { theta, eta: n ** (beta * alpha), trace, scale: Math.sqrt(n / trace) };
  }

  function labelLaw(problem, theta, D, labels) {
    if (problem.target === "class") return { direction: new Array(D).fill(0), index: 0, power: 1 };
    const xi = new Array(D).fill(0);
    xi[0] = xi[1] = problem.direction === "aligned" ? 1 : 1 / Math.sqrt(problem.n);
    if (problem.direction === "random") xi[2] = Math.sqrt(1 - 2 / problem.n);
    const norm = Math.sqrt(dot(xi, xi) * (1 + theta / 2));
    const index = Math.sqrt((dot(xi, xi) + theta * xi[0] ** 2) / norm ** 2);
    return {
      direction: xi.map((x) => x / norm / index),
      index,
      power: lookup(labels, labels.series.length - 1, index),
    };
  }

  // Mean and first coefficient of the label in cluster c.
  function labelCoefficients(problem, law, labels, c) {
    if (problem.target === "class") return [1 - 2 * c, 0];
    return [0, 1].map((p) => lookup(labels, p, law.index));
  }

  function coordinates(problem, data) {
    const { n, m, k, target } = problem;
    const { theta, eta, trace, scale: b } = sizes(problem);
    const D = target === "class" ? 3 : 4;
    const labels = target === "class" ? null : data.functions[target].labels;
    const activation = network(data.functions[problem.activation].features);
    const law = labelLaw(problem, theta, D, labels);
    const v = new Array(D).fill(0);
    let meanLabel = 0;
    for (const c of [0, 1]) {
      const a = labelCoefficients(problem, law, labels, c);
      meanLabel += a[0] / 2;
      for (let i = 0; i < D; i++) v[i] += 0.5 * a[1] * law.direction[i] * (i === c ? 1 + theta : 1);
    }
    v[D - 1] = Math.sqrt((law.power * (n - D + 1)) / m);
    const slope = activation.coefficient(1, b) / b;
    const curvature = (Math.SQRT2 * activation.coefficient(2, b)) / (b * b);
    const step = eta / k;
    const scatter = Math.max(activation.squareSlope(b) - slope * slope, 0);
    const variance =
      ((n - D) / trace) * (1 + (step * curvature * meanLabel) ** 2) +
      step * step * ((n - D) / m) * law.power * scatter;
    return {
      D, theta, law, activation,
      label: (c, x) => (target === "class" ? 1 - 2 * c : TARGETS[target](law.index * x)),
      neurons: matrix(D, (i, j) => Number(i === j) / trace + (step * slope) ** 2 * v[i] * v[j]),
      dimensions: n - D,
      scale: b,
      bulkScale: Math.sqrt(variance),
    };
  }

  // ---------------------------------------------------------------- the kernel

  const powersOf = (share) =>
    Math.min(Math.ceil(Math.log(SMALL) / Math.log(Math.min(Math.max(share, 1e-12), 0.8))), 72);
  const half = (share) => Math.floor(powersOf(share) / 2) + 3;
  const axisRule = (share, { whole, halves }) =>
    share <= SHARE ? whole[Math.max(powersOf(share), 3)] : halves[half(share)];
  const labelRule = (share, { halves }) => halves[Math.max(half(share), share > SHARE ? 12 : 9)];

  // Rule for kappa in cluster c; its first axis is the label's index, where there is one.
  function rule(at, c, data) {
    const { D, neurons: A } = at;
    const scale = at.law.direction.map((_, i) => (i === c ? Math.sqrt(1 + at.theta) : 1));
    const index = at.law.direction.map((x, i) => scale[i] * x);
    const inner = matrix(D, (i, j) => scale[i] * A[i][j] * scale[j]);
    let axes;
    if (at.law.index) {
      const norm = Math.sqrt(dot(index, index));
      const first = index.map((x) => x / norm);
      const away = matrix(D, (i, j) => Number(i === j) - first[i] * first[j]);
      // The index itself has the eigenvalue 0 here, and all others are larger.
      const { vectors } = eigh(product(product(away, inner), away));
      axes = matrix(D, (i, j) => (j ? vectors[i][j] : first[i]));
    } else axes = eigh(inner).vectors;
    const toKappa = matrix(D, (i, j) => scale[i] * axes[i][j]);
    const rules = Array.from({ length: D }, (_, j) => {
      const power = sum(D, (i) => sum(D, (l) => axes[i][j] * inner[i][l] * axes[l][j]));
      const share = power / (at.bulkScale ** 2 + power);
      return (j === 0 && at.law.index ? labelRule : axisRule)(share, data.rules);
    });
    return { toKappa, ...grid(rules) };
  }

  function grid(rules) {
    const size = rules.reduce((total, [nodes]) => total * nodes.length, 1);
    const weights = new Float64Array(size).fill(1);
    const points = rules.map(() => new Float64Array(size));
    let period = size;
    rules.forEach(([nodes, weight], axis) => {
      period /= nodes.length;
      for (let i = 0; i < size; i++) {
        const j = Math.floor(i / period) % nodes.length;
        points[axis][i] = nodes[j];
        weights[i] *= weight[j];
      }
    });
    return { points, weights, size };
  }

  const multinomial = (exponent) =>
    exponent.reduce((value, e) => value / factorials[e], factorials[dot(exponent, exponent.map(() => 1))]);

  function exponents(D, degree) {
    if (D === 1) return [[degree]];
    const found = [];
    for (let first = degree; first >= 0; first--)
      for (const rest of exponents(D - 1, degree - first)) found.push([first, ...rest]);
    return found;
  }

  function monomials(spread, coefficient, floor) {
    const odd = (e) => (e > 0 ? (2 * e - 1) * odd(e - 1) : 1);
    const found = [];
    for (let p = 0; p <= DEGREE; p++) {
      const size = coefficient(p) ** 2;
      if (!size) continue;
      for (const exponent of exponents(spread.length, p)) {
        const share = exponent.reduce((v, e, j) => v * spread[j] ** (2 * e) * odd(e), size);
        if (share * multinomial(exponent) > KEEP * floor) found.push(exponent);
      }
    }
    return found;
  }

  // Points y = root kappa in the principal axes of all clusters together, with what is known there.
  function principalPoints(at, rules) {
    const { values, vectors } = eigh(at.neurons);
    const root = matrix(at.D, (i, j) =>
      sum(at.D, (l) => vectors[i][l] * Math.sqrt(Math.max(values[l], 0)) * vectors[j][l]));
    const covariance = matrix(at.D, (i, j) =>
      0.5 * sum(2, (c) => dot(rules[c].toKappa[i], rules[c].toKappa[j])));
    const turned = product(root, eigh(product(product(root, covariance), root)).vectors);
    return rules.map((each) => {
      const map = matrix(at.D, (i, j) => sum(at.D, (l) => each.toKappa[l][i] * turned[l][j]));
      return map.map((_, j) =>
        Float64Array.from({ length: each.size }, (_, s) =>
          sum(at.D, (i) => each.points[i][s] * map[i][j])));
    });
  }

  // The monomials of one cluster as columns over its nodes.
  function columns(y, tau, powers, features) {
    const size = tau.length, top = Math.max(...powers.map((each) => each.reduce((a, b) => a + b)));
    const series = Array.from({ length: top + 1 }, (_, p) =>
      p > features.top ? null : tau.map((t) => features.coefficient(p, t)));
    const single = y.map((column) => {
      const table = [new Float64Array(size).fill(1)];
      for (let e = 1; e <= top; e++) table.push(table[e - 1].map((x, s) => (x * column[s]) / tau[s]));
      return table;
    });
    return powers.map((exponent) => {
      const factor = Math.sqrt(multinomial(exponent));
      const column = series[exponent.reduce((a, b) => a + b)].map((x) => x * factor);
      exponent.forEach((e, j) => {
        if (e) for (let s = 0; s < size; s++) column[s] *= single[j][e][s];
      });
      return column;
    });
  }

  function wideKernel(at, features, floor, data) {
    const rules = [0, 1].map((c) => rule(at, c, data));
    const points = principalPoints(at, rules);
    const spread = points[0].map((_, j) =>
      Math.max(...rules.map(({ weights, size }, c) =>
        Math.sqrt(sum(size, (s) => weights[s] * points[c][j][s] ** 2)))));
    const b = at.bulkScale;
    const powers = monomials(
      spread, (p) => (p > features.top ? 0 : features.coefficient(p, b) / b ** p), floor);
    if (Math.max(...rules.map(({ size }) => size)) * powers.length > LARGEST)
      throw new RangeError("the kernel has too many visible powers at this strength");
    const even = (exponent) => exponent.reduce((a, c) => a + c) % 2;
    // kappa and -kappa are equally likely: even and odd monomials are orthogonal.
    const blocks = [0, 1].map((parity) => {
      const count = powers.filter((each) => even(each) === parity).length;
      return { gram: Array.from({ length: count }, () => new Float64Array(count)), cross: new Float64Array(count) };
    });
    let power = 0, slope = 0;
    rules.forEach((each, c) => {
      const label = each.points[0].map((x) => at.label(c, x));
      // Nodes s and -s are mirror images: one half of them, with the label's even and odd part.
      const size = Math.ceil(each.size / 2), last = each.size - 1;
      const weights = each.weights.slice(0, size).map((w, s) => (s === last - s ? w : 2 * w));
      const tau = Float64Array.from({ length: size }, (_, s) =>
        Math.sqrt(b * b + sum(at.D, (j) => points[c][j][s] ** 2)));
      for (const parity of [0, 1]) {
        const part = weights.map((_, s) => 0.5 * (label[s] + (parity ? -1 : 1) * label[last - s]));
        addGram(blocks[parity],
          columns(points[c], tau, powers.filter((p) => even(p) === parity), features), weights, part);
      }
      power += 0.5 * sum(size, (s) => weights[s] * features.power(tau[s]));
      if (features.top) slope +=
        0.5 * sum(size, (s) => weights[s] * (features.coefficient(1, tau[s]) / tau[s]) ** 2);
    });
    return { ...modes(blocks), ...bulkParts(blocks, power, slope, b, features.noise), y2: at.law.power };
  }

  function addGram({ gram, cross }, features, weights, label) {
    features.forEach((column, i) => {
      const weighted = column.map((x, s) => 0.5 * x * weights[s]);
      cross[i] += dot(weighted, label);
      for (let j = 0; j <= i; j += 4) addProducts(gram[i], weighted, features, j);
    });
    gram.forEach((row, i) => {
      for (let j = 0; j < i; j++) gram[j][i] = row[j];
    });
  }

  // Four scalar products at a time: the processor adds them side by side.
  function addProducts(row, weighted, features, j) {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => features[Math.min(j + i, features.length - 1)]);
    let A = 0, B = 0, C = 0, D = 0;
    for (let s = 0; s < weighted.length; s++) {
      const w = weighted[s];
      A += w * a[s];
      B += w * b[s];
      C += w * c[s];
      D += w * d[s];
    }
    [A, B, C, D].forEach((value, i) => {
      if (j + i < row.length) row[j + i] += value;
    });
  }

  function bulkParts(blocks, power, slope, b, noise) {
    const held = sum(2, (i) => sum(blocks[i].gram.length, (j) => blocks[i].trace[j]));
    const left = power - held - slope * b * b;
    return { slope: Math.sqrt(Math.max(slope, 0)), noise: Math.hypot(Math.sqrt(Math.max(left, 0)), noise) };
  }

  // Eigenvalues mu of the kernel, and the label's c = E[y e]^2 on the eigenfunctions.
  function modes(blocks) {
    const found = blocks.flatMap((block) => {
      block.trace = block.gram.map((row, i) => row[i]);
      if (!block.gram.length) return [];
      const { values, projected } = spectrum(block.gram, block.cross);
      return Array.from(values, (mu, j) => [mu, projected[j] ** 2]);
    });
    const least = 1e-14 * Math.max(...found.map(([mu]) => mu));
    const kept = found.filter(([mu]) => mu > least);
    return { mu: kept.map(([mu]) => mu), label: kept.map(([mu, projected]) => projected / mu) };
  }

  // ---------------------------------------------------------------- bulk and readout

  function bulk({ k, n, slope, noise, scale }) {
    const c = k / n, A = (slope * scale) ** 2, floor = noise * noise, root = Math.sqrt(c);
    const low = A * ((c - 1) / (1 + root)) ** 2, high = A * (1 + root) ** 2;
    const resolvent = (omega) => {
      const y = omega + floor, p = y + A * (1 - c), s = Math.sqrt((y + low) * (y + high));
      return p >= 0 ? 2 / (s + p) : (s - p) / (2 * c * A * y);
    };
    const one = root * (root + 1) * A, two = ((root * (c - 1)) / (root + 1)) * A;
    return (omega) => {
      const r = resolvent(omega), per = 1 + c * A * r, jacobian = (1 + one * r) * (1 + two * r);
      const r2 = (r * per) ** 2 / jacobian;
      const s = (omega * r2) / r;
      // d log s / d log omega, by dr/d omega = -r2.
      const change = 1 - omega * r2 *
        (1 / r + (2 * c * A) / per - one / (1 + one * r) - two / (1 + two * r));
      const wishart = (A * A * (1 + c * (1 + (c - 1) * A * r))) / per;
      const cross = floor * (2 * A + floor * per * per);
      return {
        delta: 1 / (k * r),
        slope: s,
        change: s * change,
        df1: k * r * (floor + A / per),
        df2: (k * r * r * (wishart + cross)) / jacobian,
      };
    };
  }

  function limit(problem, data, degree) {
    const at = coordinates(problem, data);
    const features = degree == null ? at.activation : polynomial(at.activation, at.scale, degree);
    const floor = (1e-2 * features.power(at.bulkScale)) / problem.k;
    const kernel = wideKernel(at, features, floor, data);
    const law = { k: problem.k, n: at.dimensions, scale: at.bulkScale, ...kernel };
    return { kernel, k: problem.k, mean: (law.slope * law.scale) ** 2 + law.noise ** 2, bulk: bulk(law) };
  }

  // Training and generalization error on m samples at the ridge lambda.
  function readout({ kernel, k, mean, bulk: at }, m, lambda) {
    const { mu, label, y2 } = kernel, target = lambda * k;
    const total = (value, delta) => sum(mu.length, (j) => value(mu[j] / (mu[j] + delta), label[j]));
    const excess = (omega) => {
      const { df1, slope, delta } = at(omega);
      return omega * (1 - (df1 + slope * total((p) => p, delta)) / m) - target;
    };
    let low = Math.log(target);
    let high = Math.log(target + (k * (mean + sum(mu.length, (j) => mu[j]))) / m) + 1e-9;
    for (let i = 0; i < 80 && low < high; i++) {
      const middle = 0.5 * (low + high);
      if (excess(Math.exp(middle)) < 0) low = middle;
      else high = middle;
    }
    const omega = Math.exp(0.5 * (low + high));
    const { delta, slope, change, df2: bulkDf2 } = at(omega);
    const df2 = bulkDf2 + total((p) => (slope + change) * p - slope ** 2 * p * (1 - p), delta);
    const shown = total((p, c) => c * p, delta);
    const miss = y2 - shown - slope * total((p, c) => c * p * (1 - p), delta);
    return {
      generalization: (0.5 * miss) / (1 - df2 / m),
      training: ((0.5 * target) / omega) * (y2 - shown),
      delta,
    };
  }

  return { limit, readout, sizes, network, polynomial };
})();
