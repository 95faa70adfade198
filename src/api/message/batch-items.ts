import { isUtf8 } from 'node:buffer';
import { isTooDeep, MAX_LEVELS } from '../../domain/json-depth.js';
import { checkedItemSources, sourceInSteps } from '../../domain/json-source.js';
import { JsonTooDeep, parsedInSteps } from '../../domain/json-steps.js';
import { STEP_CHARS, StepSize, type Stepwise } from '../../domain/stepwise.js';
import { invalid, WRONG_SHAPE, type InputProblem } from '../http-support/api-error.js';
import { BODY_LIMIT_BYTES } from '../http-support/bounded.js';
import { bodyProblems, bodyTooDeep } from '../http-support/contract.pipe.js';
import { batchTooLarge, MAX_MESSAGES } from './message-batch.schemas.js';
import { payloadIn } from './message-creation.js';
import { messageIn, type MessageIn } from './message.schemas.js';

/** After so many problems in a batch, each message is answered with one of its own. */
const MAX_BATCH_PROBLEMS = 1_000;
/** Other keys than `messages` have no meaning. So there is no reason for many of them. */
const MAX_OTHER_BYTES = 65_536;
const EMPTY_LIST = Buffer.from('[]');

/** A message of a batch, with the bytes to deliver; or why it is refused. */
export type BatchItem = { message: MessageIn; payload: Buffer } | { problems: InputProblem[] };

/**
 * The messages of a batch, each parsed and checked by itself. A body of 16 MiB would hold the event loop too long if it were parsed at
 * once. Throws InvalidInput if the body is no JSON or no batch, and a 413 if it has too many messages.
 */
export function* batchItems(body: Buffer): Stepwise<BatchItem[]> {
  if (!isUtf8(body)) throw invalid(['body'], 'The body is not UTF-8', WRONG_SHAPE);
  const sources = yield* checkedItemSources(yield* listIn(body), MAX_MESSAGES);
  if (sources === null) throw notJson();
  if (sources.length > MAX_MESSAGES) throw batchTooLarge(`A batch has at most ${MAX_MESSAGES} messages, this one has more`);
  if (sources.length === 0) throw notABatch();
  const size = new StepSize();
  const items: BatchItem[] = [];
  let problems = 0;
  for (const source of sources) {
    const item = yield* itemOf(source, Math.max(1, MAX_BATCH_PROBLEMS - problems));
    if ('problems' in item) problems += item.problems.length;
    items.push(item);
    if (size.isFull(source.length)) yield;
  }
  return items;
}

/** The bytes of the list: the whole body, or the value of `messages`. What is beside it is parsed here. */
function* listIn(body: Buffer): Stepwise<Buffer> {
  const list = yield* sourceInSteps(body, 'messages');
  if (list === null || list.length === 0) {
    if (body.length > 0 && /^\s*\[/.test(body.toString('latin1', 0, MAX_OTHER_BYTES))) return body;
    if (body.length > MAX_OTHER_BYTES) throw tooMuchBeside();
    throw isJson(body) ? notABatch() : notJson();
  }
  const start = list.byteOffset - body.byteOffset;
  const others = [body.subarray(0, start), EMPTY_LIST, body.subarray(start + list.length)];
  if (body.length - list.length > MAX_OTHER_BYTES) throw tooMuchBeside();
  if (!isJson(Buffer.concat(others))) throw notJson();
  if (list[0] !== EMPTY_LIST[0]) throw isJson(list.subarray(0, MAX_OTHER_BYTES)) ? notABatch() : notJson();
  return list;
}

function* itemOf(source: Buffer, maxProblems: number): Stepwise<BatchItem> {
  if (source.length > BODY_LIMIT_BYTES) {
    const msg = `A message must not be longer than ${BODY_LIMIT_BYTES} bytes`;
    return { problems: [{ loc: ['body'], msg, type: 'value_error' }] };
  }
  const given = yield* parsed(source);
  if (given === null) return { problems: [bodyTooDeep()] };
  const { data: message, error } = messageIn.safeParse(given.value);
  return message ? { message, payload: payloadIn(message, source) } : { problems: bodyProblems(error!, maxProblems) };
}

/** The value of a message; null if it is nested too deeply. */
function* parsed(source: Buffer): Stepwise<{ value: unknown } | null> {
  const text = source.toString();
  try {
    if (source.length > STEP_CHARS) return { value: yield* parsedInSteps(text, MAX_LEVELS) };
    const value: unknown = JSON.parse(text);
    return isTooDeep(source) ? null : { value };
  } catch (error) {
    if (error instanceof JsonTooDeep) return null;
    throw notJson();
  }
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

function notJson(): Error {
  return invalid(['body'], 'The body is not valid JSON', WRONG_SHAPE);
}

function tooMuchBeside(): Error {
  return invalid(['body'], `Beside "messages" there must not be more than ${MAX_OTHER_BYTES} bytes`);
}

function notABatch(): Error {
  return invalid(['body'], 'Must be a list of messages that is not empty, or an object with one under "messages"');
}
