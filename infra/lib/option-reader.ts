/** The options are not usable; the message has one sentence a fault. */
export class BadOptions extends Error {
  override readonly name = 'BadOptions';
}

/** Where something is. Null stands for the account and region of the credentials that deploy it. */
export interface Place {
  account: string;
  region: string;
}

/** Reads options one by one and collects what is wrong with them, so that all faults are told at once. */
export class OptionReader {
  readonly faults: string[] = [];
  private readonly values: (name: string) => unknown;
  private readonly prefix: string;

  /** `values`: by name. `prefix`: what is written before an option in a fault. */
  constructor(values: (name: string) => unknown, prefix = '') {
    this.values = values;
    this.prefix = prefix;
  }

  /** What was given, as a text; null if it is absent or empty. */
  text(name: string): string | null {
    const value = this.values(name);
    if (value === undefined || value === null || value === '') return null;
    return String(value);
  }

  /** A text of this form, or the default; `rule` ends the sentence that begins with the option's name. */
  matching<T extends string | null>(name: string, pattern: RegExp, rule: string, otherwise: T): string | T {
    const value = this.text(name);
    if (value === null) return otherwise;
    if (!pattern.test(value)) this.fault(`${name} must be ${rule}.`);
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.matching(name, /^(true|false)$/, 'true or false', String(otherwise)) === 'true';
  }

  number(name: string, min: number, max: number, otherwise: number): number {
    const value = this.text(name);
    if (value === null) return otherwise;
    if (!/^\d{1,9}$/.test(value) || Number(value) < min || Number(value) > max)
      this.fault(`${name} must be a whole number from ${min} to ${max}.`);
    return Number(value);
  }

  /** A list: of a JSON file, or with commas in between. Each item is of this form, and is there once. */
  list(name: string, isRight: (item: string) => boolean, rule: string): string[] {
    const value = this.values(name);
    const items = Array.isArray(value) ? value.map(String) : (this.text(name)?.split(',') ?? []);
    const trimmed = items.map((item) => item.trim()).filter((item) => item !== '');
    const wrong = trimmed.filter((item) => !isRight(item));
    if (wrong.length > 0) this.fault(`${name} must be ${rule}: ${wrong.join(' and ')} is not.`);
    const twice = trimmed.filter((item, at) => trimmed.indexOf(item) < at);
    if (twice.length > 0) this.fault(`${name} must not have ${[...new Set(twice)].join(' and ')} twice.`);
    return trimmed;
  }

  /** An object, or its text in JSON. */
  record(name: string): Record<string, unknown> {
    const value = this.values(name);
    const parsed = typeof value === 'string' ? parsedOf(value) : (value ?? {});
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
    this.fault(`${name} must be a JSON object.`);
    return {};
  }

  /** Options that only make sense together. */
  together(...names: string[]): void {
    const given = names.filter((name) => this.text(name) !== null);
    if (given.length > 0 && given.length < names.length) this.fault(`${names.join(' and ')} go together.`);
  }

  place(): Place | null {
    this.together('account', 'region');
    const account = this.matching('account', /^\d{12}$/, 'the 12 digits of an AWS account', null);
    const region = this.matching(
      'region',
      /^[a-z]{2}(-[a-z]+)+-\d$/,
      'a region, such as the one that "aws configure get region" prints',
      null,
    );
    return account && region ? { account, region } : null;
  }

  fault(sentence: string): void {
    this.faults.push(`${this.prefix}${sentence}`);
  }
}

/** What a text in JSON says; null if it is none. */
export function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return null;
  }
}
