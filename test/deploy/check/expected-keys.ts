import { nameOf } from './taskdef-model.js';
import type { Path } from './source.js';

/** The keys that an object may have, and what may be in them: `true` for anything. A list is looked through. */
export interface Keys {
  readonly [key: string]: Keys | true;
}

/** Why a key is not wanted: by its names from the top, without the indexes of lists (`containerDefinitions.command`). */
export type Reasons = Readonly<Record<string, string>>;

interface Found {
  path: Path;
  message: string;
}

/**
 * Everything that is not expected is refused: a key that no rule looks at would pass unread. `home` is the file in which the
 * expected keys are written.
 */
export function unexpectedKeys(value: unknown, keys: Keys, reasons: Reasons, home: string): Found[] {
  const found: Found[] = [];
  const look = (inner: unknown, expected: Keys | true, path: Path): void => {
    if (expected === true || typeof inner !== 'object' || inner === null) return;
    if (Array.isArray(inner)) return inner.forEach((item, index) => look(item, expected, [...path, index]));
    for (const [key, next] of Object.entries(inner)) {
      const at = [...path, key];
      if (Object.hasOwn(expected, key)) look(next, expected[key]!, at);
      else found.push({ path: at, message: refusal(at, reasons, home) });
    }
  };
  look(value, keys, []);
  return found;
}

function refusal(path: Path, reasons: Reasons, home: string): string {
  const names = path.filter((key) => typeof key === 'string').join('.');
  const reason = reasons[names] ?? `no rule knows what it must be. If it is needed, add it to ${home} with a rule for its value`;
  return `remove ${nameOf(path)}: ${reason}`;
}
