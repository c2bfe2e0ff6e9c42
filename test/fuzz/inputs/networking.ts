import { type RequestInput, times } from '../input.ts';
import { LIST, MB, specOf } from './posted.ts';

const service = specOf('/api/v1/namespaces/default/services');

/** Services, their endpoints, and policies and rules of the network with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const networkingInputs: readonly RequestInput[] = [
  { name: 'service ports', size: LIST, code: 422, request: (size) => service({ ports: times(size, () => ({ name: 'a', port: 80, nodePort: 30000 })) }) },
  {
    name: 'service addresses',
    size: LIST,
    code: 422,
    request: (size) => service({ ports: [{ port: 80 }], externalIPs: times(size, () => '::1::'), loadBalancerSourceRanges: times(size, () => '1.2.3.4/99') }),
  },
  {
    name: 'endpoint addresses',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/endpoints?dryRun=All',
      options: { body: { metadata: { name: 'b' }, subsets: [{ addresses: times(size, () => ({ ip: '1.2.3' })), ports: times(size, () => ({ port: 0 })) }] } },
    }),
  },
  {
    name: 'endpoint slice',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/discovery.k8s.io/v1/namespaces/default/endpointslices?dryRun=All',
      options: {
        body: { metadata: { name: 'b' }, addressType: 'IPv4', endpoints: times(size, () => ({ addresses: ['!'] })), ports: times(size, () => ({ name: 'a' })) },
      },
    }),
  },
  {
    name: 'network policy',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: times(size, () => ({ ipBlock: { cidr: '1.2.3.4/99', except: ['x'] } })) }],
      }),
  },
  {
    name: 'CIDRs',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: times(size, (i) => `11.0.${i % 256}.0/24`) } }] }],
      }),
  },
  {
    name: 'a CIDR',
    size: MB,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '1:'.repeat(size / 2) } }] }],
      }),
  },
  {
    name: 'ingress rules',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/ingresses')({ rules: times(size, () => ({ host: '!', http: { paths: [{ path: 'a/../b' }] } })) }),
  },
];
