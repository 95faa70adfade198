import type { EndpointName, EndpointSeal, EndpointSealing } from '../../database/endpoint-sealing.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { DataKeyAway } from '../../domain/data-key.js';
import { hasMask, maskedUrl, passwordIn, receiverOf, withPassword } from '../../domain/url-password.js';
import { invalid } from '../http-support/api-error.js';

/** The columns of a URL. With a sealed password, `url` has a mask in its place. */
export type UrlColumns = Pick<Endpoint, 'url' | 'sealedPassword'>;

const MASK_REFUSED =
  'The password in the URL is the mask with which passwords are shown. It keeps the password of this endpoint only ' +
  'together with the same scheme, host, port and user: write the password itself';

/**
 * A given URL as it is stored. Its password is sealed, for its receiver: with another host or user beside it, it does not open. A URL
 * with the mask, as the API shows it, keeps the password that is stored.
 *
 * While an older release may be beside this one, the password stays in `url`, where that release reads it.
 *
 * @param current the endpoint's columns now; null for a new endpoint
 * @throws InvalidInput if the mask stands for no password
 */
export function storedUrl(
  url: string,
  name: EndpointName,
  current: UrlColumns | null,
  { sealing, seal }: { sealing: EndpointSealing; seal: EndpointSeal },
): UrlColumns {
  const kept = current !== null && isSameReceiver(url, current.url) ? current : null;
  if (hasMask(url)) {
    if (kept?.sealedPassword) return { url, sealedPassword: kept.sealedPassword };
    const password = kept && passwordIn(kept.url);
    if (!password) throw invalid(['body', 'url'], MASK_REFUSED);
    return storedUrl(withPassword(url, password), name, current, { sealing, seal });
  }
  const password = passwordIn(url);
  if (password === null || !seal.bound) return { url, sealedPassword: null };
  const receiver = receiverOf(url);
  // The same text if it is the same password: a request that changes nothing writes nothing.
  const isKept = kept?.sealedPassword && opened(sealing, name, kept.sealedPassword, receiver) === password;
  return {
    url: maskedUrl(url),
    sealedPassword: isKept ? kept.sealedPassword : seal.seal(name, 'password', password, receiver),
  };
}

/** The URL to store if none was given: a password that is not sealed yet is sealed now. Undefined if nothing is to change. */
export function urlToSeal({ url }: UrlColumns, { bound }: EndpointSeal): string | undefined {
  return bound && passwordIn(url) !== null ? url : undefined;
}

function isSameReceiver(one: string, other: string): boolean {
  return URL.canParse(other) && JSON.stringify(receiverOf(one)) === JSON.stringify(receiverOf(other));
}

/** Null if it can't be opened: then the given password replaces it. Throws DataKeyAway, because that passes. */
function opened(sealing: EndpointSealing, name: EndpointName, sealed: string, receiver: readonly string[]): string | null {
  try {
    return sealing.open(name, 'password', sealed, receiver);
  } catch (error) {
    if (error instanceof DataKeyAway) throw error;
    return null;
  }
}
