import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { parseClientCertificate } from './client-certificate.js';

const MAX_PORT = 65_535;

const items = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Subnets in CIDR notation. */
export const subnets = z
  .string()
  .transform(items)
  .refine((cidrs) => cidrs.every(isSubnet), 'must be a comma-separated list of subnets, such as 10.1.0.0/16.');

/** Port numbers. */
export const ports = z
  .string()
  .transform(items)
  .refine(
    (numbers) => numbers.every((text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_PORT),
    'must be a comma-separated list of ports from 1 to 65535, such as 6000,10080.',
  )
  .transform((numbers) => numbers.map(Number));

/** The URL of an HTTP proxy. The message never repeats it, because it may contain a password. */
export const egressProxyUrl = z
  .string()
  .refine(
    isProxyUrl,
    'must be the URL of an HTTP proxy without a path, http://proxy:3128 or https://user:password@proxy:3128 (a sign such as @ or / in the password is written as %40 or %2F).',
  );

/** A certificate with its chain and its private key, in PEM. The messages never repeat it. */
export const clientCertificate = z.string().transform((text, context) => {
  const parsed = parseClientCertificate(text);
  if (!('problem' in parsed)) return parsed;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.port === '0') return false;
  return url.pathname === '/' && url.search === '' && url.hash === '';
}

function isSubnet(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  if (!address || !bits || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  const family = isIP(address);
  if (family === 0) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}
