/**
 * Every text that a person reads, by area: the pages import this as `texts`. Another language is another module with the same exports. Each page loads
 * only the texts of its own area.
 */
export { endpoints } from './en/endpoints.js';
export { errors } from './en/errors.js';
export { eventTypes } from './en/event-types.js';
export { kit } from './en/kit.js';
export { messages } from './en/messages.js';
export { overview } from './en/overview.js';
export { pages } from './en/pages.js';
export { reasons } from './en/attempt-reasons.js';
export { shell } from './en/shell.js';
export { verify } from './en/verify.js';
export * as console from './en/console.js';
