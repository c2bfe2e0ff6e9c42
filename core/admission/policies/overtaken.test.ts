import { describe, expect, it } from 'vitest';
import type { Fields } from '../../kube/fields.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { LogEvent } from '../../log/event.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { overtakenLog } from '../../testing/overtaken-log.ts';
import { bindingOf, mutating, patching, validating } from '../../testing/policies.ts';
import { testServer } from '../../testing/server.ts';
import { keyOfObject } from '../../testing/state.ts';
import { defaultAdmissionPlugins } from '../default-plugins.ts';
import { validatingAdmissionPolicy } from '../validating-admission-policy.ts';

/** A policy that another writer changes while a write that has been decided without it is on its way into the log. */

const actor = userNamed('another');
const added = (object: KubeObject): LogEvent => ({ type: 'ADDED', key: keyOfObject(object), object, actor });
const changed = (resource: string, name: string, patch: Fields, of?: string): LogEvent => ({ type: 'MODIFIED', key: keyOf(resource, of, name), patch, actor });

const [against, binding] = validating('no-five', { validations: [{ expression: "!has(object.data) || object.data.n != '5'", message: 'no five' }] }) as [
  KubeObject,
  KubeObject,
];
const VAP = 'validatingadmissionpolicies.admissionregistration.k8s.io';
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const byParameter = validating(
  'p',
  {
    paramKind,
    matchConditions: [{ name: 'others', expression: "object.metadata.name == 'a'" }],
    validations: [{ expression: 'object.data.n != params.data.no' }],
  },
  { paramRef: { name: 'limit', namespace: 'default', parameterNotFoundAction: 'Allow' } },
);
const limit = (no: string) => ({ ...configMap('limit'), data: { no } }) as KubeObject;

/** How the creation of a ConfigMap is answered that another writer's events come before. */
async function overtaken(objects: readonly KubeObject[], events: readonly LogEvent[], admissionPlugins = defaultAdmissionPlugins) {
  const log = overtakenLog();
  const server = await testServer({ objects: [namespace('default'), ...objects], log, admissionPlugins });
  log.overtake('admin', () => events);
  const body = { ...configMap('a'), data: { n: '5' } };
  const { code, json } = await server.request('POST /api/v1/namespaces/default/configmaps', { body });
  return { code, data: json.data as unknown, problems: server.problems };
}

describe('A write that a policy comes before is held against it:', () => {
  it.each<{ name: string; objects: KubeObject[]; events: LogEvent[]; code: number }>([
    { name: 'a new policy that is bound already', objects: [binding], events: [added(against)], code: 422 },
    { name: 'a new binding', objects: [against], events: [added(binding)], code: 422 },
    {
      name: 'other validations',
      objects: [against, binding],
      events: [changed(VAP, 'no-five', { spec: { validations: [{ expression: 'false' }] } })],
      code: 422,
    },
    { name: 'new parameters', objects: byParameter, events: [added(limit('5'))], code: 422 },
    { name: 'other parameters', objects: [...byParameter, limit('6')], events: [changed('configmaps', 'limit', { data: { no: '5' } }, 'default')], code: 422 },
    {
      name: 'labels of the namespace by which a binding chooses',
      objects: [against, bindingOf('no-five', { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } }, objectSelector: {} } })],
      events: [changed('namespaces', 'default', { metadata: { labels: { a: 'b' } } })],
      code: 422,
    },
    { name: 'another policy, which has nothing to say', objects: [], events: validating('q', { validations: [{ expression: 'true' }] }).map(added), code: 201 },
  ])('$name', async ({ objects, events, code }) => {
    expect(await overtaken(objects, events)).toMatchObject({ code, problems: [] });
  });

  it('one that changes it', async () => {
    const painting = mutating('m', { mutations: [patching("[JSONPatch{op: 'add', path: '/data/m', value: 'x'}]")] });
    expect(await overtaken([], painting.map(added))).toMatchObject({ code: 201, data: { n: '5', m: 'x' } });
  });
});

it('What is not noted as read is not noticed', async () => {
  const unnoted = {
    ...validatingAdmissionPolicy,
    validate: (review: Parameters<NonNullable<typeof validatingAdmissionPolicy.validate>>[0]) =>
      validatingAdmissionPolicy.validate!({ ...review, state: review.state.observed(undefined) }),
  };
  const plugins = defaultAdmissionPlugins.map((plugin) => (plugin === validatingAdmissionPolicy ? unnoted : plugin));
  expect(await overtaken([binding], [added(against)], plugins)).toMatchObject({ code: 201 });
});
