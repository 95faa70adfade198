import { askedAppearance } from './appearance.js';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'posthorn.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let chosen: Theme = stored();

/** Sets the colours before the first paint, and follows the device. A page that embeds this one may ask for a theme in the address. */
export function startTheme(): void {
  chosen = askedAppearance().theme ?? chosen;
  dark.addEventListener('change', apply);
  apply();
}

/** What the reader has chosen. */
export const currentTheme = (): Theme => chosen;

/** Tells of each choice, until the function it returns is called. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps a choice on this device. */
export function choose(theme: Theme): void {
  chosen = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A frame of another site may have no storage.
  }
  apply();
  for (const listener of listeners) listener();
}

function apply(): void {
  document.documentElement.dataset['theme'] = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
}

function stored(): Theme {
  try {
    const known = localStorage.getItem(KEY);
    return known === 'light' || known === 'dark' ? known : 'system';
  } catch {
    return 'system';
  }
}
