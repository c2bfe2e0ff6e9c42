import { expect, it } from 'vitest';
import type { FlowSchema, PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';
import { controlled } from '../../testing/controllers.ts';

const schema: FlowSchema = {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name: 'a' },
  spec: { priorityLevelConfiguration: { name: 'slow' } },
};
const level: PriorityLevelConfiguration = {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name: 'slow' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
};

it('A FlowSchema says whether its priority level is there', async () => {
  const cluster = await controlled(schema);
  const dangling = async () => {
    await cluster.settle();
    const [{ status, reason, message } = { status: '' }] = cluster.list('flowschemas.flowcontrol.apiserver.k8s.io')[0]!.status!.conditions!;
    return `${status} ${reason} ${message}`;
  };
  const about = 'This FlowSchema references the PriorityLevelConfiguration object named "slow"';
  expect(await dangling()).toBe(`True NotFound ${about} but there is no such object`);
  await cluster.create(level);
  expect(await dangling()).toBe(`False Found ${about} and it exists`);
  await cluster.delete(level);
  expect(await dangling()).toBe(`True NotFound ${about} but there is no such object`);
});
