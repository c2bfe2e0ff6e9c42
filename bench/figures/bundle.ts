import { execFileSync } from 'node:child_process';
import { bundleFunctions } from '../../test/aws/bundles.ts';
import { median } from '../workloads.ts';

/** What SST links to the function in a deployment. */
const links = {
  SST_RESOURCE_App: { name: 'logplane', stage: 'bench' },
  SST_RESOURCE_Places: { table: 'log', scheduler: 'https://s', controllers: 'https://c', nodes: 'https://n', delayed: 'https://d' },
  SST_RESOURCE_LogplaneToken: { value: 'a-token-for-this-measurement' },
  SST_RESOURCE_LogplaneSigningKey: { value: 'a-key-for-this-measurement-alone-of-43-characters' },
};

/** What the API function loads as it starts, minified as it is deployed, and its import into a fresh process, with what it sets up before the first request. Median of 7. */
export async function bundle(): Promise<Record<string, number>> {
  const { file, bytes } = (await bundleFunctions()).api;
  const measure = `globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
    const started = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - started);`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    AWS_REGION: 'eu-west-1',
    ...Object.fromEntries(Object.entries(links).map(([name, value]) => [name, JSON.stringify(value)])),
  };
  const times = Array.from({ length: 7 }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', measure], { env, stdio: ['ignore', 'pipe', 'ignore'] }).toString()),
  );
  return { api_bundle_kb: bytes / 1024, api_import_ms: median(times) };
}
