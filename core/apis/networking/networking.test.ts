import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '../../schema/generated/kinds.ts';
import { cell, defaulted, problems, texts, updateProblems } from '../../testing/strategies.ts';
import { strategy as endpointSlices } from '../discovery/endpointslice.ts';
import { isWithin, parseCidr, parseIp } from './cidr.ts';
import { strategy as ingresses } from './ingress.ts';
import { strategy as ingressClasses } from './ingressclass.ts';
import { strategy as ipAddresses } from './ipaddress.ts';
import { strategy as networkPolicies } from './networkpolicy.ts';
import { strategy as serviceCIDRs } from './servicecidr.ts';

const object = (kind: string, rest: object, metadata: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind,
  metadata: { name: 'x', ...metadata },
  ...rest,
});
const ingress = (spec: object, metadata?: object) => object('Ingress', { spec }, metadata) as Ingress;
const ingressClass = (spec: object) => object('IngressClass', { spec }) as IngressClass;
const policy = (spec: object) => object('NetworkPolicy', { spec: { podSelector: {}, ...spec } }) as unknown as NetworkPolicy;
const serviceCIDR = (...cidrs: string[]) => object('ServiceCIDR', { spec: { cidrs } }) as unknown as ServiceCIDR;
const ipAddress = (name: string, parentRef?: object) => object('IPAddress', { spec: { parentRef } }, { name }) as unknown as IPAddress;
const slice = (rest: object): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'x' },
  addressType: 'IPv4',
  endpoints: [],
  ...rest,
});

const backend = { service: { name: 'web', port: { number: 80 } } };
const withPath = (path: object) => ingress({ rules: [{ host: 'a.example.com', http: { paths: [{ pathType: 'Prefix', path: '/', backend, ...path }] } }] });

describe('an Ingress', () => {
  it.each([
    { name: 'is valid', given: withPath({}), want: [] },
    {
      name: 'leads somewhere',
      given: ingress({}),
      want: ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    },
    {
      name: 'has a path type',
      given: withPath({ pathType: undefined }),
      want: ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    },
    {
      name: 'has a known path type',
      given: withPath({ pathType: 'Regex' }),
      want: ['spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"'],
    },
    {
      name: 'has absolute, plain paths',
      given: withPath({ path: 'a//b/..' }),
      want: [
        'spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": must be an absolute path',
        'spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": must not contain \'//\'',
        'spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": cannot end with \'/..\'',
      ],
    },
    {
      name: 'names a port',
      given: withPath({ backend: { service: { name: 'web' } } }),
      want: ['spec.rules[0].http.paths[0].backend: Required value: port name or number is required'],
    },
    {
      name: 'has a host that is a name',
      given: ingress({ rules: [{ host: '10.0.0.1' }] }),
      want: ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    },
    { name: 'may have a wildcard', given: ingress({ rules: [{ host: '*.example.com' }], tls: [{ hosts: ['*.example.com'] }] }), want: [] },
    {
      name: 'has one class',
      given: ingress({ defaultBackend: backend, ingressClassName: 'a' }, { annotations: { 'kubernetes.io/ingress.class': 'b' } }),
      want: ['annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified'],
    },
  ])('$name', ({ given, want }) => expect(problems(ingresses, given)).toEqual(want));

  it('prints hosts and addresses', () => {
    const rules = ['a', 'b', 'c', 'd', 'e'].map((host) => ({ host }));
    const object = { ...ingress({ rules, tls: [{}] }), status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }, { ip: '10.0.0.1' }] } } };
    expect(ingresses.table!.cells(object, 0)).toEqual(['x', '<none>', 'a,b,c + 2 more...', '10.0.0.1,lb.example.com', '80, 443', '<unknown>']);
    expect(cell(ingresses, ingress({ defaultBackend: backend }), 'Hosts')).toBe('*');
  });
});

describe('an IngressClass', () => {
  it.each([
    { name: 'is valid', given: ingressClass({ controller: 'ingress.k8s.aws/alb', parameters: { kind: 'P', name: 'p' } }), want: [] },
    { name: 'has a controller', given: ingressClass({ controller: '' }), want: ['spec.controller: Required value'] },
    {
      name: 'says in which namespace its parameters are',
      given: ingressClass({ controller: 'a/b', parameters: { kind: 'P', name: 'p', scope: 'Namespace' } }),
      want: ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    },
  ])('$name', ({ given, want }) => expect(problems(ingressClasses, given)).toEqual(want));

  it('keeps its controller', () =>
    expect(updateProblems(ingressClasses, ingressClass({ controller: 'a/c' }), ingressClass({ controller: 'a/b' }))).toEqual([
      'spec.controller: Invalid value: "a/c": field is immutable',
    ]));
});

describe('a NetworkPolicy', () => {
  it('gets its types and protocols', () => {
    const { spec } = defaulted(networkPolicies, policy({ egress: [{ ports: [{ port: 53 }] }] }));
    expect(spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }] });
    expect(defaulted(networkPolicies, policy({})).spec!.policyTypes).toEqual(['Ingress']);
  });

  it.each([
    {
      name: 'is valid',
      given: policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 'http' }] }] }),
      want: [],
    },
    { name: 'names its peers', given: policy({ ingress: [{ from: [{}] }] }), want: ['spec.ingress[0].from[0]: Required value: must specify a peer'] },
    {
      name: 'names one kind of peer',
      given: policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }] }),
      want: ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
    },
    {
      name: 'excepts what it includes',
      given: policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', 'x'] } }] }] }),
      want: [
        'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        'spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    },
    {
      name: 'has ports in order',
      given: policy({
        ingress: [
          {
            ports: [
              { port: 80, endPort: 79 },
              { port: 'http', endPort: 80 },
            ],
          },
        ],
      }),
      want: [
        'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
        'spec.ingress[0].ports[1].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
      ],
    },
  ])('$name', ({ given, want }) => expect(problems(networkPolicies, given)).toEqual(want));
});

describe('addresses', () => {
  it.each([
    { name: 'a range', given: problems(serviceCIDRs, serviceCIDR('10.96.0.0/12')), want: [] },
    { name: 'no range', given: problems(serviceCIDRs, serviceCIDR()), want: ['spec.cidrs: Required value: at least one CIDR required'] },
    {
      name: 'a range with host bits',
      given: problems(serviceCIDRs, serviceCIDR('10.96.0.1/12')),
      want: ['spec.cidrs[0]: Invalid value: "10.96.0.1/12": must not have bits set beyond the prefix length'],
    },
    {
      name: 'two ranges of one family',
      given: problems(serviceCIDRs, serviceCIDR('10.0.0.0/8', '11.0.0.0/8')),
      want: [
        'spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    },
    { name: 'a second range', given: updateProblems(serviceCIDRs, serviceCIDR('10.0.0.0/8', 'fd00::/64'), serviceCIDR('10.0.0.0/8')), want: [] },
    {
      name: 'another range',
      given: updateProblems(serviceCIDRs, serviceCIDR('11.0.0.0/8'), serviceCIDR('10.0.0.0/8')),
      want: ['spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable'],
    },
    { name: 'an address', given: problems(ipAddresses, ipAddress('10.96.0.1', { resource: 'services', namespace: 'default', name: 'kubernetes' })), want: [] },
    {
      name: 'an address that is none, of nothing',
      given: problems(ipAddresses, ipAddress('x')),
      want: ['metadata.name: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)', 'spec.parentRef: Required value'],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('are parsed', () => {
    expect(parseIp('::ffff:10.0.0.1')).toEqual({ family: 6, address: 0xffff0a000001n });
    expect(parseIp('2001:db8::1')).toEqual({ family: 6, address: 0x20010db8000000000000000000000001n });
    expect(parseCidr('10.0.0.0/33')).toBeUndefined();
    expect(parseCidr('10.0.0.0/08')).toBeUndefined();
    expect(isWithin(parseCidr('2001:db8:1::/48')!, parseCidr('2001:db8::/32')!)).toBe(true);
    expect(isWithin(parseCidr('10.0.0.0/8')!, parseCidr('::/0')!)).toBe(false);
  });
});

describe('an EndpointSlice', () => {
  it.each([
    { name: 'is valid', given: slice({ endpoints: [{ addresses: ['10.1.0.1'], nodeName: 'n' }], ports: [{ port: 80 }] }), want: [] },
    {
      name: 'has one type of address',
      given: slice({ endpoints: [{ addresses: ['fd00::1', '127.0.0.1', '0.0.0.0'] }, { addresses: [] }] }),
      want: [
        'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
        'endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'endpoints[0].addresses[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
        'endpoints[1].addresses: Required value: must contain at least 1 address',
      ],
    },
    {
      name: 'names its ports apart',
      given: slice({ ports: [{ port: 80 }, { port: 81, protocol: 'ICMP' }] }),
      want: ['ports[1].name: Duplicate value: ""', 'ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    },
    {
      name: 'has a known type of address',
      given: slice({ addressType: 'MAC' }),
      want: ['addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6"'],
    },
  ])('$name', ({ given, want }) => expect(problems(endpointSlices, given)).toEqual(want));

  it('keeps its type of address', () =>
    expect(texts(endpointSlices.validateUpdate!(slice({ addressType: 'IPv6' }), slice({})))).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ]));

  it('prints', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'];
    const object = slice({ endpoints: addresses.map((address) => ({ addresses: [address] })), ports: [{ port: 80 }, { name: 'any' }] });
    expect(endpointSlices.table!.cells(object, 0)).toEqual(['x', 'IPv4', '80,any', '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...', '<unknown>']);
    expect(cell(endpointSlices, slice({}), 'Endpoints')).toBe('<unset>');
  });
});
