import type { FastifyReply } from 'fastify';

/** In every answer: a browser does not guess another content type, and sends no part of the URL to other sites. */
export const SAFETY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** Answers may contain secrets and tokens. So nothing may be stored by caches except what says so itself: documents for everybody. */
export const NOT_STORED = { 'cache-control': 'no-store' } as const;

/** Adds the headers to an answer that is about to be sent. An error is never stored. */
export function addSafetyHeaders(reply: FastifyReply): void {
  void reply.headers(SAFETY_HEADERS);
  if (reply.statusCode >= 400 || !reply.hasHeader('cache-control')) void reply.headers(NOT_STORED);
}
