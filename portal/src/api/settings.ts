import { useQuery } from '@tanstack/react-query';
import { noteServerTime } from '../clock.js';
import * as texts from '../texts/en.js';
import { keys } from './keys.js';

/** What the team has set: how the pages are called and look. */
export interface Settings {
  /** Null: the pages are called as in the texts, and go back to "the product". */
  name: string | null;
  /** A path of this origin or a data: URL; null for the horn. */
  logo: string | null;
  accent: { light: string; dark: string } | null;
  /** How the names of the headers begin that carry signatures. */
  signatureHeaders: 'webhook' | 'svix' | 'both';
  /** What the URL of an endpoint must be. */
  urls: UrlRules;
  /** The pauses before a failed message is tried again, in seconds; null if they are not known. */
  retrySchedule: readonly number[] | null;
}

/** The rules of this installation for the URL of an endpoint. A port is refused elsewhere than at loopback. */
export interface UrlRules {
  httpsOnly: boolean;
  refusedPorts: readonly number[];
}

const LIMIT_MS = 30_000;

const NONE: Settings = {
  name: null,
  logo: null,
  accent: null,
  signatureHeaders: 'webhook',
  urls: { httpsOnly: false, refusedPorts: [] },
  retrySchedule: null,
};

/** The settings, once known. `ready` is false for the first moment, in which the place of name and logo is kept. */
export function useSettings(): Settings & { ready: boolean; product: string } {
  const { data, isPending } = useQuery({
    queryKey: keys.settings,
    queryFn: async (): Promise<Settings> => {
      const sentAt = Date.now();
      const answer = await fetch('/portal/settings.json', { signal: AbortSignal.timeout(LIMIT_MS) });
      noteServerTime(answer.headers.get('date'), sentAt);
      return answer.ok ? { ...NONE, ...((await answer.json()) as Partial<Settings>) } : NONE;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const settings = data ?? NONE;
  return { ...settings, ready: !isPending, product: settings.name ?? texts.shell.expired.product };
}

/** How often a message is tried at an endpoint before it is given up; null if that is not known. */
export function useMostAttempts(): number | null {
  const { retrySchedule } = useSettings();
  return retrySchedule === null ? null : retrySchedule.length + 1;
}
