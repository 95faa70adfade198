/**
 * Settings of every AWS client here: a call that is not answered fails after 5 s, and is tried three times. Without
 * `throwOnRequestTimeout` the SDK only warns, and goes on waiting.
 */
export const limits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};
