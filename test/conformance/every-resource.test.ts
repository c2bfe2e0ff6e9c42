import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../../core/api/codec/protobuf.ts';
import { parseYaml } from '../../core/api/codec/yaml.ts';
import type { ApiResource, ServedVersion } from '../../core/apis/api-resource.ts';
import { builtIn } from '../../core/apis/built-in.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import { names, samples } from './samples.ts';

/** Every verb of every resource that is kept, on one smallest object of it. */
const kept = builtIn.flatMap((resource) =>
  resource.versions
    .filter(({ verbs }) => verbs.includes('create') && verbs.includes('list'))
    .map((served) => ({ resource, served, ...placeOf(resource, served) })),
);

/** Those whose strategy for the status subresource resets the metadata to what it was (metav1.ResetObjectMetaForStatus). */
const keepsMetadata = new Set([
  'admissionregistration.k8s.io/v1 validatingadmissionpolicies',
  'flowcontrol.apiserver.k8s.io/v1 flowschemas',
  'flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations',
  'networking.k8s.io/v1 servicecidrs',
  'resource.k8s.io/v1 resourceclaims',
  'storage.k8s.io/v1 volumeattachments',
]);

interface Place {
  /** `apps/v1 deployments` */
  readonly id: string;
  readonly collection: string;
  readonly name: string;
}

function placeOf({ group, resource, namespaced }: ApiResource, { version }: ServedVersion): Place {
  const apiVersion = group ? `${group}/${version}` : version;
  const id = `${apiVersion} ${resource}`;
  const collection = `${group ? `/apis/${apiVersion}` : `/api/${version}`}${namespaced ? '/namespaces/default' : ''}/${resource}`;
  return { id, collection, name: names[id] ?? 'sample' };
}

const manifestOf = ({ id, name }: Place, { kind }: ApiResource) => ({
  apiVersion: id.split(' ')[0],
  kind,
  metadata: { name, labels: { made: 'here' } },
  ...structuredClone(samples[id]),
});

const withoutNulls = (value: object): object => JSON.parse(JSON.stringify(value), (_, inner) => inner ?? undefined);

/** Names and types only: what a watch line says. */
async function watchedSince(server: TestServer, path: string): Promise<string[]> {
  const response = await server.response(`GET ${path}&watch=true&timeoutSeconds=1`);
  const reading = response.text();
  await server.clock.advance(2_000);
  return (await reading)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { type: string; object: { metadata?: { name?: string } } })
    .map(({ type, object }) => `${type} ${object.metadata?.name}`);
}

describe('every kept resource', () => {
  it('has a sample', () => {
    expect(kept.map(({ id }) => id).filter((id) => !samples[id])).toEqual([]);
    expect(kept.length).toBeGreaterThan(50);
  });

  for (const place of kept) {
    const { id, collection, name, resource, served } = place;
    it(`${id}: create, read, list, watch, change, delete`, async () => {
      const server = await testServer();
      const object = `${collection}/${name}`;
      const ok = async (line: string, options?: Parameters<TestServer['request']>[1]) => {
        const answer = await server.request(line, options);
        expect(answer.code, `${line}: ${answer.text.slice(0, 500)}`).toBeLessThan(300);
        return answer.json;
      };

      // A dry run answers as the real one and leaves nothing.
      await ok(`POST ${collection}?dryRun=All&fieldValidation=Strict`, { body: manifestOf(place, resource) });
      expect((await server.request(`GET ${object}`)).code).toBe(404);
      const answer = await ok(`POST ${collection}?fieldValidation=Strict`, { body: manifestOf(place, resource) });
      // The status of a quota comes behind it, in the same entry.
      const made = id === 'v1 resourcequotas' ? await ok(`GET ${object}`) : answer;
      expect(made).toMatchObject({ apiVersion: id.split(' ')[0], kind: resource.kind, metadata: { name, uid: expect.any(String) } });
      expect((await server.request(`POST ${collection}`, { body: manifestOf(place, resource) })).json.reason).toBe('AlreadyExists');

      expect(await ok(`GET ${object}`)).toEqual(made);
      expect(parseYaml((await server.request(`GET ${object}`, { accept: 'application/yaml' })).text)).toEqual(made);
      const bytes = await (await server.response(`GET ${object}`, { accept: 'application/vnd.kubernetes.protobuf' })).arrayBuffer();
      // The wire says zeros that JSON leaves out, and knows no null.
      expect(decodeProtobuf(new Uint8Array(bytes))).toMatchObject(withoutNulls(made));
      const table = await ok(`GET ${object}`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
      expect(table.rows[0].cells).toHaveLength(table.columnDefinitions.length);

      const listed = await ok(`GET ${collection}?labelSelector=made%3Dhere&fieldSelector=metadata.name%3D${name}&limit=5`);
      expect(listed.kind).toBe(`${resource.kind}List`);
      expect(listed.items.map(({ metadata }: typeof made) => metadata.name)).toEqual([name]);
      expect((await ok(`GET ${collection}?labelSelector=made%3Delsewhere`)).items).toEqual([]);

      const updated = await ok(`PUT ${object}`, { body: { ...made, metadata: { ...made.metadata, labels: { made: 'here', put: 'yes' } } } });
      expect(updated.metadata.labels).toMatchObject({ made: 'here', put: 'yes' });
      expect((await server.request(`PUT ${object}`, { body: { ...made, metadata: { ...made.metadata, labels: {} } } })).json.reason).toBe('Conflict');
      for (const [type, body] of [
        ['application/merge-patch+json', { metadata: { labels: { merged: 'yes' } } }],
        ['application/strategic-merge-patch+json', { metadata: { labels: { strategic: 'yes' } } }],
        ['application/json-patch+json', [{ op: 'add', path: '/metadata/labels/patched', value: 'yes' }]],
      ] as const) {
        await ok(`PATCH ${object}`, { type, body });
      }
      const patched = await ok(`GET ${object}`);
      expect(patched.metadata.labels).toMatchObject({ made: 'here', put: 'yes', merged: 'yes', strategic: 'yes', patched: 'yes' });
      // Without a change there is no event, and so no other resourceVersion.
      expect(await ok(`PUT ${object}`, { body: patched })).toEqual(patched);

      if ('status' in served.subresources) {
        const annotations = { 'example.com/seen': 'yes' };
        const status = await ok(`PATCH ${object}/status`, { type: 'application/merge-patch+json', body: { metadata: { annotations } } });
        if (keepsMetadata.has(id)) expect(status.metadata.annotations).toBeUndefined();
        else expect(status.metadata.annotations).toMatchObject(annotations);
        expect((await ok(`GET ${object}/status`)).metadata.uid).toBe(made.metadata.uid);
      }
      if ('scale' in served.subresources) {
        const scale = await ok(`GET ${object}/scale`);
        expect(await ok(`PUT ${object}/scale`, { body: { ...scale, spec: { replicas: 3 } } })).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
        expect((await ok(`GET ${object}`)).spec.replicas).toBe(3);
      }

      await ok(`DELETE ${object}?propagationPolicy=Background`, { body: { gracePeriodSeconds: 0 } });
      const { resourceVersion } = made.metadata;
      const seen = await watchedSince(server, `${collection}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`);
      expect(seen.slice(0, 4)).toEqual(Array(4).fill(`MODIFIED ${name}`));
      if (served.verbs.includes('deletecollection')) {
        await server.request(`POST ${collection}`, { body: manifestOf(place, resource) });
        await ok(`DELETE ${collection}?labelSelector=made%3Dhere`);
      }
      expect(server.problems).toEqual([]);
    });
  }
});
