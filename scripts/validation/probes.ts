import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import type { ApiResource } from '../../core/apis/api-resource.ts';
import type { Mutation } from '../../core/apis/mutation.ts';
import { decide } from '../../core/decide/decide.ts';
import { decided } from '../../core/decide/decision.ts';
import { objectOf } from '../../core/kube/fields.ts';
import { clone, type KubeObject } from '../../core/kube/object.ts';
import { StatusError } from '../../core/kube/status.ts';
import { AUTHENTICATED, MASTERS, type User } from '../../core/kube/user.ts';
import { schemaOf } from '../../core/schema/built-in-types.ts';
import { DecodeError } from '../../core/schema/leaves.ts';
import type { FieldSchema } from '../../core/schema/schema.ts';
import { decoderOf } from '../../core/schema/structural.ts';
import { evolve } from '../../core/state/evolve.ts';
import type { State } from '../../core/state/state.ts';
import { START, seededEnv } from '../../core/testing/env.ts';
import { type Field, type Step, textOf } from './fields.ts';

/** What is found out about a field by writing values to it. */
export interface Found {
  /** A value of its type is refused for what it is. */
  readonly hasRule: boolean;
  /** Refused where there is none. */
  readonly isRequired: boolean;
  /** A value that a new object may have is refused of one that has another. */
  readonly isImmutable: boolean;
  /** There is a value where none was given. */
  readonly isDefaulted: boolean;
  /** What a new object says of it is not kept. */
  readonly isDropped: boolean;
}

/** An object of each kind in its cluster, to be written to. */
export class Prober {
  readonly #resource: ApiResource;
  readonly #sample: KubeObject;
  readonly #empty: State;
  readonly #kept: State;
  readonly #first: KubeObject;

  constructor(resource: ApiResource, sample: KubeObject, state: State) {
    this.#resource = resource;
    this.#sample = sample;
    this.#empty = state;
    const created = this.#outcome(state, this.#create(sample));
    if ('refused' in created) throw new Error(`the sample of ${resource.groupResource} is refused: ${[...created.refused].join(', ')}`);
    this.#kept = created.state;
    this.#first = created.object;
  }

  probe({ path, schema, isStatus }: Field): Found {
    const refusedAt = textOf(path);
    const tell = (refused: ReadonlySet<string>) => refused.has(refusedAt) || [...refused].some((one) => one.startsWith(`${refusedAt}[`));
    const write = (value: unknown) => {
      const object = withValue(isStatus ? this.#first : this.#sample, path, value);
      return isStatus ? this.#outcome(this.#kept, this.#update(object, 'status')) : this.#outcome(this.#empty, this.#create(object));
    };
    const outcomes = valuesFor(schema).map((value) => ({ value, outcome: write(value) }));
    const accepted = outcomes.filter(({ outcome }) => 'object' in outcome);
    const without = write(undefined);
    const updates = isStatus ? [] : accepted.map(({ value }) => this.#outcome(this.#kept, this.#update(withValue(this.#first, path, value))));
    const isThere = (object: KubeObject) => valueAt(object, path) !== undefined;
    const given = accepted.filter(({ value }) => value !== '' && value !== 0 && value !== false);
    return {
      hasRule: outcomes.some(({ outcome }) => 'refused' in outcome && tell(outcome.refused)),
      isRequired: 'refused' in without && tell(without.required),
      isImmutable: updates.some((update) => 'refused' in update && (tell(update.refused) || update.refused.has(textOf(path.slice(0, 1))))),
      isDefaulted: !isStatus && 'object' in without && isThere(without.object),
      isDropped: !isStatus && given.length > 0 && given.every(({ outcome }) => 'object' in outcome && !isThere(outcome.object)),
    };
  }

  #create(object: KubeObject): Mutation {
    return { type: 'create', resource: this.#resource.groupResource, object: clone(object) };
  }

  #update(object: KubeObject, subresource?: 'status'): Mutation {
    return { type: 'update', resource: this.#resource.groupResource, object: clone(object), replace: true, ...(subresource && { subresource }) };
  }

  #outcome(
    state: State,
    mutation: Mutation,
  ): { readonly state: State; readonly object: KubeObject } | { readonly refused: ReadonlySet<string>; readonly required: ReadonlySet<string> } {
    try {
      const object = decoderOf(this.#resource.storageVersion.type).decode((mutation as { object: KubeObject }).object, { path: [] }) as KubeObject;
      const decision = decided(
        decide(state, { ...mutation, object } as Mutation, {
          plugins: defaultAdmissionPlugins,
          env: seededEnv(),
          now: START,
          actor: PROBE,
        }),
      );
      const { metadata } = this.#sample;
      const after = evolve(state, decision.events, { time: START }).state;
      return { state: after, object: after.get(this.#resource.storedAs, metadata.namespace, metadata.name)! };
    } catch (error) {
      if (error instanceof DecodeError) return { refused: new Set(), required: new Set() };
      if (!(error instanceof StatusError)) throw error;
      const causes = error.status.details?.causes ?? [];
      const fields = (wanted: (reason: string | undefined) => boolean) =>
        new Set(causes.filter(({ reason }) => wanted(reason)).map(({ field = '' }) => field.replace(/\[[^\]]*\]/g, '[*]')));
      return { refused: fields(() => true), required: fields((reason) => reason === 'FieldValueRequired') };
    }
  }
}

/** Values of a field's type of which most kinds of rules refuse one. */
function valuesFor({ ref, type, items, map, format }: FieldSchema): readonly unknown[] {
  const named = ref ? schemaOf(ref)! : undefined;
  if (items) return [[], ...valuesFor(items).map((value) => [value]), ...valuesFor(items).map((value) => [value, value])];
  if (map) return [{}, ...valuesFor(map).flatMap((value) => [{ 'bad key!': value }, { key: value }])];
  if (named?.name.endsWith('.Quantity')) return ['-1', '1', '1.5', '1m'];
  if (named?.name.endsWith('IntOrString')) return [-1, 0, 1, 'Bad Name!', '200%', '1%', 'name'];
  if (named?.name.endsWith('Time')) return ['2026-01-01T00:00:00Z', '2000-01-01T00:00:00Z'];
  if (format === 'byte') return ['', 'AAAA'];
  switch (type ?? named?.type) {
    case 'string':
      return ['', 'Bad Name!', 'x'.repeat(3000), 'name', '-', 'a/b', '../a', 'https://user@a.b?c', '1.2.3.4', 'a.b.c/d'];
    case 'integer':
    case 'number':
      return [-1, 0, 1, 2 ** 31 - 1];
    case 'boolean':
      return [true, false];
    default:
      return [{}];
  }
}

const PROBE: User = { username: 'probe', groups: [MASTERS, AUTHENTICATED] };

type Container = Record<string, unknown> | unknown[];

/** A copy of an object with a value at a path; undefined: with none. What is around it is made where it is not there. */
function withValue(object: KubeObject, path: readonly Step[], value: unknown): KubeObject {
  const copy = structuredClone(object) as unknown as Record<string, unknown>;
  let at: Container = copy;
  path.forEach((step, i) => {
    const key = step === '*' ? 0 : step === '**' ? (Object.keys(at)[0] ?? 'key') : step;
    const within = at as Record<string | number, unknown>;
    if (i === path.length - 1) {
      if (value === undefined) delete within[key];
      else within[key] = value;
      return;
    }
    within[key] ??= path[i + 1] === '*' ? [] : {};
    at = within[key] as Container;
  });
  return objectOf(copy as never);
}

function valueAt(object: KubeObject, path: readonly Step[]): unknown {
  let at: unknown = object;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = step === '*' ? (at as unknown[])[0] : step === '**' ? Object.values(at)[0] : (at as Record<string, unknown>)[step];
  }
  return at;
}
