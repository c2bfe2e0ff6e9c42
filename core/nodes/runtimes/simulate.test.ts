import { expect, it } from 'vitest';
import type { Pod } from '../../schema/generated/kinds.ts';
import { boundPod } from '../../testing/node-agents.ts';
import { stateOf } from '../../testing/state.ts';
import type { AttemptContext } from '../runtime.ts';
import { ClusterSurroundings } from '../surroundings.ts';
import { simulate } from './simulate.ts';

const context = (pod: Pod): AttemptContext => ({
  environment: () => new Map(),
  surroundings: ({ startedAt }) => new ClusterSurroundings({ pod, state: stateOf([]), startedAt, attempt: '' }),
  files: () => undefined,
  told: () => undefined,
});

const looked = (pod: Pod, at: AttemptContext) =>
  simulate({ pod, container: pod.spec!.containers[0]!, role: 'main', restartCount: 0, startedAt: 0, context: at });

// What is found out can ask for more of the state that it was found out in: a pod that kept it would keep that state, as long as it lives.
it('is gone through once in a look, and again in the next', () => {
  const pod = boundPod();
  const [one, other] = [context(pod), context(pod)];
  expect(looked(pod, one)).toBe(looked(pod, one));
  expect(looked(pod, other)).not.toBe(looked(pod, one));
});
