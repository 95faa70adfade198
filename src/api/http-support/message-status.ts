import { z } from 'zod';
import type { DeliveryStatus } from '../../database/repositories/delivery.repository.js';

const NUMBERS = { success: 0, pending: 1, fail: 2, sending: 3, canceled: 4 } as const;
const TEXTS = { delivered: 'success', open: 'sending', failed: 'fail' } as const satisfies Record<
  DeliveryStatus,
  keyof typeof NUMBERS
>;

export const messageStatus = z.literal([0, 1, 2, 3, 4]).meta({ id: 'MessageStatus' });
export const messageStatusText = z.enum(['success', 'pending', 'fail', 'sending', 'canceled']).meta({ id: 'MessageStatusText' });

/** The two properties of an answer that show a status: a number and its text. */
export const statusOut = { status: messageStatus, statusText: messageStatusText };

/** The properties of `statusOut`. */
export interface StatusOut {
  status: z.output<typeof messageStatus>;
  statusText: z.output<typeof messageStatusText>;
}

/** The status with this text. */
export function toStatusOut(statusText: StatusOut['statusText']): StatusOut {
  return { status: NUMBERS[statusText], statusText };
}

/** The status of a message at an endpoint, as the API shows it. */
export function statusOf(status: DeliveryStatus | 'waiting'): StatusOut {
  return toStatusOut(status === 'waiting' ? 'pending' : TEXTS[status]);
}

/** The status that a client asks for by a number; null for a status that messages never have. */
export function deliveryStatusOf(status: number): DeliveryStatus | null {
  const found = Object.entries(TEXTS).find(([, text]) => NUMBERS[text] === status);
  return (found?.[0] as DeliveryStatus | undefined) ?? null;
}
