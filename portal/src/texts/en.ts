import { applications, audit, deadLetters, health, keys, operationalWebhooks, processes, search, tasks } from './en/console.js';
import { endpoints } from './en/endpoints.js';
import { errors } from './en/errors.js';
import { eventTypes } from './en/event-types.js';
import { kit } from './en/kit.js';
import { messages } from './en/messages.js';
import { overview } from './en/overview.js';
import { shell } from './en/shell.js';
import { verify } from './en/verify.js';

/** Every text that a person reads, by area. Another language is another object of this type. */
export const texts = {
  shell,
  kit,
  errors,
  overview,
  endpoints,
  messages,
  eventTypes,
  verify,
  console: { health, applications, search, deadLetters, tasks, operationalWebhooks, keys, audit, processes },
};
