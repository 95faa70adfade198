import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { JsonPieces } from './json-text.js';

/** The tags of operations, in the order of the document: what a newcomer needs comes first. */
export const TAGS = [
  'Application',
  'Endpoint',
  'Message',
  'Message Attempt',
  'Event Type',
  'Authentication',
  'Operational Webhook',
  'Poller',
  'Background Task',
  'Statistics',
  'Limits',
  'Environment',
  'Dead Letters',
  'Running Task',
  'Audit Log',
  'Search',
  'Health',
] as const;
export type TagName = (typeof TAGS)[number];

/** The body of each successful answer by its status; null for an answer without a body. */
export type Answers = Record<number, z.ZodType | null>;

/** What the OpenAPI document says of an operation, besides what the route itself shows. */
export interface OperationInfo<A extends Answers = Answers> {
  /** Generated clients name the operation by it. */
  id: string;
  /** What it does, in one line. */
  summary: string;
  /** What else a caller must know. */
  text?: string;
  /** There is another operation that clients should call instead. */
  deprecated?: boolean;
  answers: A;
  /** Schemas of query parameters that mean something else here than in other operations. */
  query?: Record<string, z.ZodType>;
}

/** What a handler may return, by its answers. */
type Returned<A extends Answers> = {
  [Status in keyof A]: A[Status] extends z.ZodType ? Answer<z.output<A[Status]>> : void;
}[keyof A];
type Answer<T> = T | JsonPieces<T>;

/** Metadata keys of a handler's OperationInfo, and of a controller's tag. */
export const OPERATION = 'posthorn:operation';
export const TAG = 'posthorn:tag';

/**
 * Describes the operation that a handler serves. The compiler checks that the handler returns what `answers` says, so the code and
 * the document can not differ. A test fails for a route of the API that has none.
 */
export function Operation<A extends Answers>(info: OperationInfo<A>) {
  return <Handler extends (...args: never[]) => Returned<A> | Promise<Returned<A>>>(
    controller: object,
    name: string,
    handler: TypedPropertyDescriptor<Handler>,
  ): void => {
    SetMetadata(OPERATION, info)(controller, name, handler);
  };
}

/** The tag of a controller's operations. */
export function Tag(name: TagName) {
  return SetMetadata(TAG, name);
}
