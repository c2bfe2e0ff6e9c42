import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent } from '../../test/support/agent.ts';
import { CommandLineHost } from '../../test/support/command-line.ts';
import { commandLine } from '../command-line.ts';
import { manifestsIn } from '../manifests.ts';
import { tools } from './registry.ts';

const page = readFileSync(new URL('../../docs/mcp.md', import.meta.url), 'utf8');
const blocks = (language: string) => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 2 });
});
afterAll(() => at.close());

describe('docs/mcp.md', () => {
  it('has configurations that start what there is', async () => {
    const configurations = blocks('json').map((text) => JSON.parse(text));
    expect(configurations).toHaveLength(3);
    for (const { mcpServers, servers } of configurations) {
      const { command, args } = (mcpServers ?? servers).logplane;
      expect([command, ...args.slice(0, 3)]).toEqual(['npx', '-y', 'logplane', 'mcp']);
      // Without what it does, the verb takes these options.
      const program = commandLine({ out: () => {}, err: () => {}, columns: undefined, colours: false, env: {}, cwd: '/', isPlugin: false, exitCode: 0 });
      let taken = false;
      program.commands
        .find((verb) => verb.name() === 'mcp')!
        .action(() => {
          taken = true;
        });
      await program.parseAsync(args.slice(2), { from: 'user' });
      expect(taken).toBe(true);
    }
  });

  it('names each tool', () => {
    for (const { name } of tools) expect(page).toMatch(new RegExp(`^\\| .*\`${name}\``, 'm'));
  });

  it('has an example that goes as it says', async () => {
    const [manifest] = blocks('yaml');
    at.write('web.json', ...manifestsIn(manifest!, 'docs/mcp.md').map(({ object }) => object));
    await at.run(['apply', '-f', `${at.dir}/web.json`]);
    expect(await at.run(['test', '--context', 'logplane-default', '--for', 'deployment/web:jsonpath={.status.unavailableReplicas}=2'])).toMatchObject({
      code: 0,
    });
    const agent = await Agent.of({ kubeconfig: at.kubeconfig, allow: 'fork' });
    const calls = blocks('').filter((text) => text.startsWith('→ '));
    expect(calls.length).toBeGreaterThan(5);
    for (const block of calls) {
      const [call = '', ...wanted] = block.trimEnd().split('\n');
      const [, name, input] = /^→ (\w+) (.*)$/.exec(call)!;
      const { text } = await agent.call(name!, JSON.parse(input!));
      if (process.env['SHOW']) console.error(call, '\n', text);
      const patterns = wanted.map((line) =>
        line
          .split('…')
          .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*'),
      );
      expect(text).toMatch(new RegExp(`^${patterns.join('\\n')}`, 's'));
    }
    await agent.client.close();
  });
});
