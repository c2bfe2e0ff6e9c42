import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { blocks } from './blocks.ts';

/** The examples in TypeScript of docs/testing.md, as they stand, in a folder that has the manifests which they speak of. */

const [whole, forks, ...others] = blocks.filter(({ page, language }) => page === 'docs/testing.md' && language === 'ts').map(({ text }) => text);

const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('the page has two', () => expect(others).toEqual([]));

it('a cluster, its manifests, and what comes of them', async () => {
  mkdirSync(path.join(dir, 'manifests'));
  writeFileSync(path.join(dir, 'manifests/web.json'), JSON.stringify(web));
  const expectLength = 'const expect = (list: unknown[]) => ({ toHaveLength: (length: number) => assert.equal(list.length, length) });';
  await run(`import assert from 'node:assert/strict';\n${expectLength}\n${whole}`);
});

it('a fork for each case', async () => {
  mkdirSync(path.join(dir, 'crds'));
  writeFileSync(path.join(dir, 'crds/maps.json'), JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prepared' } }));
  const { stdout } = await run(`
import assert from 'node:assert/strict';
import { after as afterAll, before as beforeAll, afterEach, beforeEach, it } from 'node:test';
import { startCluster, type TestCluster } from 'logplane/testing';
let base: TestCluster, cluster: TestCluster;
${forks}
for (const name of ['one', 'other'])
  it(name, async () => {
    await cluster.get('configmap', 'prepared');
    await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    assert.equal((await cluster.list('configmaps')).filter(({ metadata }) => ['one', 'other'].includes(metadata!.name!)).length, 1);
  });`);
  expect(stdout).toMatch(/pass 2\b/);
});

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
};

const testing = path.resolve(import.meta.dirname, '../../local/testing/testing.ts');

/** Node runs it, with the sources in the place of the package. */
async function run(text: string): Promise<{ stdout: string }> {
  const file = path.join(dir, 'example.mts');
  writeFileSync(file, text.replaceAll("'logplane/testing'", `'${testing}'`));
  return promisify(execFile)(process.execPath, ['--test-reporter=spec', file], { cwd: dir });
}
