import type { Results } from './results.js';
import { shown } from './table.js';

const WIDTH = 760;
const LABELS = 210;
const BARS = 440;
const BAR = 16;
const GAP = 8;
const COLOURS: Record<string, string> = { floor: '#b8bec8' };
const COLOUR = '#2f6fdb';
/** What is worth a picture: more is better in each of them. */
const STEPS = ['end-to-end', 'ingest', 'drain', 'health'];

/** The first figure of each row as bars, a picture without any program behind it. */
export function chartOf({ label, at, machine, steps }: Results): string {
  const parts: string[] = [];
  let y = 56;
  for (const { name, rows } of steps.filter((step) => STEPS.includes(step.name))) {
    const most = Math.max(...Object.values(rows).flatMap((targets) => Object.values(targets).map((t) => first(t.figures).value)));
    const unit = first(Object.values(Object.values(rows)[0] ?? {})[0]?.figures ?? {}).name;
    parts.push(text(16, y, `${name}, ${unit}`, 'class="step"'));
    y += 12;
    for (const [row, targets] of Object.entries(rows)) {
      Object.entries(targets).forEach(([target, { figures, ofFloor }], n) => {
        const { value } = first(figures);
        const ratio = ofFloor === null ? '' : ` (${shown(ofFloor)} of the floor)`;
        const width = Math.max(1, (value / most) * BARS).toFixed(1);
        if (n === 0) parts.push(text(LABELS - 8, y + 12, row, 'text-anchor="end"'));
        parts.push(`<rect x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${COLOURS[target] ?? COLOUR}"/>`);
        // Where the bar leaves no room beside it, the text goes inside.
        const inside = value / most > 0.75;
        const x = inside ? LABELS + Number(width) - 6 : LABELS + Number(width) + 6;
        const style = inside ? `text-anchor="end" fill="${target === 'floor' ? '#1c2430' : '#fff'}"` : '';
        parts.push(text(x, y + 12, `${target} ${shown(value)}${ratio}`, style));
        y += BAR + 2;
      });
      y += GAP;
    }
    y += 22;
  }
  const subtitle = `${machine.cores} × ${machine.cpu}, Node ${machine.node}, ${at.slice(0, 10)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#1c2430">
<style>.step { font-weight: 600; font-size: 14px }</style>
<rect width="100%" height="100%" fill="#fff"/>
${text(16, 24, `Posthorn, ${label}`, 'font-size="16" font-weight="700"')}
${text(16, 40, subtitle, 'fill="#5b6573"')}
${parts.join('\n')}
</svg>
`;
}

function first(figures: Record<string, { median: number }>): { name: string; value: number } {
  const [name, spread] = Object.entries(figures)[0] ?? ['', { median: 0 }];
  return { name, value: spread.median };
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const safe = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${safe}</text>`;
}
