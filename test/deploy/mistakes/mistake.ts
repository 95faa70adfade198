import { FILES, type FileName, type Project, type Settings } from '../check/project.js';

/** One mistake that somebody could make, planted on a copy of the project in memory. */
export interface Mistake {
  name: string;
  plant: (project: Project) => Project;
  /** The file that is to be changed, and a part of the line of it that the message points at. */
  file: FileName;
  on: string;
  /** A part of the message. */
  says: string;
}

/** A mistake in a file: `from`, which must be there, becomes `to`. */
export function inFile(name: FileName, from: string | RegExp, to: string): Mistake['plant'] {
  return (project) => {
    const text = project.texts[name];
    if (text.replace(from, '') === text) throw new Error(`${FILES[name]} has no ${String(from)} to plant a mistake on`);
    return { ...project, texts: { ...project.texts, [name]: text.replace(from, () => to) } };
  };
}

/** Makes mistakes in one file: name, what becomes what, a part of the line that is told of, and of the message. */
export function mistakesIn(file: FileName) {
  return (name: string, from: string | RegExp, to: string, on: string, says: string): Mistake => ({
    name: `${FILES[file]}: ${name}`,
    plant: inFile(file, from, to),
    file,
    on,
    says,
  });
}

/** A mistake in the settings: the value at `path` becomes `value`, or goes away. */
export function inSettings(path: readonly string[], value: unknown): Mistake['plant'] {
  return (project) => ({ ...project, settings: changed(project.settings, path, value) as Settings });
}

/** Several mistakes that make one. */
export function both(...plants: Mistake['plant'][]): Mistake['plant'] {
  return (project) => plants.reduce((planted, plant) => plant(planted), project);
}

function changed(object: object, [key, ...rest]: readonly string[], value: unknown): object {
  const current = (object as Record<string, unknown>)[key!];
  return { ...object, [key!]: rest.length === 0 ? value : changed(current as object, rest, value) };
}
