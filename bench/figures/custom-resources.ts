import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';
import { median } from '../workloads.ts';

const DEFINITIONS = 200;
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * From a definition of custom resources to the first object of it; and what 200 definitions of cert-manager's size add to the memory of a host, with an
 * object of each, discovered and described, once it is idle.
 */
export async function customResources(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')) });
  await sleep(8_000);
  const before = host.rss;
  const times: number[] = [];
  for (let i = 0; i < DEFINITIONS; i++) {
    const started = performance.now();
    await host.call('POST', PATH, definition(i));
    await host.call('POST', `/apis/example.com/v1/namespaces/default/things${i}`, thing(i));
    times.push(performance.now() - started);
  }
  await host.call('GET', '/apis/example.com/v1');
  await host.call('GET', '/openapi/v3');
  await sleep(8_000);
  const { rss } = host;
  await host.stop();
  return { crd_ready_ms: median(times), crds_200_mb: rss - before };
}

const SECTIONS = 17;
const FIELDS = 18;

/** A definition with some 320 fields in some 74 KB, which is what the six of cert-manager have on average. */
function definition(i: number): object {
  const description = (of: string) => `${of} says how the thing is made, and by whom. `.repeat(4) + i;
  const field = (n: number) => ({ type: 'string', maxLength: 253, description: description(`Field ${n}`) });
  const section = (n: number) => ({
    type: 'object',
    description: description(`Section ${n}`),
    properties: Object.fromEntries(Array.from({ length: FIELDS }, (_, f) => [`field${f}`, field(f)])),
    required: ['field0'],
  });
  const spec = { type: 'object', properties: Object.fromEntries(Array.from({ length: SECTIONS }, (_, n) => [`section${n}`, section(n)])) };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: section(0) } } };
  const plural = `things${i}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind: `Thing${i}` },
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

const thing = (i: number) => ({
  apiVersion: 'example.com/v1',
  kind: `Thing${i}`,
  metadata: { name: 'first' },
  spec: { section1: { field0: 'x', field1: 'y' } },
});
