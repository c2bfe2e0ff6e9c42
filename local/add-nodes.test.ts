import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLineHost } from '../test/support/command-line.ts';

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 1 });
});
afterAll(() => at.close());

const logplane = (...args: string[]) => at.run(args).then(({ code, out, err }) => ({ code, text: code === 0 ? out : err }));
const add = (...args: string[]) => logplane('nodes', 'add', ...args);

describe('logplane nodes add', () => {
  it('adds instances of a type to a running cluster', async () => {
    const args = ['--type', 'g5.xlarge', '--zone', 'eu-west-1b', '--count', '2', '--spot', '--nodegroup', 'gpu', '--labels', 'a=b,c=d'];
    const { code, text } = await add(...args, '--taints', 'nvidia.com/gpu=true:NoSchedule');
    const names = ['ip-192-168-128-1.eu-west-1.compute.internal', 'ip-192-168-129-1.eu-west-1.compute.internal'];
    expect({ code, text }).toEqual({ code: 0, text: names.map((name) => `node/${name} created\n`).join('') });
    const { state } = (await at.host.replica('default'))!;
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
