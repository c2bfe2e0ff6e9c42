import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { Host } from './host.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { secrets } from './secrets.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
const kubeconfig = path.join(dir, 'kubeconfig');
let host: Host;
beforeAll(async () => {
  const problem = (message: string, error?: unknown) => {
    throw new Error(message, { cause: error });
  };
  host = await Host.start({ log: memoryLog(), env: systemEnv, secrets: secrets(undefined), port: 0, nodes: 1, cluster: 'default', problem });
  writeKubeconfig(kubeconfig, { server: host.url, ca: host.ca, token: host.token, cluster: 'default' });
});
afterAll(async () => {
  await host.close();
  rmSync(dir, { recursive: true });
});

const logplane = (...args: string[]) =>
  promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'cli.ts'), ...args]).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
  );
const add = (...args: string[]) => logplane('nodes', 'add', '--kubeconfig', kubeconfig, ...args);

describe('logplane nodes add', () => {
  it('adds instances of a type to a running cluster', async () => {
    const args = ['--type', 'g5.xlarge', '--zone', 'eu-west-1b', '--count', '2', '--spot', '--nodegroup', 'gpu', '--labels', 'a=b,c=d'];
    const { code, text } = await add(...args, '--taints', 'nvidia.com/gpu=true:NoSchedule');
    const names = ['ip-192-168-128-1.eu-west-1.compute.internal', 'ip-192-168-129-1.eu-west-1.compute.internal'];
    expect({ code, text }).toEqual({ code: 0, text: names.map((name) => `node/${name} created\n`).join('') });
    const { state } = (await host.replica('default'))!;
    expect(state.get('nodes', undefined, names[1]!)).toMatchObject({
      metadata: { labels: { a: 'b', c: 'd', 'eks.amazonaws.com/nodegroup': 'gpu', 'eks.amazonaws.com/capacityType': 'SPOT' } },
      spec: {
        providerID: expect.stringMatching(/^aws:\/\/\/eu-west-1b\/i-0[0-9a-f]{16}$/),
        taints: expect.arrayContaining([{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }]),
      },
      status: { allocatable: { 'nvidia.com/gpu': '1' } },
    });
  });

  it.each([
    { args: ['--type', 'm5.huge'], want: 'There is no such EC2 instance type.' },
    { args: ['--type', 'm5.large', '--zone', 'europe'], want: 'An availability zone is needed, such as eu-west-1a.' },
    { args: ['--type', 'm5.large', '--taints', 'x'], want: 'key=value:Effect is needed' },
  ])('refuses $args', async ({ args, want }) => {
    const { code, text } = await add(...args);
    expect({ code, text }).toEqual({ code: 2, text: expect.stringContaining(want) });
  });
});
