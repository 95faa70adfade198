/**
 * What a page that embeds the portal asks for in the address: `AppPortal` of svix-react adds darkMode, primaryColor, fontFamily and icon
 * as query parameters. They hold for this tab, before the settings of the service.
 */
export interface Asked {
  theme: 'system' | 'light' | 'dark' | null;
  accent: string | null;
  fontFamily: string | null;
  /** A path of this origin, or a data: URL: the Content-Security-Policy lets no other picture in. */
  icon: string | null;
}

const KEY = 'posthorn.appearance';
const PARAMETERS = ['theme', 'darkMode', 'primaryColor', 'fontFamily', 'icon'];
const GROUND = { light: '#ffffff', dark: '#0d1117' };
/** Text of the usual size must have it (WCAG 2, level AA). */
const CONTRAST = 4.5;

let asked: Asked = { theme: null, accent: null, fontFamily: null, icon: null };

/** What was asked for. Read once, at start. */
export const askedAppearance = (): Asked => asked;

/** Reads what is asked for, takes it out of the address, which belongs to the pages' filters, and sets font and accent. */
export function startAppearance(): void {
  const url = new URL(location.href);
  const isAsked = PARAMETERS.some((name) => url.searchParams.has(name));
  asked = isAsked ? read(url.searchParams) : (stored() ?? asked);
  if (isAsked) {
    store(asked);
    for (const name of PARAMETERS) url.searchParams.delete(name);
    history.replaceState(history.state, '', url);
  }
  const { style } = document.documentElement;
  if (asked.fontFamily !== null) style.setProperty('--sans', `${asked.fontFamily}, system-ui, sans-serif`);
  if (asked.accent !== null)
    style.setProperty('--accent', `light-dark(${readable(asked.accent, GROUND.light)}, ${readable(asked.accent, GROUND.dark)})`);
}

function read(query: URLSearchParams): Asked {
  const darkMode = query.get('darkMode');
  const named = query.get('theme');
  const theme =
    named === 'light' || named === 'dark' ? named : darkMode === 'auto' ? 'system' : darkMode === 'true' ? 'dark' : null;
  const accent = /^#?([\da-f]{6}|[\da-f]{3})$/i.exec(query.get('primaryColor') ?? '')?.[1] ?? null;
  const fontFamily = query.get('fontFamily');
  const icon = query.get('icon');
  return {
    theme,
    accent: accent === null ? null : `#${accent.length === 3 ? accent.replace(/./g, '$&$&') : accent}`,
    // Names of fonts alone: nothing that could be another declaration.
    fontFamily: fontFamily !== null && /^[\w\s,'"-]{1,200}$/.test(fontFamily) ? fontFamily : null,
    icon:
      icon !== null && (icon.startsWith('data:image/') || URL.parse(icon, location.origin)?.origin === location.origin)
        ? icon
        : null,
  };
}

/** The colour, made darker or lighter until it can be read on the ground. */
function readable(colour: string, ground: string): string {
  const [own, below] = [channels(colour), luminance(channels(ground))];
  const towards = below > 0.5 ? 0 : 255;
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = own.map((value) => Math.round(value + (towards - value) * share));
    const light = luminance(mixed);
    if ((Math.max(light, below) + 0.05) / (Math.min(light, below) + 0.05) >= CONTRAST) return `rgb(${mixed.join(' ')})`;
  }
  return colour;
}

const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(values: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = values.map((value) => {
    const part = value / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A frame of another site may have no storage. */
function stored(): Asked | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Asked | null;
  } catch {
    return null;
  }
}

function store(value: Asked): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // See above.
  }
}
