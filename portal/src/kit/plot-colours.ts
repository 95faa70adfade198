/** Colours of the tokens as a canvas knows them. */
export type Colours = (name: string) => string;

/** Reads tokens where this element is. A token may be `light-dark(…)` or another function, which a canvas does not understand. */
export function coloursAt(element: HTMLElement): Colours {
  const probe = document.createElement('span');
  probe.hidden = true;
  return (name) => {
    probe.style.color = `var(--${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

const TILE = 8;

/** Stripes, so that bars differ by more than their colour. `ratio`: pixels of the screen for one of the page. */
export function stripes(colour: string, ratio: number): CanvasPattern | string {
  const tile = document.createElement('canvas');
  const size = Math.max(Math.round(TILE * ratio), TILE);
  tile.width = size;
  tile.height = size;
  const context = tile.getContext('2d');
  if (!context) return colour;
  context.fillStyle = colour;
  context.globalAlpha = 0.45;
  context.fillRect(0, 0, size, size);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = size / 3;
  // The corners too: the tiles join without a gap.
  for (const shift of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(shift - 1, size + 1);
    context.lineTo(shift + size + 1, -1);
    context.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? colour;
}
