// The three plots of the explorer, as SVG in the colour of the text. What a colour says, a dash,
// a marker or a word says as well.
"use strict";

const OnestepPlots = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const BLUE = "#1f5ff0", ORANGE = "#d87818";
  const FRAME = { left: 44, right: 310, top: 12, bottom: 206, width: 320, height: 250 };

  function element(parent, name, attributes = {}, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  }

  // A picture made anew in its holder: axes, and functions from data to the picture.
  function picture(holder, { x, y, xLabel, yLabel, alt, name }) {
    holder.replaceChildren();
    const { width, height } = FRAME;
    const svg = element(holder, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt });
    const clip = element(element(svg, "defs"), "clipPath", { id: `explorer-clip-${name}` });
    element(clip, "rect", box());
    const at = { x: scale(x, FRAME.left, FRAME.right), y: scale(y, FRAME.bottom, FRAME.top) };
    for (const tick of x.ticks) {
      line(svg, at.x(tick), FRAME.bottom, at.x(tick), FRAME.bottom + 4);
      label(svg, at.x(tick), FRAME.bottom + 17, x.format(tick), "middle");
    }
    for (const tick of y.ticks) {
      line(svg, FRAME.left - 4, at.y(tick), FRAME.left, at.y(tick));
      label(svg, FRAME.left - 7, at.y(tick) + 4, y.format(tick), "end");
    }
    element(svg, "path", { class: "axes", d: `M${FRAME.left} ${FRAME.top}V${FRAME.bottom}H${FRAME.right}` });
    label(svg, (FRAME.left + FRAME.right) / 2, FRAME.bottom + 36, xLabel, "middle");
    element(svg, "text", {
      transform: `translate(11 ${(FRAME.top + FRAME.bottom) / 2}) rotate(-90)`, "text-anchor": "middle",
    }, yLabel);
    const inside = element(svg, "g", { "clip-path": `url(#explorer-clip-${name})` });
    return { svg, inside, at };
  }

  const box = () => ({
    x: FRAME.left, y: FRAME.top, width: FRAME.right - FRAME.left, height: FRAME.bottom - FRAME.top,
  });

  function scale({ low, high, log }, from, to) {
    const f = log ? Math.log : (v) => v;
    return (v) => from + ((f(v) - f(low)) / (f(high) - f(low))) * (to - from);
  }

  const line = (parent, x1, y1, x2, y2, extra = {}) =>
    element(parent, "line", { x1, y1, x2, y2, stroke: "currentColor", ...extra });
  const label = (parent, x, y, text, anchor) =>
    element(parent, "text", { x, y, "text-anchor": anchor }, text);
  const plain = (value) => String(+value.toPrecision(3));

  function curve(parent, at, points, attributes) {
    const shown = points.filter(([x, y]) => Number.isFinite(at.x(x)) && Number.isFinite(at.y(y)));
    // A curve far outside stays a number that a browser can draw.
    const bounded = (v) => Math.max(-1e4, Math.min(1e4, v)).toFixed(2);
    const d = shown.map(([x, y], i) => `${i ? "L" : "M"}${bounded(at.x(x))} ${bounded(at.y(y))}`).join("");
    return element(parent, "path", { d, fill: "none", "stroke-width": 2, ...attributes });
  }

  function ticks(low, high, count) {
    const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((f) => f * power).find((each) => each >= raw);
    const found = [];
    for (let t = Math.ceil(low / step); t * step <= high + 1e-12; t++) found.push(t * step);
    return found;
  }

  function decades(low, high) {
    const found = [];
    for (let e = Math.ceil(Math.log10(low) - 1e-9); 10 ** e <= high * 1.000001; e++) found.push(10 ** e);
    return found.length > 5 ? found.filter((_, i) => (found.length - 1 - i) % 2 === 0) : found;
  }

  // A logarithmic range that shows at least one decade and has readable ticks.
  function logarithmic(values) {
    let low = Math.min(...values) / 1.15, high = Math.max(...values) * 1.15;
    const missing = Math.sqrt(Math.max(1, 10 / (high / low)));
    [low, high] = [low / missing, high * missing];
    const found = decades(low, high);
    const more = found.length > 2 ? found : [...found, ...found.flatMap((d) => [d / 5, d / 2, d * 2, d * 5])];
    const inside = [...new Set(more)].filter((t) => t >= low && t <= high).sort((a, b) => a - b);
    return { low, high, log: true, ticks: inside, format: plain };
  }

  // ---------------------------------------------------------------- (a) activation, polynomial

  function activation(holder, { z, values, polynomial, degree, name, b }) {
    const low = Math.min(...values), high = Math.max(...values), pad = 0.35 * (high - low);
    const x = { low: z[0], high: z[z.length - 1], ticks: [-4, -2, 0, 2, 4], format: plain };
    const y = { low: low - pad, high: high + pad, format: plain };
    y.ticks = ticks(y.low, y.high, 5);
    const { svg, inside, at } = picture(holder, {
      x, y, xLabel: "preactivation z", yLabel: "value", name: "activation",
      alt: `The activation ${name} and its Hermite polynomial of degree ${degree} at scale b = ${plain(b)}.`,
    });
    element(inside, "rect", {
      class: "usual", x: at.x(-b), width: at.x(b) - at.x(-b), y: FRAME.top, height: FRAME.bottom - FRAME.top,
    });
    curve(inside, at, z.map((v, i) => [v, values[i]]), { stroke: BLUE });
    curve(inside, at, z.map((v, i) => [v, polynomial[i]]), { stroke: ORANGE, "stroke-dasharray": "6 4" });
    legend(svg, [[`σ = ${name}`, { stroke: BLUE }], [`degree ${degree}`, { stroke: ORANGE, "stroke-dasharray": "6 4" }]]);
  }

  function legend(svg, entries) {
    entries.forEach(([text, attributes], i) => {
      const y = FRAME.top + 8 + 15 * i;
      element(svg, "line", { x1: FRAME.left + 6, x2: FRAME.left + 30, y1: y, y2: y, "stroke-width": 2, ...attributes });
      label(svg, FRAME.left + 35, y + 4, text, "start");
    });
  }

  // ---------------------------------------------------------------- (b) degree map

  function degreeMap(holder, { rows, alpha, beta, paper, sharp, direction }) {
    const x = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1], format: plain };
    const y = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1], format: plain };
    const { svg, inside, at } = picture(holder, {
      x, y, xLabel: "weighting α", yLabel: "strength β", name: "map",
      alt: `Sufficient degrees over weighting and strength, ${direction} labels: sharp rule by areas, ` +
        `the paper's rule by dashed lines. At the current point α = ${alpha}, β = ${beta} the sharp ` +
        `rule gives ${sharp} and the paper's ${paper}.`,
    });
    areas(inside, at, rows);
    for (let l = 1; l < 10; l++) {
      const h = at.y(l / (l + 1));
      line(inside, FRAME.left, h, FRAME.right, h, { stroke: ORANGE, "stroke-width": 1.5, "stroke-dasharray": "6 4" });
      if (l < 4) element(svg, "text", { class: "paper", x: FRAME.right - 2, y: h - 3, "text-anchor": "end" }, `paper ${l + 1}`);
    }
    const [cx, cy] = [at.x(alpha), at.y(beta)];
    element(svg, "circle", { class: "halo", cx, cy, r: 7 });
    element(svg, "circle", { cx, cy, r: 6, fill: "none", stroke: "currentColor", "stroke-width": 2 });
    element(svg, "circle", { cx, cy, r: 2, fill: "currentColor" });
  }

  // rows[j][i] is the degree at alpha = i / 100, beta = j / 100.
  function areas(parent, at, rows) {
    const d = [], edge = (v) => v.toFixed(1), half = 0.005;
    rows.forEach((row, j) => {
      row.forEach((degree, i) => {
        const [a, b] = [i / 100, j / 100];
        if (i && row[i - 1] !== degree)
          d.push(`M${edge(at.x(a - half))} ${edge(at.y(b - half))}V${edge(at.y(b + half))}`);
        if (j && rows[j - 1][i] !== degree)
          d.push(`M${edge(at.x(a - half))} ${edge(at.y(b - half))}H${edge(at.x(a + half))}`);
      });
      runs(row).forEach(([from, to, degree]) => {
        if (degree > 1) element(parent, "rect", {
          x: edge(at.x(from / 100 - half)), width: edge(at.x(to / 100) - at.x(from / 100 - 2 * half)),
          y: edge(at.y(j / 100 + half)), height: edge(at.y(0) - at.y(2 * half) + 0.1),
          fill: "currentColor", "fill-opacity": Math.min(0.07 * (degree - 1), 0.4),
        });
      });
    });
    element(parent, "path", { d: d.join(""), stroke: "currentColor", "stroke-width": 1.2, fill: "none" });
    for (const [degree, i, j, room] of centres(rows))
      if (room > 3) label(parent, at.x(i / 100), at.y(j / 100) + 4, String(degree), "middle");
  }

  function runs(row) {
    const found = [];
    row.forEach((degree, i) => {
      const last = found[found.length - 1];
      if (last && last[2] === degree) last[1] = i;
      else found.push([i, i, degree]);
    });
    return found;
  }

  // For each degree the cell with most room around it.
  function centres(rows) {
    const best = new Map();
    const reach = (i, j, di, dj) => {
      let count = 0;
      while (rows[j + dj * (count + 1)]?.[i + di * (count + 1)] === rows[j][i]) count++;
      return count;
    };
    for (let j = 2; j < rows.length; j += 2)
      for (let i = 2; i < rows[j].length; i += 2) {
        const room = Math.min(...[[1, 0], [-1, 0], [0, 1], [0, -1]].map(([di, dj]) => reach(i, j, di, dj)));
        if (room > (best.get(rows[j][i])?.[3] ?? 0)) best.set(rows[j][i], [rows[j][i], i, j, room]);
      }
    return [...best.values()];
  }

  // ---------------------------------------------------------------- (c) error curves

  const AXES = {
    lambda: { ends: () => [1e-8, 1e-1], ticks: [1e-8, 1e-6, 1e-4, 1e-2], xLabel: "ridge λ", words: "the ridge" },
    step: { ends: (most) => [1, most], ticks: [1, 10, 100, 1000], xLabel: "step η", words: "the step" },
    km: { ends: () => [0.25, 4], ticks: [0.25, 0.5, 1, 2, 4], xLabel: "width over samples k/m", words: "width over samples" },
  };

  function errors(holder, { points, current, best, axis, degree, most }) {
    const { ends, ticks: marks, xLabel, words } = AXES[axis];
    const rows = [...points, current].filter(Boolean);
    const values = rows.flatMap(({ network: n }) => [n.generalization, n.training]).filter((v) => v > 0);
    const [low, high] = ends(most);
    const x = {
      low, high, log: true, format: axis === "lambda" ? scientific : plain,
      ticks: marks.filter((tick) => tick <= high),
    };
    const y = logarithmic(values.length ? values : [0.1, 1]);
    const { svg, inside, at } = picture(holder, {
      x, y, xLabel, yLabel: "error", name: "errors",
      alt: `Predicted errors against ${words}; the numbers at the current point` +
        `${best ? ` and at the optimum, ${plain(best.x)},` : ""} are in the table.`,
    });
    if (current) line(inside, at.x(current.x), FRAME.top, at.x(current.x), FRAME.bottom, { "stroke-dasharray": "2 3" });
    const kinds = [["generalization", BLUE, {}], ["training", ORANGE, { "stroke-dasharray": "6 4" }]];
    for (const [kind, stroke, dash] of kinds) {
      curve(inside, at, points.map((p) => [p.x, p.network[kind]]), { stroke, ...dash });
      points.forEach((p, i) => {
        if (i % 2 || !p.polynomial) return;
        mark(inside, kind, at.x(p.x), at.y(p.polynomial[kind]), { fill: "none", stroke, "stroke-width": 1.3 });
      });
      if (current) mark(inside, kind, at.x(current.x), at.y(current.network[kind]), { fill: stroke, stroke }, 5);
    }
    if (best) {
      const [cx, cy] = [at.x(best.x), at.y(best.network.generalization)];
      element(svg, "path", {
        class: "optimum", d: `M${cx} ${cy - 8}L${cx + 6} ${cy}L${cx} ${cy + 8}L${cx - 6} ${cy}Z`,
        fill: "none", stroke: "currentColor", "stroke-width": 2,
      });
    }
    return { svg, degree };
  }

  const scientific = (v) => `1e${Math.round(Math.log10(v))}`;

  // Generalization is round, training is square.
  function mark(parent, kind, x, y, attributes, r = 3) {
    if (!Number.isFinite(y) || Math.abs(y) > 1e4) return;
    if (kind === "generalization") element(parent, "circle", { cx: x, cy: y, r, ...attributes });
    else element(parent, "rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, ...attributes });
  }

  return { activation, degreeMap, errors };
})();
