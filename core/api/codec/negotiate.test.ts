import { describe, expect, it } from 'vitest';
import { contentType, type Negotiation, negotiate, patchType, preferredType } from './negotiate.ts';

const tables: Negotiation = { as: ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] };
const KUBECTL_GET = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const KUBECTL_DISCOVERY =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

describe('negotiate', () => {
  const cases: { name: string; accept?: string; options?: Negotiation; want: object }[] = [
    { name: 'nothing said', want: { mediaType: 'json', pretty: false } },
    { name: 'anything', accept: '*/*', want: { mediaType: 'json' } },
    { name: 'any application type', accept: 'application/*', want: { mediaType: 'json' } },
    { name: 'kubectl create', accept: 'application/vnd.kubernetes.protobuf,application/json', want: { mediaType: 'protobuf' } },
    {
      name: 'protobuf of what has none',
      accept: 'application/vnd.kubernetes.protobuf,application/json',
      options: { protobuf: false },
      want: { mediaType: 'json' },
    },
    { name: 'q-values', accept: 'application/json;q=0.5, application/yaml', want: { mediaType: 'yaml' } },
    { name: 'q=0 is a refusal', accept: 'application/yaml;q=0, */*;q=0.1', want: { mediaType: 'json' } },
    { name: 'exact before wildcard', accept: '*/*,application/yaml', want: { mediaType: 'yaml' } },
    { name: 'kubectl get', accept: KUBECTL_GET, options: tables, want: { mediaType: 'json', as: 'Table', asVersion: 'meta.k8s.io/v1' } },
    { name: 'kubectl get where there is no Table', accept: KUBECTL_GET, want: { mediaType: 'json' } },
    {
      name: 'a Table as protobuf',
      accept: 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json',
      options: tables,
      want: { mediaType: 'json' },
    },
    {
      name: 'metadata only',
      accept: 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      options: tables,
      want: { mediaType: 'protobuf', as: 'PartialObjectMetadataList', asVersion: 'meta.k8s.io/v1' },
    },
    {
      name: 'discovery',
      accept: KUBECTL_DISCOVERY,
      options: { as: ['APIGroupDiscoveryList'] },
      want: { as: 'APIGroupDiscoveryList', asVersion: 'apidiscovery.k8s.io/v2' },
    },
    { name: 'a stream', accept: 'application/vnd.kubernetes.protobuf;stream=watch', options: { stream: true }, want: { mediaType: 'protobuf' } },
    { name: 'curl', accept: '*/*', options: { userAgent: 'curl/8.5.0' }, want: { pretty: true } },
    { name: 'curl that does not want it', accept: '*/*', options: { userAgent: 'curl/8.5.0', pretty: 'false' }, want: { pretty: false } },
    { name: 'pretty in Accept', accept: 'application/json;pretty=1', want: { pretty: true } },
  ];
  for (const { name, accept, options, want } of cases)
    it(name, () => expect(negotiate(accept, options)).toEqual({ mediaType: 'json', pretty: false, ...want }));

  it('refuses with the list of what there is', () => {
    expect(() => negotiate('text/html')).toThrow(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
    expect(() => negotiate('application/yaml', { stream: true })).toThrow(
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    );
    expect(() => negotiate('application/json;as=Table;v=v2;g=meta.k8s.io', tables)).toThrow('only the following');
    expect(() => negotiate('application/json;as=toString;v=v1;g=meta.k8s.io', tables)).toThrow('only the following');
  });

  it('names what it answers', () => {
    expect(contentType(negotiate(KUBECTL_DISCOVERY, { as: ['APIGroupDiscoveryList'] }))).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    expect(contentType(negotiate('application/vnd.kubernetes.protobuf'), { stream: true })).toBe('application/vnd.kubernetes.protobuf;stream=watch');
    expect(contentType(negotiate('application/json'), { stream: true })).toBe('application/json');
  });
});

describe('preferredType', () => {
  const offered = ['application/json', 'application/x+protobuf'];
  it('takes the first that fits', () => {
    expect(preferredType(undefined, offered)).toBe('application/json');
    expect(preferredType('application/x+protobuf, application/json', offered)).toBe('application/x+protobuf');
    expect(preferredType('application/x+protobuf;q=0.1, application/*', offered)).toBe('application/json');
    expect(preferredType('text/html', offered)).toBeUndefined();
  });
});

describe('patchType', () => {
  it('knows the four', () => {
    expect(patchType('application/strategic-merge-patch+json')).toBe('strategic');
    expect(patchType('application/json-patch+json; charset=utf-8')).toBe('json');
  });

  it('refuses others', () => {
    expect(() => patchType('application/json')).toThrow(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
    );
    expect(() => patchType('application/strategic-merge-patch+json', ['json', 'merge', 'apply'])).toThrow(
      'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  });
});
