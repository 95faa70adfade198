/** Something in the templates that is not as it has to be. `where`: the file that makes it, and the property. `what`: what to change. */
export interface Fault {
  where: string;
  what: string;
  why: string;
}

export function faultLine({ where, what, why }: Fault): string {
  return `${where}: ${what}. ${why}`;
}
