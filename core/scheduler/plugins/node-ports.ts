import type { HostPort } from '../bound-pods.ts';
import { type Objection, type Plugin, skip } from '../framework.ts';

/** A host port is taken on one address of a node, or on all of them. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  local: true,
  preFilter: ({ hostPorts }) => (hostPorts.length === 0 ? skip : undefined),
  filter: ({ hostPorts: wanted }, { bound: { hostPorts: taken } }) => (wanted.some((port) => taken.some((other) => conflict(port, other))) ? TAKEN : undefined),
};

const TAKEN: Objection = { reasons: ["node(s) didn't have free ports for the requested pod ports"], resolvable: true };

/** Whether two ports cannot be had on one node. */
export const conflict = (a: HostPort, b: HostPort): boolean =>
  a.protocol === b.protocol && a.port === b.port && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');
