import { existsSync } from 'node:fs';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The program of an installed Chromium: CHROMIUM, or one at a usual place. Throws, saying what to do, where there is none. */
export function chromiumPath(): string {
  const { CHROMIUM: given } = process.env;
  const found = (given ? [given] : USUAL).find((path) => existsSync(path));
  if (found) return found;
  const where = given ? `CHROMIUM names ${given}, which is not there` : `it is at none of ${USUAL.join(', ')}`;
  throw new Error(`Chromium is missing: ${where}. Debian: apt-get install chromium. Elsewhere name the program in CHROMIUM.`);
}
