import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { isClusterName, ROOT_CLUSTER } from '../../kube/cluster-name.ts';
import { parseGoDuration } from '../../kube/go-duration.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, invalidValue, notFoundValue } from '../../kube/validation/field.ts';
import { label } from '../../kube/validation/names.ts';
import type { State } from '../../state/state.ts';
import { CLUSTERS, type Cluster } from './cluster.ts';

/** What of names is particular to clusters. */
export const clusterNameErrors = (name: string): string[] => (name === ROOT_CLUSTER ? ['is the cluster in which clusters are kept'] : []);

export function clusterErrors({ metadata: { name }, spec }: Cluster, { defaultCluster }: { defaultCluster: string }): FieldError[] {
  const { forkOf, ttl, expiresAt, nodes, clock, retention, eventTTL } = spec;
  return [
    ...(forkOf ? parentErrors(forkOf.name) : []),
    ...(ttl === undefined ? [] : durationErrors('spec.ttl', ttl)),
    ...(ttl !== undefined && expiresAt !== undefined ? [forbiddenField('spec.expiresAt', 'may not be set when `ttl` is set')] : []),
    ...(name === defaultCluster ? endErrors(spec) : []),
    ...(forkOf && nodes !== undefined ? [forbiddenField('spec.nodes', 'may not be set when `forkOf` is set: a fork has the nodes of its parent')] : []),
    ...(clock?.advance === undefined ? [] : durationErrors('spec.clock.advance', clock.advance)),
    ...(retention === undefined ? [] : termErrors('spec.retention', retention)),
    ...(eventTTL === undefined ? [] : termErrors('spec.eventTTL', eventTTL)),
  ];
}

/** A fork of what is not there, or is on its way out, has nothing to go on from. */
export function newClusterErrors({ spec }: Cluster, { state, now }: { state: State; now: ClusterInstant }): FieldError[] {
  const { forkOf, expiresAt, clock, resetTo } = spec;
  return [
    ...(forkOf && parentErrors(forkOf.name).length === 0 ? absentErrors(forkOf.name, state) : []),
    ...(expiresAt !== undefined && !(clusterInstant(expiresAt) > now) ? [invalidValue('spec.expiresAt', expiresAt, 'must be in the future')] : []),
    ...(clock?.advance === undefined ? [] : [forbiddenField('spec.clock.advance', 'may not be set on creation')]),
    ...(resetTo === undefined ? [] : [forbiddenField('spec.resetTo', 'may not be set on creation')]),
  ];
}

export const changedClusterErrors = ({ spec }: Cluster, { spec: before }: Cluster): FieldError[] => [
  ...immutable('spec.forkOf', spec.forkOf, before.forkOf),
  ...immutable('spec.nodes', spec.nodes, before.nodes),
];

function parentErrors(name: string): FieldError[] {
  if (name === ROOT_CLUSTER) return [invalidValue('spec.forkOf.name', name, 'must not be the cluster in which clusters are kept')];
  return isClusterName(name) ? [] : label(name).map((why) => invalidValue('spec.forkOf.name', name, why));
}

function absentErrors(name: string, state: State): FieldError[] {
  const parent = state.get(CLUSTERS, undefined, name);
  if (!parent) return [notFoundValue('spec.forkOf.name', name)];
  return parent.metadata.deletionTimestamp ? [invalidValue('spec.forkOf.name', name, 'must not be being deleted')] : [];
}

/** What the root path shows does not go by itself. */
const endErrors = ({ ttl, expiresAt }: Cluster['spec']): FieldError[] =>
  Object.entries({ ttl, expiresAt }).flatMap(([field, value]) =>
    value === undefined ? [] : [forbiddenField(`spec.${field}`, "may not be set of the cluster that the server's root path shows")],
  );

function durationErrors(field: string, text: string): FieldError[] {
  const ms = parseGoDuration(text);
  if (ms === undefined) return [invalidValue(field, text, 'must be a duration such as 90m or 24h')];
  return ms > 0 ? [] : [invalidValue(field, text, 'must be greater than zero')];
}

/** As the settings of a host of the same names. */
function termErrors(field: string, text: string): FieldError[] {
  const ms = parseGoDuration(text);
  if (ms === undefined) return [invalidValue(field, text, 'must be a duration such as 90m or 24h, or 0 for no end')];
  return ms === 0 || ms >= 1_000 ? [] : [invalidValue(field, text, 'must be a second at least, or 0 for no end')];
}
