import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, loadConfig } from '../../../src/config/config.js';
import { contrastOf } from '../../../src/config/contrast.js';

const generated = { jwtSecret: 'generated', encryptionKey: Buffer.alloc(32, 1).toString('base64') };
const portalOf = (env: Record<string, string>) => loadConfig(env, () => generated).portal;

function faults(env: Record<string, string>): readonly string[] {
  try {
    portalOf(env);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

describe('the settings of the portal', () => {
  it('need nothing', () => {
    expect(portalOf({})).toEqual({ publicUrl: null, frameAncestors: [], name: null, logo: null, accent: null });
  });

  it('can not be changed afterwards', () => {
    expect(Object.isFrozen(portalOf({ PORTAL_ACCENT: '#0550ae' }).accent)).toBe(true);
  });

  it.each([
    ['https://hooks.example.com', 'https://hooks.example.com'],
    ['https://Hooks.Example.com:443/', 'https://hooks.example.com'],
    ['http://10.0.0.7:3000', 'http://10.0.0.7:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('take %s as the public address %s', (text, origin) => {
    expect(portalOf({ PUBLIC_URL: text }).publicUrl).toBe(origin);
  });

  it.each([
    'hooks.example.com',
    'ftp://hooks.example.com',
    'https://hooks.example.com/webhooks',
    'https://hooks.example.com?a=b',
    'https://hooks.example.com/#a',
    'https://user:pw@hooks.example.com',
    'javascript:alert(1)',
  ])('refuse %s as the public address', (text) => {
    expect(faults({ PUBLIC_URL: text })).toEqual([expect.stringMatching(/^PUBLIC_URL must be the address of this service/)]);
  });

  it('take origins that may embed it, each once', () => {
    const text = 'https://app.example.com, https://*.Example.com:8443,http://localhost:5173 https://app.example.com';
    expect(portalOf({ PORTAL_FRAME_ANCESTORS: text }).frameAncestors).toEqual([
      'https://app.example.com',
      'https://*.example.com:8443',
      'http://localhost:5173',
    ]);
  });

  it.each([
    '*',
    'https:',
    'app.example.com',
    'https://app.example.com/path',
    "https://a.example; script-src 'unsafe-inline'",
    "'self'",
  ])('refuse %j as an origin that may embed it', (text) => {
    expect(faults({ PORTAL_FRAME_ANCESTORS: text })).toEqual([expect.stringMatching(/^PORTAL_FRAME_ANCESTORS must be/)]);
  });

  it.each(['x'.repeat(61), 'two\nlines', ' '])('refuse %j as a name', (text) => {
    expect(faults({ PORTAL_NAME: text })).toEqual([expect.stringMatching(/^PORTAL_NAME must be a text of 1 to 60/)]);
  });

  it.each([
    'data:image/svg+xml;base64,PHN2Zy8+',
    'data:image/png;base64,iVBORw0KGgo=',
    'data:image/svg+xml;utf8,%3Csvg/%3E',
    '/logo.svg',
  ])('take the logo %s', (text) => {
    expect(portalOf({ PORTAL_LOGO_URL: text }).logo).toBe(text);
  });

  it.each([
    'https://cdn.example.com/logo.svg',
    '//cdn.example.com/logo.svg',
    '/\\cdn.example.com/logo.svg',
    'data:text/html,<script>',
    'data:image/svg+xml,<svg onload="a">',
    'javascript:alert(1)',
    `data:image/png;base64,${'A'.repeat(32_768)}`,
  ])('refuse the logo %.60s', (text) => {
    expect(faults({ PORTAL_LOGO_URL: text })).toEqual([expect.stringMatching(/^PORTAL_LOGO_URL must be a data: URL/)]);
  });
});

describe('the accent of the portal', () => {
  it('may be two colours', () => {
    expect(portalOf({ PORTAL_ACCENT: '#0550AE, #58a6ff' }).accent).toEqual({ light: '#0550ae', dark: '#58a6ff' });
  });

  it.each(['#0550ae', '#cf222e', '#000000', '#767676'])('%s is made lighter for dark ground', (light) => {
    const { accent } = portalOf({ PORTAL_ACCENT: light });
    expect(accent!.light).toBe(light);
    expect(contrastOf(accent!.dark, '#0d1117')).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['#58a6ff', '#58a6ff has a contrast of 2.5 on light ground (#ffffff), and needs 4.5'],
    ['#0550ae,#0550ae', '#0550ae has a contrast of 2.4 on dark ground (#0d1117), and needs 4.5'],
  ])('%s is refused: %s', (text, reason) => {
    expect(faults({ PORTAL_ACCENT: text })).toEqual([`PORTAL_ACCENT must be readable: ${reason}.`]);
  });

  it.each(['blue', '#00f', '#0550ae,', '#0550ae,#58a6ff,#ffffff', 'url(#a)'])('%j is no colour', (text) => {
    expect(faults({ PORTAL_ACCENT: text })).toEqual([expect.stringMatching(/^PORTAL_ACCENT must be a colour such as/)]);
  });

  it('is judged as WCAG says', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});

describe('the demo', () => {
  const demoOf = (env: Record<string, string>) => loadConfig(env, () => generated).demo;

  it.each([
    [{ DEMO: 'on' }, true],
    [{}, false],
    [{ DEMO: 'off' }, false],
    [{ DEMO: 'on', DATABASE_URL: 'mysql://h/db' }, false],
    [{ DEMO: 'on', REDIS_URL: 'redis://h' }, false],
    [{ DEMO: 'on', SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q' }, false],
    [{ DEMO: 'on', ROLES: 'worker' }, false],
  ])('with %j: %j', (env, isOn) => {
    expect(demoOf(env as Record<string, string>)).toBe(isOn);
  });

  it('is never there in production', () => {
    const production = {
      NODE_ENV: 'production',
      DATABASE_URL: 'mysql://posthorn:pw@db:3306/posthorn',
      REDIS_URL: 'rediss://cache:6379',
      SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/posthorn',
      JWT_SECRET: 'x'.repeat(32),
      ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      PUBLIC_URL: 'https://hooks.example.com',
    };
    expect(demoOf({ ...production, DEMO: 'on' })).toBe(false);
  });
});
