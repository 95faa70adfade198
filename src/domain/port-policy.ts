/** Mail: with these ports an endpoint could make this service talk to mail servers, and get its addresses onto their block lists. */
const MAIL_PORTS = [25, 465, 587];

/**
 * The ports that browsers refuse for http and https ("bad ports" of the Fetch Standard, https://fetch.spec.whatwg.org/#port-blocking), because
 * servers of other protocols there may take a request for commands. A test compares them with a copy of the table.
 */
const BROWSERS_REFUSE = [
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
  115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556,
  563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
  6668, 6669, 6679, 6697, 10080,
];

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

/**
 * Decides which ports a webhook may be sent to. At loopback the browsers' list does not count: loopback has to be allowed first
 * (ALLOWED_SUBNETS), and on a developer's machine a receiver may have any port. Mail ports are refused there too.
 */
export class PortPolicy {
  private readonly refused: ReadonlySet<number>;
  private readonly refusedAtLoopback: ReadonlySet<number>;

  /** @param allowedPorts ports that are allowed although they are on a list */
  constructor(allowedPorts: readonly number[]) {
    const without = (ports: readonly number[]) => new Set(ports.filter((port) => !allowedPorts.includes(port)));
    this.refused = without([...MAIL_PORTS, ...BROWSERS_REFUSE]);
    this.refusedAtLoopback = without([0, ...MAIL_PORTS]);
  }

  /** The ports that are refused at every address but loopback. */
  get refusedElsewhere(): readonly number[] {
    return [...this.refused];
  }

  /** @param address an IP address */
  allows(address: string, port: number): boolean {
    return !(LOOPBACK.test(address) ? this.refusedAtLoopback : this.refused).has(port);
  }

  /** The port of an endpoint's URL if it is refused, else null. A name other than localhost is not resolved: it counts as another machine. */
  refusedIn(url: URL): number | null {
    const host = hostOf(url);
    const port = portOf(url);
    return this.allows(host === 'localhost' ? '127.0.0.1' : host, port) ? null : port;
  }
}

/** The host of a URL, an IPv6 address without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The port that a request to the URL goes to. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
