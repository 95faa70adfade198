import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key of an identity provider, with a name. */
export interface SigningPair {
  kid: string;
  algorithm: 'RS256' | 'ES256' | 'EdDSA';
  privateKey: KeyObject;
  /** In PEM. */
  pem: string;
  jwk: Record<string, unknown>;
}

let made = 0;

/** A new key. RSA keys have 2048 bits if nothing else is said. */
export function aPair(algorithm: SigningPair['algorithm'], bits = 2048): SigningPair {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const kid = `key-${++made}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
  return { kid, algorithm, privateKey, pem: publicKey.export({ format: 'pem', type: 'spki' }) as string, jwk };
}

/** Signs claims as an identity provider does. `header` replaces parts of the usual header. */
export function signedBy(pair: SigningPair, claims: Record<string, unknown>, header: object = {}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: pair.algorithm, typ: 'JWT', kid: pair.kid, ...header })}.${encode(claims)}`;
  const hash = pair.algorithm === 'EdDSA' ? null : 'sha256';
  const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${input}.${sign(hash, Buffer.from(input), key).toString('base64url')}`;
}

/** A server on loopback with a JWKS document. */
export interface IdentityProvider {
  url: string;
  /** How often the document was asked for. */
  asked: number;
  /** The keys in it. */
  pairs: SigningPair[];
  /** How it answers; null for the document. */
  answer: ((response: ServerResponse) => void) | null;
  stop(): Promise<void>;
}

/** Starts an identity provider with these keys. */
export async function startIdentityProvider(...pairs: SigningPair[]): Promise<IdentityProvider> {
  const server = createServer((_request, response) => {
    provider.asked++;
    if (provider.answer) return provider.answer(response);
    response.end(JSON.stringify({ keys: provider.pairs.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const provider: IdentityProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    asked: 0,
    pairs,
    answer: null,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
  return provider;
}
