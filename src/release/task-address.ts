/** The metadata endpoint did not say which address this task has. */
export class NoTaskAddress extends Error {
  override readonly name = 'NoTaskAddress';
}

/** The IPv4 addresses of this ECS task, by its metadata endpoint (version 4): what its target group knows it by. */
export async function taskAddresses(metadataUrl: string, signal: AbortSignal): Promise<string[]> {
  const answer = await fetch(metadataUrl, { signal });
  const text = await answer.text();
  if (!answer.ok) throw new NoTaskAddress(`the task metadata endpoint answered ${answer.status}`);
  const { Networks } = JSON.parse(text) as { Networks?: { IPv4Addresses?: string[] }[] };
  const addresses = (Networks ?? []).flatMap(({ IPv4Addresses }) => IPv4Addresses ?? []);
  if (addresses.length === 0) throw new NoTaskAddress('the task metadata endpoint names no IPv4 address');
  return addresses;
}
