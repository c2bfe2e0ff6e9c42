import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLineHost, unheard } from '../test/support/command-line.ts';
import { commandLine } from './command-line.ts';

let at: CommandLineHost;
let offset: number;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 1 });
  const manifest = at.write('a.json', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: '1' } });
  await at.run(['apply', '-f', manifest]);
  offset = (await at.host.replica('default'))!.state.offset;
});
afterAll(() => at.close());

const leaves = (command: Command): Command[] => (command.commands.length > 0 ? command.commands.flatMap(leaves) : [command]);
const nameOf = (command: Command): string => (command.parent?.parent ? `${nameOf(command.parent)} ` : '') + command.name();

/** What each verb is run with, in this order; `up` runs in a process of its own (up.test.ts). */
const runs: Readonly<Record<string, () => readonly string[]>> = {
  apply: () => ['-f', `${at.dir}/a.json`],
  test: () => ['-f', `${at.dir}/a.json`, '--context', 'logplane-default'],
  why: () => ['cm/a'],
  history: () => ['cm/a'],
  blame: () => ['cm/a'],
  plan: () => ['-f', `${at.dir}/a.json`],
  ui: () => [],
  export: () => [],
  import: () => ['-f', `${at.dir}/a.json`, '--yes'],
  undo: () => [String(offset)],
  'nodes add': () => ['--type', 'm5.large'],
  fork: () => ['try'],
  'clusters list': () => [],
  'clusters create': () => ['lab', '--nodes', '0'],
  kubeconfig: () => ['--merge', '--file', `${at.dir}/own`],
  'clusters delete': () => ['try', 'lab'],
};

/** What they print is a form of its own: a protocol, a script, a credential in JSON. */
const NEITHER = ['mcp', 'completion', '__complete', 'credential'];

describe('--output json', () => {
  const verbs = leaves(commandLine(unheard));

  it('is an option of every verb', () => {
    const without = verbs.filter(({ options }) => !options.find(({ long }) => long === '--output')?.argChoices?.includes('json'));
    expect(without.map(nameOf).sort()).toEqual([...NEITHER].sort());
    expect(Object.keys(runs).sort()).toEqual(
      verbs
        .map(nameOf)
        .filter((name) => !NEITHER.includes(name) && name !== 'up')
        .sort(),
    );
  });

  it.each(Object.keys(runs))('of %s is one value', async (name) => {
    const { code, out, err } = await at.run([...name.split(' '), ...runs[name]!(), '-o', 'json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toBeTypeOf('object');
  });
});
