import * as texts from '../texts/en.js';

const words = texts.kit.rules;

// The limits of the API (its OpenAPI document), told before the request.
const MAX_TEXT = 65_536;
const MAX_NAME = 256;
const NAME = /^[a-zA-Z0-9\-_.]+$/;
/** The last of the control characters that the API refuses. Tab and line feed come after it. */
const LAST_CONTROL = '\u0008';

/** What is wrong with a text for people to read. */
export function textProblem(text: string, max = MAX_TEXT): string | null {
  if (text.length > max) return words.tooLong(max);
  return Array.from(text).some((character) => character <= LAST_CONTROL) ? words.controls : null;
}

/** Whether the API takes it as a name. */
export function isPlainName(name: string): boolean {
  return name.length <= MAX_NAME && NAME.test(name);
}

/** Whether the API takes it as a name that stands in paths, where dots are steps. */
export function isPathName(name: string): boolean {
  return isPlainName(name) && name !== '.' && name !== '..';
}
