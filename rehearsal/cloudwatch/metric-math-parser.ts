/** A parsed expression of metric math. */
export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Node[] }
  | { kind: 'negated'; operand: Node }
  | { kind: 'operation'; operator: string; left: Node; right: Node }
  | { kind: 'call'; name: string; given: Node[] };

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|"([^"]*)"|(==|!=|<=|>=|&&|\|\||[-+*/<>()[\],]))/y;
/** From the weakest to the strongest; operators of the same strength are taken from left to right. */
const STRENGTHS = [['OR'], ['AND'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/']];
const SYNONYMS: Record<string, string> = { '&&': 'AND', '||': 'OR' };

type Token = { kind: 'number' | 'word' | 'text' | 'sign'; text: string };

/**
 * Parses an expression: numbers, ids of metrics, `[a, b]`, operators and calls.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax
 *
 * @throws Error that names what is not understood, and where
 */
export function parseExpression(text: string): Node {
  const parser = new Parser(text);
  const node = parser.expression();
  parser.expectEnd();
  return node;
}

class Parser {
  private readonly text: string;
  private readonly tokens: Token[];
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokensOf(text);
  }

  expression(strength = 0): Node {
    const operators = STRENGTHS[strength];
    if (!operators) return this.operand();
    let left = this.expression(strength + 1);
    for (let operator = this.operator(operators); operator; operator = this.operator(operators))
      left = { kind: 'operation', operator, left, right: this.expression(strength + 1) };
    return left;
  }

  expectEnd(): void {
    if (this.at < this.tokens.length) throw this.unexpected();
  }

  private operand(): Node {
    const token = this.tokens[this.at++];
    if (token?.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token?.kind === 'text') return { kind: 'text', value: token.text };
    if (token?.kind === 'word')
      return this.take('(') ? { kind: 'call', name: token.text, given: this.list(')') } : { kind: 'name', name: token.text };
    if (token?.text === '-') return { kind: 'negated', operand: this.operand() };
    if (token?.text === '[') return { kind: 'list', items: this.list(']') };
    if (token?.text === '(') {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    this.at--;
    throw this.unexpected();
  }

  private list(end: string): Node[] {
    if (this.take(end)) return [];
    const items = [this.expression()];
    while (this.take(',')) items.push(this.expression());
    this.expect(end);
    return items;
  }

  private operator(among: readonly string[]): string | null {
    const token = this.tokens[this.at];
    const text = token && (SYNONYMS[token.text] ?? token.text);
    if (!text || token.kind === 'text' || !among.includes(text)) return null;
    this.at++;
    return text;
  }

  private take(sign: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.at++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected();
  }

  private unexpected(): Error {
    const token = this.tokens[this.at];
    return new Error(
      `The rehearsal does not understand the expression ${this.text}: ${token ? `at ${token.text}` : 'it ends too early'}.`,
    );
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.trimEnd().length) {
    const from = token.lastIndex;
    const found = token.exec(text);
    if (!found) throw new Error(`The rehearsal does not understand the expression ${text}: at ${text.slice(from).trim()[0]}.`);
    const [, number, word, quoted, sign] = found;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted });
    else tokens.push({ kind: 'sign', text: sign! });
  }
  return tokens;
}
