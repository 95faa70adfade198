/** What an AWS API refuses. `code` is the name of the exception, as its reference lists it; `status` is that of HTTP. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
