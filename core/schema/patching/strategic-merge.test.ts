import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../kube/status.ts';
import { schemaOf } from '../built-in-types.ts';
import { strategicMergePatch } from './strategic-merge.ts';

const types = {
  ConfigMap: schemaOf('io.k8s.api.core.v1.ConfigMap')!,
  Deployment: schemaOf('io.k8s.api.apps.v1.Deployment')!,
  Node: schemaOf('io.k8s.api.core.v1.Node')!,
  Pod: schemaOf('io.k8s.api.core.v1.Pod')!,
  Service: schemaOf('io.k8s.api.core.v1.Service')!,
};

type Case = { name: string; type: keyof typeof types; object: object; patch: object } & ({ want: object } | { error: string });

// Objects and patches with what k8s.io/apimachinery 0.36 answers to each.
const cases: Case[] = readFileSync(new URL('testdata/strategic-merge.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

// Kubernetes knows a few of them as the client's fault.
const answerTo = (error: string) => (error.startsWith('invalid patch format') ? { code: 400, reason: 'BadRequest' } : { code: 500, reason: undefined });

describe('strategicMergePatch', () => {
  for (const given of cases) {
    it(given.name, () => {
      const patched = () => strategicMergePatch(deepFreeze(given.object), deepFreeze(given.patch), types[given.type]);
      if ('want' in given) expect(patched()).toEqual(given.want);
      else {
        const { code, reason, message } = statusOf(patched);
        expect({ code, reason }).toEqual(answerTo(given.error));
        expect(message).toContain(given.error);
      }
    });
  }

  it('refuses lists of lists as 422', () => {
    const patched = () => strategicMergePatch({ metadata: { finalizers: [] } }, { metadata: { finalizers: [['a']] } }, types.Pod);
    expect(statusOf(patched)).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  it('refuses a patch that is no object', () => {
    expect(statusOf(() => strategicMergePatch({}, [], types.Pod))).toMatchObject({
      code: 400,
      message: 'expected a map[string]interface {}, but received a []interface {}',
    });
  });

  it('shares what it does not touch', () => {
    const object = { metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a' }] } };
    const patched = strategicMergePatch(object, { metadata: { labels: { a: '2' } } }, types.Pod);
    expect(patched.spec).toBe(object.spec);
  });

  it('takes __proto__ as a key like any other', () => {
    const patched = strategicMergePatch({ data: { a: '1' } }, JSON.parse('{"data":{"__proto__":"x","constructor":"y"}}'), types.ConfigMap);
    expect(Object.keys(patched.data)).toEqual(['a', '__proto__', 'constructor']);
    expect(Object.getPrototypeOf(patched.data)).toBe(Object.prototype);
  });
});

function statusOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('did not throw');
}
