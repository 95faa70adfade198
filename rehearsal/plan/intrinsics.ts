/**
 * Values that AWS gives when it makes a resource: of `Ref`, `Fn::GetAtt` (`Id.Attribute`), and of exports by their name. An attribute that nobody
 * here reads has its own name as value.
 */
export interface KnownValues {
  refs: Record<string, unknown>;
  attributes: Record<string, unknown>;
  exports: Record<string, unknown>;
}

/**
 * Fills in the intrinsic functions of a CloudFormation template: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select, Fn::Split and Fn::ImportValue.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * @throws Error with the path of what is not known: a rehearsal with a wrong name in it would show nothing
 */
export function resolved(value: unknown, known: KnownValues, path = ''): unknown {
  if (Array.isArray(value)) return value.map((item, at) => resolved(item, known, `${path}[${at}]`));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
    return called(first[0], first[1], known, path);
  return Object.fromEntries(entries.map(([name, item]) => [name, resolved(item, known, `${path}.${name}`)]));
}

function called(name: string, given: unknown, known: KnownValues, path: string): unknown {
  const inner = (value: unknown) => resolved(value, known, path);
  switch (name) {
    case 'Ref':
      return valueOf(known.refs, String(given), 'Ref', path);
    case 'Fn::GetAtt':
      return attributeOf(Array.isArray(given) ? given.join('.') : String(given), known, path);
    case 'Fn::ImportValue':
      return valueOf(known.exports, String(inner(given)), name, path);
    case 'Fn::Join': {
      const [separator, parts] = given as [string, unknown];
      return (inner(parts) as unknown[]).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = given as [string, unknown];
      return String(inner(text)).split(separator);
    }
    case 'Fn::Select': {
      const [at, list] = given as [string | number, unknown];
      return (inner(list) as unknown[])[Number(at)];
    }
    case 'Fn::Sub':
      return substituted(given, known, path);
    default:
      throw new Error(`${path}: ${name} is not known to the rehearsal`);
  }
}

function substituted(given: unknown, known: KnownValues, path: string): string {
  const [text, own] = Array.isArray(given) ? (given as [string, Record<string, unknown>]) : [String(given), {}];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (own[name] !== undefined) return String(resolved(own[name], known, path));
    if (name.includes('.')) return String(attributeOf(name, known, path));
    return String(valueOf(known.refs, name, `Fn::Sub of ${whole}`, path));
  });
}

function attributeOf(name: string, known: KnownValues, path: string): unknown {
  const [id] = name.split('.', 1) as [string];
  valueOf(known.refs, id, 'Fn::GetAtt of', path);
  return known.attributes[name] ?? name;
}

function valueOf(values: Record<string, unknown>, name: string, how: string, path: string): unknown {
  if (values[name] === undefined) throw new Error(`${path}: ${how} ${name} has no value in the rehearsal`);
  return values[name];
}
