/** The spec can't be used; where, and why. */
export class SpecFault extends Error {
  constructor(
    readonly path: string[],
    message: string,
  ) {
    super(message);
  }
}
