/** Values as templates have them, with the functions of CloudFormation. */
type Value = unknown;

const HASH = /[0-9A-F]{8}$/;

/** A logical id without what the CDK adds to make it unique. */
export function shortId(id: string): string {
  return id.replace(HASH, '');
}

/**
 * A value of a template that reads like what it will be: references are written `${Id}` and `${Id.Attribute}`, with short ids, joined
 * texts are one text, and what another stack exports is what is behind it.
 */
export function plain(value: Value, exported: ReadonlyMap<string, Value> = new Map()): Value {
  if (Array.isArray(value)) return value.map((item) => plain(item, exported));
  if (typeof value !== 'object' || value === null) return value;
  const known = functionOf(value as Record<string, any>, exported);
  if (known !== undefined) return known;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, exported)]));
}

function functionOf(value: Record<string, any>, exported: ReadonlyMap<string, Value>): Value {
  const [name, more] = Object.keys(value);
  if (name === undefined || more !== undefined) return undefined;
  const given = value[name];
  if (name === 'Ref') return `\${${shortId(given).replace('AWS::', '')}}`;
  if (name === 'Fn::GetAtt') return `\${${[shortId(given[0]), ...given.slice(1)].join('.')}}`;
  if (name === 'Fn::ImportValue') return plain(exported.get(given) ?? `\${import ${given}}`, exported);
  if (name === 'Fn::Join') return (plain(given[1], exported) as string[]).join(given[0]);
  if (name === 'Fn::Select') return `\${${plain(given[1], exported)}[${given[0]}]}`;
  if (name === 'Fn::GetAZs') return 'zones';
  if (name === 'Fn::Sub') return String(given).replaceAll('${AWS::', '${');
  return undefined;
}
