// The limit of the errors, as lib/onestep/theory/limit has it, for two clusters of equal weight with one orthogonal
// spike each: special_coordinates.py, trained_types.py, neuron_types.py, bulk.py and scalar.py, in the same order and
// under the same names. Expansions of the activations come from the library, by way of the tables of
// studies/errors/explorer.py.
"use strict";

const OnestepLimit = (() => {
  const { sum, dot, matrix, zeros, times, add, gram, cholesky, forward, backward, solve, product, lowRank, principal } = OnestepAlgebra;
  const { polynomials, nodes, interpolated, derivative, chebyshev } = OnestepAlgebra;
  const DEGREE = 20; // of all series, the label's too
  const RESOLVED = [1e-10, 1e-9, 1e-8, 1e-7]; // powers of a share of a preactivation below the first with room do not count
  const ROOM = 1600; // types, with their mirror images
  const MOST = 12; // nodes for each coordinate of a row
  const MOST_WEIGHTS = 6; // and for a second-layer weight
  const NEGLIGIBLE = 1e-6; // nodes of a weight below this part of the largest are left out
  const FLOOR = 5e-6; // modes of the means below this share of the kernel's least ridge are left out
  const FLAT = 1e-3; // share of the slopes' power that is left to the diagonal
  const SHARP = 1e-7; // of log omega
  const SETTLED = 1e-11; // relative, of the bulk's resolvent
  const WIDTH = 4; // of a panel of log omega
  const NODES = 16; // of a panel
  const SMOOTH = 4; // nodes at most along an axis of which scores are nearly linear
  const RESOLVED_INPUTS = 2.5e-5; // powers of a share of a preactivation that nodes of inputs resolve
  const CELLS = 1000; // of the tables of activations, by logarithm of the scale

  const factorials = [1];
  for (let p = 1; p <= DEGREE + 2; p++) factorials.push(p * factorials[p - 1]);
  const roots = Array.from({ length: DEGREE + 3 }, (_, p) => Math.sqrt(p));

  // ---------------------------------------------------------------- expansions of features

  // The series of a table at the corners of all cells, one after the other.
  function tabulated({ series }) {
    const rows = zeros(CELLS + 1, series.length), longest = Math.max(...series.map((each) => each.length));
    rows.forEach((row, i) => {
      const T = polynomials((2 * i) / CELLS - 1, longest);
      series.forEach((each, p) => { row[p] = sum(each.length, (j) => each[j] * T[j]); });
    });
    return rows;
  }

  // The activation: sqrt(p!) h_p(tau) for p <= top, E sigma(tau g)^2 and E sigma'(tau g)^2, by the polynomial through
  // six corners of the table.
  function network(table) {
    const { low, high } = table, rows = (table.rows ??= tabulated(table)), width = Math.log(high / low);
    const read = (tau, first, last) => {
      if (!(tau > low && tau < high))
        throw new RangeError(`preactivations of the size ${tau.toPrecision(3)} lie outside the tables`);
      const x = (CELLS * Math.log(tau / low)) / width, left = Math.min(Math.max(Math.floor(x) - 2, 0), CELLS - 5);
      const found = new Float64Array(last - first);
      for (let i = 0; i < 6; i++) {
        let weight = 1;
        for (let j = 0; j < 6; j++) if (j !== i) weight *= (x - left - j) / (i - j);
        const row = rows[left + i];
        for (let p = 0; p < found.length; p++) found[p] += weight * row[first + p];
      }
      return found;
    };
    const grown = (found, factor) => {
      for (let p = 0; p < found.length; p++) found[p] *= factor;
      return found;
    };
    const all = DEGREE + 3;
    return {
      noise: 0,
      coefficients: (tau, top = DEGREE + 2) => grown(read(tau, 0, top + 1), Math.sqrt(1 + tau * tau)),
      expanded(tau) {
        const series = this.coefficients(tau, all);
        return { series, power: series[all] * Math.sqrt(1 + tau * tau) };
      },
      power: (tau) => read(tau, all, all + 1)[0] * (1 + tau * tau),
      squareSlope: (tau) => read(tau, all + 1, all + 2)[0],
    };
  }

  function hermiteSum(h, x) {
    let before = 0, now = 1, total = h[0];
    for (let p = 1; p < h.length; p++) {
      [before, now] = [now, x * now - (p - 1) * before];
      total += h[p] * now;
    }
    return total;
  }

  // Its polynomial sum_{p <= l} h_p(b) He_p(z/b), expanded again at another scale tau.
  function polynomial(activation, b, l) {
    const h = activation.coefficients(b, l).map((a, p) => a / Math.sqrt(factorials[p]));
    const kept = sum(l + 1, (p) => factorials[p] * h[p] ** 2);
    const coefficients = (tau, top = DEGREE + 2) => {
      const ratio = tau / b, excess = ratio * ratio - 1;
      return Float64Array.from({ length: top + 1 }, (_, q) => {
        let total = 0;
        for (let j = 0; q + 2 * j <= l; j++)
          total += ((h[q + 2 * j] * factorials[q + 2 * j]) / (2 ** j * factorials[j])) * excess ** j;
        return (total * ratio ** q) / Math.sqrt(factorials[q]);
      });
    };
    return {
      h, coefficients,
      value: (z) => hermiteSum(h, z / b),
      noise: Math.sqrt(Math.max(activation.power(b) - kept, 0)),
      expanded: (tau) => { const series = coefficients(tau); return { series, power: dot(series, series) }; },
      power: (tau) => { const a = coefficients(tau, l); return dot(a, a); },
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

  // Direction of unit variance, and coefficients of the label along it in each cluster.
  function labelLaw(problem, theta, D, [x, weights]) {
    const none = new Float64Array(DEGREE + 2);
    if (problem.target === "class") {
      const sides = [1, -1].map((y) => none.map((_, p) => (p ? 0 : y)));
      return { direction: new Float64Array(D), coefficients: sides, power: 1 };
    }
    const xi = new Float64Array(D);
    xi[0] = xi[1] = problem.direction === "aligned" ? 1 : 1 / Math.sqrt(problem.n);
    if (problem.direction === "random") xi[2] = Math.sqrt(1 - 2 / problem.n);
    const variance = dot(xi, xi) + theta * xi[0] ** 2;
    const index = Math.sqrt(variance / (dot(xi, xi) * (1 + theta / 2)));
    const y = x.map((each) => TARGETS[problem.target](index * each));
    const a = none.slice();
    x.forEach((each, i) => {
      let before = 0, now = 1; // He_p / sqrt(p!)
      for (let p = 0; p < a.length; p++) {
        a[p] += weights[i] * y[i] * now;
        [before, now] = [now, (each * now - roots[p] * before) / roots[p + 1]];
      }
    });
    return {
      direction: xi.map((each) => each / Math.sqrt(variance)),
      coefficients: [a, a],
      power: sum(x.length, (i) => weights[i] * y[i] ** 2),
    };
  }

  // ---------------------------------------------------------------- special coordinates

  function sizes({ n, alpha, beta, spread, step }) {
    const theta = spread ?? n ** (beta * (1 - alpha)), trace = n + theta;
    return { theta, eta: step ?? n ** (beta * alpha), trace, scale: Math.sqrt(n / trace) };
  }

  function coordinates(problem, data) {
    const { n, m, k, target } = problem;
    const { theta, eta, trace, scale: b } = sizes(problem);
    // Of a random direction there is one coordinate more.
    const D = target !== "class" && problem.direction === "random" ? 4 : 3;
    const activation = network(data.functions[problem.activation].features);
    const law = labelLaw(problem, theta, D, data.rules.label);
    // Roots of the covariances of kappa in both clusters, diagonal.
    const halves = [0, 1].map((c) =>
      Float64Array.from({ length: D }, (_, i) => (i === c ? Math.sqrt(1 + theta) : 1)));
    const mean = law.direction.map((x, i) =>
      0.5 * sum(2, (c) => law.coefficients[c][1] * halves[c][i] ** 2 * x));
    const noise = Math.sqrt((law.power * (n - D + 1)) / m);
    const meanLabel = 0.5 * sum(2, (c) => law.coefficients[c][0]);
    const [, one, two] = activation.coefficients(b, 2);
    const slope = one / b, curvature = (Math.SQRT2 * two) / (b * b), size = eta / k;
    const scatter = ((size * size * (n - D)) / m) * law.power *
      Math.max(activation.squareSlope(b) - slope * slope, 0);
    const variance = ((n - D) / trace) * (1 + (size * curvature * meanLabel) ** 2) + scatter;
    // What the domain of the formula rests on: the share of few coordinates, and what the step makes of the bulk.
    const v = mean.map((x, i) => x + (i === D - 1 ? noise : 0));
    const share = Math.max(...halves.map((half) => {
      const seen = matrix(D, D, (i, j) => half[i] ** 2 * (Number(i === j) / trace + (size * slope) ** 2 * v[i] * v[j]));
      const square = sum(D, (i) => sum(D, (j) => seen[i][j] * seen[j][i]));
      return Math.sqrt(square) / (variance + sum(D, (i) => seen[i][i]));
    }));
    return {
      share, stretch: Math.sqrt(Math.max((variance * trace) / (n - D) - 1, 0)),
      D, theta, law, activation, turned: target === "class", halves, dimensions: n - D, scale: b, bulkScale: Math.sqrt(variance),
      step: { variance: 1 / trace, scale: Math.sqrt((n - D) / trace), size, noise, scatter, mean, slope },
    };
  }

  // ---------------------------------------------------------------- types of neurons

  const nodeCount = (share, resolved) => {
    const powers = Math.ceil(Math.log(resolved) / Math.log(Math.min(Math.max(share, 1e-12), 1 - 1e-9)));
    return Math.min(Math.max(powers, 2), MOST);
  };

  // Rules for groups of axes, the second-layer weight the last. Of two nodes, three axes or more share the corners of
  // one cross-polytope; of three, those that no symmetry exchanges share a hexagon or an icosahedron and its centre.
  function groups(counts, gauss) {
    const having = (count) => counts.flatMap((each, j) => (each === count ? [j] : []));
    const two = having(2), three = having(3).filter((j) => j > 1), found = [];
    const shared = new Set();
    const share = (axes, nodes) => {
      found.push({ axes, nodes });
      axes.forEach((j) => shared.add(j));
    };
    if (two.length > 2) share(two, two.flatMap((_, j) => [1, -1].map((side) =>
      [two.map((__, i) => (i === j ? side * Math.sqrt(two.length) : 0)), 0.5 / two.length])));
    if (CORNERS[three.length]) share(three, CORNERS[three.length]);
    counts.forEach((count, j) => {
      if (!shared.has(j)) found.push({ axes: [j], nodes: gauss[count][0].map((x, i) => [[x], gauss[count][1][i]]) });
    });
    return found;
  }

  // Rules of degree 5 in two and three dimensions.
  const around = (points, weight) => [[points[0].map(() => 0), 1 - weight * points.length], ...points.map((x) => [x, weight])];
  const golden = (1 + Math.sqrt(5)) / 2, edge = Math.sqrt(5 / (1 + golden * golden));
  const sides = (x, y) => [[x, y], [x, -y], [-x, y], [-x, -y]];
  const CORNERS = {
    2: around([[2, 0], [-2, 0], ...sides(1, Math.sqrt(3))], 1 / 12),
    3: around(sides(edge, golden * edge).flatMap(([x, y]) => [[0, x, y], [y, 0, x], [x, y, 0]]), 1 / 20),
  };

  // Product of the rules of groups of axes.
  function joined(rules, size) {
    let grid = [{ point: new Float64Array(size), weight: 1 }];
    for (const { axes, nodes } of rules)
      grid = grid.flatMap(({ point, weight }) => nodes.map(([values, w]) => {
        const next = point.slice();
        axes.forEach((j, i) => { next[j] = values[i]; });
        return { point: next, weight: weight * w };
      }));
    const most = Math.max(...grid.map(({ weight }) => weight));
    return grid.filter(({ weight }) => weight > NEGLIGIBLE * most);
  }

  // How a row u moves for a second-layer weight of 1, and its bulk, relatively.
  function gradient(at, u) {
    const { D, law, activation, halves, step } = at;
    const signal = new Float64Array(D);
    let stretched = 0;
    halves.forEach((half, c) => {
      const y = times(half, u), along = times(half, law.direction), a = law.coefficients[c];
      const tau = Math.sqrt(step.scale ** 2 + dot(y, y)), t = dot(y, along) / tau;
      const h = activation.coefficients(tau);
      let gained = 0, bend = 0, power = 1 / tau;
      for (let p = 0; p <= DEGREE; p++) {
        gained += h[p + 1] * roots[p + 1] * power * a[p + 1] * roots[p + 1];
        bend += (h[p + 2] * roots[p + 2] * power / tau) * a[p] * roots[p + 1];
        power *= t;
      }
      for (let i = 0; i < D; i++) signal[i] += 0.5 * half[i] * (along[i] * gained + y[i] * bend);
      stretched += 0.5 * bend;
    });
    const [, first] = activation.coefficients(step.scale, 1);
    signal[D - 1] += (first / step.scale) * step.noise;
    return { moved: signal.map((x) => step.size * x), stretched: step.size * stretched };
  }

  // What the step makes of a preactivation's variance.
  function stepPower(at) {
    const corner = Math.sqrt(at.D * at.step.variance), power = [0, 0];
    for (let i = 0; i < at.D; i++) for (const side of [corner, -corner]) {
      const { moved } = gradient(at, Float64Array.from({ length: at.D }, (_, j) => (i === j ? side : 0)));
      at.halves.forEach((half, c) => {
        const seen = times(half, moved);
        power[c] += dot(seen, seen) / (2 * at.D);
      });
    }
    return Math.max(...power);
  }

  // Quadrature over the trained rows: coordinates by axis, scales of the bulk, weights. Exchanging the clusters with
  // their spikes changes nothing, or turns the sign of a class with that of the weight and of the step's noise. Of two
  // types that are each other's mirror image, one is kept, for both.
  function trainedTypes(at, gauss) {
    const { D, step, theta } = at, power = stepPower(at);
    const tried = RESOLVED.map((resolved) => groups([
      ...Array.from({ length: D }, (_, i) => {
        const share = step.variance * (i < 2 ? 1 + theta : 1);
        return nodeCount(share / (at.bulkScale ** 2 + share), resolved);
      }),
      Math.min(nodeCount(power / (at.bulkScale ** 2 + power), resolved), MOST_WEIGHTS),
    ], gauss));
    const room = (rules) => rules.reduce((total, { nodes }) => total * nodes.length, 1) <= ROOM;
    const found = [];
    for (const { point, weight } of joined(tried.find(room) ?? tried[tried.length - 1], D + 1)) {
      const z = point[D];
      const apart = [point[0] - point[1], ...(at.turned ? [point[D - 1], z] : [])].find((x) => Math.abs(x) > 1e-9) ?? 0;
      if (apart < 0) continue;
      const u = Float64Array.from({ length: D }, (_, j) => point[j] * Math.sqrt(step.variance));
      const { moved, stretched } = gradient(at, u);
      found.push({
        u: u.map((x, j) => x + moved[j] * z),
        bulk: Math.sqrt((step.scale * (1 + stretched * z)) ** 2 + z * z * step.scatter),
        weight: apart ? 2 * weight : weight,
      });
    }
    const total = sum(found.length, (i) => found[i].weight);
    return {
      u: Array.from({ length: D }, (_, j) => Float64Array.from(found, (each) => each.u[j])),
      bulk: Float64Array.from(found, (each) => each.bulk),
      weights: Float64Array.from(found, (each) => each.weight / total),
    };
  }

  // ---------------------------------------------------------------- what neurons have in common

  // Series of the conditional means, slopes and norm modes of the types in one cluster, by degree, and the types'
  // coordinates there in units of their preactivations: in the second cluster those of the mirror images in the first.
  function clusterSeries(at, types, features, half, c) {
    const N = types.weights.length, share = Math.sqrt(0.5);
    const table = () => zeros(DEGREE + 1, N);
    const found = { mean: table(), slope: table(), norm: table(), power: new Float64Array(N) };
    found.x = matrix(at.D, N, (j, s) => half[j] * types.u[j][s]);
    const along = times(half, at.law.direction);
    found.index = new Float64Array(N);
    for (let s = 0; s < N; s++) {
      const b = types.bulk[s];
      const tau = Math.sqrt(b * b + sum(at.D, (j) => found.x[j][s] ** 2));
      for (let j = 0; j < at.D; j++) {
        found.x[j][s] /= tau;
        found.index[s] += found.x[j][s] * along[j];
      }
      const { series: a, power } = features.expanded(tau), norm = (b / tau) ** 2 / Math.sqrt(2 * at.dimensions);
      found.power[s] = 0.5 * power;
      for (let p = 0; p <= DEGREE; p++) {
        found.mean[p][s] = share * a[p];
        found.slope[p][s] = share * (b / tau) * a[p + 1] * roots[p + 1];
        found.norm[p][s] = share * norm * a[p + 2] * roots[p + 1] * roots[p + 2];
      }
    }
    found.label = at.law.coefficients[c];
    if (c) [found.x[0], found.x[1]] = [found.x[1], found.x[0]];
    if (c && at.turned) found.x[at.D - 1] = found.x[at.D - 1].map((x) => -x);
    return found;
  }

  // Degrees that count, the highest first: what is beyond them has less than `least` of weighted power. Of activations
  // that are odd or even but for a line every second one is missing.
  function countedDegrees(parts, kinds, weights, least) {
    const power = new Float64Array(DEGREE + 1);
    for (const part of parts) {
      const size = squares(part), counted = weights.slice();
      for (let p = 0; p <= DEGREE; p++) {
        for (const kind of kinds) {
          const row = part[kind][p];
          for (let s = 0; s < counted.length; s++) power[p] += counted[s] * row[s] * row[s];
        }
        times(counted, size, counted);
      }
    }
    let top = DEGREE;
    for (let beyond = power[top]; top > 0 && beyond <= least; beyond += power[top]) top--;
    const found = [];
    for (; top >= 0; top--) if (power[top] > 1e-9 * least) found.push(top);
    return found;
  }

  // Squared length of the types' coordinates.
  function squares(part) {
    const found = new Float64Array(part.index.length);
    for (const axis of part.x)
      for (let s = 0; s < found.length; s++) found[s] += axis[s] * axis[s];
    return found;
  }

  // What a type and its mirror image make of a product with themselves, `same`, and with each other, `crossed`, in
  // functions of types that the exchange leaves as they are, and that it turns.
  const bySymmetry = (same, crossed) =>
    [1, -1].map((side) => {
      const found = new Float64Array(same.length);
      for (let s = 0; s < found.length; s++) found[s] = 0.5 * (same[s] + side * crossed[s]);
      return found;
    });

  // Products of a neuron with all types, sum_p (a_p s_p + b_p s'_p) (x x')^p over clusters, by symmetry; s' is a second
  // series, of which the products with a follow in the same row. `factors` are a and b for a cluster and a degree.
  function products(parts, i, kinds, factors, degrees, N) {
    const found = [new Float64Array(kinds.length * N), new Float64Array(kinds.length * N)];
    const q = new Float64Array(N), square = new Float64Array(N);
    for (const one of parts) for (const part of parts) {
      q.fill(0);
      part.x.forEach((axis, j) => add(q, one.x[j][i], axis));
      times(q, q, square);
      kinds.forEach((kind, each) => {
        const total = new Float64Array(N), into = found[Number(one !== part)];
        degrees.forEach((p, n) => {
          const [a, b] = factors(one, p), gap = (degrees[n - 1] ?? p) - p;
          if (gap > 2) raise(total, gap - 2, q, square);
          horner(total, gap === 1 ? q : square, a, part[kind][p], each ? 0 : b, part[kinds[1] ?? kind][p]);
        });
        raise(total, degrees[degrees.length - 1] ?? 0, q, square);
        for (let s = 0; s < N; s++) into[each * N + s] += total[s];
      });
    }
    return bySymmetry(...found);
  }

  function horner(total, q, a, first, b, second) {
    if (b) for (let s = 0; s < total.length; s++) total[s] = total[s] * q[s] + a * first[s] + b * second[s];
    else for (let s = 0; s < total.length; s++) total[s] = total[s] * q[s] + a * first[s];
  }

  // A row times a power of q.
  function raise(row, power, q, square) {
    for (; power > 1; power -= 2) times(row, square, row);
    if (power) times(row, q, row);
  }

  // E y times a series, for every type.
  function withLabel(parts, kind, N) {
    const found = new Float64Array(N);
    for (const part of parts)
      for (let s = 0; s < N; s++) {
        let total = 0;
        for (let p = DEGREE; p >= 0; p--)
          total = total * part.index[s] + part[kind][p][s] * part.label[p];
        found[s] += Math.sqrt(0.5) * total;
      }
    return found;
  }

  // Nodes of the first cluster, where scores of classes change sign along its spike, as standard normal coordinates.
  function inputRule(at, gauss, [x, w]) {
    const largest = Math.max(...w), grid = [];
    const shares = Array.from({ length: at.D }, (_, i) =>
      at.halves[0][i] ** 2 * (at.step.variance + (i === at.D - 1 ? (at.step.size * at.step.slope * at.step.noise) ** 2 : 0)));
    const rules = shares.map((share, i) => (i ? gauss[nodeCount(share / (at.bulkScale ** 2 + share), RESOLVED_INPUTS)] : [x, w]));
    const walk = (point, weight) => {
      const rule = rules[point.length];
      if (!rule) grid.push({ point, weight });
      else rule[0].forEach((each, i) => walk([...point, each], weight * rule[1][i]));
    };
    walk([], 1);
    const kept = grid.filter(({ weight }) => weight > 1e-12 * largest), total = sum(kept.length, (i) => kept[i].weight);
    // Nodes of one group differ only along axes of few nodes, where scores are nearly linear.
    const names = kept.map(({ point }) => point.filter((_, i) => rules[i][0].length > SMOOTH).join()), known = [...new Set(names)];
    return kept.map(({ point, weight }, n) => ({ point, weight: weight / total, group: known.indexOf(names[n]) }));
  }

  // A series of a type at an input of the first cluster.
  function conditional(part, kind, s, point) {
    let q = 0, square = 0, before = 0, now = 1, total = 0;
    part.x.forEach((axis, j) => {
      q += axis[s] * point[j];
      square += axis[s] ** 2;
    });
    for (let p = 0; p <= DEGREE; p++) {
      total += part[kind][p][s] * now;
      [before, now] = [now, (q * now - roots[p] * square * before) / roots[p + 1]];
    }
    return total * Math.SQRT2;
  }

  // Modes of the means at nodes of inputs, by symmetry: as they are, and what the norm of an input makes of them.
  function inputModes(parts, low, axes, nodes, N) {
    return low.map(({ rows, pivots }, side) => {
      const factor = pivots.map((pivot) => rows.map((row) => row[pivot])), sign = side ? -1 : 1;
      const at = (kind, s, point) =>
        0.5 * (conditional(parts[0], kind, s, point) + sign * conditional(parts[1], kind, s, point));
      const found = { own: zeros(axes[side].length, nodes.length), norm: zeros(axes[side].length, nodes.length) };
      nodes.forEach(({ point }, n) => {
        const norms = pivots.map((i) => at("norm", i % N, point));
        const own = forward(factor, pivots.map((i, j) => (i < N ? at("mean", i, point) : norms[j])));
        const norm = forward(factor, pivots.map((i, j) => (i < N ? norms[j] : 0)));
        axes[side].forEach((axis, i) => {
          found.own[i][n] = dot(axis, own);
          found.norm[i][n] = dot(axis, norm);
        });
      });
      return found;
    });
  }

  // Those of each type with itself.
  function diagonals(parts, kind, degrees, N) {
    const found = [new Float64Array(N), new Float64Array(N)];
    for (const one of parts) for (const part of parts) {
      const q = new Float64Array(N), total = new Float64Array(N);
      part.x.forEach((axis, j) => add(q, 1, times(axis, one.x[j])));
      const square = times(q, q);
      degrees.forEach((p, n) => {
        raise(total, (degrees[n - 1] ?? p) - p, q, square);
        add(total, 1, times(part[kind][p], one[kind][p]));
      });
      raise(total, degrees[degrees.length - 1] ?? 0, q, square);
      add(found[Number(one !== part)], 1, total);
    }
    return bySymmetry(...found);
  }

  const stacked = (upper, lower) => {
    const both = new Float64Array(upper.length + lower.length);
    both.set(upper);
    both.set(lower, upper.length);
    return both;
  };

  // Means, first of the types as they are, then as their norms change them; slopes, both by symmetry; what is left.
  function neuronTypes(at, features, k, gauss) {
    const types = at.types ??= trainedTypes(at, gauss);
    const { weights } = types, N = weights.length;
    const parts = at.halves.map((half, c) => clusterSeries(at, types, features, half, c));
    const least = (FLOOR * features.power(at.bulkScale)) / k;
    const twice = stacked(weights, weights);
    const counted = countedDegrees(parts, ["mean", "norm"], weights, 0.1 * least);
    const own = diagonals(parts, "mean", counted, N), moved = diagonals(parts, "norm", counted, N);
    const low = lowRank(own.map((each, side) => stacked(add(each, 1, moved[side]), moved[side])), twice, (i) => {
      const s = i % N, factors = i < N ? ({ mean, norm }, p) => [mean[p][s], norm[p][s]] : ({ norm }, p) => [norm[p][s], 0];
      return products(parts, s, ["mean", "norm"], factors, counted, N);
    }, 0.1 * least);
    const known = stacked(withLabel(parts, "mean", N), withLabel(parts, "norm", N));
    const axes = [];
    const means = low.map(({ rows, pivots }, side) => {
      const kept = principal(rows, twice, least);
      axes.push(kept.axes);
      if (side !== Number(at.turned)) return { rows: kept.rows, label: new Float64Array(kept.rows.length) };
      const factor = pivots.map((pivot) => rows.map((row) => row[pivot]));
      const label = forward(factor, pivots.map((pivot) => known[pivot]));
      return { rows: kept.rows, label: Float64Array.from(kept.axes, (axis) => dot(axis, label)) };
    });

    const steep = countedDegrees(parts, ["slope"], weights, 1e-2 * FLAT * least);
    const slopePower = diagonals(parts, "slope", steep, N);
    const total = dot(slopePower[0], weights) + dot(slopePower[1], weights);
    const slopes = lowRank(slopePower, weights, (i) =>
      products(parts, i, ["slope"], ({ slope }, p) => [slope[p][i], 0], steep, N), 0.02 * FLAT * total)
      .map(({ rows }) => principal(rows, weights, FLAT * total).rows);
    const rest = add(parts[0].power.slice(), 1, parts[1].power);
    for (const row of [...means.flatMap(({ rows }) => rows), ...slopes.flat()])
      for (let s = 0; s < N; s++) rest[s] -= row[s] * row[s];
    for (let s = 0; s < N; s++) rest[s] = Math.max(rest[s], 0) + features.noise ** 2;
    return { weights, twice, means, slopes, rest, y2: at.law.power, modes: (nodes) => inputModes(parts, low, axes, nodes, N) };
  }

  // How much the features' norm differs between inputs, as theory/domain.py has it.
  function unevenness(at, features, { n, k, activation }, [x, weights]) {
    const { u, bulk, weights: w } = at.types, value = features.value ?? TARGETS[activation], noise = features.noise ** 2;
    let power = 0, fourth = 0, bend = 0;
    for (const half of at.halves) for (let s = 0; s < w.length; s++) {
      const tau = Math.sqrt(bulk[s] ** 2 + sum(at.D, (j) => (half[j] * u[j][s]) ** 2));
      x.forEach((each, i) => {
        const f2 = value(tau * each) ** 2, weight = 0.5 * w[s] * weights[i];
        power += weight * f2;
        fourth += weight * f2 * f2;
        bend += 0.5 * weight * f2 * (each * each - 1);
      });
    }
    const plain = power;
    power += noise;
    fourth += 6 * noise * plain + 3 * noise * noise;
    return Math.sqrt((fourth / power ** 2 - 1) / k + 2 * (bend / power) ** 2 * (at.share ** 2 + 1 / n));
  }

  // ---------------------------------------------------------------- the bulk

  // Resolvent of the bulk at the types: g = 1/(eta + diag(B N B^T)), N = (1 + ratio B^T diag(w g) B)^-1.
  function bulk(types, ratio) {
    const B = types.slopes.flat(), { weights: w } = types, L = B.length, N = w.length;
    // Of two slopes of different symmetry the average vanishes.
    const side = (i) => Number(i >= types.slopes[0].length), pairs = [];
    for (let i = 0; i < L; i++) for (let j = i; j < L; j++) if (side(i) === side(j)) pairs.push([i, j]);
    const X = pairs.map(([i, j]) => times(B[i], B[j]));

    // ratio B^T diag(w g) B.
    function average(g) {
      const wg = times(w, g), found = zeros(L, L);
      pairs.forEach(([i, j], q) => { found[i][j] = found[j][i] = ratio * dot(X[q], wg); });
      return found;
    }

    function dressed(g) {
      const H = average(g);
      H.forEach((row, i) => { row[i] += 1; });
      return H.map((_, i) => solve(H, matrix(1, L, (__, j) => Number(i === j))[0]));
    }

    function hold(inverse) {
      const found = new Float64Array(N);
      pairs.forEach(([i, j], q) => {
        add(found, (i === j ? 1 : 2) * inverse[i][j], X[q]);
      });
      return found;
    }

    // Newton's method in logarithms, in which the plain iteration is a contraction.
    function resolvent(omega, start) {
      const eta = types.rest.map((x) => x + omega);
      let g = start ?? eta.map((x) => 1 / x);
      if (!start) for (let i = 0; i < 8; i++) {
        const held = hold(dressed(g));
        g = eta.map((x, s) => 1 / (x + held[s]));
      }
      for (let round = 0; round < 60; round++) {
        const inverse = dressed(g), total = hold(inverse);
        const g2 = new Float64Array(N), direct = new Float64Array(N);
        let worst = 0;
        for (let s = 0; s < N; s++) {
          total[s] += eta[s];
          const mismatch = Math.log(g[s] * total[s]);
          worst = Math.max(worst, Math.abs(mismatch));
          g2[s] = g[s] / total[s];
          direct[s] = -g[s] * mismatch;
        }
        if (worst < SETTLED) return g;
        const change = response(inverse, g2)(direct), next = new Float64Array(N);
        for (let s = 0; s < N; s++)
          next[s] = g[s] * Math.exp(Math.min(Math.max(change[s] / g[s], -2), 2));
        g = next;
      }
      throw new RangeError("the bulk's equation did not settle");
    }

    // First and second derivative of g in log omega.
    function slopes(omega, g) {
      const inverse = dressed(g), respond = response(inverse, times(g, g));
      const one = respond(g.map((x) => -x * x * omega)), turned = product(average(one), inverse);
      const bend = hold(product(inverse, product(turned, turned)));
      return [one, respond(g.map((x, s) => -x * x * (omega + 2 * bend[s]) + (2 * one[s] ** 2) / x))];
    }
    return { resolvent, slopes };

    // (1 - diag(g2) X Y^T diag(w))^-1 as a function of vectors.
    function response(inverse, g2) {
      const turned = zeros(L, N);
      for (let i = 0; i < L; i++) for (let j = 0; j < L; j++) if (inverse[i][j]) add(turned[i], inverse[i][j], B[j]);
      const weighted = turned.map((row) => times(row, w));
      const right = pairs.map(([i, j]) => times(weighted[i], turned[j]));
      const left = pairs.map(([i, j], q) => {
        const row = times(X[q], g2), factor = (i < j ? 2 : 1) * ratio;
        for (let s = 0; s < N; s++) row[s] *= factor;
        return row;
      });
      const core = matrix(pairs.length, pairs.length, (i, j) => Number(i === j) - dot(right[i], left[j]));
      return (direct) => {
        const factor = solve(core, Float64Array.from(right, (row) => dot(row, direct))), found = direct.slice();
        factor.forEach((x, q) => add(found, x, left[q]));
        return found;
      };
    }
  }

  // ---------------------------------------------------------------- the limit

  // What the errors need, as functions of x = log omega: the bulk's degrees of freedom, log det(1 + K), and E y (y - f).
  // At one point they come with their derivatives; for curves, from Chebyshev series on panels.
  function limit(problem, data, degree, shared = coordinates(problem, data)) {
    const { k } = problem;
    const features = degree == null ? shared.activation : polynomial(shared.activation, shared.scale, degree);
    const types = neuronTypes(shared, features, k, data.rules.types);
    const { resolvent, slopes } = bulk(types, k / shared.dimensions);
    const { weights: w, twice, means, y2 } = types;
    const panels = new Map();
    const squared = (rows, weights) => sum(rows.length, (i) => dot(weights, times(rows[i], rows[i])));
    const power = dot(w, types.rest) + squared(means.flatMap(({ rows }) => rows), twice) + squared(types.slopes.flat(), w);

    function kernel(rows, g) {
      const kg = stacked(g, g);
      for (let s = 0; s < kg.length; s++) kg[s] *= k * twice[s];
      return gram(rows, kg);
    }

    // g at x, from those at the points that a walk has seen.
    function solved(x, walk) {
      const g = resolvent(Math.exp(x), extrapolated(walk, x));
      walk.unshift({ x, g });
      return g;
    }

    // Degrees of freedom, E y (y - f), and the slopes of both in x.
    function exactly(x, walk) {
      const omega = Math.exp(x), g = solved(x, walk), [one, two] = slopes(omega, g);
      const found = { df1: k * (1 - omega * dot(w, g)), df1Slope: -k * omega * dot(w, add(g.slice(), 1, one)), miss: y2, missSlope: 0 };
      for (const { rows, label } of means) {
        const K = kernel(rows, g);
        K.forEach((row, i) => { row[i] += 1; });
        const T = cholesky(K), solve = (row) => backward(T, forward(T, row));
        // (1 + K)^-1 K' by rows of its transposed, and (1 + K)^-1 on the label.
        const A = kernel(rows, one).map(solve), bent = kernel(rows, two).map(solve), f = solve(label);
        const trace = (M) => sum(M.length, (i) => M[i][i]);
        found.df1 -= trace(A);
        found.df1Slope -= trace(bent) - trace(product(A, A));
        found.miss += dot(label, f) - dot(label, label);
        found.missSlope -= sum(A.length, (i) => f[i] * dot(A[i], label));
      }
      return found;
    }

    function state(x, walk) {
      const g = solved(x, walk), found = [k * (1 - Math.exp(x) * dot(w, g)), 0, y2];
      for (const { rows, label } of means) {
        const K = kernel(rows, g);
        K.forEach((row, i) => { row[i] += 1; });
        const T = cholesky(K), z = forward(T, label);
        found[1] += 2 * sum(T.length, (i) => Math.log(T[i][i]));
        found[2] += dot(z, z) - dot(label, label);
      }
      return found;
    }

    function panel(number) {
      if (!panels.has(number)) {
        const walk = [], states = nodes(NODES).map((t) => state(WIDTH * (number + 0.5 + 0.5 * t), walk));
        const scaled = (series) => derivative(series).map((c) => (2 * c) / WIDTH);
        const [used, logdet, miss] = [0, 1, 2].map((i) => interpolated(states.map((each) => each[i])));
        const slope = scaled(logdet), df1 = used.map((c, j) => c - slope[j]);
        panels.set(number, { df1, df1Slope: scaled(df1), miss, missSlope: scaled(miss) });
      }
      return panels.get(number);
    }

    const at = (x, number = Math.floor(x / WIDTH)) => {
      const series = panel(number), t = 2 * (x / WIDTH - number) - 1;
      return Object.fromEntries(Object.entries(series).map(([name, each]) => [name, chebyshev(each, t)]));
    };
    return {
      at, exactly, k, power, guess: null, types, coordinates: shared, resolvent, slopes, kernel,
      get unevenness() { return unevenness(shared, features, problem, data.rules.label); },
      // Nodes of the inputs of the first cluster, for the scores of classes.
      get inputs() {
        const nodes = inputRule(shared, data.rules.types, data.rules.inputs);
        const value = {
          weights: Float64Array.from(nodes, ({ weight }) => weight), groups: nodes.map(({ group }) => group), modes: types.modes(nodes),
        };
        Object.defineProperty(this, "inputs", { value });
        return value;
      },
    };
  }

  // g at x from its logarithms at the last two points, where these are near.
  function extrapolated([one, two], x) {
    if (!one || Math.abs(x - one.x) > WIDTH) return null;
    const factor = two ? (x - one.x) / (one.x - two.x) : 0;
    return Math.abs(factor) > 2 ? one.g : one.g.map((g, s) => g * (two ? g / two.g[s] : 1) ** factor);
  }

  // log omega at which lambda k = omega (1 - df1/m), from the panels.
  function effectiveRidge(found, m, lambda) {
    const target = lambda * found.k;
    const open = (x, number) => 1 - found.at(x, number).df1 / m - target * Math.exp(-x);
    const [lowest, highest] = bounds(found, m, lambda);
    let number = Math.floor((found.guess ?? lowest + 1) / WIDTH);
    while (WIDTH * number > lowest && open(WIDTH * number, number) > 0) number--;
    while (WIDTH * (number + 1) < highest && open(WIDTH * (number + 1), number) < 0) number++;
    let low = Math.max(WIDTH * number, lowest), high = Math.min(WIDTH * (number + 1), highest + 1e-9);
    for (let i = 0; i < 60 && high - low > 1e-15 * Math.abs(high); i++) {
      const middle = 0.5 * (low + high);
      if (open(middle, number) < 0) low = middle;
      else high = middle;
    }
    return (found.guess = 0.5 * (low + high));
  }

  const bounds = ({ k, power }, m, lambda) => [Math.log(lambda * k), Math.log(lambda * k + (k * power) / m)];

  // Training and generalization error on m samples at the ridge lambda, where many ridges are asked for.
  function readout(found, m, lambda) {
    const x = effectiveRidge(found, m, lambda);
    return errors(found.at(x), found, m, lambda, x);
  }

  // The same for one: Newton's method for log(1 - df1/m) + log omega, which rises with log omega by more than it.
  function answer(found, m, lambda) {
    let [low, high] = bounds(found, m, lambda);
    const target = low, walk = [];
    let x = Math.min(low + 1, high);
    for (let round = 0; round < 60; round++) {
      const at = found.exactly(x, walk), open = 1 - at.df1 / m;
      const missed = open > 0 ? Math.log(open) + x - target : -Infinity;
      if (missed < 0) low = x;
      else high = x;
      let next = x - missed / (1 - at.df1Slope / (m * open));
      if (!(next >= low && next <= high)) next = 0.5 * (low + high);
      if (Math.abs(next - x) < SHARP) return errors(at, found, m, lambda, x);
      x = next;
    }
    throw new RangeError("the effective ridge did not settle");
  }

  const errors = ({ df1, df1Slope, miss, missSlope }, { k }, m, lambda, x) => ({
    generalization: (0.5 * (miss - missSlope)) / (1 - (df1 + df1Slope) / m),
    training: 0.5 * lambda * k * Math.exp(-x) * miss,
    ridge: Math.exp(x) / k,
    left: m - df1 - df1Slope,
  });

  return { limit, answer, readout, sizes, network, polynomial, coordinates, erf };
})();
