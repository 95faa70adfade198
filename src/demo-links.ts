/** Where a demo can be looked at. */
export interface DemoLinks {
  /** Opens the portal of an application; it contains a token of this application. */
  portal: string;
  console: string;
  /** The command that prints a token for the console. */
  token: string;
}

/** The links for people, below a sentence. */
export function linksText(sentence: string, { portal, console, token }: DemoLinks): string {
  return [
    '',
    `  ${sentence}`,
    `    what a customer sees: ${portal}`,
    `    what the team sees:   ${console}`,
    `                          the token that it asks for: ${token}`,
    '',
  ].join('\n');
}
