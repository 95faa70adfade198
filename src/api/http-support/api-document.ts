/** The OpenAPI document of this server, for those who show it. */
export abstract class ApiDocument {
  abstract get(): Record<string, unknown>;
}
