import type { KubeObject } from '../../kube/object.ts';

/** The same Event object in its two APIs (pkg/apis/core/v1 and pkg/apis/events/v1): v1 keeps it, events.k8s.io/v1 renames some fields. */

const renamed: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};
const original: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(renamed).map(([core, events]) => [events, core]));

/** A kept `v1` Event as `events.k8s.io/v1`. */
export const fromCoreEvent = (event: KubeObject): KubeObject => ({ ...rename(event, renamed), apiVersion: 'events.k8s.io/v1' });

/** An `events.k8s.io/v1` Event as it is kept. */
export const toCoreEvent = (event: KubeObject): KubeObject => ({ ...rename(event, original), apiVersion: 'v1' });

const rename = (event: KubeObject, names: Readonly<Record<string, string>>): KubeObject =>
  Object.fromEntries(Object.entries(event).map(([name, value]) => [names[name] ?? name, value])) as KubeObject;
