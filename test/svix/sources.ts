import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A call of a client: its method and the template of its path. */
export interface Call {
  method: string;
  path: string;
}

const MODULES = resolve(import.meta.dirname, '../../node_modules');

/** Where the official clients make their requests, and how they say method and path there. */
const CLIENTS = {
  svix: { folder: 'svix/dist', request: /new SvixRequest\(/g, call: /new SvixRequest\("([A-Z]+)",\s*"([^"]+)"\)/g },
  'svix-1': {
    folder: 'svix-1/dist',
    request: /new request_1\.SvixRequest\(/g,
    call: /new request_1\.SvixRequest\(request_1\.HttpMethod\.([A-Z]+),\s*"([^"]+)"\)/g,
  },
};

/** Every call that is in the source text of the official clients, exported or not. Throws if one is written in a way not known here. */
export function callsOfClients(): Call[] {
  const calls = new Map<string, Call>();
  for (const { folder, request, call } of Object.values(CLIENTS)) {
    const text = textOf(resolve(MODULES, folder));
    const found = [...text.matchAll(call)];
    const requests = text.match(request)?.length ?? 0;
    if (found.length === 0 || found.length !== requests)
      throw new Error(`${folder} makes ${requests} requests, and of ${found.length} is known where they go`);
    for (const [, method, path] of found) calls.set(`${method} ${path}`, { method: method!, path: path! });
  }
  return [...calls.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function textOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name));
  return files.map((name) => readFileSync(resolve(folder, name), 'utf8')).join('\n');
}

const APP = '/api/v1/app/{app_id}';

/** Calls that other official clients and tools have (Rust, the command line, Terraform, early versions), and these two don't. */
export const OTHER_CALLS: Call[] = [
  { method: 'GET', path: '/api/v1/auth/whoami' },
  { method: 'POST', path: '/api/v1/auth/one-time-token' },
  { method: 'GET', path: '/api/v1/management/authentication/api-token' },
  { method: 'POST', path: '/api/v1/management/authentication/api-token' },
  { method: 'POST', path: '/api/v1/management/authentication/api-token/{key_id}/expire' },
  { method: 'POST', path: '/api/v1/management/environment' },
  { method: 'PATCH', path: '/api/v1/management/environment/{environment_id}' },
  { method: 'GET', path: '/api/v1/environment/settings' },
  { method: 'PUT', path: `${APP}/endpoint/{endpoint_id}/auto-config` },
  { method: 'GET', path: `${APP}/autoconfig/{autoconfig_id}` },
  { method: 'PUT', path: `${APP}/autoconfig/{autoconfig_id}/endpoint` },
  { method: 'PUT', path: `${APP}/autoconfig/{autoconfig_id}/destination` },
  { method: 'GET', path: `${APP}/polling-endpoint/{sink_id}/consumer/{consumer_id}` },
  { method: 'POST', path: `${APP}/polling-endpoint/{sink_id}/consumer/{consumer_id}/commit` },
  { method: 'GET', path: `${APP}/events` },
  { method: 'GET', path: `${APP}/events/subscription/{subscription_id}` },
  { method: 'POST', path: `${APP}/inbound/rotate-url` },
  { method: 'PUT', path: `${APP}/endpoint/{endpoint_id}/mtls` },
  { method: 'PUT', path: `${APP}/endpoint/{endpoint_id}/oauth` },
  { method: 'POST', path: `${APP}/endpoint/{endpoint_id}/transformation/simulate` },
  { method: 'GET', path: '/api/v1/transformation-template' },
  { method: 'POST', path: '/api/v1/transformation-template/oauth/discord' },
  { method: 'POST', path: '/api/v1/broadcast' },
  { method: 'GET', path: '/api/v1/stats/app/{app_id}/attempt' },
  { method: 'GET', path: '/api/v1/stats/app/{app_id}/ep/{endpoint_id}/attempt' },
  { method: 'POST', path: '/api/v1/event-type/schema/generate-example' },
];
