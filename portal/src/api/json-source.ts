/** A string, a mark, or a word or number of JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
/** Above this, a text is shown as it is. */
const MAX_FORMATTED = 500_000;

/**
 * The source text of a member of a JSON object, exactly as it stands there; null if there is none. A parsed number may have lost digits, a
 * written one has not.
 */
export function memberSource(json: string, name: string): string | null {
  const wanted = JSON.stringify(name);
  let depth = 0;
  let from: number | null = null;
  let end = 0;
  let key: string | null = null;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--;
    if (from !== null && ((depth === 1 && token === ',') || depth === 0)) return json.slice(from, end).trim();
    if (from === null && depth === 1) {
      if (token === ':' && key === wanted) from = index + 1;
      key = token;
    }
    if (token === '{' || token === '[') depth++;
    end = index + token.length;
  }
  return null;
}

/** JSON with one member a line, its strings and numbers as they were written. Other text as it is. */
export function formatted(json: string): string {
  if (json.length > MAX_FORMATTED || !isJson(json)) return json;
  let out = '';
  let depth = 0;
  let before = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') {
      depth--;
      out += before === '{' || before === '[' ? token : line() + token;
    } else {
      if (before === '{' || before === '[' || before === ',') out += line();
      out += token === ':' ? ': ' : token;
      if (token === '{' || token === '[') depth++;
    }
    before = token;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
