import { describe, expect, it } from 'vitest';
import { allocatableOf, capacityOf, instanceType } from './instance-type.ts';

describe('an EC2 instance type', () => {
  it.each([
    // Karpenter documentation, "Instance Types": cpu and memory that pods may use; the pods are those of a managed node group.
    { name: 't3.nano', architecture: 'amd64', cpu: '1930m', memory: 74, pods: '4' },
    { name: 'm5.large', architecture: 'amd64', cpu: '1930m', memory: 6903, pods: '29' },
    { name: 'c7g.large', architecture: 'arm64', cpu: '1930m', memory: 3055, pods: '29' },
    { name: 'a1.4xlarge', architecture: 'arm64', cpu: '15890m', memory: 27322, pods: '110' },
    { name: 'c5.18xlarge', architecture: 'amd64', cpu: '71750m', memory: 127_934, pods: '250' },
  ])('$name has $cpu, $memory MiB and $pods pods for its pods', ({ name, architecture, cpu, memory, pods }) => {
    const type = instanceType(name)!;
    expect(type.architecture).toBe(architecture);
    expect(allocatableOf(type)).toMatchObject({ cpu, memory: `${memory}Mi`, pods });
  });

  it('offers its devices', () => {
    expect(capacityOf(instanceType('p4d.24xlarge')!)).toMatchObject({ cpu: '96', 'nvidia.com/gpu': '8' });
    expect(allocatableOf(instanceType('inf2.xlarge')!)).toMatchObject({ 'aws.amazon.com/neuron': '1' });
  });

  it.each(['m5', 'm5.', 'm5.huge', 'constructor.name', 'm5.constructor', ''])('is not %j', (name) => {
    expect(instanceType(name)).toBeUndefined();
  });
});
