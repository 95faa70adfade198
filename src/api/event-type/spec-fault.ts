/** An OpenAPI document can not be imported: the path of the error in it, and a message. */
export class SpecFault extends Error {
  constructor(
    readonly path: string[],
    message: string,
  ) {
    super(message);
  }
}
