import { expect, it } from 'vitest';
import type { PodExtendedResourceClaimStatus, PodSpec } from '../../schema/generated/kinds.ts';
import { texts } from '../../testing/strategies.ts';
import { validateExtendedResourceClaim } from './extended-resource-claim.ts';

const spec: PodSpec = { containers: [{ name: 'main', image: 'x', resources: { requests: { 'example.com/gpu': '1' } } }] };
const mapping = { containerName: 'main', resourceName: 'example.com/gpu', requestName: 'container-0-request-0' };
const AT = 'status.extendedResourceClaimStatus';

const cases: readonly { name: string; given: PodExtendedResourceClaimStatus | undefined; want: string[] }[] = [
  { name: 'none', given: undefined, want: [] },
  { name: 'a right one', given: { resourceClaimName: 'c', requestMappings: [mapping] }, want: [] },
  {
    name: 'an empty one',
    given: { resourceClaimName: '', requestMappings: [] },
    want: [`${AT}.requestMappings: Required value: at least one request mapping is required`, `${AT}.resourceClaimName: Required value`],
  },
  {
    name: 'another container and another resource',
    given: {
      resourceClaimName: 'c',
      requestMappings: [
        { ...mapping, containerName: 'x' },
        { ...mapping, resourceName: 'example.com/x' },
      ],
    },
    want: [
      `${AT}.requestMappings[0].containerName: Invalid value: "x": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
      `${AT}.requestMappings[1].resourceName: Invalid value: "example.com/x": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests`,
    ],
  },
  {
    name: 'one that repeats',
    given: { resourceClaimName: 'c', requestMappings: [mapping, mapping] },
    want: [
      `${AT}.requestMappings[1].containerName: Duplicate value: "main"`,
      `${AT}.requestMappings[1].resourceName: Duplicate value: "example.com/gpu"`,
      `${AT}.requestMappings[1].requestName: Duplicate value: "container-0-request-0"`,
    ],
  },
];

it.each(cases)('$name', ({ given, want }) => expect(texts(validateExtendedResourceClaim(given, spec))).toEqual(want));

it('names are names', () => {
  const [request, claim] = texts(validateExtendedResourceClaim({ resourceClaimName: 'B!', requestMappings: [{ ...mapping, requestName: 'R!' }] }, spec));
  expect(request).toMatch(`${AT}.requestName: Invalid value: "R!": a lowercase RFC 1123 label must consist of`);
  expect(claim).toMatch(`${AT}.resourceClaimName: Invalid value: "B!": a lowercase RFC 1123 subdomain must consist of`);
});
