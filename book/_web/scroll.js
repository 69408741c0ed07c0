// A box that scrolls takes the keyboard's focus, so that its hidden part can be reached without a
// mouse; one that does not scroll stays out of the way of the Tab key.
const BOXES = 'mjx-container[display="true"], div.math, .scroll-box, .claim, .onestep-figure, pre';
const mend = () => document.querySelectorAll(BOXES).forEach((box) => {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  else box.removeAttribute('tabindex');
});
addEventListener('load', async () => {
  if (window.MathJax) await MathJax.startup.promise;
  mend();
  addEventListener('resize', mend);
});
