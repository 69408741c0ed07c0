"""JavaScript by which a page tells about itself, or is made ready to be judged."""

# Waits until MathJax is done.
READY = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"
UNRENDERED = """() => [...document.querySelectorAll('.math')]
  .filter(e => !e.querySelector('mjx-container') || e.querySelector('[data-mjx-error]'))
  .map(e => e.textContent)"""
DOLLARS = r"""() => {
  const walker = document.createTreeWalker(document.querySelector('article'), 4);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest('pre, code, script, style, mjx-container, .math')) continue;
    if (/\$[^$\s][^$]*\$|\\\(|\\\[/.test(node.data)) found.push(node.data.trim());
  }
  return found;
}"""
# Contrast by WCAG 2 between the ink of figures and what lies behind them.
CONTRAST = r"""() => {
  const parse = c => {
    const numbers = (c.match(/[\d.]+(?:e-?\d+)?/g) || []).map(Number);
    // color-mix() is reported as color(srgb 0.1 0.2 0.3)
    return c.startsWith('color(srgb') ? numbers.map((v, i) => i < 3 ? 255 * v : v) : numbers;
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const svg of document.querySelectorAll('.onestep-figure > svg')) {
    const ground = behind(svg);
    const ink = ratio(parse(getComputedStyle(svg).color), ground);
    if (ink < 4.5) low.push(`ink ${ink.toFixed(2)} in ${svg.getAttribute('aria-label')}`);
    const pictures = [...svg.querySelectorAll('image')].map(e => e.getBoundingClientRect());
    for (const mark of svg.querySelectorAll('path, use, line')) {
      // Behind a mark on a heat map lies the map, not the page.
      const box = mark.getBoundingClientRect();
      if (pictures.some(p => box.left > p.left - 3 && box.right < p.right + 3
        && box.top > p.top - 3 && box.bottom < p.bottom + 3)) continue;
      const style = getComputedStyle(mark);
      if (style.stroke === 'none' || style.strokeOpacity < 1 || style.opacity < 1) continue;
      if (mark.closest('defs, clipPath')) continue;
      const r = ratio(parse(style.stroke), ground);
      if (r < 3) low.push(`${style.stroke} ${r.toFixed(2)} in ${svg.getAttribute('aria-label')}`);
    }
  }
  for (const e of document.querySelectorAll(
      '.claim p, .claim th, .claim td, .verdict-good, .verdict-bad, figcaption')) {
    const r = ratio(parse(getComputedStyle(e).color), behind(e));
    if (r < 4.5) low.push(`text ${r.toFixed(2)}: ${e.textContent.trim().slice(0, 60)}`);
  }
  return [...new Set(low)];
}"""
# What sticks out of the window and is not inside a box that scrolls.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = e => {
    for (; e && e !== document.body; e = e.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX)) return true;
    return false;
  };
  const out = [...document.querySelectorAll('article *')]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e))
    .map(e => e.outerHTML.slice(0, 120));
  return [document.documentElement.scrollWidth - width, out];
}"""

# Displayed formulas that are cut off: longer than their box, or running into their number.
CUT_OFF = """() => [...document.querySelectorAll("mjx-container[display='true']")].filter(e => {
  const number = e.parentElement.querySelector('.eqno');
  const formula = e.querySelector('mjx-math').getBoundingClientRect();
  const over = number && number.getBoundingClientRect();
  return e.scrollWidth > e.clientWidth
    || (over && formula.right > over.left
      && formula.bottom > over.top && formula.top < over.bottom);
}).map(e => e.textContent.slice(0, 120))"""
# Displayed formulas that are longer than their box, and yet no box of theirs scrolls.
STUCK = """() => [...document.querySelectorAll("mjx-container[display='true']")].filter(e =>
  e.querySelector('mjx-math').getBoundingClientRect().width > e.clientWidth + 1
    && !(e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === 'auto')
).map(e => e.textContent.slice(0, 120))"""

# A screen reader hears neither the strokes of a figure, which has one text for all, nor the drawn
# half of a formula.
LIGHTEN = """() => document.querySelectorAll(
  '.onestep-figure > svg > *, .seeds-row > svg > *, mjx-math > *').forEach(e => e.remove())"""
# Some words of every kind, where a kind is all that contrast depends on: axe-core looks at one word
# after the other, and a page has twenty thousand of them.
KINDS = """(number) => {
  const grounds = new Map([[null, '']]);
  const ground = e => {
    if (!grounds.has(e)) {
      const style = getComputedStyle(e);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity].join();
      grounds.set(e, ground(e.parentElement) + (own === 'rgba(0, 0, 0, 0),none,1' ? '' : own));
    }
    return grounds.get(e);
  };
  const seen = new Map();
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    if (!e.checkVisibility({visibilityProperty: true}) || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const kind = [style.color, style.fontSize, style.fontWeight, ground(e)].join();
    seen.set(kind, (seen.get(kind) || 0) + 1);
    if (seen.get(kind) <= number) e.setAttribute('data-kind', '');
  }
}"""
PALE = """() => {
  const words = [...document.querySelectorAll('article p')].at(-1);
  words.innerHTML += ' <span style="color: #999">pale</span>';
}"""
# Colours of code are judged on one page; thousands of words would take minutes.
PLAIN = """() => document.querySelectorAll('.highlight pre').forEach(
  e => { e.textContent = e.textContent; })"""
MOVING = """() => [...document.querySelectorAll('*')].filter(e => {
  const style = getComputedStyle(e);
  const times = (style.transitionDuration + ',' + style.animationDuration).split(',');
  return times.some(t => parseFloat(t) > 0.01) || style.scrollBehavior === 'smooth';
}).map(e => e.outerHTML.slice(0, 80))"""
