import { expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';

it('the settings of the team are those of its configuration, and its pages may embed the portal', async () => {
  const team = { PORTAL_NAME: 'Acme', PORTAL_ACCENT: '#0550ae,#58a6ff', PORTAL_FRAME_ANCESTORS: 'https://app.example.com' };
  const own = await startApp(team);
  try {
    const settings = await fetch(`${own.url}/portal/settings.json`);
    expect(await settings.json()).toMatchObject({ name: 'Acme', accent: { light: '#0550ae', dark: '#58a6ff' } });
    const policies = ['portal', 'console'].map(async (page) =>
      (await fetch(`${own.url}/${page}`)).headers.get('content-security-policy'),
    );
    expect(await Promise.all(policies)).toEqual([
      expect.stringContaining('frame-ancestors https://app.example.com'),
      expect.stringContaining("frame-ancestors 'none'"),
    ]);
  } finally {
    await own.stop();
  }
});

it('the settings tell which URLs this installation refuses', async () => {
  const own = await startApp({ ENDPOINT_HTTPS_ONLY: 'true', ALLOWED_PORTS: '6000' });
  try {
    const settings = (await (await fetch(`${own.url}/portal/settings.json`)).json()) as {
      urls: { httpsOnly: boolean; refusedPorts: number[] };
    };
    expect(settings.urls.httpsOnly).toBe(true);
    expect([25, 6000, 6001].map((port) => settings.urls.refusedPorts.includes(port))).toEqual([true, false, false]);
  } finally {
    await own.stop();
  }
});
