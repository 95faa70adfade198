import type { Source } from '../model.js';

/** Answers one action of an API, or throws an AwsError. The input is as its reference has it. */
export type Action = (input: Record<string, any>) => object | Promise<object>;

/** A service of AWS, as far as it is modelled. */
export interface ApiService {
  /** What people call it. */
  name: string;
  /** As whom it writes into the journal. */
  source: Source;
  /** How requests name it: the prefix of X-Amz-Target, or the version of a query API. */
  key: string;
  /** Of the answers, if they are XML. */
  xmlNamespace?: string;
  actions: Readonly<Record<string, Action>>;
}

/** How AWS writes a time in JSON: seconds since 1970. */
export function epoch(date: Date | null): number | undefined {
  return date ? date.getTime() / 1_000 : undefined;
}
