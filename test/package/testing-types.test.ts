import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { testingTypes } from '../../scripts/testing-types.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What a compiler says of a suite that has nothing but the types of the package; empty: all is well. */
async function errorsIn(suite: string): Promise<string> {
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-types-'));
  try {
    const installed = path.join(dir, 'node_modules/logplane');
    mkdirSync(installed, { recursive: true });
    symlinkSync(path.join(root, 'node_modules/@types'), path.join(dir, 'node_modules/@types'));
    symlinkSync(path.join(root, 'node_modules/undici-types'), path.join(dir, 'node_modules/undici-types'));
    writeFileSync(
      path.join(installed, 'package.json'),
      JSON.stringify({ name: 'logplane', type: 'module', exports: { './testing': { types: './testing.d.ts', default: './testing.mjs' } } }),
    );
    writeFileSync(path.join(installed, 'testing.d.ts'), testingTypes());
    writeFileSync(path.join(dir, 'package.json'), '{"type":"module"}');
    writeFileSync(path.join(dir, 'suite.ts'), suite);
    const flags = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,esnext.disposable', '--types', 'node'];
    return await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...flags, 'suite.ts'], { cwd: dir }).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout as string,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('the types of logplane/testing', () => {
  it('stand alone, and say what suites may do', async () => {
    const errors = await errorsIn(`
      import { startCluster, type KubernetesObject, type TestCluster } from 'logplane/testing';
      await using cluster: TestCluster = await startCluster({ nodes: 3 });
      const [applied] = await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
      applied!.outcome satisfies 'created' | 'configured' | 'unchanged';
      (await cluster.get<{ data: { x: string } }>('configmap', 'a'))?.data.x satisfies string | undefined;
      const found: KubernetesObject = await cluster.until(() => cluster.get('configmap', 'a'));
      found.spec.whatever;
      (await cluster.fork({ at: cluster.offset })).clock.now() satisfies Date;
      (await cluster.kubeconfig) satisfies string;
    `);
    expect(errors).toBe('');
  });

  it('refuse what is none of it', async () => {
    const errors = await errorsIn(`
      import { startCluster } from 'logplane/testing';
      const cluster = await startCluster({ nodes: '3' });
      cluster.kubeconfig satisfies string;
      cluster.replica;
    `);
    expect(errors.match(/suite\.ts\(\d+/g)).toEqual(['suite.ts(3', 'suite.ts(4', 'suite.ts(5']);
  });
});
