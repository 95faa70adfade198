export type Capability =
  'ViewBase' | 'ViewEndpointSecret' | 'ManageEndpointSecret' | 'ManageTransformations' | 'CreateAttempts' | 'ManageEndpoint';

/** Who a token speaks for, as far as the page can know without asking. The server decides. */
export interface Caller {
  kind: 'application' | 'organization' | 'operator' | 'key';
  orgId: string | null;
  /** Only of an application's token. */
  appId: string | null;
  /** Null if nothing limits it. */
  capabilities: readonly Capability[] | null;
}

/** Reads the claims of a token. Anything that is no JWT is taken for an API key. */
export function claimsOf(token: string): Caller {
  const claims = payloadOf(token);
  if (!claims) return { kind: 'key', orgId: null, appId: null, capabilities: null };
  const { sub, org, operator, capabilities } = claims;
  if (operator === true) return { kind: 'operator', orgId: null, appId: null, capabilities: null };
  if (typeof org !== 'string') return { kind: 'organization', orgId: textOf(sub), appId: null, capabilities: null };
  const known = Array.isArray(capabilities) ? (capabilities as Capability[]) : null;
  return { kind: 'application', orgId: org, appId: textOf(sub), capabilities: known };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

function payloadOf(token: string): Record<string, unknown> | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return null;
  }
}
