/** What stands in a text for a credential. */
const HIDDEN = '****';
/** API keys, signing secrets and JWTs, whole or cut, as they may stand in a path. The limit of a header bounds the work for hostile paths. */
const CREDENTIALS = /phk_[\w-]{9,}|whs[ek]c?_[\w+/=%-]{9,}|eyJ[\w-]{9,500}\.[\w-]+(\.[\w-]*)?/g;

/** The text without the credentials of this service. A caller may write one where an id belongs, and such texts are logged and kept. */
export function withoutCredentials(text: string): string {
  return text.replace(CREDENTIALS, HIDDEN);
}
