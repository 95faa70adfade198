import * as texts from '../texts/en.js';
import type { UrlRules } from './settings.js';

const words = texts.endpoints.form.rules;
const MAX_URL = 8192;

/** What is wrong with the URL of an endpoint, before the server is asked; null if nothing is. */
export function urlProblem(text: string, { httpsOnly, refusedPorts }: UrlRules): string | null {
  const url = text.trim();
  if (url === '') return words.urlMissing;
  if (url.length > MAX_URL) return texts.kit.rules.tooLong(MAX_URL);
  const parsed = URL.parse(url);
  // A browser takes a host with a space.
  if (parsed === null || /^[^/]+:\/\/[^/?#]*\s/.test(url)) return words.urlForm;
  if (parsed.protocol !== 'https:' && (httpsOnly || parsed.protocol !== 'http:'))
    return httpsOnly ? words.urlHttps : words.urlScheme;
  const { port } = parsed;
  return port !== '' && refusedPorts.includes(Number(port)) && !isLoopback(parsed.hostname) ? words.urlPort(port) : null;
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
