/** What is filled in: the path of the endpoint, and how the names of the headers begin. */
export interface Filling {
  path: string;
  prefix: 'webhook' | 'svix';
}
