import { createContext, useContext, useMemo, type ReactNode } from 'react';
import * as texts from '../texts/en.js';
import type { Capability } from './claims.js';
import { useSession } from './session.js';

interface ApplicationContext {
  appId: string;
  base: string;
}

const Context = createContext<ApplicationContext | null>(null);

/** Says whose endpoints and messages the pages below show. `base` is what their paths begin with. */
export function ApplicationProvider({ appId, base, children }: ApplicationContext & { children: ReactNode }) {
  const value = useMemo(() => ({ appId, base }), [appId, base]);
  return <Context value={value}>{children}</Context>;
}

/** The application of this page. `at('/endpoints')` is the path of one of its pages, in the portal and in the console alike. */
export function useApplication(): { appId: string; at: (path: string) => string } {
  const context = useContext(Context);
  if (!context) throw new Error('This page is not below an application.');
  return { appId: context.appId, at: (path) => `${context.base}${path}` };
}

/** Why the token does not allow this; null if it does. For the `cannot` of buttons. */
export function useCannot(capability: Capability): string | null {
  const { caller } = useSession();
  const capabilities = caller?.capabilities ?? null;
  if (capabilities === null || capabilities.includes(capability)) return null;
  return capabilities.every((known) => known === 'ViewBase') ? texts.shell.readOnlyReason : texts.shell.missing[capability];
}

/** Whether nothing at all can be changed. */
export function useReadOnly(): boolean {
  const capabilities = useSession().caller?.capabilities ?? null;
  return capabilities !== null && capabilities.every((known) => known === 'ViewBase' || known === 'ViewEndpointSecret');
}
