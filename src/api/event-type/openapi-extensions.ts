import { z } from 'zod';
import { textOf, type JsonObject } from '../../domain/json-tree.js';
import { featureFlag, featureFlags, groupName } from '../http-support/schemas.js';
import { resolvedFlags } from './feature-flags.js';
import { SpecFault } from './spec-fault.js';

/** The vendor extensions of a webhook that describe its event type; undefined if they are absent. */
export interface Extensions {
  featureFlags: string[] | null | undefined;
  groupName: string | null | undefined;
}

const RULES: Record<string, z.ZodType<string | string[] | null>> = {
  'x-svix-feature-flags': z.union([featureFlags, featureFlag]).nullable(),
  'x-svix-feature-flag': z.union([featureFlag, featureFlags]).nullable(),
  'x-svix-group-name': groupName.nullable(),
};

/**
 * Reads `x-svix-feature-flags` and `x-svix-group-name` from the operation of a webhook, or from its path item. Throws SpecFault.
 *
 * @param path of the webhook in the document
 */
export function extensionsOf(path: string[], operation: JsonObject, item: JsonObject): Extensions {
  const said = (name: string) => valueOf(path, name, operation) ?? valueOf(path, name, item);
  const flags = said('x-svix-feature-flags') ?? said('x-svix-feature-flag');
  return {
    featureFlags:
      flags &&
      resolvedFlags(
        undefined,
        [flags.value].flat().filter((flag) => flag !== null),
      ),
    groupName: said('x-svix-group-name')?.value as string | null | undefined,
  };
}

function valueOf(path: string[], name: string, { members }: JsonObject): { value: string | string[] | null } | undefined {
  const given = members.get(name);
  if (given === undefined) return undefined;
  const result = RULES[name]!.safeParse(JSON.parse(textOf(given)));
  if (!result.success) throw new SpecFault([...path, name], 'Each must have only letters, digits, "-", "_" and "."');
  return { value: result.data };
}
