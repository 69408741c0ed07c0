// The explorer page: controls, state in the fragment of the address, and what they set going.
"use strict";

(() => {
  const root = document.getElementById("explorer-page");
  const source = document.getElementById("explorer-data");
  if (!root || !source) return;
  const data = JSON.parse(source.textContent);
  const names = Object.keys(data.functions);
  const AXES = { lambda: "ridge λ", step: "step η at this spread", km: "width over samples k/m" };
  const LOSSES = ["square", "logistic"]; // whose class errors are shown
  const MAP = 91; // rows of the map, in hundredths of the strength: above, degrees lie too close

  // Sliders move on a scale of their own; `of` and `to` lead from it to the value and back.
  const same = { of: (t) => t, to: (v) => v, show: (v) => v.toFixed(2) };
  const two = { of: (t) => 2 ** t, to: Math.log2, show: (v) => v.toPrecision(3) };
  const ten = { of: (t) => 10 ** t, to: Math.log10, show: (v) => v.toExponential(1) };
  const CONTROLS = [
    { name: "alpha", label: "α: weighting, spread to step", low: 0, high: 1, step: 0.01, start: 0.5, ...same },
    { name: "beta", label: "β: strength", low: 0, high: 1, step: 0.01, start: 0.74, ...same },
    { name: "km", label: "k/m: width over samples", low: -2, high: 2, step: 0.125, start: 1, ...two },
    { name: "mn", label: "m/n: samples over dimension", low: -1, high: 1, step: 0.125, start: 1, ...two },
    { name: "lambda", label: "λ: ridge", low: -8, high: -1, step: 0.25, start: 1e-4, ...ten },
    { name: "degree", label: "l: degree of the polynomial", low: 1, high: 6, step: 1, start: 2, ...same, show: String },
    { name: "activation", label: "Activation", options: names, start: "relu" },
    { name: "target", label: "Target", options: [...names, "class"], start: "relu" },
    { name: "direction", label: "Direction of the labels", options: ["aligned", "random"], start: "aligned" },
    { name: "axis", label: "Curves against", options: Object.keys(AXES), start: "lambda", words: AXES },
  ];
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  // The chapter's parameters come first: a re-run of the chapter starts at its own values.
  for (const control of CONTROLS) control.start = data.start?.[control.name] ?? control.start;
  const state = Object.fromEntries(CONTROLS.map((c) => [c.name, c.start]));
  const inputs = {};
  const parts = {};
  let generation = 0;

  // ---------------------------------------------------------------- page

  function make(parent, tag, attributes = {}, text = "") {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function build() {
    const form = make(root, "form", { class: "explorer-controls", "aria-label": "Settings of the explorer" });
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const control of CONTROLS) buildControl(form, control);
    const reset = make(form, "button", { type: "button" }, "Reset");
    reset.addEventListener("click", () => {
      for (const control of CONTROLS) state[control.name] = control.start;
      changed();
    });
    const plots = make(root, "div", { class: "explorer-plots" });
    parts.activation = figure(plots, "(a) The activation and its polynomial. The band is |z| < b, where most preactivations are.");
    parts.map = figure(plots, "(b) Degrees that suffice. Areas and plain numbers: sharp rule; dashed lines: the paper's rule. The ring is the current point; above 0.9 degrees lie too close to draw.");
    parts.errors = figure(plots, "(c) Predicted errors: generalization (line, circles) and training (dashes, squares). Lines: network; open marks: polynomial; full marks: the current point; diamond: the optimum of the network.");
    parts.setting = make(root, "p", { id: "explorer-setting" });
    const box = make(root, "div", { class: "scroll-box explorer-table", tabindex: 0, role: "region", "aria-label": "Predicted errors" });
    parts.table = make(box, "table", { "aria-describedby": "explorer-setting" });
    parts.status = make(root, "p", { role: "status", class: "explorer-status" });
  }

  function figure(parent, caption) {
    const made = make(parent, "figure");
    const holder = make(made, "div", { class: "explorer-plot" });
    make(made, "figcaption", {}, caption);
    return holder;
  }

  function buildControl(form, control) {
    const row = make(form, "div", { class: "explorer-control" });
    const id = `explorer-${control.name}`;
    make(row, "label", { for: id }, control.label);
    if (control.options) {
      const select = make(row, "select", { id });
      for (const option of control.options) make(select, "option", { value: option }, control.words?.[option] ?? option);
      inputs[control.name] = { input: select };
    } else {
      const { low, high, step } = control;
      const input = make(row, "input", { id, type: "range", min: low, max: high, step });
      inputs[control.name] = { input, output: make(row, "output", { for: id }) };
    }
    inputs[control.name].input.addEventListener("input", () => {
      const { value } = inputs[control.name].input;
      state[control.name] = control.options ? value : rounded(control, Number(value));
      changed();
    });
  }

  // Value at the slider's nearest step, free of the noise of binary fractions.
  const rounded = (control, position) => {
    const steps = Math.round((position - control.low) / control.step);
    return Number(control.of(control.low + steps * control.step).toPrecision(12));
  };

  function showControls() {
    for (const control of CONTROLS) {
      const { input, output } = inputs[control.name];
      const value = state[control.name];
      if (control.options) input.value = value;
      else {
        input.value = control.to(value);
        output.textContent = control.show(value);
        input.setAttribute("aria-valuetext", control.show(value));
      }
    }
    inputs.direction.input.disabled = state.target === "class";
  }

  // ---------------------------------------------------------------- address

  function readAddress(text = location.hash.slice(1) || location.search) {
    const given = new URLSearchParams(text);
    for (const control of CONTROLS) {
      const word = given.get(control.name);
      if (word === null) continue;
      if (control.options) {
        if (control.options.includes(word)) state[control.name] = word;
        continue;
      }
      const position = control.to(Number(word));
      if (word && position >= control.low - 1e-9 && position <= control.high + 1e-9)
        state[control.name] = rounded(control, position);
    }
  }

  let writing = 0;
  function writeAddress() {
    // Browsers refuse hundreds of changes in a row.
    clearTimeout(writing);
    writing = setTimeout(() => {
      const text = new URLSearchParams(CONTROLS.map(({ name }) => [name, String(state[name])]));
      history.replaceState(history.state, "", `#${text}`);
      root.dataset.address = "written";
    }, 150);
  }

  // ---------------------------------------------------------------- numbers

  function problem(changes = {}) {
    const { km, mn, lambda, degree, axis, ...rest } = { ...state, ...changes };
    const m = Math.round(data.n * mn);
    return { ...rest, n: data.n, m, k: Math.round(m * km), ridge: lambda };
  }

  function paperDegree(b) {
    return b < 100 ? Math.floor(b / (100 - b)) + 1 : Infinity;
  }

  // The sharp rule in whole numbers: alpha = a / 100, beta = b / 100, tau = t / 20000.
  function sharpDegree(a, b, direction) {
    const spread = 10000 - b * (100 - a);
    const t = {
      aligned: Math.min(spread, 20000 - 200 * b),
      random: Math.min(10000, 20000 - 2 * a * b + b * (100 - a)),
      class: Math.min(spread, 30000 - 200 * b),
    }[direction];
    if (t <= 0) return Infinity;
    return Math.max(1, direction === "class" ? 2 * Math.floor(5000 / t) : Math.floor(10000 / t));
  }

  const labels = () => (state.target === "class" ? "class" : state.direction);

  const maps = {};
  function degreeRows(direction) {
    maps[direction] ??= Array.from({ length: MAP }, (_, b) =>
      Array.from({ length: 101 }, (_, a) => sharpDegree(a, b, direction)));
    return maps[direction];
  }

  // Limits of the network and of its polynomial. They do not depend on the ridge, nor the first on the degree.
  function limits(at, known = {}) {
    const { ridge, ...rest } = at, key = JSON.stringify(rest);
    if (known.key !== key) {
      const shared = OnestepLimit.coordinates(at, data);
      Object.assign(known, { key, shared, polynomials: {}, network: OnestepLimit.limit(at, data, null, shared) });
    }
    known.polynomials[state.degree] ??= OnestepLimit.limit(at, data, state.degree, known.shared);
    return { network: known.network, polynomial: known.polynomials[state.degree] };
  }
  const lately = {}; // the limits of the current point

  const errorsOf = (solved, at, of = OnestepLimit.answer) => ({
    network: of(solved.network, at.m, at.ridge),
    polynomial: of(solved.polynomial, at.m, at.ridge),
  });

  // ---------------------------------------------------------------- drawing

  function changed() {
    showControls();
    writeAddress();
    root.setAttribute("aria-busy", "true");
    const mine = ++generation;
    requestAnimationFrame(() => {
      if (mine === generation) draw(mine);
    });
  }

  function draw(mine) {
    let solved, current;
    const at = problem(), start = performance.now();
    try {
      solved = limits(at, lately);
      const x = state.axis === "step" ? OnestepLimit.sizes(at).eta : state[state.axis];
      current = { x, ...errorsOf(solved, at) };
      showTable(current, at);
      root.dataset.took = (performance.now() - start).toFixed(1);
      drawActivation();
      drawMap();
    } catch (problemFound) {
      parts.table.replaceChildren();
      parts.errors.replaceChildren();
      finish(`No prediction here: ${problemFound.message}.`);
      return;
    }
    drawCurves(mine, solved, current);
  }

  function drawActivation() {
    const { values, features } = data.functions[state.activation];
    const { scale } = OnestepLimit.sizes(problem());
    const { value } = OnestepLimit.polynomial(OnestepLimit.network(features), scale, state.degree);
    const [low, high] = data.window;
    const z = values.map((_, i) => low + ((high - low) * i) / (values.length - 1));
    const polynomial = z.map(value);
    OnestepPlots.activation(parts.activation, { z, values, polynomial, degree: state.degree, name: state.activation, b: scale });
  }

  function degrees() {
    const [a, b] = [Math.round(100 * state.alpha), Math.round(100 * state.beta)];
    return { paper: paperDegree(b), sharp: sharpDegree(a, b, labels()) };
  }

  function drawMap() {
    const { alpha, beta } = state;
    OnestepPlots.degreeMap(parts.map, { rows: degreeRows(labels()), alpha, beta, ...degrees(), direction: labels() });
  }

  function drawCurves(mine, solved, current) {
    const grid = {
      lambda: () => Array.from({ length: 57 }, (_, i) => 10 ** (-8 + i / 8)),
      km: () => Array.from({ length: 17 }, (_, i) => 2 ** (-2 + i / 4)),
      step: () => Array.from({ length: 17 }, (_, i) => data.n ** (i / 16)),
    }[state.axis]();
    const points = [];
    let best = null;
    const show = () => OnestepPlots.errors(parts.errors,
      { points, current, best, axis: state.axis, degree: state.degree, most: data.n });
    // One point at a time, so that the page stays responsive.
    const next = () => {
      if (mine !== generation) return;
      const start = performance.now();
      while (points.length < grid.length && performance.now() - start < 30) {
        const x = grid[points.length];
        points.push({ x, ...curvePoint(x, solved) });
      }
      if (points.length === grid.length) {
        if (state.axis !== "km") best = optimum(points, solved);
        if (best) showOptimum(best);
        show();
        showClasses(mine, solved, () => finish(`${summary(current)} ${warning(solved, current)}`));
        return;
      }
      if (!calm.matches) show();
      setTimeout(next);
    };
    next();
  }

  function curvePoint(x, solved) {
    const { theta } = OnestepLimit.sizes(problem());
    const at = problem({ lambda: { lambda: x }, km: { km: x }, step: { spread: theta, step: x } }[state.axis]);
    try {
      return state.axis === "lambda" ? errorsOf(solved, at, OnestepLimit.readout) : errorsOf(limits(at), at);
    } catch (problemFound) {
      if (!(problemFound instanceof RangeError)) throw problemFound;
      const none = { generalization: NaN, training: NaN };
      return { network: none, polynomial: none };
    }
  }

  // Where the network generalizes best along the curve: the vertex of a parabola through the lowest
  // three points, in logarithms, and of narrower ones around it.
  function optimum(points, solved) {
    const error = ({ network }) => (Number.isFinite(network.generalization) ? network.generalization : Infinity);
    const best = points.reduce((low, each, i) => (error(each) < error(points[low]) ? i : low), 0);
    if (best === 0 || best === points.length - 1) return { ...points[best], end: true };
    let three = points.slice(best - 1, best + 2);
    for (let round = 0; round < 3; round++) {
      const [a, b, c] = three.map(error), middle = three[1].x, factor = three[2].x / middle;
      const shift = (0.5 * (a - c)) / (a - 2 * b + c);
      if (!(Math.abs(shift) <= 1)) break;
      const at = (x) => ({ x, ...curvePoint(x, solved) });
      const lowest = at(middle * factor ** shift), near = factor ** 0.25;
      three = [at(lowest.x / near), lowest, at(lowest.x * near)];
    }
    return three[1];
  }

  // ---------------------------------------------------------------- words

  function showTable(current, at) {
    const { theta, eta, scale } = OnestepLimit.sizes(at);
    const { paper, sharp } = degrees();
    parts.table.replaceChildren();
    parts.setting.textContent =
      `Predicted errors at n = ${at.n}, m = ${at.m}, k = ${at.k}: θ = ${theta.toPrecision(3)}, ` +
      `η = ${eta.toPrecision(3)}, b = ${scale.toPrecision(3)}. Degree by the sharp rule ${sharp}, by the paper's ${paper}.` +
      (state.target === "class" ? " Errors are those of the square loss; class errors of two losses stand in the last columns." : "");
    const head = make(make(parts.table, "thead"), "tr");
    const classes = state.target === "class" ? LOSSES : [];
    for (const text of ["", "generalization", "training", "effective ridge", ...classes.map((loss) => `class error, ${loss}`)]) make(head, "th", { scope: "col" }, text);
    const body = make(parts.table, "tbody");
    for (const [kind, text] of [["network", "network"], ["polynomial", `polynomial, degree ${state.degree}`]]) {
      const row = make(body, "tr", { "data-model": kind });
      make(row, "th", { scope: "row" }, text);
      for (const name of ["generalization", "training", "ridge"])
        make(row, "td", { "data-name": name, "data-value": current[kind][name] }, current[kind][name].toPrecision(4));
      for (const loss of classes) make(row, "td", { "data-name": loss }, "…");
    }
  }

  // Class errors come last: a sample's scores are averaged at hundreds of inputs. One at a time, as the curves.
  function showClasses(mine, solved, done) {
    const cells = [...parts.table.querySelectorAll(LOSSES.map((loss) => `td[data-name=${loss}]`).join())];
    const next = () => {
      if (mine !== generation) return;
      const cell = cells.shift();
      if (!cell) return done();
      const found = classError(solved[cell.parentElement.dataset.model], problem(), cell.dataset.name);
      cell.textContent = found === null ? "out of range" : Number.isNaN(found) ? "not found" : found.toFixed(4);
      cell.dataset.value = found ?? NaN;
      setTimeout(next);
    };
    next();
  }

  // Of a readout by a loss; null where the library says that its formula is out of range, NaN if it is not solved.
  function classError(limit, { m, ridge }, loss) {
    const { share, stretch } = limit.coordinates;
    if (share > 0.3 || stretch > 0.3 || !(limit.unevenness <= 0.4)) return null;
    try {
      const { error, left } = OnestepClasses.answer(limit, m, ridge, loss);
      return left < 8 ? null : error;
    } catch (problemFound) {
      if (!(problemFound instanceof RangeError)) throw problemFound;
      return NaN;
    }
  }

  function summary({ network, polynomial }) {
    const gap = 100 * (polynomial.generalization / network.generalization - 1);
    const size = Math.abs(gap) < 0.01 ? "less than 0.01" : Math.abs(gap).toFixed(Math.abs(gap) < 1 ? 2 : 1);
    return `Generalization error ${network.generalization.toPrecision(3)}; with the polynomial of degree ` +
      `${state.degree} it is ${size} % ${gap < 0 ? "lower" : "higher"}.`;
  }

  function showOptimum(best) {
    const name = state.axis === "lambda" ? "ridge λ" : "step η";
    const row = make(parts.table.querySelector("tbody"), "tr", { "data-model": "optimum", "data-x": best.x });
    make(row, "th", { scope: "row" }, `network, best ${name} = ${best.x.toPrecision(3)}${best.end ? " (end of the range)" : ""}`);
    for (const each of ["generalization", "training", "ridge"])
      make(row, "td", { "data-name": each, "data-value": best.network[each] }, best.network[each].toPrecision(4));
  }

  // Where the library's formula says that it is out of range, as far as the page can tell.
  function warning(solved, { network, polynomial }) {
    const { share, stretch } = solved.network.coordinates;
    const reasons = [];
    if (share > 0.3) reasons.push(`few coordinates make ${Math.round(100 * share)} % of the preactivations' power`);
    if (stretch > 0.3) reasons.push("the step changes the bulk of the neurons");
    if (Math.min(network.left, polynomial.left) < 8) reasons.push("nearly all samples are used up");
    return reasons.length ? `Out of the formula's range: ${reasons.join("; ")}.` : "";
  }

  function finish(text) {
    parts.status.textContent = text;
    root.setAttribute("aria-busy", "false");
  }

  build();
  readAddress();
  changed();
  window.addEventListener("hashchange", (event) => {
    readAddress(new URL(event.newURL).hash.slice(1));
    changed();
  });
  for (const link of document.querySelectorAll("a.explorer-preset"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      readAddress(new URL(link.href).search);
      changed();
      root.scrollIntoView();
    });
  // For tests: the rules on the whole map.
  root.degreeRows = degreeRows;
  root.paperDegree = paperDegree;
})();
