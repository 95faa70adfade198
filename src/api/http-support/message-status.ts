import type { Standing } from '../../database/repositories/delivery.repository.js';

const NUMBERS = { success: 0, pending: 1, fail: 2, sending: 3 } as const;
const TEXTS = { delivered: 'success', open: 'sending', failed: 'fail' } as const satisfies Record<Standing, keyof typeof NUMBERS>;

/** The two spellings of a status that answers carry side by side. */
export interface Status {
  status: number;
  statusText: keyof typeof NUMBERS;
}

/** How a message stands with an endpoint, as the API says it. */
export function statusOf(standing: Standing): Status {
  const statusText = TEXTS[standing];
  return { status: NUMBERS[statusText], statusText };
}

/** Which standing a client asks for by its number; null for one that no message is ever in. */
export function standingOf(status: number): Standing | null {
  const found = Object.entries(TEXTS).find(([, text]) => NUMBERS[text] === status);
  return (found?.[0] as Standing | undefined) ?? null;
}
