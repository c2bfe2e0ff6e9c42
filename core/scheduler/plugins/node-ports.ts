import { feasible, type Plugin } from '../framework.ts';
import { hostPortsOf } from '../node-info.ts';

/** A host port is taken on one address of a node, or on all of them. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter: ({ pod }, { hostPorts }) => {
    const wanted = hostPortsOf(pod);
    if (wanted.length === 0 || hostPorts.size === 0) return feasible;
    const clash = wanted.some((port) => [...hostPorts].some((used) => conflicts(port, used)));
    return clash ? ["node(s) didn't have free ports for the requested pod ports"] : feasible;
  },
};

function conflicts(a: string, b: string): boolean {
  const [protocolA, ipA, portA] = a.split('/');
  const [protocolB, ipB, portB] = b.split('/');
  return protocolA === protocolB && portA === portB && (ipA === ipB || ipA === '0.0.0.0' || ipB === '0.0.0.0');
}
