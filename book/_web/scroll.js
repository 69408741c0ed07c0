// A box that scrolls takes the keyboard's focus, so that its hidden part can be reached without a
// mouse; one that does not scroll stays out of the way of the Tab key.
const BOXES = 'mjx-container, div.math, .pst-scrollable-table-container, .claim, .onestep-figure, pre';
const mend = () => {
  // A formula inside a line becomes a box of its own where it is longer than the line.
  document.querySelectorAll('article mjx-container:not([display])').forEach((formula) => {
    formula.classList.remove('wide');
    const line = formula.closest('p, li, dd, td, th, figcaption, h1, h2, h3');
    if (line && formula.getBoundingClientRect().width > line.clientWidth + 1) formula.classList.add('wide');
  });
  document.querySelectorAll(BOXES).forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === 'auto') box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  });
};
addEventListener('load', async () => {
  if (window.MathJax) await MathJax.startup.promise;
  mend();
  addEventListener('resize', mend);
});
