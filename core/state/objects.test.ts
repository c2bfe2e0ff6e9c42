import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { Objects } from './objects.ts';

/** Against a plain map that is copied for each version. */
type Model = ReadonlyMap<string, KubeObject>;

const RESOURCES = ['pods', 'configmaps'];
const NAMESPACES = ['', 'a', 'b'];
const NAMES = ['x', 'y', 'z'];

/** Chance from a small linear congruential generator. */
function chance(seed: number) {
  let last = seed;
  return (below: number): number => {
    last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
    return Math.floor((last / 2 ** 32) * below);
  };
}

const X = { resource: 'pods', namespace: 'a', name: 'x' };

const object = (name: string, n: number): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: { name, resourceVersion: String(n) } });

interface Version {
  readonly objects: Objects;
  readonly model: Model;
}

function after({ objects, model }: Version, next: (below: number) => number, n: number): Version {
  const [resource, namespace, name] = [RESOURCES[next(2)]!, NAMESPACES[next(3)]!, NAMES[next(3)]!];
  const put = next(3) > 0 ? object(name, n) : undefined;
  const changed = new Map(model);
  if (put) changed.set(`${resource}/${namespace}/${name}`, put);
  else changed.delete(`${resource}/${namespace}/${name}`);
  return { objects: objects.with({ resource, namespace, name }, put, model.get(`${resource}/${namespace}/${name}`)), model: changed };
}

function check({ objects, model }: Version): void {
  expect(objects.size).toBe(model.size);
  for (const resource of RESOURCES) {
    const of = [...model].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object);
    expect(new Set(objects.of(resource))).toEqual(new Set(of));
    expect(objects.resources().includes(resource)).toBe(of.length > 0);
    for (const namespace of NAMESPACES) {
      for (const name of NAMES) {
        const want = model.get(`${resource}/${namespace}/${name}`);
        expect(objects.get(resource, namespace, name)).toBe(want);
        expect(objects.named(resource, namespace)?.get(name)).toBe(want);
      }
    }
  }
}

describe.each([1, 2, 3, 4, 5])('versions that follow versions at random (seed %i)', (seed) => {
  it('each stay what they are, whichever is read or followed next', () => {
    const next = chance(seed);
    const versions: Version[] = [{ objects: Objects.none(), model: new Map() }];
    for (let n = 1; n <= 400; n++) {
      // Mostly the newest is followed, sometimes an old one: a draft that came to nothing, a what-if, the past.
      const from = next(4) > 0 ? versions.at(-1)! : versions[next(versions.length)]!;
      versions.push(after(from, next, n));
      check(versions[next(versions.length)]!);
    }
    for (const version of versions) check(version);
    for (const version of versions.toReversed()) check(version);
  });
});

describe('a version far behind', () => {
  it('gets a table of its own, from which and to which versions between still find their way', () => {
    let objects = Objects.none().with(X, object('x', 0), undefined);
    const seen: { objects: Objects; n: number }[] = [{ objects, n: 0 }];
    for (let n = 1; n <= 10_000; n++) {
      objects = objects.with(X, object('x', n), object('x', n - 1));
      if (n % 400 === 0) seen.push({ objects, n });
    }
    const versionOf = ({ objects }: { objects: Objects }) => objects.get('pods', 'a', 'x')?.metadata.resourceVersion;
    for (const order of [seen, seen.toReversed(), [...seen].sort((a, b) => (a.n % 2_800) - (b.n % 2_800))]) {
      for (const version of order) expect(versionOf(version)).toBe(String(version.n));
    }
    // A fork of each leaves all others as they are.
    for (const version of seen) expect(versionOf({ objects: version.objects.with(X, object('x', -1), object('x', version.n)) })).toBe('-1');
    for (const version of seen) expect(versionOf(version)).toBe(String(version.n));
  });

  it('holds on to no version that comes after it', () => {
    const first = Objects.none().with(X, object('x', 1), undefined);
    let last = first;
    for (let n = 2; n <= 2_000; n++) last = last.with(X, object('x', n), object('x', n - 1));
    first.get('pods', 'a', 'x');
    // Read in turns from now on, neither takes anything from the other.
    const named = [first.named('pods', 'a'), last.named('pods', 'a')];
    expect(named[0]).not.toBe(named[1]);
    expect([first.named('pods', 'a'), last.named('pods', 'a')]).toEqual(named);
    expect(first.named('pods', 'a')).toBe(named[0]);
  });
});

describe('clusters that begin empty', () => {
  it('share no table', () => {
    const none = Objects.none();
    const [one, other] = ['1', '2'].map((version) => none.with(X, object('x', Number(version)), undefined)) as [Objects, Objects];
    expect(one.named('pods', 'a')).not.toBe(other.named('pods', 'a'));
    expect(none.get('pods', 'a', 'x')).toBeUndefined();
    expect([one, other].map((objects) => objects.get('pods', 'a', 'x')?.metadata.resourceVersion)).toEqual(['1', '2']);
  });
});
