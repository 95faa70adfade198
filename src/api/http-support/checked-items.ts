import type { z } from 'zod';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import { InvalidInput, MAX_PROBLEMS, type InputProblem } from './api-error.js';
import { bodyProblems } from './contract.pipe.js';

/**
 * Checks the items of a long list in steps. Throws InvalidInput with the first problems.
 *
 * @param more what the schema does not check, because it needs steps itself
 * @param sources the source text of each item, for the size of the steps
 */
export function* checkedItems<Item extends z.ZodType>(
  item: Item,
  given: readonly unknown[],
  sources: readonly Buffer[],
  loc: readonly string[],
  more: (checked: z.output<Item>) => Stepwise<InputProblem[]>,
): Stepwise<z.output<Item>[]> {
  const size = new StepSize();
  const checked: z.output<Item>[] = [];
  const problems: InputProblem[] = [];
  for (const [at, value] of given.entries()) {
    const result = item.safeParse(value);
    const own = result.success ? yield* more(result.data) : bodyProblems(result.error);
    problems.push(...own.map((problem) => ({ ...problem, loc: [...loc, `[${at}]`, ...problem.loc.slice(1)] })));
    if (result.success) checked.push(result.data);
    if (problems.length >= MAX_PROBLEMS) break;
    if (size.isFull(sources[at]!.length)) yield;
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return checked;
}
