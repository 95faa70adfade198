/** What a resource has to be: every property that it has, and no other. */
export interface Shape {
  /** Where it is made, in infra/. */
  file: string;
  type: string;
  /** Why it is as it is, where a property has no reason of its own. */
  why: string;
  properties: Record<string, unknown>;
  /** DeletionPolicy and UpdateReplacePolicy. */
  when?: readonly [string, string];
}

/** Goes with its stack. */
export const GOES = ['Delete', 'Delete'] as const;
/** Stays when its stack goes, unless the stack could not be made. */
export const STAYS = ['RetainExceptOnCreate', 'Retain'] as const;

export type Shapes = Record<string, Shape>;

/** The same for each item of a list, under the ids that it gives. */
export function each<T>(items: readonly T[], shape: (item: T, at: number) => [string, Shape]): Shapes {
  return Object.fromEntries(items.map(shape));
}
