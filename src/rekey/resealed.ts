import type { EndpointSeal, EndpointSealing } from '../database/endpoint-sealing.js';
import type { Endpoint } from '../database/entities/endpoint.entity.js';

/** The columns of an endpoint that hold sealed texts. */
export type SealedColumns = Pick<Endpoint, 'secrets' | 'sealedHeaders'>;

/** Every sealed text of an endpoint. */
export function sealedTextsOf({ secrets, sealedHeaders }: SealedColumns): string[] {
  return [...secrets.map(({ sealed }) => sealed), ...(sealedHeaders === null ? [] : [sealedHeaders])];
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
  };
}
