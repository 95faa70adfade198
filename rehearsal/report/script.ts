import { createHash } from 'node:crypto';

/**
 * The cursor over the charts: a slider, and the pointer, choose a second, whose numbers are told. Without it the page has the same numbers in a
 * table.
 */
export const SCRIPT = `
const told = JSON.parse(document.getElementById('seconds').textContent);
const [box, slider, output, cursor] = ['.readout', '.readout input', '.readout output', '.cursor'].map((one) => document.querySelector(one));
const charts = document.querySelector('.timeline');
const show = (nth) => {
  slider.value = nth;
  output.textContent = told[nth].text;
  cursor.hidden = false;
  cursor.style.left = told[nth].left + '%';
};
slider.addEventListener('input', () => show(Number(slider.value)));
charts.addEventListener('pointermove', ({ clientX }) => {
  const { left, width } = charts.getBoundingClientRect();
  const part = ((clientX - left) / width) * 100;
  const nth = told.findIndex((one) => one.left >= part);
  show(nth < 0 ? told.length - 1 : nth);
});
if (told.length > 0) box.hidden = false;
`;

/** Nothing but this script runs and nothing is loaded, even if a text from outside got into the page unescaped. https://www.w3.org/TR/CSP3/ */
export const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;
