import { BOOL, DYN, INT, listOf, mapOf, STRING, structType, TIMESTAMP, type Type } from '../../core/cel/type.ts';

const struct = (name: string, fields: Record<string, Type>): Type => structType(`kubernetes.${name}`, new Map(Object.entries(fields)));

const STRINGS = listOf(STRING);
const TEXTS = mapOf(STRING, STRING);
const KIND = struct('GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = struct('GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = struct('UserInfo', { username: STRING, uid: STRING, groups: STRINGS, extra: mapOf(STRING, STRINGS) });

/** The variable `request` of admission (k8s.io/apiserver/pkg/admission/plugin/cel, `BuildRequestType`). */
export const REQUEST = struct('AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

/** The variable `namespaceObject` (`BuildNamespaceType`). */
export const NAMESPACE = struct('Namespace', {
  metadata: struct('NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: TEXTS,
    annotations: TEXTS,
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: STRINGS,
  }),
  spec: struct('NamespaceSpec', { finalizers: STRINGS }),
  status: struct('NamespaceStatus', {
    conditions: listOf(struct('NamespaceCondition', { status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING })),
    phase: STRING,
  }),
});
