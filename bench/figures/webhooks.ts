import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configuration } from '../../test/support/admission-port.ts';
import { webhookServer } from '../../test/support/webhook-server.ts';
import { HostProcess } from '../host-process.ts';
import { median } from '../workloads.ts';

const WRITES = 300;

/** What a validating webhook on the same machine, which answers at once, adds to a write: medians of 300, on one kept connection. */
export async function webhooks(): Promise<Record<string, number>> {
  const hook = await webhookServer({
    respond: (review) => ({ ...review, request: undefined, response: { uid: review.request.uid, allowed: true } }),
  });
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')) });
  const write = async (name: string) => {
    const started = performance.now();
    await host.call('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'value' } });
    return performance.now() - started;
  };
  const writes = async (prefix: string) => {
    for (let i = 0; i < 50; i++) await write(`${prefix}-warm-${i}`);
    const times: number[] = [];
    for (let i = 0; i < WRITES; i++) times.push(await write(`${prefix}-${i}`));
    return median(times);
  };
  const without = await writes('without');
  const client = { clientConfig: { url: `https://localhost:${hook.port}/validate`, caBundle: hook.caBundle } };
  await host.call('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', configuration('Validating', 'bench', { v: client }));
  const withHook = await writes('with');
  if (hook.connections() !== 1) throw new Error(`the webhook was called on ${hook.connections()} connections`);
  await host.stop();
  await hook.close();
  return { webhook_ms: withHook - without };
}
