import { AUTHORIZER, RESOURCE_CHECK } from './libraries/authorizer.ts';
import { BOOL, DYN, INT, listOf, mapOf, STRING, structType, TIMESTAMP, type Type } from './type.ts';

const struct = (name: string, fields: Readonly<Record<string, Type>>) => structType(`kubernetes.${name}`, new Map(Object.entries(fields)));

const KIND = struct('GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = struct('GroupVersionResource', { group: STRING, version: STRING, resource: STRING });

/** `request`: what is asked of the API, by whom (k8s.io/apiserver/pkg/admission/plugin/cel, `BuildRequestType`). */
const REQUEST = struct('AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: struct('UserInfo', { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) }),
  dryRun: BOOL,
  options: DYN,
});

/** `namespaceObject`: the namespace of what is asked for (`BuildNamespaceType`, which leaves fields out on purpose). */
const NAMESPACE = struct('Namespace', {
  metadata: struct('NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  spec: struct('NamespaceSpec', { finalizers: listOf(STRING) }),
  status: struct('NamespaceStatus', {
    conditions: listOf(struct('NamespaceCondition', { status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING })),
    phase: STRING,
  }),
});

/** What the expressions of an admission policy can refer to. Of the object that it is about, nothing is known before there is one. */
export const admissionVariables: Readonly<Record<string, Type>> = {
  object: DYN,
  oldObject: DYN,
  params: DYN,
  request: REQUEST,
  namespaceObject: NAMESPACE,
  authorizer: AUTHORIZER,
  'authorizer.requestResource': RESOURCE_CHECK,
};
