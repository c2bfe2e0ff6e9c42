import { describe, expect, it } from 'vitest';
import { apisOf } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import { clusterInstant } from '../instant.ts';
import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import { clone, type KubeObject } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import { decodeEntry, encodeEntry } from '../log/codec.ts';
import type { LogEvent } from '../log/event.ts';
import { fieldSetOf } from '../managed-fields/field-set-of.ts';
import { sameEntries } from '../managed-fields/managed-entry.ts';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { entriesIn, managedFieldsOf } from '../managed-fields/ownership.ts';
import { intersection } from '../managed-fields/set-operations.ts';
import { evolve } from '../state/evolve.ts';
import { restoreSnapshot, takeSnapshot } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { decision, namespace } from '../testing/decisions.ts';
import { countingEnv, START } from '../testing/env.ts';
import { stateOf } from '../testing/state.ts';

/** Laws of field management, held against many managers that write objects of chance. */

const DEPLOYMENTS = 'deployments.apps';
const SEEDS = 40;

describe('field management', () => {
  it('applying twice is applying once', () => {
    forSeeds((cluster, { config }) => {
      for (let i = 0; i < 4; i++) {
        const mutation = applyOf(`m${i}`, config());
        cluster.write(mutation);
        const before = cluster.state.offset;
        cluster.write(mutation);
        expect(cluster.state.offset).toBe(before);
      }
    });
  });

  it('managers of different fields never conflict, in any order', () => {
    forSeeds((cluster, { config }) => {
      const [mine, theirs] = disjoint(config(), config());
      cluster.write(applyOf('m', mine));
      expect(cluster.write(applyOf('t', theirs, { force: false })), JSON.stringify([mine, theirs])).toBe('written');
      expect(cluster.write(applyOf('m', mine, { force: false }))).toBe('written');
    });
  });

  it('what a manager gives up goes, and nothing that another one owns', () => {
    forSeeds((cluster, { config }) => {
      const [mine, theirs] = disjoint(config(), config());
      cluster.write(applyOf('t', theirs));
      const before = cluster.fields();
      cluster.write(applyOf('m', mine));
      cluster.write(applyOf('m', bare()));
      expect(spec(cluster.fields())).toEqual(spec(before));
    });
  });

  it('what a manager gives up stays where another one owns it too', () => {
    forSeeds((cluster, { config }) => {
      const shared = config();
      cluster.write(applyOf('t', shared));
      const before = cluster.fields();
      cluster.write(applyOf('m', shared));
      cluster.write(applyOf('m', bare()));
      expect(spec(cluster.fields())).toEqual(spec(before));
    });
  });

  it('who owns what follows from the log: folded anew, through its encoding and through a snapshot', async () => {
    const snapshots: Promise<void>[] = [];
    forSeeds((cluster, { config, random }) => {
      for (let i = 0; i < 12; i++)
        cluster.write(random(3) ? applyOf(`m${random(4)}`, config(), { force: random(2) === 0 }) : cluster.update(`u${random(3)}`, config(), random(3)));
      const { events } = decodeEntry(encodeEntry({ offset: 1, time: clusterInstant(START), writer: 'w', events: cluster.events }));
      let folded = cluster.first;
      for (const event of events) folded = evolve(folded, [event], { time: clusterInstant(START) }).state;
      expect(managedFieldsOf(objectIn(folded)!)).toEqual(managedFieldsOf(objectIn(cluster.state)!));
      snapshots.push(
        takeSnapshot(cluster.state, async () => undefined).then(async ({ snapshot, bytes }) => {
          const { state } = await restoreSnapshot({ ...snapshot, bytes }, async () => undefined);
          expect(managedFieldsOf(objectIn(state)!)).toEqual(managedFieldsOf(objectIn(cluster.state)!));
        }),
      );
    });
    await Promise.all(snapshots);
  });

  it('is what was decided: evolve comes to the owners that Kubernetes would compute from the whole objects', () => {
    let derived = 0;
    let told = 0;
    forSeeds((cluster, { config, random }) => {
      for (let i = 0; i < 12; i++) cluster.write(random(3) ? applyOf(`m${random(4)}`, config()) : cluster.update(`u${random(3)}`, config(), random(3)));
      // `Cluster.write` compares the two at each write.
      for (const { managedFields } of cluster.events) managedFields ? told++ : derived++;
    });
    // What takes a field off that has a default does more than it says.
    expect(derived).toBeGreaterThan(3 * told);
  });
});

type Random = (below: number) => number;

function forSeeds(run: (cluster: Cluster, chance: { random: Random; config: () => Fields }) => void): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomOf(seed);
    run(new Cluster(), { random, config: () => configOf(random) });
  }
}

const objectIn = (state: State): KubeObject | undefined => state.get(DEPLOYMENTS, 'default', 'web');

/** One Deployment in its cluster. */
class Cluster {
  readonly first: State = stateOf([namespace('default')]);
  state: State = this.first;
  readonly events: LogEvent[] = [];
  readonly #env = countingEnv();

  /** Writes, and holds what was decided against what comes of its event. */
  write(mutation: Mutation): 'written' | 'refused' {
    try {
      const decided = decision(this.state, mutation, { env: this.#env, now: clusterInstant(START), actor: userNamed('system:apiserver') });
      const { state } = evolve(this.state, decided.events, { time: clusterInstant(START) });
      this.state = state;
      this.events.push(...decided.events);
      const object = objectIn(state)!;
      expect(sameEntries(entriesIn(object), entriesIn(decided.object)), JSON.stringify([managedFieldsOf(object), managedFieldsOf(decided.object)])).toBe(true);
      return 'written';
    } catch (error) {
      // A container that is left without an image, say.
      if (error instanceof StatusError) return 'refused';
      throw error;
    }
  }

  fields(): Fields {
    return fieldsOf(clone(objectIn(this.state)!));
  }

  /** An update, to the status or to the rest, by which some fields go. */
  update(name: string, config: Fields, what: number): Mutation {
    const current = objectIn(this.state);
    if (!current) return applyOf(name, config);
    if (what === 0) {
      const object = objectOf({ ...current, status: { replicas: config['replicas'] ?? 1, conditions: [{ type: name, status: 'True' }] } });
      return { type: 'update', resource: DEPLOYMENTS, object: unversioned(object), subresource: 'status', manager: { name, subresource: 'status' } };
    }
    const { template, ...others } = fieldsOf(current)['spec'] as Fields;
    const object = objectOf({
      ...fieldsOf(current),
      metadata: { ...current.metadata, labels: { [name]: String(what) } },
      spec: { ...others, template, paused: what === 1 },
    });
    return { type: 'update', resource: DEPLOYMENTS, object: unversioned(object), replace: true, manager: { name } };
  }
}

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const applyOf = (name: string, config: Fields, { force = true } = {}): Mutation => ({
  type: 'apply',
  resource: DEPLOYMENTS,
  namespace: 'default',
  name: 'web',
  config,
  manager: { name, operation: 'Apply' },
  force,
});

/** What every configuration has, so that the object is valid. */
const bare = (): Fields => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'a' }] } } },
});

function configOf(random: Random): Fields {
  const config = clone(bare()) as { metadata: Record<string, unknown>; spec: Record<string, unknown> } & Fields;
  const maybe = (into: Record<string, unknown>, name: string, value: () => unknown) => {
    if (random(2)) into[name] = value();
  };
  const letters = (value: () => unknown) => Object.fromEntries(['a', 'b', 'c'].filter(() => random(2)).map((letter) => [letter, value()]));
  maybe(config.metadata, 'labels', () => letters(() => String(random(3))));
  maybe(config.metadata, 'annotations', () => letters(() => String(random(3))));
  maybe(config.spec, 'minReadySeconds', () => random(3));
  maybe(config.spec, 'revisionHistoryLimit', () => random(3));
  const template = config.spec['template'] as { spec: Record<string, unknown> & { containers: Record<string, unknown>[] } };
  maybe(template.spec, 'nodeSelector', () => letters(() => String(random(3))));
  maybe(template.spec, 'tolerations', () => [{ key: 'k', operator: 'Exists' }].slice(random(2)));
  maybe(template.spec, 'hostAliases', () => ['1.2.3.4', '5.6.7.8'].filter(() => random(2)).map((ip) => ({ ip, hostnames: ['h'] })));
  const [container] = template.spec.containers as [Record<string, unknown>];
  maybe(container, 'env', () => ['A', 'B', 'C'].filter(() => random(2)).map((name) => ({ name, value: String(random(3)) })));
  maybe(container, 'ports', () => [80, 81, 82].filter(() => random(2)).map((containerPort) => ({ containerPort, ...(random(2) && { protocol: 'UDP' }) })));
  for (const name of ['x', 'y']) if (random(3) === 0) template.spec.containers.push({ name, image: String.fromCharCode(97 + random(3)) });
  return config;
}

/** Two configurations of which the second has lost what the first has too, but for what every one has. */
function disjoint(mine: Fields, theirs: Fields): [Fields, Fields] {
  const type = mergeTypeOf(apisOf(stateOf([])).resource(DEPLOYMENTS)!.storageVersion.type);
  const fields = fieldSetOf(bare(), type);
  for (const place of ['labels', 'annotations'] as const) drop(mine['metadata'], theirs['metadata'], place);
  for (const place of ['minReadySeconds', 'revisionHistoryLimit']) drop(mine['spec'], theirs['spec'], place);
  const specOf = (config: Fields) => ((config['spec'] as Fields)['template'] as Fields)['spec'] as Fields;
  for (const place of ['nodeSelector', 'tolerations', 'hostAliases']) drop(specOf(mine), specOf(theirs), place);
  const mainOf = (config: Fields) => (specOf(config)['containers'] as Fields[])[0];
  for (const place of ['env', 'ports']) drop(mainOf(mine), mainOf(theirs), place);
  const containers = specOf(theirs)['containers'] as Fields[];
  const names = new Set((specOf(mine)['containers'] as Fields[]).map(({ name }) => name));
  containers.splice(1, containers.length, ...containers.slice(1).filter(({ name }) => !names.has(name)));
  const shared = intersection(fieldSetOf(mine, type), fieldSetOf(theirs, type));
  expect([...shared.paths()].every((path) => fields.has(path))).toBe(true);
  return [mine, theirs];
}

function drop(mine: unknown, theirs: unknown, name: string): void {
  if (Object.hasOwn(mine as object, name)) delete (theirs as Record<string, unknown>)[name];
}

const spec = (fields: Fields): Fields => {
  const { generation: _g, resourceVersion: _r, ...metadata } = fields['metadata'] as Fields;
  return { metadata, spec: fields['spec'] };
};

function randomOf(seed: number): Random {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
