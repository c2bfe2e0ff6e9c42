import type { CreateMutation } from '../apis/mutation.ts';
import { setNoEffectCondition } from '../apis/no-effect.ts';
import { clone, timestamp } from '../kube/object.ts';
import { alreadyExists, StatusError } from '../kube/status.ts';
import { requiredFieldErrors } from '../schema/required-fields.ts';
import type { Decision } from './decision.ts';
import { admitToNamespace } from './namespace-lifecycle.ts';
import { added, type Draft, metadataErrors, refuse } from './outcome.ts';

/** A new object (rest/create.go, BeforeCreate): the server's own metadata, defaults, then all checks, and last whether its name is free. */
export function decideCreate({ object: given }: CreateMutation, draft: Draft): Decision {
  const { resource, state, env, now } = draft;
  const { strategy } = resource;
  const object = clone(given);
  const { metadata } = object;
  if (metadata.resourceVersion) throw versionOfNothing();
  if (resource.namespaced) admitToNamespace(object, draft);
  strategy.defaults?.(object);

  // What the server owns, the client cannot set.
  const generated = !metadata.name && metadata.generateName !== undefined;
  if (generated) metadata.name = `${metadata.generateName!.slice(0, MAX_GENERATED_PREFIX)}${env.ids.suffix()}`;
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
  metadata.uid = env.ids.uid();
  metadata.creationTimestamp = timestamp(now);
  if (strategy.generation) metadata.generation = 1;
  if (!resource.namespaced) delete metadata.namespace;

  strategy.prepareForCreate?.(object, draft);
  setNoEffectCondition(resource, object, now);
  strategy.admit?.(object, undefined, draft);
  const own = strategy.validate?.(object) ?? requiredFieldErrors(object, resource.versions[0]!.type);
  refuse(resource, object, [...metadataErrors(resource, object), ...own]);
  if (state.get(resource.groupResource, metadata.namespace, metadata.name)) {
    const refused = alreadyExists(resource, metadata.name);
    if (generated) refused.status.message += ', the server was not able to generate a unique name for the object';
    throw refused;
  }
  return added(object, draft);
}

// apiserver/pkg/storage/names: 63 characters with the suffix.
const MAX_GENERATED_PREFIX = 58;

/** The storage refuses it in Kubernetes, after all checks of the API, and the API passes on what the storage says as it is: 500, no reason. */
const versionOfNothing = () =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'resourceVersion should not be set on objects to be created',
    code: 500,
  });
