import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLineHost } from '../../test/support/command-line.ts';

const CLI = path.resolve(import.meta.dirname, '../cli.ts');

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 1 });
});
afterAll(() => at.close());

const line = (message: object) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const hello = line({
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'agent', version: '0.0.0' } },
});

/** Runs `logplane mcp`, and gives it some lines. It ends when its input does, which is once it has answered as often as is waited for. */
async function served(lines: readonly string[], answers: number, env: Record<string, string>) {
  const child = spawn(process.execPath, [CLI, 'mcp'], { env: { ...process.env, ...env }, cwd: at.dir });
  const errors = text(child.stderr);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    if (out.split('\n').length > answers) child.stdin.end();
  });
  child.stdin.write(lines.join(''));
  const [code] = await once(child, 'close');
  return {
    code,
    messages: out
      .trimEnd()
      .split('\n')
      .map((message) => JSON.parse(message)),
    err: await errors,
  };
}

describe('logplane mcp', () => {
  it('speaks the protocol of 2026 over standard input and output, to a client that asks for it', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [CLI, 'mcp'],
      env: { KUBECONFIG: at.kubeconfig, HOME: at.dir, PATH: process.env['PATH'] ?? '' },
      stderr: 'pipe',
    });
    const client = new Client({ name: 'agent', version: '0.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(transport);
    expect(client.getProtocolEra()).toBe('modern');
    const { structuredContent } = await client.callTool({ name: 'list', arguments: { kind: 'nodes' } });
    expect(structuredContent).toMatchObject({ kind: 'nodes', rows: [expect.arrayContaining(['node-1'])] });
    await client.close();
  });

  it('speaks that of 2025, prints nothing else, and ends with its input', async () => {
    const call = line({ id: 2, method: 'tools/call', params: { name: 'list', arguments: { kind: 'nodes' } } });
    const { code, messages, err } = await served([hello, line({ method: 'notifications/initialized' }), call], 2, { KUBECONFIG: at.kubeconfig });
    expect(messages).toMatchObject([
      { id: 1, result: { protocolVersion: '2025-06-18', serverInfo: { name: 'logplane' } } },
      { id: 2, result: { structuredContent: { kind: 'nodes' } } },
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('starts without a cluster, says so on standard error, and answers calls with what to do', async () => {
    const missing = path.join(at.dir, 'none');
    const call = line({ id: 2, method: 'tools/call', params: { name: 'list', arguments: { kind: 'nodes' } } });
    const { code, messages, err } = await served([hello, line({ method: 'notifications/initialized' }), 'no protocol\n', call], 2, { KUBECONFIG: missing });
    expect(messages.at(-1)).toMatchObject({
      id: 2,
      result: { isError: true, content: [{ text: expect.stringContaining('start a cluster here with logplane up') }] },
    });
    expect(code).toBe(0);
    expect(err).toContain(`logplane: there is no kubeconfig (${missing})`);
  });
});
