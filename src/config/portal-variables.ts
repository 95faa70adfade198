import { z } from 'zod';
import { contrastOf, HEX_COLOUR, lightenedFor } from './contrast.js';

/** What texts need at least: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const MIN_CONTRAST = 4.5;
/** The grounds of the portal's pages, light and dark. */
const GROUNDS = { light: '#ffffff', dark: '#0d1117' } as const;
/** A task definition has 64 KiB for everything: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MAX_LOGO_CHARS = 32_768;
const MAX_NAME_CHARS = 60;

const LOGO_DATA = /^data:image\/(?:svg\+xml|png|webp|jpeg|gif)(?:;[a-z0-9=-]+)*,[\w\-.~!*'()%+/=:@&$;,]+$/i;
/** One slash: with two a browser would take the first part for another server. */
const LOGO_PATH = /^\/[\w\-.~%][\w\-.~%/]*$/;
/** A source of a Content-Security-Policy. A star stands for any names in front. */
const ANCESTOR = /^https?:\/\/(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

/** The accent of the portal on light and on dark ground, as `#rrggbb`. */
export interface Accent {
  light: string;
  dark: string;
}

/** Scheme, host and port. */
const publicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  context.addIssue({
    code: 'custom',
    message: 'must be the address of this service as customers reach it, without a path, such as https://hooks.example.com.',
  });
  return z.NEVER;
});

const frameAncestors = z
  .string()
  .transform((text) => [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,]+/)
        .filter((item) => item !== ''),
    ),
  ])
  .refine(
    (origins) => origins.every((origin) => ANCESTOR.test(origin)),
    'must be a comma-separated list of origins without a path, such as https://app.example.com,https://*.example.com.',
  );

const name = z
  .string()
  .trim()
  .refine(
    (text) => text.length >= 1 && text.length <= MAX_NAME_CHARS && !/\p{C}/u.test(text),
    `must be a text of 1 to ${MAX_NAME_CHARS} characters in one line.`,
  );

const logoUrl = z
  .string()
  .refine(
    (text) => text.length <= MAX_LOGO_CHARS && (LOGO_DATA.test(text) || LOGO_PATH.test(text)),
    `must be a data: URL of an image (data:image/svg+xml;base64,…, at most ${MAX_LOGO_CHARS} characters), or a path on this host such as /logo.svg: the pages load nothing from other hosts.`,
  );

const accent = z.string().transform((text, context): Accent => {
  const [light = '', dark, ...more] = text.split(',').map((item) => item.trim().toLowerCase());
  const given = { light, dark: dark ?? lightened(light) };
  const fault = more.length > 0 ? FORM : faultOf(given);
  if (fault === null) return given;
  context.addIssue({ code: 'custom', message: fault });
  return z.NEVER;
});

const FORM = 'must be a colour such as #0550ae, or two, for light and for dark ground, such as #0550ae,#58a6ff.';

function faultOf(given: Accent): string | null {
  if (!HEX_COLOUR.test(given.light) || !HEX_COLOUR.test(given.dark)) return FORM;
  for (const [kind, ground] of Object.entries(GROUNDS) as [keyof Accent, string][]) {
    const contrast = Math.floor(contrastOf(given[kind], ground) * 10) / 10;
    if (contrast < MIN_CONTRAST)
      return `must be readable: ${given[kind]} has a contrast of ${contrast} on ${kind} ground (${ground}), and needs ${MIN_CONTRAST}.`;
  }
  return null;
}

function lightened(colour: string): string {
  return HEX_COLOUR.test(colour) ? lightenedFor(GROUNDS.dark, colour, MIN_CONTRAST) : '';
}

/** The variables of the portal: where customers reach it, who may embed it, how it looks, and whether there is something to see in it. */
export const portalVariables = {
  PUBLIC_URL: publicUrl
    .optional()
    .describe(
      'Address of this service as customers reach it, https://hooks.example.com: links to the portal begin with it; needed in production, elsewhere they begin with the host that was asked',
    ),
  PORTAL_FRAME_ANCESTORS: frameAncestors
    .default([])
    .describe(
      'Origins of the pages that may show the portal in a frame, https://app.example.com,https://*.example.com; the default is none',
    ),
  PORTAL_NAME: name.optional().describe('Name of your product, as customers know it, on the pages of the portal'),
  PORTAL_LOGO_URL: logoUrl
    .optional()
    .describe('Logo of the portal: a data: URL of an image, or a path on the same host; without it the name stands alone'),
  PORTAL_ACCENT: accent
    .optional()
    .describe(
      "Accent of the portal, #0550ae, or one for light and one for dark ground, #0550ae,#58a6ff; each needs a contrast of 4.5. Of one the other is made; without any it is Posthorn's blue",
    ),
  DEMO: z
    .enum(['on', 'off'], { error: 'must be on or off.' })
    .default('off')
    .describe(
      'on starts a demo beside the service: another one, with lively data in DATA_DIR/demo, on the next port. Only on embedded parts outside production; npm start turns it on',
    ),
};
