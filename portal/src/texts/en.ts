import { applications } from './en/console/applications.js';
import { audit } from './en/console/audit.js';
import { deadLetters } from './en/console/dead-letters.js';
import { catalogue } from './en/console/event-types.js';
import { health } from './en/console/health.js';
import { keys } from './en/console/keys.js';
import { operationalWebhooks } from './en/console/operational-webhooks.js';
import { processes } from './en/console/processes.js';
import { role } from './en/console/role.js';
import { search } from './en/console/search.js';
import { tasks } from './en/console/tasks.js';
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
  console: {
    role,
    health,
    applications,
    search,
    catalogue,
    deadLetters,
    tasks,
    operationalWebhooks,
    keys,
    audit,
    processes,
  },
};
