import { creation, type Mutation } from '../../apis/mutation.ts';
import { controllerRef, type KubeObject, same } from '../../kube/object.ts';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { claim, type Dependents } from './adoption.ts';
import { deletionOf, updateTo } from './mutations.ts';
import { canonical, templateHash } from './template-hash.ts';

/**
 * The revisions of a StatefulSet's or DaemonSet's template, kept as ControllerRevisions (pkg/controller/history). The newest has the
 * highest number; going back to an earlier template gives its revision a new number.
 */
export interface RevisionHistory {
  /** Lowest number first. */
  readonly revisions: readonly ControllerRevision[];
  /** The revision of the template as it is now: the last one. */
  readonly update: ControllerRevision;
  readonly collisionCount: number;
  readonly mutations: readonly Mutation[];
}

type Versioned = KubeObject & { spec?: { selector: LabelSelector; template: PodTemplateSpec }; status?: { collisionCount?: number } };

/** `hashLabel`: the label of a revision that holds its hash. */
export function revisionHistory(owner: Versioned, { state, hashLabel }: { state: State; hashLabel: string }): RevisionHistory {
  const { selector, template } = owner.spec!;
  const dependents: Dependents<typeof RESOURCE> = { resource: RESOURCE, kind: 'ControllerRevision' };
  const { claimed, mutations } = claim(state, owner, dependents, { selector });
  const revisions = claimed.sort(byRevision);
  const collisionCount = owner.status?.collisionCount ?? 0;
  const data = { spec: { template: { ...template, $patch: 'replace' } } };

  const last = revisions.at(-1);
  const known = revisions.findLast((revision) => same(revision.data, data));
  if (known && known === last) return { revisions, update: known, collisionCount, mutations };
  const number = (last?.revision ?? 0) + 1;
  // What is deleted with its owner would be made again, and deleted again, for as long as the owner waits for its other dependents.
  const dying = owner.metadata.deletionTimestamp !== undefined;
  if (known) {
    const update = { ...known, revision: number };
    const others = revisions.filter((revision) => revision !== known);
    return { revisions: [...others, update], update, collisionCount, mutations: dying ? mutations : [...mutations, updateTo(RESOURCE, update)] };
  }

  let collisions = collisionCount;
  let hash = templateHash(data, collisions);
  while (state.get(RESOURCE, owner.metadata.namespace, nameOf(owner, hash))) hash = templateHash(data, ++collisions);
  const update: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: nameOf(owner, hash),
      namespace: owner.metadata.namespace!,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations && { annotations: owner.metadata.annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    // Clients compare its bytes with those that they make of the template themselves.
    data: JSON.parse(canonical(data)),
    revision: number,
  };
  // The garbage collector takes the revisions of an owner that is being deleted in the foreground: a new one would be made and deleted for ever.
  const created: Mutation[] = owner.metadata.deletionTimestamp ? [] : [creation(RESOURCE, update)];
  return { revisions: [...revisions, update], update, collisionCount: collisions, mutations: [...mutations, ...created] };
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template;
  return template;
}

/** Deletes the oldest revisions that no pod and nothing else needs, beyond `limit`. */
export function truncateHistory(
  revisions: readonly ControllerRevision[],
  { limit, live }: { limit: number; live: (revision: ControllerRevision) => boolean },
): Mutation[] {
  const past = revisions.filter((revision) => !live(revision));
  return past.slice(0, Math.max(0, past.length - limit)).map((revision) => deletionOf(RESOURCE, revision));
}

const RESOURCE = 'controllerrevisions.apps';

const nameOf = (owner: KubeObject, hash: string): string => `${owner.metadata.name.slice(0, 223)}-${hash}`;

function byRevision({ revision: a, metadata: { name: x } }: ControllerRevision, { revision: b, metadata: { name: y } }: ControllerRevision): number {
  return a - b || (x < y ? -1 : 1);
}
