import { expect, it } from 'vitest';
import { handOf } from './shuffle-sharding.ts';

// As k8s.io/apiserver/pkg/util/shufflesharding deals them, for the hash of apf_controller.go.
it.each([
  [{ schema: 'workload-low', distinguisher: 'system:serviceaccount:ns:a' }, { queues: 64, handSize: 8 }, [62, 19, 60, 1, 16, 3, 5, 10]],
  [{ schema: 'global-default', distinguisher: 'alice' }, { queues: 128, handSize: 6 }, [55, 62, 126, 125, 105, 1]],
  [{ schema: 'x', distinguisher: '' }, { queues: 16, handSize: 4 }, [4, 13, 8, 12]],
  [{ schema: 's', distinguisher: 'bob' }, { queues: 1, handSize: 1 }, [0]],
])('deals %j the hand that Kubernetes deals', (flow, of, hand) => expect(handOf(flow, of)).toEqual(hand));
