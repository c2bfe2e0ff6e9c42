import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { validateAction } from '@action-validator/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAction, runAction } from './composite-action.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ACTION = path.join(root, 'action.yml');

describe('action.yml', () => {
  it('is an action', () => {
    expect(validateAction(readFileSync(ACTION, 'utf8')).errors).toEqual([]);
  });

  it('gives its scripts nothing from outside but by their environment, and uses no action of others', () => {
    const { runs, inputs, outputs } = readAction(ACTION);
    for (const { run, uses } of runs.steps) expect([uses, run]).toEqual([undefined, expect.not.stringContaining('${' + '{')]);
    for (const { description } of [...Object.values(inputs), ...Object.values(outputs)]) expect(description).toMatch(/\.$/);
    const documented = readFileSync(path.join(root, 'docs/ci.md'), 'utf8');
    for (const name of [...Object.keys(inputs), ...Object.keys(outputs)]) expect(documented).toContain(`| \`${name}\` |`);
  });
});

describe('the steps of the action', () => {
  let dir: string;
  let github: Server;
  let comments: { id: number; body: string }[];
  let status = 200;

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'logplane-action-'));
    // In the place of the registry: an npm that installs what stands here.
    mkdirSync(path.join(dir, 'bin'));
    const installed = '"$prefix/node_modules/.bin/logplane"';
    const program = `#!/bin/sh\\nexec "${process.execPath}" "${path.join(root, 'local/cli.ts')}" "$@"\\n`;
    writeFileSync(
      path.join(dir, 'bin/npm'),
      `#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --prefix ] && prefix=$2; shift; done\nmkdir -p "$prefix/node_modules/.bin"\nprintf '${program}' > ${installed}\nchmod +x ${installed}\n`,
    );
    chmodSync(path.join(dir, 'bin/npm'), 0o755);
    // GitHub's comments on pull request 7.
    github = createServer(async (request, response) => {
      const { method, url = '' } = request;
      const { body } = method === 'GET' ? { body: '' } : (JSON.parse(await text(request)) as { body: string });
      if (request.headers.authorization !== 'Bearer token-of-the-run' || !url.startsWith('/repos/acme/shop/issues/')) response.statusCode = 401;
      else response.statusCode = status;
      if (response.statusCode === 200 && method === 'POST') comments.push({ id: comments.length + 1, body });
      if (response.statusCode === 200 && method === 'PATCH') comments.find(({ id }) => url.endsWith(`/comments/${id}`))!.body = body;
      response.end(JSON.stringify(method === 'GET' ? comments : {}));
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', () => resolve()));
    const labels = { app: 'web' };
    const deployment = (name: string, pod: object) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }], ...pod } } },
    });
    mkdirSync(path.join(dir, 'good'));
    writeFileSync(path.join(dir, 'good/web.json'), JSON.stringify(deployment('web', {})));
    writeFileSync(path.join(dir, 'bad.json'), JSON.stringify(deployment('large', { nodeSelector: { disk: 'none' } })));
    writeFileSync(path.join(dir, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }));
  });
  beforeEach(() => {
    comments = [{ id: 99, body: 'looks good to me' }];
    status = 200;
  });
  afterAll(() => {
    github.close();
    rmSync(dir, { recursive: true });
  });

  const run = (inputs: Readonly<Record<string, string>>) => {
    const env = {
      PATH: `${path.join(dir, 'bin')}:${path.dirname(process.execPath)}:${process.env['PATH']}`,
      HOME: dir,
      GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_EVENT_PATH: path.join(dir, 'event.json'),
    };
    return runAction(ACTION, { inputs, env, dir });
  };

  it('tell on the pull request what would go well', async () => {
    const { code, outputs, log } = await run({ path: 'good' });
    expect([code, outputs['result'], log]).toEqual([0, 'Succeeds', expect.stringContaining('This would go well')]);
    expect(readFileSync(outputs['junit']!, 'utf8')).toContain('<testsuite');
    expect(comments).toHaveLength(2);
    expect(comments[1]!.body).toMatch(/^<!-- logplane plan good -->\n### ✔ This would go well\n\n {4}Applied\n/);
    expect(readFileSync(path.join(dir, 'summary'), 'utf8')).toContain('### Plan: Succeeds');
  });

  it('fail where the plan does, and write over the comment of before', async () => {
    comments.push({ id: 2, body: '<!-- logplane plan bad.json -->\nof before' });
    const { code, outputs, log } = await run({ path: 'bad.json', current: 'good' });
    expect([code, outputs['result'], log]).toEqual([1, 'Fails', expect.stringContaining('::error::the plan comes to: Fails')]);
    expect(comments.map(({ id }) => id)).toEqual([99, 2]);
    expect(comments[1]!.body).toMatch(/### ✘ This would fail\n.*0\/3 nodes are available/s);
  });

  it('take no input for a command, and go on where they may not comment', async () => {
    status = 403;
    const evil = `$(touch ${dir}/owned); touch ${dir}/owned "\`touch ${dir}/owned\`"`;
    const { code, outputs, log } = await run({ path: evil, fail: 'false' });
    expect([code, outputs['result'], outputs['junit']]).toEqual([0, 'NoPlan', '']);
    expect(log).toContain('does not exist');
    expect(log).toContain('::warning::the plan could not be written as a comment: GitHub answers 403');
    expect(existsSync(path.join(dir, 'owned'))).toBe(false);
  });
});
