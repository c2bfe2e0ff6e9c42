import type { Resource, ServedVersion } from '../../apis/api-resource.ts';
import { resourceByGroupResource, resourceOf } from '../../apis/registry.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ResourceRequest } from './request-info.ts';

/** A resource in one version, as a request names it, and how its objects are kept. */
export interface Target {
  readonly resource: Resource;
  readonly version: ServedVersion;
  /** `apps/v1` */
  readonly apiVersion: string;
  /** The resource that keeps the objects: `events` for `events.events.k8s.io`, otherwise the resource itself. */
  readonly kept: Resource;
  /** A kept object in the version that the request named. */
  readonly toServed: (object: KubeObject) => KubeObject;
  /** An object of the version that the request named, as it is kept. */
  readonly toKept: (object: KubeObject) => KubeObject;
}

/** The resource that a request names; undefined when it is not served, or not in that scope. */
export function targetOf({ group, version, resource: name }: Pick<ResourceRequest, 'group' | 'version' | 'resource'>): Target | undefined {
  const path = `${group}/${version}/${name}`;
  const known = targets.get(path);
  if (known) return known;
  const resource = resourceOf(group, version, name);
  const served = resource?.versions.find((candidate) => candidate.version === version);
  if (!resource || !served) return undefined;
  const target = makeTarget(resource, served);
  targets.set(path, target);
  return target;
}

// Only what the registry knows gets in, so it cannot grow beyond that.
const targets = new Map<string, Target>();

function makeTarget(resource: Resource, version: ServedVersion): Target {
  const kept = (resource.keptAs && resourceByGroupResource(resource.keptAs)) || resource;
  const apiVersion = apiVersionOf(resource.group, version.version);
  const keptApiVersion = apiVersionOf(kept.group, kept.versions[0]!.version);
  const rename = (to: string) => (object: KubeObject) => (object.apiVersion === to ? object : { ...object, apiVersion: to });
  return {
    resource,
    version,
    apiVersion,
    kept,
    toServed: version.fromKept ?? rename(apiVersion),
    toKept: version.toKept ?? rename(keptApiVersion),
  };
}

const apiVersionOf = (group: string, version: string) => (group ? `${group}/${version}` : version);
