import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { widget } from '../conformance/widgets.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';
import { convertingWidgets, WIDGETS, webhookDefinition } from '../support/widget-conversion.ts';
import { type AwsHost, startAwsHost } from './aws-host.ts';
import { create, json } from './requests.ts';

const old = { ...widget('a', { size: 'S', shape: 'flat' }), apiVersion: 'example.com/v1beta1' };

const SERVICE = { namespace: 'default', name: 'hook', path: '/convert' };

describe('a deployment', () => {
  let host: AwsHost;
  let hook: WebhookServer;
  beforeAll(async () => {
    hook = await webhookServer({
      host: '0.0.0.0',
      names: ['localhost', '127.0.0.1', 'hook.default.svc'],
      respond: convertingWidgets,
    });
    host = await startAwsHost({ nodes: 0, webhookServices: `default/hook:443=https://127.0.0.1:${hook.port}` });
    await create(host, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', webhookDefinition({ url: 'https://localhost/' }));
  });
  afterAll(async () => {
    await host.close();
    await hook.close();
  });

  const convertAt = async (at: string) => {
    const client = { url: `https://${at}/convert`, caBundle: hook.caBundle };
    const patch = { spec: { conversion: { webhook: { clientConfig: client } } } };
    expect((await host.fetch('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com', json('PATCH', patch))).status).toBe(200);
    return host.fetch(WIDGETS('v1beta1'), json('POST', old));
  };

  it.each(['127.0.0.1', 'localhost', '169.254.169.254', '[fd00:ec2::254]', '10.0.0.1', '172.16.0.1', '192.168.0.1', '[fd00::1]'])(
    'calls no webhook at %s',
    async (at) => {
      const response = await convertAt(`${at}:${hook.port}`);
      expect(response.status).toBe(500);
      const { message } = (await response.json()) as { message: string };
      expect(message).toMatch(
        /^conversion webhook for example.com\/v1beta1, Kind=Widget failed: Post ".*": dial tcp .*: webhooks at (loopback|private|link-local and metadata) addresses are not called$/,
      );
      expect(hook.connections()).toBe(0);
    },
  );

  it('calls those of Services of which the operator says where they are', async () => {
    const patch = { spec: { conversion: { webhook: { clientConfig: { url: null, service: SERVICE, caBundle: hook.caBundle } } } } };
    expect((await host.fetch('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com', json('PATCH', patch))).status).toBe(200);
    expect((await host.fetch(WIDGETS('v1beta1'), json('POST', old))).status).toBe(201);
    const { spec } = (await (await host.fetch(`${WIDGETS('v1')}/a`)).json()) as { spec: object };
    expect(spec).toEqual({ size: 'S', color: 'flat-ish' });
    expect(((await (await host.fetch(`${WIDGETS('v1beta1')}/a`)).json()) as { spec: object }).spec).toMatchObject({ size: 'S', shape: 'flat' });
    expect(hook.connections()).toBeGreaterThan(0);
  });
});
