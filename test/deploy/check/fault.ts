/** Something that does not agree; `message` says what to change. */
export interface Fault {
  file: string;
  line: number;
  message: string;
}

/** `file:line message`, as editors and terminals link it. */
export function faultLine({ file, line, message }: Fault): string {
  return `${file}:${line} ${message}`;
}
