import type { EndpointName, EndpointSeal, EndpointSealing } from '../endpoint-sealing.js';
import type { Endpoint } from '../entities/endpoint.entity.js';
import { maskedUrl, passwordIn, receiverOf } from '../../domain/url-password.js';

/** The columns of an endpoint that hold sealed texts. */
export type SealedColumns = Pick<Endpoint, 'secrets' | 'sealedHeaders' | 'url' | 'sealedPassword'>;

/** Every sealed text of an endpoint. */
export function sealedTextsOf({ secrets, sealedHeaders, sealedPassword }: SealedColumns): string[] {
  return [...secrets.map(({ sealed }) => sealed), sealedHeaders, sealedPassword].filter((text) => text !== null);
}

/** What changes if everything of an endpoint is sealed with `seal`. Empty if nothing does. Throws SealBroken. */
export function resealed(
  endpoint: Endpoint,
  orgId: string,
  sealing: EndpointSealing,
  seal: EndpointSeal,
): Partial<SealedColumns> {
  const name = { ...endpoint, orgId };
  const again = (field: 'secret' | 'headers', sealed: string) =>
    seal.isCurrent(sealed) ? sealed : seal.seal(name, field, sealing.open(name, field, sealed));
  const secrets = endpoint.secrets.map((secret) => ({ ...secret, sealed: again('secret', secret.sealed) }));
  const sealedHeaders = endpoint.sealedHeaders === null ? null : again('headers', endpoint.sealedHeaders);
  return {
    ...(secrets.some(({ sealed }, at) => sealed !== endpoint.secrets[at]!.sealed) && { secrets }),
    ...(sealedHeaders !== endpoint.sealedHeaders && { sealedHeaders }),
    ...resealedUrl(endpoint, name, sealing, seal),
  };
}

/** A password that is still in the URL is sealed too. */
function resealedUrl(
  { url, sealedPassword }: Endpoint,
  name: EndpointName,
  sealing: EndpointSealing,
  seal: EndpointSeal,
): Partial<SealedColumns> {
  const sealed = (password: string) => seal.seal(name, 'password', password, receiverOf(url));
  if (sealedPassword === null) {
    const password = passwordIn(url);
    return password === null ? {} : { url: maskedUrl(url), sealedPassword: sealed(password) };
  }
  if (seal.isCurrent(sealedPassword)) return {};
  return { sealedPassword: sealed(sealing.open(name, 'password', sealedPassword, receiverOf(url))) };
}
