import { useSyncExternalStore } from 'react';
import { claimsOf, type Caller } from './claims.js';

export type Place = 'portal' | 'console';

/** The key that the page was opened with, and whether the server still accepts it. */
export interface Session {
  place: Place;
  token: string | null;
  caller: Caller | null;
  /** The server has refused the token. Nothing more is asked. */
  expired: boolean;
  /** The server has accepted the token before, so there may be something typed on the page. */
  used: boolean;
}

/** What another token, or none, means for what is kept in the page. */
export interface TokenChange {
  hasToken: boolean;
  /** What was typed may stay: the token speaks for the same one as before, or the one before has only expired. */
  sameOwner: boolean;
}

const KEYS: Record<Place, string> = { portal: 'posthorn.portal', console: 'posthorn.console' };

let session: Session = { place: 'portal', token: null, caller: null, expired: false, used: false };
const listeners = new Set<() => void>();
let owner: Caller | null = null;
const onOther: ((change: TokenChange) => void)[] = [];

function change(next: Partial<Session>): void {
  session = { ...session, ...next };
  for (const listener of listeners) listener();
}

/** What is known now, outside of components. */
export const currentSession = (): Session => session;

/** What is known, in a component. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}

/** Takes the token from the address bar or from this tab's storage. Called before anything else, so that it leaves the address at once. */
export function startSession(place: Place): void {
  session = { ...session, place };
  adopt(place === 'portal' ? (takeFromAddress() ?? stored()) : stored());
  if (place === 'portal')
    addEventListener('hashchange', () => {
      const token = takeFromAddress();
      if (token) adopt(token);
    });
}

/** Keeps a token for this tab. */
export function adopt(token: string | null): void {
  const { token: before, expired } = session;
  const caller = token === null ? null : claimsOf(token);
  const sameOwner = caller === null ? expired : isSame(owner, caller);
  owner = caller ?? owner;
  store(token);
  session = { ...session, token, caller, expired: false, used: false };
  // Before anything is drawn with the new token.
  if (token !== before) for (const listener of onOther) listener({ hasToken: token !== null, sameOwner });
  change({});
}

/** Calls back when another token is kept, or none any more. */
export function onAnotherToken(listener: (change: TokenChange) => void): void {
  onOther.push(listener);
}

/** A key does not tell whose it is. */
const isSame = (one: Caller | null, other: Caller) =>
  one !== null && one.kind === other.kind && one.kind !== 'key' && one.orgId === other.orgId && one.appId === other.appId;

/** Forgets the token. */
export const signOut = (): void => adopt(null);

/** The server has answered 401. The page stays, so nothing typed is lost; no more requests are sent. */
export function expire(): void {
  if (!session.expired) change({ expired: true });
}

/** The server has answered with the token. */
export function markUsed(): void {
  if (!session.used) change({ used: true });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function takeFromAddress(): string | null {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get('token');
  if (token === null) return null;
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  return token;
}

/** Storage may be refused to a frame of another site: then the token lives as long as the page. */
function stored(): string | null {
  try {
    return sessionStorage.getItem(KEYS[session.place]);
  } catch {
    return null;
  }
}

function store(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(KEYS[session.place]);
    else sessionStorage.setItem(KEYS[session.place], token);
  } catch {
    // See above.
  }
}
