import { describe, expect, it, vi } from 'vitest';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { assume } from '../../state/evolve.ts';
import { State } from '../../state/state.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, texts } from '../../testing/strategies.ts';
import { strategy } from './service.ts';

const service = (spec: ServiceSpec, name = 'web'): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
const ports = [{ port: 80 }];
const selector = { app: 'web' };

function created(spec: ServiceSpec, others: Service[] = []): Service {
  const copy = defaulted(strategy, service(spec));
  strategy.prepareForCreate!(copy, context(stateOf(others)));
  return copy;
}
function updated(spec: ServiceSpec, previous: Service, others: Service[] = []): Service {
  const copy = defaulted(strategy, { ...previous, spec });
  strategy.prepareForUpdate!(copy, previous, context(stateOf([previous, ...others])));
  return copy;
}
const problems = (spec: ServiceSpec) => texts(strategy.validate!(created(spec)));

describe('a new Service', () => {
  it('has an address, and what Kubernetes fills in', () => {
    const { spec, status } = created({ ports, selector });
    expect(spec).toEqual({
      type: 'ClusterIP',
      // Chance is 0 here: the first address above those that are left to be asked for.
      clusterIP: '10.96.1.1',
      clusterIPs: ['10.96.1.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      selector,
    });
    expect(status).toEqual({ loadBalancer: {} });
    expect(problems({ ports, selector })).toEqual([]);
  });

  it('gets an address that no other one has', () => {
    expect(created({ ports }, [service({ clusterIPs: ['10.96.1.1'] }, 'a'), service({ clusterIPs: ['10.96.1.2'] }, 'b')]).spec!.clusterIP).toBe('10.96.1.3');
  });

  it('gets an address that no other one of the same draft has, and one that is free again', () => {
    const address = (state: State) => {
      const copy = defaulted(strategy, service({ ports }));
      strategy.prepareForCreate!(copy, context(state));
      return copy.spec!.clusterIP;
    };
    const state = stateOf([service({ clusterIPs: ['10.96.1.1'] }, 'a')]);
    expect(address(state)).toBe('10.96.1.2');
    const draft = assume(state, 'services/default/b', service({ clusterIPs: ['10.96.1.2'] }, 'b'));
    expect(address(draft)).toBe('10.96.1.3');
    expect(address(assume(draft, 'services/default/a', undefined))).toBe('10.96.1.1');
    expect(address(state)).toBe('10.96.1.2');
  });

  it('is made without a look at all others', () => {
    const others = Array.from({ length: 300 }, (_, i) => service({ clusterIPs: [`10.96.2.${i % 256}`], ports: [{ port: 80, nodePort: 30100 + i }] }, `s${i}`));
    const known = stateOf(others);
    const create = (state: State) => strategy.prepareForCreate!(defaulted(strategy, service({ type: 'NodePort', ports })), context(state));
    create(known);
    const state = assume(known, 'services/default/new', service({ clusterIPs: ['10.96.1.1'] }, 'new'));
    const looks = [vi.spyOn(State.prototype, 'list'), vi.spyOn(State.prototype, 'entries')];
    create(state);
    for (const look of looks) expect(look).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('gets the address that it asks for, if it can', () => {
    expect(created({ ports, clusterIP: '10.96.0.10' }).spec!.clusterIPs).toEqual(['10.96.0.10']);
    expect(() => created({ ports, clusterIP: '10.96.0.10' }, [service({ clusterIPs: ['10.96.0.10'] }, 'dns')])).toThrow(
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    );
    expect(() => created({ ports, clusterIP: '10.0.0.1' })).toThrow(
      'spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided network does not match the current range',
    );
  });

  it('has no address when it is headless, and both families when anything may stand behind it', () => {
    expect(created({ ports, selector, clusterIP: 'None' }).spec).toMatchObject({ clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    expect(created({ clusterIP: 'None' }).spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' });
    expect(problems({ clusterIP: 'None' })).toEqual([]);
  });

  it('has nothing of the kind when it is a name', () => {
    expect(created({ type: 'ExternalName', externalName: 'example.com' }).spec).toEqual({
      type: 'ExternalName',
      externalName: 'example.com',
      sessionAffinity: 'None',
    });
  });

  it('gets node ports', () => {
    expect(
      created({
        type: 'NodePort',
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      }).spec!.ports!.map(({ nodePort }) => nodePort),
    ).toEqual([30086, 30087]);
    expect(() => created({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toThrow(
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
    const other = service({ ports: [{ port: 80, nodePort: 30080 }] }, 'other');
    expect(() => created({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, [other])).toThrow(
      'spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(created({ type: 'LoadBalancer', ports, allocateLoadBalancerNodePorts: false }).spec!.ports![0]!.nodePort).toBeUndefined();
  });
});

describe('an update', () => {
  const nodePort = created({ type: 'NodePort', ports, selector });

  it('keeps what it does not mention', () => {
    const { spec } = updated({ type: 'NodePort', ports: [{ port: 8080 }], selector }, nodePort);
    expect(spec).toMatchObject({ clusterIP: nodePort.spec!.clusterIP, clusterIPs: nodePort.spec!.clusterIPs, ports: [{ port: 8080, nodePort: 30086 }] });
    expect(texts(strategy.validateUpdate!(updated({ type: 'NodePort', ports, selector }, nodePort), nodePort))).toEqual([]);
  });

  it('gives node ports back with the type that needed them', () => {
    const { spec } = updated({ ...nodePort.spec!, type: 'ClusterIP' }, nodePort);
    expect(spec!.ports![0]).toEqual({ port: 80, protocol: 'TCP', targetPort: 80 });
    expect(spec!.externalTrafficPolicy).toBeUndefined();
  });

  it('gives the address back when it becomes a name, and gets one when it is one no more', () => {
    const named = updated({ ...nodePort.spec!, type: 'ExternalName', externalName: 'example.com' }, nodePort);
    expect(named.spec!.clusterIP).toBeUndefined();
    expect(texts(strategy.validate!(named))).toEqual([]);
    expect(updated({ type: 'ClusterIP', ports, selector }, named).spec!.clusterIP).toBe('10.96.1.1');
  });

  it('never changes an address', () => {
    const moved = { ...nodePort, spec: { ...nodePort.spec!, clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] } };
    expect(texts(strategy.validateUpdate!(moved, nodePort))).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.7"]: may not change once set']);
  });
});

describe('validation', () => {
  it.each([
    { name: 'no ports', given: {}, want: ['spec.ports: Required value'] },
    {
      name: 'unknown type',
      given: { type: 'Magic', ports },
      want: ['spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    },
    { name: 'no external name', given: { type: 'ExternalName' }, want: ['spec.externalName: Required value'] },
    {
      name: 'two ports without names',
      given: { ports: [{ port: 80 }, { port: 81 }] },
      want: ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    },
    {
      name: 'the same port and name twice',
      given: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 80 },
        ],
      },
      want: ['spec.ports[1].name: Duplicate value: "a"', expect.stringContaining('spec.ports[1]: Duplicate value: {')],
    },
    {
      name: 'port out of range',
      given: { ports: [{ port: 0, targetPort: 80 }] },
      want: ['spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
    },
    {
      name: 'node port without the type',
      given: { ports: [{ port: 80, nodePort: 30000 }] },
      want: ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    },
    {
      name: 'headless load balancer',
      given: { type: 'LoadBalancer', clusterIP: 'None', ports },
      want: ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
    },
    {
      name: 'affinity',
      given: { ports, sessionAffinity: 'Yes' },
      want: ['spec.sessionAffinity: Unsupported value: "Yes": supported values: "ClientIP", "None"'],
    },
  ])('$name', ({ given, want }) => expect(problems(given)).toEqual(want));
});

describe('what is refused', () => {
  const balanced = { type: 'LoadBalancer', ports };
  const source = (range: string) => ({ ...balanced, loadBalancerSourceRanges: [range] });
  it.each([
    {
      name: 'several mistakes at once',
      given: { ports: [{ port: 0, targetPort: 80 }], loadBalancerSourceRanges: ['x'], healthCheckNodePort: 80 },
      want: [
        'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        "spec.healthCheckNodePort: Invalid value: 80: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    },
    { name: 'headless with external addresses', given: { ports, clusterIP: 'None', externalIPs: ['1.2.3.4'] }, want: [] },
    {
      name: 'zeros in a source range',
      given: source('010.0.0.0/8'),
      want: ['spec.LoadBalancerSourceRanges[0]: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length'],
    },
    {
      name: 'a source range with host bits',
      given: source(' 10.0.0.1/8 '),
      want: ['spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'],
    },
    {
      name: 'external addresses that lead nowhere',
      given: { ports, externalIPs: ['x', '127.0.0.1', '::ffff:1.2.3.4'] },
      want: [
        'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.externalIPs[2]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
      ],
    },
    {
      name: 'affinity for no time',
      given: { ports, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      want: ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400'],
    },
    {
      name: 'an address of a name',
      given: { type: 'ExternalName', externalName: 'a.example.com', clusterIP: '10.96.0.9', ipFamilies: ['IPv4'] },
      want: ['spec.clusterIPs: Forbidden: may not be set for ExternalName services', 'spec.ipFamilies: Forbidden: may not be set for ExternalName services'],
    },
    {
      name: 'an unknown class and distribution',
      given: { ...balanced, loadBalancerClass: 'a b', trafficDistribution: 'Near' },
      want: [
        expect.stringContaining('spec.loadBalancerClass: Invalid value: "a b": name part must consist of'),
        'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
      ],
    },
  ])('$name', ({ given, want }) => expect(problems(given)).toEqual(want));

  it.each([
    { name: 'another family', given: { ipFamilies: ['IPv6'] }, want: 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster' },
    {
      name: 'two families',
      given: { ipFamilyPolicy: 'RequireDualStack' },
      want: 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    },
    {
      name: 'two families in one stack',
      given: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
      want: `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    },
    {
      name: 'an address of another family',
      given: { clusterIP: 'fd00::1' },
      want: 'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    },
    { name: 'two different addresses', given: { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.9'] }, want: 'first value must match `clusterIP`' },
    {
      name: 'the list alone',
      given: { clusterIPs: ['10.96.0.9'] },
      want: 'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified',
    },
    { name: 'no address', given: { clusterIP: 'x' }, want: 'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address' },
    {
      name: 'a health check port out of range',
      given: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 80 },
      want: 'Internal error occurred: failed to allocate requested HealthCheck NodePort 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    },
  ])('before anything else: $name', ({ given, want }) => expect(() => created({ ports, selector, ...given })).toThrow(want));

  it('a dry run asks no range of a node port, and no controller for an address', () => {
    const dry = (spec: ServiceSpec, others: Service[] = []) => {
      const copy = defaulted(strategy, service(spec));
      strategy.prepareForCreate!(copy, { ...context(stateOf(others)), dryRun: true });
      return copy.spec!;
    };
    expect(dry({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }).ports![0]!.nodePort).toBe(80);
    expect(dry({ ports, clusterIP: '10.96.0.10' }, [service({ clusterIPs: ['10.96.0.10'] }, 'dns')]).clusterIP).toBe('10.96.0.10');
    expect(() => dry({ ports, clusterIP: '10.0.0.1' })).toThrow('the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12');
    expect(() =>
      dry({
        type: 'NodePort',
        ports: [
          { name: 'a', port: 80, nodePort: 30001 },
          { name: 'b', port: 81, nodePort: 30001 },
        ],
      }),
    ).toThrow('spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated');
  });
});

describe('paired fields', () => {
  const before = created({ ports, selector });
  const change = (spec: ServiceSpec) => {
    const service = updated({ ...before.spec!, ...spec }, before);
    return [...texts(strategy.validateUpdate!(service, before)), ...texts(strategy.validate!(service, before))];
  };
  it.each([
    { name: 'clusterIP alone', given: { clusterIP: '10.96.9.9' }, want: ['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'] },
    {
      name: 'both',
      given: { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] },
      want: ['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'],
    },
    { name: 'neither', given: { clusterIP: undefined, clusterIPs: undefined }, want: [] },
  ])('$name', ({ given, want }) => expect(change(given)).toEqual(want));

  it('refuse the list alone before anything else', () => {
    expect(() => change({ clusterIPs: ['10.96.9.9'] })).toThrow('spec.clusterIPs: Invalid value: ["10.96.9.9"]: first value must match `clusterIP`');
  });

  it('share a node port between the protocols of one port', () => {
    const { spec } = created({
      type: 'NodePort',
      ports: [
        { name: 'tcp', port: 53 },
        { name: 'udp', port: 53, protocol: 'UDP' },
      ],
    });
    expect(spec!.ports!.map(({ nodePort }) => nodePort)).toEqual([30086, 30086]);
  });

  it('keep the health check port, which is fixed', () => {
    const local = created({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports, selector });
    const { spec } = updated({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports, selector }, local);
    expect(spec!.healthCheckNodePort).toBe(local.spec!.healthCheckNodePort);
    const moved = updated({ ...local.spec!, healthCheckNodePort: 32000 }, local);
    expect(texts(strategy.validateUpdate!(moved, local))).toEqual(['spec.healthCheckNodePort: Forbidden: field is immutable']);
  });
});

describe('warnings', () => {
  it.each([
    { given: { clusterIP: 'None', externalIPs: ['1.2.3.4'], selector }, want: ['spec.externalIPs is ignored for headless services'] },
    { given: { ports, externalIPs: ['1.2.3.4'] }, want: ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] },
    {
      given: { type: 'LoadBalancer', ports, loadBalancerIP: '01.2.3.4' },
      want: ['spec.loadBalancerIP: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"'],
    },
    { given: { ports, externalName: 'a.example.com' }, want: ['spec.externalName is ignored when spec.type is not "ExternalName"'] },
    { given: { ports, trafficDistribution: 'PreferClose' }, want: ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'] },
  ])('$want', ({ given, want }) => expect(strategy.warnings!(created(given))).toEqual(want));
});

describe('the status', () => {
  const status = (type: string, ingress: object[]) =>
    texts(strategy.validateStatusUpdate!({ ...service({ type, ports }), status: { loadBalancer: { ingress } } } as Service, service({ type, ports })));
  it.each([
    { type: 'ClusterIP', ingress: [{ ip: '1.2.3.4' }], want: ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"] },
    { type: 'LoadBalancer', ingress: [{ ip: '1.2.3.4', ipMode: 'VIP' }, { hostname: 'a.example.com' }], want: [] },
    {
      type: 'LoadBalancer',
      ingress: [
        { ip: 'x', ipMode: 'Other' },
        { hostname: '1.2.3.4', ipMode: 'VIP' },
      ],
      want: [
        'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Other": supported values: "Proxy", "VIP"',
        'status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
        'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      ],
    },
  ])('$type $ingress', ({ type, ingress, want }) => expect(status(type, ingress)).toEqual(want));
});

describe('kubectl get services', () => {
  const columns = ['Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Selector'];
  const balancer = created({ type: 'LoadBalancer', ports, selector });
  it.each([
    { given: created({ ports, selector }), want: ['ClusterIP', '10.96.1.1', '<none>', '80/TCP', 'app=web'] },
    { given: created({ type: 'NodePort', ports }), want: ['NodePort', '10.96.1.1', '<none>', '80:30086/TCP', '<none>'] },
    { given: balancer, want: ['LoadBalancer', '10.96.1.1', '<pending>', '80:30086/TCP', 'app=web'] },
    {
      given: { ...balancer, status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } } },
      want: ['LoadBalancer', '10.96.1.1', 'lb.example.com', '80:30086/TCP', 'app=web'],
    },
    { given: created({ type: 'ExternalName', externalName: 'example.com' }), want: ['ExternalName', '<none>', 'example.com', '<none>', '<none>'] },
    { given: created({ clusterIP: 'None', selector }), want: ['ClusterIP', 'None', '<none>', '<none>', 'app=web'] },
  ])('$want', ({ given, want }) => expect(columns.map((name) => cell(strategy, given, name))).toEqual(want));
});
