/** The metadata endpoint did not tell the address of this task. */
export class NoTaskAddress extends Error {
  override readonly name = 'NoTaskAddress';
}

/** The IPv4 addresses of this ECS task, from its metadata endpoint (version 4). Target groups list the task by such an address. */
export async function taskAddresses(metadataUrl: string, signal: AbortSignal): Promise<string[]> {
  const answer = await fetch(metadataUrl, { signal });
  const text = await answer.text();
  if (!answer.ok) throw new NoTaskAddress(`the task metadata endpoint answered ${answer.status}`);
  const { Networks } = JSON.parse(text) as { Networks?: { IPv4Addresses?: string[] }[] };
  const addresses = (Networks ?? []).flatMap(({ IPv4Addresses }) => IPv4Addresses ?? []);
  if (addresses.length === 0) throw new NoTaskAddress('the task metadata endpoint names no IPv4 address');
  return addresses;
}
