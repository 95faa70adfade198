import type { Installation } from '../support/judged.ts';
import { shortId } from '../rules/plain.ts';
import type { RawResource } from '../rules/unit.ts';

/** A slip that somebody could make in infra/lib, as it shows in the templates. */
export interface Mistake {
  name: string;
  plant: (installation: Installation) => void;
  /** Part of what is said of it: where it is, and what to change. */
  says: string;
}

export function mistake(name: string, plant: Mistake['plant'], says: string): Mistake {
  return { name, plant, says };
}

/** Gives a property another value; `undefined` removes it. `path` begins below Properties. */
export function set(id: string, path: string, value: unknown): Mistake['plant'] {
  return (installation) => {
    const keys = path.split('.');
    const last = keys.pop()!;
    const properties = (resource(installation, id).Properties ??= {});
    const inner = keys.reduce((at, key) => (at[key] ??= {}), properties);
    if (value === undefined) delete inner[last];
    else inner[last] = value;
  };
}

/** Changes a resource, with its dependencies and policies. */
export function change(id: string, how: (found: RawResource) => void): Mistake['plant'] {
  return (installation) => how(resource(installation, id));
}

/** Changes the text of the properties, as JSON has it. */
export function rewrite(id: string, from: string, to: string): Mistake['plant'] {
  return (installation) => {
    const found = resource(installation, id);
    const text = JSON.stringify(found.Properties);
    if (!text.includes(from)) throw new Error(`${id} does not have ${from}`);
    found.Properties = JSON.parse(text.replace(from, to));
  };
}

export function remove(id: string): Mistake['plant'] {
  return without((full) => shortId(full) === id);
}

/** Removes what begins with this: the end of some ids is made up by the CDK. */
export function removeAll(start: string): Mistake['plant'] {
  return without((full) => full.startsWith(start));
}

function without(is: (full: string) => boolean): Mistake['plant'] {
  return ({ templates }) => {
    for (const { Resources } of Object.values(templates))
      for (const full of Object.keys(Resources)) if (is(full)) delete Resources[full];
  };
}

/** Adds a resource to the first stack that has this one. */
export function addBeside(id: string, added: string, made: RawResource): Mistake['plant'] {
  return ({ templates }) => {
    const template = Object.values(templates).find(({ Resources }) =>
      Object.keys(Resources).some((full) => shortId(full) === id),
    );
    template!.Resources[added] = made;
  };
}

function resource({ templates }: Installation, id: string): RawResource {
  const all = Object.values(templates).flatMap(({ Resources }) => Object.entries(Resources));
  const found = all.find(([full]) => shortId(full) === id) ?? all.find(([full]) => full.startsWith(id));
  if (!found) throw new Error(`there is no ${id}`);
  return found[1];
}
