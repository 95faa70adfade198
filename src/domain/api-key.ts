import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Begins every API key, so that people and secret scanners recognise one. */
const PREFIX = 'phk_';
const SECRET_BYTES = 32;
const CHECK_CHARS = 6;
/** The prefix, 32 bytes in base64url, and the checksum. */
const KEY = /^phk_[A-Za-z0-9_-]{43}[0-9a-f]{6}$/;
/** How much of a key lists show, so that people can tell their keys apart. */
const HINT_CHARS = PREFIX.length + 4;

/** A new API key: 256 random bits, and a checksum of the text before it. */
export function newApiKey(): string {
  const text = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  return text + checksumOf(text);
}

/** Whether a token claims to be an API key. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** Whether the text can be an API key: its checksum is right. A mistyped one is refused by this without a look-up. */
export function isApiKey(token: string): boolean {
  return KEY.test(token) && checksumOf(token.slice(0, -CHECK_CHARS)) === token.slice(-CHECK_CHARS);
}

/** What is stored of a key. A key has 256 random bits, so a plain hash can't be reversed by guessing. */
export function apiKeyHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** The first characters of a key. */
export function apiKeyHint(token: string): string {
  return token.slice(0, HINT_CHARS);
}

/** The low 24 bits of the CRC-32 in hex. It finds mistakes; it protects nothing. */
function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0').slice(-CHECK_CHARS);
}
