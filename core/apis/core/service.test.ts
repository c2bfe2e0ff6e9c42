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
      clusterIP: '10.96.1.0',
      clusterIPs: ['10.96.1.0'],
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
    expect(created({ ports }, [service({ clusterIPs: ['10.96.1.0'] }, 'a'), service({ clusterIPs: ['10.96.1.1'] }, 'b')]).spec!.clusterIP).toBe('10.96.1.2');
  });

  it('gets an address that no other one of the same draft has, and one that is free again', () => {
    const address = (state: State) => {
      const copy = defaulted(strategy, service({ ports }));
      strategy.prepareForCreate!(copy, context(state));
      return copy.spec!.clusterIP;
    };
    const state = stateOf([service({ clusterIPs: ['10.96.1.0'] }, 'a')]);
    expect(address(state)).toBe('10.96.1.1');
    const draft = assume(state, 'services/default/b', service({ clusterIPs: ['10.96.1.1'] }, 'b'));
    expect(address(draft)).toBe('10.96.1.2');
    expect(address(assume(draft, 'services/default/a', undefined))).toBe('10.96.1.0');
    expect(address(state)).toBe('10.96.1.1');
  });

  it('is made without a look at all others', () => {
    const others = Array.from({ length: 300 }, (_, i) => service({ clusterIPs: [`10.96.2.${i % 256}`], ports: [{ port: 80, nodePort: 30100 + i }] }, `s${i}`));
    const known = stateOf(others);
    const create = (state: State) => strategy.prepareForCreate!(defaulted(strategy, service({ type: 'NodePort', ports })), context(state));
    create(known);
    const state = assume(known, 'services/default/new', service({ clusterIPs: ['10.96.1.0'] }, 'new'));
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
      'the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
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
    expect(updated({ type: 'ClusterIP', ports, selector }, named).spec!.clusterIP).toBe('10.96.1.0');
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

describe('kubectl get services', () => {
  const columns = ['Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Selector'];
  const balancer = created({ type: 'LoadBalancer', ports, selector });
  it.each([
    { given: created({ ports, selector }), want: ['ClusterIP', '10.96.1.0', '<none>', '80/TCP', 'app=web'] },
    { given: created({ type: 'NodePort', ports }), want: ['NodePort', '10.96.1.0', '<none>', '80:30086/TCP', '<none>'] },
    { given: balancer, want: ['LoadBalancer', '10.96.1.0', '<pending>', '80:30086/TCP', 'app=web'] },
    {
      given: { ...balancer, status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } } },
      want: ['LoadBalancer', '10.96.1.0', 'lb.example.com', '80:30086/TCP', 'app=web'],
    },
    { given: created({ type: 'ExternalName', externalName: 'example.com' }), want: ['ExternalName', '<none>', 'example.com', '<none>', '<none>'] },
    { given: created({ clusterIP: 'None', selector }), want: ['ClusterIP', 'None', '<none>', '<none>', 'app=web'] },
  ])('$want', ({ given, want }) => expect(columns.map((name) => cell(strategy, given, name))).toEqual(want));
});
