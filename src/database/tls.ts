import { readFileSync } from 'node:fs';

/** The root certificates of Amazon RDS, beside `src` and, in the image, beside `dist`. */
const RDS_CERTIFICATES = new URL('../../certificates/rds-ca-bundle.pem', import.meta.url);
/** The driver has a profile of this name too, but its certificates lack the newer regions. */
const RDS_PROFILE = 'Amazon RDS';

/** TLS options of the driver mysql2. */
export type DriverTls = Record<string, unknown>;

/**
 * The TLS setting in `?ssl=…` of DATABASE_URL, for both connection pools: `Amazon%20RDS` for the certificates of RDS that we ship, or the
 * driver's options as JSON. In these, `caFile` is ours: the path of a PEM file with the certificates to trust. Any other text is the name
 * of a profile of the driver. Throws an error that says what to do if the setting can't be used.
 */
export function tlsOf(mysqlUrl: string): DriverTls | string | undefined {
  const ssl = new URL(mysqlUrl).searchParams.get('ssl');
  if (ssl === null) return undefined;
  if (ssl === RDS_PROFILE) return { ca: readFileSync(RDS_CERTIFICATES, 'utf8') };
  if (!ssl.startsWith('{')) return ssl;
  const { caFile, ...options } = parseOptions(ssl);
  return caFile === undefined ? options : { ...options, ca: readCaFile(caFile) };
}

function parseOptions(json: string): DriverTls {
  try {
    return JSON.parse(json) as DriverTls;
  } catch {
    throw new Error(
      'ssl in DATABASE_URL is not valid JSON. Write the TLS options as JSON, percent-encoded, or a profile such as Amazon%20RDS.',
    );
  }
}

function readCaFile(path: unknown): string {
  const where = `caFile in DATABASE_URL (${String(path)})`;
  let text: string;
  try {
    text = readFileSync(String(path), 'utf8');
  } catch (error) {
    throw new Error(`${where} can't be read. Name a PEM file that this process may read.`, { cause: error });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`${where} has no certificate in it. Name a file with certificates in PEM format.`);
  return text;
}
