import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../kube/status.ts';
import { typeOfKind } from './fields.ts';
import { decodeProtobuf, encodeProtobuf, encodeWatchFrame } from './protobuf.ts';

interface Fixture {
  command?: string;
  bytes: string;
  object: Record<string, unknown>;
}

const fixtures = (name: string): Fixture[] =>
  readFileSync(new URL(`testdata/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

// What kubectl 1.35 put on the wire, and what it printed for the same command with `--dry-run=client -o json`.
describe('what kubectl sends', () => {
  for (const { command, bytes, object } of fixtures('kubectl')) {
    it(command!, () => {
      const decoded = decodeProtobuf(Buffer.from(bytes, 'base64'));
      expect(decoded).toEqual(withoutNulls(object));
      expect(Buffer.from(encodeProtobuf(decoded)).toString('base64')).toBe(bytes);
    });
  }
});

// Objects filled at random by k8s.io/apimachinery 0.36: its JSON and its protobuf of the same object.
describe('what Go writes', () => {
  for (const { bytes, object } of fixtures('apimachinery')) {
    it(`${object['apiVersion']} ${object['kind']}, ${bytes.length} characters`, () => {
      expect(decodeProtobuf(Buffer.from(bytes, 'base64'))).toEqual(object);
      expect(Buffer.from(encodeProtobuf(object)).toString('base64')).toBe(bytes);
    });
  }
});

describe('presence', () => {
  const roundTrip = (object: Record<string, unknown>) => decodeProtobuf(encodeProtobuf(object));

  it('keeps the zero of a pointer', () => {
    const spec = {
      replicas: 0,
      template: { metadata: {}, spec: { automountServiceAccountToken: false, hostUsers: false, securityContext: { runAsUser: 0 } } },
    };
    expect(roundTrip({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec })).toMatchObject({ spec });
  });

  it('leaves out the zero of a value', () => {
    const decoded = roundTrip({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { hostNetwork: false, nodeName: '', containers: [{ name: 'c', stdin: false }] },
    });
    expect(decoded).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', resources: {} }] }, status: {} });
  });

  it('keeps empty structs behind pointers and empty strings in maps', () => {
    const decoded = roundTrip({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels: { empty: '' } },
      spec: { containers: [], volumes: [{ name: 'v', emptyDir: {} }] },
    });
    expect(decoded).toMatchObject({ metadata: { labels: { empty: '' } }, spec: { volumes: [{ name: 'v', emptyDir: {} }] } });
  });

  it('takes a key such as __proto__ as any other', () => {
    const data = JSON.parse('{"__proto__": "x"}');
    const decoded = roundTrip({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
    expect(JSON.stringify(decoded['data'])).toBe('{"__proto__":"x"}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('refusals', () => {
  const namespace = encodeProtobuf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const refuse = (bytes: Uint8Array) => {
    try {
      decodeProtobuf(bytes);
    } catch (error) {
      return (error as StatusError).status;
    }
    throw new Error('decoded');
  };

  it('says what is wrong, as a 400', () => {
    expect(refuse(new Uint8Array(0))).toMatchObject({ code: 400, reason: 'BadRequest', message: expect.stringContaining('empty data') });
    expect(refuse(Buffer.from('{"kind":"Pod"}')).message).toContain('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
    expect(refuse(Buffer.from('k8s\0')).message).toContain('empty body');
    expect(refuse(encodeUnknown('v1', '')).message).toContain("Object 'Kind' is missing");
    expect(refuse(encodeUnknown('v1', 'Hobbit')).message).toBe('no kind "Hobbit" is registered for version "v1"');
  });

  it('answers every truncation and every flipped byte with an object or a 400', () => {
    for (let i = 0; i < namespace.length; i++) {
      expect(outcome(namespace.subarray(0, i))).toMatch(/decoded|400/);
      for (const byte of [0x00, 0x7f, 0xff]) {
        const broken = namespace.slice();
        broken[i] = byte;
        expect(outcome(broken)).toMatch(/decoded|400/);
      }
    }
  });

  it('bounds the nesting', () => {
    let schema: Record<string, unknown> = {};
    for (let i = 0; i < 300; i++) schema = { not: schema };
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {},
      spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] },
    };
    expect(refuse(encodeProtobuf(crd)).message).toContain('exceeded max depth');
  });

  it('has no form of Table and of custom resources', () => {
    expect(typeOfKind('v1', 'Pod')).toBe('io.k8s.api.core.v1.Pod');
    expect(typeOfKind('apps/v1', 'DeleteOptions')).toBe('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions');
    expect(typeOfKind('meta.k8s.io/v1', 'Table')).toBeUndefined();
    expect(typeOfKind('v1', 'constructor')).toBeUndefined();
    expect(() => encodeProtobuf({ apiVersion: 'meta.k8s.io/v1', kind: 'Table' })).toThrow('does not implement the protobuf marshalling interface');
  });

  function outcome(bytes: Uint8Array): string {
    try {
      return `decoded ${decodeProtobuf(bytes)['kind']}`;
    } catch (error) {
      return String((error as StatusError).code);
    }
  }
});

it('frames the events of a watch', () => {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const frame = encodeWatchFrame('ADDED', object);
  const view = new DataView(frame.buffer, frame.byteOffset);
  expect(view.getUint32(0)).toBe(frame.length - 4);
  const inner = encodeProtobuf(object);
  // WatchEvent{type: "ADDED", object: RawExtension{raw: the object in its envelope}}
  expect([...frame.subarray(4)]).toEqual([0x0a, 5, ...Buffer.from('ADDED'), 0x12, inner.length + 2, 0x0a, inner.length, ...inner]);
});

function encodeUnknown(apiVersion: string, kind: string): Uint8Array {
  const typeMeta = [0x0a, apiVersion.length, ...Buffer.from(apiVersion), 0x12, kind.length, ...Buffer.from(kind)];
  return Uint8Array.from([...Buffer.from('k8s\0'), 0x0a, typeMeta.length, ...typeMeta]);
}

/** kubectl prints null where Go has a nil list or an unset time; Logplane leaves these out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null)
      .map(([k, v]) => [k, withoutNulls(v)]),
  );
}
