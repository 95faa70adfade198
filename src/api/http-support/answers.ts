import { z } from 'zod';

/** A point in time. In the code it is a Date, in the answer its ISO 8601 text in UTC. */
export const time = z.date();

/** Names that something is limited to; null if it is not limited. */
export const names = z.array(z.string()).nullable();

/** The caller's own metadata. */
export const metadataOut = z.record(z.string(), z.string());

/** An empty object, for clients that expect a body. */
export const emptyResponse = z.object({}).meta({ id: 'EmptyResponse' });

/** One page of a list, as `pageOf` makes it. Its name in the document comes from the name of its items. */
export function listOf<Item extends z.ZodType>(item: Item) {
  const page = z.object({
    data: z.array(item),
    iterator: z.string().nullable(),
    prevIterator: z.string().optional(),
    done: z.boolean(),
  });
  return page.meta({ id: `ListResponse_${item.meta()?.id}_` });
}
