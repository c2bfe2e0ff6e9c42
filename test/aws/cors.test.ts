import { expect, it } from 'vitest';
import { startAwsHost } from './aws-host.ts';

it('a page of an origin that is set may ask before it has a token, and read what it is answered', async () => {
  const host = await startAwsHost({ nodes: 0, corsOrigins: '^https://console\\.example$' });
  try {
    const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });
    const asked = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://console.example', { authorization: '' }) });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://console.example']);
    const refused = await host.fetch('/api/v1/pods', from('https://console.example', { authorization: '' }));
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://console.example']);
    const listed = await host.fetch('/api/v1/pods', from('https://console.example'));
    expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://console.example']);
    const other = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://other.example', { authorization: '' }) });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([401, null]);
  } finally {
    await host.close();
  }
});
